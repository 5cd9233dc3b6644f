/** Metrics that a sweep file asks for, pooled ones, and ones of one's own. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openStore, reproduceRun, resumeSweep, sweep } from '../../src/index.js'
import type { SweepFileJson } from '../../src/space/index.js'
import { sweepFile } from '../launch/support.js'

const cost = fileURLToPath(new URL('../launch/modules/cost.mjs', import.meta.url))

/** 60 rows of two classes, of which `b` has one in five, and one number that says something about them. */
const table = (rows = 60) =>
  `x,z,y\n${Array.from({ length: rows }, (_, i) => `${(i * 37) % 17},${(i * 11) % 7},${(i * 37) % 17 > 13 || i % 19 === 0 ? 'b' : 'a'}`).join('\n')}\n`

const base = {
  trainer: 'softmax-classifier',
  data: { file: 'rows.csv', target: 'y' },
  validation: { folds: 4 },
  search: { algorithm: 'random', trials: 3, parallel: 1, seed: 1 },
  parameters: { l2: { type: 'float', min: 0.0001, max: 1, scale: 'log' } },
} as const satisfies SweepFileJson

async function made(json: object) {
  const written = await sweepFile({ ...base, ...json })
  await writeFile(join(written.directory, 'rows.csv'), table())
  return written
}
async function run(json: object) {
  const { file, store } = await made(json)
  const result = await sweep(file, { store, workers: 2 })
  const opened = await openStore(store)
  return { result, store, opened, trials: await opened.trials(result.run) }
}

describe('metrics asked for', () => {
  it('are recorded beside the usual ones, fold by fold, and the objective’s in any case', async () => {
    const { trials } = await run({
      metrics: ['matthews', 'recall:b', 'rocAuc'],
      objective: { metric: 'averagePrecision' },
    })
    const [{ metrics, history }] = trials
    expect(Object.keys(metrics).filter((name) => !/Std$|Seconds$|^corrected/.test(name))).toEqual([
      'accuracy',
      'balancedAccuracy',
      'macroF1',
      'logLoss',
      'matthews',
      'recall:b',
      'rocAuc',
      'averagePrecision',
    ])
    expect(history['recall:b'].steps).toEqual([0, 1, 2, 3])
  })

  it.each([
    [{ metrics: ['rocauc'] }, 'metrics[0]', /did you mean "rocAuc"/],
    [{ metrics: ['recall:c'] }, 'metrics[0]', /names a class of the target: a, b/],
    [{ metrics: ['topK:2'] }, 'metrics[0]', /fewer than all 2 classes/],
    [{ objective: { metric: 'pooled:accuracyy' } }, 'objective.metric', /did you mean "accuracy"/],
    [{ metrics: [{ name: 'recall', module: cost }] }, 'metrics[0]', /has a meaning already/],
    [{ metrics: [{ name: 'correctedCost', module: cost }] }, 'metrics[0]', /has a meaning already/],
    [
      { objective: { metric: 'pooled:rocAuc' }, search: { pruner: 'folds' } },
      'search.pruner',
      /worked out once/,
    ],
    [
      { objective: { metric: 'pooled:rocAuc' }, search: { advice: 'tell' } },
      'search.advice',
      /worked out once/,
    ],
  ])('%j is refused', async (json, path, message) => {
    const { file, store } = await made(json)
    await expect(sweep(file, { store })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message),
      problems: [{ path }],
    })
  })

  it.each([
    [{ metrics: ['rocAuc', 'rocAuc'] }, 'metrics[1]', /listed twice/],
    [{ metrics: 'rocAuc' }, 'metrics', /must be a list/],
    [{ metrics: [{ name: 'my cost', module: './cost.mjs' }] }, 'metrics[0].name', /letters, digits and _/],
    [{ metrics: [{ name: 'cost', modul: './cost.mjs' }] }, 'metrics[0].modul', /did you mean "module"/],
  ])('%j is a mistake in the file', async (json, path, message) => {
    const { file, store } = await made(json)
    await expect(sweep(file, { store })).rejects.toMatchObject({
      code: 'SPACE_INVALID',
      problems: [{ path, message: expect.stringMatching(message) }],
    })
  })
})

