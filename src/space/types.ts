/**
 * The search space: the parameters of a sweep, and the map between params and the unit cube.
 *
 * Notation: d = number of dimensions (parameters that are not constants), u = a point of [0, 1]^d.
 * Encoding (DESIGN section 4, and the search engine's needs):
 *   float        u linear in the value, or in its logarithm, the value rounded to a decimal (continuous.ts);
 *                a stepped float counts its points as an int does.
 *   int          u = (v − lo + ½)/(hi − lo + 1); on a log scale the logarithm, between lo − ½ and hi + ½;
 *                a stepped int counts its steps the same way.
 *   ordinal      its index as an int;  categorical  the same, but only equality of indices has a meaning.
 *   inactive     0.5, so that trials that differ only in inactive parameters are one point.
 */
import type { Problem } from '../errors.js'
import type { Direction, Encoding, JsonScalar, Params, ParamValue, ThousandsMark } from '../values.js'

/** `when`: the parameter exists only while every listed parent is active and has one of the listed values. */
export type Condition = readonly { readonly parent: string; readonly values: readonly ParamValue[] }[]

interface ParameterBase {
  readonly name: string
  readonly when: Condition
  /** The stated default, where there is one: the first trial of the Bayesian search. */
  readonly default?: ParamValue
  readonly description?: string
}
export interface FloatParameter extends ParameterBase {
  readonly type: 'float'
  readonly min: number
  readonly max: number
  readonly scale: 'linear' | 'log'
  readonly step: number | null
  /** Points on a grid of this parameter, where stated. */
  readonly grid: number | null
}
export interface IntParameter extends ParameterBase {
  readonly type: 'int'
  readonly min: number
  readonly max: number
  readonly scale: 'linear' | 'log'
  readonly step: number
  readonly grid: number | null
}
export interface ListedParameter extends ParameterBase {
  readonly type: 'categorical' | 'ordinal'
  readonly values: readonly ParamValue[]
}
export interface ConstantParameter extends ParameterBase {
  readonly type: 'constant'
  readonly value: ParamValue
}
export type Parameter = FloatParameter | IntParameter | ListedParameter | ConstantParameter

/** One coordinate of the unit cube: a parameter that is not a constant. */
export interface Dimension {
  readonly parameter: Exclude<Parameter, ConstantParameter>
  /** `continuous`: an unstepped float. `ordered`: int, stepped float or ordinal. `categorical`: by equality only. */
  readonly kind: 'continuous' | 'ordered' | 'categorical'
  /** How many different values: Infinity where continuous. */
  readonly levels: number
  /** Whether the scale is logarithmic. */
  readonly log: boolean
  /** The unit coordinate of level 0 … levels − 1 (not for `continuous`). Level order is value order. */
  levelToUnit(level: number): number
  /** The level whose cell holds this unit coordinate (not for `continuous`). Clamped. */
  unitToLevel(u: number): number
  /** The value at a unit coordinate, whether or not the parameter is active. Clamped. */
  unitToValue(u: number): ParamValue
}

/** A validated search space: which params there are, and where each stands in the unit cube. */
export interface Space {
  /** In the order of the file. */
  readonly parameters: readonly Parameter[]
  readonly dimensions: readonly Dimension[]
  /**
   * How many different params there are: Infinity as soon as one continuous parameter can be active. Counted
   * exactly and then rounded to a number; more than Number.MAX_VALUE becomes that. An upper bound where conditions with
   * several parents are so entangled that counting would take millions of steps.
   */
  readonly size: number

  /**
   * Params → unit cube, length d. Exact inverse of `decode` on every feasible value. Throws SPACE_INVALID if
   * infeasible. Constants may be left out.
   */
  encode(params: Params): Float64Array
  encodeInto(params: Params, out: Float64Array): void
  /** Unit cube → params: snaps to feasible values, leaves out what is inactive, adds constants that are active. */
  decode(point: ArrayLike<number>): Params
  /** Moves a point, in place, to the feasible point it decodes to: inactive coordinates become 0.5. */
  snapInto(point: Float64Array): void
  /** 1 where dimension i is active at this point, else 0. */
  activeInto(point: ArrayLike<number>, out: Uint8Array): void
  /**
   * The params as the space itself has them: a number a rounding error away from its level, or beyond an end of its
   * range, is that one; of a list or an object, the space's own. What is no value of its parameter, and what is no
   * parameter, stays as it is. To be asked wherever params come from outside and are kept.
   */
  own(params: Params): Params
  /** Canonical text of the active params: equal exactly when the params are equal. */
  key(params: Params): string
  /**
   * Every mistake in params given by hand (unknown name, out of range, missing, inactive): empty when fine.
   * Constants may be left out.
   */
  check(params: Params): Problem[]
  /** The same for partial params: nothing is missing, but what is given must be able to hold together. */
  checkPartial(partial: Params): Problem[]
  /**
   * Completes partial params: active parameters not given take the value `decode(point)` has for them, or, where
   * something given depends on them, the nearest value that keeps it active. Never throws: what `checkPartial`
   * finds fault with is taken over as it is.
   */
  complete(partial: Params, point: ArrayLike<number>): Params
  /** The centre of the space: every parameter's stated default, else the middle of its scale. */
  centre(): Params
  /** Number of cells of the grid (continuous parameters at their `grid` points). */
  readonly gridSize: number
  /**
   * Grid cells in their stated order: the first parameter of the file varies slowest (one that is listed before a
   * parent of its own counts as listed after it); no cell comes twice. Lazy: a cell costs O(d), the grid nothing.
   */
  gridCells(): IterableIterator<Params>
}

