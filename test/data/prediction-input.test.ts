import { describe, expect, it } from 'vitest'
import { type Column, readTable, type Signature, type Table, tableFromRows } from '../../src/data/index.js'
import type { EspalierError } from '../../src/errors.js'
import { rejection, temporaryFile } from '../training/support.js'

const signature: Signature = {
  columns: [
    { name: 'x', kind: 'number' },
    { name: 'island', kind: 'text', categories: ['Biscoe', 'Dream'] },
  ],
  task: 'classification',
  target: 'species',
  classes: ['a', 'b'],
}

function cells({ columns, index }: Table): unknown[][] {
  return columns.map((column: Column) =>
    Array.from(index, (row) => (column.kind === 'number' ? column.values[row] : column.codes[row])),
  )
}

function thrown(run: () => unknown): EspalierError {
  try {
    run()
  } catch (error) {
    return error as EspalierError
  }
  throw new Error('nothing was thrown')
}

describe('tableFromRows', () => {
  it('matches columns by name, in the order and with the codes of the signature', () => {
    const { table, warnings } = tableFromRows(
      [
        { island: 'Dream', x: 1.5 },
        { x: '2.5', island: 'Biscoe' },
      ],
      signature,
    )
    expect(cells(table)).toEqual([
      [1.5, 2.5],
      [1, 0],
    ])
    expect(warnings).toEqual([])
  })

  it('takes null, undefined, NaN and the marks of a file for missing', () => {
    const { table } = tableFromRows(
      [
        { x: null, island: null },
        { x: undefined, island: undefined },
        { x: Number.NaN, island: '' },
        { x: 'NA', island: '?' },
      ],
      signature,
    )
    expect(cells(table)).toEqual([new Array(4).fill(Number.NaN), new Array(4).fill(-1)])
  })

  it('gives unknown categories codes of their own, and says so, as of columns it does not use', () => {
    const { table, warnings } = tableFromRows(
      [{ x: 1, island: 'Atlantis', colour: 'red', species: 'a' }],
      signature,
    )
    expect(cells(table)).toEqual([[1], [2]])
    expect(warnings).toEqual([
      'the model does not use "colour"',
      'column "island" has categories the model does not know: "Atlantis"',
    ])
  })

  it('refuses a missing column, with the nearest name', () => {
    const error = thrown(() => tableFromRows([{ x: 1, iland: 'Dream' }], signature))
    expect(error.code).toBe('DATA_INVALID')
    expect(error.message).toContain('fitted on the column "island", and it is missing (is "iland" meant?)')
  })

  it.each([['abc'], [true], [Number.POSITIVE_INFINITY]])('refuses %s where a number is expected', (x) => {
    const error = thrown(() =>
      tableFromRows(
        [
          { x: 1, island: 'Dream' },
          { x, island: 'Dream' },
        ],
        signature,
      ),
    )
    expect(error.problems[0].path).toBe('row 1, column "x"')
  })

  it('refuses what is no row', () => {
    expect(thrown(() => tableFromRows([[1, 2]] as never, signature)).message).toContain('a row is an object')
    expect(thrown(() => tableFromRows({ x: 1 } as never, signature)).message).toMatch(
      /rows are a list of objects.*put one row into brackets/,
    )
  })

  it('takes no rows at all', () => {
    expect(tableFromRows([], signature).table.rows).toBe(0)
  })
})

describe('dates and truth values', () => {
  const typed: Signature = {
    ...signature,
    columns: [
      { name: 'day', kind: 'number', as: 'date' },
      { name: 'flag', kind: 'number', as: 'boolean' },
    ],
  }

  it('are taken as people write them', () => {
    const { table } = tableFromRows(
      [
        { day: '1970-01-03', flag: true },
        { day: '1970-01-01T18:00:00Z', flag: 'no' },
        { day: null, flag: 0 },
        { day: 'NA', flag: Number.NaN },
      ],
      typed,
    )
    expect(cells(table)).toEqual([
      [2, 0.75, Number.NaN, Number.NaN],
      [1, 0, 0, Number.NaN],
    ])
    expect(table.columns.map((column) => column.kind === 'number' && column.as)).toEqual(['date', 'boolean'])
  })

  it.each([
    [{ day: 19813, flag: true }, 'day', 'this column holds dates'],
    [{ day: '1970-01-03', flag: 'maybe' }, 'flag', 'this column holds truth values'],
    [{ day: '1970-01-03', flag: 2 }, 'flag', 'and "2" is none'],
  ])('refuses %o', (row, name, message) => {
    const error = thrown(() => tableFromRows([row], typed))
    expect(error.problems[0].path).toBe(`row 0, column "${name}"`)
    expect(error.message).toContain(message)
  })

  it('names an infinity as what was given', () => {
    const row = { day: -Infinity, flag: Infinity }
    expect(thrown(() => tableFromRows([row], typed)).problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/dates, .* and "-Infinity" is none$/),
      expect.stringMatching(/truth values .* and "Infinity" is none$/),
    ])
    const numbers = [1, Infinity, -Infinity].map((x) => ({ x, island: 'Dream' }))
    expect(thrown(() => tableFromRows(numbers, signature)).problems).toEqual([
      {
        path: 'row 1, column "x"',
        message:
          'numbers are finite, and Infinity is not; mend it, or give null where there is no value (so it is with 1 further cell: row 2 ("-Infinity"))',
      },
    ])
  })

  it('are read from a file', async () => {
    const file = temporaryFile('new.csv', 'flag,day\n1,1970-01-02\nt,\n')
    expect(cells((await readTable(file, typed)).table)).toEqual([
      [1, Number.NaN],
      [1, 1],
    ])
    const error = await rejection(readTable(temporaryFile('new.csv', 'flag,day\n1,soon\n'), typed))
    expect(error.problems[0].path).toBe('new.csv line 2, column "day"')
  })
})

describe('readTable', () => {
  const read = (text: string) => readTable(temporaryFile('new.csv', text), signature)

  it('reads the columns it needs, texts of digits too, and leaves the target aside', async () => {
    const { table, warnings, digest } = await read('species,island,extra,x\na,Dream,1,\n?,7,2,4\n')
    expect(cells(table)).toEqual([
      [Number.NaN, 4],
      [1, 2],
    ])
    expect(warnings).toEqual([
      'new.csv: the model does not use "extra"',
      'new.csv: column "island" has categories the model does not know: "7"',
    ])
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
  })

  it('refuses a missing column', async () => {
    const error = await rejection(read('x\n1\n'))
    expect([error.code, error.problems[0].path]).toEqual(['DATA_INVALID', 'new.csv line 1'])
    expect(error.message).toContain('"island"')
  })

  it('says how to name columns where the file has no header', async () => {
    const error = await rejection(read('1.5,2,3\n1,2,3\n'))
    expect(error.message).toContain('name the columns, --header a,b,c, where the file has no header')
  })

  it('refuses text where a number is expected, as one with the lines and the texts', async () => {
    const error = await rejection(read('x,island\nabc,Dream\n1,Dream\n2 kg,Dream\n'))
    expect(error.problems).toEqual([
      {
        path: 'new.csv line 2, column "x"',
        message:
          'this column holds numbers, and "abc" is none; say "skipLines": [2] where this line is no row (so it is with 1 further cell: line 4 ("2 kg"))',
      },
    ])
  })
})
