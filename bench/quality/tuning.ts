/**
 * Tuning tasks as people have them: a trainer of the library on a data set, by a metric, with the parameters that are usually
 * searched. The loss is the mean over the folds of a cross-validation, each fold fitted and measured by `performFit` as in a sweep.
 *
 * The instance draws the rows (of a file of search-spaces/data; data that is made is drawn anew), deals them to folds and seeds
 * the fits; the trial does not, so that a loss depends on (params, instance) alone. No (trainer, data set) is in both halves.
 *
 * Rows, rounds, trees and epochs are few, so that one evaluation takes 5 to 30 ms. What was measured is kept (evaluations.ts): a
 * task whose losses change, by its setup or by its trainer, gets a higher revision.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Dataset, readDataset, selectRows, type Task as Target } from '../../src/data/index.js'
import { initSweep, readJsonFile } from '../../src/launch/index.js'
import { randomStream } from '../../src/numeric/index.js'
import { ownerOf } from '../../src/trainer-choice.js'
import {
  type FitPlan,
  type OpenTrainer,
  openTrainer,
  performFit,
  type ResamplingOptions,
  resample,
  type TrainerReference,
} from '../../src/training/index.js'
import { betterSide, canonicalJson, type Params, type ParamValue } from '../../src/values.js'
import { Evaluations } from './evaluations.js'
import { isFailedFit } from './failed-fit.js'
import { csvOf, isMade, type MadeName, madeData } from './made-data.js'
import type { Task } from './synthetic.js'

/** A file of search-spaces/data with the column to predict. */
const files = {
  iris: { file: 'iris', target: 'species', task: 'classification' },
  wine: { file: 'wine', target: 'cultivar', task: 'classification' },
  'breast-cancer': { file: 'breast-cancer', target: 'diagnosis', task: 'classification' },
  penguins: { file: 'penguins', target: 'species', task: 'classification' },
  'penguins-sex': { file: 'penguins', target: 'sex', task: 'classification' },
  digits: { file: 'digits', target: 'digit', task: 'classification' },
  diabetes: { file: 'diabetes', target: 'progression', task: 'regression' },
  'penguins-mass': { file: 'penguins', target: 'body_mass_g', task: 'regression' },
  'wine-alcohol': { file: 'wine', target: 'alcohol', task: 'regression' },
} as const satisfies Record<string, { file: string; target: string; task: Target }>

type DataName = keyof typeof files | MadeName

interface Setup {
  readonly half: Task['half']
  /** `init`: the parameter `trainer` chooses one, and the space is what `espalier init` drafts. */
  readonly trainer: string
  readonly data: DataName
  /** A metric of the library's: the loss is what is missing to 1 where more of it is better. */
  readonly metric: string
  readonly rows: number
  /** Three folds unless stated. */
  readonly validation?: Omit<ResamplingOptions, 'seed'>
  /** Params of every trial, which go before those that are given. */
  readonly constants?: Params
  /** `use-NAME`: whether the column of this name is fitted on. */
  readonly parameters: Task['parameters']
  /** 2 unless stated. */
  readonly revision?: number
}

const opened = new Map<string, Promise<OpenTrainer>>()
function openOnce(reference: TrainerReference): Promise<OpenTrainer> {
  const key = JSON.stringify(reference)
  let found = opened.get(key)
  if (found === undefined) {
    found = openTrainer(reference)
    opened.set(key, found)
  }
  return found
}

const loaded = new Map<string, Promise<Dataset>>()
function loadOnce(name: keyof typeof files): Promise<Dataset> {
  let found = loaded.get(name)
  if (found === undefined) {
    const { file, target, task } = files[name]
    const path = fileURLToPath(new URL(`../../search-spaces/data/${file}.csv`, import.meta.url))
    found = readDataset(path, { target, task, dropRows: 'missing-target' }).then(({ dataset }) => dataset)
    loaded.set(name, found)
  }
  return found
}

/** The rows of an instance. */
async function dataOf(
  { data: name, rows }: Pick<Setup, 'data' | 'rows'>,
  instance: number,
): Promise<Dataset> {
  if (isMade(name)) return madeData(name, instance, rows)
  const all = await loadOnce(name)
  const order = Int32Array.from({ length: all.rows }, (_, i) => i)
  const drawn = randomStream(instance, 'rows', name).shuffle(order).slice(0, rows).sort()
  return selectRows(all, drawn)
}

const switchPrefix = 'use-'
const isSwitch = (name: string) => name.startsWith(switchPrefix)

/** Megabytes that fits on one instance of a task may keep for those that come after them. */
const sharedMemory = 24
/** Instances of tasks whose data is kept. */
const mostPlans = 16
const plans = new Map<string, Promise<FitPlan>>()
function planOnce(key: string, make: () => Promise<FitPlan>): Promise<FitPlan> {
  let found = plans.get(key)
  if (found === undefined) {
    if (plans.size === mostPlans) plans.delete(plans.keys().next().value!)
    found = make()
    plans.set(key, found)
  }
  return found
}

