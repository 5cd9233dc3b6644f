/** Trials stopped early: the same ones whatever the timing, the workers and interruptions; and what is recorded. */
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/index.js'
import { createPruner, type History } from '../../src/search/index.js'
import type { TrialObjective } from '../../src/sweep/index.js'
import { openStore } from '../../src/tracking/index.js'
import type { ObjectiveFunction } from '../../src/training/index.js'
import { withoutTimes } from '../laws/store.js'
import { essence, type MiniSweep, miniSweep, sleep, toRecord, watched } from './support.js'

/** A loss that falls over 9 epochs towards x²; epochs take as long as `pause` says. */
function learning(pause: () => Promise<unknown> | undefined = () => undefined): ObjectiveFunction {
  return async ({ x }, { report }) => {
    let loss = 0
    for (let epoch = 1; epoch <= 9; epoch++) {
      await pause()
      loss = (x as number) ** 2 + 1 / epoch
      if ((await report(epoch, { value: loss, doubled: 2 * loss })) === 'prune') return Number.NaN
    }
    return loss
  }
}

function dawdling(seed: number) {
  const random = randomStream(seed, 'durations')
  return () => (random.next() < 0.1 ? sleep(6 * random.next()) : undefined)
}

const halving = (options: MiniSweep = {}) =>
  miniSweep({
    trials: 30,
    pruner: createPruner({ name: 'halving', minSteps: 1 }),
    objectiveOf: learning(),
    ...options,
  })

/** Values by fold: trial's own level, and a difference that belongs to the fold. */
const level = (x: unknown, fold: number) => (x as number) ** 2 + [0, 0.05, -0.05, 0.02, -0.02][fold]

const racing = (options: MiniSweep = {}) =>
  miniSweep({
    trials: 30,
    folds: 5,
    pruner: createPruner('folds'),
    foldOf: ({ x }, { fold }) => level(x, fold),
    ...options,
  })