/** What every parameter written as an object can say. */
interface ParameterJsonBase {
  readonly description?: string
  /** The parameter exists only while each of these parents has one of the listed values. */
  readonly when?: Readonly<Record<string, readonly ParamValue[]>>
}
export interface FloatJson extends ParameterJsonBase {
  readonly type: 'float'
  readonly min: number
  readonly max: number
  readonly scale?: 'linear' | 'log'
  /** Only min, min + step, min + 2·step … up to max. */
  readonly step?: number
  /** Points on a grid: 5 unless stated, all of them where there is a step. */
  readonly grid?: number
  readonly default?: number
}
export interface IntJson extends ParameterJsonBase {
  readonly type: 'int'
  readonly min: number
  readonly max: number
  readonly scale?: 'linear' | 'log'
  readonly step?: number
  /** Points on a grid: all values unless stated. */
  readonly grid?: number
  readonly default?: number
}
export interface ListedJson extends ParameterJsonBase {
  readonly type: 'categorical' | 'ordinal'
  readonly values: readonly ParamValue[]
  readonly default?: ParamValue
}
export interface ConstantJson extends ParameterJsonBase {
  readonly type: 'constant'
  readonly value: ParamValue
}
/** One entry of `parameters`, as a file writes it. A bare value is a constant. */
export type ParameterJson = JsonScalar | FloatJson | IntJson | ListedJson | ConstantJson

/** The entry `parameters` of a file: what the search may choose from, by name. */
export type ParametersJson = Readonly<Record<string, ParameterJson>>

export type PrunerName = 'none' | 'median' | 'halving' | 'folds'

interface StepPrunerJson {
  /** The first step at which a trial can be stopped: 1 for the median rule, 3 for halving, unless stated. */
  readonly minSteps?: number
  /** The reported metric to go by: the objective's unless stated. */
  readonly metric?: string
  /** Whether less or more of that metric is better: its own side unless stated, where that is known. */
  readonly direction?: Direction
}

/** What comes of the advice that nothing more is to be gained: none is sought, it is told, or the sweep ends. */
export type AdviceName = 'off' | 'tell' | 'stop'

/** How trials are stopped early, as a file writes it. */
export type PrunerJson =
  | { readonly name: 'none' }
  | (StepPrunerJson & { readonly name: 'median'; readonly minTrials?: number })
  | (StepPrunerJson & { readonly name: 'halving'; readonly factor?: number })
  | { readonly name: 'folds'; readonly minFolds?: number }

/** A program as a trainer: itself and its arguments, with `{name}` where a parameter's value goes. */
export interface ProgramJson {
  readonly command: readonly string[]
  /** Where it runs, from the folder of the file: that folder unless stated. */
  readonly directory?: string
  /** Variables of its environment, beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>
  /** What it is made of beside the files its command names: files and patterns (`lib/**`), from its folder. */
  readonly files?: readonly string[]
  /** Seconds that it has to end by itself when it is asked to, before it is made to; 2 unless stated. */
  readonly grace?: number
  /** Patterns that read metrics from the lines it prints: regular expressions, whose first group (or that named `value`) is the number. */
  readonly metrics?: Readonly<Record<string, string>>
  /** Where its result is, if it does not report it: the last line of JSON on stdout, or a file that it writes. */
  readonly result?: ProgramResultJson
}

/** A file from the program's folder, with `{name}` as in its command. */
export type ProgramResultJson = 'json' | { readonly file: string }

