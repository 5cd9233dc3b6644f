/** Drafted sweep files: what is seen in data, what is written, and that it is a sweep that runs. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkSweepFile, type InitOptions, initSweep, readJsonFile } from '../../src/launch/index.js'
import { isJsonObject, type JsonObject } from '../../src/values.js'
import { dataFile, temporaryDirectory } from './support.js'

async function drafted(data: string, options: Omit<InitOptions, 'out'>, extension = 'jsonc') {
  const file = join(await temporaryDirectory(), `sweep.${extension}`)
  const result = await initSweep(data, { ...options, out: file })
  const { file: checked } = await checkSweepFile(file)
  return { ...result, file, json: (await readJsonFile(file)) as JsonObject, space: checked.space }
}

/** A file of these columns, each a function of the row. */
async function written(rows: number, columns: Readonly<Record<string, (i: number) => string | number>>) {
  const file = join(await temporaryDirectory(), 'made.csv')
  const names = Object.keys(columns)
  const lines = Array.from({ length: rows }, (_, i) => names.map((name) => columns[name](i)).join(','))
  await writeFile(file, [names.join(','), ...lines].join('\n'))
  return file
}

/** Numbers from 0 to 1 that look like noise. */
const noise = (i: number, salt = 0) => {
  const x = Math.sin((i + 1) * 12.9898 + salt * 78.233) * 43758.5453
  return x - Math.floor(x)
}

