/** The workers of a sweep, as the page is told of them: live, after the fact, and in a report. */
import { expect, it } from 'vitest'
import type { SweepHead } from '../../src/dashboard/data/index.js'
import { FollowedSweep } from '../../src/dashboard/gather/followed-sweep.js'
import { Workers, workersOf } from '../../src/dashboard/gather/workers.js'
import { createInlineExecutor, type ExecutorSetup } from '../../src/execution/index.js'
import type { FitStart, RunOptions } from '../../src/index.js'
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
    {
      ...{ id: 'aaaa', host: 'west', devices: [gpu('0')], at, trials: 0, missed: null },
      seats: [{ seat: 0, from: expect.any(Number), devices: ['0'] }],
      last: expect.any(Number),
    },
    {
      ...{ id: 'bbbb', host: 'east', devices: [], at: [{ ...at[0], seat: 2 }], trials: 1, missed: null },
      seats: [0, 2].map((seat) => ({ seat, from: expect.any(Number), devices: [] })),
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

it('have their devices in the order of their numbers, whichever of them had a fit first', () => {
  const workers = new Workers()
  const now = Date.now()
  for (const [trial, id] of ['10', '2', '0'].entries()) {
    const worker = { ...west, devices: [gpu(id)] }
    workers.progress(trial, { seats: [trial], workers: [worker] }, now, now)
  }
  expect(workers.list()[0].devices.map(({ id }) => id)).toEqual(['0', '2', '10'])
})

/**
 * A sweep of one trial on an executor that tells of its fit what `onStart` makes of it.
 * @param look what is to be seen of the trial while it runs; looked for until there is any.
 * @param then what happens before it ends.
 */
async function watchedSweep(
  onStart: (start: FitStart, more: RunOptions) => void,
  look: (trial: ChildRun) => unknown[],
  then: () => void = () => {},
): Promise<{ during: unknown[]; trial: ChildRun }> {
  const store = temporaryFolder()
  const records = await openStore(store)
  const during: unknown[] = []
  const executor = ({ code, ...options }: ExecutorSetup) => {
    const inner = createInlineExecutor({ ...options, workers: 1 }, code)
    const run: typeof inner.run = (request, more = {}) =>
      inner.run(request, { ...more, onStart: (start) => onStart(start, more) })
    return Object.assign(Object.create(inner), { ...inner, run })
  }
  const result = await sweep(
    { parameters: { x: { type: 'float', min: 0, max: 1 } }, search: { trials: 1, algorithm: 'random' } },
    {
      store,
      executor,
      run: async ({ x }: { x: number }) => {
        // What runs is written now and then.
        for (let looks = 0; looks < 600 && during.length === 0; looks++) {
          await new Promise((resolve) => setTimeout(resolve, 50))
          const [sweepRun] = await records.sweeps()
          const [trial] = await records.trials(sweepRun.id)
          if (trial !== undefined) during.push(...look(trial))
        }
        then()
        return x
      },
    },
  )
  const [trial] = await records.trials(result.run)
  return { during, trial }
}

it('reach the record from the executor, while a fit runs and when it has ended', async () => {
  const { during, trial } = await watchedSweep(
    (start, more) => more.onStart?.({ ...start, devices: [gpu('0')], worker: { id: 'aaaa', host: 'west' } }),
    (one) => ('workers' in one ? [one.workers] : []),
  )
  expect(during).toEqual([[west]])
  expect(trial.conditions.fits).toMatchObject({ workers: [west] })
  expect(workersOf([trial])).toMatchObject([{ id: 'aaaa', devices: [gpu('0')], at: [], trials: 1 }])
})

it('are gone when they vanished over a fit, until they begin another', () => {
  const workers = new Workers()
  const began = 1_000_000
  const facts = () => workers.list().map(({ id, at, last, missed }) => [id, at.length, last, missed])
  workers.progress(0, { seats: [0], workers: [west] }, began + 500, began)
  workers.progress(1, { seats: [1], workers: [west] }, began + 700, began)
  workers.progress(2, { seats: [2], workers: [east] }, began + 900, began)
  workers.progress(0, { seats: [], lost: [{ id: 'aaaa', host: 'west', ms: 20_000 }] }, began + 20_400, began)
  // What it is said to be at besides is missed soon; of a fit that goes on elsewhere nothing is heard of it.
  expect(facts()).toEqual([
    ['aaaa', 1, began + 700, began + 20_000],
    ['bbbb', 1, began + 900, null],
  ])
  const lost = [{ id: 'aaaa', host: 'west', ms: 20_100 }]
  workers.progress(1, { seats: [3], workers: [east], lost }, began + 21_000, began)
  expect(facts()).toEqual([
    ['aaaa', 0, began + 700, began + 20_100],
    ['bbbb', 2, began + 21_000, null],
  ])
  workers.progress(2, { seats: [0], workers: [west] }, began + 30_000, began)
  expect(facts()[0]).toEqual(['aaaa', 1, began + 30_000, null])
  // One that another worker is lost over goes on at the first, of which nothing new is heard by that.
  workers.progress(3, { seats: [0, 2], workers: [west, east] }, began + 31_000, began)
  workers.progress(
    3,
    { seats: [0], workers: [west], lost: [{ id: 'bbbb', host: 'east', ms: 50_000 }] },
    began + 51_000,
    began,
  )
  expect(facts()).toEqual([
    ['aaaa', 2, began + 31_000, null],
    ['bbbb', 1, began + 31_000, began + 50_000],
  ])
})

it('that vanished are on record with the fit that was done again, while it waits and when it has ended', async () => {
  let again = () => {}
  const { during, trial } = await watchedSweep(
    (start, more) => {
      const { id, host } = west
      more.onStart?.({ ...start, seat: 3, worker: { id, host } })
      more.onLost?.({ vanished: true })
      again = () => {
        more.onStart?.({ ...start, seat: 4, worker: east })
        more.onLost?.({ vanished: false })
        more.onStart?.({ ...start, seat: 4, worker: east })
      }
    },
    (one) =>
      'lost' in one
        ? [[one.seats, one.lost], workersOf([one]).map(({ id, at, missed }) => [id, at, missed !== null])]
        : [],
    () => again(),
  )
  const lost = [{ id: 'aaaa', host: 'west', ms: expect.any(Number) }]
  expect(during).toEqual([[[], lost], [['aaaa', [], true]]])
  // One that was given back has not vanished.
  expect(trial.conditions.fits).toMatchObject({ seats: [4], workers: [east], lost: [lost] })
  expect(workersOf([trial])).toMatchObject([
    { id: 'aaaa', trials: 0, last: null, missed: expect.any(Number) },
    { id: 'bbbb', trials: 1, last: expect.any(Number), missed: null },
  ])
})
