/** A sweep extended step by step, with other numbers of workers each time, beside one that asked for all at once. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { openStore, resumeSweep, type SweepResult, sweep } from '../../src/index.js'
import { essenceOf, sweepFile, wineKnn } from './support.js'

export interface Extended {
  readonly file: { readonly search: object; readonly [entry: string]: unknown }
  readonly overrides?: { retries?: number; keepModels?: 'all' | 'best' | 'none'; order?: 'arrival' }
  /** Begins with the results of another sweep of so many trials. */
  readonly warm?: number
}

/** Resolves with the whole sweep, for the caller to see that it is a fair test. */
export async function expectExtended({ file: json, overrides, warm }: Extended, steps: readonly number[]) {
  const { directory } = await sweepFile(json)
  const begin = async (name: string, trials: number, workers: number) => {
    const store = join(directory, name)
    const file = join(directory, `${name}.json`)
    const earlier = warm === undefined ? null : await sweep(json as never, { store, trials: warm, seed: 99 })
    const warmStart = earlier && { warmStart: earlier.run }
    await writeFile(file, JSON.stringify({ ...json, search: { ...json.search, ...warmStart } }))
    return { store, result: await sweep(file, { ...overrides, store, trials, workers }) }
  }
  const whole = await begin('whole', steps.at(-1)!, 2)
  const extended = await begin('extended', steps[0], 3)
  let { result } = extended
  for (const [i, trials] of steps.slice(1).entries())
    result = await resumeSweep(result.run, { store: extended.store, trials, workers: 1 + (i % 2) })
  const expected = await wholeOf(whole.store, whole.result)
  expect(await wholeOf(extended.store, result)).toEqual(expected)
  return expected
}

/** A sweep's trials and models, and how it ended, as told and as recorded. */
async function wholeOf(directory: string, result: SweepResult) {
  const store = await openStore(directory)
  const [parent] = await store.sweeps({ sweep: result.run })
  const { status, best, holdout, corrected, trials: counts, notes } = result
  const failures = result.failures.map(({ run: ___, ...failure }) => failure)
  const { fitSeconds: _, predictSeconds: __, ...metrics } = best?.metrics ?? {}
  return {
    ...(await essenceOf(directory, result.run)),
    told: {
      status,
      holdout,
      corrected,
      counts,
      failures,
      notes,
      best: best && { ...best, run: '', metrics },
    },
    recorded: {
      status: parent.status,
      counts: parent.trials,
      tags: parent.tags,
      metrics: parent.metrics,
      error: parent.error,
    },
  }
}

const wine = (search: object, validation: object = { folds: 3 }) => ({ ...wineKnn, validation, search })
const moduleOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const slow = {
  name: 'slow',
  trainer: moduleOf('../crash/fixtures/slow.mjs'),
  parameters: { x: { type: 'float', min: -1, max: 1 }, k: { type: 'int', min: 1, max: 20 } },
}

export const extendedSweeps: Record<string, Extended> = {
  'bayesian, with a holdout part': {
    file: wine({ algorithm: 'bayesian', seed: 4 }, { folds: 3, holdout: 0.2 }),
  },
  'bayesian, raced by folds, every model kept': {
    file: wine({ algorithm: 'bayesian', seed: 5, pruner: 'folds' }),
    overrides: { keepModels: 'all' },
  },
  'grid, no model kept': {
    file: wine({ algorithm: 'grid' }),
    overrides: { keepModels: 'none' },
  },
  'sobol, ended by a value': {
    file: { ...slow, search: { algorithm: 'sobol', seed: 9, stopAt: 0.05 } },
  },
  'random, failures tried again': {
    file: { ...slow, search: { algorithm: 'random', seed: 3 } },
    overrides: { retries: 2 },
  },
  'bayesian, replicates and trials put first': {
    file: {
      ...slow,
      search: { algorithm: 'bayesian', seed: 6, replicates: 2, enqueue: [{ x: 0.3, k: 2 }, { k: 13 }] },
    },
  },
  'bayesian, from the results of another sweep': {
    file: { ...slow, search: { algorithm: 'bayesian', seed: 7 } },
    warm: 12,
  },
  'random, ended by advice': {
    file: {
      ...wine({ algorithm: 'random', seed: 8, advice: 'stop' }),
      parameters: { k: wineKnn.parameters.k },
    },
  },
  'bayesian, halved by steps': {
    file: {
      name: 'halving',
      trainer: moduleOf('modules/curve.mjs'),
      search: { algorithm: 'bayesian', seed: 9, pruner: { name: 'halving', minSteps: 2 } },
      parameters: { x: { type: 'float', min: -1, max: 1 } },
    },
  },
  'random, stopped by the median': {
    file: {
      name: 'median',
      trainer: moduleOf('modules/curve.mjs'),
      search: { algorithm: 'random', seed: 10, pruner: 'median' },
      parameters: { x: { type: 'float', min: -1, max: 1 } },
    },
  },
  'bayesian, one at a time by arrival': {
    file: { ...slow, search: { algorithm: 'bayesian', seed: 11, parallel: 1 } },
    overrides: { order: 'arrival' },
  },
}
