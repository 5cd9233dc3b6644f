/**
 * A model as a file: its state, its signature and its trainer's reference, as plain JSON; and back.
 *
 * Loading a file runs no code from it. A trainer module named in it is imported only where the caller says that it may be.
 */
import { type PredictionInput, type Row, type Signature, type Table, tableFromRows } from '../data/index.js'
import { describeError, EspalierError, isEspalierError } from '../errors.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../values.js'
import { checkSignature } from './check-signature.js'
import { checkMembers, ensembleOf } from './ensemble.js'
import { openTrainer } from './open-trainer.js'
import type { ChoiceReference, TrainerReference } from './plan.js'
import { broken, finite, list, object } from './state-check.js'
import type { FeatureImportance, Model, Trainer } from './types.js'

const format = 'espalier-model'
const version = 1

/** What made a model: one trainer, or several whose models are its members. */
export type ModelReference = Exclude<TrainerReference, ChoiceReference> | { readonly kind: 'ensemble' }

/** `importances`: of features, where the model has them and anything was of any. */
export function saveModel(
  trainer: ModelReference,
  signature: Signature,
  state: JsonValue,
  importances?: readonly FeatureImportance[],
): JsonObject {
  const written: JsonObject = importances?.length
    ? { importances: importances.map((one) => ({ ...one })) }
    : {}
  return { format, version, trainer: { ...trainer }, signature, state, ...written }
}

/** From which probability on a model of two classes answers the positive one. */
export interface ModelThreshold {
  /** The metric that it was chosen by, on out-of-fold predictions. */
  readonly metric: string
  readonly positive: string
  readonly value: number
}

/** A model that takes rows as people write them. */
export interface LoadedModel {
  readonly signature: Signature
  readonly trainer: ModelReference
  /** How much each feature had to do with what was learned, as shares that sum to 1, greatest first; null where the method has none. */
  readonly importances: readonly FeatureImportance[] | null
  /** Of two classes the positive one is answered where its probability is this or more; null: the more probable one is. */
  readonly threshold: ModelThreshold | null
  /** Labels (classification) or numbers (regression), one a row. Throws DATA_INVALID for rows that do not fit. */
  predict(rows: readonly Row[]): (string | number)[]
  /** Each class's probability, one record a row. Only where the method has probabilities. */
  predictProbability?(rows: readonly Row[]): Record<string, number>[]
  /** The same for a table made by `readTable`. */
  predictTable(input: Pick<PredictionInput, 'table'>): (string | number)[]
  predictProbabilityTable?(input: Pick<PredictionInput, 'table'>): Record<string, number>[]
}

/** What loading a model needs beside the model. */
export interface LoadModelOptions {
  /** The trainer to load the state with, for a model whose trainer was passed in code. */
  readonly trainer?: Trainer
  /** Whether a trainer module the file names may be imported, and so run. Not unless stated. */
  readonly importModule?: boolean
}

/**
 * The model of a file's JSON (`model.json` of a run), ready to predict.
 * @throws EspalierError MODEL_INVALID where it is none, or where its trainer must be passed or allowed; what opening
 *   its trainer throws.
 */
export async function loadModel(json: JsonValue, options: LoadModelOptions = {}): Promise<LoadedModel> {
  const { trainer: reference, signature, state, importances, threshold } = checkArtifact(json)
  const own =
    reference.kind === 'ensemble'
      ? await loadEnsemble(state, signature, options)
      : await loadState(reference, state, signature, options)
  const model = answeringBy(threshold, own)
  const loaded: LoadedModel = {
    signature,
    trainer: reference,
    importances,
    threshold,
    predict: (rows) => predict(model, tableFromRows(rows, signature).table, signature),
    predictTable: ({ table }) => predict(model, table, signature),
  }
  if (model.predictProbability === undefined) return loaded
  return {
    ...loaded,
    predictProbability: (rows) => probabilities(model, tableFromRows(rows, signature).table, signature),
    predictProbabilityTable: ({ table }) => probabilities(model, table, signature),
  }
}

