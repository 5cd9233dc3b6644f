/**
 * The store as the library shows it: the record, and the models in it.
 */

import { EspalierError } from '../errors.js'
import { artifactNames } from '../names.js'
import {
  type BestFilter,
  type ChildRun,
  openStore as openRunStore,
  type ParentRun,
  type RunStore,
} from '../tracking/index.js'
import { type LoadedModel, type LoadModelOptions, loadModel, openTrainer } from '../training/index.js'
import type { Params } from '../values.js'
import { defaultStore } from './default-store.js'
import { located } from './located.js'
import { digestOf } from './read-file.js'
import { specOf } from './spec/version.js'
import { checkTrusted } from './trust.js'

/** A child run whose model can be loaded. */
export type RunWithModel<P = Params> = Omit<ChildRun, 'params'> & {
  readonly params: P
  loadModel(options?: LoadModelOptions): Promise<LoadedModel>
}

/** A store to be read: sweeps, trials, what is best, and the models that were kept. See `openStore`. */
export type ModelStore = Omit<RunStore, 'bestRun'> & {
  /**
   * The best finished child run: see Store.bestRun. Its params have the type stated, which nothing checks:
   * `bestRun<ParamsOf<typeof space>>()`.
   */
  bestRun<P = Params>(filter?: BestFilter): Promise<RunWithModel<P>>
  /** The kept model of a child run, by its id or a unique prefix. Throws MODEL_MISSING where none was kept. */
  loadModel(run: string, options?: LoadModelOptions): Promise<LoadedModel>
}

/** Opens a store: `ESPALIER_STORE` or ./espalier-runs unless a directory is given. */
export async function openStore(directory: string = defaultStore()): Promise<ModelStore> {
  const store = await openRunStore(directory)
  const bestRun = store.bestRun.bind(store)
  return Object.assign(store, {
    bestRun: async <P = Params>(filter?: BestFilter): Promise<RunWithModel<P>> => {
      const best = await bestRun(filter)
      return {
        ...best,
        params: best.params as P,
        loadModel: (options) => openModel(store, best.id, options),
      }
    },
    loadModel: (run: string, options?: LoadModelOptions) => openModel(store, run, options),
  })
}

/** `module`: the path of the trainer's module where the caller names it; it must be the recorded one. */
export type OpenModelOptions = LoadModelOptions & { readonly module?: string }

/**
 * Loads the model of a child run. One whose trainer is a module of one's own is loaded by importing that module, if the
 * sweep was started on this machine and the module is still the recorded one; `importModule: true` imports it in any case.
 */
export async function openModel(
  store: RunStore,
  id: string,
  options: OpenModelOptions = {},
): Promise<LoadedModel> {
  const run = await store.run(id)
  if (run.kind === 'sweep') {
    const best = run.best ? `; its best trial is ${run.best.run}` : ''
    throw new EspalierError('MODEL_MISSING', `a model belongs to a trial, and ${run.id} is a sweep${best}`)
  }
  if (!run.artifacts.some(({ name }) => name === artifactNames.model)) {
    throw new EspalierError(
      'MODEL_MISSING',
      `${run.id} (trial ${run.trial}) keeps no model: a sweep keeps those of trials that were the best when they ended; run it with --keep-models all to keep every one`,
    )
  }
  const bytes = await store.readArtifact(run, artifactNames.model)
  const json = JSON.parse(new TextDecoder().decode(bytes))
  const { module, ...rest } = options
  const parent = (await store.run(run.parent)) as ParentRun
  const recorded = specOf(parent)
  // A model names its trainer, too, but what may be run is what the sweep was started with.
  if (rest.trainer !== undefined || recorded.trainer.kind !== 'module') return loadModel(json, rest)
  const trusted = rest.importModule === true
  await checkTrusted(parent.id, recorded, { trustModule: trusted, module })
  const { spec } = await located(
    parent,
    { ...recorded, data: null },
    store.directory,
    { trainer: module },
    { module: trusted },
  )
  const { file } = spec.trainer as typeof recorded.trainer
  if (!trusted && (await digestOf(file)) !== recorded.trainer.digest) {
    throw new EspalierError(
      'MODEL_INVALID',
      `a model is loaded by the module that made it, and ${file} has changed since; to load it with the module as it is now, add --trust-module (in code: importModule: true)`,
    )
  }
  const opened = await openTrainer({ kind: 'module', file })
  return loadModel(json, opened.kind === 'trainer' ? { ...rest, trainer: opened.trainer } : rest)
}
