/** The window: what the search is told depends on the trial's number and P alone, never on timing or workers. */
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/index.js'
import type { History } from '../../src/search/index.js'
import { essence, miniSweep, sleep, toRecord, watched } from './support.js'

/** An objective whose duration has nothing to do with its params, and differs from one sweep to the next. */
function shuffled(seed: number) {
  const random = randomStream(seed, 'durations')
  return async ({ x }: Readonly<Record<string, unknown>>) => {
    await sleep(random.next() < 0.2 ? 15 * random.next() : 2 * random.next())
    return (x as number) ** 2
  }
}

describe('the window', () => {
  for (const parallel of [1, 2, 4, 7]) {
    it(`shows trial k the outcomes up to k − ${parallel}, and holds the others pending`, async () => {
      const seen: { trial: number; history: History }[] = []
      await miniSweep({ parallel, trials: 25, objectiveOf: shuffled(parallel), searcher: watched(seen) })
      expect(seen.map(({ trial }) => trial)).toEqual(Array.from({ length: 25 }, (_, k) => k))
      for (const { trial, history } of seen) {
        const known = Math.max(0, trial - parallel + 1)
        expect(history.trials.map((one) => one.trial)).toEqual(Array.from({ length: known }, (_, k) => k))
        expect(history.pending.map((one) => one.trial)).toEqual(
          Array.from({ length: trial - known }, (_, k) => known + k),
        )
      }
    })
  }

  it('gives the same sweep for any number of workers and any durations', async () => {
    const reference = essence(
      await miniSweep({ trials: 30, workers: 1, objectiveOf: ({ x }) => (x as number) ** 2 }),
    )
    for (const workers of [1, 2, 4, 8]) {
      for (let round = 0; round < 3; round++) {
        const other = await miniSweep({ trials: 30, workers, objectiveOf: shuffled(100 * workers + round) })
        expect(essence(other)).toEqual(reference)
      }
    }
  })

  it.each(['trial', 'arrival'] as const)('never has more than P trials in flight: by %s', async (order) => {
    let running = 0
    let most = 0
    await miniSweep({
      order,
      parallel: 3,
      workers: 8,
      objectiveOf: async () => {
        most = Math.max(most, ++running)
        await sleep(2)
        running--
        return 1
      },
    })
    expect(most).toBe(3)
  })

  it('is as wide as asked for without a warning of leaks', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    const signals = { stop: new AbortController().signal, kill: new AbortController().signal }
    await miniSweep({
      ...signals,
      parallel: 40,
      workers: 40,
      trials: 80,
      objectiveOf: () => sleep(2).then(() => 1),
    })
    await sleep(1)
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })

  it('by arrival, tells outcomes in the order they end, and records that order', async () => {
    const seen: { trial: number; history: History }[] = []
    // Every fourth trial takes so long that those after it end before.
    const result = await miniSweep({
      order: 'arrival',
      objectiveOf: async (_, { trial }) => {
        await sleep(trial % 4 === 0 ? 60 : 3)
        return trial
      },
      searcher: watched(seen),
    })
    const byArrival = [...result.trials].sort(
      (a, b) => (a.conditions.arrival as number) - (b.conditions.arrival as number),
    )
    expect(byArrival.map(({ conditions }) => conditions.arrival)).toEqual(
      result.trials.map((_, index) => index),
    )
    expect(byArrival.map(({ trial }) => trial)).not.toEqual(result.trials.map(({ trial }) => trial))
    const order = byArrival.map(({ trial }) => trial)
    for (const { trial, history } of seen) {
      const told = history.trials.map((one) => one.trial)
      expect(told).toEqual(order.slice(0, told.length))
      expect([...told, ...history.pending.map((one) => one.trial)].sort((a, b) => a - b)).toEqual(
        Array.from({ length: trial }, (_, k) => k),
      )
    }
  })

  it('by arrival, gives no number twice after a crash that lost one', async () => {
    const first = await miniSweep({ order: 'arrival', trials: 12 })
    // Trial 5 was the sixth to arrive, and its outcome never came to the disk.
    const record = first.trials.map(toRecord).map((one) => ({
      ...one,
      outcome: one.trial === 5 ? null : one.outcome,
      arrival: one.trial === 5 ? null : one.trial,
    }))
    const seen: { trial: number; history: History }[] = []
    const again = await miniSweep({ order: 'arrival', trials: 16, record, searcher: watched(seen) })
    const numbers = again.trials.map(({ conditions }) => conditions.arrival as number)
    // A store of its own: only what this session ran is in it.
    expect([...numbers].sort((a, b) => a - b)).toEqual([12, 13, 14, 15, 16])
    expect(
      seen
        .at(-1)!
        .history.trials.slice(0, 11)
        .map(({ trial }) => trial),
    ).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11])
  })
})
