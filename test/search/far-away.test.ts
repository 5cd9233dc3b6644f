/** The law of what is far away: a loss too bad to say how bad is told to the model as a failed trial is. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/index.js'
import { fitOutputTransform, nearLimit } from '../../src/search/gaussian-process/index.js'
import {
  adviseStopping,
  createSearcher,
  type ObservedTrial,
  type Suggestion,
} from '../../src/search/index.js'
import { createSpace } from '../../src/space/index.js'
import type { Direction, Params } from '../../src/values.js'
import { settings } from './drive.js'

const space = createSpace({
  x: { type: 'float', min: -5, max: 5 },
  y: { type: 'float', min: -5, max: 5 },
  k: { type: 'categorical', values: ['a', 'b'] },
})
const bowl = ({ x, y, k }: Params) =>
  ((x as number) - 2) ** 2 + ((y as number) + 1) ** 2 + (k === 'a' ? 1 : 0)

type Penalty = (params: Params, trial: number) => number | null | 'none'

async function play(
  penalty: Penalty,
  { trials = 18, seed = 0, algorithm = 'bayesian', direction = 'minimize' as Direction } = {},
): Promise<ObservedTrial[]> {
  const sign = direction === 'maximize' ? -1 : 1
  const searcher = await createSearcher(space, settings(algorithm as 'bayesian', { seed, parallel: 1 }))
  const told: ObservedTrial[] = []
  for (let trial = 0; trial < trials; trial++) {
    const suggestion = (await searcher.suggest(
      { directions: [direction], trials: told, pending: [] },
      trial,
    )) as Suggestion
    const broken = penalty(suggestion.params, trial)
    const value = broken === 'none' ? sign * bowl(suggestion.params) : broken === null ? null : sign * broken
    if (value === null) told.push({ trial, ...suggestion, outcome: 'failed', values: [] })
    else told.push({ trial, ...suggestion, outcome: 'finished', values: [value] })
  }
  return told
}
/** A trial with params of its own, the same each time. */
function drawnTrial(trial: number): Omit<ObservedTrial, 'outcome' | 'values'> {
  const random = randomStream(7, 'params', trial)
  const params = { x: 10 * random.next() - 5, y: 10 * random.next() - 5, k: 'ab'[random.integer(2)] }
  return { trial, params, origin: { rule: 'initial', index: trial } }
}
const drawn = (losses: readonly number[]): ObservedTrial[] =>
  losses.map((loss, trial) => ({ ...drawnTrial(trial), outcome: 'finished', values: [loss] }))
async function nextOf(told: readonly ObservedTrial[]): Promise<Suggestion> {
  const searcher = await createSearcher(space, settings('bayesian'))
  return (await searcher.suggest(
    { directions: ['minimize'], trials: told, pending: [] },
    told.length,
  )) as Suggestion
}
const suggestions = (told: readonly ObservedTrial[]) => told.map(({ params, origin }) => ({ params, origin }))
const best = (told: readonly ObservedTrial[]) =>
  Math.min(...told.map(({ params, values: [value] }) => (value === bowl(params) ? value : 1e9)))
const broken = ({ x }: Params) => (x as number) < -2.5

