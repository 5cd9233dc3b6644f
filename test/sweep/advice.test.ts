/** The advice that nothing more is to be gained: when a sweep seeks it, tells it, and ends by it. */
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/tracking/index.js'
import { essence, type MiniSweep, miniSweep, sleep, temporaryDirectory, toRecord } from './support.js'

/** Folds that differ far more than is left to gain after some twenty trials. */
const folded: MiniSweep = {
  folds: 3,
  trials: 60,
  foldOf: ({ x, k }, { fold }) => Number(x) ** 2 + Number(k) / 100 + 0.2 * fold,
  advice: 'stop',
}

describe('a sweep that ends when nothing more is to be gained', () => {
  it('ends at the same trial whatever the workers and the durations', async () => {
    const one = await miniSweep({ ...folded, workers: 1 })
    expect(one.end).toMatchObject({ status: 'finished', stopped: 'settled' })
    const { trial, trials } = one.end.settled!
    expect(one.trials).toHaveLength(trial)
    expect(trial).toBeLessThan(60)
    // Four in flight: the suggestion knew of all but three.
    expect(trials).toBe(trial - 3)
    expect(trials % 5).toBe(0)
    const parent = await (await openStore(one.store)).run(one.run)
    expect(parent.tags['espalier.advice']).toMatch(/^nothing more is to be gained/)

    const four = await miniSweep({
      ...folded,
      workers: 4,
      foldOf: async (params, context) => {
        await sleep((context.trial * 7 + context.fold * 3) % 5)
        return folded.foldOf!(params, context)
      },
    })
    expect(essence(four)).toEqual(essence(one))
    expect(four.end.settled).toEqual(one.end.settled)
  })

  it('ends there when it is resumed too', async () => {
    const whole = await miniSweep(folded)
    const store = await temporaryDirectory()
    const stop = new AbortController()
    const first = await miniSweep({
      ...folded,
      store,
      stop: stop.signal,
      foldOf: (params, context) => {
        // The advice waits for this trial's outcome.
        if (context.trial === whole.end.settled!.trial - 4) stop.abort()
        return folded.foldOf!(params, context)
      },
    })
    expect(first.end.stopped).toBe('interrupt')
    expect(first.end.settled).toBe(null)
    const resumed = await miniSweep({
      ...folded,
      store,
      sweep: first.run,
      record: first.trials.map(toRecord),
    })
    expect(essence(resumed)).toEqual(essence(whole))
    expect(resumed.end.settled).toEqual(whole.end.settled)
  })

  it('tells it once and goes on, or does not seek it', async () => {
    const stopped = await miniSweep(folded)
    const notesOf = ({ events }: typeof stopped) => events.filter(({ type }) => type === 'note')
    expect(notesOf(stopped)).toEqual([])
    const told = await miniSweep({ ...folded, advice: 'tell' })
    expect(told.trials).toHaveLength(60)
    expect(told.end).toMatchObject({ stopped: null, settled: stopped.end.settled })
    expect(notesOf(told)).toHaveLength(1)
    const off = await miniSweep({ ...folded, advice: 'off' })
    expect(off.trials).toHaveLength(60)
    expect(off.end.settled).toBe(null)
    expect(notesOf(off)).toEqual([])
  })

  it('goes on as long as more may be gained', async () => {
    const alike = await miniSweep({
      ...folded,
      trials: 40,
      foldOf: ({ x, k }) => Number(x) ** 2 + Number(k) / 100,
    })
    expect(alike.trials).toHaveLength(40)
    expect(alike.end.settled).toBe(null)
  })

  it('passes over trials that fail, and seeks none while there is nothing to go by', async () => {
    const failing = await miniSweep({
      ...folded,
      trials: 26,
      foldOf: (params, context) => {
        if (context.trial % 2 === 0) throw new Error('an even number')
        return folded.foldOf!(params, context)
      },
    })
    expect(failing.end).toMatchObject({ settled: null, counts: { failed: 13 } })
  })

  it('seeks it by arrival as well', async () => {
    const { end, trials } = await miniSweep({ ...folded, order: 'arrival' })
    expect(end.stopped).toBe('settled')
    expect(trials).toHaveLength(end.settled!.trial)
  })
})
