/**
 * Makes a trainer from a learner: preprocessing before it, class labels around it, both part of the model.
 *
 * A learner sees a matrix without missing values (unless it says that it takes them) and, for classification, only classes that have
 * training rows, numbered 0 … classes − 1: libraries fail in different ways on anything else. Where the training rows have
 * one class alone there is nothing to learn, and the model answers that class.
 *
 * The matrix, and what a learner makes of it for its fits, is shared with the other fits on the same rows (preparation.ts).
 *
 * A learner that heeds weights is given one for each row: the data set's sample weight times that of its class
 * (`classWeight`, see row-weights.ts). One that does not has no such hyperparameter, unless it is one of its own for a
 * library that knows weights of classes alone, and a sweep with weights is refused.
 *
 * The model that `fit` returns is made from the same state as one that is loaded, so the two cannot differ.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Dataset, type Signature, selectRows, type Table } from '../data/index.js'
import { EspalierError } from '../errors.js'
import { deriveSeed, randomStream } from '../numeric/index.js'
import { canonicalJson, type JsonObject, type JsonValue, type Params } from '../values.js'
import {
  type Calibration,
  calibrated,
  calibrationHyperparameter,
  checkCalibration,
  fitCalibration,
  unchangedClasses,
} from './calibration.js'
import { FitFailure } from './failures.js'
import { checkParams, withDefaults } from './hyperparameters.js'
import { type Matrix, valuesAt } from './matrix.js'
import { nothingShared, type PreparedContext, type RowsPreparation, type Shared } from './preparation.js'
import {
  applyPreprocessing,
  categoriesOf,
  checkPreprocessing,
  featureOfColumn,
  fitPreprocessing,
  matrixWidth,
  type PreprocessingParams,
  type PreprocessingState,
  preprocessingHyperparameters,
  type TakesAsIs,
  tellingParams,
  trainingMatrix,
} from './preprocessing.js'
import { type InnerRows, innerParts } from './resampling/inner-parts.js'
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
  /** Whether `fit` heeds its weights. */
  readonly usesWeights?: boolean
  /** What may be in the matrix beside numbers; nothing unless stated. */
  readonly takes?: TakesAsIs
}

/** What `fit` is given beside the matrix, the target and the params. */
export interface LearnerContext extends TrainingContext {
  /** One a row, above 0; null where all rows count the same. */
  readonly weights: Float64Array | null
  /** Of this matrix: a key names whatever else a thing was made from, such as the target ('target …') or the weights. */
  readonly shared: Shared
  /** Names the weights in keys of `shared`: the same word, the same weights. */
  readonly weightsKey: string
  /** The rows, as far as they say how they may be divided: for a learner that sets some of them apart. */
  readonly rows: InnerRows
  /** The feature that each column of the matrix comes from. */
  features(): string[]
}

/** What a predictor is given that is made right after its fit; one that is loaded from a file has nothing of the kind. */
export interface FittedHere {
  /** As in LearnerContext. */
  readonly shared: Shared
  /** Whether this is the matrix of the rows held out, which has the same values in all fits on the same rows. */
  isHeldOut(x: Matrix): boolean
}

/** Classes for rows, and, where the method has them, their probabilities (rows × classes, row-major, each row sums to 1). */
interface ClassPredictor {
  readonly hasProbabilities: boolean
  predict(x: Matrix): { readonly codes: Int32Array; readonly probabilities: Float64Array | null }
}

interface NumberPredictor {
  predict(x: Matrix): Float64Array
}

/** What all learners do with what they have learned. `S`: as it is in memory; a predictor is made from nothing else. */
interface Learned<S> {
  /** As plain JSON, which `check` takes back; unless stated S is plain JSON itself. */
  save?(learned: S): JsonValue
  /** How much each column of the matrix had to do with what was learned: 0 or more. Shown as shares of their sum. */
  importances?(learned: S, columns: number): Float64Array
}

export interface ClassificationLearner<S> extends LearnerBase, Learned<S> {
  readonly task: 'classification'
  /** As in Trainer: always, unless stated. */
  readonly probabilities?: Trainer['probabilities']
  /** `codes`: 0 … classes − 1, each in at least one row; at least two classes. */
  fit(x: Matrix, codes: Int32Array, classes: number, params: Params, context: LearnerContext): S | Promise<S>
  /** What was learned, found in a model file, if it is just that; throws MODEL_INVALID (see state-check.ts). */
  check(found: unknown, where: string, shape: { readonly columns: number; readonly classes: number }): S
  /** `classes`: the same number as in `fit`. */
  load(learned: S, classes: number, here?: FittedHere): ClassPredictor | Promise<ClassPredictor>
}

