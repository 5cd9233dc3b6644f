/** The models on record: loaded into this process, or asked where the module that made them can be ended. */
import type { PredictionInput, Row, Signature } from '../data/index.js'
import { EspalierError } from '../errors.js'
import { type Answers, predictApart } from '../execution/index.js'
import { artifactNames } from '../names.js'
import type { ParentRun, Run, RunStore } from '../tracking/index.js'
import { trainerParameter } from '../trainer-choice.js'
import {
  type LoadedModel,
  type LoadModelOptions,
  loadModel,
  openTrainer,
  signatureOfModel,
} from '../training/index.js'
import type { JsonValue } from '../values.js'
import { modulesOf } from './choice.js'
import { refuseElsewhere } from './elsewhere.js'
import { located } from './located.js'
import { digestOf } from './read-file.js'
import { specOf } from './spec/version.js'
import { checkTrusted } from './trust.js'

/** `module`: the path of the trainer's module where the caller names it; it must be the recorded one. */
export type OpenModelOptions = LoadModelOptions & { readonly module?: string }

/**
 * Loads the model of a child run. One whose trainer is a module of one's own is loaded by importing that module, if the
 * sweep was started on this machine and the module is still the recorded one; `importModule: true` imports it in any case.
 */
export async function openModel(
  store: RunStore,
  id: string,
  { module, ...options }: OpenModelOptions = {},
): Promise<LoadedModel> {
  const { json, file } = await recordedModel(store, id, { module, ...options })
  if (file === null) return loadModel(json, options)
  const opened = await openTrainer({ kind: 'module', file })
  return loadModel(json, opened.kind === 'trainer' ? { ...options, trainer: opened.trainer } : options)
}

/** A model that answers from where it is, which may be a thread of its own. */
export interface AnsweringModel {
  readonly signature: Signature
  /** @throws EspalierError MODEL_INVALID, or TRAINER_INVALID where its module does not let it answer. */
  answer(input: Pick<PredictionInput, 'table'>, probabilities: boolean): Promise<Answers>
}

/** As `openModel`, but a module is imported in a thread of its own, which a hang or an exit of it ends alone. */
export async function openAnswers(
  store: RunStore,
  id: string,
  options: Pick<OpenModelOptions, 'importModule' | 'module'> = {},
): Promise<AnsweringModel> {
  const { json, file } = await recordedModel(store, id, options)
  if (file !== null) {
    return {
      signature: signatureOfModel(json),
      answer: (input, probabilities) => predictApart(json, file, input, probabilities),
    }
  }
  const model = await loadModel(json)
  return {
    signature: model.signature,
    answer: async (input, probabilities) => ({
      predictions: model.predictTable(input),
      probabilities: (probabilities && model.predictProbabilityTable?.(input)) || null,
    }),
  }
}

/** A model's file as it is on record, with a few rows as people write them. Nothing of it is loaded. */
export interface RecordedModelFile {
  readonly run: Run
  readonly json: JsonValue
  /** The first rows of the data set, without the target; null where none were kept. */
  readonly sampleInput: readonly Row[] | null
}

/**
 * The file of the model that a trial keeps, or of the ensemble of a sweep.
 * @throws EspalierError MODEL_MISSING where there is none.
 */
export async function readModelOf(store: RunStore, id: string): Promise<RecordedModelFile> {
  const { run, json } = await modelFileOf(store, id)
  const name = artifactNames.sampleInput
  return { run, json, sampleInput: keeps(run, name) ? await readJson(store, run, name) : null }
}

function keeps(run: Run, name: string): boolean {
  return run.artifacts.some((artifact) => artifact.name === name)
}

async function readJson(store: RunStore, run: Run, name: string) {
  return JSON.parse(new TextDecoder().decode(await store.readArtifact(run, name)))
}

async function modelFileOf(store: RunStore, id: string): Promise<{ run: Run; json: JsonValue }> {
  const run = await store.run(id)
  const name = run.kind === 'sweep' ? artifactNames.ensemble : artifactNames.model
  if (!keeps(run, name)) {
    const sweep = run.kind === 'sweep' ? run : ((await store.run(run.parent)) as ParentRun)
    refuseElsewhere(sweep, specOf(sweep), 'MODEL_MISSING')
    throw modelMissing(run, sweep)
  }
  return { run, json: await readJson(store, run, name) }
}

