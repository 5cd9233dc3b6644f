/** What the trainers of boosted trees keep, as JSON. */

/** Trees of our own: src/training/learners/boosting. */
export interface BoostedForestFile {
  readonly start: readonly number[]
  readonly roots: readonly number[]
  readonly column: readonly number[]
  readonly value: readonly number[]
  readonly right: readonly number[]
  readonly missingLeft: readonly number[]
  readonly sets: readonly (readonly number[])[]
  readonly categories: readonly { readonly column: number; readonly bins: readonly number[] }[]
}

/** Trees of XGBoost: src/training/trainers/boosted-trees.ts. */
export interface XgboostForestFile {
  readonly roots: readonly number[]
  readonly outputs: readonly number[]
  readonly column: readonly number[]
  readonly value: readonly number[]
  readonly right: readonly number[]
}

export interface TargetScaleFile {
  readonly shift: number
  readonly scale: number
}

export type BoostedStates =
  /** Classifier, then regressor, of our own engine. */
  | { readonly engine: 'native'; readonly trees: BoostedForestFile }
  | {
      readonly engine: 'native'
      readonly loss: string
      readonly trees: BoostedForestFile
      readonly target: TargetScaleFile
    }
  /** Classifier, then regressor, of XGBoost. */
  | XgboostForestFile
  | { readonly trees: XgboostForestFile; readonly target: TargetScaleFile }