export interface RegressionLearner<S> extends LearnerBase, Learned<S> {
  readonly task: 'regression'
  fit(x: Matrix, y: Float64Array, params: Params, context: LearnerContext): S | Promise<S>
  /** What was learned, found in a model file, if it is just that; throws MODEL_INVALID (see state-check.ts). */
  check(found: unknown, where: string, shape: { readonly columns: number }): S
  load(learned: S, here?: FittedHere): NumberPredictor | Promise<NumberPredictor>
}

/** A classifier's model, or null in place of what was learned where only one class was seen. */
interface ClassifierState<S> {
  readonly preprocessing: PreprocessingState
  /** All classes of the data set. */
  readonly classes: string[]
  /** Codes of the classes that had training rows: the learner's class i is classes[seen[i]]. */
  readonly seen: number[]
  readonly learned: S | null
  /** Of the probabilities of the seen classes; absent where they are as the learner gives them. */
  readonly calibration?: Calibration
}

interface RegressorState<S> {
  readonly preprocessing: PreprocessingState
  readonly learned: S
}

export function pipelineTrainer<S>(learner: ClassificationLearner<S> | RegressionLearner<S>): Trainer {
  const { name, task, description, limits, packages, usesWeights = false } = learner
  const ofPreprocessing = preprocessingHyperparameters(learner.scaling, learner.takes)
  const hyperparameters = [
    ...learner.hyperparameters,
    ...(usesWeights && task === 'classification' ? [classWeightHyperparameter] : []),
    ...(learner.task === 'classification' && learner.probabilities !== false
      ? [calibrationHyperparameter]
      : []),
    ...ofPreprocessing,
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
      const prepared = prepareRows(data, complete, ofPreprocessing, context)
      return learner.task === 'classification'
        ? fitCalibrated(learner, prepared, data, complete, ofPreprocessing, context)
        : fitRegressor(learner, prepared, data, complete, context)
    },
    async load(state, signature) {
      return learner.task === 'classification'
        ? classifierModel(learner, checkClassifier(learner, state, signature))
        : regressorModel(learner, checkRegressor(learner, state, signature))
    },
  }
}

/** The rows of a fit as a matrix, and what it shares with other fits on them. */
interface PreparedRows {
  readonly preprocessing: PreprocessingState
  readonly x: Matrix
  /** Of the rows, whatever the preprocessing. */
  readonly ofRows: Shared
  readonly here: FittedHere
  /** The matrix of rows to predict; of those held out always the same. */
  matrixOf(table: Table): Matrix
}

function prepareRows(
  data: Dataset,
  params: Params,
  hyperparameters: readonly Hyperparameter[],
  context: TrainingContext & PreparedContext,
): PreparedRows {
  const given = context.preparation
  // Only of the very rows that it was made for.
  const rows: RowsPreparation | null = given?.training === data ? given : null
  const ofRows = rows ?? nothingShared
  const preprocessingParams = tellingParams(
    Object.fromEntries(
      hyperparameters.map(({ name }) => [name, params[name]]),
    ) as unknown as PreprocessingParams,
  )
  const shared = ofRows.under(`matrix ${canonicalJson({ ...preprocessingParams })}`)
  const preprocessing = shared.get(
    'preprocessing',
    () => fitPreprocessing(data, preprocessingParams),
    (state) => 64 * matrixWidth(state),
  )
  const apply = (table: Table) => applyPreprocessing(preprocessing, table)
  const sharedMatrix = (key: string, table: Table, make = () => apply(table)): Matrix => {
    const values = () =>
      shared.get(
        key,
        () => make().values,
        (found) => found.byteLength,
      )
    return new SharedMatrix(table.rows, preprocessing, values)
  }
  const heldOut = rows?.heldOut ?? null
  const heldOutMatrix = heldOut && sharedMatrix('held out', heldOut)
  return {
    preprocessing,
    x: sharedMatrix('x', data, () => trainingMatrix(preprocessing, data, preprocessingParams)),
    ofRows,
    here: { shared, isHeldOut: (asked) => asked === heldOutMatrix },
    matrixOf: (table) => (isSameTable(table, heldOut) ? heldOutMatrix! : apply(table)),
  }
}

/** Whether they are the same rows of the same columns: who judges a model hands it the table without its target. */
function isSameTable(table: Table, other: Table | null): boolean {
  return table.index === other?.index && table.columns === other.columns
}

