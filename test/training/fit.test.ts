import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { Dataset, Table } from '../../src/data/index.js'
import { EspalierError } from '../../src/errors.js'
import {
  ArtifactFiles,
  FitAborted,
  type FitCheckpoint,
  FitFailure,
  type FitHooks,
  type FitJob,
  FitNotes,
  type FitPlan,
  FitPruned,
  type Model,
  type Objective,
  type ObjectiveFunction,
  type OpenTrainer,
  openTrainer,
  performFit,
  type Resampling,
  resample,
  rowsOf,
  type Trainer,
  trainerNames,
} from '../../src/training/index.js'
import { NeighbourSearch } from '../../src/training/learners/neighbours.js'
import { PassingCheckpoint } from '../../src/training/passing-checkpoint.js'
import type { Params } from '../../src/values.js'
import { exampleData, rejection, temporaryFile } from './support.js'

let iris: Dataset
let resampling: Resampling
let plan: FitPlan
const builtIn = { kind: 'built-in', name: 'cart-classifier' } as const
beforeAll(async () => {
  iris = await exampleData('iris', 'species')
  resampling = resample(iris, { folds: 5, holdout: 0.2, seed: 1 })
  plan = {
    trainer: { kind: 'function', name: 'cart-classifier' },
    data: iris,
    resampling,
    seed: 1,
    objectiveMetric: 'accuracy',
  }
})

const job = (part: FitJob['part'], params: Params = {}, trial = 0, attempt = 0): FitJob => ({
  trial,
  attempt,
  part,
  params,
})
const fold = (number: number) => ({ kind: 'fold', fold: number }) as const

/** A trainer that always answers the first class; `parts` replaces what a test is about. */
function trainerWith(parts: Partial<Trainer> = {}, model: Partial<Model> = {}): OpenTrainer {
  const first: Model = {
    predict: (table) => new Array(table.rows).fill('setosa'),
    toJSON: () => ({ always: 'setosa' }),
    ...model,
  }
  return {
    kind: 'trainer',
    trainer: {
      name: 'first',
      task: 'classification',
      description: 'the first class',
      hyperparameters: [],
      fit: () => first,
      load: () => first,
      ...parts,
    },
  }
}

const failure = async (opened: OpenTrainer, part: FitJob['part'] = fold(0), hooks: FitHooks = {}) => {
  const error: unknown = await rejection(performFit(plan, opened, job(part), hooks))
  expect(error).toBeInstanceOf(FitFailure)
  return error as FitFailure
}

