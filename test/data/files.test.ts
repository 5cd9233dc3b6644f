import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { formatDate, parseDate } from '../../src/data/files/cells.js'
import { readRecords, shortDecimal, textOf } from '../../src/data/files/records.js'
import {
  type DatasetOptions,
  readDataset,
  readTable,
  sampleInput,
  signatureOf,
} from '../../src/data/index.js'
import { rejection, temporaryFile } from '../training/support.js'

const read = (name: string, content: string | Uint8Array, options: Partial<DatasetOptions> = {}) =>
  readDataset(temporaryFile(name, content), { target: 'y', ...options })

type Read = Awaited<ReturnType<typeof readDataset>>

/** Feature columns as kind and plain values. */
function features({ dataset }: Read): Record<string, unknown[]> {
  return Object.fromEntries(
    dataset.columns.map((column) => [
      column.name,
      column.kind === 'number'
        ? [column.as ?? 'number', ...column.values]
        : ['text', ...Array.from(column.codes, (code) => column.categories[code] ?? null)],
    ]),
  )
}

const parquet = (columnData: Parameters<typeof parquetWriteBuffer>[0]['columnData']) =>
  new Uint8Array(parquetWriteBuffer({ columnData }))

// The same table in every format.
const header = ['n', 't', 'flag', 'day', 'y']
const rows: (string | number | boolean | null)[][] = [
  [1.5, 'a', true, '2024-03-31', 'u'],
  [null, 'say "hi", b', false, '1969-12-31', 'v'],
  [-2e-7, null, null, null, 'u'],
]
const cell = (value: string | number | boolean | null) => `"${String(value ?? '').replaceAll('"', '""')}"`
const delimited = (mark: string) => [header, ...rows].map((row) => row.map(cell).join(mark)).join('\n')
const formats: [name: string, content: string | Uint8Array][] = [
  ['data.csv', delimited(',')],
  ['data.tsv', delimited('\t')],
  [
    'data.jsonl',
    rows
      .map((row) => JSON.stringify(Object.fromEntries(row.map((value, i) => [header[i], value]))))
      .join('\n'),
  ],
  [
    'data.parquet',
    parquet([
      { name: 'n', data: rows.map(([n]) => n), type: 'DOUBLE' },
      { name: 't', data: rows.map((row) => row[1]), type: 'STRING' },
      { name: 'flag', data: rows.map((row) => row[2]), type: 'BOOLEAN' },
      { name: 'day', data: rows.map((row) => row[3] && new Date(row[3] as string)), type: 'TIMESTAMP' },
      { name: 'y', data: rows.map((row) => row[4]), type: 'STRING' },
    ]),
  ],
]

describe('every format', () => {
  it.each(formats)('%s gives the same table', async (name, content) => {
    const found = await read(name, content)
    expect(features(found)).toEqual({
      n: ['number', 1.5, Number.NaN, -2e-7],
      t: ['text', 'a', 'say "hi", b', null],
      flag: ['boolean', 1, 0, Number.NaN],
      // 19,813 days from 1970-01-01: `date -d 2024-03-31 +%s` over 86,400.
      day: ['date', 19813, -1, Number.NaN],
    })
    expect(found.dataset.target).toMatchObject({ kind: 'classes', classes: ['u', 'v'] })
    for (const column of found.dataset.columns) {
      expect((column.kind === 'number' ? column.values : column.codes).buffer).toBeInstanceOf(
        SharedArrayBuffer,
      )
    }
  })

  it.each(formats)('%s is read under another name when the format is stated', async (name, content) => {
    const format = name.slice(5) as 'csv'
    expect(features(await read('data.txt', content, { format }))).toEqual(features(await read(name, content)))
  })

  it.each(formats)('%s gives the model’s columns for prediction', async (name, content) => {
    const found = await read(name, content)
    const { table } = await readTable(temporaryFile(name, content), signatureOf(found.dataset))
    expect(table.columns.map((column) => (column.kind === 'number' ? [...column.values] : column))).toEqual(
      found.dataset.columns.map((column) => (column.kind === 'number' ? [...column.values] : column)),
    )
  })
})