describe('step pruning', () => {
  it('stops trials, records why, and none of them is the best', async () => {
    const { end, trials } = await halving()
    expect(end.counts.pruned).toBeGreaterThan(8)
    expect(end.counts.finished + end.counts.pruned).toBe(30)
    const best = Math.min(...trials.map(({ params }) => (params.x as number) ** 2 + 1 / 9))
    expect(end.best!.values.value).toBeCloseTo(best, 12)
    for (const trial of trials.filter(({ status }) => status === 'pruned')) {
      const { steps, values } = trial.history.value
      expect([1, 3, 9]).toContain(steps.at(-1))
      expect(trial.value).toBe(values.at(-1))
      expect(trial.metrics).toEqual({ value: values.at(-1), doubled: 2 * values.at(-1)! })
      expect(trial.error).toBeNull()
      expect(trial.conditions.pruned).toMatchObject({
        rule: 'halving',
        step: steps.at(-1),
        value: trial.value,
      })
      expect((trial.conditions.pruned as { reason: string }).reason).toMatch(/^at rung \d its value/)
      expect(trial.conditions.bestStep).toEqual({ step: steps.at(-1), value: trial.value })
    }
    for (const trial of trials.slice(0, 4)) expect(trial.status).toBe('finished')
  })

  it('keeps what a trial logged until it was stopped', async () => {
    const { trials, store } = await halving({
      objectiveOf: (params, context) =>
        learning()(params, {
          ...context,
          report(epoch, metrics) {
            context.log(`epoch ${epoch}`)
            return context.report(epoch, metrics)
          },
        }),
    })
    const opened = await openStore(store)
    for (const { id, history } of trials) {
      const log = new TextDecoder().decode(await opened.readArtifact(id, 'log.txt'))
      expect(log).toBe(history.value.steps.map((step) => `epoch ${step}\n`).join(''))
    }
  })

  it('tells the search how far a value at that step is from a final one', async () => {
    const { trials } = await halving()
    const pruned = trials.filter(({ status }) => status === 'pruned')
    for (const { trial, conditions } of pruned) {
      const known = trials.slice(0, trial - 3).filter(({ status }) => status === 'finished')
      const { step, extraNoise } = conditions.pruned as { step: number; extraNoise?: number }
      const squares = known.map(
        ({ history }) => (history.value.values[8] - history.value.values[step - 1]) ** 2,
      )
      const noise = squares.reduce((sum, square) => sum + square, 0) / squares.length
      expect(extraNoise ?? 0).toBeCloseTo(noise, 12)
    }
  })

  it('is the same sweep for any number of workers and any durations', async () => {
    for (const pruner of [createPruner({ name: 'halving', minSteps: 1 }), createPruner('median')]) {
      const reference = essence(await halving({ pruner, workers: 1 }))
      expect(reference.counts.pruned).toBeGreaterThan(3)
      for (const workers of [1, 3, 8])
        expect(essence(await halving({ pruner, workers, objectiveOf: learning(dawdling(workers)) }))).toEqual(
          reference,
        )
    }
  })

  it('is the same sweep after an interruption', async () => {
    const whole = await halving()
    for (const end of ['stop', 'kill'] as const) {
      const abort = new AbortController()
      const first = await halving({
        objectiveOf: async (params, context) => {
          if (context.trial === 14) abort.abort()
          return learning(dawdling(3))(params, context)
        },
        [end]: abort.signal,
      })
      expect(first.end.status).toBe('interrupted')
      const resumed = await halving({
        store: first.store,
        sweep: first.run,
        record: first.trials.map(toRecord),
      })
      expect(essence(resumed)).toEqual(essence(whole))
    }
  })

  it('drops what is reported after the verdict by a trainer that does not listen', async () => {
    const deaf: ObjectiveFunction = ({ x }, { report }) => {
      for (let epoch = 1; epoch <= 9; epoch++) void report(epoch, { value: (x as number) ** 2 + 1 / epoch })
      return (x as number) ** 2 + 1 / 9
    }
    const { trials, end } = await halving({ objectiveOf: deaf })
    expect(end.counts.pruned).toBeGreaterThan(8)
    const listening = await halving({
      objectiveOf: async (params, context) => {
        const report: typeof context.report = (step, { value }) => context.report(step, { value })
        return learning()(params, { ...context, report })
      },
    })
    expect(essence({ trials, end })).toEqual(essence(listening))
  })

  it('by arrival, judges by what had arrived at the suggestion; resumed too', async () => {
    const abort = new AbortController()
    const slow = (seed: number) => learning(dawdling(seed))
    const first = await halving({
      order: 'arrival',
      objectiveOf: async (params, context) => {
        if (context.trial === 16) abort.abort()
        return slow(1)(params, context)
      },
      kill: abort.signal,
    })
    const record = first.trials.map(toRecord)
    const cutOff = record.filter(({ outcome }) => outcome === null)
    expect(Math.max(...cutOff.map(({ knew }) => knew!))).toBeGreaterThan(5)
    const resumed = await halving({
      order: 'arrival',
      objectiveOf: slow(2),
      store: first.store,
      sweep: first.run,
      record,
    })
    expect(resumed.trials.length).toBe(30)
    // Judged again by hand from the record alone.
    const arrived = [...resumed.trials].sort(
      (a, b) => (a.conditions.arrival as number) - (b.conditions.arrival as number),
    )
    const curve = ({ trial, status, history }: (typeof arrived)[number]) => ({
      trial,
      status: status as 'finished',
      ...history.value,
    })
    const pruner = createPruner({ name: 'halving', minSteps: 1 })
    for (const trial of resumed.trials) {
      const history = arrived.slice(0, trial.conditions.knew as number).map(curve)
      const { steps, values } = trial.history.value
      const verdicts = steps.map((_, i) =>
        pruner.decide(
          history,
          {
            trial: trial.trial,
            status: 'running',
            steps: steps.slice(0, i + 1),
            values: values.slice(0, i + 1),
          },
          'minimize',
        ),
      )
      expect(verdicts.indexOf('prune')).toBe(trial.status === 'pruned' ? steps.length - 1 : -1)
    }
  })

  it('says so where no trial reports what the pruner goes by', async () => {
    const { events } = await miniSweep({ pruner: createPruner('median'), trials: 8 })
    expect(events.filter(({ type }) => type === 'note')).toEqual([
      {
        type: 'note',
        message:
          'the pruner "median" had nothing to judge: no trial reported "value" at more than one step; let the trainer report it as a trial goes on, name a metric that it does report ("metric" of the pruner), or leave the pruner out',
      },
    ])
    const told = await halving({ pruner: createPruner('median') })
    expect(told.events.filter(({ type }) => type === 'note')).toEqual([])
  })

  it('leaves failures, retries and their reasons as they are', async () => {
    const attempts = new Map<number, number>()
    const { trials } = await halving({
      retries: 1,
      objectiveOf: async (params, context) => {
        const attempt = (attempts.get(context.trial) ?? 0) + 1
        attempts.set(context.trial, attempt)
        if (context.trial % 7 === 3 && attempt === 1) throw new Error('at first')
        if (context.trial === 5) throw new Error('always')
        return learning()(params, context)
      },
    })
    const whole = await halving()
    expect(trials[5]).toMatchObject({ status: 'failed', error: { code: 'TRAINER_THREW' } })
    expect(trials[10].attempts.length).toBe(1)
    // The failed trial is missing from the histories of those after it; those before are as they were.
    expect(trials.slice(0, 5).map(({ status, value }) => [status, value])).toEqual(
      whole.trials.slice(0, 5).map(({ status, value }) => [status, value]),
    )
  })

  it('goes by what fold 0 reports where a trial is cross-validated', async () => {
    const { trials, end } = await racing({
      pruner: createPruner({ name: 'halving', minSteps: 1, metric: 'loss', direction: 'minimize' }),
      foldOf: async ({ x }, { fold, report }) => {
        for (let epoch = 1; epoch <= 3; epoch++) await report(epoch, { loss: level(x, fold) + 1 / epoch })
        return level(x, fold)
      },
    })
    expect(end.counts.pruned).toBeGreaterThan(8)
    for (const { status, value, metrics, history, conditions } of trials) {
      if (status !== 'pruned') continue
      // The objective's own metric is not known by then.
      expect(value).toBeNull()
      expect(metrics).toEqual({})
      expect(Object.keys(history)).toEqual(['loss/fold0'])
      expect(conditions.pruned).toMatchObject({ rule: 'halving' })
    }
  })
})

