/**
 * What early stopping saves, and what it costs in the best value: the racing of folds on the example sweeps and on
 * digits, the median rule and successive halving on networks that report every epoch.
 *
 *   npx tsx bench/quality/pruning.ts [--seeds 6] [--trials 50] [--only wine] [--markdown]
 *
 * Every sweep is run with and without each pruner, from the same seeds, which also deal the folds. Fits are the real
 * ones; what they gave is kept by params (in node_modules/.cache/espalier-bench/pruning), so that no fold is paid for
 * twice and the bench can be interrupted. Work is counted in fits (folds) or epochs that were begun.
 *
 * The loss of a sweep is how much worse its best value is than without pruning, on the scale of its task: 0 is the
 * median of the values that random search finds, 100 the best value that any sweep found with these folds. So 1 is a hundredth of all that
 * there is to be gained by searching.
 */

import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Dataset, readDataset } from '../../src/data/index.js'
import type { Executor, FitOutcome } from '../../src/execution/index.js'
import { randomStream } from '../../src/numeric/index.js'
import { createPruner, createSearcher, type SearchSettings } from '../../src/search/index.js'
import { createSpace, type PrunerJson, type Space } from '../../src/space/index.js'
import { runSweep, type SweepEnd } from '../../src/sweep/index.js'
import type { SweepWriter } from '../../src/tracking/index.js'
import { type FitPlan, openTrainer, performFit, resample } from '../../src/training/index.js'
import type { Direction, Metrics, Params } from '../../src/values.js'
import { machine, median, table } from '../report.js'
import { isFailedFit } from './failed-fit.js'

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '6' },
    trials: { type: 'string', default: '50' },
    only: { type: 'string', default: '' },
    markdown: { type: 'boolean', default: false },
  },
})
const seeds = Number(options.seeds)
const trials = Number(options.trials)
const parallel = 4
const folds = 5
const algorithms = ['random', 'bayesian'] as const
const foldPruners: readonly PrunerJson[] = [{ name: 'folds' }, { name: 'folds', minFolds: 2 }]
const stepPruners: readonly PrunerJson[] = [
  { name: 'median' },
  { name: 'halving', minSteps: 1 },
  { name: 'halving', minSteps: 3 },
]

interface Task {
  readonly name: string
  readonly unit: 'folds' | 'epochs'
  readonly direction: Direction
  readonly space: Space
  /** What a trial can give at most: each fold's value, or the loss after each epoch. */
  curve(params: Params, seed: number, length: number): Promise<readonly number[]>
  /** Folds or epochs of a whole trial. */
  readonly whole: number
}

// ---- fits that were paid for ---------------------------------------------------------------------------------

/** What fits gave, by key; new ones are appended to the task's file. */
class Kept {
  private readonly file: string
  private readonly values = new Map<string, number[]>()

  constructor(task: string) {
    const folder = fileURLToPath(new URL('../../node_modules/.cache/espalier-bench/pruning', import.meta.url))
    mkdirSync(folder, { recursive: true })
    this.file = `${folder}/${task}.jsonl`
    if (!existsSync(this.file)) return
    for (const line of readFileSync(this.file, 'utf8').split('\n')) {
      if (line === '') continue
      const [key, values] = JSON.parse(line) as [string, number[]]
      this.of(key).push(...values)
    }
  }

  of(key: string): number[] {
    const known = this.values.get(key) ?? []
    this.values.set(key, known)
    return known
  }

  add(key: string, values: readonly number[]): void {
    this.of(key).push(...values)
    appendFileSync(this.file, `${JSON.stringify([key, values])}\n`)
  }
}

// ---- tasks -------------------------------------------------------------------------------------------------

interface Source {
  readonly name: string
  readonly trainer: string
  readonly data: string
  readonly target: string
  readonly metric: string
  readonly direction: Direction
  /** So many rows, drawn once; all unless stated. */
  readonly rows?: number
  readonly parameters: Readonly<Record<string, unknown>>
}

const file = (name: string) => fileURLToPath(new URL(`../../search-spaces/${name}`, import.meta.url))

async function example(name: string, rows?: number): Promise<Source> {
  const { default: json } = await import(file(`${name}.json`), { with: { type: 'json' } })
  const { trainer, data, objective, parameters } = json
  return { name, trainer, data: data.file, target: data.target, rows, ...objective, parameters }
}

