/** Where the header and the rows of a delimited file are: blanks between cells, lines that are no part of the table, no header. */
import { describe, expect, it } from 'vitest'
import { type DatasetOptions, readCells, readDataset, readTable, signatureOf } from '../../src/data/index.js'
import { rejection, temporaryFile } from '../training/support.js'

const read = (content: string | Uint8Array, options: Partial<DatasetOptions> = {}, name = 'data.csv') =>
  readDataset(temporaryFile(name, content), { target: 'y', ...options })

/** Features and target as plain values. */
async function tableOf(content: string, options: Partial<DatasetOptions> = {}): Promise<unknown> {
  const { dataset } = await read(content, { task: 'regression', ...options })
  const features = dataset.columns.map((column) => [
    column.name,
    column.kind === 'number'
      ? [...column.values]
      : Array.from(column.codes, (code) => column.categories[code] ?? null),
  ])
  return {
    ...Object.fromEntries(features),
    y: dataset.target.kind === 'numbers' && [...dataset.target.values],
  }
}

describe('blanks between cells', () => {
  const expected = { a: [0.5, 1.5], b: ['x', 'y z'], y: [1, 2] }

  it.each([
    ['one', 'a b y\n0.5 x 1\n1.5 "y z" 2\n'],
    ['runs, and at the ends of lines', '  a   b    y  \r\n 0.5   x    1\r\n 1.5  "y z"  2 \r\n'],
    ['tabs among them', 'a  b\ty\n0.5   x\t1\n1.5 \t "y z" 2'],
    ['behind a # in the header, as NumPy writes it', '# a b y\n0.5 x 1\n1.5 "y z" 2\n'],
  ])('are found out and told: %s', async (_, text) => {
    expect(await tableOf(text)).toEqual(expected)
    const { notes, readings } = await read(text)
    expect(notes).toEqual(['data.csv: cells are separated by blanks (they divide its first rows evenly)'])
    expect(readings).toEqual([{ encoding: 'utf-8', separator: ' ', decimal: '.' }])
    expect(await tableOf(text, { separator: ' ' })).toEqual(expected)
  })

  it('may stand around a name of each row, as R writes it, and within quotes with line breaks', async () => {
    const { dataset, notes } = await read('a y\n"row 1" 1 2\n"row ""2""\nof it" 3 4\n')
    expect(dataset.columns.map(({ name }) => name)).toEqual(['a'])
    expect(notes[1]).toContain('as R writes the names of rows')
    expect(await tableOf('a y\n"row 1" 1 2\n"row ""2""\nof it" 3 4\n', { namelessColumn: 'keep' })).toEqual({
      index: ['row 1', 'row "2"\nof it'],
      a: [1, 3],
      y: [2, 4],
    })
  })

  it('are none where a mark divides the rows, or where nothing is a number', async () => {
    expect(await tableOf('a b,y\n1 2,1\n3 4,2\n')).toEqual({ 'a b': ['1 2', '3 4'], y: [1, 2] })
    const { dataset } = await read('full name\nAnna Berg\nBob Cole\n', {
      target: 'full name',
      columns: ['full name'],
    }).catch((error) => error.problems[0].message)
    expect(dataset).toBeUndefined()
    const table = await readTable(temporaryFile('names.csv', 'full name\nAnna Berg\nBob Cole\n'), {
      columns: [{ name: 'full name', kind: 'text', categories: ['Anna Berg'] }],
      ...{ task: 'classification', target: 'y', classes: ['p', 'q'] },
    })
    expect(table.table.rows).toBe(2)
  })

  it('keep the lines of rows', async () => {
    const error = await rejection(read('\n a   y\n\n 1   2\n 1\n'))
    expect(error.problems[0].path).toBe('data.csv line 5')
  })
})

