/** Importance against closed forms, and the laws that any record keeps. */
import { describe, expect, it } from 'vitest'
import { insightOf, sharesOf } from '../../src/analysis/index.js'
import { randomStream } from '../../src/numeric/index.js'
import { createSpace } from '../../src/space/index.js'
import type { Params } from '../../src/values.js'
import { byName, closedForms, recorded, recordedAt } from './support.js'

describe('total Sobol’ indices', () => {
  it.each([
    ['ishigami', 250, 0.06],
    ['linear', 30, 0.02],
    ['oneOfTen', 40, 0.01],
    ['conditional', 60, 0.02],
    ['categorical', 40, 0.02],
  ] as const)('of %s come of %i trials', (name, n, near) => {
    const { parameters, value, total } = closedForms[name]
    const { sweep, trials } = recorded(parameters, n, value)
    const insight = insightOf(sweep, trials, { resamples: 0 })
    expect(insight.unsure).toBeNull()
    const told = byName(insight.parameters)
    const sum = Object.values(total).reduce((a, b) => a + b)
    for (const [parameter, expected] of Object.entries(total)) {
      expect(Math.abs(told[parameter].sobol!.importance - expected), parameter).toBeLessThan(near)
      expect(Math.abs(told[parameter].importance - expected / sum), parameter).toBeLessThan(near)
    }
    expect(Object.keys(told).sort()).toEqual(Object.keys(total).sort())
    expect(insight.parameters.reduce((all, one) => all + one.importance, 0)).toBeCloseTo(1, 9)
  })

  it('are the same to maximise what would be minimised', () => {
    const { parameters, value } = closedForms.ishigami
    const least = recorded(parameters, 60, value)
    const most = recorded(parameters, 60, (params) => -value(params), { direction: 'maximize' })
    const of = ({ sweep, trials }: typeof least) =>
      insightOf(sweep, trials, { resamples: 5 }).parameters.map(({ name, importance, low, high, good }) => ({
        name,
        importance,
        low,
        high,
        good,
      }))
    expect(of(most)).toEqual(of(least))
  })

  it('know which pairs act together, and where they are best', () => {
    const { parameters, value, total } = closedForms.ishigami
    const { sweep, trials } = recorded(parameters, 200, value)
    const [first, ...others] = insightOf(sweep, trials, { resamples: 0 }).pairs
    // a and c alone have a part in what neither explains by itself.
    expect([first.x, first.y].sort()).toEqual(['a', 'c'])
    expect(Math.abs(first.interaction - total.c)).toBeLessThan(0.04)
    for (const { interaction } of others) expect(interaction).toBeLessThan(0.04)
    expect(value({ b: 0, ...first.best })).toBeLessThan(-8)
  })
})

describe('PED-ANOVA', () => {
  it('finds the one parameter of ten, also among the better half', () => {
    const { parameters, value } = closedForms.oneOfTen
    const { sweep, trials } = recorded(parameters, 300, value)
    const told = byName(insightOf(sweep, trials, { resamples: 10 }).parameters)
    for (const of of ['pedAnova', 'amongBetter'] as const) {
      expect(told.c[of]!.importance).toBeGreaterThan(0.9)
      expect(told.c[of]!.low).toBeGreaterThan(0.8)
    }
  })

  it('gives a parameter that is not active no part in what it did not do', () => {
    const { parameters, value } = closedForms.conditional
    const { sweep, trials } = recorded(parameters, 400, value)
    const told = byName(insightOf(sweep, trials, { resamples: 0 }).parameters)
    expect(told.depth.pedAnova!.importance).toBeLessThan(0.02)
    expect(told.rate.pedAnova!.importance).toBeGreaterThan(0.5)
    // All of the better half has kind x: what tells the best of them is the rate alone.
    expect(told.rate.amongBetter!.importance).toBeGreaterThan(0.9)
    expect(told.kind.amongBetter!.importance).toBeLessThan(0.1)
    expect(told.rate.active).toBeCloseTo(0.5, 1)
    expect(told.kind.active).toBe(1)
  })

  it('is silent about few trials', () => {
    const { parameters, value } = closedForms.linear
    const { sweep, trials } = recorded(parameters, 29, value)
    for (const { pedAnova, amongBetter } of insightOf(sweep, trials, { resamples: 0 }).parameters)
      expect([pedAnova, amongBetter]).toEqual([null, null])
  })
})