/** A matrix whose values are made when they are first asked for: a learner that has made its own of them for an earlier fit never asks. */
class SharedMatrix implements Matrix {
  readonly columns: number
  readonly categories?: Int32Array
  readonly #make: () => Float64Array
  #values: Float64Array | null = null

  constructor(
    readonly rows: number,
    preprocessing: PreprocessingState,
    make: () => Float64Array,
  ) {
    this.columns = matrixWidth(preprocessing)
    this.categories = categoriesOf(preprocessing)
    this.#make = make
  }

  get values(): Float64Array {
    this.#values ??= this.#make()
    return this.#values
  }
}

/** The state of a classifier found in a model file. Throws MODEL_INVALID. */
function checkClassifier<S>(
  learner: ClassificationLearner<S>,
  found: unknown,
  signature: Signature | undefined,
): ClassifierState<S> {
  const state = object(found, 'state')
  const preprocessing = checkPreprocessing(
    state.preprocessing,
    'state.preprocessing',
    signature,
    learner.takes,
  )
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
  const learned = learner.check(state.learned, 'state.learned', shape)
  if (state.calibration === undefined) return { preprocessing, classes, seen, learned }
  const calibration = checkCalibration(state.calibration, 'state.calibration', seen.length)
  return { preprocessing, classes, seen, learned, calibration }
}

/** The state of a regressor found in a model file. Throws MODEL_INVALID. */
function checkRegressor<S>(
  learner: RegressionLearner<S>,
  found: unknown,
  signature: Signature | undefined,
): RegressorState<S> {
  const state = object(found, 'state')
  const preprocessing = checkPreprocessing(
    state.preprocessing,
    'state.preprocessing',
    signature,
    learner.takes,
  )
  const shape = { columns: matrixWidth(preprocessing) }
  return { preprocessing, learned: learner.check(state.learned, 'state.learned', shape) }
}

/** The classes that training rows have, and which of them each row has. */
interface SeenClasses {
  readonly seen: number[]
  readonly codes: Int32Array
}

function seenClasses({ target, index }: Dataset, name: string): SeenClasses {
  if (target.kind !== 'classes') throw wrongTarget(name, 'classes', 'numbers')
  const isSeen = new Uint8Array(target.classes.length)
  for (const row of index) isSeen[target.codes[row]] = 1
  const seen = target.classes.map((_, code) => code).filter((code) => isSeen[code] === 1)
  const compact = new Int32Array(target.classes.length)
  seen.forEach((code, i) => {
    compact[code] = i
  })
  const codes = new Int32Array(index.length)
  for (let i = 0; i < codes.length; i++) codes[i] = compact[target.codes[index[i]]]
  return { seen, codes }
}

async function fitClassifier<S>(
  learner: ClassificationLearner<S>,
  prepared: PreparedRows,
  data: Dataset,
  params: Params,
  context: TrainingContext,
): Promise<{ readonly state: ClassifierState<S>; readonly model: Model; readonly codes: Int32Array }> {
  const { preprocessing, x, ofRows } = prepared
  const { target, index } = data
  if (target.kind !== 'classes') throw wrongTarget(learner.name, 'classes', 'numbers')
  const { seen, codes } = ofRows.get(
    'classes',
    () => seenClasses(data, learner.name),
    (found) => found.codes.byteLength,
  )
  const balanced = params.classWeight === 'balanced'
  const given = (learner.usesWeights && data.weights) || null
  const weightsKey = `weights${given ? ' of rows' : ''}${balanced ? ' balanced' : ''}`
  const weights = learner.usesWeights
    ? ofRows.get(
        weightsKey,
        () => classifiedRowWeights(codes, seen.length, index, given, balanced),
        (found) => found?.byteLength ?? 0,
      )
    : null
  const learned =
    seen.length === 1
      ? null
      : await learner.fit(
          x,
          codes,
          seen.length,
          params,
          learnerContext(context, prepared, data, weights, weightsKey),
        )
  const state = { preprocessing, classes: [...target.classes], seen, learned }
  return { state, codes, model: await classifierModel(learner, state, prepared) }
}

/** Folds of the cross-validation that a calibration is fitted by. */
const calibrationFolds = 5