describe('a first line of sep=', () => {
  it.each(['sep=;\r\n', '"sep=;"\n', 'SEP=;\r'])('%j states the separator', async (line) => {
    const end = line.slice(line.lastIndexOf(';')).replace(/[;"]/g, '')
    const text = `${line}a;y${end}0,5;1${end}`
    expect(await tableOf(text)).toEqual({ a: [0.5], y: [1] })
    expect((await read(text, { task: 'regression' })).notes).toEqual([
      'data.csv: cells are separated by semicolons (as its first line says, sep=;)',
      'data.csv: numbers are written with a decimal comma (by "0,5" in line 3, column "a")',
    ])
    expect(await tableOf(text, { separator: ';' })).toEqual({ a: [0.5], y: [1] })
  })

  it('is a header where it states no mark', async () => {
    expect(await tableOf('sep=x,y\n1,2\n')).toEqual({ 'sep=x': [1], y: [2] })
  })
})

describe('separators at the end of rows', () => {
  it.each([
    ['of all of them', 'a;b;y;\n1;2;3;\n4;5;6;\n'],
    ['of those below the header', 'a,b,y\n1,2,3,\n4,5,6,\n'],
    ['several', 'a,b,y,,,\n1,2,3,,,\n4,5,6,,,\n'],
  ])('are no columns: %s', async (_, text) => {
    expect(await tableOf(text)).toEqual({ a: [1, 4], b: [2, 5], y: [3, 6] })
  })

  it('are told of where there is a value behind one', async () => {
    const error = await rejection(read('a,y,\n1,2,\n3,4,x\n5,6,z\n'))
    expect(error.problems).toEqual([
      {
        path: 'data.csv line 3',
        message:
          'every column with a value has a name, and cell 3 of this row has none ("x"); name the column, or say "skipLines" in "data" for lines that are no part of the table (so it is with 1 further row: line 4 ("z"))',
      },
    ])
    expect((await rejection(read('a,y\n1,2,\n3,4\n'))).problems[0].path).toBe('data.csv line 3')
  })
})

describe('lines that are no part of the table', () => {
  it('are left out, and the others keep their numbers', async () => {
    const text = 'Report 2024\n\na,y\n[mm],"[k\n1,2\n3,z\n'
    expect(await tableOf(text.replace('z', '4'), { skipLines: [1, 4] })).toEqual({ a: [1, 3], y: [2, 4] })
    const error = await rejection(
      read(text, { skipLines: [4, 1], types: { y: 'number' }, task: 'regression' }),
    )
    expect(error.problems[0].path).toBe('data.csv line 6, column "y"')
    const { digest } = await read(text, { skipLines: [1, 4] })
    expect(digest).toBe((await read(text, { skipLines: [1, 4, 6, 99], task: 'regression' })).digest)
  })

  it('are left out of JSON lines', async () => {
    const text = '# made by x\n{"a": 1, "y": 2}\n{"a": 3, "y": 4}\n'
    const { dataset } = await read(text, { skipLines: [1], task: 'regression' }, 'data.jsonl')
    expect(dataset.rows).toBe(2)
  })

  it.each([
    ['a title', 'Report\nmade by x\n\na;b;y\n1;2;3\n4;5;6\n', 4, [1, 2, 3]],
    ['a title with separators', 'Report;;\na;b;y\n1;2;3\n4;5;6\n', 2, [1]],
  ])('are named where the header is below them: %s', async (_, text, line, lines) => {
    const error = await rejection(read(text))
    expect(error.problems).toHaveLength(1)
    expect(error.problems[0].path).toBe(`data.csv line ${line}`)
    expect(error.problems[0].message).toContain(`say "skipLines": [${lines.join(', ')}] in "data"`)
    expect(await tableOf(text, { skipLines: lines })).toEqual({ a: [1, 4], b: [2, 5], y: [3, 6] })
  })
})

describe('a file without a header', () => {
  const text = '1,a,2\n3,b,4\n'

  it('has columns of numbers, or of names that are stated', async () => {
    expect(await tableOf(text, { header: false, target: 'column 3' })).toEqual({
      'column 1': [1, 3],
      'column 2': ['a', 'b'],
      y: [2, 4],
    })
    expect(await tableOf(text, { header: ['n', 't', 'y'] })).toEqual({ n: [1, 3], t: ['a', 'b'], y: [2, 4] })
    expect(await tableOf('1,2,\n3,4,\n', { header: ['n', 'y'] })).toEqual({ n: [1, 3], y: [2, 4] })
    const error = await rejection(read(text, { header: ['n', 'y'] }))
    expect(error.problems[0]).toMatchObject({
      path: 'data.csv line 1',
      message: expect.stringContaining('(2)'),
    })
  })

  it('has a column for each of its cells, where all of them are empty', async () => {
    const { dataset } = await read('\t\n\t\n\t7\n', {
      header: false,
      target: 'column 2',
      dropRows: 'missing-target',
    })
    expect(dataset.columns.map(({ name }) => name)).toEqual(['column 1'])
  })

  it('is predicted for in the same way, and written with its names', async () => {
    const { dataset } = await read(text, { header: false, target: 'column 3', task: 'regression' })
    const file = temporaryFile('new.csv', '5,b,0\n')
    const { table, reading } = await readTable(file, signatureOf(dataset), {}, { columnNames: false })
    expect(table.rows).toBe(1)
    expect(await readCells(file, reading, { columnNames: false })).toEqual([
      ['column 1', 'column 2', 'column 3'],
      ['5', 'b', '0'],
    ])
  })

  it('may be meant where the names of columns are numbers, and two the same', async () => {
    const error = await rejection(read('0.5,0.5,7\n1,2,3\n'))
    expect(error.problems[0].message).toContain('say "header": false in "data" where the file has none')
  })
})

it('refuses what is said of a file that is not written so', async () => {
  const lines = '{"a": 1, "y": 2}\n{"a": 2, "y": 3}\n'
  const refused = (options: Partial<DatasetOptions>) =>
    rejection(read(lines, { task: 'regression', ...options }, 'data.jsonl'))
  expect(await refused({ separator: ';', header: false })).toMatchObject({
    code: 'DATA_INVALID',
    problems: [
      {
        path: 'data.separator',
        message: '"separator" says how csv, tsv files are written, and data.jsonl is jsonl: leave it out',
      },
      { path: 'data.header' },
    ],
  })
  // Of several files one is enough.
  const csv = temporaryFile('more.csv', 'a;y\n3;4\n')
  const file = temporaryFile('data.jsonl', lines)
  const { dataset } = await readDataset([csv, file], { target: 'y', task: 'regression', separator: ';' })
  expect(dataset.rows).toBe(3)
})
