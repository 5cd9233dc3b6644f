/**
 * Makes a trainer from a learner: preprocessing before it, class labels around it, both part of the model.
 *
 * A learner sees a matrix without missing values and, for classification, only classes that have training rows,
 * numbered 0 … classes − 1: libraries fail in different ways on anything else. Where the training rows have
 * one class alone there is nothing to learn, and the model answers that class.
 *
 * A learner that heeds weights is given one for each row: the data set's sample weight times that of its class
 * (`classWeight`, see row-weights.ts). One that does not has no such hyperparameter, unless it is one of its own for a
 * library that knows weights of classes alone, and a sweep with weights is refused.
 *
 * The model that `fit` returns is made from the same state as one that is loaded, so the two cannot differ.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Dataset, Signature, Table } from '../data/index.js'
import { EspalierError } from '../errors.js'
import type { JsonObject, JsonValue, Params } from '../values.js'
import { FitFailure } from './failures.js'
import { checkParams, withDefaults } from './hyperparameters.js'
import type { Matrix } from './matrix.js'
import {
  applyPreprocessing,
  checkPreprocessing,
  fitPreprocessing,
  matrixWidth,
  type PreprocessingParams,
  type PreprocessingState,
  preprocessingHyperparameters,
} from './preprocessing.js'
import { classifiedRowWeights, classWeightHyperparameter, selectWeights } from './row-weights.js'
import { broken, differentTexts, object, wholes } from './state-check.js'
import type { Hyperparameter, Model, Trainer, TrainingContext } from './types.js'

/** What every learner's description holds. `params` given to it are complete and within their ranges. */
interface LearnerBase {
  readonly name: string
  readonly description: string
  /** The learner's own; those of preprocessing come by themselves. */
  readonly hyperparameters: readonly Hyperparameter[]
  /** The default of `scaling`: 'standard' for whatever measures distances or weighs columns. */
  readonly scaling: PreprocessingParams['scaling']
  readonly limits: readonly string[]
  readonly packages: readonly string[]
  /** Whether `fit` heeds its last argument. */
  readonly usesWeights?: boolean
}

/** Classes for rows, and, where the method has them, their probabilities (rows × classes, row-major, each row sums to 1). */
interface ClassPredictor {
  readonly hasProbabilities: boolean
  predict(x: Matrix): { readonly codes: Int32Array; readonly probabilities: Float64Array | null }
}

interface NumberPredictor {
  predict(x: Matrix): Float64Array
}

/** `S`: what was learned, as plain JSON; a predictor is made from nothing else. */
export interface ClassificationLearner<S extends JsonValue> extends LearnerBase {
  readonly task: 'classification'
  /** As in Trainer: always, unless stated. */
  readonly probabilities?: Trainer['probabilities']
  /**
   * `codes`: 0 … classes − 1, each in at least one row; at least two classes. `weights`: one a row, above 0; null where all
   * rows count the same.
   */
  fit(
    x: Matrix,
    codes: Int32Array,
    classes: number,
    params: Params,
    context: TrainingContext,
    weights: Float64Array | null,
  ): S | Promise<S>
  /** What was learned, found in a model file, if it is just that; throws MODEL_INVALID (see state-check.ts). */
  check(found: unknown, where: string, shape: { readonly columns: number; readonly classes: number }): S
  /** `classes`: the same number as in `fit`. */
  load(state: S, classes: number): ClassPredictor | Promise<ClassPredictor>
}

export interface RegressionLearner<S extends JsonValue> extends LearnerBase {
  readonly task: 'regression'
  /** `weights`: one a row, above 0; null where all rows count the same. */
  fit(
    x: Matrix,
    y: Float64Array,
    params: Params,
    context: TrainingContext,
    weights: Float64Array | null,
  ): S | Promise<S>
  /** What was learned, found in a model file, if it is just that; throws MODEL_INVALID (see state-check.ts). */
  check(found: unknown, where: string, shape: { readonly columns: number }): S
  load(state: S): NumberPredictor | Promise<NumberPredictor>
}

type ClassifierState<S extends JsonValue> = {
  preprocessing: PreprocessingState
  /** All classes of the data set. */
  classes: string[]
  /** Codes of the classes that had training rows: the learner's class i is classes[seen[i]]. */
  seen: number[]
  /** null where only one class was seen. */
  learned: S | null
}

type RegressorState<S extends JsonValue> = { preprocessing: PreprocessingState; learned: S }

export function pipelineTrainer<S extends JsonValue>(
  learner: ClassificationLearner<S> | RegressionLearner<S>,
): Trainer {
  const { name, task, description, limits, packages, usesWeights = false } = learner
  const hyperparameters = [
    ...learner.hyperparameters,
    ...(usesWeights && task === 'classification' ? [classWeightHyperparameter] : []),
    ...preprocessingHyperparameters(learner.scaling),
  ]
  return {
    name,
    task,
    description,
    limits,
    packages,
    usesWeights,
    ...(learner.task === 'classification' && { probabilities: learner.probabilities ?? true }),
    hyperparameters,
    async fit(data, params, context) {
      const [problem] = checkParams({ name, hyperparameters }, params)
      if (problem !== undefined) {
        throw new FitFailure('PARAMS_REFUSED', `${problem.path}: ${problem.message}`)
      }
      const complete = withDefaults({ name, hyperparameters }, params)
      context.signal.throwIfAborted()
      const preprocessing = fitPreprocessing(data, complete as unknown as PreprocessingParams)
      const x = applyPreprocessing(preprocessing, data)
      return learner.task === 'classification'
        ? fitClassifier(learner, preprocessing, x, data, complete, context)
        : fitRegressor(learner, preprocessing, x, data, complete, context)
    },
    async load(state, signature) {
      return learner.task === 'classification'
        ? classifierModel(learner, checkClassifier(learner, state, signature))
        : regressorModel(learner, checkRegressor(learner, state, signature))
    },
  }
}

