import { describe, expect, it } from 'vitest'
import {
  findLeaks,
  type InspectionOptions,
  inspectData,
  leakWarnings,
  readDataset,
} from '../../src/data/index.js'
import { countDuplicates } from '../../src/data/inspect/duplicates.js'
import { randomStream } from '../../src/numeric/index.js'
import { example, rejection, temporaryFile } from '../training/support.js'

const inspect = (text: string, options: InspectionOptions = {}) =>
  inspectData(temporaryFile('data.csv', text), options)

describe('a look at a file', () => {
  it('shows each column as it was taken, and why', async () => {
    const text = 'id;n;d;f;t;y\n1;0,5;2024-01-01;true;a;u\n2;;2024-01-03;false;b;v\n3;-;2024-01-02;true;a;u\n'
    const found = await inspect(text, { target: 'y' })
    expect(found.rows).toBe(3)
    const [id, n, d, f, t] = found.columns
    expect(id).toMatchObject({
      kind: 'number',
      distinct: 3,
      range: { least: 1, most: 3 },
      looksLikeId: false,
    })
    expect(n).toEqual({
      name: 'n',
      kind: 'number',
      why: 'every value is a number; "-" taken for missing',
      missing: 2,
      distinct: 1,
      isWhole: false,
      range: { least: 0.5, most: 0.5 },
      examples: ['0.5'],
      isConstant: false,
      looksLikeId: false,
      isOtherwise: false,
      isNameless: false,
    })
    expect(d).toMatchObject({ kind: 'date', examples: ['2024-01-01', '2024-01-03', '2024-01-02'] })
    expect(d.range).toEqual({ least: 19723, most: 19725 })
    expect(f).toMatchObject({ kind: 'boolean', why: 'every value is true or false', distinct: 2 })
    expect(t).toMatchObject({ kind: 'text', why: 'line 2 ("a") is no number', range: null })
    expect(found.files[0].findings.map(({ what, found }) => [what, found])).toEqual([
      ['encoding', 'UTF-8'],
      ['separator', 'semicolons'],
      ['decimal', 'comma'],
    ])
    expect(found.target).toEqual({
      name: 'y',
      task: 'classification',
      classes: [
        { name: 'u', rows: 2 },
        { name: 'v', rows: 1 },
      ],
    })
  })

  it('tells a target of classes from one that is measured', async () => {
    const of = async (cell: (i: number) => unknown) => {
      const rows = Array.from({ length: 100 }, (_, i) => `${i % 7},${cell(i)}`)
      return (await inspect(`x,y\n${rows.join('\n')}\n`, { target: 'y' })).target
    }
    expect(await of((i) => i % 3)).toMatchObject({ task: 'classification', classes: { length: 3 } })
    expect(await of((i) => i % 50)).toMatchObject({ task: 'regression', classes: null })
    expect(await of((i) => (i % 3) + 0.5)).toMatchObject({ task: 'regression' })
    expect(await of((i) => (i === 4 ? '' : i % 2))).toMatchObject({
      classes: [
        { name: '0', rows: 49 },
        { name: '1', rows: 50 },
      ],
    })
  })

  it('finds columns that name rows, constant ones, and rows that are doubled', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `${1000 + i},${i * 1000},k${i},5,${i * 0.5}`)
    const found = await inspect(`id,far,key,c,x\n${rows.join('\n')}\n`)
    const named = found.columns.filter(({ looksLikeId }) => looksLikeId).map(({ name }) => name)
    expect(named).toEqual(['id', 'key'])
    expect(found.columns.filter(({ isConstant }) => isConstant).map(({ name }) => name)).toEqual(['c'])
    expect(found.duplicates).toBe(0)
    expect((await inspect('a,b\n1,x\n,x\n1,x\n,x\n2,x\n1,x\n')).duplicates).toBe(3)
    // The number that pandas gives each row is no difference.
    expect((await inspect(',a\n0,1\n1,1\n')).duplicates).toBe(1)
  })

  it('refuses a target that is no column, with the nearest name', async () => {
    expect((await rejection(inspect('a,label\n1,2\n', { target: 'lable' }))).message).toContain(
      'did you mean "label"?',
    )
  })
})