describe('an insight', () => {
  it('is the same bit for bit, in whatever order trials come', () => {
    const { parameters, value } = closedForms.conditional
    const { sweep, trials } = recorded(parameters, 60, (params) => value(params))
    const once = JSON.stringify(insightOf(sweep, trials))
    const shuffled = randomStream(3, 'order').shuffle([...trials])
    expect(JSON.stringify(insightOf(sweep, shuffled))).toBe(once)
    expect(JSON.stringify(insightOf(sweep, trials.toReversed()))).toBe(once)
  })

  it('has intervals that hold their share, and most often what is true', () => {
    const { parameters, value, total } = closedForms.ishigami
    const sum = total.a + total.b + total.c
    let held = 0
    let all = 0
    for (let seed = 0; seed < 8; seed++) {
      const { sweep, trials } = recorded(parameters, 60, value, { seed })
      for (const { name, importance, low, high } of insightOf(sweep, trials).parameters) {
        expect(low <= importance && importance <= high).toBe(true)
        const truth = total[name as keyof typeof total] / sum
        if (low <= truth && truth <= high) held++
        all++
      }
    }
    expect(all).toBe(24)
    expect(held).toBeGreaterThanOrEqual(17)
  })

  it('knows the shares of trials that crowd around the best, and what is left open', () => {
    const parameters = {
      rate: { type: 'float', min: 1e-5, max: 1, scale: 'log' },
      depth: { type: 'int', min: 1, max: 15 },
      kind: { type: 'categorical', values: ['a', 'b', 'c'] },
    } as const
    // A sum of functions of one parameter each: shares are those of their variances.
    const parts = {
      rate: (params: Params) => (Math.log10(params.rate as number) + 2.3) ** 2 / 8,
      depth: ({ depth }: Params) => Math.abs((depth as number) - 6) / 12,
      kind: ({ kind }: Params) => ({ a: 0, b: 0.2, c: 0.35 })[kind as string]!,
    }
    const value = (params: Params) => parts.rate(params) + parts.depth(params) + parts.kind(params)
    const space = createSpace(parameters)
    const decoded = (point: readonly number[]) => space.decode(Float64Array.from(point))
    const dense = Array.from({ length: 3000 }, (_, k) => decoded([0, 1, 2].map(() => (k + 0.5) / 3000)))
    const variances = Object.values(parts).map((part) => {
      const values = dense.map(part)
      const mean = values.reduce((a, b) => a + b) / values.length
      return values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length
    })
    const whole = variances.reduce((a, b) => a + b)
    const truth = Object.fromEntries(Object.keys(parts).map((name, i) => [name, variances[i] / whole]))
    for (let seed = 0; seed < 3; seed++) {
      const random = randomStream(seed, 'trials that crowd')
      const near = (centre: number) => Math.min(0.999, Math.max(0, centre + 0.08 * random.normal()))
      const all = Array.from({ length: 40 }, (_, k) =>
        decoded(
          k < 10
            ? [random.next(), random.next(), random.next()]
            : [near(0.54), near(0.37), k % 8 === 0 ? 0.5 : 0.1],
        ),
      )
      const { sweep, trials } = recordedAt(parameters, all, value)
      const told = insightOf(sweep, trials).parameters
      const off = told.reduce((sum, { name, importance }) => sum + Math.abs(importance - truth[name]) / 2, 0)
      expect(off, `seed ${seed}`).toBeLessThan(0.15)
      for (const { name, low, high } of told)
        expect(low <= truth[name] && truth[name] <= high, `seed ${seed}, ${name}`).toBe(true)
    }
  })

  it('is of any metric that trials have', () => {
    const { parameters, value } = closedForms.linear
    const { sweep, trials } = recorded(parameters, 40, value)
    const twice = insightOf(sweep, trials, { metric: 'twice', direction: 'minimize', resamples: 0 })
    const once = insightOf(sweep, trials, { resamples: 0 })
    expect(twice.parameters.map(({ name }) => name)).toEqual(once.parameters.map(({ name }) => name))
    expect(twice.parameters[0].marginal!.mean[0]).toBeCloseTo(2 * once.parameters[0].marginal!.mean[0], 6)
    expect(() => insightOf(sweep, trials, { metric: 'twice' })).toThrow(
      /which values are better.*--direction/,
    )
  })

  it('looks at a good tenth of those trials in which a parameter was active', () => {
    const { parameters, value } = closedForms.conditional
    const { sweep, trials } = recorded(parameters, 200, value)
    const told = byName(insightOf(sweep, trials, { resamples: 0 }).parameters)
    const rates = trials.filter(({ params }) => params.kind === 'x').sort((a, b) => a.value! - b.value!)
    const best = rates.slice(0, Math.ceil(rates.length / 10)).map(({ params }) => params.rate as number)
    expect(told.rate.good).toEqual({ kind: 'range', min: Math.min(...best), max: Math.max(...best) })
    expect(told.kind.good).toEqual({ kind: 'values', values: ['x'] })
  })

  it('counts what is gained over a stated default by one parameter alone', () => {
    const parameters = {
      x: { type: 'float', min: 0, max: 1, default: 0.9 },
      y: { type: 'float', min: 0, max: 1, default: 0.5 },
      z: { type: 'float', min: 0, max: 1 },
    } as const
    const { sweep, trials } = recorded(
      parameters,
      80,
      ({ x, y }) => -(((x as number) - 0.4) ** 2) - 2 * ((y as number) - 0.5) ** 2,
      { direction: 'maximize' },
    )
    const told = byName(insightOf(sweep, trials, { resamples: 0 }).parameters)
    expect(told.x.tunability).toBeCloseTo(0.25, 2)
    expect(told.y.tunability).toBeCloseTo(0, 2)
    expect(told.z.tunability).toBeNull()
  })

  it('has trials of a record that do not lie in its space, or are not finished, beside it', () => {
    const { parameters, value } = closedForms.linear
    const inside = recorded(parameters, 30, value)
    const outside = recordedAt(parameters, [{ a: 2, b: 0, c: 0, d: 0 }, { a: 0.5 }], () => -100)
    const { trials } = insightOf(inside.sweep, [...inside.trials, ...outside.trials])
    expect(trials).toBe(30)
  })
})

describe('the shares in one line', () => {
  it('are those of the whole analysis, but for fewer points', () => {
    const { parameters, value } = closedForms.linear
    const { sweep, trials } = recorded(parameters, 60, value)
    const shares = sharesOf(sweep, trials)!
    const whole = byName(insightOf(sweep, trials, { resamples: 0 }).parameters)
    expect(shares.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd'])
    for (const { name, importance } of shares)
      expect(Math.abs(importance - whole[name].importance)).toBeLessThan(0.02)
    expect(sharesOf(sweep, trials.slice(0, 9))).toBeNull()
  })
})
