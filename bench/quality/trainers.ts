/**
 * Tasks made of the library's own trainers on the data sets of search-spaces/data: the loss is the mean over the folds
 * of a cross-validation, each fold fitted and measured by `performFit` as in a sweep.
 *
 * The instance draws the rows (where a task says how many), deals them to folds and seeds the fits; the trial does not,
 * so that a loss depends on (params, instance) alone. All of them belong to the reporting half.
 */

import { fileURLToPath } from 'node:url'
import { type Dataset, readDataset, selectRows } from '../../src/data/index.js'
import { randomStream } from '../../src/numeric/index.js'
import {
  FitFailure,
  type FitPlan,
  type OpenTrainer,
  openTrainer,
  performFit,
  resample,
} from '../../src/training/index.js'
import type { Params } from '../../src/values.js'
import type { Task } from './synthetic.js'

interface Setup {
  readonly half: Task['half']
  readonly trainer: string
  /** A file of search-spaces/data, and its column to predict. */
  readonly data: string
  readonly target: string
  /** The loss; of accuracy, what is missing to 1. */
  readonly metric: 'logLoss' | 'rmse' | 'accuracy'
  readonly folds: number
  /** Rows drawn for an instance; all of them unless stated. */
  readonly rows?: number
  /** What a fold counts whose training fails (diverges): somewhat worse than predictions that know nothing. */
  readonly failed?: number
  /** Params of every trial. */
  readonly constants?: Params
  readonly parameters: Task['parameters']
}

const trainer = ({ trainer: name }: Setup) => ({ kind: 'built-in', name }) as const

const opened = new Map<string, Promise<OpenTrainer>>()
function openOnce(setup: Setup): Promise<OpenTrainer> {
  let found = opened.get(setup.trainer)
  if (found === undefined) {
    found = openTrainer(trainer(setup))
    opened.set(setup.trainer, found)
  }
  return found
}

const loaded = new Map<string, Promise<Dataset>>()
function loadOnce({ data, target, metric }: Setup): Promise<Dataset> {
  let found = loaded.get(data)
  if (found === undefined) {
    const file = fileURLToPath(new URL(`../../search-spaces/data/${data}.csv`, import.meta.url))
    const task = metric === 'rmse' ? 'regression' : 'classification'
    found = readDataset(file, { target, task }).then(({ dataset }) => dataset)
    loaded.set(data, found)
  }
  return found
}

/** The data and folds of an instance. */
async function planOf(setup: Setup, instance: number): Promise<FitPlan> {
  const all = await loadOnce(setup)
  const { metric, folds, rows = all.rows } = setup
  const order = Int32Array.from({ length: all.rows }, (_, i) => i)
  const drawn = randomStream(instance, 'rows', setup.data).shuffle(order).slice(0, rows).sort()
  const data = selectRows(all, drawn)
  return {
    trainer: trainer(setup),
    data,
    resampling: resample(data, { folds, seed: instance }),
    seed: instance,
    objectiveMetric: metric,
  }
}

function trainerTask(setup: Setup): Task {
  const name = `${setup.trainer}-${setup.data}`
  const plans = new Map<number, Promise<FitPlan>>()
  // Searches of spaces of few values come back to the same params.
  const losses = new Map<string, Promise<number>>()

  const evaluate = async (params: Params, instance: number): Promise<number> => {
    let planned = plans.get(instance)
    if (planned === undefined) {
      planned = planOf(setup, instance)
      plans.set(instance, planned)
    }
    const [plan, open] = await Promise.all([planned, openOnce(setup)])
    let sum = 0
    for (let fold = 0; fold < setup.folds; fold++) {
      const job = { trial: 0, attempt: 0, part: { kind: 'fold', fold }, params } as const
      try {
        const value = (await performFit(plan, open, job)).metrics[setup.metric]
        sum += setup.metric === 'accuracy' ? 1 - value : value
      } catch (error) {
        const diverged = error instanceof FitFailure && error.code === 'TRAINER_THREW'
        if (!diverged || setup.failed === undefined) throw error
        sum += setup.failed
      }
    }
    return sum / setup.folds
  }

  return {
    name,
    half: setup.half,
    kind: 'real',
    revision: 1,
    noise: 0,
    parameters: setup.parameters,
    async loss(given, instance) {
      const params = { ...setup.constants, ...given }
      const key = `${instance} ${JSON.stringify(Object.entries(params).sort())}`
      let found = losses.get(key)
      if (found === undefined) {
        found = evaluate(params, instance)
        losses.set(key, found)
      }
      return found
    },
  }
}

