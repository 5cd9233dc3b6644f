/** Temporary directories, data and sweep files for tests of whole sweeps. */
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { openStore, sweep } from '../../src/index.js'
import { steady } from '../laws/store.js'
import { temporaryDirectory } from '../temporary.js'

export { temporaryDirectory }

export function dataFile(name: string): string {
  return fileURLToPath(new URL(`../../search-spaces/data/${name}`, import.meta.url))
}

export const wineKnn = {
  name: 'wine-knn',
  trainer: 'knn-classifier',
  data: { file: dataFile('wine.csv'), target: 'cultivar' },
  validation: { folds: 4 },
  search: { algorithm: 'sobol', trials: 16, seed: 5 },
  parameters: {
    k: { type: 'int', min: 1, max: 40, scale: 'log' },
    scaling: { type: 'categorical', values: ['none', 'standard', 'minmax'] },
    weights: { type: 'categorical', values: ['uniform', 'distance'] },
  },
} as const

/** Writes a sweep file into a directory of its own. */
export async function sweepFile(json: object): Promise<{ file: string; directory: string; store: string }> {
  const directory = await temporaryDirectory()
  const file = join(directory, 'sweep.json')
  await writeFile(file, JSON.stringify(json))
  return { file, directory, store: join(directory, 'runs') }
}

/** A sweep that was stopped when this trial had ended; its data is beside its file. */
export async function interrupted(json: object, after: number) {
  const made = await sweepFile(json)
  await copyFile(dataFile('wine.csv'), join(made.directory, 'wine.csv'))
  const stop = new AbortController()
  const result = await sweep(made.file, {
    store: made.store,
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'trial-ended' && event.trial === after) stop.abort()
    },
  })
  expect(result.status).toBe('interrupted')
  return { ...made, run: result.run }
}

/** wineKnn with data beside the sweep file. */
export const wineCopy = { ...wineKnn, data: { file: 'wine.csv', target: 'cultivar' } }

/** Trials with all that must not depend on timing, and the bytes of every kept model. */
export async function essenceOf(directory: string, run: string) {
  const store = await openStore(directory)
  const trials = await store.trials(run)
  const models: Record<number, string> = {}
  for (const { id, trial, artifacts } of trials) {
    if (artifacts.some(({ name }) => name === 'model.json'))
      models[trial] = await readFile(store.artifactPath(id, 'model.json'), 'utf8')
  }
  return {
    models,
    trials: trials.map(steady),
  }
}
