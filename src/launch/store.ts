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
import { type LoadedModel, type LoadModelOptions, loadModel } from '../training/index.js'
import type { Params } from '../values.js'
import { defaultStore } from './default-store.js'
import { digestOf } from './read-file.js'
import type { SweepSpec } from './spec/types.js'
import { specOf } from './spec/version.js'

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

/**
 * Loads the model of a child run. One whose trainer is a module of one's own is loaded by importing that module,
 * where it is still the one that was recorded with the sweep; `importModule: true` imports a changed one too.
 */
export async function openModel(
  store: RunStore,
  id: string,
  options: LoadModelOptions = {},
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
  const spec = specOf((await store.run(run.parent)) as ParentRun)
  const importModule = options.importModule ?? (await moduleUnchanged(spec))
  return loadModel(JSON.parse(new TextDecoder().decode(bytes)), { ...options, importModule })
}

async function moduleUnchanged({ trainer }: SweepSpec): Promise<boolean> {
  if (trainer.kind !== 'module') return false
  try {
    return (await digestOf(trainer.file)) === trainer.digest
  } catch {
    return false
  }
}
