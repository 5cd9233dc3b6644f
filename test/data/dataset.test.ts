import { createHash } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Dataset, readDataset, sampleInput, signatureOf } from '../../src/data/index.js'
import { example, rejection, temporaryFile } from '../training/support.js'

const read = (text: string | Uint8Array, target = 'y', task?: 'classification' | 'regression') =>
  readDataset(temporaryFile('data.csv', text), { target, task })

/** A data set as columns of plain values. */
function plain(data: Dataset): Record<string, unknown[]> {
  const columns = data.columns.map((column) => [
    column.name,
    Array.from(data.index, (row) =>
      column.kind === 'number' ? column.values[row] : (column.categories[column.codes[row]] ?? null),
    ),
  ])
  const { target } = data
  const y = Array.from(data.index, (row) =>
    target.kind === 'numbers' ? target.values[row] : target.classes[target.codes[row]],
  )
  return Object.fromEntries([...columns, [target.name, y]])
}

describe('readDataset', () => {
  it('reads numbers, texts and missing values of real data', async () => {
    const { dataset, rows, columns, digest, warnings } = await readDataset(example('penguins'), {
      target: 'species',
    })
    expect([rows, columns, warnings]).toEqual([344, 6, []])
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
    expect(dataset.columns.map(({ kind }) => kind)).toEqual([
      'text',
      'number',
      'number',
      'number',
      'number',
      'text',
    ])
    const { target, columns: found } = dataset
    expect(target).toMatchObject({ kind: 'classes', classes: ['Adelie', 'Chinstrap', 'Gentoo'] })
    const sex = found[5]
    if (sex.kind !== 'text') throw new Error('text expected')
    expect(sex.categories).toEqual(['FEMALE', 'MALE'])
    // Counted with `awk -F, '$6 == ""'`.
    expect(sex.codes.filter((code) => code === -1).length).toBe(11)
  })

  it('keeps every array on shared memory', async () => {
    const { dataset } = await readDataset(example('penguins'), { target: 'species' })
    const { target } = dataset
    const arrays = [
      dataset.index,
      target.kind === 'classes' ? target.codes : target.values,
      ...dataset.columns.map((column) => (column.kind === 'number' ? column.values : column.codes)),
    ]
    for (const array of arrays) expect(array.buffer).toBeInstanceOf(SharedArrayBuffer)
  })

  it('gives the SHA-256 of the file', async () => {
    const text = 'x,y\n1,2\n2,3\n'
    expect((await read(text)).digest).toBe(createHash('sha256').update(text).digest('hex'))
  })

  it.each([
    ['a byte order mark', '\uFEFFx,y\n1,2\n3,4\n'],
    ['CRLF', 'x,y\r\n1,2\r\n3,4\r\n'],
    ['CR alone', 'x,y\r1,2\r3,4\r'],
    ['no line end at the end', 'x,y\n1,2\n3,4'],
    ['blank lines', 'x,y\n\n1,2\n\n3,4\n\n'],
    ['quoted cells', '"x","y"\n"1","2"\n"3","4"\n'],
    ['blanks around cells', 'x , y\n 1,2 \n3, 4\n'],
  ])('reads %s', async (_, text) => {
    expect(plain((await read(text)).dataset)).toEqual({ x: [1, 3], y: [2, 4] })
  })

  it('reads quoted commas, quotes and line breaks', async () => {
    const { dataset } = await read('t,y\n"a, b",1\n"say ""hi""",2\n"two\nlines",3\n')
    expect(plain(dataset).t).toEqual(['a, b', 'say "hi"', 'two\nlines'])
  })

  it('knows the marks of a missing value', async () => {
    const marks = ['', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'null', 'NULL', '?', ' ']
    const { dataset } = await read(`x,t,y\n1,a,0\n${marks.map((mark) => `${mark},${mark},0`).join('\n')}\n`)
    expect(plain(dataset)).toEqual({
      x: [1, ...marks.map(() => Number.NaN)],
      t: ['a', ...marks.map(() => null)],
      y: Array.from({ length: 11 }, () => 0),
    })
  })

  it.each([
    ['1e3', 1000],
    ['-.5', -0.5],
    ['+7', 7],
    ['1.', 1],
  ])('reads %s as a number', async (cell, value) => {
    expect(plain((await read(`x,y\n${cell},1\n`)).dataset).x).toEqual([value])
  })

  it.each(['0x1F', '0b1', '1e999', 'Infinity', '1,500', '12 kg', '1_000', '-0x2'])(
    'takes %s for text',
    async (cell) => {
      expect(plain((await read(`x,y\n"${cell}",1\n`)).dataset).x).toEqual([cell])
    },
  )

  it('keeps the texts of numbers above a text in the same column', async () => {
    const { dataset } = await read('code,x,y\n01.0,1,1\n1,2,2\n,3,3\nA7,4,4\n')
    expect(plain(dataset)).toEqual({ code: ['01.0', '1', null, 'A7'], x: [1, 2, 3, 4], y: [1, 2, 3, 4] })
  })

  it('does not let codes depend on the order of rows', async () => {
    const codes = async (text: string) => (await read(text)).dataset.columns[0]
    const [a, b] = [await codes('t,y\nb,1\na,2\n'), await codes('t,y\na,2\nb,1\n')]
    expect([a, b].map((column) => column.kind === 'text' && column.categories)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  it('makes classes of numbers for classification, in the order of the numbers', async () => {
    const { dataset } = await read('x,y\n1,10\n2,9\n3,1.0\n4,1\n', 'y', 'classification')
    expect(dataset.target).toMatchObject({ kind: 'classes', classes: ['1', '9', '10'] })
    expect(plain(dataset).y).toEqual(['10', '9', '1', '1'])
  })

  it('reads back whatever cells were written (property)', async () => {
    const cell = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
      fc.constant(null),
    )
    const text = fc.string({ minLength: 1, maxLength: 8 }).map((s) => `t${s.replace(/\r/g, '')}`.trimEnd())
    const row = fc.tuple(cell, text, fc.double({ noNaN: true, noDefaultInfinity: true }))
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const quote = (value: string) => `"${value.replaceAll('"', '""')}"`
        const csv = rows.map(([x, t, y]) => `${x ?? ''},${quote(t)},${y}`).join('\n')
        const found = plain((await read(`x,t,y\n${csv}\n`)).dataset)
        expect(found.x).toEqual(rows.map(([x]) => x ?? Number.NaN))
        expect(found.t).toEqual(rows.map(([, t]) => t))
      }),
      { seed: 5, numRuns: 50 },
    )
  })

  it.each([
    ['a column without values', 'x,e,y\n1,,1\n2,,2\n', 'data.csv: column "e" has no value at all'],
    ['a constant column', 'x,c,y\n1,5,1\n2,5,2\n', 'data.csv: column "c" has the same value in every row'],
    ['a constant target', 'x,y\n1,2\n2,2\n', 'data.csv: the target "y" has the same value in every row'],
  ])('warns of %s', async (_, text, warning) => {
    expect((await read(text)).warnings).toEqual([warning])
  })

  it('warns of a measured target taken for classes', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i},${i}.5`).join('\n')
    expect((await read(`x,y\n${rows}\n`, 'y', 'classification')).warnings[0]).toContain(
      '40 classes in 40 rows',
    )
  })
})

describe('readDataset refuses', () => {
  it.each<[what: string, text: string | Uint8Array, problems: [path: string, message: RegExp][]]>([
    ['an empty file', '', [['data.csv', /this file is empty/]]],
    ['a file of blank lines', '\n\n', [['data.csv', /this file is empty/]]],
    ['a header alone', 'x,y\n', [['data.csv', /this file has none/]]],
    ['an unknown target', 'x,spices\n1,2\n', [['data.csv line 1', /"y" is none; the columns: x, spices/]]],
    ['nothing but a target', 'y\n1\n', [['data.csv line 1', /features beside its target, and none is left/]]],
    [
      'duplicate and empty names',
      'x,x,,y\n1,2,3,4\n',
      [
        ['data.csv line 1', /"x" names columns 1 and 2/],
        ['data.csv line 1', /header of column 3 is empty/],
      ],
    ],
    [
      'ragged rows, every one',
      'x,y\n1,2\n1\n"a\nb",2\n1,2,3\n',
      [
        ['data.csv line 3', /as many cells as the header \(2\), and this one has 1/],
        ['data.csv line 6', /and this one has 3/],
      ],
    ],
    [
      'missing targets, all as one',
      'x,y\n1,\n"2\n2",7\n3,NA\n',
      [
        [
          'data.csv line 2, column "y"',
          /missing; remove the row, or say "dropRows".* \(so it is with 1 further cell: line 5\)$/,
        ],
      ],
    ],
    ['a quote that is not closed', 'x,y\n1,2\n"3,4\n', [['data.csv line 3', /no valid CSV/]]],
    ['text behind a closing quote', 'x,y\n"1"a,2\n', [['data.csv line 2', /no valid CSV/]]],
    [
      'a header alone in UTF-16',
      new Uint8Array([0xff, 0xfe, 0x78, 0, 0x2c, 0, 0x79, 0]),
      [['data.csv', /rows below its header/]],
    ],
  ])('%s', async (_, text, problems) => {
    const error = await rejection(read(text))
    expect(error.code).toBe('DATA_INVALID')
    expect(error.problems.map(({ path }) => path)).toEqual(problems.map(([path]) => path))
    problems.forEach(([, message], i) => {
      expect(error.problems[i].message).toMatch(message)
    })
    expect(error.message).toContain(error.problems[0].message)
  })

  it('a misspelt target, with the nearest name', async () => {
    const error = await rejection(readDataset(example('penguins'), { target: 'Speces' }))
    expect(error.message).toContain('did you mean "species"?')
  })

  it('a text target for regression, with the line', async () => {
    const error = await rejection(read('x,y\n1,2\n2,high\n', 'y', 'regression'))
    expect(error.problems).toHaveLength(1)
    expect(error.message).toMatch(
      /^data.csv line 3, column "y": regression needs a target of numbers.*"high"/,
    )
  })

  it('a single class', async () => {
    expect((await rejection(read('x,y\n1,a\n2,a\n'))).message).toContain('at least two classes')
  })

  it('more than 20 mistakes by listing 20', async () => {
    const header = Array.from({ length: 30 }, (_, i) => `c${i}`).join(',')
    const cells = new Array(30).fill('odd').join(',')
    const types = Object.fromEntries(Array.from({ length: 29 }, (_, i) => [`c${i}`, 'number' as const]))
    const file = temporaryFile('data.csv', `${header}\n${cells}\n`)
    const error = await rejection(readDataset(file, { target: 'c29', types }))
    expect(error.problems).toHaveLength(20)
    expect(error.message).toContain('(and 19 more problems)')
  })

  it('rows that all lack a cell by telling it once, with the first lines', async () => {
    const error = await rejection(read(`x,y\n${'1\n'.repeat(100)}`))
    expect(error.problems).toEqual([
      {
        path: 'data.csv line 2',
        message:
          'every row has as many cells as the header (2), and this one has 1; write its empty cells too, or say "skipLines": [2] in "data" where it is no row (so it is with 99 further rows: line 3, line 4, line 5, line 6, line 7 and 94 more)',
      },
    ])
  })

  it('texts in a target of numbers by telling it once, with the texts', async () => {
    const error = await rejection(read('x,y\n1,2\n2,high\n3,4\n4,low\n', 'y', 'regression'))
    expect(error.problems).toHaveLength(1)
    expect(error.message).toMatch(
      /^data.csv line 3, column "y": .*\("high"\).*1 further cell: line 5 \("low"\)/,
    )
  })

  it('a file that is not there, or a directory', async () => {
    const missing = await rejection(readDataset('/no/such/file.csv', { target: 'y' }))
    expect([missing.code, missing.message]).toEqual([
      'FILE_NOT_READABLE',
      'the data file /no/such/file.csv cannot be read: there is no such file',
    ])
    expect((await rejection(readDataset('/', { target: 'y' }))).message).toContain('it is a directory')
  })
})

it('takes little longer than parsing alone', async () => {
  const cells = Array.from({ length: 29 }, (_, i) => (i % 10 === 9 ? `text ${i}` : (i * 1.37).toFixed(4)))
  const header = cells.map((_, i) => `c${i}`).join(',')
  const rows = Array.from({ length: 10_000 }, (_, i) => `${cells.join(',')},${i % 2}`).join('\n')
  const text = `${header},y\n${rows}\n`
  const seconds = async (run: () => unknown) => {
    const started = performance.now()
    await run()
    return performance.now() - started
  }
  const ratios: number[] = []
  for (let round = 0; round < 3; round++) {
    const parsing = await seconds(() => parse(text, { on_record: () => null }))
    ratios.push((await seconds(() => read(text))) / parsing)
  }
  expect(Math.min(...ratios)).toBeLessThan(4)
})

it('describes a data set by its signature and its first rows', async () => {
  const { dataset } = await read('x,t,y\n1,a,no\n,b,yes\n3,,no\n')
  expect(signatureOf(dataset)).toEqual({
    columns: [
      { name: 'x', kind: 'number' },
      { name: 't', kind: 'text', categories: ['a', 'b'] },
    ],
    task: 'classification',
    target: 'y',
    classes: ['no', 'yes'],
  })
  expect(sampleInput(dataset)).toEqual([
    { x: 1, t: 'a' },
    { x: null, t: 'b' },
    { x: 3, t: null },
  ])
  expect(sampleInput(dataset, 1)).toHaveLength(1)
})