describe('the racing of folds', () => {
  it('stops trials after a fold, with the mean of the folds so far as value', async () => {
    const { end, trials } = await racing()
    expect(end.counts.pruned).toBeGreaterThan(8)
    for (const trial of trials.filter(({ status }) => status === 'pruned')) {
      const { steps, values } = trial.history.value
      expect(steps.length).toBeLessThan(5)
      expect(steps).toEqual(steps.map((_, fold) => fold))
      expect(values).toEqual(steps.map((fold) => level(trial.params.x, fold)))
      expect(trial.value).toBe(values.reduce((sum, value) => sum + value, 0) / values.length)
      const { against, bound, folds, of } = trial.conditions.pruned as Record<string, number>
      expect([folds, of]).toEqual([steps.length, 5])
      const rival = trials[against]
      expect(against).toBeLessThanOrEqual(trial.trial - 4)
      expect(rival.status).toBe('finished')
      expect(bound).toBe(Math.max(...rival.history.value.values))
      expect(trial.value).toBeGreaterThanOrEqual(bound)
    }
    const finished = trials.filter(({ status }) => status === 'finished').map(({ value }) => value!)
    expect(end.best!.values.value).toBe(Math.min(...finished))
  })

  it('tells the search the partial mean, with the noise it has in excess of a whole one', async () => {
    const seen: { trial: number; history: History }[] = []
    const { trials } = await racing({ searcher: watched(seen) })
    const last = seen.at(-1)!.history.trials
    const pruned = last.filter(({ outcome }) => outcome === 'pruned')
    expect(pruned.length).toBeGreaterThan(5)
    for (const {
      trial,
      values: [value],
      extraNoise,
    } of pruned) {
      expect(value).toBe(trials[trial].value)
      const own = trials[trial].history.value.values
      const other =
        trials[(trials[trial].conditions.pruned as unknown as { against: number }).against].history.value
          .values
      const squares = (values: readonly number[]) => {
        const mean = values.reduce((sum, one) => sum + one, 0) / values.length
        return values.reduce((sum, one) => sum + (one - mean) ** 2, 0)
      }
      const variance = (squares(own) + squares(other)) / (own.length + other.length - 2)
      expect(extraNoise).toBeCloseTo(variance * (1 / own.length - 1 / 5), 15)
      expect(extraNoise).toBeGreaterThan(0)
    }
    for (const one of last) if (one.outcome === 'finished') expect(one.extraNoise).toBeUndefined()
  })

  it('is the same sweep whatever the order in which folds end, and whatever the workers', async () => {
    const reference = essence(await racing({ workers: 1 }))
    for (const workers of [1, 2, 5, 20]) {
      const pause = dawdling(workers)
      const other = await racing({
        workers,
        foldOf: async ({ x }, { fold }) => {
          await pause()
          return level(x, fold)
        },
      })
      expect(essence(other)).toEqual(reference)
    }
  })

  it('is the same sweep after an interruption: curves and noise come from the record', async () => {
    for (const algorithm of ['random', 'bayesian'] as const) {
      const whole = await racing({ algorithm })
      const kill = new AbortController()
      const first = await racing({
        algorithm,
        kill: kill.signal,
        foldOf: async ({ x }, { fold, trial }) => {
          await sleep(trial === 13 ? 3 : 0)
          if (trial === 13 && fold === 0) kill.abort()
          return level(x, fold)
        },
      })
      expect(first.end.status).toBe('interrupted')
      const resumed = await racing({
        algorithm,
        store: first.store,
        sweep: first.run,
        record: first.trials.map(toRecord),
      })
      expect(essence(resumed)).toEqual(essence(whole))
      expect(resumed.end.counts.pruned).toBeGreaterThan(3)
    }
  })

  it('drops the folds behind the deciding one, even where they failed or reported', async () => {
    const plain = await racing()
    const { trials, end } = await racing({
      workers: 20,
      foldOf: async ({ x }, { fold, trial, report }) => {
        const stopped = plain.trials[trial].conditions.pruned as { folds: number } | undefined
        if (stopped && fold >= stopped.folds) {
          await report(1, { noise: 1 })
          throw new Error('nobody should hear of this')
        }
        return level(x, fold)
      },
    })
    expect(essence({ trials, end })).toEqual(essence(plain))
  })

  it('starts no more folds ahead than keep the workers busy', async () => {
    let run = 0
    const counted: MiniSweep['foldOf'] = ({ x }, { fold }) => {
      run++
      return level(x, fold)
    }
    const { trials } = await racing({ workers: 4, foldOf: counted })
    const needed = trials.reduce((sum, { history }) => sum + history.value.values.length, 0)
    expect(run).toBeGreaterThanOrEqual(needed)
    expect(run).toBeLessThan(needed + 15)
    expect(needed).toBeLessThan(110)
  })

  it('a fold that fails before the decision fails the trial, as without pruning', async () => {
    const { trials } = await racing({
      foldOf: ({ x }, { fold, trial }) => {
        if (trial === 9 && fold === 0) throw new Error('no fold')
        return level(x, fold)
      },
    })
    expect(trials[9]).toMatchObject({ status: 'failed', error: { code: 'TRAINER_THREW' } })
    expect(trials[9].conditions.pruned).toBeUndefined()
  })
})

