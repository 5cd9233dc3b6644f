/**
 * What a model file (`model.json`) holds, as far as other tools need it: the documented format of docs/model-format.md, which everything that
 * is written for other tools is made from. Files are read by `readModelFile`, which has them checked by their trainers first.
 */
import type { Signature } from '../../data/index.js'
import type { BoostedStates } from './boosted-states.js'
import type { NeighbourStates } from './neighbour-states.js'
import type { NetworkStates } from './network-states.js'
import type { SvmStates } from './svm-states.js'
import type { TreeStates } from './tree-states.js'

/** A model of one trainer, or of several: their answers are averaged by weight. */
export interface ModelFile {
  readonly signature: Signature
  /** Of two classes the positive one is answered where its probability is this or more. */
  readonly threshold: { readonly positive: string; readonly value: number } | null
  /** One with weight 1 where it is no ensemble. */
  readonly members: readonly { readonly weight: number; readonly model: FittedModel }[]
  readonly isEnsemble: boolean
  /** The file as it is. */
  readonly json: unknown
}

/** What one built-in trainer has fitted. */
export type FittedModel = {
  /** `forest-classifier`. */
  readonly trainer: string
  readonly preprocessing: PreprocessingFile
} & (
  | {
      readonly task: 'classification'
      readonly classes: readonly string[]
      /** The learner's class i is classes[seen[i]]. */
      readonly seen: readonly number[]
      /** null: only one class was seen, which is always answered. */
      readonly learned: LearnedFile | null
      readonly calibration: CalibrationFile | null
    }
  | { readonly task: 'regression'; readonly learned: LearnedFile }
)

/** See src/training/preprocessing.ts for what each column does. */
export interface PreprocessingFile {
  readonly columns: readonly PreprocessedColumn[]
  /** Each matrix column becomes (value − shift) / scale; null where nothing is scaled. */
  readonly shift: readonly number[] | null
  readonly scale: readonly number[] | null
}

type Categories = { readonly categories: readonly (string | null)[]; readonly missing: string | null }

export type PreprocessedColumn = { readonly name: string } & (
  | { readonly kind: 'number'; readonly fill: number | null }
  | ({ readonly kind: 'one-hot' | 'ordinal' | 'category' } & Categories)
  | ({
      readonly kind: 'target'
      readonly values: readonly (readonly number[])[]
      readonly prior: readonly number[]
    } & Categories)
  | { readonly kind: 'hash'; readonly columns: number; readonly missing: string | null }
  | { readonly kind: 'date-parts'; readonly fills: readonly (number | null)[] }
)

export interface CalibrationFile {
  readonly kind: 'sigmoid' | 'isotonic'
  readonly maps: readonly (
    | { readonly a: number; readonly b: number }
    | { readonly p: readonly number[]; readonly q: readonly number[] }
  )[]
}

/** What a learner has learned, told apart by the name of its trainer first, and by its engine then. */
export type LearnedFile = TreeStates | BoostedStates | NeighbourStates | NetworkStates | SvmStates
