/** Trials that take too long: what they come to, and whether they are tried again. */
import { describe, expect, it } from 'vitest'
import type { ObjectiveFunction } from '../../src/training/index.js'
import { type MiniSweep, miniSweep } from './support.js'

/** Reports what `values` says, step by step, and never ends. */
function endless(values: readonly number[]): ObjectiveFunction {
  return async (_, { report, signal }) => {
    for (const [step, value] of values.entries()) await report(step, { value })
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
  }
}

const atBest = [{ metric: 'value', direction: 'minimize', at: 'best' }] as const
const late = { trials: 1, workers: 1, trialTimeout: 300 } satisfies MiniSweep

describe('a trial that takes too long', () => {
  it('is not tried again, however many retries are left, unless that is asked for', async () => {
    const objectiveOf: ObjectiveFunction = (params, context) => {
      if (context.trial === 1) throw new Error('no luck')
      return endless([])(params, context)
    }
    const once = await miniSweep({ ...late, trials: 2, retries: 2, objectiveOf })
    expect(once.trials.map(({ error, attempts }) => [error?.code, attempts.length])).toEqual([
      ['TIME_LIMIT', 0],
      ['TRAINER_THREW', 2],
    ])
    const thrice = await miniSweep({ ...late, trials: 2, retries: 2, retryTimeouts: true, objectiveOf })
    expect(thrice.trials.map(({ error, attempts }) => [error?.code, attempts.length])).toEqual([
      ['TIME_LIMIT', 2],
      ['TRAINER_THREW', 2],
    ])
  })

  it('keeps the best of its steps where that is its value, and says that it was stopped', async () => {
    const { end, events, trials } = await miniSweep({
      ...late,
      objectives: atBest,
      objectiveOf: endless([3, 1, 2]),
    })
    expect(end).toMatchObject({ status: 'finished', best: { trial: 0, values: { value: 1 } }, failures: [] })
    expect(trials[0]).toMatchObject({
      status: 'finished',
      value: 1,
      error: null,
      history: { value: { steps: [0, 1, 2], values: [3, 1, 2] } },
      conditions: {
        bestStep: { step: 1, value: 1 },
        stoppedAtLimit: { step: 2, limitSeconds: 0.3 },
      },
    })
    const notes = events.flatMap((event) => (event.type === 'note' ? [event.message] : []))
    expect(notes).toEqual([
      expect.stringMatching(/^trial 0: .*time limit of 0\.3 s, after step 2.*best step/),
    ])
  })

  it('that never came to a value has failed, as has one whose value is that of its end', async () => {
    const silent = await miniSweep({ ...late, objectives: atBest, objectiveOf: endless([]) })
    expect(silent.trials[0]).toMatchObject({ status: 'failed', error: { code: 'TIME_LIMIT' } })
    const last = await miniSweep({ ...late, objectiveOf: endless([3, 1, 2]) })
    expect(last.trials[0]).toMatchObject({
      status: 'failed',
      value: null,
      error: { code: 'TIME_LIMIT' },
      history: { value: { steps: [0, 1, 2] } },
    })
    // As sweeps did that were begun by earlier versions.
    const before = await miniSweep({
      ...late,
      objectives: atBest,
      bestAtTimeLimit: false,
      objectiveOf: endless([3, 1, 2]),
    })
    expect(before.trials[0]).toMatchObject({ status: 'failed', error: { code: 'TIME_LIMIT' } })
  })

  it('is tried again first where that is asked for, and then keeps what it came to', async () => {
    const { trials } = await miniSweep({
      ...late,
      objectives: atBest,
      retries: 1,
      retryTimeouts: true,
      objectiveOf: endless([3, 1, 2]),
    })
    expect(trials[0]).toMatchObject({
      status: 'finished',
      value: 1,
      attempts: [{ error: { code: 'TIME_LIMIT' } }],
    })
  })
})
