/**
 * The store as the library shows it: the record, and the models in it.
 */

import {
  type BestFilter,
  type ChildRun,
  openStore as openRunStore,
  type RunStore,
} from '../tracking/index.js'
import type { LoadedModel, LoadModelOptions } from '../training/index.js'
import type { Params } from '../values.js'
import { defaultStore } from './default-store.js'
import { openModel, type RecordedModelFile, readModelOf } from './model.js'

/** A child run whose model can be loaded. */
export type RunWithModel<P = Params> = Omit<ChildRun, 'params'> & {
  readonly params: P
  loadModel(options?: LoadModelOptions): Promise<LoadedModel>
  /** The model's file as JSON, without anything of it being loaded: see ModelStore.readModel. */
  readModel(): Promise<RecordedModelFile>
}

/** A store to be read: sweeps, trials, what is best, and the models that were kept. See `openStore`. */
export type ModelStore = Omit<RunStore, 'bestRun' | 'follower' | 'sweepMarks'> & {
  /**
   * The best finished child run: see Store.bestRun. Its params have the type stated, which nothing checks:
   * `bestRun<ParamsOf<typeof space>>()`.
   */
  bestRun<P = Params>(filter?: BestFilter): Promise<RunWithModel<P>>
  /** The kept model of a child run, by its id or a unique prefix. Throws MODEL_MISSING where none was kept. */
  loadModel(run: string, options?: LoadModelOptions): Promise<LoadedModel>
  /**
   * The file of the model that a trial keeps, or of the ensemble of a sweep, as JSON, with a few rows of its input; by id or a unique
   * prefix. Throws MODEL_MISSING.
   */
  readModel(run: string): Promise<RecordedModelFile>
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
        readModel: () => readModelOf(store, best.id),
      }
    },
    loadModel: (run: string, options?: LoadModelOptions) => openModel(store, run, options),
    readModel: (run: string) => readModelOf(store, run),
  })
}
