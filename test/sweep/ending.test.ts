/** How a sweep ends: early, with failures, interrupted, or because its record cannot be written. */
import { describe, expect, it, vi } from 'vitest'
import { createSpace } from '../../src/space/index.js'
import { Deadline } from '../../src/sweep/deadline.js'
import { openStore, type SweepWriter } from '../../src/tracking/index.js'
import type { ObjectiveFunction } from '../../src/training/index.js'
import { withoutTimes } from '../laws/store.js'
import { essence, miniSweep, sleep, temporaryDirectory, toRecord, watched } from './support.js'

describe('a sweep', () => {
  it('of several objectives records each value by its name, tells the search all in their order, and goes by the first', async () => {
    const objectives = [
      { metric: 'loss', direction: 'minimize' },
      { metric: 'speed', direction: 'maximize' },
    ] as const
    for (const folds of [null, 2]) {
      const histories: Parameters<typeof watched>[0] = []
      const valuesOf = (trial: number) => ({ loss: (trial - 2) ** 2, speed: trial })
      const { end, run, store, trials } = await miniSweep({
        objectives,
        trials: 6,
        folds,
        parallel: 1,
        searcher: watched(histories),
        objectiveOf: (_, { trial }) => valuesOf(trial),
        ...(folds !== null && { foldOf: (_, { trial }) => valuesOf(trial) as never }),
      })
      expect(end.best).toMatchObject({ trial: 2, values: { loss: 0, speed: 2 } })
      expect(trials.map(({ value, values }) => ({ value, values }))).toEqual(
        trials.map(({ trial }) => ({ value: valuesOf(trial).loss, values: valuesOf(trial) })),
      )
      expect(await (await openStore(store)).run(run)).toMatchObject({
        objectives,
        best: { trial: 2, value: 0 },
      })
      const { history } = histories.at(-1)!
      expect(history.directions).toEqual(['minimize', 'maximize'])
      expect(history.trials.map(({ values }) => values)).toEqual(
        [0, 1, 2, 3, 4].map((trial) => [valuesOf(trial).loss, trial]),
      )
    }
  })

  it('keeps the first of equally good trials as the best', async () => {
    const { end } = await miniSweep({ objectiveOf: (_, { trial }) => (trial < 3 ? 2 : 1) })
    expect(end.best).toMatchObject({ trial: 3, values: { value: 1 } })
  })

  it('ends when the space is exhausted, and says so', async () => {
    const space = createSpace({
      x: { type: 'categorical', values: [1, 2, 3] },
      k: { type: 'int', min: 1, max: 2 },
    })
    for (const algorithm of ['grid', 'random', 'sobol'] as const) {
      const { end, trials } = await miniSweep({ space, algorithm, trials: 100 })
      expect(end).toMatchObject({ status: 'finished', stopped: 'exhausted', counts: { finished: 6 } })
      expect(new Set(trials.map(({ params }) => JSON.stringify(params))).size).toBe(6)
    }
  })

  it('stops at the value asked for, at the same trial whatever the timing', async () => {
    const lengths = new Set<number>()
    for (const pause of [0, 1, 5]) {
      const { end, trials } = await miniSweep({
        stopAt: 10,
        objectives: [{ metric: 'value', direction: 'maximize' }],
        objectiveOf: async (_, { trial }) => {
          await sleep(trial % 3 === 0 ? pause : 0)
          return trial
        },
        trials: 40,
      })
      expect(end).toMatchObject({ status: 'finished', stopped: 'stop-at' })
      lengths.add(trials.length)
    }
    expect([...lengths]).toEqual([14])
  })

  it('records a failed trial with its reason, and goes on', async () => {
    const { end, trials } = await miniSweep({
      objectiveOf: (_, { trial }) => {
        if (trial % 3 === 1) throw new Error(`no luck with ${trial}`)
        return trial
      },
    })
    expect(end.counts).toEqual({ finished: 13, pruned: 0, failed: 7 })
    expect(trials[4]).toMatchObject({ status: 'failed', value: null, error: { code: 'TRAINER_THREW' } })
    expect(trials[4].error?.message).toContain('no luck with 4')
    expect(end.failures).toMatchObject([{ code: 'TRAINER_THREW', count: 7 }])
  })

  it('gives a failed trial the retries it is allowed, all in its record', async () => {
    const attempts = new Map<number, number>()
    const { end, trials } = await miniSweep({
      retries: 2,
      trials: 6,
      objectiveOf: (_, { trial }) => {
        const attempt = (attempts.get(trial) ?? 0) + 1
        attempts.set(trial, attempt)
        if (trial === 2 && attempt < 3) throw new Error('twice')
        if (trial === 4) throw new Error('always')
        return trial
      },
    })
    expect(end.counts).toEqual({ finished: 5, pruned: 0, failed: 1 })
    expect(attempts.get(2)).toBe(3)
    expect(attempts.get(4)).toBe(3)
    expect(trials[2]).toMatchObject({ status: 'finished', value: 2 })
    expect(trials[2].attempts.map(({ error }) => error?.code)).toEqual(['TRAINER_THREW', 'TRAINER_THREW'])
    expect(trials[4]).toMatchObject({ status: 'failed' })
    expect(trials[1].attempts).toEqual([])
  })

  it('gives up when the first trials all fail for the same reason, and says which', async () => {
    const { end, trials } = await miniSweep({
      trials: 100,
      objectiveOf: (_, { trial }) => {
        throw new Error(`cannot open device ${trial}`)
      },
    })
    expect(end).toMatchObject({
      status: 'failed',
      stopped: 'same-failure',
      best: null,
      error: { code: 'TRAINER_THREW' },
    })
    expect(end.error?.message).toContain('cannot open device')
    expect(trials.length).toBe(8)
  })

  it('does not give up when the first trials fail for different reasons', async () => {
    const reasons = ['apple', 'pear', 'quince', 'plum', 'fig']
    const { end } = await miniSweep({
      trials: 12,
      objectiveOf: (_, { trial }) => {
        if (trial < 5) throw new Error(reasons[trial])
        return trial
      },
    })
    expect(end).toMatchObject({ status: 'finished', stopped: null, counts: { finished: 7, failed: 5 } })
  })

  it('leaves a metric out that is not finite, warns of it once, and goes by the finite steps', async () => {
    const { trials, events, end } = await miniSweep({
      trials: 3,
      objectives: [{ metric: 'value', direction: 'minimize', at: 'best' }],
      objectiveOf: async (_, { trial, report }) => {
        for (const [step, value] of [5, Number.NaN, trial, Number.NEGATIVE_INFINITY].entries())
          await report(step, { value })
        return { value: 7, auc: trial === 1 ? 0.5 : Number.NaN }
      },
    })
    expect(end).toMatchObject({ status: 'finished', best: { trial: 0, values: { value: 0 } } })
    expect(trials.map(({ value, history }) => [value, withoutTimes(history).value])).toEqual(
      [0, 1, 2].map((trial) => [trial, { steps: [0, 2], values: [5, trial] }]),
    )
    expect(trials.map(({ metrics }) => metrics.auc)).toEqual([undefined, 0.5, undefined])
    expect(trials[1].tags['espalier.leftOut']).toMatch(
      /^metrics .* "value" was NaN at step 1, and 1 more time/,
    )
    expect(trials[2].tags['espalier.leftOut']).toMatch(
      /"value" was NaN at step 1.*; .*"auc" was NaN at its end/,
    )
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))
    expect(warnings.filter((message) => message.includes('"value"'))).toHaveLength(1)
    expect(warnings.filter((message) => message.includes('"auc"'))).toHaveLength(1)
  })

  it('leaves a metric out that one fold has not: a mean is over all of them', async () => {
    const { trials, events } = await miniSweep({
      trials: 2,
      folds: 3,
      foldOf: ({ x }, { fold }) => ({ value: Number(x) + fold, auc: fold === 1 ? Number.NaN : 0.5 }),
    })
    for (const { status, metrics, history, params, value } of trials) {
      expect([status, value]).toEqual(['finished', expect.closeTo(Number(params.x) + 1)])
      expect(Object.keys({ ...metrics, ...history }).filter((name) => name.startsWith('auc'))).toEqual([])
    }
    expect(JSON.stringify(events)).toContain('\\"auc\\" was NaN at its end: left out there (fold 1)')
  })

  it('counts NaN as a failure', async () => {
    const { trials } = await miniSweep({ objectiveOf: (_, { trial }) => (trial === 3 ? Number.NaN : trial) })
    expect(trials[3]).toMatchObject({ status: 'failed', error: { code: 'METRIC_NOT_FINITE' } })
  })

  it('asked to stop, lets running trials end and is resumable to the same result', async () => {
    const objectiveOf = async ({ x }: Readonly<Record<string, unknown>>) => {
      await sleep(3)
      return (x as number) ** 2
    }
    const whole = await miniSweep({ objectiveOf })
    const stop = new AbortController()
    const begun = new Set<number>()
    const first = await miniSweep({
      objectiveOf: (params, { trial }) => {
        begun.add(trial)
        if (trial === 8) stop.abort()
        return objectiveOf(params)
      },
      stop: stop.signal,
    })
    expect(first.end).toMatchObject({ status: 'interrupted', stopped: 'interrupt' })
    for (const { trial, status } of first.trials)
      expect(status).toBe(begun.has(trial) ? 'finished' : 'interrupted')
    expect(first.trials.length).toBeLessThan(14)
    const resumed = await miniSweep({
      objectiveOf,
      store: first.store,
      sweep: first.run,
      record: first.trials.map(toRecord),
    })
    expect(essence(resumed)).toEqual(essence(whole))
  })

  it('asked to stop, begins none of the trials that wait for a worker; resumed, it begins with them', async () => {
    const begun: number[] = []
    const objectiveOf = async (
      { x }: Readonly<Record<string, unknown>>,
      { trial }: { readonly trial: number },
    ) => {
      begun.push(trial)
      await sleep(20)
      return (x as number) ** 2
    }
    const settings = { workers: 2, parallel: 6, folds: null }
    const whole = await miniSweep({ ...settings, objectiveOf })
    begun.length = 0
    const stop = new AbortController()
    const first = await miniSweep({
      ...settings,
      objectiveOf: (params, context) => {
        if (context.trial === 5) stop.abort()
        return objectiveOf(params, context)
      },
      stop: stop.signal,
    })
    expect(first.end).toMatchObject({ status: 'interrupted', stopped: 'interrupt' })
    expect(Math.max(...begun)).toBeLessThanOrEqual(6)
    const left = first.trials.filter(({ status }) => status === 'interrupted')
    expect(left.length).toBeGreaterThan(0)
    expect(left.map(({ trial }) => trial).filter((trial) => begun.includes(trial))).toEqual([])
    expect(first.events.flatMap((event) => (event.type === 'trial-left' ? [event.trial] : []))).toEqual(
      left.map(({ trial }) => trial),
    )
    const resumed = await miniSweep({
      ...settings,
      objectiveOf,
      store: first.store,
      sweep: first.run,
      record: first.trials.map(toRecord),
    })
    expect(essence(resumed)).toEqual(essence(whole))
    expect(new Set(begun).size).toBe(begun.length)
  })

  it('stopped at once, leaves running trials interrupted; resumed, they run again under the same number', async () => {
    const objectiveOf = async ({ x }: Readonly<Record<string, unknown>>) => {
      await sleep(3)
      return (x as number) ** 2
    }
    const whole = await miniSweep({ objectiveOf })
    const kill = new AbortController()
    const first = await miniSweep({
      objectiveOf: async (params, { trial, signal }) => {
        if (trial === 6) setTimeout(() => kill.abort(), 1)
        if (trial >= 6)
          await new Promise((_, reject) =>
            signal.addEventListener('abort', () => reject(new Error('stopped'))),
          )
        return objectiveOf(params)
      },
      kill: kill.signal,
    })
    expect(first.end.status).toBe('interrupted')
    expect(first.trials.at(-1)).toMatchObject({ status: 'interrupted', value: null })
    const resumed = await miniSweep({
      objectiveOf,
      store: first.store,
      sweep: first.run,
      record: first.trials.map(toRecord),
    })
    expect(essence(resumed)).toEqual(essence(whole))
    expect(resumed.trials[6].attempts).toMatchObject([{ attempt: 0, error: null }])
  })

  it('resumed, runs every trial that had begun, although nothing more is suggested', async () => {
    const whole = await miniSweep({ trials: 12 })
    const record = whole.trials.map(toRecord).map((one) => ({
      ...one,
      outcome: one.trial === 9 ? null : one.outcome,
      arrival: one.trial,
    }))
    const stopAt = Math.max(...whole.trials.map(({ value }) => value!))
    for (const settings of [
      { order: 'arrival', stopAt },
      { order: 'arrival', maxTime: 1 },
      { order: 'trial', maxTime: 1 },
    ] as const) {
      const objectiveOf = async ({ x, k }: Readonly<Record<string, unknown>>) => {
        await sleep(30)
        return (x as number) ** 2 + (k as number) / 100
      }
      const { end, trials } = await miniSweep({ ...settings, parallel: 1, objectiveOf, trials: 20, record })
      expect(trials.map(({ trial, status }) => [trial, status])).toEqual([[9, 'finished']])
      expect(end).toMatchObject({ status: 'finished', counts: { finished: 12 }, best: whole.end.best })
      expect(end.stopped).toBe('stopAt' in settings ? 'stop-at' : 'max-time')
    }
  })

  it('resumed and stopped at once, still tells what is on record', async () => {
    const whole = await miniSweep({ trials: 12 })
    const best = whole.end.best!
    const record = whole.trials.map(toRecord)
    for (const order of ['trial', 'arrival'] as const) {
      const { end, trials } = await miniSweep({ order, trials: 20, record, stop: AbortSignal.abort() })
      expect(end).toMatchObject({ status: 'interrupted', counts: { finished: 12 }, best })
      expect(trials).toEqual([])
      // The best stands behind the one that was cut off.
      const cut = record.map((one) => ({ ...one, outcome: one.trial < best.trial ? null : one.outcome }))
      const { end: again } = await miniSweep({ order, trials: 20, record: cut, stop: AbortSignal.abort() })
      expect(again).toMatchObject({ status: 'interrupted', counts: { finished: 12 - best.trial }, best })
    }
  })

  it('ends after its time, with what it has', async () => {
    const { end } = await miniSweep({
      trials: 10_000,
      maxTime: 60,
      objectiveOf: async () => {
        await sleep(2)
        return 1
      },
    })
    expect(end).toMatchObject({ status: 'finished', stopped: 'max-time' })
    expect(end.counts.finished).toBeLessThan(200)
  })

  it('lets what runs end within the grace after its time', async () => {
    const { end, trials } = await miniSweep({
      trials: 8,
      maxTime: 20,
      maxTimeGrace: 60_000,
      objectiveOf: async (_, { signal }) => {
        await sleep(100)
        signal.throwIfAborted()
        return 1
      },
    })
    expect(end).toMatchObject({ status: 'finished', stopped: 'max-time' })
    expect(trials.length).toBeLessThan(8)
    expect(trials.map(({ status }) => status)).toEqual(trials.map(() => 'finished'))
  })

  it('has its grace after its time, and not within it', () => {
    vi.useFakeTimers()
    try {
      const { over, graceOver } = new Deadline({ maxTime: 1000, maxTimeGrace: 500 })
      const states = [999, 1, 499, 1].map((ms) => {
        vi.advanceTimersByTime(ms)
        return [over.aborted, graceOver.aborted]
      })
      expect(states).toEqual([
        [false, false],
        [true, false],
        [true, false],
        [true, true],
      ])
    } finally {
      vi.useRealTimers()
    }
  })

  it('ends trials that outlast the grace after its time; resumed, they run again, to the same sweep', async () => {
    const whole = await miniSweep({ trials: 8 })
    const store = await temporaryDirectory()
    const objectiveOf: ObjectiveFunction = ({ x, k }, { trial, signal }) =>
      trial === 0
        ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))))
        : (x as number) ** 2 + (k as number) / 100
    const cut = await miniSweep({ store, trials: 8, maxTime: 30, maxTimeGrace: 30, objectiveOf })
    expect(cut.end).toMatchObject({ status: 'interrupted', stopped: 'max-time' })
    expect(cut.trials[0]).toMatchObject({ status: 'interrupted' })
    // Resumed in the same way, it ends in the same way: the limit holds for what had begun as well.
    const record = cut.trials.map(toRecord)
    const again = await miniSweep({
      store,
      sweep: cut.run,
      record,
      trials: 8,
      maxTime: 30,
      maxTimeGrace: 30,
      objectiveOf,
    })
    expect(again.end).toMatchObject({ status: 'interrupted', stopped: 'max-time' })
    const end = await miniSweep({ store, sweep: cut.run, record: again.trials.map(toRecord), trials: 8 })
    expect(essence(end)).toEqual(essence(whole))
  })

  it('rejects when its record cannot be written, and loses nothing recorded before', async () => {
    let ended = 0
    let run = ''
    const store = await temporaryDirectory()
    const sweep = miniSweep({
      store,
      writer: (writer) => {
        run = writer.id
        const full: SweepWriter = Object.create(writer)
        return Object.assign(full, {
          id: writer.id,
          childId: writer.childId.bind(writer),
          trialStarted: writer.trialStarted.bind(writer),
          trialProgress: writer.trialProgress.bind(writer),
          trialEnded: async (end: Parameters<SweepWriter['trialEnded']>[0]) => {
            if (ended++ === 5) throw new Error('the disk is full')
            await writer.trialEnded(end)
          },
        })
      },
    })
    await expect(sweep).rejects.toThrow('the disk is full')
    const trials = await (await openStore(store)).trials(run)
    expect(trials.filter(({ status }) => status === 'finished').length).toBeGreaterThanOrEqual(5)
  })

  it('breaks with the searcher when that breaks', async () => {
    await expect(
      miniSweep({
        searcher: (searcher) => ({
          suggest(history, trial) {
            if (trial === 7) throw new Error('search is broken')
            return searcher.suggest(history, trial)
          },
        }),
      }),
    ).rejects.toThrow('search is broken')
  })
})