/** The model with labels by a threshold instead of its own. */
function answeringBy(threshold: ModelThreshold | null, model: Model): Model {
  if (threshold === null) return model
  if (model.predictProbability === undefined)
    broken('threshold', 'left out where the model has no probabilities', { ...threshold })
  const { positive, value } = threshold
  return {
    ...model,
    predictProbability: (table) => model.predictProbability!(table),
    toJSON: () => model.toJSON(),
    predict(table) {
      const { classes, values } = model.predictProbability!(table)
      const [at, width] = [classes.indexOf(positive), classes.length]
      const other = classes.find((name) => name !== positive)!
      return Array.from({ length: table.rows }, (_, i) =>
        values[i * width + at] >= value ? positive : other,
      )
    },
  }
}

async function loadState(
  reference: TrainerReference,
  state: JsonValue,
  signature: Signature,
  options: LoadModelOptions,
): Promise<Model> {
  const trainer = await trainerFor(reference, options)
  if (trainer.task !== signature.task)
    broken('signature.task', `${trainer.name}'s, "${trainer.task}"`, signature.task)
  return stateLoaded(trainer, state, signature)
}

/** Each member by its own trainer; one that is passed loads those that were made by code. */
async function loadEnsemble(
  state: JsonValue,
  signature: Signature,
  { trainer, importModule }: LoadModelOptions,
): Promise<Model> {
  const members = await Promise.all(
    checkMembers(state).map(async (member, i) => {
      const reference = checkReference(member.trainer, `the member ${i} of the model file`)
      if (reference.kind === 'ensemble') return broken(`state.members[${i}].trainer`, 'a trainer', 'ensemble')
      const options = reference.kind === 'built-in' ? {} : { trainer, importModule }
      return { weight: member.weight, model: await loadState(reference, member.state, signature, options) }
    }),
  )
  return ensembleOf(members, signature, state)
}

/** What the model of a file's JSON takes. Throws MODEL_INVALID where it is none. */
export function signatureOfModel(json: JsonValue): Signature {
  return checkArtifact(json).signature
}

/** What a trainer cannot make a model of is no state of its models, whatever it says about it. */
async function stateLoaded(trainer: Trainer, state: JsonValue, signature: Signature): Promise<Model> {
  let model: Model
  try {
    model = await trainer.load(state, signature)
  } catch (error) {
    if (isEspalierError(error)) throw error
    throw new EspalierError(
      'MODEL_INVALID',
      `a model file holds a state of its trainer's (${trainer.name} cannot load this one: ${describeError(error).message})`,
      { cause: error },
    )
  }
  if (typeof model?.predict === 'function') return model
  throw new EspalierError(
    'MODEL_INVALID',
    `load of ${trainer.name} must return a model with the method predict`,
  )
}

/** Labels of the signature's, or finite numbers: what a model answers beside them says that it is none of its trainer's. */
function predict(model: Model, table: Table, { classes }: Signature): (string | number)[] {
  if (table.rows === 0) return []
  const found = Array.from<string | number>(answering(() => model.predict(table)))
  if (found.length !== table.rows) refuseAnswer(`${found.length} answers for ${table.rows} rows`)
  const known = classes && new Set<unknown>(classes)
  const bad = found.findIndex((answer) => (known === null ? !Number.isFinite(answer) : !known.has(answer)))
  if (bad !== -1)
    refuseAnswer(`${typeof found[bad] === 'string' ? JSON.stringify(found[bad]) : found[bad]} for row ${bad}`)
  return found
}

function probabilities(model: Model, table: Table, signature: Signature): Record<string, number>[] {
  if (table.rows === 0) return []
  const { classes, values } = answering(() => model.predictProbability!(table))
  if (values.length !== table.rows * classes.length)
    refuseAnswer(`${values.length} probabilities for ${table.rows} rows of ${classes.length} classes`)
  const stranger = classes.find((name) => signature.classes?.includes(name) !== true)
  if (stranger !== undefined) refuseAnswer(`a probability of ${JSON.stringify(stranger)}`)
  const bad = values.findIndex((value) => !(value >= 0 && value <= 1 + 1e-9))
  if (bad !== -1) refuseAnswer(`the probability ${values[bad]} for row ${Math.floor(bad / classes.length)}`)
  return Array.from({ length: table.rows }, (_, i) =>
    Object.fromEntries(classes.map((name, c) => [name, values[i * classes.length + c]])),
  )
}