describe('a fold', () => {
  it('is fitted on the other folds without the holdout, and measured on its own rows', async () => {
    let fitted: number[] = []
    const opened = trainerWith({
      fit(data) {
        fitted = Array.from(data.index)
        return { predict: (table) => new Array(table.rows).fill('setosa'), toJSON: () => 1 }
      },
    })
    const result = await performFit(plan, opened, job(fold(2)))
    expect(fitted).toEqual(Array.from(rowsOf(resampling, { kind: 'training', fold: 2 })))
    expect(result.predictions?.rows).toEqual(rowsOf(resampling, { kind: 'fold', fold: 2 }))
    expect(result.predictions?.values).toEqual(new Float64Array(result.predictions!.rows.length))
    // Stratified: a third of the rows are setosa.
    expect(result.metrics.accuracy).toBeCloseTo(1 / 3, 10)
    expect(result.metrics).not.toHaveProperty('logLoss')
    expect(result.model).toBeNull()
  })

  it('makes no folder of checkpoints with a built-in trainer, which has no use for one', async () => {
    const folder = vi.spyOn(PassingCheckpoint.prototype, 'folder', 'get')
    const numbers = await exampleData('diabetes', 'progression')
    for (const name of trainerNames()) {
      const reference = { kind: 'built-in', name } as const
      const data = name.endsWith('-regressor') ? numbers : iris
      const folds = resample(data, { folds: 2, seed: 1 })
      const metric = data === iris ? 'accuracy' : 'rmse'
      const own = { ...plan, trainer: reference, data, resampling: folds, objectiveMetric: metric }
      await performFit(own, await openTrainer(reference), job(fold(0)))
      expect(folder, name).not.toHaveBeenCalled()
    }
    folder.mockRestore()
  })

  it('gives out-of-fold probabilities in the order of the classes, whatever the model calls them', async () => {
    const opened = trainerWith(
      {},
      {
        predictProbability: (table) => ({
          classes: ['virginica', 'setosa'],
          values: Float64Array.from({ length: 2 * table.rows }, (_, i) => (i % 2 === 0 ? 0.25 : 0.75)),
        }),
      },
    )
    const { predictions } = await performFit(plan, opened, job(fold(1)))
    expect(Array.from(predictions!.probabilities!.subarray(0, 6))).toEqual([0.75, 0, 0.25, 0.75, 0, 0.25])
  })

  it('draws the same random numbers again in another attempt, others in another fold or trial', async () => {
    const draws = async (part: FitJob['part'], trial: number, attempt: number) => {
      let drawn = ''
      const opened = trainerWith({
        fit(_data, _params, { seed, random }) {
          drawn = `${seed} ${random.next()}`
          return { predict: (table) => new Array(table.rows).fill('setosa'), toJSON: () => 1 }
        },
      })
      await performFit(plan, opened, job(part, {}, trial, attempt))
      return drawn
    }
    const first = await draws(fold(1), 3, 0)
    expect(await draws(fold(1), 3, 1)).toBe(first)
    expect(await draws(fold(2), 3, 0)).not.toBe(first)
    expect(await draws(fold(1), 4, 0)).not.toBe(first)
    expect(await draws({ kind: 'final' }, 3, 0)).not.toBe(first)
  })

  it('does not show a model the answers', async () => {
    let seen: string[] = []
    const predict = (table: Table) => {
      seen = Object.keys(table)
      return new Array(table.rows).fill('setosa')
    }
    await performFit(plan, trainerWith({}, { predict }), job(fold(1)))
    expect(seen).toEqual(['columns', 'index', 'rows'])
  })

  it('gives params their defaults', async () => {
    let seen: Params = {}
    const opened = trainerWith({
      hyperparameters: [{ name: 'k', description: 'k', type: 'int', default: 5, min: 1 }],
      fit(_data, params) {
        seen = params
        return { predict: (table) => new Array(table.rows).fill('setosa'), toJSON: () => 1 }
      },
    })
    await performFit(plan, opened, job(fold(1)))
    expect(seen).toEqual({ k: 5 })
  })
})

describe('what fits share', () => {
  const results = async (plan: FitPlan, trials: readonly number[]) => {
    const opened = await openTrainer(builtIn)
    const found = new Map<number, unknown>()
    for (const trial of trials) {
      const { metrics, predictions } = await performFit(
        plan,
        opened,
        job(fold(1), { maxDepth: 2 + trial }, trial),
      )
      found.set(trial, { metrics, predictions })
    }
    return [...found].sort(([a], [b]) => a - b)
  }
  it('changes no bit of a result, in any order of fits', async () => {
    const shared = { ...plan, trainer: builtIn }
    const alone = await results({ ...shared, sharedMemory: 0 }, [0, 1, 2])
    expect(await results(shared, [2, 0, 1, 0])).toEqual(alone)
  })
  it('is there for the rows held out, too: their neighbours are looked for once', async () => {
    const trainer = { kind: 'built-in', name: 'knn-classifier' } as const
    const opened = await openTrainer(trainer)
    const searches = vi.spyOn(NeighbourSearch.prototype, 'nearest')
    const counts: number[] = []
    const own = { ...plan, trainer }
    for (const k of [3, 5]) {
      await performFit(own, opened, job(fold(0), { k }, k))
      counts.push(searches.mock.calls.length)
    }
    searches.mockRestore()
    expect(counts).toEqual([1, 1])
  })

  it('is nothing that a trainer of somebody else could spoil', async () => {
    const spoiling = trainerWith({
      fit(data) {
        data.index.fill(0)
        return { predict: ({ index }) => new Array(index.length).fill('setosa'), toJSON: () => null }
      },
    })
    const before = await performFit(plan, spoiling, job(fold(2)))
    const sees: Int32Array[] = []
    const looking = trainerWith({
      fit(data) {
        sees.push(data.index)
        return { predict: ({ rows }) => new Array(rows).fill('setosa'), toJSON: () => null }
      },
    })
    await performFit(plan, looking, job(fold(2)))
    expect(sees[0]).toEqual(rowsOf(resampling, { kind: 'training', fold: 2 }))
    expect(before.predictions?.rows).toEqual(rowsOf(resampling, { kind: 'fold', fold: 2 }))
  })
})