const scaling = { type: 'categorical', values: ['none', 'standard', 'minmax'] }
const imputation = { type: 'categorical', values: ['mean', 'median', 'zero'] }

const setups: readonly Setup[] = [
  {
    half: 'reporting',
    trainer: 'knn-classifier',
    data: 'wine',
    target: 'cultivar',
    metric: 'logLoss',
    folds: 5,
    parameters: {
      k: { type: 'int', min: 1, max: 60, scale: 'log' },
      distance: { type: 'categorical', values: ['euclidean', 'manhattan', 'chebyshev'] },
      weights: { type: 'categorical', values: ['uniform', 'distance'] },
      scaling,
    },
  },
  {
    half: 'reporting',
    trainer: 'cart-classifier',
    data: 'penguins',
    target: 'species',
    metric: 'logLoss',
    folds: 3,
    rows: 200,
    parameters: {
      maxDepth: { type: 'int', min: 1, max: 12 },
      minNumSamples: { type: 'int', min: 1, max: 100, scale: 'log' },
      gainThreshold: { type: 'float', min: 0.0001, max: 0.3, scale: 'log' },
      imputation,
      textImputation: { type: 'categorical', values: ['category', 'most-frequent'] },
      encoding: { type: 'categorical', values: ['one-hot', 'ordinal'] },
      scaling,
    },
  },
  {
    half: 'reporting',
    trainer: 'softmax-classifier',
    data: 'breast-cancer',
    target: 'diagnosis',
    metric: 'logLoss',
    folds: 3,
    rows: 250,
    parameters: {
      l2: { type: 'float', min: 1e-6, max: 10, scale: 'log' },
      l1: { type: 'float', min: 1e-6, max: 1, scale: 'log' },
      classWeight: { type: 'categorical', values: ['none', 'balanced'] },
      scaling,
    },
  },
  {
    half: 'reporting',
    trainer: 'svm-regressor',
    data: 'diabetes',
    target: 'progression',
    metric: 'rmse',
    folds: 3,
    rows: 150,
    parameters: {
      kernel: { type: 'categorical', values: ['rbf', 'linear', 'polynomial', 'sigmoid'] },
      cost: { type: 'float', min: 0.01, max: 100, scale: 'log' },
      gamma: {
        type: 'float',
        min: 0.0001,
        max: 1,
        scale: 'log',
        when: { kernel: ['rbf', 'polynomial', 'sigmoid'] },
      },
      degree: { type: 'int', min: 2, max: 4, when: { kernel: ['polynomial'] } },
      coef0: { type: 'float', min: -1, max: 1, when: { kernel: ['polynomial', 'sigmoid'] } },
      epsilon: { type: 'float', min: 0.001, max: 1, scale: 'log' },
      scaling: { type: 'categorical', values: ['standard', 'minmax'] },
    },
  },
  {
    half: 'reporting',
    trainer: 'perceptron-classifier',
    data: 'iris',
    target: 'species',
    metric: 'logLoss',
    folds: 3,
    failed: 2,
    constants: { epochs: 12 },
    parameters: {
      layers: { type: 'int', min: 1, max: 3 },
      units: { type: 'int', min: 2, max: 32, scale: 'log' },
      activation: { type: 'categorical', values: ['relu', 'tanh'] },
      optimizer: { type: 'categorical', values: ['adam', 'sgd'] },
      learningRate: { type: 'float', min: 0.0001, max: 1, scale: 'log' },
      momentum: { type: 'float', min: 0, max: 0.99, when: { optimizer: ['sgd'] } },
      schedule: { type: 'categorical', values: ['constant', 'cosine'] },
      batchSize: { type: 'ordinal', values: [4, 8, 16, 32] },
      l2: { type: 'float', min: 1e-7, max: 0.1, scale: 'log' },
      dropout: { type: 'float', min: 0, max: 0.6 },
    },
  },
  {
    half: 'reporting',
    trainer: 'boosted-trees-regressor',
    data: 'diabetes',
    target: 'progression',
    metric: 'rmse',
    folds: 3,
    rows: 150,
    parameters: {
      rounds: { type: 'int', min: 2, max: 40, scale: 'log' },
      learningRate: { type: 'float', min: 0.01, max: 1, scale: 'log' },
      maxDepth: { type: 'int', min: 1, max: 8 },
      minChildWeight: { type: 'float', min: 0.5, max: 50, scale: 'log' },
      subsample: { type: 'float', min: 0.3, max: 1 },
      columnSample: { type: 'float', min: 0.2, max: 1 },
      l2: { type: 'float', min: 0.001, max: 100, scale: 'log' },
      l1: { type: 'float', min: 0.001, max: 100, scale: 'log' },
    },
  },
  {
    half: 'choosing',
    trainer: 'cart-regressor',
    data: 'diabetes',
    target: 'progression',
    metric: 'rmse',
    folds: 3,
    rows: 120,
    parameters: {
      maxDepth: { type: 'int', min: 1, max: 12 },
      minNumSamples: { type: 'int', min: 1, max: 60, scale: 'log' },
      imputation,
      scaling,
    },
  },
  {
    half: 'choosing',
    trainer: 'cart-classifier',
    data: 'wine',
    target: 'cultivar',
    metric: 'logLoss',
    folds: 3,
    rows: 120,
    parameters: {
      maxDepth: { type: 'int', min: 1, max: 12 },
      minNumSamples: { type: 'int', min: 1, max: 60, scale: 'log' },
      gainThreshold: { type: 'float', min: 0.0001, max: 0.3, scale: 'log' },
      imputation,
      scaling,
    },
  },
  {
    half: 'choosing',
    trainer: 'knn-classifier',
    data: 'digits',
    target: 'digit',
    metric: 'accuracy',
    folds: 3,
    rows: 120,
    parameters: {
      k: { type: 'int', min: 1, max: 60, scale: 'log' },
      distance: { type: 'categorical', values: ['euclidean', 'manhattan', 'chebyshev'] },
      weights: { type: 'categorical', values: ['uniform', 'distance'] },
      scaling,
    },
  },
  {
    half: 'choosing',
    trainer: 'svm-classifier',
    data: 'iris',
    target: 'species',
    metric: 'accuracy',
    folds: 3,
    rows: 100,
    parameters: {
      kernel: { type: 'categorical', values: ['rbf', 'linear', 'polynomial', 'sigmoid'] },
      cost: { type: 'float', min: 0.01, max: 100, scale: 'log' },
      gamma: {
        type: 'float',
        min: 0.0001,
        max: 1,
        scale: 'log',
        when: { kernel: ['rbf', 'polynomial', 'sigmoid'] },
      },
      degree: { type: 'int', min: 2, max: 4, when: { kernel: ['polynomial'] } },
      coef0: { type: 'float', min: -1, max: 1, when: { kernel: ['polynomial', 'sigmoid'] } },
      scaling,
    },
  },
  {
    half: 'choosing',
    trainer: 'softmax-classifier',
    data: 'wine',
    target: 'cultivar',
    metric: 'logLoss',
    folds: 3,
    rows: 90,
    parameters: {
      l2: { type: 'float', min: 1e-6, max: 10, scale: 'log' },
      l1: { type: 'float', min: 1e-6, max: 1, scale: 'log' },
      classWeight: { type: 'categorical', values: ['none', 'balanced'] },
      scaling,
    },
  },
]

export const trainerTasks: readonly Task[] = setups.map(trainerTask)