/** What a model throws instead of answering says that its state is none of its trainer's, where the rows are fine. */
function answering<T>(answer: () => T): T {
  try {
    return answer()
  } catch (error) {
    if (isEspalierError(error)) throw error
    throw new EspalierError(
      'MODEL_INVALID',
      `a model answers for every row (this one threw: ${describeError(error).message}); its file is not as it was written, or its trainer is at fault`,
      { cause: error },
    )
  }
}

function refuseAnswer(found: string): never {
  throw new EspalierError(
    'MODEL_INVALID',
    `a model answers with a class or a finite number for each row (this one gave ${found}); its file is not as it was written, or a row holds values too large for it`,
  )
}

interface Artifact {
  readonly trainer: ModelReference
  readonly signature: Signature
  readonly state: JsonValue
  readonly importances: readonly FeatureImportance[] | null
  readonly threshold: ModelThreshold | null
}

function checkArtifact(json: JsonValue): Artifact {
  const refuse = (message: string): never => {
    throw new EspalierError('MODEL_INVALID', message)
  }
  const found = (isJsonObject(json) ? json : {}) as JsonObject
  if (found.format !== format) {
    refuse(
      `a model file has "format": "${format}" (got ${JSON.stringify(found.format) ?? 'none'}); it is no model of Espalier`,
    )
  }
  if (found.version !== version) {
    refuse(
      `this version of Espalier reads models of version ${version} (got ${JSON.stringify(found.version)}); update Espalier`,
    )
  }
  const artifact = found as unknown as Artifact
  checkReference((found.trainer ?? null) as JsonValue, 'the model file')
  if (!isJsonObject(artifact.signature as unknown)) refuse('the model file has no signature')
  if (artifact.state === undefined) refuse('the model file has no state')
  const importances = found.importances === undefined ? null : checkImportances(found.importances)
  const signature = checkSignature(artifact.signature)
  const threshold = found.threshold === undefined ? null : checkThreshold(found.threshold, signature)
  return { ...artifact, signature, importances, threshold }
}

function checkThreshold(found: JsonValue, { classes }: Signature): ModelThreshold {
  const { metric, positive, value } = object(found, 'threshold')
  if (classes?.length !== 2) broken('threshold', 'left out where there are not two classes', found)
  if (typeof metric !== 'string') return broken('threshold.metric', 'a text', metric ?? null)
  if (typeof positive !== 'string' || !classes!.includes(positive))
    return broken('threshold.positive', 'a class', positive ?? null)
  return { metric, positive, value: finite(value, 'threshold.value', 0, 1) }
}

function checkReference(reference: JsonValue, what: string): ModelReference {
  const { kind, name, file } = isJsonObject(reference) ? reference : ({} as JsonObject)
  if (kind === 'ensemble') return { kind }
  const named = kind === 'module' ? file : kind === 'built-in' || kind === 'function' ? name : undefined
  if (typeof named !== 'string') throw new EspalierError('MODEL_INVALID', `${what} names no trainer`)
  return reference as unknown as ModelReference
}

function checkImportances(found: JsonValue): FeatureImportance[] {
  return list(found, 'importances').map((one, i) => {
    const { feature, importance } = object(one, `importances[${i}]`)
    if (typeof feature !== 'string') return broken(`importances[${i}].feature`, 'a text', feature ?? null)
    return { feature, importance: finite(importance, `importances[${i}].importance`, 0, 1 + 1e-9) }
  })
}

async function trainerFor(reference: TrainerReference, options: LoadModelOptions): Promise<Trainer> {
  if (options.trainer !== undefined) return options.trainer
  if (reference.kind === 'function') {
    throw new EspalierError(
      'MODEL_INVALID',
      `the trainer of this model was passed in code ("${reference.name}"); pass it again, as the option "trainer"`,
    )
  }
  if (reference.kind === 'module' && options.importModule !== true) {
    throw new EspalierError(
      'MODEL_INVALID',
      `this model was made by the module ${reference.file}, and loading it runs that module; if you trust it, pass the option "importModule: true", or the trainer itself as "trainer"`,
    )
  }
  const opened = await openTrainer(reference)
  if (opened.kind === 'trainer') return opened.trainer
  throw new EspalierError(
    'MODEL_INVALID',
    `a model is made by one trainer (its file names ${opened.kind === 'choice' ? 'several' : `"${opened.objective.name}", an objective`}); it is no model of Espalier's`,
  )
}
