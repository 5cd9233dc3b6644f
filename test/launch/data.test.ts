/** What a sweep file says about its data and its validation: run, recorded, and rebuilt from the record. */
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { type Dataset, openStore, sweep, type Trainer } from '../../src/index.js'
import { reproduceRun, resumeSweep } from '../../src/launch/index.js'
import { randomStream } from '../../src/numeric/index.js'
import { essenceOf, sweepFile } from './support.js'

/** Rows of two classes, in 12 groups and in order of day. */
function rows(count: number, seed: number) {
  const random = randomStream(seed, 'test-rows')
  return Array.from({ length: count }, (_, i) => {
    const label = random.next() < 0.5 ? 'yes' : 'no'
    return {
      x: random.normal() + (label === 'yes' ? 1.5 : 0),
      zip: String(random.integer(4)).padStart(5, '0'),
      flag: random.next() < 0.5,
      day: new Date(Date.UTC(2024, 0, 1 + Math.floor(i / 3))).toISOString().slice(0, 10),
      patient: `p${random.integer(12)}`,
      note: `row ${i}`,
      label,
    }
  })
}

type Rows = ReturnType<typeof rows>
const lines = (list: Rows) => list.map((row) => JSON.stringify(row)).join('\n')

function parquet(list: Rows): Uint8Array {
  const column = (name: keyof Rows[number]) => list.map((row) => row[name])
  const texts = ['zip', 'day', 'patient', 'note', 'label'] as const
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'x', data: column('x'), type: 'DOUBLE' },
        { name: 'flag', data: column('flag'), type: 'BOOLEAN' },
        ...texts.map((name) => ({ name, data: column(name), type: 'STRING' as const })),
      ],
    }),
  )
}

async function written(data: object, validation?: object) {
  const made = await sweepFile({
    name: 'rows',
    trainer: 'knn-classifier',
    data: { file: 'rows.jsonl', target: 'label', exclude: ['note', 'day', 'patient'], ...data },
    ...(validation && { validation }),
    search: { algorithm: 'sobol', trials: 4, seed: 1 },
    parameters: { k: { type: 'int', min: 1, max: 9 } },
  })
  await writeFile(join(made.directory, 'rows.jsonl'), lines(rows(90, 1)))
  await writeFile(join(made.directory, 'test.parquet'), parquet(rows(30, 2)))
  return made
}

const hasCode = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

describe('the data of a sweep', () => {
  it('is JSON lines with a test file in Parquet, which judges the best trial', async () => {
    const { file, store, directory } = await written({ types: { zip: 'text' }, testFile: 'test.parquet' })
    const result = await sweep(file, { store, workers: 1 })
    expect(result.status).toBe('finished')
    expect(result.holdout!.accuracy).toBeGreaterThan(0.6)
    const [parent] = await (await openStore(store)).sweeps()
    expect(parent.spec.data).toMatchObject({
      rows: 120,
      columns: 3,
      settings: { types: { zip: 'text' }, exclude: ['note', 'day', 'patient'] },
      testFile: join(directory, 'test.parquet'),
    })

    const reproduction = await reproduceRun(result.best!.run, { store })
    expect(reproduction.differences).toEqual([])
    const more = await resumeSweep(result.run, { store, trials: 6, workers: 1 })
    expect(more.trials.finished).toBe(6)
    const straight = join(directory, 'straight')
    const once = await sweep(file, { store: straight, trials: 6, workers: 1 })
    expect(more.holdout).toEqual(once.holdout)
    expect((await essenceOf(store, result.run)).trials).toHaveLength(6)
  })

  it('is refused on resuming when the test file has changed', async () => {
    const { file, store, directory } = await written({ testFile: 'test.parquet' })
    const { run } = await sweep(file, { store, workers: 1 })
    await writeFile(join(directory, 'test.parquet'), parquet(rows(30, 3)))
    await expect(resumeSweep(run, { store, trials: 6, workers: 1 })).rejects.toThrow(
      /test file .* has changed/,
    )
  })

  it('has no weights where the trainer heeds none', async () => {
    const { file, store, directory } = await written({ weight: 'x' })
    const module = `export default {
      name: 'heedless', task: 'classification', description: 'the first class', hyperparameters: [],
      fit: ({ target }) => ({ predict: ({ rows }) => new Array(rows).fill(target.classes[0]), toJSON: () => null }),
      load: () => null,
    }`
    await writeFile(join(directory, 'heedless.mjs'), module)
    const trainer = join(directory, 'heedless.mjs')
    await expect(sweep(file, { store, workers: 1, trainer })).rejects.toEqual(
      hasCode('USAGE', /heedless does not.*choose a trainer that does: .*softmax-classifier/),
    )
  })

  it.each([
    [{ group: 'nurse' }, hasCode('DATA_INVALID', /^rows.jsonl: "group" names columns .* "nurse" is none/)],
    [
      { types: { x: 'nunber' } },
      hasCode('SPACE_INVALID', /"x" must be "number".*did you mean "number"\? at data.types.x/),
    ],
    [{ format: 'xls' }, hasCode('SPACE_INVALID', /data.format/)],
    [{ columns: [] }, hasCode('SPACE_INVALID', /"columns" must not be empty .* at data.columns/)],
    [{ testfile: 'a.csv' }, hasCode('SPACE_INVALID', /"testFile"/)],
  ])('is refused: %o', async (data, error) => {
    const { file, store } = await written(data)
    await expect(sweep(file, { store, workers: 1 })).rejects.toEqual(error)
  })
})

