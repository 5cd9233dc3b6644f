/**
 * Advice that nothing more is to be gained: the best possible gain r̂ (regret.ts) is below what cross-validation can
 * tell apart. Its noise is the standard error of the mean over folds, which share training rows:
 *
 *   r̂ < √((1/m + 1/(k − 1)) s²)
 *
 * with m = fits of the best trial, k = parts the rows are divided into (m = k unless folds are repeated), s² =
 * variance of the best trial's fold values. Sources: Makarova et al., "Automatic Termination for Hyperparameter
 * Optimization", AutoML-Conf 2022; Nadeau and Bengio, "Inference for the Generalization Error", 2003.
 */
import type { Space } from '../space/index.js'
import type { ValuedTrial } from './regret.js'
import type { History, SearchSettings } from './types.js'

/** Trials with a value before there is any advice, and how many more until it is given anew. */
const from = 20
const every = 5

export interface StoppingAdvice {
  readonly stop: boolean
  /** r̂: the most that could still be gained, in units of the objective. */
  readonly regret: number
  /** The noise of cross-validation, in the same units: where r̂ is below it, to stop is advised. */
  readonly threshold: number
  /** Trials with a value that the advice goes by. */
  readonly trials: number
}

/** The best trial of a history, as far as the advice goes by it. */
export interface FoldedTrial {
  /** The objective's metric of each of its fits. */
  readonly foldValues: readonly number[]
  /** Parts the rows are divided into, where folds are repeated: as many as there are values unless stated. */
  readonly folds?: number
}

/**
 * How often advice has been due by the time that so many outcomes are known: at 20, 25, 30 … of them. It takes some
 * tens of milliseconds, too much for every trial.
 */
export function adviceDue(outcomes: number): number {
  return outcomes < from ? 0 : Math.floor((outcomes - from) / every) + 1
}

/**
 * Whether nothing more is to be gained by going on. A function of its arguments alone; what is pending is not looked
 * at, nor are results of a warm start. null where there is nothing to go by: fewer than 20 trials with a value, fewer
 * than two folds, or no model of the values (they are all equal).
 */
export async function adviseStopping(
  space: Space,
  { seed }: Pick<SearchSettings, 'seed'>,
  history: Pick<History, 'directions' | 'trials'>,
  best: FoldedTrial,
): Promise<StoppingAdvice | null> {
  const threshold = noiseOfMean(best)
  const valued = history.trials
    .filter(({ outcome, values }) => outcome !== 'failed' && Number.isFinite(values[0]))
    .map((trial): ValuedTrial => ({ ...trial, value: trial.values[0] }))
    .sort((a, b) => a.trial - b.trial)
  if (valued.length < from || threshold === null) return null
  // Loaded only where it is used: it reads and compiles the WebAssembly loops.
  const { regretBound } = await import('./regret.js')
  const regret = regretBound(space, seed, valued, history.directions[0])
  if (regret === null) return null
  return { stop: regret < threshold, regret, threshold, trials: valued.length }
}

/** Standard error of the mean over folds; null where there are not two. */
function noiseOfMean({ foldValues, folds = foldValues.length }: FoldedTrial): number | null {
  const m = foldValues.length
  if (m < 2 || folds < 2) return null
  const mean = foldValues.reduce((sum, value) => sum + value, 0) / m
  const squares = foldValues.reduce((sum, value) => sum + (value - mean) * (value - mean), 0)
  const noise = Math.sqrt((1 / m + 1 / (folds - 1)) * (squares / (m - 1)))
  return Number.isFinite(noise) ? noise : null
}