const digits = { data: 'data/digits.csv', target: 'digit', rows: 400 }
const accuracy = { metric: 'accuracy', direction: 'maximize' } as const
const onDigits: readonly Source[] = [
  {
    name: 'digits-knn',
    trainer: 'knn-classifier',
    ...digits,
    ...accuracy,
    parameters: {
      k: { type: 'int', min: 1, max: 40, scale: 'log' },
      distance: { type: 'categorical', values: ['euclidean', 'manhattan', 'chebyshev'] },
      weights: { type: 'categorical', values: ['uniform', 'distance'] },
      scaling: { type: 'categorical', values: ['none', 'standard', 'minmax'] },
    },
  },
]

async function rowsOf({ data, target, trainer, rows }: Source): Promise<Dataset> {
  const opened = await openTrainer({ kind: 'built-in', name: trainer })
  const task = opened.kind === 'trainer' ? opened.trainer.task : undefined
  const { dataset } = await readDataset(file(data), { target, task })
  if (rows === undefined || rows >= dataset.rows) return dataset
  const index = randomStream(0, 'rows').shuffle(Int32Array.from(dataset.index)).slice(0, rows)
  return { ...dataset, index, rows }
}

/** Cross-validated: one value a fold. */
async function foldTask(source: Source): Promise<Task> {
  const data = await rowsOf(source)
  const space = createSpace(source.parameters as Parameters<typeof createSpace>[0])
  const trainer = { kind: 'built-in', name: source.trainer } as const
  const opened = await openTrainer(trainer)
  const kept = new Kept(source.name)
  return {
    name: source.name,
    unit: 'folds',
    direction: source.direction,
    space,
    whole: folds,
    async curve(params, seed, length) {
      const key = `${seed} ${space.key(params)}`
      const values = kept.of(key)
      const resampling = resample(data, { folds, seed })
      const plan: FitPlan = { trainer, data, resampling, seed, objectiveMetric: source.metric }
      while (values.length < length) {
        const part = { kind: 'fold', fold: values.length } as const
        const { metrics } = await performFit(plan, opened, { trial: 0, attempt: 0, part, params })
        kept.add(key, [metrics[source.metric]])
      }
      return values
    },
  }
}

const epochs = 27
const network: Readonly<Record<string, unknown>> = {
  units: { type: 'int', min: 4, max: 32, scale: 'log' },
  activation: { type: 'categorical', values: ['relu', 'tanh'] },
  optimizer: { type: 'categorical', values: ['sgd', 'adam'] },
  learningRate: { type: 'float', min: 1e-4, max: 0.3, scale: 'log' },
  momentum: { type: 'float', min: 0, max: 0.95, when: { optimizer: ['sgd'] } },
  batchSize: { type: 'int', min: 8, max: 64, scale: 'log' },
  l2: { type: 'float', min: 1e-6, max: 0.1, scale: 'log' },
}

/** A perceptron's loss on rows set aside, epoch by epoch; a trial whose training diverges fails. */
async function epochTask(
  name: string,
  trainer: string,
  data: string,
  target: string,
  rows?: number,
): Promise<Task> {
  const source = { name, trainer, data, target, rows, ...accuracy, parameters: network }
  const table = await rowsOf(source)
  const space = createSpace(network as Parameters<typeof createSpace>[0])
  const opened = await openTrainer({ kind: 'built-in', name: trainer })
  if (opened.kind !== 'trainer') throw new Error(`${trainer} is no trainer`)
  const kept = new Kept(name)
  return {
    name,
    unit: 'epochs',
    direction: 'minimize',
    space,
    whole: epochs,
    async curve(params, seed) {
      const key = `${seed} ${space.key(params)}`
      const before = kept.of(key)
      if (before.length > 0) return before
      const values: number[] = []
      const random = randomStream(seed, 'fit')
      const all = {
        ...params,
        scaling: 'standard',
        epochs,
        earlyStopping: true,
        validationShare: 0.3,
        patience: epochs,
      }
      const context = {
        seed,
        random,
        signal: new AbortController().signal,
        seat: 0,
        devices: [],
        checkpoint: '',
        step: 0,
        log: () => {},
        artifact: () => {},
        report: async (_: number, metrics: Metrics) => {
          values.push(metrics.validationLoss)
          return 'continue' as const
        },
      }
      const defaults = Object.fromEntries(
        opened.trainer.hyperparameters.map((one) => [one.name, one.default]),
      )
      try {
        await opened.trainer.fit(table, { ...defaults, ...all }, context)
      } catch (error) {
        if (!isFailedFit(error)) throw error
        // Diverged: the epochs that are missing make the trial a failed one.
      }
      if (values.length > 0) kept.add(key, values)
      return values
    },
  }
}