describe('the validation of a sweep', () => {
  it.each([
    [{}, { scheme: 'repeated-k-fold', folds: 3, repeats: 2 }, 6],
    [{ group: 'patient' }, undefined, 5],
    [{ group: 'patient' }, { scheme: 'repeated-k-fold', folds: 2 }, 6],
    [{}, { scheme: 'split', fraction: 0.3, holdout: 0.2 }, 1],
    [{ time: 'day' }, { folds: 3, holdout: 0.2 }, 3],
  ])('%o, %o: %d fits a trial, the same when reproduced', async (data, validation, fits) => {
    const { file, store } = await written(data, validation)
    const { run, best } = await sweep(file, { store, workers: 1 })
    const opened = await openStore(store)
    const trials = await opened.trials(run)
    for (const { history } of trials) expect(history.accuracy.values).toHaveLength(fits)
    const [parent] = await opened.sweeps()
    expect(parent.spec.validation).toMatchObject({ fits })
    expect((await reproduceRun(best!.run, { store })).differences).toEqual([])
  })

  it.each([
    [{ group: 'patient' }, undefined, 'groups'],
    [{ time: 'day' }, { folds: 3, holdout: 0.2 }, 'times'],
    [{}, { scheme: 'time-series', folds: 3 }, 'times'],
    [{ time: 'day' }, { scheme: 'k-fold', folds: 3 }, null],
    [{}, { folds: 3 }, null],
  ])('%o, %o: a fit is told what holds its rows together (%s)', async (data, validation, told) => {
    const { file, store } = await written(data, validation)
    const json = JSON.parse(await readFile(file, 'utf8'))
    const given: Pick<Dataset, 'groups' | 'times' | 'index'>[] = []
    const trainer: Trainer = {
      name: 'listener',
      task: 'classification',
      description: 'remembers what it is given',
      hyperparameters: [{ name: 'k', description: 'nothing', type: 'int', default: 1 }],
      fit({ groups, times, index, target }) {
        given.push({ groups, times, index })
        const [first] = target.kind === 'classes' ? target.classes : []
        return { predict: ({ rows }) => new Array(rows).fill(first), toJSON: () => null }
      },
      load: () => ({ predict: ({ rows }) => new Array(rows).fill('no'), toJSON: () => null }),
    }
    json.data.file = join(dirname(file), 'rows.jsonl')
    delete json.trainer
    await sweep(json, { store, workers: 1, trials: 1, trainer })
    expect(given.length).toBeGreaterThan(2)
    const list = rows(90, 1)
    for (const { groups, times, index } of given) {
      expect([groups != null, times != null]).toEqual([told === 'groups', told === 'times'])
      for (const row of index)
        for (const other of index) {
          if (groups) expect(groups[row] === groups[other]).toBe(list[row].patient === list[other].patient)
          if (times)
            expect(times[row] < times[other]).toBe(
              'time' in data ? list[row].day < list[other].day : row < other,
            )
        }
      for (const shared of [groups, times])
        if (shared) expect(shared.buffer).toBeInstanceOf(SharedArrayBuffer)
    }
  })

  it.each([
    [
      { scheme: 'split', folds: 5 },
      /"folds" is for every scheme but "split".*the scheme is "split".* at validation.folds/,
    ],
    [{ repeats: 2 }, /"repeats" is for the scheme "repeated-k-fold" \(no scheme is stated\)/],
    [{ scheme: 'k-fold', fraction: 0.5 }, /validation.fraction/],
    [{ scheme: 'time-series', stratified: true }, /validation.stratified/],
    [{ scheme: 'kfold' }, /did you mean "k-fold"|k-fold/],
  ])('is refused: %o', async (validation, message) => {
    const { file, store } = await written({}, validation)
    await expect(sweep(file, { store, workers: 1 })).rejects.toEqual(hasCode('SPACE_INVALID', message))
  })

  it('writes its settings into the record as defaults leave them', async () => {
    const { file, store } = await written({ time: 'day' })
    await sweep(file, { store, workers: 1 })
    const [parent] = await (await openStore(store)).sweeps()
    expect(parent.spec.validation).toEqual({
      scheme: 'time-series',
      folds: 5,
      repeats: null,
      fraction: null,
      stratified: false,
      holdout: null,
      fits: 5,
    })
    expect(JSON.parse(await readFile(join(dirname(file), 'sweep.json'), 'utf8')).validation).toBeUndefined()
  })
})

it('warns of classes with fewer rows than folds, where rows are dealt into folds', async () => {
  const { file, directory, store } = await sweepFile({
    trainer: 'knn-classifier',
    data: { file: 'rare.jsonl', target: 'label' },
    search: { trials: 1 },
    parameters: { k: 1 },
  })
  const table = Array.from({ length: 30 }, (_, i) => ({ x: i, label: i < 2 ? 'rare' : 'pq'[i % 2] }))
  await writeFile(join(directory, 'rare.jsonl'), table.map((row) => JSON.stringify(row)).join('\n'))
  const warningsOf = async (overrides: object) => {
    const warnings: string[] = []
    await sweep(file, {
      ...{ ...overrides, store, workers: 1 },
      onEvent: (event) => {
        if (event.type === 'warning') warnings.push(event.message)
      },
    })
    return warnings
  }
  expect(await warningsOf({ folds: 3 })).toEqual([
    expect.stringMatching(/^rare\.jsonl: classes with fewer rows than the 3 folds: "rare" \(2\); /),
  ])
  expect(await warningsOf({ folds: 2 })).toEqual([])
})