/** The model with its probabilities put right, where that is asked for: by predictions of fits on the other rows. */
async function fitCalibrated<S>(
  learner: ClassificationLearner<S>,
  prepared: PreparedRows,
  data: Dataset,
  params: Params,
  preprocessing: readonly Hyperparameter[],
  context: TrainingContext & PreparedContext,
): Promise<Model> {
  const { state, model, codes } = await fitClassifier(learner, prepared, data, params, context)
  const { calibration: kind } = params
  const { seen, learned } = state
  if ((kind !== 'sigmoid' && kind !== 'isotonic') || learned === null) return model
  if (model.predictProbability === undefined)
    throw new FitFailure(
      'PARAMS_REFUSED',
      `params.calibration: "calibration" puts probabilities right, and this model of ${learner.name} has none (got "${kind}")`,
    )
  const { part, tells } = innerParts(data, calibrationFolds, () =>
    dealtFolds(codes, seen.length, context.seed),
  )
  const width = state.classes.length
  const found = new Float64Array(data.rows * seen.length).fill(Number.NaN)
  for (let f = 0; f < calibrationFolds; f++) {
    const held = Int32Array.from(part.keys()).filter((row) => part[row] === f)
    const others = Int32Array.from(part.keys()).filter((row) => tells(row, f))
    if (held.length === 0 || others.length === 0) continue
    context.signal.throwIfAborted()
    const rows = selectRows(data, others)
    const inside = insideOf(context, f)
    const inner = await fitClassifier(
      learner,
      prepareRows(rows, params, preprocessing, inside),
      rows,
      params,
      inside,
    )
    // Where it saw one class alone, it says nothing of any.
    if (inner.state.learned === null) continue
    const { values } = inner.model.predictProbability!(selectRows(data, held))
    held.forEach((row, i) => {
      seen.forEach((code, c) => {
        if (inner.state.seen.includes(code)) found[row * seen.length + c] = values[i * width + code]
      })
    })
  }
  const calibration = fitCalibration(kind, found, codes, seen.length)
  const kept = unchangedClasses(calibration, seen).map((code) => state.classes[code])
  if (kept.length > 0)
    context.log(
      `calibration: probabilities of ${kept.join(', ')} stay as they are, as no fit on some of the training rows could be compared with what came true in others`,
    )
  return classifierModel(learner, { ...state, calibration }, prepared)
}

/** The rows of each class, shuffled, in turn to each fold. */
function dealtFolds(codes: Int32Array, classes: number, seed: number): Int32Array {
  const random = randomStream(seed, 'calibration')
  const fold = new Int32Array(codes.length)
  let next = 0
  for (let c = 0; c < classes; c++) {
    const rows = Array.from(codes.keys()).filter((row) => codes[row] === c)
    for (const row of random.shuffle(rows)) fold[row] = next++ % calibrationFolds
  }
  return fold
}

/** For a fit within a fit: chance of its own, and nobody who listens. */
function insideOf(context: TrainingContext, fold: number): TrainingContext {
  const { seed, signal, seat, devices, step } = context
  const own = deriveSeed(seed, 'calibration', fold)
  return {
    seed: own,
    random: randomStream(own, 'fit'),
    signal,
    seat,
    devices,
    step,
    get checkpoint() {
      return context.checkpoint
    },
    report: async () => 'continue',
    log: () => {},
  }
}

async function fitRegressor<S>(
  learner: RegressionLearner<S>,
  prepared: PreparedRows,
  data: Dataset,
  params: Params,
  context: TrainingContext,
): Promise<Model> {
  const { target, index, weights: given } = data
  if (target.kind !== 'numbers') throw wrongTarget(learner.name, 'numbers', 'classes')
  const { preprocessing, x, ofRows } = prepared
  const y = ofRows.get(
    'numbers',
    () => valuesAt(target.values, index),
    (found) => found.byteLength,
  )
  const weighted = learner.usesWeights && given ? given : null
  const weightsKey = weighted ? 'weights of rows' : 'weights'
  const weights =
    weighted &&
    ofRows.get(
      weightsKey,
      () => selectWeights(weighted, index),
      (found) => found.byteLength,
    )
  const learned = await learner.fit(
    x,
    y,
    params,
    learnerContext(context, prepared, data, weights, weightsKey),
  )
  return regressorModel(learner, { preprocessing, learned }, prepared)
}

function featuresOf(preprocessing: PreprocessingState): string[] {
  return Array.from(featureOfColumn(preprocessing), (place) => preprocessing.columns[place].name)
}

/**
 * What a learner is given beside its rows. The stream of random numbers and the folder of checkpoints are made where they are
 * asked for, so that nothing may spread this, or the context.
 */
