/** What the trainers of boosted trees keep, as JSON. */

/** Trees of our own: src/training/learners/boosting. */
export interface BoostedForestFile {
  /** Of each output; tree t adds to output t mod their number. */
  readonly start: readonly number[]
  readonly roots: readonly number[]
  /** −1: a leaf. */
  readonly column: readonly number[]
  /** Up to it rows go left; for a column of categories which of `sets`; of a leaf what it adds. */
  readonly value: readonly number[]
  readonly right: readonly number[]
  readonly missingLeft: readonly number[]
  /** The bins that go left. */
  readonly sets: readonly (readonly number[])[]
  /** For columns of categories the bin of each place. */
  readonly categories: readonly { readonly column: number; readonly bins: readonly number[] }[]
}

/** Trees of XGBoost: src/training/trainers/boosted-trees.ts. */
export interface XgboostForestFile {
  readonly roots: readonly number[]
  /** Which score each tree adds to. */
  readonly outputs: readonly number[]
  readonly column: readonly number[]
  /** Below it rows go left, in single precision; of a leaf what it adds. */
  readonly value: readonly number[]
  readonly right: readonly number[]
}

/** Answers are shift + scale × what the learner gives. */
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
