/**
 * The families of trainers that a drafted sweep chooses among: the ranges that are worth searching, and params that are
 * known to be good, which are tried first.
 *
 * Ranges and first params are those that the methods' authors and reviews of their defaults give (Probst, Boulesteix and
 * Bischl 2019, JMLR 20(53), for boosting, forests, neighbours, support vectors and the elastic net; scikit-learn's defaults where
 * they are as good), rounded. They were looked at on iris, wine, breast-cancer and diabetes alone.
 */
import type { Task } from '../../data/index.js'
import type { ParameterJson } from '../../space/index.js'
import type { Params } from '../../values.js'

/** What the ranges depend on. */
export interface Size {
  readonly rows: number
  /** Columns of the file, which are what trees split by. */
  readonly features: number
  /** Columns of the matrix of all others, each text with its own. */
  readonly width: number
  /** Whether the classes are of very unequal size. */
  readonly unbalanced: boolean
  /** Whether the metric is made of probabilities. */
  readonly needsProbabilities: boolean
}

export interface Family {
  readonly trainer: string
  /** What it is, in a few words. */
  readonly says: string
  /** By the names that its trainer has for them. */
  readonly parameters: Readonly<Record<string, ParameterJson>>
  /** Tried first, in this order; what is left out takes the middle of its range. */
  readonly first: readonly Params[]
}

const float = (min: number, max: number, scale: 'linear' | 'log' = 'linear') =>
  ({ type: 'float', min, max, ...(scale === 'log' && { scale }) }) as const
const int = (min: number, max: number, scale: 'linear' | 'log' = 'linear') =>
  ({ type: 'int', min, max, ...(scale === 'log' && { scale }) }) as const
const one = (...values: string[]) => ({ type: 'categorical', values }) as const

/** Beyond so many rows a support vector machine takes minutes a fit, and neighbours predict slowly. */
const mostVectors = 5_000
const mostNeighbours = 50_000

/** The families for a task, quickest to be good first. `known`: whether there is such a trainer. */
export function familiesFor(task: Task, size: Size, known: (trainer: string) => boolean): Family[] {
  const kind = task === 'classification' ? 'classifier' : 'regressor'
  const all = [
    boostedTrees(kind, size),
    forest(kind, size),
    extraTrees(kind, size),
    task === 'classification' ? softmax(size) : linear(),
    ...(size.rows <= mostVectors ? [supportVectors(kind, size)] : []),
    ...(size.rows <= mostNeighbours ? [neighbours(kind, size)] : []),
  ]
  return all.filter(({ trainer }) => known(trainer))
}

type Kind = 'classifier' | 'regressor'

function boostedTrees(kind: Kind, { unbalanced }: Size): Family {
  const none = weighted(kind, unbalanced, 'none')
  return {
    trainer: `boosted-trees-${kind}`,
    says: 'gradient-boosted trees: small steps want many rounds',
    parameters: {
      rounds: int(50, 400, 'log'),
      learningRate: float(0.02, 0.3, 'log'),
      maxLeaves: int(4, 63, 'log'),
      minSamplesLeaf: int(2, 50, 'log'),
      subsample: float(0.5, 1),
      columnSample: float(0.3, 1),
      l2: float(0.01, 10, 'log'),
      ...weights(kind, unbalanced),
    },
    first: [
      {
        ...{ rounds: 100, learningRate: 0.1, maxLeaves: 31, minSamplesLeaf: 20 },
        ...{ subsample: 1, columnSample: 1, l2: 0.01, ...none },
      },
      {
        ...{ rounds: 150, learningRate: 0.1, maxLeaves: 8, minSamplesLeaf: 5 },
        ...{ subsample: 0.8, columnSample: 0.5, l2: 1, ...none },
      },
    ],
  }
}

function forest(kind: Kind, size: Size): Family {
  return {
    trainer: `forest-${kind}`,
    says: 'a random forest: hard to do badly',
    parameters: forestParameters(kind, size),
    first: [
      { columnSample: drawn(kind, size), minSamplesLeaf: 1, ...weighted(kind, size.unbalanced, 'none') },
    ],
  }
}

