/** Support vector machines against what is known of them: small ones by hand, and the conditions of an optimum. */
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import {
  fitClasses,
  fitNumbers,
  type KernelRoom,
  type SupportVectors,
} from '../../../src/training/learners/support-vectors.js'
import { decisionValues } from '../../../src/training/learners/svm-decisions.js'
import type { SvmKernel } from '../../../src/training/learners/svm-loops.js'
import type { Matrix } from '../../../src/training/matrix.js'
import type { LearnerContext } from '../../../src/training/pipeline.js'
import { fitSigmoid } from '../../../src/training/platt.js'
import { nothingShared, Preparation } from '../../../src/training/preparation.js'
import { context as training } from '../../laws/trainer.js'

const anyRows: LearnerContext['rows'] = {
  index: new Int32Array(0),
  rows: 0,
  target: { kind: 'numbers', name: 'y', values: new Float64Array(0) },
}
const context = (parts: Partial<LearnerContext> = {}): LearnerContext => ({
  ...training(),
  weights: null,
  weightsKey: 'weights',
  rows: anyRows,
  shared: nothingShared,
  features: () => [],
  ...parts,
})
const matrix = (columns: number, ...values: number[]): Matrix => ({
  rows: values.length / columns,
  columns,
  values: Float64Array.from(values),
})
const linear: SvmKernel = { kind: 'linear', gamma: 1, coef0: 0, degree: 1 }
const near = (found: ArrayLike<number>, expected: number[], within = 1e-6) => {
  expect(found.length).toBe(expected.length)
  expected.forEach((value, i) => {
    expect(Math.abs(found[i] - value)).toBeLessThan(within)
  })
}
const classes = (
  x: Matrix,
  codes: number[],
  kernel: SvmKernel,
  cost: number,
  parts: Partial<LearnerContext> = {},
) =>
  fitClasses(
    x,
    Int32Array.from(codes),
    Math.max(...codes) + 1,
    { kernel, cost, probabilities: false },
    context(parts),
  )

describe('machines worked out by hand', () => {
  it('two points: f(x) = x, β = ±1/2', async () => {
    const machine = await classes(matrix(1, 1, -1), [0, 1], linear, 10)
    near(machine.coefficients, [0.5, -0.5])
    near(machine.rho, [0])
    near(decisionValues(machine)(matrix(1, 3, 0.25, -7)), [3, 0.25, -7])
  })

  it('two points with a cost that binds: β = ±C', async () => {
    const machine = await classes(matrix(1, 1, -1), [0, 1], linear, 0.125)
    near(machine.coefficients, [0.125, -0.125], 1e-12)
    near(decisionValues(machine)(matrix(1, 2)), [0.5])
  })

  it('two points and the rbf kernel: β = ±1/(1 − exp(−γ d²))', async () => {
    const kernel: SvmKernel = { kind: 'rbf', gamma: 0.3, coef0: 0, degree: 1 }
    const machine = await classes(matrix(2, 1, 2, 2, 0), [0, 1], kernel, 100)
    const beta = 1 / (1 - Math.exp(-0.3 * 5))
    near(machine.coefficients, [beta, -beta])
  })

  it('three points: the one behind the margin is no vector, and ρ is where the others meet', async () => {
    const machine = await classes(matrix(1, 2, 0, 5), [0, 1, 0], linear, 10)
    expect(Array.from(machine.counts)).toEqual([1, 1])
    near(machine.coefficients, [0.5, -0.5])
    // f(x) = x − 1.
    near(decisionValues(machine)(matrix(1, 2, 0, 5, 1)), [1, -1, 4, 0])
  })

  it('four points of exclusive or and (xᵀy + 1)²: β = ±1/8', async () => {
    // Minsky and Papert's example; Cherkassky and Mulier (1998) work it out: f(x) = −x₁ x₂.
    const kernel: SvmKernel = { kind: 'polynomial', gamma: 1, coef0: 1, degree: 2 }
    const machine = await classes(matrix(2, -1, 1, 1, -1, -1, -1, 1, 1), [0, 0, 1, 1], kernel, 100)
    near(machine.coefficients, [0.125, 0.125, -0.125, -0.125], 1e-4)
    near(decisionValues(machine)(matrix(2, 0.5, 3, -2, 2)), [-1.5, 4], 1e-2)
  })

  it('weights: of three points on both sides of two, each multiplier ends at its own cost', async () => {
    // The two at −1 share what the one at 1 takes: 0.2, in the proportion of nothing but their bounds.
    const weights = Float64Array.of(4, 1, 1)
    const machine = await classes(matrix(1, 1, -1, -1), [0, 1, 1], linear, 0.1, { weights })
    // Costs 0.2, 0.05, 0.05: both of the second class are at their bound, the first balances them.
    near(machine.coefficients, [0.1, -0.05, -0.05], 1e-9)
  })

  it('three classes: a machine for each pair', async () => {
    const machine = await classes(matrix(1, 0, 2, 10), [0, 1, 2], linear, 10)
    expect(Array.from(machine.counts)).toEqual([1, 1, 1])
    // Pairs at distance 2, 10, 8: β = 2/d².
    near(machine.coefficients, [0.5, -0.5, -0.02, 0.02, 0.03125, -0.03125])
    near(decisionValues(machine)(matrix(1, 4)), [1 - 4, 1 - 4 / 5, 1.5 - 4 / 4], 1e-5)
  })

  it('numbers: a line with slack of ε at both ends', async () => {
    const x = matrix(1, -1, 1)
    const machine = await fitNumbers(
      x,
      Float64Array.of(-1, 1),
      { kernel: linear, cost: 10, epsilon: 0.1 },
      context(),
    )
    // f(x) = 0.9 x.
    near(machine.coefficients, [-0.45, 0.45])
    near(decisionValues(machine)(matrix(1, 2, 0)), [1.8, 0])
  })

  it('numbers within ε of each other need no vectors: the middle', async () => {
    const x = matrix(1, 0, 1, 2)
    const machine = await fitNumbers(
      x,
      Float64Array.of(5, 5.1, 5.05),
      { kernel: linear, cost: 1, epsilon: 0.2 },
      context(),
    )
    expect(machine.vectors.length).toBe(0)
    near(decisionValues(machine)(matrix(1, 7)), [5.05])
  })
})