describe('the value of a trial that reports by step', () => {
  const curve = [5, 3, 4]
  const steps: ObjectiveFunction = async (_, { report }) => {
    for (const [i, value] of curve.entries()) await report(10 * i, { value, other: -value })
    return { value: curve[2], other: -curve[2] }
  }
  const one = async (objective: TrialObjective) =>
    (await miniSweep({ trials: 1, objectiveOf: steps, objectives: [objective] })).trials[0]

  it('is the last one unless the best is asked for; the best step is marked', async () => {
    const minimize = { metric: 'value', direction: 'minimize' } as const
    for (const at of [undefined, 'last', 'best'] as const) {
      const trial = await one({ ...minimize, at })
      expect(trial.value).toBe(at === 'best' ? 3 : 4)
      expect(trial.metrics).toMatchObject({ value: trial.value, other: -4 })
      expect(trial.conditions.bestStep).toEqual({ step: 10, value: 3 })
      expect(withoutTimes(trial.history)).toEqual({
        value: { steps: [0, 10, 20], values: [5, 3, 4] },
        other: { steps: [0, 10, 20], values: [-5, -3, -4] },
      })
    }
    expect(await one({ metric: 'value', direction: 'maximize', at: 'best' })).toMatchObject({
      value: 5,
      conditions: { bestStep: { step: 0, value: 5 } },
    })
  })

  it('is what is returned where nothing is reported', async () => {
    const objective = { metric: 'value', direction: 'minimize', at: 'best' } as const
    const { trials } = await miniSweep({ trials: 2, objectives: [objective], objectiveOf: () => 7 })
    expect(trials[0].value).toBe(7)
    expect(trials[0].conditions.bestStep).toBeUndefined()
  })
})