// ---- sweeps ------------------------------------------------------------------------------------------------

interface Sweep {
  readonly end: SweepEnd
  /** Folds or epochs begun. */
  readonly work: number
  readonly values: readonly number[]
}

const nobody = new AbortController().signal

async function play(
  task: Task,
  algorithm: SearchSettings['algorithm'],
  seed: number,
  pruner: PrunerJson,
): Promise<Sweep> {
  let work = 0
  const values: number[] = []
  const finished = (value: number): FitOutcome => ({
    status: 'finished',
    result: {
      metrics: { value },
      fitSeconds: 0,
      predictSeconds: 0,
      predictions: null,
      model: null,
      log: [],
      artifacts: [],
    } as never,
  })
  const executor: Executor = {
    workers: parallel,
    ready: async () => {},
    close: async () => {},
    async run({ part, params }, { onReport } = {}) {
      if (part.kind === 'fold') {
        work++
        return finished((await task.curve(params, seed, part.fold + 1))[part.fold])
      }
      const curve = await task.curve(params, seed, epochs)
      for (let epoch = 1; epoch <= epochs; epoch++) {
        work++
        const value = curve[epoch - 1]
        if (value === undefined)
          return { status: 'failed', code: 'TRAINER_THREW', reason: 'diverged', seconds: 0 }
        if ((await onReport?.(epoch, { value })) === 'prune') return { status: 'pruned', result: null }
      }
      return finished(curve[epochs - 1])
    },
  }
  const writer: SweepWriter = {
    id: 'bench',
    childId: String,
    trialStarted: async () => {},
    trialProgress: () => {},
    attemptFailed: async () => {},
    trialEnded: async ({ status, values: { value } }) => {
      if (status === 'finished') values.push(value!)
    },
    artifact: async (_, name) => ({ name, bytes: 0, sha256: '' }),
    annotate: async () => {},
    heed: () => {},
    finish: async () => {},
  }
  const searcher = await createSearcher(task.space, { algorithm, seed, trials, parallel })
  const end = await runSweep(
    {
      objectives: [{ metric: 'value', direction: task.direction }],
      trials,
      parallel,
      folds: task.unit === 'folds' ? folds : null,
      seed,
      order: 'trial',
      retries: 0,
      trialTimeout: Number.POSITIVE_INFINITY,
      keepModels: 'none',
      holdout: false,
      stopAt: null,
      maxTime: Number.POSITIVE_INFINITY,
      maxTimeGrace: Number.POSITIVE_INFINITY,
    },
    {
      searcher,
      pruner: createPruner(pruner),
      executor,
      writer,
      packModel: () => [],
      onEvent: () => {},
      stop: nobody,
      kill: nobody,
    },
  )
  await searcher.close?.()
  return { end, work, values }
}

// ---- figures -----------------------------------------------------------------------------------------------

interface Result {
  readonly task: string
  readonly unit: Task['unit']
  readonly algorithm: string
  readonly pruner: string
  readonly saved: readonly number[]
  readonly whole: readonly number[]
  readonly pruned: readonly number[]
  /** In hundredths of the task's scale, by seed. */
  readonly losses: readonly number[]
}

const nameOf = ({ name, ...settings }: PrunerJson) =>
  [name, ...Object.entries(settings).map(([key, value]) => `${key} ${value}`)].join(', ')