it('takes the defaults that a sweep was recorded with before those of today', async () => {
  const opened = await openTrainer(builtIn)
  const fitted = async (plan: FitPlan, params: Params) =>
    (await performFit({ ...plan, trainer: builtIn }, opened, job({ kind: 'final' }, params))).model
  const recorded = { ...plan, defaults: { 'cart-classifier': { maxDepth: 1 } } }
  expect(await fitted(recorded, {})).toEqual(await fitted(plan, { maxDepth: 1 }))
  expect(await fitted(recorded, { maxDepth: 4 })).toEqual(await fitted(plan, { maxDepth: 4 }))
  expect(await fitted(recorded, {})).not.toEqual(await fitted(plan, {}))
})

it('refuses importances of somebody that are none', async () => {
  const saying = (importances: unknown) => trainerWith({}, { importances: () => importances as never })
  const final = (opened: OpenTrainer) => performFit(plan, opened, job({ kind: 'final' }))
  const shares = [{ feature: 'petal_width', importance: 1 }]
  expect((await final(saying(shares))).model).toMatchObject({ importances: shares })
  for (const wrong of [
    7,
    [null],
    [{ feature: 'a' }],
    [{ feature: 'a', importance: 2 }],
    [{ feature: 'a', importance: Number.NaN }],
  ]) {
    const error = await rejection(final(saying(wrong)))
    expect([error.code, error.message]).toEqual([
      'RESULT_INVALID',
      expect.stringContaining('importances of first'),
    ])
  }
})

describe('holdout and final', () => {
  it('fit on all rows but the holdout', async () => {
    const opened = await openTrainer(builtIn)
    const holdout = await performFit(plan, opened, job({ kind: 'holdout' }))
    expect(holdout.predictions?.rows).toEqual(rowsOf(resampling, { kind: 'holdout' }))
    const final = await performFit(plan, opened, job({ kind: 'final' }))
    expect([final.metrics, final.predictions]).toEqual([{}, null])
    expect(final.model).toMatchObject({ format: 'espalier-model', version: 1, trainer: plan.trainer })
    const again = await performFit(plan, opened, job({ kind: 'final' }, {}, 0, 1))
    expect(JSON.stringify(again.model)).toBe(JSON.stringify(final.model))
  })
})

