/**
 * The contract of training: data and params in, a model with a prediction interface out; what is learned on
 * the way is reported as it happens. Independent of any framework.
 */
import type { Dataset, Signature, Table, Task } from '../data/index.js'
import type { RandomStream } from '../numeric/index.js'
import type { JsonValue, Metrics, Params, ParamValue } from '../values.js'

/** `names`: an object that gives some names (of features) one value each. */
export type HyperparameterType = 'float' | 'int' | 'categorical' | 'boolean' | 'names'

/** One described hyperparameter of a trainer: what `espalier trainers NAME` prints. */
export interface Hyperparameter {
  readonly name: string
  readonly description: string
  readonly type: HyperparameterType
  readonly default: ParamValue
  /** Inclusive, for float and int. */
  readonly min?: number
  readonly max?: number
  /** For categorical; for names, those that each name may have. */
  readonly values?: readonly ParamValue[]
}

/** What a fit is given beside data and params. */
export interface TrainingContext {
  /** Seed of everything random in this fit, derived from (sweep seed, trial, fold). */
  readonly seed: number
  readonly random: RandomStream
  /**
   * Reports metrics at a step; the answer says whether to go on. Without anybody listening: 'continue'. A metric that is
   * not finite is left out of the record, with a note.
   */
  report(step: number, metrics: Metrics): Promise<'continue' | 'prune'>
  /** Aborted when the trial is to stop: checked by trainers that can. */
  readonly signal: AbortSignal
  /** The seat the fit holds while it runs, by number: no two fits hold one at the same time. Nothing of a result may depend on it. */
  readonly seat: number
  /** Ids of the devices (GPUs) that the fit may use, which no other fit does meanwhile unless shares were asked for; none where nobody has dealt out devices. */
  readonly devices: readonly string[]
  /**
   * A folder of this fit's own, absolute, which outlives crashes and interruptions: what is in it when a step is reported is kept
   * with that step (wait for the answer before you change it). A fit that goes on finds it so, and has its earlier steps on record.
   */
  readonly checkpoint: string
  /** The first step that is not on record: 0, or the one after the last that was kept with the checkpoint. */
  readonly step: number
  log(message: string): void
}

/** Labels (classification) or numbers (regression), one a row. */
export type Predictions = readonly string[] | Float64Array

/** What a trainer has fitted. Predicts one label or number for each row of the table, in its order. */
export interface Model {
  predict(features: Table): Predictions
  /** Rows × classes, row-major, in the order of `classes`. Only where the method has probabilities. */
  predictProbability?(features: Table): { readonly classes: readonly string[]; readonly values: Float64Array }
  /** Labels and probabilities in one pass, where both come from the same work. Agrees with the two above. */
  predictBoth?(features: Table): {
    readonly labels: readonly string[]
    readonly probabilities: { readonly classes: readonly string[]; readonly values: Float64Array }
  }
  /** How much each feature had to do with what was learned, as shares that sum to 1, greatest first; recorded with the model. */
  importances?(): readonly FeatureImportance[]
  /** Everything needed to load it again, as plain JSON. */
  toJSON(): JsonValue
}

export interface FeatureImportance {
  readonly feature: string
  /** 0 … 1. */
  readonly importance: number
}

/** Data and params in, a model out. */
export interface Trainer {
  readonly name: string
  readonly task: Task
  readonly description: string
  readonly hyperparameters: readonly Hyperparameter[]
  /** What it cannot do, or not fast, in plain words: printed by `espalier trainers NAME`. */
  readonly limits?: readonly string[]
  /** npm packages whose versions are recorded with every run. */
  readonly packages?: readonly string[]
  /** Whether `fit` heeds `data.weights`. A sweep whose data has weights is refused for a trainer that does not. */
  readonly usesWeights?: boolean
  /**
   * Of a classifier: whether its models have probabilities, always (true), never (false), or where this boolean hyperparameter
   * of its own is true. A sweep by a metric that needs them (logLoss) is then refused where they are missing; not stated: it is
   * found out by the first trial.
   */
  readonly probabilities?: boolean | { readonly hyperparameter: string }
  /** Fits the whole pipeline (imputation, encoding, scaling, learner) on these rows alone. */
  fit(data: Dataset, params: Params, context: TrainingContext): Model | Promise<Model>
  /**
   * The model that `toJSON` gave this state: it predicts exactly the same. A state may come from a file that anybody wrote: what is
   * no state of this trainer's is refused by throwing. `signature`: what the file says that the model was fitted on.
   */
  load(state: JsonValue, signature?: Signature): Model | Promise<Model>
}

/** What an objective is given besides the params: the context of a fit, and which trial it is. */
export interface ObjectiveContext extends TrainingContext {
  readonly trial: number
  /**
   * Keeps a file with the trial, whether it finishes or fails: 64 MB in all unless the sweep's `limits.artifactsMB` says
   * otherwise; what is too large is left out, with a warning. Names have letters, digits and
   * `. _ + @ -`, with `/` between folders; the same name again replaces the file.
   */
  artifact(name: string, content: Uint8Array | string): void
}

/** A number (the objective's metric), or metrics by name with the objective's metric among them. */
export type ObjectiveResult = number | Metrics

/** Params → value. What it throws, or a value that is not finite, fails its trial alone. */
export type ObjectiveFunction = (
  params: Params,
  context: ObjectiveContext,
) => ObjectiveResult | Promise<ObjectiveResult>

/** A sweep without a data set: what a module exports as its default instead of a Trainer. */
export interface Objective {
  readonly name: string
  objective: ObjectiveFunction
  readonly hyperparameters?: readonly Hyperparameter[]
  readonly packages?: readonly string[]
}

/** A trainer that any process finds by itself. */
export type NamedReference =
  /** One of the trainers that ship with Espalier. */
  | { readonly kind: 'built-in'; readonly name: string }
  /** A module whose default export is a Trainer or an objective ({name, objective}); an absolute file path. */
  | { readonly kind: 'module'; readonly file: string }

/** One of the trainers that a sweep chooses among: `value` is what the parameter `trainer` says. */
export interface Candidate<T> {
  readonly value: string
  readonly reference: NamedReference
  readonly trainer: T
}

/** A trainer or an objective, ready to be used; or the trainers among which each trial has one. */
export type OpenTrainer =
  | { readonly kind: 'trainer'; readonly trainer: Trainer }
  | { readonly kind: 'objective'; readonly objective: Objective }
  | { readonly kind: 'choice'; readonly candidates: readonly Candidate<Trainer>[] }

/** What is said of a trainer: all that is needed of one to prepare a sweep. */
export type TrainerDescription = Omit<Trainer, 'fit' | 'load'>

/** What is said of an objective. */
export type ObjectiveDescription = Omit<Objective, 'objective'>

/** A trainer or an objective as plain data. One that is open is described by itself. */
export type DescribedTrainer =
  | { readonly kind: 'trainer'; readonly trainer: TrainerDescription }
  | { readonly kind: 'objective'; readonly objective: ObjectiveDescription }
  | { readonly kind: 'choice'; readonly candidates: readonly Candidate<TrainerDescription>[] }