describe('what is far away', () => {
  it('may be exchanged for anything else that is far away: no suggestion changes, in either direction', async () => {
    for (const direction of ['minimize', 'maximize'] as const) {
      const of = async (size: (trial: number) => number) =>
        suggestions(await play((p, trial) => (broken(p) ? size(trial) : 'none'), { direction }))
      const right = await of(() => 1e30)
      expect(right.some(({ origin }) => Number(origin.farAway) > 1)).toBe(true)
      expect(await of(() => Number.MAX_VALUE)).toEqual(right)
      expect(await of((trial) => [1e25, 1e308, 3e200][trial % 3])).toEqual(right)
    }
  })

  it('is told as failed trials are', async () => {
    const params = (told: readonly ObservedTrial[]) => told.map((trial) => trial.params)
    expect(params(await play((p) => (broken(p) ? 1e30 : 'none')))).toEqual(
      params(await play((p) => (broken(p) ? null : 'none'))),
    )
  })

  it('is told as failed trials are where its trial was pruned, too, with a noise of its own', async () => {
    const next = async (last: Pick<ObservedTrial, 'outcome' | 'values' | 'extraNoise'>) =>
      nextOf([...drawn([5, 4, 3, 2, 6, 7, 8, 9, 3.5]), { ...drawnTrial(9), ...last }])
    const failed = await next({ outcome: 'failed', values: [] })
    expect(failed.origin.rule).toBe('expected-improvement')
    const pruned = await next({ outcome: 'pruned', values: [1e30], extraNoise: 0.5 })
    expect(pruned.params).toEqual(failed.params)
    expect(pruned.origin).toEqual({ ...failed.origin, farAway: 1 })
  })

  it('leaves it known which params are tied for the best', async () => {
    const told = drawn([1e30, 0, 0, 0, 5, 6, 7, 8, 9, 10, 11, 12])
    // The third of them is the second once more.
    const twice = told.map((trial, i) => (i === 3 ? { ...trial, params: told[2].params } : trial))
    expect((await nextOf(twice)).origin).toMatchObject({ rule: 'expected-improvement', ties: 2, farAway: 1 })
  })

  it('leaves a search far better than a random one: a quarter of the space at 1e30, one trial at 1e308', async () => {
    const penalties: Penalty[] = [
      (p) => (broken(p) ? 1e30 : 'none'),
      (p) => (broken(p) ? 1e16 : 'none'),
      (_, trial) => (trial === 3 ? 1e308 : 'none'),
    ]
    for (const penalty of penalties) {
      for (const seed of [1, 2]) {
        const found = best(await play(penalty, { seed, trials: 30 }))
        expect(found).toBeLessThan(0.05)
        expect(found).toBeLessThan(0.2 * best(await play(penalty, { seed, trials: 30, algorithm: 'random' })))
      }
    }
  })

  it('is nothing where no loss is: rounding errors, staircases, tails and scales', () => {
    const none = [
      [],
      [1],
      [1, 1, 1, 1, 1e300],
      [0, 0, 0, 0, 1.1e-16, 0.02, 0.05, 0.6],
      [0.3, 0.3 + 1e-13, 0.3 + 2e-13, 0.3 + 3e-13, 0.5],
      [1e-300, 2e-300, 4e-300, 9e-300, 1e-290],
      [1, 10, 1e4, 1e9, 1e15, 1e22],
      [-1e308, -5, 0, 3, 1e308],
      [1, 2, 3, 1e300],
      [1, 2, 3, 4, 5, 1e12],
    ]
    for (const losses of none) expect(nearLimit(losses)).toBe(Number.POSITIVE_INFINITY)
    expect(nearLimit([1e30, 5, 2, 1e200, 3, 1])).toBe(5)
    expect(nearLimit([0, 0, 1, 0, 1, 1e30])).toBe(1)
  })
})

describe('any finite losses', () => {
  const loss = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(Number.MAX_VALUE, -Number.MAX_VALUE, 1e308, -1e308, 0, 5e-324, 1, 1e30),
  )
  it('are transformed to finite numbers that keep their order, and back', () => {
    fc.assert(
      fc.property(fc.array(loss, { minLength: 2, maxLength: 30 }), (losses) => {
        const transform = fitOutputTransform(losses)
        if (transform === null) return
        const order = losses.map((_, i) => i).sort((i, j) => (losses[i] < losses[j] ? -1 : 1))
        order.forEach((i, k) => {
          const value = transform.values[i]
          expect(Number.isFinite(value)).toBe(true)
          if (k > 0) expect(value).toBeGreaterThanOrEqual(transform.values[order[k - 1]] - 1e-9)
          expect(Number.isFinite(transform.backward(value))).toBe(true)
          expect(transform.slope(losses[i])).toBeGreaterThanOrEqual(0)
        })
        for (const value of [-1e9, -3, 0, 3, 1e9])
          expect(Number.isFinite(transform.backward(value))).toBe(true)
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('are different to the model where they are different: two ends of what a number can be', () => {
    const { values } = fitOutputTransform([...new Array(7).fill(-1.7e308), 1.7e308])!
    expect(values[7] - values[0]).toBeGreaterThan(2)
  })

  it('can be as uncertain as a number can say: the model goes on without them', async () => {
    const small = drawn([5e-6, 4e-6, 3e-6, 2e-6, 6e-6, 7e-6, 8e-6, 9e-6, 3.5e-6])
    const told = [
      ...small,
      { ...drawnTrial(9), outcome: 'pruned' as const, values: [4e-6], extraNoise: 1e308 },
    ]
    expect((await nextOf(told)).origin.rule).toBe('expected-improvement')
  })

  it('give an origin and advice without a number that is none', async () => {
    const random = randomStream(5, 'losses')
    const sizes = [1e308, -1e308, 0, 1e-300, -5, 7e12, 1e30, 5e-324]
    const told: ObservedTrial[] = Array.from({ length: 24 }, (_, trial) => {
      const params = { x: 10 * random.next() - 5, y: 10 * random.next() - 5, k: 'a' }
      return {
        trial,
        params,
        origin: { rule: 'initial', index: trial },
        outcome: 'pruned',
        values: [sizes[trial % 8]],
        extraNoise: [0, 1e308, 5e-324][trial % 3],
      }
    })
    const searcher = await createSearcher(space, settings('bayesian'))
    const suggestion = await searcher.suggest({ directions: ['minimize'], trials: told, pending: [] }, 24)
    expect(JSON.stringify(suggestion)).not.toContain('null')
    const advice = await adviseStopping(
      space,
      { seed: 1 },
      { directions: ['minimize'], trials: told },
      { foldValues: [1, 2, 3] },
    )
    if (advice) expect(Number.isFinite(advice.regret)).toBe(true)
  })
})
