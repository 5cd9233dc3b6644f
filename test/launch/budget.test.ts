/** A time in place of a number of trials. */
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openStore, reproduceRun, resumeSweep, sweep } from '../../src/index.js'
import { specOf } from '../../src/launch/spec/version.js'
import type { ParentRun } from '../../src/tracking/index.js'
import { temporaryDirectory } from './support.js'

const definition = { name: 'slow', parameters: { x: { type: 'float', min: 0, max: 1 } } } as const
const run = async ({ x }: { readonly [name: string]: unknown }) => {
  await wait(30)
  return (x as number) * (x as number)
}

describe('a sweep with a budget', () => {
  it('ends by the clock, has it on record, goes on for as long again, and is repeated whole', async () => {
    const store = join(await temporaryDirectory(), 'runs')
    const notes: string[] = []
    const result = await sweep(definition, {
      run,
      store,
      budget: 600,
      onEvent: (event) => {
        if (event.type === 'note') notes.push(event.message)
      },
    })
    expect([result.status, result.stopped]).toEqual(['finished', 'max-time'])
    expect(notes.join()).toMatch(/the time for the sweep \(0.6 s\) is used, for \d+ trials/)
    const opened = await openStore(store)
    const spec = specOf((await opened.run(result.run)) as ParentRun)
    expect([spec.budget, spec.search.trials]).toEqual([600, 1000])
    expect((await reproduceRun(result.run, { store, run })).differences).toEqual([])
    const more = await resumeSweep(result.run, { store, run })
    expect(more.stopped).toBe('max-time')
    expect(more.trials.finished).toBeGreaterThan(result.trials.finished)
  })

  it('has no more trials than are asked for beside it', async () => {
    const store = join(await temporaryDirectory(), 'runs')
    const result = await sweep(definition, { run, store, budget: 60_000, trials: 3 })
    expect([result.trials.finished, result.stopped]).toEqual([3, null])
  })

  it('is no --max-time', async () => {
    await expect(sweep(definition, { run, budget: 10, maxTime: 10 })).rejects.toThrow('leave one out')
  })
})
