/**
 * Functions whose shares are known: by closed form (test/analysis/support.ts), else by dense quasi-random points of the
 * function itself, without its noise.
 */
import { sobolPoints } from '../../src/analysis/sobol-indices.js'
import { createSpace, type ParametersJson } from '../../src/space/index.js'
import type { Params } from '../../src/values.js'
import { closedForms } from '../../test/analysis/support.js'

export interface Known {
  readonly parameters: ParametersJson
  value(params: Params): number
  /** Deviation of what is added to a value. */
  readonly noise?: number
  /** Total Sobol' indices, where there is a closed form. */
  readonly total?: Readonly<Record<string, number>>
}

type Numbers = Readonly<Record<string, number>>

const numbers = (params: Params) => params as Numbers
const floats = (d: number, min = 0, max = 1): ParametersJson =>
  Object.fromEntries(Array.from({ length: d }, (_, i) => [`x${i}`, { type: 'float', min, max } as const]))
const square = (x: number) => x * x

const branin = ({ x, y }: Numbers) =>
  square(y - (5.1 / (4 * Math.PI * Math.PI)) * x * x + (5 / Math.PI) * x - 6) +
  10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x)
const braninSpace: ParametersJson = {
  x: { type: 'float', min: -5, max: 10 },
  y: { type: 'float', min: 0, max: 15 },
}

/** Hartmann's function of six variables (Dixon and Szegö 1978). */
const hartmann = {
  alpha: [1, 1.2, 3, 3.2],
  a: [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
  ],
  p: [
    [1312, 1696, 5569, 124, 8283, 5886],
    [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650],
    [4047, 8828, 8732, 5743, 1091, 381],
  ],
}

export const functions: Readonly<Record<string, Known>> = {
  ishigami: closedForms.ishigami,
  linear: closedForms.linear,
  'one of ten': closedForms.oneOfTen,
  'category and number': closedForms.categorical,
  conditional: closedForms.conditional,
  branin: { parameters: braninSpace, value: (params) => branin(numbers(params)) },
  'branin with noise': { parameters: braninSpace, value: (params) => branin(numbers(params)), noise: 15 },
  'hartmann 6': {
    parameters: floats(6),
    value: (params) =>
      -hartmann.alpha.reduce((all, alpha, k) => {
        const far = hartmann.a[k].reduce(
          (sum, a, i) => sum + a * square(numbers(params)[`x${i}`] - hartmann.p[k][i] / 10_000),
          0,
        )
        return all + alpha * Math.exp(-far)
      }, 0),
  },
  mixed: {
    parameters: {
      rate: { type: 'float', min: 1e-5, max: 1, scale: 'log' },
      depth: { type: 'int', min: 1, max: 15 },
      kind: { type: 'categorical', values: ['a', 'b', 'c'] },
      momentum: { type: 'float', min: 0, max: 1, when: { kind: ['c'] } },
    },
    value({ rate, depth, kind, momentum }) {
      const ofKind = kind === 'a' ? 0 : kind === 'b' ? 0.2 : 0.35 + square((momentum as number) - 0.7)
      return square(Math.log10(rate as number) + 2.3) / 8 + Math.abs((depth as number) - 6) / 12 + ofKind
    },
  },
  // A valley: the best rate hangs on the size of a batch, and far from it training diverges to a loss that is bounded.
  'logarithmic scales': {
    parameters: {
      rate: { type: 'float', min: 1e-5, max: 1, scale: 'log' },
      batch: { type: 'int', min: 8, max: 512, scale: 'log' },
      decay: { type: 'float', min: 1e-6, max: 1e-1, scale: 'log' },
      dropout: { type: 'float', min: 0, max: 0.6 },
    },
    value(params) {
      const { rate, batch, decay, dropout } = numbers(params)
      const off = Math.log10(rate) + 2.5 - 0.8 * (Math.log10(batch) - 1.8)
      return (
        2.3 * (1 - Math.exp(-0.4 * off * off)) +
        0.05 * square(Math.log10(decay) + 3.5) +
        square(dropout - 0.2)
      )
    },
  },
  'linear with noise': { ...closedForms.linear, noise: 0.8 },
  // Most of the space is as bad as can be: an accuracy of chance.
  plateau: {
    parameters: floats(4),
    value(params) {
      const { x0, x1, x2 } = numbers(params)
      return -Math.max(0.1, 0.95 - 3 * square(x0 - 0.3) - 2 * square(x1 - 0.6) - 0.3 * x2)
    },
  },
  // In steps, as an error rate of few rows.
  steps: {
    parameters: floats(3),
    value(params) {
      const { x0, x1, x2 } = numbers(params)
      return Math.round(20 * (0.6 * Math.abs(x0 - 0.4) + 0.3 * x1 + 0.1 * Math.sin(6 * x2))) / 20
    },
  },
  // Sobol' 2001: Π (|4xᵢ − 2| + aᵢ)/(1 + aᵢ).
  'function g': {
    parameters: floats(5),
    value: (params) =>
      [0, 0.5, 3, 9, 99].reduce(
        (all, a, i) => (all * (Math.abs(4 * numbers(params)[`x${i}`] - 2) + a)) / (1 + a),
        1,
      ),
  },
  // Friedman 1991, five of eight parameters.
  friedman: {
    parameters: floats(8),
    value(params) {
      const { x0, x1, x2, x3, x4 } = numbers(params)
      return 10 * Math.sin(Math.PI * x0 * x1) + 20 * square(x2 - 0.5) + 10 * x3 + 5 * x4
    },
    noise: 1,
  },
  rosenbrock: {
    parameters: floats(3, -2, 2),
    value(params) {
      const { x0, x1, x2 } = numbers(params)
      return 100 * (square(x1 - x0 * x0) + square(x2 - x1 * x1)) + square(1 - x0) + square(1 - x1)
    },
  },
}

const dense = 16_384

/** True shares of importance, by name of parameter. */
export function trueShares({ parameters, value, total }: Known): Readonly<Record<string, number>> {
  const space = createSpace(parameters)
  const names = space.dimensions.map(({ parameter }) => parameter.name)
  const indices =
    total === undefined
      ? [
          ...sobolPoints(space).total(
            (points) => Float64Array.from(points, (at) => value(space.decode(at))),
            dense,
          ),
        ]
      : names.map((name) => total[name])
  const sum = indices.reduce((all, one) => all + one, 0)
  return Object.fromEntries(names.map((name, i) => [name, indices[i] / sum]))
}
