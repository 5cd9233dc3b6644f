/** The workers of a sweep, as the page is told of them: live, after the fact, and in a report. */
import { expect, it } from 'vitest'
import type { SweepHead } from '../../src/dashboard/data/index.js'
import { FollowedSweep } from '../../src/dashboard/gather/followed-sweep.js'
import { workersOf } from '../../src/dashboard/gather/workers.js'
import { createInlineExecutor, type ExecutorSetup } from '../../src/execution/index.js'
import { sweep } from '../../src/launch/index.js'
import { type ChildRun, openStore } from '../../src/tracking/index.js'
import { temporaryFolder } from '../temporary.js'

const gpu = (id: string) => ({
  id,
  kind: 'cuda' as const,
  name: 'NVIDIA A100',
  memoryMB: 40960,
  driver: '550.54.15',
  uuid: null,
})
const west = { id: 'aaaa', host: 'west', devices: [gpu('0')] }
const east = { id: 'bbbb', host: 'east' }
const objectives = [{ metric: 'loss', direction: 'minimize' }] as const

it('are known by the fits that they have and had, and forgotten with nothing but these', async () => {
  const store = await openStore(temporaryFolder())
  const spec = { parameters: { x: { type: 'float', min: 0, max: 1 } }, trials: 9 }
  const make = { experiment: 'e', name: 'n', objectives, spec, conditions: {} }
  const writer = await store.createSweep(make)
  const followed = new FollowedSweep(store, writer.id)
  const seen = async (): Promise<SweepHead['workers']> => {
    await followed.after(() => {})
    return followed.head!.workers
  }
  /** What runs is written now and then: as soon as so many fits run. */
  const seenAt = async (...fits: number[]): Promise<SweepHead['workers']> => {
    for (let look = 0; look < 1200; look++) {
      const workers = await seen()
      if (JSON.stringify(workers.map(({ at }) => at.length)) === JSON.stringify(fits)) return workers
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`waited a minute for ${fits} fits: ${JSON.stringify(await seen())}`)
  }
  const ended = (trial: number, workers: (typeof west | typeof east)[]) =>
    writer.trialEnded({
      trial,
      status: 'finished',
      values: { loss: 1 },
      metrics: { loss: 1 },
      error: null,
      history: {},
      conditions: {
        fits: {
          seats: workers.map((_, i) => i),
          from: workers.map(() => 0),
          to: workers.map(() => 5),
          workers,
        },
      },
    })
  for (const trial of [0, 1])
    await writer.trialStarted({ trial, params: { x: 0.5 }, attempt: 1, conditions: { trial } })
  writer.trialProgress(0, { seats: [0, 2], workers: [west, east] })
  await seenAt(1, 1)
  await ended(1, [east])
  const at = [{ trial: 0, seat: 0, since: expect.any(Number) }]
  expect(await seen()).toEqual([
    { id: 'aaaa', host: 'west', devices: [gpu('0')], at, trials: 0, last: expect.any(Number) },
    {
      id: 'bbbb',
      host: 'east',
      devices: [],
      at: [{ ...at[0], seat: 2 }],
      trials: 1,
      last: expect.any(Number),
    },
  ])
  const [running] = (await store.trials(writer.id)) as (ChildRun & { seats: number[] })[]
  expect(running).toMatchObject({ seats: [0, 2], workers: [west, east] })

  // The fit in the east has ended; what the west is at goes on since it began.
  const [before] = (await seen())[0].at
  writer.trialProgress(0, { seats: [0], workers: [west] })
  await seenAt(1, 0)
  await writer.trialStarted({ trial: 2, params: { x: 0.1 }, attempt: 1, conditions: { trial: 2 } })
  expect((await seen()).map(({ at: fits }) => fits)).toEqual([[before], []])

  await ended(0, [west, east])
  expect((await seen()).map(({ at: fits, trials }) => [fits, trials])).toEqual([
    [[], 1],
    [[], 2],
  ])
  // Nothing runs of a sweep whose process has ended, and of a trial that begins anew.
  writer.trialProgress(2, { seats: [0], workers: [west] })
  await seenAt(1, 0)
  await writer.finish({ status: 'interrupted', error: null })
  expect((await seen()).map(({ at: fits }) => fits)).toEqual([[], []])
  const whole = await store.trials(writer.id)
  expect(workersOf(whole).map(({ id, trials }) => [id, trials])).toEqual(
    (await seen()).map(({ id, trials }) => [id, trials]),
  )
  await store.delete(whole[1].id)
  expect((await seen()).map(({ trials }) => trials)).toEqual([1, 1])
})

it('reach the record from the executor, while a fit runs and when it has ended', async () => {
  const store = temporaryFolder()
  const executor = ({ code, ...options }: ExecutorSetup) => {
    const inner = createInlineExecutor({ ...options, workers: 1 }, code)
    const run: typeof inner.run = (request, more) =>
      inner.run(request, {
        ...more,
        onStart: (start) =>
          more?.onStart?.({ ...start, devices: [gpu('0')], worker: { id: 'aaaa', host: 'west' } }),
      })
    return Object.assign(Object.create(inner), { ...inner, run })
  }
  const during: unknown[] = []
  const records = await openStore(store)
  const result = await sweep(
    { parameters: { x: { type: 'float', min: 0, max: 1 } }, search: { trials: 1, algorithm: 'random' } },
    {
      store,
      executor,
      run: async ({ x }: { x: number }) => {
        // What runs is written now and then.
        for (let look = 0; look < 600 && during.length === 0; look++) {
          await new Promise((resolve) => setTimeout(resolve, 50))
          const [sweepRun] = await records.sweeps()
          const [trial] = await records.trials(sweepRun.id)
          if (trial !== undefined && 'workers' in trial) during.push(trial.workers)
        }
        return x
      },
    },
  )
  expect(during).toEqual([[west]])
  const [trial] = await records.trials(result.run)
  expect(trial.conditions.fits).toMatchObject({ workers: [west] })
  expect(workersOf([trial])).toMatchObject([{ id: 'aaaa', devices: [gpu('0')], at: [], trials: 1 }])
})