/** The state of a classifier found in a model file. Throws MODEL_INVALID. */
function checkClassifier<S extends JsonValue>(
  learner: ClassificationLearner<S>,
  found: unknown,
  signature: Signature | undefined,
): ClassifierState<S> {
  const state = object(found, 'state')
  const preprocessing = checkPreprocessing(state.preprocessing, 'state.preprocessing', signature)
  const classes = differentTexts(state.classes, 'state.classes')
  if (signature !== undefined && !isDeepStrictEqual(classes, signature.classes))
    broken('state.classes', "the signature's classes", classes)
  const seen = wholes(state.seen, 'state.seen', null, 0, classes.length - 1)
  if (seen.length === 0 || seen.some((code, i) => i > 0 && code <= seen[i - 1]))
    broken('state.seen', 'a list of classes in their order', seen)
  if (seen.length === 1) {
    if (state.learned !== null) broken('state.learned', 'null where one class was seen', state.learned)
    return { preprocessing, classes, seen, learned: null }
  }
  const shape = { columns: matrixWidth(preprocessing), classes: seen.length }
  return { preprocessing, classes, seen, learned: learner.check(state.learned, 'state.learned', shape) }
}

/** The state of a regressor found in a model file. Throws MODEL_INVALID. */
function checkRegressor<S extends JsonValue>(
  learner: RegressionLearner<S>,
  found: unknown,
  signature: Signature | undefined,
): RegressorState<S> {
  const state = object(found, 'state')
  const preprocessing = checkPreprocessing(state.preprocessing, 'state.preprocessing', signature)
  const shape = { columns: matrixWidth(preprocessing) }
  return { preprocessing, learned: learner.check(state.learned, 'state.learned', shape) }
}

async function fitClassifier<S extends JsonValue>(
  learner: ClassificationLearner<S>,
  preprocessing: PreprocessingState,
  x: Matrix,
  { target, index, weights }: Dataset,
  params: Params,
  context: TrainingContext,
): Promise<Model> {
  if (target.kind !== 'classes') throw wrongTarget(learner.name, 'classes', 'numbers')
  const isSeen = new Uint8Array(target.classes.length)
  for (const row of index) isSeen[target.codes[row]] = 1
  const seen = target.classes.map((_, code) => code).filter((code) => isSeen[code] === 1)
  const compact = new Map(seen.map((code, i) => [code, i]))
  const codes = Int32Array.from(index, (row) => compact.get(target.codes[row])!)
  const rowWeights = learner.usesWeights
    ? classifiedRowWeights(codes, seen.length, index, weights ?? null, params.classWeight === 'balanced')
    : null
  const learned =
    seen.length === 1 ? null : await learner.fit(x, codes, seen.length, params, context, rowWeights)
  return classifierModel(learner, { preprocessing, classes: [...target.classes], seen, learned })
}

async function fitRegressor<S extends JsonValue>(
  learner: RegressionLearner<S>,
  preprocessing: PreprocessingState,
  x: Matrix,
  { target, index, weights }: Dataset,
  params: Params,
  context: TrainingContext,
): Promise<Model> {
  if (target.kind !== 'numbers') throw wrongTarget(learner.name, 'numbers', 'classes')
  const y = Float64Array.from(index, (row) => target.values[row])
  const rowWeights = learner.usesWeights && weights ? selectWeights(weights, index) : null
  const learned = await learner.fit(x, y, params, context, rowWeights)
  return regressorModel(learner, { preprocessing, learned })
}

function wrongTarget(name: string, expected: string, found: string): Error {
  return new EspalierError(
    'DATA_INVALID',
    `${name} needs a target of ${expected}, and this data set's is ${found}`,
  )
}

async function classifierModel<S extends JsonValue>(
  learner: ClassificationLearner<S>,
  state: ClassifierState<S>,
): Promise<Model> {
  const { preprocessing, classes, seen, learned } = state
  const predictor = learned === null ? onlyClass : await learner.load(learned, seen.length)
  const predictBoth = (table: Table) => {
    const { codes, probabilities } = predictor.predict(applyPreprocessing(preprocessing, table))
    return {
      labels: Array.from(codes, (code) => classes[seen[code]]),
      probabilities: {
        classes,
        values: spread(probabilities ?? new Float64Array(0), table, seen, classes.length),
      },
    }
  }
  const model: Model = {
    predict: (table) => predictBoth(table).labels,
    toJSON: () => state as JsonObject,
  }
  if (!predictor.hasProbabilities) return model
  return { ...model, predictBoth, predictProbability: (table) => predictBoth(table).probabilities }
}

const onlyClass: ClassPredictor = {
  hasProbabilities: true,
  predict: (x) => ({ codes: new Int32Array(x.rows), probabilities: new Float64Array(x.rows).fill(1) }),
}

/** Probabilities of the seen classes → of all classes, 0 for those without training rows. */
function spread(
  values: Float64Array,
  { rows }: Table,
  seen: readonly number[],
  classes: number,
): Float64Array {
  if (seen.length === classes || values.length === 0) return values
  const all = new Float64Array(rows * classes)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < seen.length; j++) all[i * classes + seen[j]] = values[i * seen.length + j]
  }
  return all
}

async function regressorModel<S extends JsonValue>(
  learner: RegressionLearner<S>,
  state: RegressorState<S>,
): Promise<Model> {
  const predictor = await learner.load(state.learned)
  return {
    predict: (table) => predictor.predict(applyPreprocessing(state.preprocessing, table)),
    toJSON: () => state as JsonObject,
  }
}
