/** The advice that nothing more is to be gained, as a function of a history. */
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/index.js'
import { adviceDue, adviseStopping, type FoldedTrial, type ObservedTrial } from '../../src/search/index.js'
import { createSpace, type Space } from '../../src/space/index.js'
import type { Params } from '../../src/values.js'

const plane = createSpace({
  x: { type: 'float', min: -1, max: 1 },
  y: { type: 'float', min: -1, max: 1 },
})
const settings = { seed: 3 }
const best = { foldValues: [0.1, 0.2, 0.15, 0.05, 0.12] }

function trialsOf(points: readonly Params[], loss: (params: Params) => number | null): ObservedTrial[] {
  return points.map((params, trial) => {
    const value = loss(params)
    const origin = { rule: 'test' }
    return value === null
      ? { trial, params, origin, outcome: 'failed', values: [] }
      : { trial, params, origin, outcome: 'finished', values: [value] }
  })
}

/** Points everywhere, then ever closer to where the quadratic has its minimum, as a search leaves them behind. */
function converged(space: Space, count: number): Params[] {
  const random = randomStream(1, 'points')
  return Array.from({ length: count }, (_, i) => {
    const width = Math.max(0.05, 1 - i / 20)
    const point = [0.6, 0.45].map((at) =>
      Math.min(1, Math.max(0, at + width * (random.next() - 0.5) * (i < 10 ? 2 : 1))),
    )
    return space.decode(point)
  })
}

function quadratic({ x, y }: Params): number {
  return (Number(x) - 0.2) ** 2 + (Number(y) + 0.1) ** 2
}

const noise = randomStream(5, 'noise')
const settled = trialsOf(converged(plane, 40), (params) => quadratic(params) + 0.002 * noise.normal())

/** A value of its own at every point: nothing can be told of the points between. */
const random = randomStream(2, 'points')
const wild = trialsOf(
  Array.from({ length: 20 }, () => plane.decode([random.next(), random.next()])),
  ({ x, y }) => Math.sin(17 * Number(x)) * Math.cos(13 * Number(y)),
)

function advise(
  trials: ObservedTrial[],
  fold: FoldedTrial = best,
  direction: 'minimize' | 'maximize' = 'minimize',
) {
  return adviseStopping(plane, settings, { directions: [direction], trials }, fold)
}

describe('advice to stop', () => {
  it('is given where a search has converged, and not where it has hardly begun', async () => {
    const end = await advise(settled)
    expect(end).toMatchObject({ stop: true, trials: 40 })
    expect(end!.regret).toBeGreaterThanOrEqual(0)
    expect(end!.regret).toBeLessThan(0.02)
    const begin = await advise(wild)
    expect(begin).toMatchObject({ stop: false, trials: 20 })
    expect(begin!.regret).toBeGreaterThan(0.3)
  })

  it('goes by the noise of the folds of the best trial', async () => {
    // s² = 0.00313 for five folds: √((1/5 + 1/4) s²).
    const once = await advise(settled)
    expect(once!.threshold).toBeCloseTo(Math.sqrt(0.45 * 0.00313), 12)
    const repeated = await advise(settled, {
      foldValues: [...best.foldValues, ...best.foldValues],
      folds: 5,
    })
    expect(repeated!.threshold).toBeCloseTo(Math.sqrt((1 / 10 + 1 / 4) * 0.00313 * (8 / 9)), 12)
    expect(repeated!.regret).toBe(once!.regret)
    const exact = await advise(settled, { foldValues: [0.5, 0.5, 0.5] })
    expect(exact).toMatchObject({ stop: false, threshold: 0, regret: once!.regret })
  })

  it('depends on nothing but what is known: not on the order it was told in, nor on the direction', async () => {
    const once = await advise(settled)
    expect(await advise(settled)).toEqual(once)
    expect(await advise([...settled].reverse())).toEqual(once)
    const gains = settled.map((trial) => ({ ...trial, values: [-trial.values[0]] }))
    expect(await advise(gains, best, 'maximize')).toEqual(once)
  })

  it('is in units of the objective', async () => {
    const once = await advise(settled)
    const scaled = settled.map((trial) => ({ ...trial, values: [1000 * trial.values[0] + 7] }))
    const other = await advise(scaled)
    expect(other!.regret / 1000).toBeCloseTo(once!.regret, 4)
    expect(other!.stop).toBe(false)
  })

  it('passes over failed trials, and says nothing where there is nothing to go by', async () => {
    const failed = settled.map(
      (trial, i): ObservedTrial => (i % 4 === 0 ? { ...trial, outcome: 'failed', values: [] } : trial),
    )
    expect(await advise(failed)).toMatchObject({ trials: 30 })
    expect(await advise(settled.slice(0, 19))).toBe(null)
    expect(await advise(failed.slice(0, 26))).toBe(null)
    expect(await advise(settled, { foldValues: [0.1] })).toBe(null)
    const equal = settled.map((trial) => ({ ...trial, values: [0.5] }))
    expect(await advise(equal)).toBe(null)
  })

  it('works on finite and conditional spaces, and where more than half of the trials are equally good', async () => {
    const space = createSpace({
      kind: { type: 'categorical', values: ['a', 'b'] },
      k: { type: 'int', min: 1, max: 20 },
      extra: { type: 'int', min: 1, max: 5, when: { kind: ['b'] } },
    })
    const draw = randomStream(9, 'draws')
    const points = Array.from({ length: 30 }, () => space.decode([draw.next(), draw.next(), draw.next()]))
    const flat = trialsOf(points, ({ k }) => (Number(k) > 4 ? 1 : Number(k) / 5))
    const advice = await adviseStopping(space, settings, { directions: ['maximize'], trials: flat }, best)
    expect(advice!.regret).toBeGreaterThanOrEqual(0)
    expect(Number.isFinite(advice!.regret)).toBe(true)
  })

  it('is due at the 20th outcome and every fifth from there on', () => {
    const due = Array.from({ length: 32 }, (_, n) => adviceDue(n))
    expect(due.slice(0, 20).every((times) => times === 0)).toBe(true)
    expect([20, 24, 25, 29, 30].map((n) => due[n])).toEqual([1, 1, 2, 2, 3])
  })
})