function learnerContext(
  context: TrainingContext,
  { preprocessing, here }: PreparedRows,
  rows: Dataset,
  weights: Float64Array | null,
  weightsKey: string,
): LearnerContext {
  const { seed, signal, seat, devices, step } = context
  return {
    seed,
    signal,
    seat,
    devices,
    step,
    get checkpoint() {
      return context.checkpoint
    },
    get random() {
      return context.random
    },
    report: (step, metrics) => context.report(step, metrics),
    log: (message) => context.log(message),
    weights,
    weightsKey,
    rows,
    shared: here.shared,
    features: () => featuresOf(preprocessing),
  }
}

function wrongTarget(name: string, expected: string, found: string): Error {
  return new EspalierError(
    'DATA_INVALID',
    `${name} needs a target of ${expected}, and this data set's is ${found}`,
  )
}

async function classifierModel<S>(
  learner: ClassificationLearner<S>,
  state: ClassifierState<S>,
  prepared?: PreparedRows,
): Promise<Model> {
  const { preprocessing, classes, seen, learned, calibration } = state
  const predictor = learned === null ? onlyClass : await learner.load(learned, seen.length, prepared?.here)
  const matrixOf = prepared?.matrixOf ?? ((table: Table) => applyPreprocessing(preprocessing, table))
  const names = seen.map((code) => classes[code])
  const answers = (table: Table) => {
    const found = predictor.predict(matrixOf(table))
    if (calibration === undefined || found.probabilities === null) return found
    const probabilities = calibrated(calibration, found.probabilities, seen.length)
    return { codes: mostProbable(probabilities, seen.length), probabilities }
  }
  const predictBoth = (table: Table) => {
    const { codes, probabilities } = answers(table)
    return {
      labels: labelsOf(codes, names),
      probabilities: {
        classes,
        values: spread(probabilities ?? new Float64Array(0), table, seen, classes.length),
      },
    }
  }
  const model: Model = {
    predict: (table) => predictBoth(table).labels,
    toJSON: () =>
      ({
        preprocessing,
        classes,
        seen,
        learned: saved(learner, learned),
        ...(calibration !== undefined && { calibration }),
      }) as unknown as JsonObject,
    ...importancesOf(learner, preprocessing, learned),
  }
  if (!predictor.hasProbabilities) return model
  return { ...model, predictBoth, predictProbability: (table) => predictBoth(table).probabilities }
}

/** A loop: `from` with a function takes many times as long. */
function labelsOf(codes: Int32Array, names: readonly string[]): string[] {
  const labels: string[] = []
  for (let i = 0; i < codes.length; i++) labels.push(names[codes[i]])
  return labels
}

/** The first of the most probable classes of each row. */
function mostProbable(probabilities: Float64Array, classes: number): Int32Array {
  const codes = new Int32Array(probabilities.length / classes)
  for (let i = 0; i < codes.length; i++)
    for (let c = 1; c < classes; c++)
      if (probabilities[i * classes + c] > probabilities[i * classes + codes[i]]) codes[i] = c
  return codes
}

function saved<S>(learner: Learned<S>, learned: S | null): JsonValue {
  if (learned === null) return null
  return learner.save === undefined ? (learned as JsonValue) : learner.save(learned)
}

/** Sums over the columns that come from one feature, as shares. Nothing where nothing was of any importance. */
function importancesOf<S>(
  learner: Learned<S>,
  preprocessing: PreprocessingState,
  learned: S | null,
): Pick<Model, 'importances'> {
  if (learner.importances === undefined || learned === null) return {}
  return {
    importances() {
      const feature = featureOfColumn(preprocessing)
      const ofColumns = learner.importances!(learned, feature.length)
      const sums = new Float64Array(preprocessing.columns.length)
      ofColumns.forEach((importance, column) => {
        sums[feature[column]] += importance
      })
      const total = sums.reduce((sum, one) => sum + one, 0)
      if (!(total > 0)) return []
      return preprocessing.columns
        .map(({ name }, i) => ({ feature: name, importance: sums[i] / total }))
        .sort((a, b) => b.importance - a.importance)
    },
  }
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

async function regressorModel<S>(
  learner: RegressionLearner<S>,
  { preprocessing, learned }: RegressorState<S>,
  prepared?: PreparedRows,
): Promise<Model> {
  const predictor = await learner.load(learned, prepared?.here)
  const matrixOf = prepared?.matrixOf ?? ((table: Table) => applyPreprocessing(preprocessing, table))
  return {
    predict: (table) => predictor.predict(matrixOf(table)),
    toJSON: () => ({ preprocessing, learned: saved(learner, learned) }) as JsonObject,
    ...importancesOf(learner, preprocessing, learned),
  }
}
