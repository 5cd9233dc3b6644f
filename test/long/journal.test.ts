/** Sweeps of every kind, their journals cut after each line. */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { expectCutsResumed } from '../crash/cuts.js'
import { wineKnn } from '../launch/support.js'

const slow = {
  trainer: fileURLToPath(new URL('../crash/fixtures/slow.mjs', import.meta.url)),
  parameters: { x: { type: 'float', min: -1, max: 1 }, k: { type: 'int', min: 1, max: 20 } },
}
const validation = { folds: 4 }

const definitions: Record<string, object> = {
  'bayesian, models of the best': {
    ...wineKnn,
    search: { algorithm: 'bayesian', trials: 14, seed: 3, parallel: 3 },
    validation,
  },
  'bayesian, trials pruned by folds': {
    ...wineKnn,
    search: { algorithm: 'bayesian', trials: 14, seed: 4, parallel: 3, pruner: 'folds' },
    validation,
  },
  'sobol, models of the best and a holdout part': {
    ...wineKnn,
    validation: { ...validation, holdout: 0.2 },
    search: { algorithm: 'sobol', trials: 8, seed: 5, parallel: 2 },
  },
  grid: {
    ...wineKnn,
    search: { algorithm: 'grid', trials: 12, parallel: 4 },
    parameters: { ...wineKnn.parameters, k: { type: 'int', min: 1, max: 3 } },
    validation,
  },
  'bayesian, an objective that fails here and there': {
    ...slow,
    name: 'slow',
    search: { algorithm: 'bayesian', trials: 16, seed: 8, parallel: 4 },
  },
}

describe('a journal cut after any of its lines is resumed to the same sweep', () => {
  for (const [name, definition] of Object.entries(definitions)) {
    it(name, async () => {
      const { trials } = await expectCutsResumed(definition)
      if (name.includes('pruned'))
        expect((trials as { status: string }[]).some(({ status }) => status === 'pruned')).toBe(true)
    })
  }
})