it('rows are counted as equal only where they are, in every column and sign', () => {
  const random = randomStream(3, 'rows')
  const rows = 20_000
  const values = Float64Array.from({ length: rows }, () => random.integer(150) / 8)
  const codes = Int32Array.from({ length: rows }, () => random.integer(300) - 1)
  const seen = new Set<string>()
  for (let i = 0; i < rows; i++) seen.add(`${values[i]} ${codes[i]}`)
  const columns = [
    { name: 'a', kind: 'number', values },
    { name: 'b', kind: 'text', codes, categories: [] },
  ] as const
  expect(countDuplicates(columns, rows)).toBe(rows - seen.size)
})

describe('columns that give the target away', () => {
  const random = randomStream(1, 'leaks')
  const rows = 2000
  const noise = Float64Array.from({ length: rows }, () => random.normal())
  const codes = Int32Array.from(noise, (_, i) => (i < rows / 2 ? 0 : i % 3))
  const classes = { kind: 'classes', name: 'y', codes, classes: ['a', 'b', 'c'] } as const
  const numbers = { kind: 'numbers', name: 'y', values: noise } as const
  const column = (name: string, cell: (i: number) => number) =>
    ({ name, kind: 'number', values: Float64Array.from(noise, (_, i) => cell(i)) }) as const
  const texts = (name: string, cell: (i: number) => number, count: number) =>
    ({
      name,
      kind: 'text',
      codes: Int32Array.from(noise, (_, i) => cell(i)),
      categories: Array.from({ length: count }, (_, i) => `t${i}`),
    }) as const

  it('are those that predict classes in rows held out, renamed or not, missing where they are', () => {
    const columns = [
      column('noise', (i) => noise[i]),
      column('strong', (i) => codes[i] + 0.4 * noise[i]),
      column('renamed', (i) => [7, Number.NaN, 3][codes[i]]),
      column('range', (i) => 10 * codes[i] + Math.abs(noise[i])),
      texts('words', (i) => codes[i] * 5 + (i % 5), 15),
      texts('names', (i) => i, rows),
    ]
    expect(findLeaks({ columns, target: classes }, rows)).toEqual([
      { column: 'renamed', kind: 'renamed', explained: 1 },
      { column: 'range', kind: 'predicts', explained: expect.closeTo(1, 2) },
      { column: 'words', kind: 'predicts', explained: 1 },
    ])
  })

  it('are those that a target of numbers is a function of', () => {
    const columns = [
      column('half', (i) => noise[i] / 2 + 1),
      column('cube', (i) => noise[i] * noise[i] * noise[i]),
      column('absolute', (i) => Math.abs(noise[i])),
      column('near', (i) => noise[i] + 0.1 * noise[(i * 7 + 1) % rows]),
      texts('sign', (i) => Number(noise[i] > 0), 2),
    ]
    const found = findLeaks({ columns, target: numbers }, rows)
    expect(found.map(({ column, kind }) => [column, kind])).toEqual([
      ['half', 'renamed'],
      ['cube', 'renamed'],
    ])
  })

  it('are not found by chance: in few rows, or where guessing hardly errs', () => {
    const columns = [column('same', (i) => codes[i])]
    expect(findLeaks({ columns, target: classes }, 29)).toEqual([])
    const constant = { kind: 'numbers', name: 'y', values: new Float64Array(rows).fill(1.1) } as const
    expect(findLeaks({ columns: [column('noise', (i) => noise[i])], target: constant }, rows)).toEqual([])
    const rare = { ...classes, codes: Int32Array.from(codes, (_, i) => Number(i % 300 === 0)) }
    expect(findLeaks({ columns: [column('rare', (i) => rare.codes[i])], target: rare }, rows)).toEqual([])
  })

  it.each([
    ['penguins', 'species'],
    ['iris', 'species'],
    ['wine', 'cultivar'],
    ['breast-cancer', 'diagnosis'],
    ['diabetes', 'progression'],
  ])('are none of %s', async (name, target) => {
    const { dataset, rows } = await readDataset(example(name), { target })
    expect(findLeaks(dataset, rows)).toEqual([])
  })

  it('are told in words', () => {
    const leaks = [
      { column: 'a', kind: 'renamed', explained: 1 },
      { column: 'b', kind: 'predicts', explained: 0.995 },
    ] as const
    expect(leakWarnings(leaks, 'y', 'data.csv')).toEqual([
      'data.csv: column "a" is the target "y" under another name; leave it out ("exclude") if it is not known before the target is',
      'data.csv: column "b" alone predicts the target "y" (all but 0.5 % of what guessing leaves open, in rows held out); leave it out ("exclude") if it is not known before the target is',
    ])
  })
})