describe('a pooled metric', () => {
  it('is worked out once over all folds, is corrected and reproduced, and says so by its name', async () => {
    const { result, store, trials } = await run({ objective: { metric: 'pooled:rocAuc' } })
    for (const { metrics, history } of trials) {
      expect(metrics['pooled:rocAuc']).toBeGreaterThan(0.5)
      expect(metrics).not.toHaveProperty('pooled:rocAucStd')
      expect(history).not.toHaveProperty('pooled:rocAuc')
      expect(metrics).not.toHaveProperty('rocAuc')
    }
    expect(result.best!.value).toBe(Math.max(...trials.map(({ metrics }) => metrics['pooled:rocAuc'])))
    expect(result.corrected).toMatchObject({ metric: 'pooled:rocAuc', trials: 3 })
    expect(await reproduceRun(result.run, { store })).toMatchObject({ equal: true })
    expect(await reproduceRun(result.best!.run, { store })).toMatchObject({ equal: true })
  })

  it('is what is asked for where a fold lacks a class', async () => {
    const { file, store, directory } = await made({ validation: { scheme: 'time-series', folds: 5 } })
    const rows = Array.from(
      { length: 60 },
      (_, i) => `${i},${i % 7},${i > 20 && i % 5 === 0 && i < 40 ? 'b' : 'a'}`,
    )
    await writeFile(join(directory, 'rows.csv'), `x,z,y\n${rows.join('\n')}\n`)
    await expect(sweep(file, { store, metric: 'rocAuc' })).rejects.toThrow(
      /"rocAuc" has none in fold 0: .*of one class alone.*choose "pooled:rocAuc"/,
    )
    const pooled = await sweep(file, { store, metric: 'pooled:rocAuc' })
    expect(pooled.trials.finished).toBe(3)
  })

  it('goes by its plain name on the holdout part', async () => {
    const { result } = await run({
      objective: { metric: 'pooled:rocAuc' },
      validation: { folds: 3, holdout: 0.3 },
    })
    expect(result.holdout).toHaveProperty('rocAuc')
  })
})

describe('a metric of one’s own', () => {
  const own = { metrics: [{ name: 'cost', module: cost }], objective: { metric: 'cost' } }

  it('is worked out in the workers, optimised towards the side it names, recorded with its digest and reproduced', async () => {
    const { result, store, opened, trials } = await run(own)
    expect(result.objective).toEqual({ metric: 'cost', direction: 'minimize' })
    expect(result.best!.value).toBe(Math.min(...trials.map(({ value }) => value!)))
    const parent = await opened.run(result.run)
    expect(parent).toMatchObject({
      spec: { metrics: [{ name: 'cost', module: cost, digest: expect.stringMatching(/^[0-9a-f]{64}$/) }] },
    })
    expect(await reproduceRun(result.run, { store })).toMatchObject({ equal: true })
  })

  it('fails its trials where it throws, and says what is wrong with a module', async () => {
    const { file, store, directory } = await made({ metrics: [{ name: 'odd', module: './odd.mjs' }] })
    const odd = join(directory, 'odd.mjs')
    const started = () => sweep(file, { store, metric: 'odd' })
    await expect(started()).rejects.toMatchObject({ code: 'FILE_NOT_READABLE' })
    await writeFile(odd, 'export default 3')
    await expect(started()).rejects.toMatchObject({ code: 'METRIC_INVALID', message: /\(odd.mjs: number\)/ })
    await writeFile(odd, 'export default () => 1\nexport const direction = "up"')
    await expect(started()).rejects.toThrow(/"direction" of a metric module is/)
    await writeFile(odd, 'export default () => { throw new Error("no price list") }')
    await expect(started()).rejects.toThrow(/nobody knows that of "odd"/)
    const failed = await sweep(file, { store, metric: 'odd', direction: 'minimize' })
    expect(failed.failures[0].message).toMatch(/odd threw in the metric: no price list/)
    await writeFile(odd, 'export default () => "3"')
    const other = await sweep(file, { store, metric: 'odd', direction: 'minimize' })
    expect(other.failures[0].message).toMatch(/gave "odd" as "3"/)
  })

  it('is code: a sweep that goes on with it needs somebody to vouch for it, and takes it unchanged', async () => {
    const { file, store, directory } = await made({ metrics: [{ name: 'own', module: './own.mjs' }] })
    const module = join(directory, 'own.mjs')
    await writeFile(module, 'export default (truth) => truth.length')
    const { run: id } = await sweep(file, { store })
    await writeFile(module, 'export default (truth) => truth.length + 1')
    await expect(resumeSweep(id, { store, trials: 4 })).rejects.toThrow(
      /the module of the metric "own" has changed/,
    )
    const state = process.env.XDG_STATE_HOME
    process.env.XDG_STATE_HOME = join(directory, 'another-machine')
    try {
      await expect(resumeSweep(id, { store, trials: 4 })).rejects.toMatchObject({ code: 'CODE_UNTRUSTED' })
    } finally {
      if (state === undefined) delete process.env.XDG_STATE_HOME
      else process.env.XDG_STATE_HOME = state
    }
  })
})

