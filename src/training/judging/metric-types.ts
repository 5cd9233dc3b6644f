/** What there is to judge a model by. */

/** Of a classifier. Codes index the classes 0 … classes − 1. */
export interface ClassifiedRows {
  readonly truth: Int32Array
  readonly predicted: Int32Array
  readonly classes: number
  /** Rows × classes, row-major; null where the model has none. */
  readonly probabilities: Float64Array | null
}

/** Of a regressor. */
export interface EstimatedRows {
  readonly truth: Float64Array
  readonly predicted: Float64Array
}