describe('a fit fails with a code and a reason', () => {
  it.each<[what: string, opened: () => OpenTrainer, code: string, reason: RegExp]>([
    [
      'an error',
      () =>
        trainerWith({
          fit() {
            throw new Error('singular')
          },
        }),
      'TRAINER_THREW',
      /^first threw in fit: singular\n {2}at /,
    ],
    [
      'a rejection of no error',
      () => trainerWith({ fit: () => Promise.reject('nope') }),
      'TRAINER_THREW',
      /^first threw in fit: nope$/,
    ],
    [
      'no model',
      () => trainerWith({ fit: () => undefined as never }),
      'RESULT_INVALID',
      /a model .*\(got undefined\)/,
    ],
    [
      'too few predictions',
      () => trainerWith({}, { predict: () => ['setosa'] }),
      'RESULT_INVALID',
      /one for each of the 24 rows \(got 1 of them\)/,
    ],
    [
      'a label that is no class',
      () => trainerWith({}, { predict: (table) => new Array(table.rows).fill('rose') }),
      'RESULT_INVALID',
      /classes of the target \(setosa, versicolor, virginica\), and that of row 0 is "rose"/,
    ],
    [
      'probabilities above 1',
      () =>
        trainerWith(
          {},
          {
            predictProbability: ({ rows }) => ({
              classes: ['setosa'],
              values: new Float64Array(rows).fill(2),
            }),
          },
        ),
      'RESULT_INVALID',
      /from 0 to 1, and row 0 has 2/,
    ],
    [
      'probabilities that are NaN',
      () =>
        trainerWith(
          {},
          {
            predictProbability: ({ rows }) => ({
              classes: ['setosa'],
              values: new Float64Array(rows).fill(Number.NaN),
            }),
          },
        ),
      'RESULT_INVALID',
      /row 0 has NaN/,
    ],
    [
      'a model with NaN in it',
      () => trainerWith({}, { toJSON: () => ({ weights: [1, Number.NaN] }) }),
      'MODEL_NOT_SERIALISABLE',
      /must be plain JSON: it holds the number NaN, which JSON does not have at "1"/,
    ],
    [
      'a model with a typed array in it',
      () => trainerWith({}, { toJSON: () => ({ weights: new Float64Array(2) }) as never }),
      'MODEL_NOT_SERIALISABLE',
      /it holds a Float64Array; use Array.from at "weights"/,
    ],
    [
      'a model with a circle in it',
      () =>
        trainerWith(
          {},
          {
            toJSON() {
              const circle: { self?: unknown } = {}
              circle.self = circle
              return circle as never
            },
          },
        ),
      'MODEL_NOT_SERIALISABLE',
      /circular/,
    ],
    [
      'a model without toJSON',
      () => trainerWith({}, { toJSON: undefined as never }),
      'MODEL_NOT_SERIALISABLE',
      /toJSON/,
    ],
    [
      'a model that is another when loaded',
      () =>
        trainerWith({
          load: () => ({ predict: (table) => new Array(table.rows).fill('virginica'), toJSON: () => 1 }),
        }),
      'MODEL_NOT_SERIALISABLE',
      /saved and loaded must predict the same, and row 0 gives 2 instead of 0/,
    ],
    [
      'a bad report nobody waited for',
      () =>
        trainerWith({
          fit(_data, _params, { report }) {
            void report(1, { loss: 'low' as never })
            return { predict: (table) => new Array(table.rows).fill('setosa'), toJSON: () => 1 }
          },
        }),
      'RESULT_INVALID',
      /the report of step 1 gave "loss" as "low"/,
    ],
  ])('%s', async (_, opened, code, reason) => {
    const found = await failure(opened())
    expect(found.code).toBe(code)
    expect(found.message).toMatch(reason)
  })

  it('params out of range', async () => {
    const opened = await openTrainer(builtIn)
    const error = await rejection(performFit(plan, opened, job(fold(0), { maxDepth: 0 })))
    expect([error.code, error.message]).toEqual([
      'PARAMS_REFUSED',
      'params.maxDepth: "maxDepth" is a whole number from 1 to 100 (got 0)',
    ])
  })

  it('a metric the model cannot have', async () => {
    const error = await rejection(
      performFit({ ...plan, objectiveMetric: 'logLoss' }, trainerWith(), job(fold(1))),
    )
    expect(error.message).toContain(
      '"logLoss" is worked out from probabilities, and the model has no predictProbability (first gave accuracy, balancedAccuracy, macroF1)',
    )
  })

  it('an error in a module, with the line of the module', async () => {
    const file = temporaryFile(
      'mine.mjs',
      'const deep = () => {\n  null.x\n}\nexport default { name: "mine", objective() { return deep() } }\n',
    )
    const reference = { kind: 'module', file } as const
    const objective = await openTrainer(reference)
    const error = await rejection(
      performFit(
        { ...plan, trainer: reference, data: null, resampling: null },
        objective,
        job({ kind: 'whole' }),
      ),
    )
    expect(error.message).toMatch(
      /^mine threw in the objective: Cannot read properties of null.*\n {2}at deep \(.*mine.mjs:2:/,
    )
  })

  it('regression predictions that are not finite', async () => {
    const diabetes = await exampleData('diabetes', 'progression')
    const regression = {
      ...plan,
      data: diabetes,
      resampling: resample(diabetes, { folds: 2, seed: 1 }),
      objectiveMetric: 'rmse',
    }
    const opened = trainerWith(
      { task: 'regression' },
      { predict: (table) => new Float64Array(table.rows).fill(Number.NaN, 3) },
    )
    const error = await rejection(performFit(regression, opened, job(fold(0))))
    expect([error.code, error.message]).toEqual([
      'RESULT_INVALID',
      'predictions are finite numbers, and that of row 3 is NaN',
    ])
  })
})

it('a trainer may be measured by what is not finite beside the objective: that is left out with a note', async () => {
  const diabetes = await exampleData('diabetes', 'progression')
  const resampling = resample(diabetes, { folds: 2, seed: 1 })
  const opened = trainerWith(
    { task: 'regression' },
    { predict: (table) => new Float64Array(table.rows).fill(1e200) },
  )
  const notes = new FitNotes()
  const fitted = (objectiveMetric: string) =>
    performFit({ ...plan, data: diabetes, resampling, objectiveMetric }, opened, job(fold(1)), { notes })
  const { metrics } = await fitted('mae')
  expect(metrics.mae).toBeGreaterThan(9e199)
  expect(Object.values(metrics).every(Number.isFinite)).toBe(true)
  expect('rmse' in metrics).toBe(false)
  expect(notes.list().map(({ about }) => about)).toContain('metric rmse')
  expect((await rejection(fitted('rmse'))).code).toBe('METRIC_NOT_FINITE')
})

describe('an objective', () => {
  const run = (objective: ObjectiveFunction, hooks: FitHooks = {}, more: Partial<Objective> = {}) =>
    performFit(
      { ...plan, data: null, resampling: null, objectiveMetric: 'loss' },
      { kind: 'objective', objective: { name: 'mine', objective, ...more } },
      job({ kind: 'whole' }, { x: 2 }, 5),
      hooks,
    )

  it('gives its number the name of the metric, or its metrics by name', async () => {
    expect((await run(({ x }) => (x as number) ** 2)).metrics).toEqual({ loss: 4 })
    expect((await run(async () => ({ loss: 1, time: 2 }))).metrics).toEqual({ loss: 1, time: 2 })
    expect((await run((_, { trial }) => trial)).metrics).toEqual({ loss: 5 })
  })

  it.each<[found: unknown, code: string, reason: RegExp]>([
    [Number.NaN, 'METRIC_NOT_FINITE', /"loss" as NaN/],
    [Number.POSITIVE_INFINITY, 'METRIC_NOT_FINITE', /"loss" as Infinity/],
    [undefined, 'RESULT_INVALID', /this one returned nothing/],
    [null, 'RESULT_INVALID', /returned null/],
    ['0.5', 'RESULT_INVALID', /returned "0.5"/],
    [[1], 'RESULT_INVALID', /returned \[1\]/],
    [{}, 'RESULT_INVALID', /"loss" among them, and these are none/],
    [{ los: 1 }, 'RESULT_INVALID', /and these are los/],
    [{ loss: null }, 'METRIC_NOT_FINITE', /"loss" as null/],
    [{ loss: '1' }, 'RESULT_INVALID', /"loss" as "1"/],
    [10n, 'RESULT_INVALID', /returned 10n/],
  ])('fails where it returns %s', async (found, code, reason) => {
    const error = await rejection(run(() => found as number))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(reason)
  })

  it('may measure what is not finite beside its metric: that is left out with a note', async () => {
    const heard: unknown[] = []
    const notes = new FitNotes()
    const report: FitHooks['report'] = (step, metrics) => {
      heard.push([step, metrics])
      return 'continue'
    }
    const result = await run(
      async (_, context) => {
        for (const [step, loss] of [3, Number.NaN, 1, Number.POSITIVE_INFINITY].entries())
          await context.report(step, step > 1 ? { loss, auc: null as never } : { loss })
        return { loss: 1, other: Number.NEGATIVE_INFINITY, auc: Number.NaN }
      },
      { report, notes },
    )
    expect(result.metrics).toEqual({ loss: 1 })
    expect(heard).toEqual([
      [0, { loss: 3 }],
      [2, { loss: 1 }],
    ])
    expect(notes.list().map(({ message }) => message)).toEqual([
      'metrics on record are finite, and "loss" was NaN at step 1, and 1 more time: left out there',
      'metrics on record are finite, and "auc" was null at step 2, and 2 more times: left out there',
      'metrics on record are finite, and "other" was -Infinity at its end: left out there',
    ])
  })

  it('reports, is answered, and keeps a log', async () => {
    const heard: unknown[] = []
    const result = await run(
      async (_, { report, log }) => {
        log('started')
        return (await report(1, { loss: 3 })) === 'continue' ? 1 : 0
      },
      {
        report(step, metrics) {
          heard.push([step, metrics])
          return 'continue'
        },
        log: (text) => heard.push(text),
      },
    )
    expect(heard).toEqual(['started', [1, { loss: 3 }]])
    expect([result.metrics, result.log]).toEqual([{ loss: 1 }, []])
    const unheard = await run((_, { log }) => {
      log('started')
      return 1
    })
    expect(unheard.log).toEqual(['started'])
  })

  it('that has reported what is no report leaves nothing to go on from: it has failed', async () => {
    const kept: number[] = []
    const checkpoint: FitCheckpoint = {
      folder: '/nowhere',
      reports: [],
      left: [],
      keep: async (report) => void kept.push(report!.step),
      end: async () => {},
    }
    const work = run(
      async (_, { report }) => {
        await report(0, { loss: 1 })
        await report('one' as never, { loss: 1 }).catch(() => {})
        await report(2, { loss: 1 })
        return 0.5
      },
      { checkpoint },
    )
    await expect(work).rejects.toMatchObject({ code: 'RESULT_INVALID' })
    expect(kept).toEqual([0])
  })

  it.each<[what: string, objective: ObjectiveFunction]>([
    ['returns', async (_, { report }) => ((await report(1, { loss: 3 })) === 'prune' ? 0 : 1)],
    [
      'throws',
      async (_, { report }) => {
        await report(1, { loss: 3 })
        throw new Error('stopped')
      },
    ],
  ])('is pruned where a report was answered so, also where it then %s', async (_, objective) => {
    await expect(run(objective, { report: () => 'prune' })).rejects.toBeInstanceOf(FitPruned)
  })

  it('is aborted from outside, or pruned by the signal', async () => {
    for (const [reason, kind] of [
      [undefined, FitAborted],
      ['prune', FitPruned],
    ] as const) {
      const controller = new AbortController()
      const objective: ObjectiveFunction = (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('as told')))
          controller.abort(reason)
        })
      await expect(run(objective, { signal: controller.signal })).rejects.toBeInstanceOf(kind)
      await expect(run(() => 1, { signal: controller.signal })).rejects.toBeInstanceOf(kind)
    }
  })
})

