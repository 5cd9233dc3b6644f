/**
 * The engine of boosted trees that ships with Espalier: what its hyperparameters ask for, and what stands in its model files
 * (learners/boosting/).
 */
import { randomStream } from '../../numeric/index.js'
import { nearestHint } from '../../spelling.js'
import type { Params } from '../../values.js'
import { FitFailure } from '../failures.js'
import type { Bins } from '../learners/boosting/bins.js'
import { type BoostingSettings, sharedBins } from '../learners/boosting/fit.js'
import { encodeRows, type Forest, forestScorer, type Scorer } from '../learners/boosting/forest.js'
import type { TrainedRows } from '../learners/boosting/objectives.js'
import { relativeWeights } from '../learners/relative-weights.js'
import type { Matrix } from '../matrix.js'
import type { FittedHere, LearnerContext } from '../pipeline.js'
import { rowsApart } from '../resampling/inner-parts.js'

/** A fit's settings, and its rows with what they count. */
export interface BoostingTask {
  readonly bins: Bins
  readonly settings: BoostingSettings
  readonly rows: TrainedRows
  /** Of all rows, those set aside too, on the scale on which the mean over those trained on is 1. */
  readonly weights: Float64Array | null
}

/** What is asked for by `params`. `codes`: the rows' classes, null for numbers. */
export function boostingTask(
  x: Matrix,
  codes: Int32Array | null,
  params: Params,
  context: LearnerContext,
): BoostingTask {
  const number = (name: string) => params[name] as number
  const wanted = number('earlyStoppingRounds') > 0
  const validation = wanted
    ? rowsApart(context.rows, number('validationShare'), context.seed, () =>
        validationRows(x.rows, codes, number('validationShare'), context.seed),
      )
    : new Int32Array(0)
  if (wanted && validation.length === 0)
    context.log(
      `no early stopping: of ${x.rows} training rows none can be set aside, so that some of each class are left`,
    )
  const isAside = new Uint8Array(x.rows)
  for (const row of validation) isAside[row] = 1
  const training = Int32Array.from({ length: x.rows }, (_, row) => row).filter((row) => isAside[row] === 0)
  const weights = weightsThatDiffer(relativeWeights(context.weights, training))
  const bins = sharedBins(context.shared, x, number('bins'))
  return {
    bins,
    settings: {
      rounds: number('rounds'),
      learningRate: number('learningRate'),
      maxLeaves: number('maxLeaves'),
      maxDepth: number('maxDepth'),
      minRows: number('minSamplesLeaf'),
      minHessian: number('minChildWeight'),
      minGain: number('minSplitGain'),
      l2: number('l2'),
      l1: number('l1'),
      rowSample: number('subsample'),
      columnSample: number('columnSample'),
      mostBins: number('bins'),
      signs: monotoneSigns(x, bins, params, context),
      stopping: validation.length === 0 ? null : { validation, rounds: number('earlyStoppingRounds') },
    },
    rows: {
      rows: x.rows,
      training,
      weights: validation.length === 0 ? weights : weightsOf(isAside, weights),
    },
    weights,
  }
}

/** 0 for rows set aside. */
function weightsOf(isAside: Uint8Array, weights: Float64Array | null): Float64Array {
  return Float64Array.from(isAside, (aside, row) => (aside === 1 ? 0 : (weights?.[row] ?? 1)))
}

/** None where all rows count the same. */
function weightsThatDiffer(weights: Float64Array | null): Float64Array | null {
  return weights?.some((weight) => weight !== weights[0]) ? weights : null
}

/** A share of each class (rounded, at most all but one of its rows), or of all rows; in growing order. */
function validationRows(rows: number, codes: Int32Array | null, share: number, seed: number): Int32Array {
  const order = randomStream(seed, 'validation').shuffle(Int32Array.from({ length: rows }, (_, row) => row))
  const sizes = new Map<number, number>()
  for (const row of order) sizes.set(codes?.[row] ?? 0, (sizes.get(codes?.[row] ?? 0) ?? 0) + 1)
  const left = new Map([...sizes].map(([code, size]) => [code, Math.min(size - 1, Math.round(share * size))]))
  return order
    .filter((row) => {
      const some = left.get(codes?.[row] ?? 0)!
      left.set(codes?.[row] ?? 0, some - 1)
      return some > 0
    })
    .sort()
}

/** For each column with codes; null where nothing is constrained. */
function monotoneSigns(x: Matrix, bins: Bins, params: Params, context: LearnerContext): Int8Array | null {
  const asked = Object.entries(params.monotone as Record<string, number>)
  if (asked.length === 0) return null
  const features = context.features()
  const signs = new Int8Array(bins.columns.length)
  for (const [feature, sign] of asked) {
    const columns = features.flatMap((name, column) => (name === feature ? [column] : []))
    if (columns.length === 0)
      throw refused(
        `"monotone" names the feature "${feature}", which the data does not have${nearestHint(feature, [...new Set(features)], 'it has')}`,
      )
    if (columns.length > 1 || (x.categories?.[columns[0]] ?? 0) > 0)
      throw refused(`"monotone" is for features of numbers, and "${feature}" has texts: leave it out there`)
    const place = bins.columns.indexOf(columns[0])
    if (place >= 0) signs[place] = sign
  }
  return signs.some((sign) => sign !== 0) ? signs : null
}

export function refused(message: string): FitFailure {
  return new FitFailure('PARAMS_REFUSED', `params: ${message}`)
}

/** A forest, and where it was grown just now the bins of its rows, with how many a column was to have at most. */
export interface Grown {
  readonly forest: Forest
  readonly bins: { readonly bins: Bins; readonly most: number } | null
}

/** Scores of rows; those held out are encoded once for all fits on the same rows. */
export function scorerOf({ forest, bins: known }: Grown, here: FittedHere | undefined): Scorer {
  if (here === undefined || known === null) return forestScorer(forest)
  const { bins, most } = known
  const codesOf = (x: Matrix): Uint16Array | null =>
    here.isHeldOut(x)
      ? here.shared.get(
          `boosting: held out in ${most} bins`,
          () => encodeRows(bins, x),
          (codes) => codes.byteLength,
        )
      : null
  return forestScorer(forest, { bins, codesOf })
}