describe('CSV', () => {
  it('is divided as csv-parse divides it (property)', () => {
    const cell = fc.oneof(
      fc.stringMatching(/^[a-c 0-9.;'é🌲-]{0,6}$/u),
      fc.stringMatching(/^[a-c",\n\r ]{0,6}$/).map((text) => `"${text.replaceAll('"', '""')}"`),
    )
    const record = fc.array(cell, { minLength: 2, maxLength: 4 })
    const text = fc
      .tuple(fc.array(record, { minLength: 1, maxLength: 6 }), fc.constantFrom('\n', '\r\n'))
      .map(([records, end]) => records.map((cells) => cells.join(',')).join(end))
    fc.assert(
      fc.property(text, (csv) => {
        const bytes = Buffer.from(csv)
        const found: string[][] = []
        const fault = readRecords(bytes, 44, (one) => {
          found.push(Array.from({ length: one.cells }, (_, i) => textOf(bytes, one, i)))
          return true
        })
        expect(fault).toBeNull()
        expect(found).toEqual(parse(csv, { relax_column_count: true, record_delimiter: ['\r\n', '\n'] }))
      }),
      { seed: 4, numRuns: 500 },
    )
  })

  it('reads decimals as Number does, to the last bit (property)', () => {
    const decimal = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.stringMatching(/^-?[0-9]{0,9}\.?[0-9]{0,9}(e[+-]?[0-9]{1,3})?$/),
    )
    let read = 0
    fc.assert(
      fc.property(decimal, (text) => {
        const bytes = Buffer.from(text)
        const found = shortDecimal(bytes, 0, bytes.length)
        if (Number.isNaN(found)) return
        read++
        expect(found).toBe(Number(text))
      }),
      { seed: 6, numRuns: 3000 },
    )
    // NaN sends a text the slow way: right too, but most must not take it.
    expect(read).toBeGreaterThan(800)
  })

  it.each([
    '',
    '-',
    '.',
    'e5',
    '1e',
    '1e+',
    '1.2.3',
    '12 ',
    '1_0',
    '0x1F',
    '1234567890123456',
    '1e23',
    '--1',
  ])('leaves %j to the slow way', (text) => {
    expect(shortDecimal(Buffer.from(text), 0, text.length)).toBeNaN()
  })

  it('takes a quote within a cell for what it is, and blanks around quotes for nothing', async () => {
    const text = 'x,t,y\n1,3" pipe,u\n2, "a, ""b""\nc" ,v\n3,5\'10",u\n'
    const found = await read('data.csv', text)
    expect(features(found)).toEqual({
      x: ['number', 1, 2, 3],
      t: ['text', '3" pipe', 'a, "b"\nc', '5\'10"'],
    })
  })

  it('tells text behind a closing quote, with the line behind quoted line breaks', async () => {
    const error = await rejection(read('data.csv', 'x,y\r\n"a\r\nb",1\r\n"c"d,2\r\n'))
    expect(error.problems).toEqual([
      {
        path: 'data.csv line 4',
        message: expect.stringContaining('there is text behind the closing quote of a cell'),
      },
    ])
  })

  it.each([
    ['a page of HTML', '<!DOCTYPE html>\n<html></html>\n', 'HTML or XML: download the file itself'],
    ['JSON', '[{"a": 1, "y": 2}]', 'say "format": "jsonl"'],
    ['a workbook of old', Buffer.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1), 'save its sheet as CSV'],
  ])('tells %s from a table', async (_, content, remedy) => {
    const error = await rejection(read('data.csv', content))
    expect(error.code).toBe('DATA_INVALID')
    expect(error.message).toContain(remedy)
  })

  it('tells a Parquet file from text', async () => {
    const error = await rejection(read('data.csv', formats[3][1]))
    expect(error.message).toContain('say "format": "parquet"')
  })
})

describe('kinds', () => {
  it.each([
    ['dates with a time, in UTC unless stated', '2024-01-01T12:00', '2024-01-01 06:00:00+02:00', 'date'],
    ['truth values in any case', 'True', 'FALSE', 'boolean'],
    ['yes and no as text', 'yes', 'no', 'text'],
    ['days that are none as text', '2024-01-01', '2024-02-30', 'text'],
    ['dates among numbers as text', '20240101', '2024-01-01', 'text'],
    ['truth values among texts as text', 'true', 'maybe', 'text'],
    ['years as numbers', '2023', '2024', 'number'],
  ])('%s', async (_, first, second, kind) => {
    const found = features(await read('data.csv', `x,y\n${first},1\n${second},2\n`))
    expect(found.x[0]).toBe(kind)
    if (kind === 'text') expect(found.x.slice(1)).toEqual([first, second])
  })

  it('reads the time of day as a fraction, an offset taken off', async () => {
    const csv = 'x,y\n1970-01-02T12:00:00Z,1\n1970-01-02 06:00+03:00,2\n1970-01-01T00:00:00.500Z,3\n'
    expect(features(await read('data.csv', csv)).x).toEqual(['date', 1.5, 1.125, 0.5 / 86_400])
  })

  it('goes by the kinds that are stated', async () => {
    const csv = 'zip,flag,n,day,y\n01234,yes,1,2024-01-01,1\n99,N,NA,2024-01-02,2\n'
    const types = { zip: 'text', flag: 'boolean', n: 'text', day: 'text' } as const
    expect(features(await read('data.csv', csv, { types }))).toEqual({
      zip: ['text', '01234', '99'],
      flag: ['boolean', 1, 0],
      n: ['text', '1', null],
      day: ['text', '2024-01-01', '2024-01-02'],
    })
  })

  it.each([
    ['number', 'x', 'this column holds numbers, and "x" is none'],
    ['boolean', '2', /truth values \(true, false, yes.*and "2" is none/],
    ['date', '31.3.2024', /dates, written 2024-03-31 .* and "31.3.2024" is none/],
  ] as const)('refuses what is no %s, with line and column', async (kind, cell, message) => {
    const error = await rejection(read('data.csv', `x,y\n\n${cell},1\n`, { types: { x: kind } }))
    expect(error.problems).toHaveLength(1)
    expect(error.problems[0].path).toBe('data.csv line 3, column "x"')
    expect(error.problems[0].message).toMatch(message)
  })

  it('writes dates and truth values of the first rows as people do', async () => {
    const found = await read('data.csv', 'd,f,y\n2024-03-31,true,1\n2024-03-31T06:30:00Z,false,2\n')
    expect(sampleInput(found.dataset)).toEqual([
      { d: '2024-03-31', f: true },
      { d: '2024-03-31T06:30:00.000Z', f: false },
    ])
  })

  it('reads back the dates it writes (property)', () => {
    fc.assert(
      fc.property(fc.integer({ min: -30_000_000_000_000, max: 250_000_000_000_000 }), (ms) => {
        const text = formatDate(ms / 86_400_000)
        expect(Math.round(parseDate(text) * 86_400_000)).toBe(ms)
        expect(new Date(text).getTime()).toBe(ms)
      }),
      { seed: 2, numRuns: 500 },
    )
  })
})

describe('JSON lines', () => {
  it('takes absent keys for missing, texts of digits for text, blank lines for nothing', async () => {
    const lines = ['{"y":1,"zip":"01234"}', '', '{"x":7,"y":2}', '  ', '{"y":3,"zip":"5","x":null}']
    expect(features(await read('data.jsonl', `\uFEFF${lines.join('\r\n')}\r\n`))).toEqual({
      zip: ['text', '01234', null, '5'],
      x: ['number', Number.NaN, 7, Number.NaN],
    })
  })

  it('makes text of a column with numbers and texts, and of truth values in a target', async () => {
    const found = await read('data.jsonl', '{"x":1,"y":true}\n{"x":"b","y":false}\n{"x":true,"y":true}\n')
    expect(features(found).x).toEqual(['text', '1', 'b', 'true'])
    expect(found.dataset.target).toMatchObject({ classes: ['false', 'true'] })
  })

  it('tells every line that is no object, and every nested value', async () => {
    const lines = ['{"x":1,"y":1}', '[1]', '{"x":', '{"x":{"a":1},"y":2}', '{"x":[1],"y":3}']
    const error = await rejection(read('data.jsonl', lines.join('\n')))
    expect(error.problems.map(({ path }) => path)).toEqual([
      'data.jsonl line 2',
      'data.jsonl line 3',
      'data.jsonl line 4, column "x"',
    ])
    expect(error.problems[2].message).toContain('1 further cell: line 5 ("[1]")')
    expect(error.problems[2].message).toContain('this one is {"a":1}')
    expect(features(await read('data.jsonl', `${lines[3]}\n{"z":1,"y":5}`, { exclude: ['x'] }))).toEqual({
      z: ['number', Number.NaN, 1],
    })
  })

  it('tells a missing target with its line', async () => {
    const error = await rejection(read('data.jsonl', '{"x":1,"y":1}\n\n{"x":2}\n'))
    expect(error.problems[0].path).toBe('data.jsonl line 3, column "y"')
  })

  it('refuses a file without objects', async () => {
    expect((await rejection(read('data.jsonl', '\n\n'))).message).toContain('this file has none')
  })
})

describe('Parquet', () => {
  it('reads 64-bit whole numbers, and numbers that are stated to be text', async () => {
    const file = parquet([
      { name: 'id', data: [1n, -(2n ** 40n), 3n], type: 'INT64' },
      { name: 'code', data: [7n, 8n, 7n], type: 'INT64' },
      { name: 'y', data: [1, 2, 3], type: 'INT32' },
    ])
    const found = await read('data.parquet', file, { types: { code: 'text' } })
    expect(features(found)).toEqual({
      id: ['number', 1, -(2 ** 40), 3],
      code: ['text', '7', '8', '7'],
    })
    expect(found.dataset.target).toMatchObject({ kind: 'numbers', values: Float64Array.of(1, 2, 3) })
  })

  it('tells row and column of a missing target', async () => {
    const file = parquet([
      { name: 'x', data: [1, 2, 3], type: 'DOUBLE' },
      { name: 'y', data: ['a', null, 'b'], type: 'STRING' },
    ])
    expect((await rejection(read('data.parquet', file))).problems[0].path).toBe(
      'data.parquet row 2, column "y"',
    )
  })

  it('refuses nested columns unless they are left out', async () => {
    const file = parquet([
      { name: 'x', data: [1, 2], type: 'DOUBLE' },
      { name: 'j', data: [{ a: 1 }, [2]], type: 'JSON' },
      { name: 'y', data: ['a', 'b'], type: 'STRING' },
    ])
    const error = await rejection(read('data.parquet', file))
    expect(error.problems[0].path).toBe('data.parquet row 1, column "j"')
    expect(features(await read('data.parquet', file, { columns: ['x'] }))).toEqual({ x: ['number', 1, 2] })
  })

  it('reads a file of pandas: zstd, categories, nullable whole numbers, timestamps', async () => {
    // pandas 2 and pyarrow, DataFrame.to_parquet(compression='zstd', index=False).
    const file = fileURLToPath(new URL('./fixtures/pandas-zstd.parquet', import.meta.url))
    expect(features(await readDataset(file, { target: 'y' }))).toEqual({
      n: ['number', 1, 2 ** 40, Number.NaN],
      x: ['number', 0.5, Number.NaN, -3.25],
      kind: ['text', 'b', 'a', 'b'],
      at: ['date', 19813.5, -1, Number.NaN],
      flag: ['boolean', 1, Number.NaN, 0],
    })
  })

  it('refuses what is no Parquet file', async () => {
    const error = await rejection(read('data.parquet', 'x,y\n1,2\n'))
    expect([error.code, error.problems[0].path]).toEqual(['DATA_INVALID', 'data.parquet'])
    expect(error.message).toContain('no Parquet file')
  })
})