it('calls a job that makes no sense a bug', async () => {
  const objective: OpenTrainer = { kind: 'objective', objective: { name: 'o', objective: () => 1 } }
  const trainer = trainerWith()
  for (const [opened, part, changed] of [
    [objective, fold(0), {}],
    [trainer, { kind: 'whole' }, {}],
    [trainer, fold(0), { data: null }],
    [trainer, fold(0), { resampling: null }],
    [trainer, fold(9), {}],
  ] as const) {
    const error = await rejection(performFit({ ...plan, ...changed }, opened, job(part)))
    expect(error).toBeInstanceOf(EspalierError)
    expect(error.code).toBe('INTERNAL')
  }
})

it('artifacts never take more than their limit together, and each is kept whole or left out with a note', () => {
  const kilobyte = 1 / 1024
  const files = fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c'), bytes: fc.nat(1500) }))
  fc.assert(
    fc.property(files, (files) => {
      const notes = new FitNotes()
      const artifacts = new ArtifactFiles(kilobyte, notes)
      const wanted = new Map<string, number>(files.map(({ name, bytes }) => [name, bytes]))
      for (const { name, bytes } of files) artifacts.add(name, new Uint8Array(bytes))
      const kept = artifacts.list()
      expect(kept.reduce((sum, { content }) => sum + content.length, 0)).toBeLessThanOrEqual(1024)
      for (const { name, content } of kept) expect(content.length).toBe(wanted.get(name))
      const told = notes.list().map(({ about }) => about)
      for (const name of wanted.keys())
        if (!kept.some((one) => one.name === name)) expect(told).toContain(`artifact ${name}`)
    }),
  )
})
