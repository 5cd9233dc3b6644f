import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { looseMarks } from '../../src/data/files/cells.js'
import {
  type DatasetOptions,
  readDataset,
  readTable,
  signatureOf,
  tableFromRows,
} from '../../src/data/index.js'
import { rejection, temporaryFile } from '../training/support.js'

/** What pandas, R, Excel, SAS, MySQL and C write where there is no value. */
const marks = [
  ...['None', '<NA>', 'NaT', '-nan', '-NaN', 'NAN', '#N/A', '#N/A N/A', '#NA', 'na', 'n.a.', 'N.A.', 'Null'],
  ...['#DIV/0!', '#VALUE!', '#REF!', '#NAME?', '#NUM!', '#NULL!', '#WERT!', '#BEZUG!', '#ZAHL!', '#NV'],
  ...['1.#QNAN', '-1.#QNAN', '1.#IND', '-1.#IND', '(null)', '\\N', '-', '--', '.'],
]

/** 40 rows of different numbers, the cells of some lines replaced. */
const csv = (odd: Record<number, string>, cell = (row: number) => String(row * 1.5)) =>
  `x,y\n${Array.from({ length: 40 }, (_, row) => `"${odd[row + 2] ?? cell(row)}",${row % 2 ? 'a' : 'b'}`).join('\n')}\n`
const read = (text: string, options: Partial<DatasetOptions> = {}) =>
  readDataset(temporaryFile('data.csv', text), { target: 'y', ...options })
const kindOf = ({ dataset }: Awaited<ReturnType<typeof readDataset>>) => {
  const [column] = dataset.columns
  return column.kind === 'number' ? (column.as ?? 'number') : 'text'
}

describe('a column of numbers with an odd cell', () => {
  it.each([...new Set([...marks, ...looseMarks])])('takes %s for missing, and tells of it', async (mark) => {
    expect(marks).toContain(mark)
    const found = await read(csv({ 3: mark, 7: mark }))
    expect(kindOf(found)).toBe('number')
    const [column] = found.dataset.columns
    expect(column.kind === 'number' && [...column.values.slice(0, 3)]).toEqual([0, Number.NaN, 3])
    expect(found.warnings).toEqual([
      `data.csv: column "x" holds numbers, and 2 cells are taken for missing: line 3 (${JSON.stringify(mark)}) and line 7 (${JSON.stringify(mark)}); say "types": {"x": "text"} if they are values`,
    ])
  })

  it.each([
    ['k.A.', 'say "missing": ["k.A."] in "data" where there is no value'],
    ['inf', 'an infinite number is none to train on'],
    ['-Infinity', 'an infinite number is none to train on'],
    ['1e999', 'an infinite number is none to train on'],
    ['$5', 'say "units": ["$"] in "data"'],
    ['5%', 'write numbers plainly'],
    ['1,005', 'say "thousands": "," in "data"'],
    ['−5', 'write numbers plainly'],
    ['1,5', 'write numbers plainly'],
  ])('is text because of %s, which is told with line and remedy', async (cell, remedy) => {
    const found = await read(csv({ 22: cell }))
    expect(kindOf(found)).toBe('text')
    const [warning, ...others] = found.warnings
    expect(others).toEqual([])
    expect(warning).toContain(
      `column "x" is read as text, because 1 cell of 40 is no numbers: line 22 (${JSON.stringify(cell)})`,
    )
    expect(warning).toContain(remedy)
    expect(warning).toContain('say "types": {"x": "text"}')
    expect((await read(csv({ 22: cell }), { types: { x: 'text' } })).warnings).toEqual([])
  })

  it('tells how many there are, and the first lines of them', async () => {
    const { warnings } = await read(csv({ 2: 'x', 3: '?', 5: 'y', 9: 'x', 10: 'z', 11: 'q', 12: 'r' }))
    expect(warnings[0]).toContain('6 cells of 39 are no numbers: line 2 ("x"), line 5 ("y")')
    expect(warnings[0]).toContain('and 1 more')
  })

  it('is told of where every number is written otherwise, and is never advised to be left out', async () => {
    const rows = (cell: (row: number) => string) =>
      `x,y\n${Array.from({ length: 150 }, (_, row) => `"${cell(row)}",${row % 2 ? 'a' : 'b'}`).join('\n')}\n`
    const all: [(row: number) => string, string][] = [
      [(row) => `$${row}.5`, 'not written plainly ("$0.5"); say "units": ["$"] in "data", or'],
      [(row) => `${row + 1},${row % 2 ? '250' : '500'}`, 'say "thousands": "," in "data", or'],
      [(row) => `${row + 1},500.5 EUR`, 'say "units": ["EUR"], "thousands": "," in "data", or'],
      [(row) => `−${row}`, 'write numbers plainly'],
    ]
    for (const [cell, remedy] of all) {
      const { warnings } = await read(rows(cell))
      expect(warnings[0]).toContain(remedy)
      expect(warnings.join()).not.toContain('exclude')
    }
    const odd = await read(rows((row) => (row === 9 ? 'k.A.' : `${row}.5`)))
    expect(odd.warnings.join()).not.toContain('exclude')
    const measured = await read(rows((row) => `${row} kg`))
    expect(measured.warnings[0]).toContain('say "units": ["kg"] in "data"')
  })

  it('is a column of texts where most cells are, or where its kind is stated', async () => {
    for (const cell of [
      (row: number) => (row % 2 ? 'None' : 'red'),
      (row: number) => (row % 2 ? '-' : `b${row}`),
    ]) {
      const found = await read(csv({}, cell))
      expect([kindOf(found), found.warnings]).toEqual(['text', []])
    }
    // The mark before the first text, and nothing else.
    const first = await read(csv({ 2: 'None', 3: '-' }, () => 'red'))
    const [column] = first.dataset.columns
    expect(column.kind === 'text' && column.categories).toEqual(['-', 'None', 'red'])
    expect(kindOf(await read(csv({}, () => 'None')))).toBe('text')
    expect(kindOf(await read(csv({ 2: 'None' }, (row) => String(row % 2 === 0))))).toBe('text')
  })

  it('reads a sweep recorded before as it was read then', async () => {
    const found = await read(csv({ 22: 'None' }), { looseMissing: false })
    expect(kindOf(found)).toBe('text')
    expect(found.warnings[0]).toContain('line 22 ("None")')
  })

  it('tells of dates and of a target too, and keeps the marks of groups', async () => {
    const dates = await read(
      csv({ 4: '31.3.2024' }, (row) => `2024-01-${String((row % 28) + 1).padStart(2, '0')}`),
    )
    expect(dates.warnings[0]).toContain('no dates: line 4 ("31.3.2024")')
    const missing = await read(
      csv({ 4: 'None' }, (row) => `2024-01-${String((row % 28) + 1).padStart(2, '0')}`),
    )
    expect(kindOf(missing)).toBe('date')
    const target = await readDataset(
      temporaryFile(
        'data.csv',
        csv({ 5: 'None' }, (row) => String(row % 3)),
      ),
      {
        target: 'x',
        task: 'classification',
      },
    )
    expect(target.warnings[0]).toContain('target "x" is read as text, because of line 5 ("None")')
    const group = await read('g,v,y\n1,1,a\n-,2,b\n1,3,a\n-,4,b\n', { group: 'g' })
    expect(group.layout.groups).toEqual(Int32Array.of(0, 1, 0, 1))
  })

  it('is told of in JSON lines and Parquet too', async () => {
    const texts = Array.from({ length: 40 }, (_, row) => (row === 20 ? 'k.A.' : String(row)))
    const y = texts.map((_, row) => (row % 2 ? 'a' : 'b'))
    const parquet = new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'x', data: texts, type: 'STRING' },
          { name: 'y', data: y, type: 'STRING' },
        ],
      }),
    )
    const lines = texts.map((x, row) => JSON.stringify({ x: x === 'k.A.' ? x : Number(x), y: y[row] }))
    const files: [name: string, content: string | Uint8Array, place: string][] = [
      ['data.jsonl', lines.join('\n'), 'line 21 ("k.A.")'],
      ['data.parquet', parquet, 'row 21 ("k.A.")'],
    ]
    for (const [name, content, place] of files) {
      const found = await readDataset(temporaryFile(name, content), { target: 'y' })
      expect(found.warnings[0]).toContain(`1 cell of 40 is no numbers: ${place}`)
      const mended = { target: 'y', missing: ['k.A.'], types: { x: 'number' as const } }
      expect(kindOf(await readDataset(temporaryFile(name, content), mended))).toBe('number')
    }
    const none = lines.join('\n').replace('k.A.', 'None')
    expect(kindOf(await readDataset(temporaryFile('data.jsonl', none), { target: 'y' }))).toBe('number')
  })
})