/**
 * What a fold counts whose training fails, as where it diverges: all wrong; twice the log loss of not knowing the class; one
 * and a half times the standard deviation of the numbers.
 */
function failedLoss({ target, index }: Dataset, metric: string): number {
  if (target.kind === 'classes') return metric === 'logLoss' ? 2 * Math.log(target.classes.length) : 1
  const values = Array.from(index, (row) => target.values[row])
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return 1.5 * Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length)
}

function taskOf(setup: Setup): Task {
  const { trainer, data, metric, parameters, half, revision = 2, constants, validation } = setup
  const name = `${trainer}-${data}-${metric}`
  const reference = referenceOf(setup)
  const switches = Object.keys(parameters).some(isSwitch)
  const evaluations = new Evaluations(name, revision)
  const pending = new Map<string, Promise<readonly number[]>>()

  const evaluate = async (params: Params, instance: number): Promise<readonly number[]> => {
    const whole = await planOnce(`${name} ${instance}`, async () => {
      const rows = await dataOf(setup, instance)
      return {
        trainer: reference,
        data: rows,
        resampling: resample(rows, { folds: 3, ...validation, seed: instance }),
        seed: instance,
        objectiveMetric: metric,
        sharedMemory,
      }
    })
    const open = await openOnce(reference)
    const plan = switches ? withSwitches(whole, params) : whole
    const hyperparameters = Object.entries({ ...params, ...constants }).filter(([key]) => !isSwitch(key))
    const losses: number[] = []
    for (let fold = 0; fold < plan.resampling!.folds; fold++) {
      try {
        const part = { kind: 'fold', fold } as const
        const job = { trial: 0, attempt: 0, part, params: Object.fromEntries(hyperparameters) }
        const value = (await performFit(plan, open, job)).metrics[metric]
        losses.push(betterSide(metric) === 'maximize' ? 1 - value : value)
      } catch (error) {
        if (!isFailedFit(error)) throw error
        losses.push(failedLoss(whole.data!, metric))
      }
    }
    return losses
  }

  const folds = async (params: Params, instance: number): Promise<readonly number[]> => {
    const key = `${instance} ${canonicalJson(params)}`
    const known = evaluations.get(key) ?? pending.get(key)
    if (known !== undefined) return known
    const found = evaluate(params, instance)
    pending.set(key, found)
    try {
      const losses = await found
      evaluations.keep(key, losses)
      return losses
    } finally {
      pending.delete(key)
    }
  }

  return {
    ...{ name, half, kind: 'real', revision, noise: 0, parameters },
    async loss(params, instance) {
      const losses = await folds(params, instance)
      return losses.reduce((a, b) => a + b, 0) / losses.length
    },
  }
}

function referenceOf({ trainer, parameters }: Setup): TrainerReference {
  if (trainer !== 'init') return { kind: 'built-in', name: trainer }
  const { values } = parameters.trainer as { values: string[] }
  const named = values.map((name) => [name, { kind: 'built-in', name }] as const)
  return { kind: 'choice', trainers: Object.fromEntries(named) }
}

/** Without the columns that are switched off. All of them off, there is one that says nothing. */
function withSwitches(plan: FitPlan, params: Params): FitPlan {
  const data = plan.data!
  const columns = data.columns.filter(({ name }) => params[switchPrefix + name] !== false)
  const nothing = { name: 'nothing', kind: 'number', values: new Float64Array(data.index.length) } as const
  return { ...plan, data: { ...data, columns: columns.length > 0 ? columns : [nothing] } }
}

const float = (min: number, max: number) => ({ type: 'float', min, max })
const log = (min: number, max: number) => ({ type: 'float', min, max, scale: 'log' })
const int = (min: number, max: number) => ({ type: 'int', min, max })
const logInt = (min: number, max: number) => ({ type: 'int', min, max, scale: 'log' })
const one = (...values: (string | boolean)[]) => ({ type: 'categorical', values })
const ordinal = (...values: number[]) => ({ type: 'ordinal', values })
const when = (parent: string, values: (string | boolean)[], parameter: object) => ({
  ...parameter,
  when: { [parent]: values },
})
const switchesFor = (...columns: string[]) =>
  Object.fromEntries(columns.map((column) => [switchPrefix + column, one(true, false)]))