/** The data set, as a file writes it. */
export interface DataJson {
  /** One file, or several with the same columns, whose rows come in this order. */
  readonly file: string | readonly string[]
  readonly target: string
  /** By the file's extension unless stated. */
  readonly format?: 'csv' | 'tsv' | 'jsonl' | 'parquet'
  /** The features: all columns without another role unless stated. */
  readonly columns?: readonly string[]
  readonly exclude?: readonly string[]
  readonly types?: Readonly<Record<string, 'number' | 'text' | 'boolean' | 'date'>>
  /** Texts that count as missing in every column, beside those that always do. */
  readonly missing?: readonly string[]
  /** What is between the cells of CSV and TSV files: found out unless stated. */
  readonly separator?: string
  /** The mark before decimals: found out unless stated. */
  readonly decimal?: '.' | ','
  /** The mark between thousands: none unless stated. */
  readonly thousands?: ThousandsMark
  /** Found out unless stated. */
  readonly encoding?: Encoding
  /** Whether CSV and TSV files have a header (they have unless stated), or the columns' names where they have none. */
  readonly header?: boolean | readonly string[]
  /** Lines of text files, from 1, that are no part of the table. */
  readonly skipLines?: readonly number[]
  /** Texts before or behind numbers that are taken off. */
  readonly units?: readonly string[]
  /** How dates are written that are not in ISO 8601: `DD.MM.YYYY`, in every column or in those that are named. */
  readonly dateFormat?: string | Readonly<Record<string, string>>
  /** Words for true beside true, in every column. */
  readonly trueValues?: readonly string[]
  readonly falseValues?: readonly string[]
  /** Rows without a value of the target are left out; an error unless stated. */
  readonly dropRows?: 'missing-target'
  /** What comes of a first column without a name: left out unless stated. */
  readonly namelessColumn?: 'leave-out' | 'keep'
  /** A file whose rows are the holdout part. */
  readonly testFile?: string
  readonly group?: string
  readonly time?: string
  readonly weight?: string
}

/** How a trial is evaluated, as a file writes it. */
export interface ValidationJson {
  readonly scheme?: 'k-fold' | 'repeated-k-fold' | 'group-k-fold' | 'split' | 'time-series'
  readonly folds?: number
  readonly repeats?: number
  readonly fraction?: number
  readonly stratified?: boolean
  readonly holdout?: number
}

/** What has to be alike for the values of two sweeps to compare. */
export type WarmStartAspect = 'metric' | 'direction' | 'trainer' | 'data' | 'validation'

/** A sweep whose results are known from the start, as a file writes it where the id alone does not do. */
export interface WarmStartJson {
  /** Its id, or \`latest\`: the newest one that fits. */
  readonly sweep: string
  /** In what it may differ all the same. */
  readonly despite?: readonly WarmStartAspect[]
}

/** A metric of one's own: a module whose default export is a function (truth, predicted, probabilities, rows) => number. */
export interface OwnMetricJson {
  readonly name: string
  /** Its path, relative to the file. */
  readonly module: string
}

/** From which probability on a model of two classes answers the positive one, as a file writes it. */
export interface ThresholdJson {
  /** The metric of labels that it is chosen for. */
  readonly metric: string
  /** The class whose probability is looked at: the one the metric names, else the second of the two. */
  readonly positive?: string
}

/** What a trial may take. */
export interface LimitsJson {
  /** Megabytes of all the artifacts of a trial that are its objective's own. */
  readonly artifactsMB?: number
  /** Megabytes of the checkpoints of all trials together. */
  readonly checkpointsMB?: number
}

/** What a fit needs for itself. */
export interface ResourcesJson {
  /** A whole number of devices (GPUs), or a share of one: 0.5. */
  readonly devices?: number
}

/** A sweep file as it is written: only `parameters` is required. */
export interface SweepFileJson {
  readonly $schema?: string
  readonly name?: string
  readonly description?: string
  readonly trainer?: string | ProgramJson
  readonly data?: DataJson
  readonly objective?: {
    readonly metric?: string
    readonly direction?: Direction
    /** The direction is meant although it is against the metric's better side. */
    readonly directionIsMeant?: boolean
    /** Which of the steps a trial reports is its value. */
    readonly at?: 'best' | 'last'
  }
  /** What is worked out beside the metrics that every trial has. */
  readonly metrics?: readonly (string | OwnMetricJson)[]
  readonly threshold?: ThresholdJson
  readonly validation?: ValidationJson
  readonly limits?: LimitsJson
  readonly resources?: ResourcesJson
  /** Whether the checkpoints of trials stay when they have ended; they do not unless stated. */
  readonly keepCheckpoints?: boolean
  readonly search?: {
    readonly algorithm?: 'grid' | 'random' | 'sobol' | 'bayesian'
    readonly trials?: number
    readonly parallel?: number
    readonly seed?: number
    /** A name, or an object with the name and settings. */
    readonly pruner?: PrunerName | PrunerJson
    readonly enqueue?: readonly Params[]
    /** A sweep of the store, whose results are known from the start: its id, \`latest\`, or an object with more. */
    readonly warmStart?: string | WarmStartJson
    readonly replicates?: number
    readonly stopAt?: number
    readonly advice?: AdviceName
  }
  readonly parameters: ParametersJson
}

/** A sweep file that has been validated: as it was written, defaults not applied, and its space. */
export interface SweepFile extends SweepFileJson {
  readonly space: Space
  /** The values of its parameter `trainer`, where that names what is trained; null where a trial's trainer is none of its params. */
  readonly choice: readonly string[] | null
}