describe('the best', () => {
  const rare = (informative: boolean) =>
    `x,z,y\n${Array.from({ length: 200 }, (_, i) => `${(i * 37) % 17},${informative ? Number(i % 50 === 0) : (i * 11) % 7},${i % 50 === 0 ? 'b' : 'a'}`).join('\n')}\n`

  it('stands beside what no feature is needed for, and it is said where it is no better', async () => {
    const { file, store, directory } = await made({})
    await writeFile(join(directory, 'rows.csv'), rare(false))
    const result = await sweep(file, { store })
    expect(result.baseline).toEqual({ name: 'the commonest class', value: expect.closeTo(0.98, 12) })
    expect(result.notes).toEqual([
      expect.stringMatching(
        /^the best is no better than a model that looks at no feature.*accuracy 0.98, and the commonest class gives 0.98$/,
      ),
      expect.stringMatching(
        /^98 % of the rows are of the class a, and accuracy rewards .*averagePrecision:b/,
      ),
    ])
    const opened = await openStore(store)
    const judging = JSON.parse(
      new TextDecoder().decode(await opened.readArtifact(result.run, 'judging.json')),
    )
    expect(judging).toMatchObject({
      trial: result.best!.trial,
      beatsBaseline: false,
      classes: {
        perClass: [
          { class: 'a', rows: 196 },
          { class: 'b', rows: 4 },
        ],
      },
      residuals: null,
      threshold: null,
    })
    await writeFile(join(directory, 'rows.csv'), rare(true))
    const better = await sweep(file, { store, metric: 'averagePrecision' })
    expect(better.notes).toEqual([])
    expect(better.baseline!.value).toBeCloseTo(0.02, 12)
  })

  it('keeps a threshold with its model, by which it answers; the same when trained again', async () => {
    const { file, store, directory } = await made({ threshold: { metric: 'f1:b' } })
    await writeFile(
      join(directory, 'rows.csv'),
      `x,z,y\n${Array.from({ length: 120 }, (_, i) => `${(i * 37) % 17},${i % 7},${(i * 37) % 17 > 13 && i % 3 > 0 ? 'b' : 'a'}`).join('\n')}\n`,
    )
    const result = await sweep(file, { store })
    const opened = await openStore(store)
    const best = await opened.bestRun({ sweep: result.run })
    const model = await best.loadModel()
    const { threshold } = model
    expect(threshold).toMatchObject({ metric: 'f1:b', positive: 'b' })
    expect(threshold!.value).toBeLessThan(0.5)
    const rows = Array.from({ length: 17 }, (_, x) => ({ x, z: 3 }))
    const probabilities = model.predictProbability!(rows)
    expect(model.predict(rows)).toEqual(probabilities.map(({ b }) => (b >= threshold!.value ? 'b' : 'a')))
    expect(new Set(model.predict(rows)).size).toBe(2)
    const judging = JSON.parse(
      new TextDecoder().decode(await opened.readArtifact(result.run, 'judging.json')),
    )
    expect(judging.threshold).toMatchObject({ value: threshold!.value })
    expect(judging.threshold.score).toBeGreaterThan(judging.threshold.before)
    expect(await reproduceRun(best.id, { store })).toMatchObject({ equal: true })
    expect(await reproduceRun(result.run, { store })).toMatchObject({ equal: true })
  })

  it.each([
    [{ threshold: { metric: 'rocAuc' } }, /chosen by a metric of labels/],
    [{ threshold: { metric: 'f1', positive: 'c' } }, /a class of the target: a or b/],
    [
      { threshold: { metric: 'f1' }, trainer: 'svm-classifier', parameters: { cost: 1 } },
      /a threshold is compared with probabilities/,
    ],
    [
      { threshold: { metric: 'f1' }, trainer: 'linear-regressor', data: { file: 'rows.csv', target: 'x' } },
      /predicts numbers/,
    ],
  ])('%j is refused', async (json, message) => {
    const { file, store } = await made(json)
    await expect(sweep(file, { store })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message),
    })
  })
})
