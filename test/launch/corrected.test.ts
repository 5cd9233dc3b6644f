/** What the corrected estimate of a cross-validated sweep costs: one file a trial, whatever else the store holds. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { resumeSweep, sweep } from '../../src/index.js'
import { correctedEstimate } from '../../src/launch/corrected.js'
import { prepareSweep } from '../../src/launch/prepare.js'
import { parseSweepFile } from '../../src/space/index.js'
import { openStore } from '../../src/tracking/index.js'
import { sweepOf } from '../laws/store.js'
import { FaultyFiles } from '../tracking/faulty-files.js'
import { dataFile, temporaryDirectory, wineKnn } from './support.js'

it('reads the out-of-fold files in proportion to the trials of its sweep', async () => {
  const store = join(await temporaryDirectory(), 'runs')
  const file = await parseSweepFile(wineKnn)
  const prepared = await prepareSweep({ file, source: null, beside: {} })
  const runs: Record<number, string> = {}
  for (const trials of [4, 8]) runs[trials] = (await sweep(wineKnn, { store, trials, workers: 1 })).run

  const readsFor = async (trials: number) => {
    const files = new FaultyFiles()
    const estimate = await correctedEstimate(
      prepared,
      await openStore(store, { files }),
      runs[trials],
      () => {},
    )
    expect(estimate?.trials).toBe(trials)
    return Object.values(files.reads).reduce((sum, count) => sum + count, 0)
  }
  const [four, eight] = [await readsFor(4), await readsFor(8)]
  expect(eight - four).toBe(4)

  const others = await openStore(store)
  for (let i = 0; i < 20; i++) await (await others.createSweep(sweepOf())).finish({ status: 'finished' })
  expect([await readsFor(4), await readsFor(8)]).toEqual([four, eight])
})

it('is never better than the best itself, also where a value is the mean of small folds, and after resuming', async () => {
  const directory = await temporaryDirectory()
  const store = join(directory, 'runs')
  const file = join(directory, 'few.csv')
  const rows = (await readFile(dataFile('diabetes.csv'), 'utf8')).split('\n')
  await writeFile(file, rows.slice(0, 111).join('\n'))
  const definition = {
    trainer: 'cart-regressor',
    data: { file, target: 'progression' },
    validation: { folds: 10 },
    objective: { metric: 'r2' },
    search: { algorithm: 'sobol', trials: 2 },
    parameters: { maxDepth: { type: 'int', min: 1, max: 3 } },
  } as const
  const first = await sweep(definition, { store, workers: 1 })
  const resumed = await resumeSweep(first.run, { store, trials: 3, workers: 1 })
  for (const { best, corrected } of [first, resumed]) {
    const { mean, low, high } = corrected!
    expect(mean).toBeLessThanOrEqual(best!.value)
    expect(low).toBeLessThanOrEqual(mean)
    expect(high).toBeGreaterThanOrEqual(mean)
  }
  expect(resumed.corrected!.trials).toBe(3)
})