function modelMissing(run: Run, { spec }: ParentRun): EspalierError {
  if (run.kind === 'trial') {
    if (spec.data === null)
      return new EspalierError(
        'MODEL_MISSING',
        `a model is fitted on a data set, and the sweep of ${run.id} (trial ${run.trial}) has none: what an objective or a program leaves are files of its own, which espalier runs show ${run.id} lists`,
      )
    return new EspalierError(
      'MODEL_MISSING',
      `${run.id} (trial ${run.trial}) keeps no model: a sweep keeps those of trials that were the best when they ended; run it with --keep-models all to keep every one`,
    )
  }
  const best = run.best ? `; its best trial is ${run.best.run}` : ''
  return new EspalierError(
    'MODEL_MISSING',
    `a model belongs to a trial, and ${run.id} is a sweep without an ensemble${best}`,
  )
}

/** The JSON of a model's file, and the module to load it by, which somebody vouches for; null where none is needed. */
async function recordedModel(
  store: RunStore,
  id: string,
  { module, trainer, importModule = false }: OpenModelOptions,
): Promise<{ json: JsonValue; file: string | null }> {
  const { run, json } = await modelFileOf(store, id)
  const options = { trainer, importModule, module }
  if (run.kind === 'sweep') return { json, file: await moduleOfEnsemble(store, run, json, options) }
  const parent = (await store.run(run.parent)) as ParentRun
  const recorded = specOf(parent)
  // A model names its trainer, too, but what may be run is what the sweep was started with.
  const modules = modulesOf(recorded.trainer)
  const value = recorded.trainer.kind === 'choice' ? run.params[trainerParameter] : null
  const own = modules.find((one) => one.value === value)
  if (trainer !== undefined || own === undefined) return { json, file: null }
  return { json, file: await vouchedModule(store, parent, own, options) }
}

type Options = Pick<OpenModelOptions, 'trainer' | 'importModule' | 'module'>

/** Of an ensemble of a sweep, whose members may have been made by one module beside built-in trainers. */
async function moduleOfEnsemble(
  store: RunStore,
  run: ParentRun,
  json: JsonValue,
  options: Options,
): Promise<string | null> {
  type Members = { state?: { members?: { trainer?: { kind?: unknown; file?: unknown } }[] } } | null
  const members = (json as Members)?.state?.members ?? []
  const files = new Set(members.flatMap(({ trainer }) => (trainer?.kind === 'module' ? [trainer.file] : [])))
  if (files.size === 0 || options.trainer !== undefined) return null
  const own = modulesOf(specOf(run).trainer).filter(({ file }) => files.has(file))
  if (own.length !== 1 || files.size !== 1)
    throw new EspalierError(
      'MODEL_INVALID',
      `an ensemble is loaded by the one module that made members of it, and this one (sweep ${run.id}) has members of ${files.size}; load its file in code, with loadModel and "importModule": true`,
    )
  return vouchedModule(store, run, own[0], options)
}

/** Where a module of a recorded sweep is, which somebody vouches for. */
async function vouchedModule(
  store: RunStore,
  parent: ParentRun,
  { value, digest }: ReturnType<typeof modulesOf>[number],
  { module, importModule = false }: Options,
): Promise<string> {
  const recorded = specOf(parent)
  await checkTrusted(parent.id, recorded, { trustModule: importModule, module }, 'its trainer')
  const { spec } = await located(
    parent,
    { ...recorded, data: null, metrics: [] },
    store.directory,
    { trainer: module },
    { module: importModule },
  )
  const { file } = modulesOf(spec.trainer).find((one) => one.value === value)!
  if (!importModule && (await digestOf(file)) !== digest) {
    throw new EspalierError(
      'MODEL_INVALID',
      `a model is loaded by the module that made it, and ${file} has changed since; to load it with the module as it is now, add --trust-module (in code: importModule: true)`,
    )
  }
  return file
}