describe('"missing"', () => {
  const options = { missing: ['k.A.', '-999'] }

  it('holds in every column, a number by its value, in the test file and for predictions', async () => {
    const text = 'x,t,y\n1,a,u\nk.A.,k.A.,v\n-999.0,-999,u\n4,b,v\n'
    const testFile = temporaryFile('test.csv', 'x,t,y\n-999,b,u\nk.A.,k.A.,v\n')
    const found = await read(text, { ...options, testFile })
    expect(found.warnings).toEqual([])
    const expected = [
      [1, Number.NaN, Number.NaN, 4, Number.NaN, Number.NaN],
      ['a', undefined, undefined, 'b', 'b', undefined],
    ]
    const cells = found.dataset.columns.map((column) =>
      column.kind === 'number'
        ? [...column.values]
        : Array.from(column.codes, (code) => column.categories[code]),
    )
    expect(cells).toEqual(expected)

    const signature = signatureOf(found.dataset)
    expect(signature.missing).toEqual(options.missing)
    const fromFile = await readTable(temporaryFile('new.csv', text), signature)
    const fromRows = tableFromRows(
      [
        { x: 1, t: 'a' },
        { x: 'k.A.', t: 'k.A.' },
        { x: -999, t: '-999' },
        { x: '4', t: 'b' },
      ],
      signature,
    )
    for (const { table } of [fromFile, fromRows]) {
      expect(table.columns[0]).toMatchObject({ values: Float64Array.of(1, Number.NaN, Number.NaN, 4) })
      expect(table.columns[1]).toMatchObject({ codes: Int32Array.of(0, -1, -1, 1) })
    }
    expect('missing' in signatureOf((await read(text)).dataset)).toBe(false)
  })

  it('is a number by its value however that is written', async () => {
    const { dataset } = await read(csv({ 3: '-999.00000000000000000000' }), options)
    const [column] = dataset.columns
    expect(column.kind === 'number' && [...column.values.slice(0, 3)]).toEqual([0, Number.NaN, 3])
  })

  it('is what a mark of the target’s has to be, not a loose one', async () => {
    expect((await rejection(read('x,y\n1,a\n2,k.A.\n', options))).message).toContain('here it is missing')
  })
})

it('tells of what is taken for missing where predictions are asked for', async () => {
  const { dataset } = await read('x,y\n1,a\n2,b\n')
  const { warnings, table } = await readTable(temporaryFile('new.csv', 'x\n1\n-\n'), signatureOf(dataset))
  expect(warnings).toEqual([
    'new.csv: column "x" holds numbers, and 1 cell is taken for missing: line 3 ("-")',
  ])
  expect(table.columns[0]).toMatchObject({ values: Float64Array.of(1, Number.NaN) })
})