describe('a drafted sweep', () => {
  it.each([
    [
      'iris.csv',
      'species',
      'classification',
      'accuracy',
      { scheme: 'repeated-k-fold', folds: 5, repeats: 3 },
    ],
    [
      'wine.csv',
      'cultivar',
      'classification',
      'accuracy',
      { scheme: 'repeated-k-fold', folds: 5, repeats: 3 },
    ],
    ['breast-cancer.csv', 'diagnosis', 'classification', 'accuracy', { folds: 5, holdout: 0.2 }],
    ['digits.csv', 'digit', 'classification', 'accuracy', { folds: 5, holdout: 0.2 }],
    ['penguins.csv', 'species', 'classification', 'accuracy', { folds: 5 }],
    ['diabetes.csv', 'progression', 'regression', 'rmse', { folds: 5 }],
  ])('over %s is fine as it stands', async (name, target, task, metric, validation) => {
    const found = await drafted(dataFile(name), { target })
    expect(found).toMatchObject({ task, metric, validation })
    expect(found.trainers.length).toBeGreaterThanOrEqual(4)
    const { search } = found.json
    const enqueue = (isJsonObject(search) && search.enqueue) as JsonObject[]
    // Every family is tried with params known to be good, and before anything else.
    expect(enqueue.slice(0, found.trainers.length).map(({ trainer }) => trainer)).toEqual(found.trainers)
    for (const params of enqueue) expect(found.space.checkPartial(params as never)).toEqual([])
  })

  it('is the same in YAML', async () => {
    const options = { target: 'species' }
    const json = await drafted(dataFile('penguins.csv'), options)
    const yaml = await drafted(dataFile('penguins.csv'), options, 'yaml')
    const withoutFile = ({ data, ...rest }: JsonObject) => ({
      ...rest,
      data: { ...(data as JsonObject), file: '' },
    })
    expect(withoutFile(yaml.json)).toEqual(withoutFile(json.json))
    expect(await readFile(yaml.file, 'utf8')).toContain(
      '# 344 rows; 4 columns of numbers, 2 columns of texts; 19 cells missing.',
    )
  })

  it('leaves out ids, counts, constants and what gives the target away, and says why', async () => {
    const label = (i: number) => (noise(i) > 0.5 ? 'yes' : 'no')
    const file = await written(400, {
      row: (i) => i + 1,
      name: (i) => `person ${i}`,
      memberId: (i) => 1000 + ((i * 7919) % 4001),
      unit: () => 'cm',
      empty: () => '',
      answer: (i) => (label(i) === 'yes' ? 1 : 0),
      height: (i) => noise(i, 1),
      label,
    })
    const found = await drafted(file, { target: 'label' })
    expect(Object.fromEntries(found.excluded.map(({ column, why }) => [column, why]))).toEqual({
      row: 'it counts the rows',
      name: 'it has another text in every row, as a name or an id',
      memberId: 'it is another whole number in every row, and called like an id',
      unit: 'it has the same value in every row',
      empty: 'it has no value at all',
      answer: 'it says what the target says, row by row: it would give the answer away',
    })
    expect((found.json.data as JsonObject).exclude).toEqual(found.excluded.map(({ column }) => column))
    expect(await readFile(found.file, 'utf8')).toContain('// - answer: it says what the target says')
  })

  it('names columns that are left out for one reason together', async () => {
    const constant = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`k${i}`, () => 'x']))
    const file = await written(50, { ...constant, x: (i) => noise(i), y: (i) => noise(i, 1) })
    const { excluded, leftOut } = await drafted(file, { target: 'y' })
    expect(excluded).toHaveLength(12)
    expect(leftOut).toEqual([
      'k0, k1, k2, k3, k4, k5, k6, k7 and 4 more: each has the same value in every row',
    ])
  })

  it('finds the target in another unit', async () => {
    const file = await written(100, {
      celsius: (i) => noise(i) * 30,
      fahrenheit: (i) => noise(i) * 54 + 32,
      x: (i) => noise(i, 2),
    })
    const { excluded } = await drafted(file, { target: 'celsius' })
    expect(excluded.map(({ column }) => column)).toEqual(['fahrenheit'])
  })

  it('writes down what makes numbers and dates of columns of texts', async () => {
    const file = join(await temporaryDirectory(), 'odd.csv')
    const two = (n: number) => String(n).padStart(2, '0')
    const lines = Array.from({ length: 200 }, (_, i) => {
      const day = `${two(1 + (i % 28))}.${two(1 + (i % 12))}.2024`
      const income = (1000 + i * 7).toLocaleString('en-US')
      return `${day},${1 + (i % 12)}/${1 + (i % 28)}/2024,"$${income}",${i / 10} %,"${'x'.repeat(i)}${i}",${noise(i)}`
    })
    await writeFile(file, ['start,end,income,share,code,y', ',,USD,(percent),,-', ...lines].join('\n'))
    const found = await drafted(file, { target: 'y' })
    expect(found.reading).toEqual({
      skipLines: [2],
      units: ['$', '%'],
      thousands: ',',
      dateFormat: { start: 'DD.MM.YYYY', end: 'M/D/YYYY' },
    })
    expect(found.json.data).toMatchObject(found.reading)
    expect(found.rows).toBe(200)
    expect(found.excluded.map(({ column }) => column)).toEqual(['code'])
    const kinds = found.inspection.columns.map(({ kind }) => kind)
    expect(kinds).toEqual(['date', 'date', 'number', 'number', 'text', 'number'])
    expect(found.says.at(-1)).toContain('"units": ["$","%"]')
    // What is stated stands, and the other columns are not left out as names of rows without a word.
    const stated = await drafted(file, {
      target: 'y',
      skipLines: [2],
      units: ['$'],
      dateFormat: 'YYYY.MM.DD',
    })
    expect(stated.reading).toEqual({ thousands: ',' })
    expect(stated.excluded.map(({ column }) => column)).toEqual(['code'])
    expect(stated.says.join()).toContain('column "share" is read as text')
  })

  it('reads with what was found only where that can be read in one way', async () => {
    const file = join(await temporaryDirectory(), 'both.csv')
    const lines = Array.from({ length: 50 }, (_, i) => `${i}.5;${i},25 €;${noise(i)}`)
    await writeFile(file, ['a;b;y', ...lines].join('\n'))
    const found = await drafted(file, { target: 'y' })
    expect(found.reading).toEqual({})
    expect(found.says.join()).toContain('column "b" is read as text')
  })

  const visits = () =>
    written(600, {
      patient: (i) => `p${Math.floor(i / 4)}`,
      day: (i) => new Date(Date.UTC(2024, 0, 1 + (i % 300))).toISOString().slice(0, 10),
      x: (i) => noise(i),
      y: (i) => noise(i, 3),
    })

  it('assumes no groups and no time: it suggests them in comments, and asks where somebody can answer', async () => {
    const data = await visits()
    const silent = await drafted(data, { target: 'y' })
    expect(silent.suggested.map(({ column, role }) => [column, role])).toEqual([
      ['patient', 'group'],
      ['day', 'time'],
    ])
    expect([silent.group, silent.time]).toEqual([null, null])
    expect(Object.keys(silent.json.data as JsonObject)).toEqual(['file', 'target'])
    expect(await readFile(silent.file, 'utf8')).toContain('// "group": "patient",')
    const asked: string[] = []
    const answered = await drafted(data, {
      target: 'y',
      ask: async ({ column, role }) => {
        asked.push(column)
        return role === 'group'
      },
    })
    // Rows are divided by the one or by the other.
    expect(asked).toEqual(['patient'])
    expect(answered.json.data).toMatchObject({ group: 'patient' })
    expect((answered.json.data as JsonObject).time).toBe(undefined)
    const stated = await drafted(data, { target: 'y', time: 'day' })
    expect(stated.json.data).toMatchObject({ time: 'day' })
  })

  it('goes by unequal classes, many rows and few rows', async () => {
    const rare = (i: number) => (i % 20 === 0 ? 'ill' : 'well')
    const unequal = await drafted(await written(800, { x: (i) => noise(i), y: rare }), { target: 'y' })
    expect(unequal.metric).not.toBe('accuracy')
    expect(unequal.space.parameters.map(({ name }) => name)).toContain('softmax-classifier.classWeight')
    const three = (i: number) => (i % 20 === 0 ? 'a' : i % 20 === 1 ? 'b' : 'c')
    const several = await drafted(await written(800, { x: (i) => noise(i), y: three }), { target: 'y' })
    expect(several.metric).toBe('balancedAccuracy')
    const many = await drafted(await written(30_000, { x: (i) => noise(i), y: (i) => noise(i, 1) }), {
      target: 'y',
    })
    expect(many.validation).toEqual({ folds: 3, holdout: 0.2 })
    expect(many.trainers.some((name) => name.startsWith('svm'))).toBe(false)
  })

  it('takes few whole numbers for classes, and says so; --task says otherwise', async () => {
    const file = await written(300, { x: (i) => noise(i), y: (i) => Math.floor(3 * noise(i, 1)) })
    const classes = await drafted(file, { target: 'y' })
    expect(classes.task).toBe('classification')
    expect(classes.says.join(' ')).toContain('Its whole numbers are taken for classes')
    expect((await drafted(file, { target: 'y', task: 'regression' })).task).toBe('regression')
  })

  it('takes what is stated of how the file is written, and leaves out rows without a target', async () => {
    const file = join(await temporaryDirectory(), 'german.csv')
    const rows = Array.from({ length: 120 }, (_, i) => {
      const day = `${String(1 + (i % 28)).padStart(2, '0')}.03.2024`
      return `${noise(i).toFixed(3).replace('.', ',')};${day};${i % 30 === 0 ? '' : 'ab'[i % 2]}`
    })
    await writeFile(file, ['x;seen;y', ...rows].join('\n'))
    const found = await drafted(file, { target: 'y', separator: ';', dateFormat: 'DD.MM.YYYY' })
    expect(found.json.data).toMatchObject({
      separator: ';',
      dateFormat: 'DD.MM.YYYY',
      dropRows: 'missing-target',
    })
    expect(found.json.data).not.toHaveProperty('decimal')
    expect(found.rows).toBe(116)
    expect(found.suggested).toMatchObject([{ column: 'seen', role: 'time' }])
    expect(await readFile(found.file, 'utf8')).toContain('// 4 rows have no value of the target')
    await expect(drafted(file, { target: 'y', dateFormat: 'day first' })).rejects.toThrow('a date format')
    await expect(drafted(file, { target: 'y', group: 'sen' })).rejects.toThrow('did you mean "seen"?')
  })

  it('tells of a column that gives the target away, and leaves the choice where it is no mere renaming', async () => {
    const label = (i: number) => (noise(i) > 0.6 ? 'late' : 'paid')
    const file = await written(400, {
      fee: (i) => (label(i) === 'late' ? 5 + noise(i, 4) : noise(i, 5)),
      x: (i) => noise(i, 1),
      label,
    })
    const found = await drafted(file, { target: 'label' })
    expect(found.excluded).toEqual([])
    expect(found.says.join(' ')).toMatch(/"fee" alone predicts the target "label"/)
  })

  it('has as many folds as groups and times allow, each with a value of its metric', async () => {
    const label = (i: number) => (noise(i) > 0.5 ? 'b' : 'a')
    const x = (i: number) => noise(i, 1)
    const folds = async (
      columns: Readonly<Record<string, (i: number) => string | number>>,
      options: Partial<InitOptions>,
      rows = 120,
    ) => {
      const found = await drafted(await written(rows, { ...columns, x }), { target: 'y', ...options })
      return [found.metric, found.validation]
    }
    const site = (i: number) => `s${i % 3}`
    expect(await folds({ site, y: label }, { group: 'site' })).toEqual(['accuracy', { folds: 3 }])
    // Three groups cannot give a holdout part and three folds.
    expect(await folds({ site, y: label }, { group: 'site' }, 600)).toEqual([
      'accuracy',
      { folds: 2, holdout: 0.2 },
    ])
    const two = (i: number) => `s${i % 2}`
    expect(await folds({ two, y: label }, { group: 'two' }, 600)).toEqual(['accuracy', { folds: 2 }])
    const year = (i: number) => (i < 60 ? 2020 : 2021 + (i % 3))
    expect(await folds({ year, y: label }, { time: 'year' })).toEqual(['accuracy', { folds: 2 }])
    const day = (i: number) => i
    const late = (i: number) => (i % 10 === 0 && i > 300 ? 'ill' : 'well')
    expect(await folds({ day, y: late }, { time: 'day' }, 600)).toEqual([
      'pooled:rocAuc',
      { folds: 5, holdout: 0.2 },
    ])
    // All of them come last, where the holdout part would be.
    const last = (i: number) => (i > 560 ? 'ill' : 'well')
    expect((await folds({ day, y: last }, { time: 'day' }, 600))[1]).toEqual({ folds: 5 })
    await expect(folds({ one: () => 'a', y: label }, { group: 'one' })).rejects.toThrow(
      /every part needs a group: 2 parts of 1 groups/,
    )
    await expect(folds({ site, day, y: label }, { group: 'site', time: 'day' })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/by group or by time, and not by both .*"site".*"day"/),
    })
  })

  it('goes by all folds together where a class has fewer rows than there are folds, and divides few rows', async () => {
    const rare = (i: number) => (i === 7 || i === 50 ? 'ill' : 'well')
    const found = await drafted(await written(120, { x: (i) => noise(i), y: rare }), { target: 'y' })
    expect(found.metric).toBe('pooled:rocAuc')
    expect(await readFile(found.file, 'utf8')).toMatch(/Some fold has rows of one class\s/)
    const { parameters } = found.json as { parameters: JsonObject }
    expect(parameters['svm-classifier.probabilities']).toBe(true)
    const few = await drafted(await written(4, { x: (i) => noise(i), y: (i) => 'ab'[i % 2] }), {
      target: 'y',
    })
    expect(few.validation.folds).toBe(4)
  })

  it('is refused where there is nothing to learn, or no time to go by', async () => {
    const label = (i: number) => (noise(i) > 0.5 ? 'b' : 'a')
    const row = (i: number) => i
    const x = (i: number) => noise(i, 1)
    await expect(drafted(await written(60, { row, y: label }), { target: 'y' })).rejects.toThrow(
      'made.csv: a sweep predicts from some column (row is left out: it counts the rows); there is nothing to learn from it',
    )
    await expect(drafted(await written(60, { x, y: () => 'a' }), { target: 'y' })).rejects.toThrow(
      'a target has at least two classes ("y" is "a" in every row)',
    )
    const seen = (i: number) => `${['first', 'second', 'third'][i % 3]} of ${i % 28}`
    const dated = await written(120, { seenDate: seen, x, y: label })
    await expect(drafted(dated, { target: 'y', time: 'seenDate' })).rejects.toThrow(
      /say how dates are .*"dateFormat"/,
    )
    expect((await drafted(dated, { target: 'y' })).suggested).toEqual([])
  })

  it.each(['jsonc', 'yaml'])('stands in one file whatever columns are called (%s)', async (extension) => {
    const data = join(await temporaryDirectory(), 'odd.csv')
    const rows = Array.from({ length: 60 }, (_, i) => `1,${noise(i)},"b${i % 2}\nc"`)
    await writeFile(data, ['"a\n"": { } evil",x,"y\u2028,""q"""', ...rows].join('\n'))
    const found = await drafted(data, { target: 'y\u2028,"q"' }, extension)
    expect(found.json.data).toMatchObject({ target: 'y\u2028,"q"', exclude: ['a\n": { } evil'] })
  })

  it('draws columns by their number, however many texts one of them has', async () => {
    const columns = Object.fromEntries(
      [1, 2, 3, 4].map((salt) => [`x${salt}`, (i: number) => noise(i, salt)]),
    )
    const file = await written(400, {
      ...columns,
      text: (i) => `t${i % 150}`,
      y: (i) => (noise(i) > 0.5 ? 'b' : 'a'),
    })
    const { json } = await drafted(file, { target: 'y' })
    const { enqueue } = json.search as { enqueue: JsonObject[] }
    // Of five columns the root, whatever one-hot columns others make of the texts.
    expect(enqueue.find(({ trainer }) => trainer === 'forest-classifier')).toMatchObject({
      'forest-classifier.columnSample': 0.45,
    })
  })

  it('writes over nothing unless forced, and only JSON or YAML', async () => {
    const out = join(await temporaryDirectory(), 'iris.jsonc')
    const options = { target: 'species', out }
    await initSweep(dataFile('iris.csv'), options)
    await expect(initSweep(dataFile('iris.csv'), options)).rejects.toThrow('is not written over')
    await initSweep(dataFile('iris.csv'), { ...options, force: true })
    await expect(initSweep(dataFile('iris.csv'), { ...options, out: `${out}.txt` })).rejects.toThrow(
      'JSON or YAML',
    )
    await expect(
      initSweep(dataFile('iris.csv'), { ...options, force: true, target: 'specie' }),
    ).rejects.toThrow('species')
  })
})
