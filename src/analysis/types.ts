/**
 * What the record of a sweep tells: which parameters mattered, where it is good, and whether something is wrong with it.
 * Plain JSON, so that a page and a program can be given it as it is.
 */
import type { Direction, Params, ParamValue } from '../values.js'

/**
 * How far something goes by chance: between these bounds in nine of ten resamplings of the trials, each with a function drawn
 * from what the model then leaves open.
 */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** A share of importance, with its interval. Shares of the parameters of one analysis sum to 1. */
export interface Share extends Interval {
  readonly importance: number
}

/** Values of a parameter: a range of numbers, or some of those listed. */
export type ParameterRange =
  | { readonly kind: 'range'; readonly min: number; readonly max: number }
  | { readonly kind: 'values'; readonly values: readonly ParamValue[] }

/** The mean over all other parameters that a model of the trials gives, along one parameter. */
export interface Marginal {
  /** Numbers in increasing order, or the values listed. */
  readonly at: readonly ParamValue[]
  /** Of the metric, as the user sees it. */
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
  /** Trials near each, so that a curve over nothing can be told from one over many. */
  readonly trials: readonly number[]
}

/** One parameter, and what it had to do with the metric. */
export interface ParameterInsight extends Share {
  readonly name: string
  /** Share of the analysed trials in which it was active. */
  readonly active: number
  /**
   * PED-ANOVA over all trials: how much it tells the best tenth from the others. Shares, as above; null where too few
   * trials are. `importance` is by `sobol` (docs/insight.md says why).
   */
  readonly pedAnova: Share | null
  /** The same over the better half of the trials: what tells the best from the good. null where too few are. */
  readonly amongBetter: Share | null
  /** Total Sobol' index of a Gaussian process of the trials, 0 … 1: of all variance that which it has a part in. */
  readonly sobol: Share | null
  /**
   * What is gained over the stated default by setting it alone, in units of the metric, by the model; null where no default
   * is stated.
   */
  readonly tunability: number | null
  readonly marginal: Marginal | null
  /** What holds the best tenth of the trials in which it was active. */
  readonly good: ParameterRange | null
}

/** The mean that a model of the trials gives over two parameters, the others averaged out; row by row of `y`. */
export interface Surface {
  readonly x: string
  readonly y: string
  readonly xAt: readonly ParamValue[]
  readonly yAt: readonly ParamValue[]
  /** `mean[j][i]` at `yAt[j]`, `xAt[i]`. */
  readonly mean: readonly (readonly number[])[]
  readonly deviation: readonly (readonly number[])[]
}

/** A pair of parameters and the share of the variance that only both together explain. */
export interface PairInsight {
  readonly x: string
  readonly y: string
  readonly interaction: number
  readonly best: Params
}

/** What may be wrong with a sweep, or told of it, with the remedy. */
export interface Finding {
  readonly kind:
    | 'at-bound'
    | 'no-effect'
    | 'failures-gather'
    | 'no-value'
    | 'plateau'
    | 'no-better-than-baseline'
    | 'ended-early'
    | 'ended-late'
  readonly severity: 'warning' | 'note'
  /** What was found, in one sentence. */
  readonly message: string
  /** What to do about it, in one sentence. */
  readonly remedy: string
  readonly parameter: string | null
  /** Trials that show it, some of them where they are many. */
  readonly trials: readonly number[]
}

/** All of it, of one metric of one sweep. */
export interface Insight {
  readonly sweep: string
  readonly metric: string
  readonly direction: Direction
  /** Trials that were analysed: the finished ones that have the metric. */
  readonly trials: number
  /** Why nothing, or less, is said of importance: what the record cannot tell. */
  readonly unsure: string | null
  /** Greatest importance first; empty where the record cannot tell. Constants are not among them. */
  readonly parameters: readonly ParameterInsight[]
  /** The pairs that have most to do with each other, the greatest first. */
  readonly pairs: readonly PairInsight[]
  readonly health: readonly Finding[]
}