const scaling = one('none', 'standard', 'minmax')
const imputation = one('mean', 'median', 'zero')
const treeImputation = one('none', 'mean', 'median', 'zero')
const textImputation = one('category', 'most-frequent')
const classWeight = one('none', 'balanced')
const calibration = one('none', 'sigmoid')
const distance = one('euclidean', 'manhattan', 'chebyshev')
const weights = one('uniform', 'distance')
const criterion = one('gini', 'entropy')
const encoding = one('one-hot', 'ordinal', 'target', 'hash')
const treeEncoding = one('category', 'one-hot', 'ordinal', 'target', 'hash')
const hashColumns = when('encoding', ['hash'], logInt(2, 64))
const targetSmoothing = when('encoding', ['target'], log(0.1, 100))
/** The kernels' own parameters. */
const kernels = (...values: string[]) => ({
  kernel: one(...values),
  gamma: when(
    'kernel',
    values.filter((kernel) => kernel !== 'linear'),
    log(1e-4, 10),
  ),
  ...(values.includes('polynomial') && {
    degree: when('kernel', ['polynomial'], int(2, 4)),
    coef0: when(
      'kernel',
      values.filter((kernel) => kernel === 'polynomial' || kernel === 'sigmoid'),
      float(-1, 1),
    ),
  }),
})

