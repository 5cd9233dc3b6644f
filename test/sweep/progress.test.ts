/** What a running sweep tells, and puts on record, of trials that have not ended. */
import { describe, expect, it, vi } from 'vitest'
import { openStore, type SweepUpdate } from '../../src/tracking/index.js'
import { withoutTimes } from '../laws/store.js'
import { miniSweep, sleep, temporaryDirectory } from './support.js'

describe('a running trial', () => {
  it('is seen from another store while it runs: its steps, their times, its seat', async () => {
    const directory = await temporaryDirectory()
    const began = performance.now()
    let goOn = () => {}
    const gate = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const sweep = miniSweep({
      store: directory,
      trials: 1,
      objectiveOf: async (_, { report, log }) => {
        log('begins')
        await report(0, { value: 3, speed: 7 })
        await report(1, { value: 2 })
        await gate
        await report(2, { value: 1 })
        return { value: 4 }
      },
    })
    const store = await vi.waitFor(async () => {
      const opened = await openStore(directory)
      expect((await opened.sweeps()).length).toBe(1)
      return opened
    })
    const [{ id }] = await store.sweeps()
    const watched: SweepUpdate[] = []
    for await (const { updates } of store.watch(id, { every: 20 })) {
      watched.push(...updates)
      const [trial] = await store.trials(id)
      if (trial?.status === 'running' && trial.history.value?.values.length === 2) {
        expect(withoutTimes(trial.history)).toEqual({
          value: { steps: [0, 1], values: [3, 2] },
          speed: { steps: [0], values: [7] },
        })
        expect(trial).toMatchObject({ metrics: { value: 2, speed: 7 }, seats: [0], output: ['begins'] })
        goOn()
      }
    }
    const { trials, events } = await sweep
    const [ended] = trials
    expect(ended).toMatchObject({ status: 'finished', value: 4, metrics: { value: 4, speed: 7 } })
    expect(withoutTimes(ended.history).value).toEqual({ steps: [0, 1, 2], values: [3, 2, 1] })
    const { times } = ended.history.value
    expect(times!.every((time, i) => Number.isInteger(time) && time >= (times![i - 1] ?? 0))).toBe(true)
    // The third was reported when the others had been on record for a while.
    expect(times![2]).toBeGreaterThan(times![0])
    // Since its trial began, and not since anything before.
    expect(times!.at(-1)).toBeLessThanOrEqual(Math.ceil(performance.now() - began))
    const told = watched.flatMap((update) => (update.kind === 'progress' ? [update] : []))
    expect(told.flatMap(({ history }) => history?.value?.values ?? []).slice(0, 2)).toEqual([3, 2])
    expect(told.flatMap(({ output }) => output ?? [])).toContain('begins')
    expect(told.flatMap(({ seats }) => seats ?? [])).toContain(0)
    expect(watched.map(({ kind }) => kind).filter((kind, i, all) => kind !== all[i - 1])).toEqual([
      'sweep',
      'started',
      'progress',
      'artifact',
      'ended',
      'finished',
    ])
    expect(events.filter(({ type }) => type === 'step')).toEqual([
      { type: 'step', trial: 0, fold: null, step: 0, metrics: { value: 3, speed: 7 } },
      { type: 'step', trial: 0, fold: null, step: 1, metrics: { value: 2 } },
      { type: 'step', trial: 0, fold: null, step: 2, metrics: { value: 1 } },
    ])
  })

  it('of several folds tells each fold as a step of its own, and what the folds report under theirs', async () => {
    const { events } = await miniSweep({
      trials: 1,
      folds: 3,
      foldOf: async (_, { fold, report }) => {
        if (fold === 1) await report(5, { value: 0.5 })
        return fold
      },
    })
    const steps = events.filter((event) => event.type === 'step')
    expect(steps.filter(({ fold }) => fold !== null)).toEqual([
      { type: 'step', trial: 0, fold: 1, step: 5, metrics: { value: 0.5 } },
    ])
    const folds = steps.filter(({ fold }) => fold === null).sort((a, b) => a.step - b.step)
    expect(folds.map(({ step, metrics }) => [step, metrics.value])).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ])
  })

  it('writes nothing of its steps where it ends before they are due: no line more than without any', async () => {
    const lines = async (reports: number) => {
      const { store, run } = await miniSweep({
        trials: 4,
        objectiveOf: async (_, { report }) => {
          for (let step = 0; step < reports; step++) await report(step, { value: step })
          return 1
        },
      })
      return (await (await openStore(store)).follow(run)).place.lines
    }
    expect(await lines(50)).toBe(await lines(0))
  })
})

describe('the fits of a trial that has ended', () => {
  it('are on record with their seats and times, fold by fold, and no seat held two at a time', async () => {
    const { trials, store, run } = await miniSweep({
      trials: 6,
      folds: 3,
      workers: 2,
      foldOf: async (_, { fold }) => {
        await sleep(fold === 0 ? 30 : 10)
        return fold
      },
    })
    const spans = trials.flatMap(({ started, ended, conditions: { fits } }) => {
      expect(fits!.seats).toHaveLength(3)
      const began = Date.parse(started)
      return fits!.seats.map((seat, fold) => {
        const [from, to] = [fits!.from[fold], fits!.to[fold]]
        expect([from, to].every(Number.isInteger)).toBe(true)
        expect(to - from).toBeGreaterThanOrEqual(fold === 0 ? 29 : 9)
        // Two clocks are compared here, each rounded.
        expect(began + to).toBeLessThanOrEqual(Date.parse(ended!) + 3)
        return { seat, from: began + from, to: began + to }
      })
    })
    expect(new Set(spans.map(({ seat }) => seat))).toEqual(new Set([0, 1]))
    for (const seat of [0, 1]) {
      const held = spans.filter((span) => span.seat === seat).sort((a, b) => a.from - b.from)
      for (let i = 1; i < held.length; i++) expect(held[i].from).toBeGreaterThanOrEqual(held[i - 1].to - 3)
    }
    const again = await (await openStore(store)).trials(run)
    expect(again.map(({ conditions }) => conditions.fits)).toEqual(trials.map((one) => one.conditions.fits))
  })

  it('end with it, those too that were still running when another decided it', async () => {
    const { trials } = await miniSweep({
      trials: 1,
      folds: 2,
      foldOf: async (_, { fold }) => {
        await sleep(fold === 0 ? 20 : 200)
        if (fold === 0) throw new Error('broke')
        return fold
      },
    })
    const { seats, from, to } = trials[0].conditions.fits!
    expect(trials[0].status).toBe('failed')
    expect(seats).toEqual([0, 1])
    expect(to[1]).toBeGreaterThanOrEqual(from[1])
    expect(to[1]).toBeLessThan(150)
  })
})

describe('metrics of a trial', () => {
  it('are its last reports, and on top of them what it gave at its end, however it ended', async () => {
    const { trials } = await miniSweep({
      trials: 2,
      objectiveOf: async (_, { trial, report }) => {
        await report(0, { value: 1, loss: 5 })
        await report(1, { value: 2, loss: 4, extra: 9 })
        if (trial === 1) throw new Error('broke')
        return { value: 3, loss: 1 }
      },
    })
    expect(trials[0]).toMatchObject({ status: 'finished', metrics: { value: 3, loss: 1, extra: 9 } })
    expect(trials[1]).toMatchObject({ status: 'failed', metrics: { value: 2, loss: 4, extra: 9 } })
  })
})
