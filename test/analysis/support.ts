/** Records of sweeps for analyses: trials at random points of a space, with the values of a function. Only what an analysis looks at. */
import { randomStream } from '../../src/numeric/index.js'
import { createSpace, type ParametersJson } from '../../src/space/index.js'
import type { ChildRun, ParentRun } from '../../src/tracking/index.js'
import type { Direction, Params } from '../../src/values.js'

export interface Recorded {
  readonly sweep: ParentRun
  readonly trials: readonly ChildRun[]
}

interface Shape {
  readonly seed?: number
  readonly direction?: Direction
  readonly algorithm?: string
}

/** `value` null: the trial failed. */
export function recorded(
  parameters: ParametersJson,
  n: number,
  value: (params: Params, trial: number) => number | null,
  { seed = 1, direction = 'minimize', algorithm = 'random' }: Shape = {},
): Recorded {
  const space = createSpace(parameters)
  const random = randomStream(seed, 'test of an analysis')
  const trials = Array.from({ length: n }, (_, trial) => {
    const params = space.decode(Float64Array.from(space.dimensions, () => random.next()))
    return trialOf(trial, params, value(params, trial))
  })
  return { sweep: sweepOf(parameters, { direction, algorithm }), trials }
}

/** Trials of these params, in their order. */
export function recordedAt(
  parameters: ParametersJson,
  all: readonly Params[],
  value: (params: Params, trial: number) => number | null,
  shape: Shape = {},
): Recorded {
  const { direction = 'minimize', algorithm = 'random' } = shape
  return {
    sweep: sweepOf(parameters, { direction, algorithm }),
    trials: all.map((params, trial) => trialOf(trial, params, value(params, trial))),
  }
}

function sweepOf(
  parameters: ParametersJson,
  { direction, algorithm }: { direction: Direction; algorithm: string },
): ParentRun {
  const objective = { metric: 'y', direction }
  return {
    kind: 'sweep',
    id: 'aaaa000011112222',
    name: 'made',
    status: 'finished',
    objective,
    objectives: [objective],
    spec: { parameters, search: { algorithm, stopAt: null } },
  } as unknown as ParentRun
}

function trialOf(trial: number, params: Params, y: number | null): ChildRun {
  const finished = y !== null
  return {
    kind: 'trial',
    trial,
    params,
    status: finished ? 'finished' : 'failed',
    ended: '2026-01-01T00:00:00.000Z',
    value: y,
    values: finished ? { y } : {},
    metrics: finished ? { y, twice: 2 * y } : {},
  } as unknown as ChildRun
}

const floats = (names: string, min: number, max: number): ParametersJson =>
  Object.fromEntries([...names].map((name) => [name, { type: 'float', min, max } as const]))

/** Functions whose total Sobol' indices are known. */
export const closedForms = {
  /** Ishigami and Homma 1990, with a = 7, b = 0.1. */
  ishigami: {
    parameters: floats('abc', -Math.PI, Math.PI),
    value: ({ a, b, c }: Params) =>
      Math.sin(a as number) +
      7 * Math.sin(b as number) ** 2 +
      0.1 * (c as number) ** 4 * Math.sin(a as number),
    // V = a²/8 + bπ⁴/5 + b²π⁸/18 + 1/2; V_b = a²/8; V_ac = 8b²π⁸/225; V_a = (1 + bπ⁴/5)²/2.
    total: (() => {
      const v1 = 0.5 * (1 + (0.1 * Math.PI ** 4) / 5) ** 2
      const v2 = 49 / 8
      const v13 = (8 * 0.01 * Math.PI ** 8) / 225
      const v = v1 + v2 + v13
      return { a: (v1 + v13) / v, b: v2 / v, c: v13 / v }
    })(),
  },
  /** 4a + 3b + 2c + d: variances as the squares. */
  linear: {
    parameters: floats('abcd', 0, 1),
    value: ({ a, b, c, d }: Params) =>
      4 * (a as number) + 3 * (b as number) + 2 * (c as number) + (d as number),
    total: { a: 16 / 30, b: 9 / 30, c: 4 / 30, d: 1 / 30 },
  },
  /** Of ten parameters, one. */
  oneOfTen: {
    parameters: floats('abcdefghij', 0, 1),
    value: ({ c }: Params) => ((c as number) - 0.3) ** 2,
    total: { ...Object.fromEntries([...'abdefghij'].map((name) => [name, 0])), c: 1 },
  },
  /**
   * w², w uniform in [−1, 1], where kind is x; else 1. Var = 1/9 + ½ · 4/45 = 7/45. T_rate = (½ · 4/45)/Var,
   * T_kind = ¼ E(1 − w²)²/Var = ¼ · 8/15 · 45/7.
   */
  conditional: {
    parameters: {
      kind: { type: 'categorical', values: ['x', 'y'] },
      rate: { type: 'float', min: 1e-4, max: 1, scale: 'log', when: { kind: ['x'] } },
      depth: { type: 'int', min: 1, max: 10, when: { kind: ['y'] } },
      z: { type: 'float', min: 0, max: 1 },
    } satisfies ParametersJson,
    value: ({ kind, rate }: Params) => (kind === 'x' ? (Math.log10(rate as number) / 2 + 1) ** 2 : 1),
    total: { kind: 6 / 7, rate: 2 / 7, depth: 0, z: 0 },
  },
  /** A categorical of three equally likely values 0, 1, 3 (variance 14/9) and a float of variance 4/12. */
  categorical: {
    parameters: {
      kind: { type: 'categorical', values: ['a', 'b', 'c'] },
      x: { type: 'float', min: 0, max: 2 },
    } satisfies ParametersJson,
    value: ({ kind, x }: Params) => ({ a: 0, b: 1, c: 3 })[kind as string]! + (x as number),
    total: { kind: 14 / 9 / (14 / 9 + 1 / 3), x: 1 / 3 / (14 / 9 + 1 / 3) },
  },
} as const

/** By name of parameter. */
export function byName<T>(parameters: readonly ({ readonly name: string } & T)[]): Record<string, T> {
  return Object.fromEntries(parameters.map((one) => [one.name, one]))
}