/** The kernel in doubles. */
function kernelValue({ kind, gamma, coef0, degree }: SvmKernel, a: Float64Array, b: Float64Array): number {
  let [distance, product] = [0, 0]
  a.forEach((value, j) => {
    distance += (value - b[j]) * (value - b[j])
    product += value * b[j]
  })
  if (kind === 'rbf') return Math.exp(-gamma * distance)
  if (kind === 'linear') return product
  if (kind === 'sigmoid') return Math.tanh(gamma * product + coef0)
  let power = 1
  for (let p = 0; p < degree; p++) power *= gamma * product + coef0
  return power
}

const kernels: SvmKernel[] = [
  { kind: 'rbf', gamma: 0.2, coef0: 0, degree: 1 },
  { kind: 'rbf', gamma: 3, coef0: 0, degree: 1 },
  { kind: 'linear', gamma: 1, coef0: 0, degree: 1 },
  { kind: 'polynomial', gamma: 0.2, coef0: 1, degree: 3 },
  { kind: 'sigmoid', gamma: 0.05, coef0: -0.3, degree: 1 },
]

function randomRows(seed: number, rows: number, columns: number, groups: number) {
  const random = randomStream(seed, 'rows')
  const values = Float64Array.from({ length: rows * columns }, () => random.normal())
  const codes = Int32Array.from({ length: rows }, (_, i) => (i < groups ? i : random.integer(groups)))
  for (let i = 0; i < rows; i++) values[i * columns] += codes[i]
  const weights = Float64Array.from({ length: rows }, () => 0.2 + random.next())
  const y = Float64Array.from(
    { length: rows },
    (_, i) => Math.sin(values[i * columns]) + 0.3 * random.normal(),
  )
  return { x: { rows, columns, values }, codes, weights, y }
}

const rowOf = (x: Matrix, i: number) => x.values.subarray(i * x.columns, (i + 1) * x.columns)

/** A row as the machine's ρ supposes it: moved by the centre. */
const centred = ({ scale }: SupportVectors, x: Matrix, i: number) =>
  rowOf(x, i).map((value, j) => value - scale.centre[j])

/** β of every row for a line of coefficients, found by the rows themselves. */
function betaOfRows(machine: SupportVectors, x: Matrix, line: number): Float64Array {
  const size = machine.vectors.length / machine.columns
  const beta = new Float64Array(x.rows)
  const place = new Map<string, number>()
  const text = (row: ArrayLike<number>) => Array.from(row, Math.fround).join()
  for (let i = 0; i < x.rows; i++) {
    const row = rowOf(x, i).map((value, j) => (value - machine.scale.centre[j]) * machine.scale.factor)
    place.set(text(row), i)
  }
  for (let v = 0; v < size; v++) {
    const i = place.get(text(machine.vectors.subarray(v * x.columns, (v + 1) * x.columns)))!
    beta[i] = machine.coefficients[line * size + v]
  }
  return beta
}

