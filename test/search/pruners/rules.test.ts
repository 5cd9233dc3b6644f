/** Each rule on curves small enough to work out by hand. */
import { describe, expect, it } from 'vitest'
import { type Curve, createPruner, prunerSettings } from '../../../src/search/index.js'

const curve = (
  trial: number,
  values: number[],
  status: Curve['status'] = 'finished',
  steps = values.map((_, i) => i + 1),
): Curve => ({ trial, status, steps, values })
const running = (values: number[], steps?: number[]) => curve(99, values, 'running', steps)
/** Folds count from 0. */
const folded = (trial: number, values: number[], status: Curve['status'] = 'finished') =>
  curve(
    trial,
    values,
    status,
    values.map((_, i) => i),
  )

describe('the median rule', () => {
  const history = [1, 2, 3, 4, 5].map((value, trial) => curve(trial, [value + 1, value]))
  const pruner = createPruner('median')

  it('stops what is worse than the median of the finished trials at the step', () => {
    expect(pruner.decide(history, running([4]), 'minimize')).toBe('continue')
    expect(pruner.explain(history, running([4.1]), 'minimize')).toMatchObject({
      rule: 'median',
      step: 1,
      value: 4.1,
      bound: 4,
      trials: 5,
    })
    expect(pruner.decide(history, running([4, 3.5]), 'minimize')).toBe('prune')
    expect(pruner.decide(history, running([4.5]), 'maximize')).toBe('continue')
  })

  it('goes by the best step so far', () => {
    expect(pruner.decide(history, running([2, 100]), 'minimize')).toBe('continue')
  })

  it('takes the mean of the middle two of an even number', () => {
    const six = [...history, curve(5, [7, 6])]
    expect(pruner.explain(six, running([9, 8]), 'minimize')).toMatchObject({ bound: 3.5 })
  })

  it('counts a finished trial only as far as it came, at its last report by then', () => {
    const sparse = [0, 1, 2, 3, 4].map((trial) => curve(trial, [trial, 10], 'finished', [2, 6]))
    expect(pruner.explain(sparse, running([9], [3]), 'minimize')).toMatchObject({ bound: 2, trials: 5 })
    expect(pruner.decide(sparse, running([99], [1]), 'minimize')).toBe('continue')
    expect(pruner.decide(sparse, running([99], [7]), 'minimize')).toBe('continue')
  })

  it('leaves pruned trials out, and waits for enough others and steps', () => {
    const few = history.map((one) => (one.trial === 0 ? { ...one, status: 'pruned' as const } : one))
    expect(pruner.decide(few, running([100]), 'minimize')).toBe('continue')
    const patient = createPruner({ name: 'median', minSteps: 2, minTrials: 4 })
    expect(patient.decide(few, running([100]), 'minimize')).toBe('continue')
    expect(patient.decide(few, running([100, 100]), 'minimize')).toBe('prune')
  })
})

describe('successive halving', () => {
  const pruner = createPruner({ name: 'halving', minSteps: 1 })
  const at = (n: number, value: number) => running(Array.from({ length: n }, () => value))
  const history = [1, 2, 3, 4, 5].map((value, trial) => curve(trial, new Array(30).fill(value)))

  it('has rungs at 1, 3, 9, 27 and judges nothing between them', () => {
    const judged = Array.from({ length: 30 }, (_, i) => i + 1).filter(
      (n) => pruner.decide(history, at(n, 9), 'minimize') === 'prune',
    )
    expect(judged).toEqual([1, 3, 9, 27])
    const wider = createPruner({ name: 'halving', minSteps: 2, factor: 4 })
    expect(
      Array.from({ length: 30 }, (_, i) => i + 1).filter(
        (n) => wider.decide(history, at(n, 9), 'minimize') === 'prune',
      ),
    ).toEqual([2, 8])
  })

  it('lets the best third go on, its own loss included', () => {
    // Six came to the rung, two go on: those up to the second best of the other five.
    expect(pruner.decide(history, at(3, 2), 'minimize')).toBe('continue')
    expect(pruner.explain(history, at(3, 2.1), 'minimize')).toMatchObject({
      rule: 'halving',
      step: 3,
      rung: 3,
      bound: 2,
      trials: 6,
    })
    expect(pruner.decide(history.slice(0, 4), at(3, 1), 'minimize')).toBe('continue')
    expect(pruner.decide(history.slice(0, 4), at(3, 1.5), 'minimize')).toBe('prune')
  })

  it('lets everybody go on while fewer than three came to the rung', () => {
    const short = history.map((one) => (one.trial < 2 ? one : curve(one.trial, [1, 1], 'pruned')))
    expect(pruner.decide(short, at(1, 9), 'minimize')).toBe('prune')
    expect(pruner.decide(short.slice(1), at(3, 9), 'minimize')).toBe('continue')
    expect(pruner.decide(short, at(3, 9), 'minimize')).toBe('prune')
  })

  it('counts those stopped at a rung there, and takes the first report at a rung or beyond', () => {
    const stopped = [1, 2, 3].map((value, trial) => curve(trial, [value], 'pruned'))
    expect(pruner.decide(stopped, at(1, 2.5), 'minimize')).toBe('prune')
    const sparse = [1, 2, 3].map((value, trial) => curve(trial, [value, 0], 'finished', [5, 10]))
    expect(pruner.explain(sparse, running([1.5], [4]), 'minimize')).toMatchObject({
      rung: 3,
      step: 4,
      bound: 1,
    })
    // Both rungs 9 and 27 lie between the reports: the farther one counts, to which nobody came.
    expect(pruner.decide(sparse, running([1, 99], [5, 28]), 'minimize')).toBe('continue')
    expect(pruner.decide(sparse, running([1, 99], [5, 9]), 'minimize')).toBe('prune')
  })
})

