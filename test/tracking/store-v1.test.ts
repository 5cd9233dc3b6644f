/** A store written by the release of journal version 1 opens, is shown and is taken up again. */
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openStore, type RunStore } from '../../src/tracking/index.js'
import { endOf, runTrials, startOf } from '../laws/store.js'
import { temporaryDirectory } from '../temporary.js'

const fixture = fileURLToPath(new URL('../fixtures/store-v1', import.meta.url))

async function copied() {
  const directory = join(await temporaryDirectory(), 'ada')
  await cp(fixture, directory, { recursive: true })
  const store = await openStore(join(directory, 'runs'))
  const expected = JSON.parse(await readFile(join(directory, 'expected.json'), 'utf8'))
  return { store, expected: expected.asRecorded }
}

/** What the release that wrote it said, of what a store says now. */
async function shown(store: RunStore) {
  const sweeps: Record<string, unknown> = {}
  for (const parent of await store.sweeps()) {
    const runs = (await store.trials(parent.id)).map(
      ({ id, trial, status, params, value, metrics, history, artifacts }) => ({
        id,
        trial,
        status,
        params,
        value,
        metrics: Object.fromEntries(Object.entries(metrics).filter(([name]) => !/seconds/i.test(name))),
        steps: Object.fromEntries(Object.entries(history).map(([name, { steps }]) => [name, steps.length])),
        artifacts: artifacts.map(({ name }) => name),
      }),
    )
    const { id: sweep, status, trials, best } = parent
    sweeps[parent.experiment] = { sweep, status, trials, best, runs }
  }
  return sweeps
}

describe('a store of version 1', () => {
  it('says what it said to the release that wrote it', async () => {
    const { store, expected } = await copied()
    expect(await shown(store)).toEqual(expected)
    expect(store.warnings).toEqual([])
    for (const run of await store.runs()) {
      for (const { name, bytes } of run.artifacts)
        expect((await store.readArtifact(run.id, name)).length).toBe(bytes)
    }
  })

  it('is written to as any other, and says the rest as before', async () => {
    const { store, expected } = await copied()
    for (const parent of await store.sweeps()) {
      await store.tag(parent.id, { seen: 'yes' })
      const writer = await store.resumeSweep(parent.id, { conditions: {} })
      await writer.trialStarted(startOf(40))
      const { metric } = parent.objective
      await writer.trialEnded(endOf(40, 4, metric))
      await runTrials(writer, 41, 43, metric)
      await writer.finish({ status: 'finished' })
      const again = await openStore(store.directory)
      const before = expected[parent.experiment].runs
      const now = await again.trials(parent.id)
      expect(now.map(({ id }) => id).slice(0, before.length)).toEqual(
        before.map(({ id }: { id: string }) => id),
      )
      expect(now.slice(before.length).map(({ trial }) => trial)).toEqual([40, 41, 42])
      expect(again.warnings).toEqual([])
    }
  })
})