function extraTrees(kind: Kind, size: Size): Family {
  return {
    trainer: `extra-trees-${kind}`,
    says: 'a forest whose splits are drawn: smoother, and good with many weak columns',
    parameters: forestParameters(kind, size),
    first: [
      { columnSample: drawn(kind, size), minSamplesLeaf: 1, ...weighted(kind, size.unbalanced, 'none') },
    ],
  }
}

function forestParameters(kind: Kind, { unbalanced }: Size): Family['parameters'] {
  return {
    trees: 100,
    columnSample: float(0.05, 1),
    minSamplesLeaf: int(1, 20, 'log'),
    ...weights(kind, unbalanced),
  }
}

/** The share of the columns that a split looks at: the root of their number for classes, all for numbers. */
function drawn(kind: Kind, { features }: Size): number {
  return kind === 'regressor' ? 1 : Math.min(1, Math.max(0.05, rounded(1 / Math.sqrt(features))))
}

function weights(kind: Kind, unbalanced: boolean): Family['parameters'] {
  return kind === 'classifier' && unbalanced ? { classWeight: one('none', 'balanced') } : {}
}

function weighted(kind: Kind, unbalanced: boolean, how: 'none' | 'balanced'): Params {
  return kind === 'classifier' && unbalanced ? { classWeight: how } : {}
}

function softmax({ rows, unbalanced }: Size): Family {
  const usual = rounded(1 / rows)
  return {
    trainer: 'softmax-classifier',
    says: 'logistic regression: the best there is where classes are divided by planes',
    parameters: {
      l2: float(1e-6, 1, 'log'),
      ...(unbalanced && { classWeight: one('none', 'balanced') }),
    },
    first: [{ l2: Math.min(1, Math.max(1e-6, usual)), ...(unbalanced && { classWeight: 'none' }) }],
  }
}

function linear(): Family {
  return {
    trainer: 'linear-regressor',
    says: 'linear regression with a ridge and a lasso: the best there is where effects add up',
    parameters: { l2: float(1e-6, 10, 'log'), l1: float(1e-6, 1, 'log') },
    first: [
      { l2: 0.001, l1: 1e-6 },
      { l2: 0.1, l1: 0.01 },
    ],
  }
}

function supportVectors(kind: Kind, { width, unbalanced, needsProbabilities }: Size): Family {
  const gamma = rounded(1 / Math.max(1, width))
  const classes = kind === 'classifier'
  return {
    trainer: `svm-${kind}`,
    says: `support vectors with a Gaussian kernel, for up to ${mostVectors.toLocaleString('en')} rows`,
    parameters: {
      cost: float(0.1, 100, 'log'),
      gamma: float(rounded(gamma / 30), rounded(gamma * 10), 'log'),
      ...(!classes && { epsilon: float(0.01, 0.5, 'log') }),
      ...(classes && unbalanced && { classWeight: one('none', 'balanced') }),
      ...(classes && needsProbabilities && { probabilities: true }),
    },
    first: [
      {
        cost: 1,
        gamma,
        ...(!classes && { epsilon: 0.1 }),
        ...(classes && unbalanced && { classWeight: 'none' }),
      },
      {
        cost: 10,
        gamma: rounded(gamma / 3),
        ...(!classes && { epsilon: 0.1 }),
        ...(classes && unbalanced && { classWeight: 'balanced' }),
      },
    ],
  }
}

function neighbours(kind: Kind, { rows }: Size): Family {
  return {
    trainer: `knn-${kind}`,
    says: 'nearest neighbours: what looks alike is alike',
    parameters: {
      k: int(1, Math.max(2, Math.min(50, Math.floor(rows / 4))), 'log'),
      weights: one('uniform', 'distance'),
      distance: one('euclidean', 'manhattan'),
    },
    first: [
      { k: Math.max(1, Math.min(5, Math.floor(rows / 4))), weights: 'distance', distance: 'euclidean' },
    ],
  }
}

/** To two digits: a person will read it. */
function rounded(value: number): number {
  return Number(value.toPrecision(2))
}