/** Stopped at 0.001, with kernels in singles. */
const slack = 0.0015

describe('the conditions of an optimum hold (Karush, Kuhn and Tucker)', () => {
  it.each(kernels)('classes with weights: $kind, γ $gamma', async (kernel) => {
    for (const [seed, rows, columns, groups, cost] of [
      [1, 60, 3, 2, 1],
      [2, 90, 5, 3, 20],
      [3, 41, 2, 4, 0.3],
    ]) {
      const { x, codes, weights } = randomRows(seed, rows, columns, groups)
      const machine = await fitClasses(
        x,
        codes,
        groups,
        { kernel, cost, probabilities: false },
        context({ weights }),
      )
      const mean = weights.reduce((sum, weight) => sum + weight, 0) / rows
      let pair = 0
      for (let a = 0; a < groups; a++) {
        for (let b = a + 1; b < groups; b++, pair++) {
          const [lineA, lineB] = [betaOfRows(machine, x, b - 1), betaOfRows(machine, x, a)]
          const members = Array.from(codes, (_, i) => i).filter((i) => codes[i] === a || codes[i] === b)
          const beta = (i: number) => (codes[i] === a ? lineA[i] : lineB[i])
          expect(Math.abs(members.reduce((sum, i) => sum + beta(i), 0))).toBeLessThan(1e-9 * cost * rows)
          for (const i of members) {
            const sign = codes[i] === a ? 1 : -1
            const [alpha, most] = [sign * beta(i), (cost * weights[i]) / mean]
            expect(alpha).toBeGreaterThanOrEqual(0)
            expect(alpha).toBeLessThanOrEqual(most * (1 + 1e-12))
            const f = members.reduce(
              (sum, j) => sum + beta(j) * kernelValue(kernel, centred(machine, x, j), centred(machine, x, i)),
              0,
            )
            const margin = sign * (f - machine.rho[pair])
            if (alpha < most * (1 - 1e-9)) expect(margin).toBeGreaterThan(1 - slack)
            if (alpha > 0) expect(margin).toBeLessThan(1 + slack)
          }
        }
      }
    }
  })

  it.each(kernels)('numbers with weights: $kind, γ $gamma', async (kernel) => {
    const { x, y, weights } = randomRows(7, 70, 3, 1)
    const [cost, epsilon] = [2, 0.1]
    const machine = await fitNumbers(x, y, { kernel, cost, epsilon }, context({ weights }))
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / x.rows
    const beta = betaOfRows(machine, x, 0)
    expect(Math.abs(beta.reduce((sum, one) => sum + one, 0))).toBeLessThan(1e-9)
    for (let i = 0; i < x.rows; i++) {
      let f = -machine.rho[0]
      beta.forEach((one, j) => {
        f += one * kernelValue(kernel, centred(machine, x, j), centred(machine, x, i))
      })
      const [off, most] = [y[i] - f, (cost * weights[i]) / mean]
      expect(Math.abs(beta[i])).toBeLessThanOrEqual(most * (1 + 1e-12))
      // Above the tube β is at its bound, within it 0, on its edge between.
      if (beta[i] < most * (1 - 1e-9)) expect(off).toBeLessThan(epsilon + slack)
      if (beta[i] > 0) expect(off).toBeGreaterThan(epsilon - slack)
      if (beta[i] > -most * (1 - 1e-9)) expect(off).toBeGreaterThan(-epsilon - slack)
      if (beta[i] < 0) expect(off).toBeLessThan(-epsilon + slack)
    }
  })

  it.each(kernels)('decision values are those of the formula in doubles: $kind, γ $gamma', async (kernel) => {
    const { x, y } = randomRows(8, 50, 4, 1)
    const machine = await fitNumbers(x, y, { kernel, cost: 1, epsilon: 0.05 }, context())
    const asked = randomRows(9, 70, 4, 1).x
    const beta = betaOfRows(machine, x, 0)
    const expected = Array.from({ length: asked.rows }, (_, i) =>
      beta.reduce(
        (sum, one, j) => sum + one * kernelValue(kernel, centred(machine, x, j), centred(machine, asked, i)),
        -machine.rho[0],
      ),
    )
    near(decisionValues(machine)(asked), expected, 2e-5)
  })
})