const choosing: readonly Omit<Setup, 'half'>[] = [
  {
    ...{ trainer: 'cart-classifier', data: 'penguins-sex', metric: 'accuracy', rows: 250 },
    parameters: {
      ...{ maxDepth: int(1, 15), minNumSamples: logInt(2, 100), minSamplesLeaf: logInt(1, 60) },
      ...{ criterion, alpha: log(1e-5, 0.1), columnSample: float(0.2, 1) },
      ...{ imputation: treeImputation, encoding: treeEncoding },
    },
  },
  {
    ...{ trainer: 'cart-classifier', data: 'checker', metric: 'logLoss', rows: 300 },
    parameters: {
      ...{ maxDepth: int(1, 20), minSamplesLeaf: logInt(1, 100), gainThreshold: log(1e-5, 0.1) },
      calibration,
    },
  },
  {
    ...{ trainer: 'cart-regressor', data: 'diabetes', metric: 'rmse', rows: 300 },
    parameters: {
      ...{ maxDepth: int(1, 12), minNumSamples: logInt(2, 100), minSamplesLeaf: logInt(1, 60) },
      columnSample: float(0.1, 1),
    },
  },
  {
    ...{ trainer: 'cart-regressor', data: 'steps', metric: 'mae', rows: 5000 },
    revision: 3,
    parameters: {
      ...{ maxDepth: int(1, 20), minSamplesLeaf: logInt(1, 200), alpha: log(1e-5, 1) },
    },
  },
  {
    ...{ trainer: 'knn-classifier', data: 'wine', metric: 'logLoss', rows: 178 },
    revision: 3,
    parameters: {
      ...switchesFor('ash', 'alcalinity_of_ash', 'magnesium', 'nonflavanoid_phenols'),
      ...{ k: logInt(1, 60), distance, weights, scaling },
    },
  },
  {
    ...{ trainer: 'knn-classifier', data: 'informative', metric: 'accuracy', rows: 240 },
    parameters: {
      ...switchesFor(...Array.from({ length: 15 }, (_, j) => `x${j}`)),
      k: ordinal(1, 3, 5, 9, 15, 25),
      scaling,
    },
  },
  {
    ...{ trainer: 'knn-regressor', data: 'friedman2', metric: 'rmse', rows: 250 },
    parameters: { k: logInt(1, 50), distance: one('euclidean', 'manhattan', 'cosine'), weights, scaling },
  },
  {
    ...{ trainer: 'knn-regressor', data: 'wine-alcohol', metric: 'mae', rows: 178 },
    parameters: {
      ...switchesFor('malic_acid', 'ash', 'magnesium', 'flavanoids', 'hue', 'color_intensity', 'proline'),
      ...{ k: int(1, 40), distance, weights, scaling },
    },
  },
  {
    ...{ trainer: 'svm-classifier', data: 'moons', metric: 'accuracy', rows: 250 },
    parameters: { cost: log(0.01, 1000), gamma: log(1e-4, 100) },
  },
  {
    ...{ trainer: 'svm-classifier', data: 'missing', metric: 'accuracy', rows: 240 },
    parameters: {
      ...kernels('rbf', 'linear', 'polynomial', 'sigmoid'),
      ...{ cost: log(0.01, 30), scaling: one('standard', 'minmax'), imputation, textImputation },
      ...{ encoding, hashColumns, targetSmoothing },
    },
  },
  {
    ...{ trainer: 'svm-regressor', data: 'friedman3', metric: 'rmse', rows: 160 },
    parameters: { cost: log(0.01, 1000), gamma: log(1e-4, 10), epsilon: log(1e-3, 1) },
  },
  {
    ...{ trainer: 'svm-regressor', data: 'heavy-tailed', metric: 'mae', rows: 150 },
    revision: 3,
    parameters: {
      ...kernels('rbf', 'linear', 'sigmoid'),
      ...{ cost: log(0.01, 10), epsilon: log(1e-3, 2), scaling: one('standard', 'minmax') },
    },
  },
  {
    ...{ trainer: 'boosted-trees-classifier', data: 'informative', metric: 'logLoss', rows: 250 },
    parameters: {
      ...{ rounds: logInt(4, 40), learningRate: log(0.01, 1), maxLeaves: logInt(2, 16) },
      ...{ minSamplesLeaf: logInt(1, 50), subsample: float(0.3, 1), columnSample: float(0.2, 1) },
      ...{ l2: log(1e-3, 100), l1: log(1e-3, 10) },
    },
  },
  {
    ...{ trainer: 'boosted-trees-classifier', data: 'breast-cancer', metric: 'rocAuc', rows: 250 },
    constants: { rounds: 20 },
    parameters: {
      ...{ learningRate: log(0.01, 1), maxDepth: int(1, 6), minChildWeight: log(1e-3, 20) },
      ...{ subsample: float(0.4, 1), columnSample: float(0.1, 1), bins: ordinal(4, 8, 16, 32, 64, 255) },
    },
  },
  {
    ...{ trainer: 'boosted-trees-regressor', data: 'diabetes', metric: 'rmse', rows: 250 },
    parameters: {
      ...{ rounds: logInt(4, 50), learningRate: log(0.01, 1), maxDepth: int(1, 6) },
      ...{ minChildWeight: log(0.5, 50), subsample: float(0.3, 1), columnSample: float(0.2, 1) },
      ...{ l2: log(1e-3, 100), l1: log(1e-3, 100) },
    },
  },
  {
    ...{ trainer: 'boosted-trees-regressor', data: 'prices', metric: 'mae', rows: 300 },
    revision: 3,
    parameters: {
      ...{ loss: one('squaredError', 'absoluteError'), rounds: logInt(4, 25), learningRate: log(0.02, 0.8) },
      ...{ maxLeaves: logInt(2, 16), minSamplesLeaf: logInt(1, 40), columnSample: float(0.3, 1) },
      ...{ encoding: treeEncoding, hashColumns, targetSmoothing, imputation: treeImputation },
    },
  },
  {
    ...{ trainer: 'forest-classifier', data: 'rare', metric: 'averagePrecision', rows: 400 },
    constants: { trees: 10 },
    parameters: {
      ...{ columnSample: float(0.05, 1), minSamplesLeaf: logInt(1, 40), maxDepth: int(2, 20) },
      ...{ criterion, classWeight, bootstrap: one(true, false) },
    },
  },
  {
    ...{ trainer: 'forest-classifier', data: 'wine', metric: 'logLoss', rows: 178 },
    parameters: {
      ...{ trees: logInt(3, 40), columnSample: float(0.05, 1), minSamplesLeaf: logInt(1, 20) },
      ...{ maxDepth: int(1, 12), criterion, bootstrap: one(true, false) },
    },
  },
  {
    ...{ trainer: 'forest-regressor', data: 'friedman1', metric: 'rmse', rows: 250 },
    constants: { trees: 15 },
    parameters: { columnSample: float(0.05, 1), minSamplesLeaf: logInt(1, 30), maxDepth: int(2, 20) },
  },
  {
    ...{ trainer: 'forest-regressor', data: 'penguins-mass', metric: 'mae', rows: 250 },
    constants: { trees: 8 },
    parameters: {
      ...{ columnSample: float(0.1, 1), minNumSamples: logInt(2, 60), maxDepth: int(1, 15) },
      ...{ bootstrap: one(true, false), imputation: treeImputation, textImputation, encoding: treeEncoding },
      ...{ hashColumns, targetSmoothing },
    },
  },
  {
    ...{ trainer: 'extra-trees-classifier', data: 'breast-cancer', metric: 'logLoss', rows: 200 },
    revision: 3,
    parameters: {
      ...{ trees: logInt(2, 10), columnSample: float(0.03, 1), minSamplesLeaf: logInt(1, 30) },
      ...{ criterion, calibration, bootstrap: one(true, false) },
    },
  },
  {
    ...{ trainer: 'extra-trees-classifier', data: 'missing', metric: 'macroF1', rows: 300 },
    constants: { trees: 10 },
    parameters: {
      ...{ columnSample: float(0.1, 1), minSamplesLeaf: logInt(1, 30), maxDepth: int(2, 16), classWeight },
      ...{ imputation: treeImputation, textImputation, encoding: treeEncoding },
    },
  },
  {
    ...{ trainer: 'extra-trees-regressor', data: 'diabetes', metric: 'rmse', rows: 300 },
    constants: { trees: 20 },
    parameters: {
      ...{ columnSample: float(0.05, 1), minSamplesLeaf: logInt(1, 40), minNumSamples: logInt(2, 80) },
      bootstrap: one(true, false),
    },
  },
  {
    ...{ trainer: 'extra-trees-regressor', data: 'friedman3', metric: 'mae', rows: 300 },
    parameters: {
      ...{ trees: ordinal(5, 10, 20, 40), columnSample: float(0.1, 1), maxDepth: int(2, 20) },
      minSamplesLeaf: logInt(1, 30),
    },
  },
  {
    ...{ trainer: 'linear-regressor', data: 'sparse', metric: 'rmse', rows: 150 },
    parameters: { l2: log(1e-6, 10), l1: log(1e-6, 10) },
  },
  {
    ...{ trainer: 'linear-regressor', data: 'prices', metric: 'rmse', rows: 250 },
    parameters: {
      ...{ l2: log(1e-6, 10), l1: log(1e-6, 1), scaling, imputation, textImputation, encoding },
      ...{ hashColumns: when('encoding', ['hash'], logInt(2, 128)), targetSmoothing },
    },
  },
  {
    ...{ trainer: 'softmax-classifier', data: 'categories', metric: 'logLoss', rows: 250 },
    parameters: {
      ...{ encoding, hashColumns: when('encoding', ['hash'], ordinal(4, 8, 16, 32, 64)) },
      ...{ targetSmoothing: when('encoding', ['target'], ordinal(0, 1, 3, 10, 30)) },
      ...{ scaling, textImputation, classWeight, l2: ordinal(1e-5, 1e-4, 1e-3, 0.01, 0.1, 1) },
      l1: ordinal(1e-6, 1e-4, 1e-3, 0.01),
    },
  },
  {
    ...{ trainer: 'softmax-classifier', data: 'digits', metric: 'logLoss', rows: 150 },
    revision: 3,
    constants: { tolerance: 0.03 },
    parameters: { l2: log(1e-5, 10), l1: log(1e-5, 1), scaling },
  },
  {
    ...{ trainer: 'perceptron-classifier', data: 'iris', metric: 'logLoss', rows: 150 },
    revision: 3,
    constants: { epochs: 8 },
    parameters: {
      ...{
        layers: int(1, 3),
        units: logInt(2, 32),
        activation: one('relu', 'tanh'),
        optimizer: one('adam', 'sgd'),
      },
      ...{ learningRate: log(1e-4, 1), momentum: when('optimizer', ['sgd'], float(0, 0.99)) },
      ...{ schedule: one('constant', 'cosine'), batchSize: ordinal(8, 16, 32), l2: log(1e-7, 0.1) },
      dropout: float(0, 0.6),
    },
  },
  {
    ...{ trainer: 'perceptron-classifier', data: 'rings', metric: 'accuracy', rows: 200 },
    constants: { epochs: 10 },
    parameters: {
      ...{ units: logInt(2, 48), learningRate: log(1e-3, 0.5), batchSize: ordinal(8, 16, 32, 64) },
      l2: log(1e-6, 0.1),
    },
  },
  {
    ...{ trainer: 'perceptron-regressor', data: 'friedman1', metric: 'rmse', rows: 150 },
    constants: { epochs: 12 },
    parameters: {
      ...{ layers: int(1, 3), units: logInt(2, 32), activation: one('relu', 'tanh') },
      ...{ learningRate: log(1e-4, 0.3), batchSize: ordinal(8, 16, 32), l2: log(1e-6, 0.1) },
      ...{ schedule: one('constant', 'step', 'cosine') },
      ...{
        stepEpochs: when('schedule', ['step'], int(1, 6)),
        stepFactor: when('schedule', ['step'], float(0.1, 0.9)),
      },
    },
  },
  {
    ...{ trainer: 'perceptron-regressor', data: 'diabetes', metric: 'mae', rows: 150 },
    constants: { epochs: 10 },
    parameters: {
      ...{ units: logInt(2, 40), optimizer: one('adam', 'sgd'), learningRate: log(1e-4, 0.3) },
      ...{ momentum: when('optimizer', ['sgd'], float(0, 0.99)), dropout: float(0, 0.5) },
      ...{ l1: log(1e-6, 0.1), l2: log(1e-6, 1), scaling: one('standard', 'minmax') },
    },
  },
]

