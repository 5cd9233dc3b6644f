/** What the bias correction is made from. */

/** The out-of-fold predictions of one trial: one for each entry of the truth. */
export interface OutOfFold {
  /** Class codes, or numbers. */
  readonly values: Int32Array | Float64Array
  /** The probability given to the true class, for `logLoss`; null where the model has none. */
  readonly trueProbability?: Float64Array | null
  /** Entries × classes, for every other metric of probabilities; null where the model has none, or none were kept. */
  readonly probabilities?: Float64Array | null
}

export type Truth =
  | { readonly kind: 'classes'; readonly codes: Int32Array; readonly classes: number }
  | { readonly kind: 'numbers'; readonly values: Float64Array }