async function measure(task: Task): Promise<Result[]> {
  const sign = task.direction === 'maximize' ? -1 : 1
  const pruners = task.unit === 'folds' ? foldPruners : stepPruners
  const cells: { algorithm: string; pruner: string; seed: number; with: Sweep; without: Sweep }[] = []
  const scale: { zero: number; best: number }[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const found: number[] = []
    let zero = 0
    for (const algorithm of algorithms) {
      const without = await play(task, algorithm, seed, { name: 'none' })
      if (algorithm === 'random') zero = median(without.values.map((value) => sign * value))
      found.push(sign * without.end.best!.values.value)
      for (const pruner of pruners) {
        const swept = await play(task, algorithm, seed, pruner)
        found.push(sign * swept.end.best!.values.value)
        cells.push({ algorithm, pruner: nameOf(pruner), seed, with: swept, without })
      }
    }
    scale[seed] = { zero, best: Math.min(...found) }
  }
  return algorithms.flatMap((algorithm) =>
    pruners.map((pruner): Result => {
      const mine = cells.filter((cell) => cell.algorithm === algorithm && cell.pruner === nameOf(pruner))
      return {
        task: task.name,
        unit: task.unit,
        algorithm,
        pruner: nameOf(pruner),
        saved: mine.map((cell) => 1 - cell.with.work / cell.without.work),
        whole: mine.map((cell) => cell.without.end.best!.values.value),
        pruned: mine.map((cell) => cell.with.end.best!.values.value),
        losses: mine.map((cell) => {
          const { zero, best } = scale[cell.seed]
          const difference = sign * (cell.with.end.best!.values.value - cell.without.end.best!.values.value)
          return zero === best ? 0 : (100 * difference) / (zero - best)
        }),
      }
    }),
  )
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Standard error of the mean. */
function error(values: readonly number[]): number {
  const m = mean(values)
  return Math.sqrt(
    values.reduce((sum, value) => sum + (value - m) ** 2, 0) / (values.length - 1) / values.length,
  )
}

const percent = (share: number) => `${Math.round(100 * share)}%`
const fixed = (value: number) => value.toFixed(1)
const plusMinus = (values: readonly number[]) => `${fixed(mean(values))} ± ${fixed(error(values))}`

/** How often worse, equal, better than without. */
const comparison = (losses: readonly number[]) =>
  [losses.filter((loss) => loss > 0), losses.filter((loss) => loss === 0), losses.filter((loss) => loss < 0)]
    .map(({ length }) => length)
    .join(' / ')

function print(title: string, rows: (string | number)[][]): void {
  console.log(`\n${options.markdown ? `### ${title}\n` : title}`)
  if (!options.markdown) {
    console.log(table(rows))
    return
  }
  const line = (row: (string | number)[]) => `| ${row.join(' | ')} |`
  console.log([line(rows[0]), line(rows[0].map(() => '---')), ...rows.slice(1).map(line)].join('\n'))
}

function report(results: readonly Result[], unit: Task['unit']): void {
  const those = results.filter((result) => result.unit === unit)
  if (those.length === 0) return
  const summary: (string | number)[][] = [
    ['search', 'pruner', `${unit} saved`, 'loss', 'worse / equal / better'],
  ]
  for (const algorithm of algorithms)
    for (const pruner of new Set(those.map((result) => result.pruner))) {
      const mine = those.filter((result) => result.algorithm === algorithm && result.pruner === pruner)
      const losses = mine.flatMap((result) => result.losses)
      const saved = percent(mean(mine.flatMap((result) => result.saved)))
      summary.push([algorithm, pruner, saved, plusMinus(losses), comparison(losses)])
    }
  print(`${unit}: all tasks`, summary)
  print(`${unit}: each task`, [
    [
      'task',
      'search',
      'pruner',
      `${unit} saved`,
      'best without',
      'best with',
      'loss',
      'worse / equal / better',
    ],
    ...those.map((result) => [
      result.task,
      result.algorithm,
      result.pruner,
      percent(mean(result.saved)),
      mean(result.whole).toPrecision(4),
      mean(result.pruned).toPrecision(4),
      plusMinus(result.losses),
      comparison(result.losses),
    ]),
  ])
}

const started = process.cpuUsage()
const makers: readonly [string, () => Promise<Task>][] = [
  ...['iris-cart', 'wine-knn', 'penguins-cart', 'diabetes-cart'].map(
    (name): [string, () => Promise<Task>] => [name, async () => foldTask(await example(name))],
  ),
  // A tree on all rows and 30 columns takes 100 ms to grow.
  ['breast-cancer-cart', async () => foldTask(await example('breast-cancer-cart', 250))],
  ...onDigits.map((source): [string, () => Promise<Task>] => [source.name, () => foldTask(source)]),
  [
    'digits-network',
    () => epochTask('digits-network', 'perceptron-classifier', 'data/digits.csv', 'digit', 300),
  ],
  ['wine-network', () => epochTask('wine-network', 'perceptron-classifier', 'data/wine.csv', 'cultivar')],
  [
    'diabetes-network',
    () => epochTask('diabetes-network', 'perceptron-regressor', 'data/diabetes.csv', 'progression'),
  ],
]
const results: Result[] = []
for (const [name, make] of makers) {
  if (!name.includes(options.only)) continue
  results.push(...(await measure(await make())))
  const { user, system } = process.cpuUsage(started)
  console.error(`${name}: done, ${Math.round((user + system) / 1e6)} s of CPU so far`)
}
console.log(machine())
console.log(`${trials} trials, ${parallel} in flight, ${seeds} seeds, ${folds} folds or ${epochs} epochs`)
report(results, 'folds')
report(results, 'epochs')