const reporting: readonly Omit<Setup, 'half'>[] = [
  {
    ...{ trainer: 'cart-classifier', data: 'breast-cancer', metric: 'accuracy', rows: 500 },
    revision: 3,
    parameters: {
      ...{ maxDepth: int(1, 12), minSamplesLeaf: logInt(1, 60), alpha: log(1e-5, 0.05) },
      ...{ criterion, classWeight, columnSample: float(0.1, 1) },
    },
  },
  {
    ...{ trainer: 'cart-classifier', data: 'missing', metric: 'rocAuc', rows: 300 },
    parameters: {
      ...{ maxDepth: int(1, 15), minSamplesLeaf: logInt(1, 80), alpha: log(1e-5, 0.1), criterion },
      ...{ imputation: treeImputation, textImputation, encoding: treeEncoding, hashColumns, targetSmoothing },
    },
  },
  {
    ...{ trainer: 'cart-regressor', data: 'friedman1', metric: 'rmse', rows: 400 },
    parameters: { maxDepth: int(1, 15), minNumSamples: logInt(2, 100), alpha: log(1e-5, 1) },
  },
  {
    ...{ trainer: 'cart-regressor', data: 'penguins-mass', metric: 'rmse', rows: 300 },
    parameters: {
      ...{ maxDepth: int(1, 12), minSamplesLeaf: logInt(1, 60), columnSample: float(0.15, 1) },
      ...{ imputation: treeImputation, textImputation, encoding: treeEncoding, hashColumns, targetSmoothing },
    },
  },
  {
    ...{ trainer: 'knn-classifier', data: 'rings', metric: 'accuracy', rows: 300 },
    parameters: { k: logInt(1, 60), distance, weights, scaling },
  },
  {
    ...{ trainer: 'knn-classifier', data: 'categories', metric: 'rocAuc', rows: 300 },
    parameters: {
      ...{ k: ordinal(1, 2, 4, 8, 16, 32, 64), distance, weights, scaling, textImputation, classWeight },
      ...{ encoding, hashColumns: when('encoding', ['hash'], ordinal(2, 4, 8, 16, 32, 64)) },
      targetSmoothing: when('encoding', ['target'], ordinal(0.1, 1, 10, 100)),
    },
  },
  {
    ...{ trainer: 'knn-regressor', data: 'diabetes', metric: 'rmse', rows: 300 },
    parameters: {
      ...switchesFor('age', 'sex', 'bmi', 'bp', 's1', 's2', 's3', 's4', 's5', 's6'),
      k: ordinal(3, 5, 8, 12, 20, 30),
      distance,
    },
  },
  {
    ...{ trainer: 'knn-regressor', data: 'waves', metric: 'rmse', rows: 2000 },
    validation: { scheme: 'split', fraction: 0.25 },
    parameters: { k: logInt(1, 100), distance, weights, scaling },
  },
  {
    ...{ trainer: 'svm-classifier', data: 'madelon', metric: 'accuracy', rows: 240 },
    parameters: {
      ...kernels('rbf', 'linear', 'polynomial'),
      ...{ cost: log(0.01, 100), classWeight, scaling: one('standard', 'minmax') },
    },
  },
  {
    ...{ trainer: 'svm-classifier', data: 'spirals', metric: 'accuracy', rows: 360 },
    revision: 3,
    parameters: { cost: log(0.01, 1000), gamma: log(1e-3, 100), scaling },
  },
  {
    ...{ trainer: 'svm-regressor', data: 'diabetes', metric: 'rmse', rows: 150 },
    revision: 3,
    parameters: {
      ...kernels('rbf', 'linear', 'polynomial', 'sigmoid'),
      ...{ cost: log(0.01, 20), epsilon: log(1e-3, 1), scaling: one('standard', 'minmax') },
    },
  },
  {
    ...{ trainer: 'svm-regressor', data: 'wine-alcohol', metric: 'rmse', rows: 150 },
    parameters: { cost: log(0.01, 100), gamma: log(1e-4, 1), epsilon: log(1e-3, 1) },
  },
  {
    ...{ trainer: 'boosted-trees-classifier', data: 'rare', metric: 'rocAuc', rows: 300 },
    parameters: {
      ...{ rounds: logInt(4, 40), learningRate: log(0.01, 1), maxLeaves: logInt(2, 32), classWeight },
      ...{ minSamplesLeaf: logInt(1, 50), columnSample: float(0.2, 1), l2: log(1e-3, 100) },
    },
  },
  {
    ...{ trainer: 'boosted-trees-classifier', data: 'wine', metric: 'logLoss', rows: 178 },
    parameters: {
      ...{ rounds: logInt(3, 30), learningRate: log(0.02, 1), maxDepth: int(1, 6) },
      ...{ minChildWeight: log(0.01, 20), subsample: float(0.3, 1), columnSample: float(0.1, 1) },
    },
  },
  {
    ...{ trainer: 'boosted-trees-regressor', data: 'friedman1', metric: 'rmse', rows: 250 },
    parameters: {
      ...{ rounds: logInt(5, 50), learningRate: log(0.02, 1), maxLeaves: logInt(2, 16) },
      ...{ minSamplesLeaf: logInt(1, 50), subsample: float(0.3, 1), l2: log(1e-3, 100) },
    },
  },
  {
    ...{ trainer: 'boosted-trees-regressor', data: 'heavy-tailed', metric: 'mae', rows: 2000 },
    validation: { scheme: 'split', fraction: 0.25 },
    parameters: {
      ...{ loss: one('squaredError', 'absoluteError'), rounds: logInt(5, 60), learningRate: log(0.02, 1) },
      ...{ maxLeaves: logInt(2, 24), minSamplesLeaf: logInt(5, 200), l1: log(1e-3, 100) },
      ...{ subsample: float(0.2, 1), bins: ordinal(8, 16, 32, 64, 128) },
    },
  },
  {
    ...{ trainer: 'forest-classifier', data: 'penguins', metric: 'logLoss', rows: 200 },
    constants: { trees: 6 },
    parameters: {
      ...{ columnSample: float(0.1, 1), minSamplesLeaf: logInt(1, 30), maxDepth: int(1, 12), criterion },
      ...{
        imputation: treeImputation,
        textImputation,
        encoding: treeEncoding,
        calibration,
      },
    },
  },
  {
    ...{ trainer: 'forest-classifier', data: 'checker', metric: 'accuracy', rows: 300 },
    parameters: {
      ...{ trees: logInt(2, 30), columnSample: float(0.05, 1), minSamplesLeaf: logInt(1, 40) },
      ...{ maxDepth: int(1, 20), bootstrap: one(true, false) },
    },
  },
  {
    ...{ trainer: 'forest-regressor', data: 'diabetes', metric: 'rmse', rows: 250 },
    constants: { trees: 15 },
    parameters: {
      ...{ columnSample: float(0.05, 1), minSamplesLeaf: logInt(1, 40), maxDepth: int(1, 15) },
      bootstrap: one(true, false),
    },
  },
  {
    ...{ trainer: 'forest-regressor', data: 'steps', metric: 'mae', rows: 400 },
    parameters: {
      ...{ trees: ordinal(3, 6, 12, 24), columnSample: float(0.1, 1), minNumSamples: logInt(2, 80) },
      maxDepth: int(2, 20),
    },
  },
  {
    ...{ trainer: 'extra-trees-classifier', data: 'digits', metric: 'accuracy', rows: 200 },
    constants: { trees: 12 },
    parameters: {
      ...{ columnSample: float(0.02, 1), minSamplesLeaf: logInt(1, 20), maxDepth: int(2, 20), criterion },
      bootstrap: one(true, false),
    },
  },
  {
    ...{ trainer: 'extra-trees-classifier', data: 'madelon', metric: 'logLoss', rows: 240 },
    constants: { trees: 6 },
    parameters: {
      columnSample: float(0.03, 1),
      minSamplesLeaf: logInt(1, 40),
      maxDepth: int(2, 20),
      calibration,
    },
  },
  {
    ...{ trainer: 'extra-trees-regressor', data: 'friedman2', metric: 'rmse', rows: 250 },
    constants: { trees: 20 },
    parameters: { columnSample: float(0.1, 1), minSamplesLeaf: logInt(1, 30), minNumSamples: logInt(2, 60) },
  },
  {
    ...{ trainer: 'extra-trees-regressor', data: 'prices', metric: 'mae', rows: 250 },
    constants: { trees: 8 },
    parameters: {
      ...{ columnSample: float(0.1, 1), minSamplesLeaf: logInt(1, 30), maxDepth: int(2, 20) },
      ...{ imputation: treeImputation, textImputation, encoding: treeEncoding, hashColumns, targetSmoothing },
    },
  },
  {
    ...{ trainer: 'linear-regressor', data: 'correlated', metric: 'rmse', rows: 150 },
    revision: 3,
    parameters: { l2: log(1e-6, 100), l1: log(1e-6, 10), scaling },
  },
  {
    ...{ trainer: 'linear-regressor', data: 'diabetes', metric: 'mae', rows: 200 },
    parameters: {
      ...switchesFor('age', 'sex', 'bmi', 'bp', 's1', 's2', 's3', 's4', 's5', 's6'),
      ...{ l2: ordinal(1e-6, 1e-4, 0.01, 0.1, 1), scaling },
    },
  },
  {
    ...{ trainer: 'softmax-classifier', data: 'breast-cancer', metric: 'logLoss', rows: 180 },
    revision: 3,
    constants: { tolerance: 0.01 },
    parameters: { l2: log(1e-6, 10), l1: log(1e-6, 1), classWeight, scaling },
  },
  {
    ...{ trainer: 'softmax-classifier', data: 'outliers', metric: 'rocAuc', rows: 5000 },
    revision: 3,
    validation: { scheme: 'split', fraction: 0.3 },
    parameters: { l2: log(1e-6, 10), l1: log(1e-6, 1), tolerance: log(1e-6, 0.1), scaling, classWeight },
  },
  {
    ...{ trainer: 'perceptron-classifier', data: 'moons', metric: 'logLoss', rows: 200 },
    constants: { epochs: 10 },
    parameters: {
      ...{ layers: int(1, 2), units: logInt(2, 32), activation: one('relu', 'tanh') },
      ...{ learningRate: log(1e-3, 1), batchSize: ordinal(8, 16, 32, 64), l2: log(1e-6, 0.1) },
    },
  },
  {
    ...{ trainer: 'perceptron-classifier', data: 'hastie', metric: 'accuracy', rows: 200 },
    revision: 3,
    constants: { epochs: 5 },
    parameters: {
      ...{
        layers: int(1, 3),
        units: logInt(2, 32),
        optimizer: one('adam', 'sgd'),
        learningRate: log(1e-4, 0.3),
      },
      ...{ momentum: when('optimizer', ['sgd'], float(0, 0.99)), batchSize: ordinal(8, 16, 32) },
      ...{ dropout: float(0, 0.6), scaling },
    },
  },
  {
    ...{ trainer: 'perceptron-regressor', data: 'waves', metric: 'rmse', rows: 200 },
    constants: { epochs: 12 },
    parameters: {
      ...{ layers: int(1, 3), units: logInt(4, 32), activation: one('relu', 'tanh') },
      ...{ learningRate: log(1e-3, 0.3), batchSize: ordinal(8, 16, 32), schedule: one('constant', 'cosine') },
    },
  },
  {
    ...{ trainer: 'perceptron-regressor', data: 'penguins-mass', metric: 'rmse', rows: 160 },
    constants: { epochs: 8 },
    parameters: {
      ...{ units: logInt(2, 32), optimizer: one('adam', 'sgd'), learningRate: log(1e-4, 0.3) },
      ...{ momentum: when('optimizer', ['sgd'], float(0, 0.99)), l2: log(1e-6, 1) },
      ...{ encoding: one('one-hot', 'ordinal', 'target'), scaling: one('standard', 'minmax') },
      imputation,
    },
  },
]