describe('the racing of folds', () => {
  const pruner = createPruner('folds')
  const history = [
    folded(0, [0.8, 0.9, 0.7, 0.8]),
    folded(1, [0.9, 0.95, 0.85, 0.9]),
    folded(2, [0.9], 'pruned'),
    folded(3, [0.9, 0.95, 0.85, 0.9]),
  ]

  it('stops when the mean so far is no better than the worst fold of the best complete trial', () => {
    expect(pruner.explain(history, folded(9, [0.85], 'running'), 'maximize')).toMatchObject({
      rule: 'folds',
      step: 0,
      folds: 1,
      value: 0.85,
      bound: 0.85,
      against: 1,
    })
    expect(pruner.decide(history, folded(9, [0.86], 'running'), 'maximize')).toBe('continue')
    expect(pruner.decide(history, folded(9, [0.8, 0.92], 'running'), 'maximize')).toBe('continue')
    expect(pruner.decide(history, folded(9, [0.86, 0.83], 'running'), 'maximize')).toBe('prune')
    // Of losses, trial 0 is the best, and its worst fold is 0.9.
    expect(pruner.explain(history, folded(9, [0.95], 'running'), 'minimize')).toMatchObject({
      against: 0,
      bound: 0.9,
    })
  })

  it('waits for the folds it is told to wait for', () => {
    const patient = createPruner({ name: 'folds', minFolds: 2 })
    expect(patient.decide(history, folded(9, [0.1], 'running'), 'maximize')).toBe('continue')
    expect(patient.decide(history, folded(9, [0.1, 0.1], 'running'), 'maximize')).toBe('prune')
  })
})

describe('createPruner', () => {
  it('completes settings by their defaults', () => {
    expect(prunerSettings('none')).toEqual({ name: 'none' })
    expect(prunerSettings('folds')).toEqual({ name: 'folds', minFolds: 1 })
    expect(prunerSettings('median')).toEqual({
      name: 'median',
      minSteps: 1,
      minTrials: 5,
      metric: null,
      direction: null,
    })
    expect(prunerSettings({ name: 'halving', factor: 2, metric: 'loss', direction: 'minimize' })).toEqual({
      name: 'halving',
      minSteps: 3,
      factor: 2,
      metric: 'loss',
      direction: 'minimize',
    })
  })

  it('refuses settings that make no sense, all of them at once', () => {
    expect(() => createPruner({ name: 'halving', minSteps: 0, factor: 1 })).toThrow(
      /minSteps must be a whole number of at least 1 \(got 0\); factor must be .* at least 2 \(got 1\)/,
    )
    expect(() => createPruner('medain' as never)).toThrow(/name must be one of none, median, halving, folds/)
  })

  it('goes by the direction of its own metric', () => {
    const history = [1, 2, 3].map((value, trial) => curve(trial, [value]))
    const pruner = createPruner({ name: 'halving', minSteps: 1, metric: 'loss', direction: 'minimize' })
    expect(pruner.decide(history, running([9]), 'maximize')).toBe('prune')
    expect(pruner.decide(history, running([0]), 'maximize')).toBe('continue')
  })
})