describe('the same machine, bit for bit', () => {
  const { x, codes, y, weights } = randomRows(11, 70, 3, 3)
  const plain = (machine: SupportVectors) =>
    JSON.stringify({ ...machine, decisions: Array.from(decisionValues(machine)(x)) })
  const rooms: [string, KernelRoom][] = [
    ['for all', { measures: 1 << 24, rows: 1 << 24, inner: 1 << 24 }],
    ['for two kernel rows', { measures: 1 << 24, rows: 0, inner: 0 }],
    ['for three', { measures: 0, rows: 3 * 4 * 56, inner: 1 << 24 }],
    ['for some', { measures: 0, rows: 20 * 4 * 56, inner: 0 }],
  ]

  it.each(kernels)(
    'whatever room there is, and whatever was fitted before: $kind, γ $gamma',
    async (kernel) => {
      const machines = async (cost: number, parts: Partial<LearnerContext>, room?: KernelRoom) => [
        plain(
          await fitClasses(
            x,
            codes,
            3,
            { kernel, cost, probabilities: true, ...(room && { room }) },
            context(parts),
          ),
        ),
        plain(await fitNumbers(x, y, { kernel, cost, epsilon: 0.1, ...(room && { room }) }, context(parts))),
      ]
      const alone = await machines(2, { weights })
      for (const [name, room] of rooms) {
        const shared = new Preparation(64).part('fold', () => ({
          training: { rows: 0 } as never,
          heldOut: null,
          positions: new Int32Array(0),
        }))
        await machines(5, { shared }, room)
        expect([name, await machines(2, { shared, weights }, room)]).toEqual([name, alone])
        await machines(0.1, { shared }, room)
        expect([name, await machines(2, { shared, weights }, room)]).toEqual([name, alone])
        expect([name, await machines(2, { weights }, room)]).toEqual([name, alone])
      }
    },
  )

  it('for rows that are moved by a constant, or so large that their squares would overflow', async () => {
    const kernel = kernels[0]
    const of = (values: Float64Array, gamma: number) =>
      fitClasses(
        { ...x, values },
        codes,
        3,
        { kernel: { ...kernel, gamma }, cost: 2, probabilities: false },
        context(),
      )
    const first = await of(x.values, 0.25)
    const large = await of(
      x.values.map((value) => value * 2 ** 400),
      0.25 * 2 ** -800,
    )
    expect(large.coefficients).toEqual(first.coefficients)
    const moved = await of(
      x.values.map((value) => value + 4096),
      0.25,
    )
    near(moved.coefficients, Array.from(first.coefficients), 1e-2)
  })
})

describe('a long fit', () => {
  it('stops where it is aborted', async () => {
    const { x, codes } = randomRows(5, 1500, 2, 2)
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 30)
    // Hardly separable, at a cost that lets it take minutes.
    const kernel: SvmKernel = { kind: 'rbf', gamma: 0.5, coef0: 0, degree: 1 }
    const fitted = fitClasses(
      x,
      codes,
      2,
      { kernel, cost: 1e6, probabilities: false },
      context({ signal: controller.signal }),
    )
    await expect(fitted).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe("Platt's sigmoid", () => {
  it('is where the gradient of the cross-entropy to the drawn in targets is 0', () => {
    const random = randomStream(3, 'decisions')
    const f = Float64Array.from({ length: 80 }, () => 2 * random.normal())
    const isFirst = Array.from(f, (value) => value + random.normal() > 0.4)
    const { a, b } = fitSigmoid(f, isFirst)
    const positive = isFirst.filter(Boolean).length
    const [high, low] = [(positive + 1) / (positive + 2), 1 / (80 - positive + 2)]
    const loss = (slope: number, offset: number) =>
      f.reduce((sum, value, i) => {
        const p = 1 / (1 + Math.exp(slope * value + offset))
        const target = isFirst[i] ? high : low
        return sum - target * Math.log(p) - (1 - target) * Math.log(1 - p)
      }, 0)
    const h = 1e-5
    expect(a).toBeLessThan(0)
    expect(Math.abs((loss(a + h, b) - loss(a - h, b)) / (2 * h))).toBeLessThan(1e-4)
    expect(Math.abs((loss(a, b + h) - loss(a, b - h)) / (2 * h))).toBeLessThan(1e-4)
  })
})