const drafted: readonly Omit<Setup, 'parameters'>[] = [
  { half: 'choosing', trainer: 'init', data: 'penguins-sex', metric: 'accuracy', rows: 150 },
  { half: 'choosing', trainer: 'init', data: 'rare', metric: 'rocAuc', rows: 160 },
  { half: 'choosing', trainer: 'init', data: 'diabetes', metric: 'rmse', rows: 150 },
  { half: 'choosing', trainer: 'init', data: 'prices', metric: 'rmse', rows: 150, revision: 3 },
  { half: 'reporting', trainer: 'init', data: 'moons', metric: 'accuracy', rows: 150 },
  { half: 'reporting', trainer: 'init', data: 'categories', metric: 'accuracy', rows: 150, revision: 3 },
  { half: 'reporting', trainer: 'init', data: 'friedman1', metric: 'rmse', rows: 150, revision: 3 },
  { half: 'reporting', trainer: 'init', data: 'penguins-mass', metric: 'rmse', rows: 150 },
]

/** With the space that `espalier init` drafts for the first instance's data. */
async function withDraft(setup: Omit<Setup, 'parameters'>): Promise<Setup> {
  const data = await dataOf(setup, 1)
  const folder = mkdtempSync(join(tmpdir(), 'espalier-bench-draft-'))
  try {
    const file = join(folder, 'data.csv')
    writeFileSync(file, csvOf(data))
    const task = data.target.kind === 'classes' ? 'classification' : 'regression'
    const out = join(folder, 'sweep.jsonc')
    await initSweep(file, { target: data.target.name, task, out })
    const drafted = (await readJsonFile(out)) as unknown as { parameters: Setup['parameters'] }
    const { values } = drafted.parameters.trainer as { values: string[] }
    const constants: Record<string, ParamValue> = {}
    const parameters: Record<string, unknown> = {}
    for (const [name, parameter] of Object.entries(drafted.parameters)) {
      const owner = ownerOf(name, values)
      // What the draft fixes is nothing to search for.
      if (typeof parameter !== 'object') constants[name] = parameter as ParamValue
      else parameters[name] = owner === null ? parameter : when('trainer', [owner], parameter as object)
    }
    Object.assign(constants, capsFor(drafted.parameters))
    // A draft of other families or ranges is another task, as a setup of a higher revision is.
    const revision = Number.parseInt(digestOf(parameters), 16) + (setup.revision ?? 0)
    return { ...setup, constants, parameters, revision }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Six hexadecimal digits. */
function digestOf(parameters: Setup['parameters']): string {
  return createHash('sha256').update(canonicalJson(parameters)!).digest('hex').slice(0, 6)
}

/** Drafts have forests of a hundred trees and up to four hundred rounds, which would take most of the bench's time. */
function capsFor(parameters: Setup['parameters']): Params {
  const { values } = parameters.trainer as { values: string[] }
  return Object.fromEntries(
    values.flatMap((name): [string, number][] => {
      if (`${name}.trees` in parameters) return [[`${name}.trees`, 10]]
      return name.startsWith('boosted-trees') ? [[`${name}.bins`, 16]] : []
    }),
  )
}

const setups: readonly Setup[] = [
  ...choosing.map((setup) => ({ ...setup, half: 'choosing' }) as const),
  ...reporting.map((setup) => ({ ...setup, half: 'reporting' }) as const),
  ...(await Promise.all(drafted.map(withDraft))),
]

export const tuningTasks: readonly Task[] = setups.map(taskOf)
