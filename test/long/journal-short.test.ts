/** Nothing depends on where a record breaks off. Short sweeps here, every kind of search and pruner in journal.test.ts. */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { expectCutsResumed } from '../crash/cuts.js'
import { wineKnn } from '../launch/support.js'
import { expectCutsRead, recordedSweep } from '../tracking/cuts.js'

describe('a journal cut after any of its lines is resumed to the same sweep', () => {
  it('with models of the best and a holdout part', { timeout: 120_000 }, async () => {
    const { models } = await expectCutsResumed({
      ...wineKnn,
      validation: { folds: 2, holdout: 0.2 },
      search: { algorithm: 'sobol', trials: 3, seed: 5, parallel: 2 },
    })
    expect(Object.keys(models).filter((name) => name.endsWith('model.json')).length).toBeGreaterThan(1)
  })

  it('with trials that fail and are tried again', { timeout: 120_000 }, async () => {
    const { trials } = await expectCutsResumed({
      name: 'fails-for-some',
      trainer: fileURLToPath(new URL('../crash/fixtures/fails-for-some.mjs', import.meta.url)),
      search: { algorithm: 'random', trials: 5, seed: 2, parallel: 2 },
      parameters: { x: { type: 'float', min: -1, max: 1 } },
    })
    expect(new Set((trials as { status: string }[]).map(({ status }) => status))).toEqual(
      new Set(['failed', 'finished']),
    )
  })
})

it('a journal cut off at any byte of its last records loses only what was cut', async () => {
  await expectCutsRead(await recordedSweep(), 1)
})
