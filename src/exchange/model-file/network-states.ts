/** What linear models and networks keep, as JSON. */
import type { TargetScaleFile } from './boosted-states.js'

export interface LinearFile {
  readonly coefficients: readonly number[]
  readonly intercept: number
}

/** Columns × classes, row-major. */
export interface SoftmaxFile {
  readonly weights: readonly number[]
  readonly biases: readonly number[]
}

export interface NetworkFile {
  readonly sizes: readonly number[]
  readonly activation: 'relu' | 'tanh'
  /** Weights (inputs × outputs, row-major) and biases, layer by layer. */
  readonly theta: readonly number[]
}

export type NetworkStates =
  | LinearFile
  | SoftmaxFile
  | NetworkFile
  | { readonly network: NetworkFile; readonly target: TargetScaleFile }
