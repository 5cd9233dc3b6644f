/**
 * Synthetic tasks: test functions whose optimum is known (0 unless noise is added), moved for every instance so
 * that neither the centre nor a corner is the answer.
 *
 * An instance is a shift (and, where said, a rotation) drawn from (task, instance); a run's seed is its instance,
 * so that a few seeds already see different problems.
 *
 * Sources: the functions as in Surjanovic and Bingham, "Virtual Library of Simulation Experiments"
 * (sfu.ca/~ssurjano); mixed and conditional ones are made here in the shape of real tuning problems.
 */
import { randomStream } from '../../src/numeric/index.js'
import type { Params } from '../../src/values.js'

export interface Task {
  readonly name: string
  /** `choosing`: constants may be chosen on it. `reporting`: only ever reported. */
  readonly half: 'choosing' | 'reporting'
  readonly kind: 'continuous' | 'noisy' | 'mixed' | 'conditional' | 'discrete' | 'real' | 'tabular'
  /** Raised when the task changes, so that cached runs of the former one are not used. */
  readonly revision: number
  readonly parameters: Readonly<Record<string, unknown>>
  /** The true loss (less is better), without noise. */
  readonly loss: (params: Params, instance: number) => number | Promise<number>
  /** Standard deviation of the noise added to what the search is told. */
  readonly noise: number
}

type Vector = readonly number[]

function shiftOf(name: string, instance: number, d: number, low: number, high: number): number[] {
  const random = randomStream(instance, 'shift', name)
  return Array.from({ length: d }, () => low + (high - low) * (0.15 + 0.7 * random.next()))
}

/** A random rotation: Gram–Schmidt on a normal matrix. */
function rotationOf(name: string, instance: number, d: number): number[][] {
  const random = randomStream(instance, 'rotation', name)
  const rows: number[][] = []
  for (let i = 0; i < d; i++) {
    const row = Array.from({ length: d }, () => random.normal())
    for (const other of rows) {
      const dot = row.reduce((sum, v, j) => sum + v * other[j], 0)
      for (let j = 0; j < d; j++) row[j] -= dot * other[j]
    }
    const norm = Math.hypot(...row)
    rows.push(row.map((v) => v / norm))
  }
  return rows
}

const instances = new Map<string, { shift: number[]; rotation: number[][] | null }>()
function instanceOf(
  name: string,
  instance: number,
  d: number,
  low: number,
  high: number,
  rotated: boolean,
): { shift: number[]; rotation: number[][] | null } {
  const key = `${name} ${instance}`
  let found = instances.get(key)
  if (found === undefined) {
    found = {
      shift: shiftOf(name, instance, d, low, high),
      rotation: rotated ? rotationOf(name, instance, d) : null,
    }
    instances.set(key, found)
  }
  return found
}

/** A function of z with its minimum 0 at z = 0, on a box, shifted inside it. */
function box(
  name: string,
  half: Task['half'],
  d: number,
  low: number,
  high: number,
  f: (z: Vector) => number,
  options: { noise?: number; rotated?: boolean } = {},
): Task {
  const parameters: Record<string, unknown> = {}
  for (let i = 0; i < d; i++) parameters[`x${i}`] = { type: 'float', min: low, max: high }
  return {
    name,
    half,
    kind: options.noise ? 'noisy' : 'continuous',
    revision: 1,
    parameters,
    noise: options.noise ?? 0,
    loss(params, instance) {
      const { shift, rotation } = instanceOf(name, instance, d, low, high, options.rotated === true)
      let z: number[] = shift.map((s, i) => (params[`x${i}`] as number) - s)
      if (rotation !== null) z = rotation.map((row) => row.reduce((sum, r, j) => sum + r * z[j], 0))
      return f(z)
    },
  }
}

const sum = (z: Vector, f: (v: number, i: number) => number) => z.reduce((s, v, i) => s + f(v, i), 0)
const ellipsoid = (condition: number) => (z: Vector) =>
  sum(z, (v, i) => condition ** (i / Math.max(1, z.length - 1)) * v * v)
const ackley = (z: Vector) =>
  20 * (1 - Math.exp(-0.2 * Math.sqrt(sum(z, (v) => v * v) / z.length))) +
  Math.E -
  Math.exp(sum(z, (v) => Math.cos(2 * Math.PI * v)) / z.length)
const rosenbrock = (z: Vector) => sum(z.slice(1), (v, i) => 100 * (v + 1 - (z[i] + 1) ** 2) ** 2 + z[i] ** 2)
const rastrigin = (z: Vector) => sum(z, (v) => v * v - 10 * Math.cos(2 * Math.PI * v) + 10)
const griewank = (z: Vector) =>
  1 + sum(z, (v) => v * v) / 4000 - z.reduce((p, v, i) => p * Math.cos(v / Math.sqrt(i + 1)), 1)
function levy(z: Vector): number {
  const w = z.map((v) => 1 + v / 4)
  const last = w[w.length - 1]
  return (
    Math.sin(Math.PI * w[0]) ** 2 +
    sum(w.slice(0, -1), (v) => (v - 1) ** 2 * (1 + 10 * Math.sin(Math.PI * v + 1) ** 2)) +
    (last - 1) ** 2 * (1 + Math.sin(2 * Math.PI * last) ** 2)
  )
}
const styblinskiTang = (z: Vector) =>
  sum(z, (v) => {
    const x = v - 2.903534
    return (x ** 4 - 16 * x ** 2 + 5 * x) / 2 + 39.16616570377142
  })
const zakharov = (z: Vector) => {
  const linear = sum(z, (v, i) => 0.5 * (i + 1) * v)
  return sum(z, (v) => v * v) + linear ** 2 + linear ** 4
}

/** A fixed function on the unit cube, as published: shifted by a wrap-free stretch of each axis. */
function stretched(name: string, half: Task['half'], d: number, f: (u: Vector) => number, noise = 0): Task {
  const parameters: Record<string, unknown> = {}
  for (let i = 0; i < d; i++) parameters[`x${i}`] = { type: 'float', min: 0, max: 1 }
  return {
    name,
    half,
    kind: noise > 0 ? 'noisy' : 'continuous',
    revision: 1,
    parameters,
    noise,
    loss(params, instance) {
      // Each axis keeps its ends and moves its middle, and may be turned round: the optimum moves, nothing leaves the box.
      const { shift } = instanceOf(name, instance, d, 0, 1, false)
      return f(
        shift.map((s, i) => {
          const x = params[`x${i}`] as number
          const u = x <= s ? (0.5 * x) / s : 1 - (0.5 * (1 - x)) / (1 - s)
          const turned = Math.floor(s * 1000) % 2 === 0 ? u : 1 - u
          return turned
        }),
      )
    },
  }
}

function hartmann(a: Vector[], p: Vector[], optimum: number): (u: Vector) => number {
  const alpha = [1, 1.2, 3, 3.2]
  return (u) =>
    optimum - sum(alpha, (weight, i) => weight * Math.exp(-sum(u, (v, j) => a[i][j] * (v - p[i][j]) ** 2)))
}
const hartmann3 = hartmann(
  [
    [3, 10, 30],
    [0.1, 10, 35],
    [3, 10, 30],
    [0.1, 10, 35],
  ],
  [
    [0.3689, 0.117, 0.2673],
    [0.4699, 0.4387, 0.747],
    [0.1091, 0.8732, 0.5547],
    [0.0381, 0.5743, 0.8828],
  ],
  3.86278,
)
const hartmann6 = hartmann(
  [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
  ],
  [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
  ],
  3.32237,
)
function branin(u: Vector): number {
  const x = 15 * u[0] - 5
  const y = 15 * u[1]
  const a = y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6
  return a * a + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10 - 0.39788735772973816
}
function camel(u: Vector): number {
  const x = 6 * u[0] - 3
  const y = 4 * u[1] - 2
  return (4 - 2.1 * x * x + x ** 4 / 3) * x * x + x * y + (-4 + 4 * y * y) * y * y + 1.031628453489877
}
const michalewicz5 = (u: Vector) =>
  4.687658 -
  sum(u, (v, i) => Math.sin(v * Math.PI) * Math.sin(((i + 1) * (v * Math.PI) ** 2) / Math.PI) ** 20)
const schwefel = (u: Vector) =>
  418.9828872724339 * u.length -
  sum(u, (v) => (1000 * v - 500) * Math.sin(Math.sqrt(Math.abs(1000 * v - 500))))

const square = (v: number) => v * v
const log10 = Math.log10
/** A draw in [low, high] that belongs to (task, instance, key). */
function drawn(task: string, instance: number, key: string, low: number, high: number): number {
  return low + (high - low) * randomStream(instance, 'drawn', task, key).next()
}

const float = (min: number, max: number, scale: 'linear' | 'log' = 'linear', more = {}) => ({
  type: 'float',
  min,
  max,
  scale,
  ...more,
})
const int = (min: number, max: number, scale: 'linear' | 'log' = 'linear', more = {}) => ({
  type: 'int',
  min,
  max,
  scale,
  ...more,
})
const listed = (type: 'categorical' | 'ordinal', values: unknown[], more = {}) => ({ type, values, ...more })

/** In the shape of a kernel machine: two log scales that interact, and a kernel that moves the optimum. */
const kernelMachine: Task = {
  name: 'mixed-kernel-machine-6',
  half: 'choosing',
  kind: 'mixed',
  revision: 1,
  noise: 0,
  parameters: {
    c: float(1e-4, 1e4, 'log'),
    gamma: float(1e-6, 10, 'log'),
    kernel: listed('categorical', ['rbf', 'poly', 'laplace', 'sigmoid']),
    degree: int(1, 8),
    shrink: float(0, 1),
    weights: listed('categorical', [true, false]),
  },
  loss(p, instance) {
    const at = (key: string, low: number, high: number) => drawn('kernel-machine', instance, key, low, high)
    const kernel = p.kernel as string
    const c = log10(p.c as number) - at(`${kernel}c`, -2, 2)
    const gamma = log10(p.gamma as number) - at(`${kernel}g`, -4, 0)
    const ridge = square(c + gamma) / 6 + square(c - gamma) / 30
    return (
      at(`${kernel}base`, 0, 0.15) +
      0.5 * (1 - Math.exp(-ridge)) +
      0.01 * square((p.degree as number) - Math.round(at('degree', 2, 7))) +
      0.2 * square((p.shrink as number) - at('shrink', 0.1, 0.9)) +
      (p.weights === at('weights', 0, 1) < 0.5 ? 0.05 : 0)
    )
  },
}

/** An optimiser with its own parameters under it: what most conditional spaces look like. */
const optimisers: Task = {
  name: 'conditional-optimiser-9',
  half: 'choosing',
  kind: 'conditional',
  revision: 1,
  noise: 0,
  parameters: {
    optimiser: listed('categorical', ['sgd', 'adam', 'rmsprop']),
    sgdRate: float(1e-5, 1, 'log', { when: { optimiser: ['sgd'] } }),
    momentum: float(0, 0.99, 'linear', { when: { optimiser: ['sgd'] } }),
    adamRate: float(1e-6, 0.1, 'log', { when: { optimiser: ['adam'] } }),
    beta: float(0.8, 0.9999, 'linear', { when: { optimiser: ['adam'] } }),
    rmsRate: float(1e-6, 0.1, 'log', { when: { optimiser: ['rmsprop'] } }),
    layers: int(1, 6),
    width: int(8, 512, 'log'),
    dropout: float(0, 0.8),
  },
  loss(p, instance) {
    const at = (key: string, low: number, high: number) => drawn('optimisers', instance, key, low, high)
    const branch =
      p.optimiser === 'sgd'
        ? 0.12 * square(log10(p.sgdRate as number) - at('sgd', -3, -1)) +
          0.6 * square((p.momentum as number) - at('momentum', 0.5, 0.95))
        : p.optimiser === 'adam'
          ? 0.12 * square(log10(p.adamRate as number) - at('adam', -4, -2)) +
            4 * square((p.beta as number) - at('beta', 0.85, 0.99))
          : 0.12 * square(log10(p.rmsRate as number) - at('rms', -4, -2)) + at('rmsbase', 0, 0.1)
    const capacity = Math.log2(p.width as number) + 0.8 * (p.layers as number)
    return (
      at(`${p.optimiser}base`, 0, 0.1) +
      1 -
      Math.exp(-branch) +
      0.02 * square(capacity - at('capacity', 6, 11)) +
      0.5 * square((p.dropout as number) - at('dropout', 0.05, 0.6)) +
      0.02 * square((p.layers as number) - Math.round(at('layers', 1, 6)))
    )
  },
}

/** Plateaus and cliffs: a smooth bowl seen through steps, with a wall that a third of the box lies behind. */
const cliffs: Task = {
  ...box('cliffs-6', 'choosing', 6, -5, 5, (z) => {
    const bowl = Math.sqrt(sum(z, (v, i) => v * v * (1 + 0.3 * i)))
    return Math.floor(bowl * 4) / 4 + 0.02 * bowl + (z[0] + z[1] > 2.5 ? 5 : 0)
  }),
}

/** Losses over many orders of magnitude, as diverging training gives them. */
const heavyTail: Task = {
  ...box('heavy-tail-4', 'choosing', 4, 0, 1, (z) => Math.expm1(12 * Math.sqrt(sum(z, (v) => v * v)))),
}

/**
 * In the shape of a decision tree's depth, leaf size and gain: what counts is the smallest of three steps, so that two of
 * them change nothing at a time; four parameters change nothing at all.
 */
const staircase: Task = {
  name: 'staircase-8',
  half: 'choosing',
  kind: 'mixed',
  revision: 1,
  noise: 0,
  parameters: {
    depth: int(1, 24),
    leaf: int(1, 100, 'log'),
    gain: float(1e-4, 0.3, 'log'),
    rule: listed('categorical', ['a', 'b', 'c']),
    idle1: listed('categorical', ['a', 'b', 'c']),
    idle2: listed('categorical', ['a', 'b', 'c']),
    idle3: listed('categorical', [true, false]),
    idle4: float(0, 1),
  },
  loss(p, instance) {
    const at = (key: string, low: number, high: number) => drawn('staircase', instance, key, low, high)
    const size = Math.min(
      p.depth as number,
      Math.floor(23 * (1 - Math.log(p.leaf as number) / Math.log(100))) + 1,
      Math.floor((-23 * Math.log(p.gain as number)) / Math.log(1e4)) + 1,
    )
    const steps = Math.abs(size - Math.round(at(`${p.rule}size`, 5, 20)))
    // Every step has a height of its own, and the way down is not without a step up.
    return at(`${p.rule}base`, 0, 0.3) + 0.05 * steps + at(`${p.rule}step${size}`, 0, 0.3)
  },
}

/** Thirty dimensions of which six matter. */
const lowEffective: Task = {
  ...box('low-effective-30', 'choosing', 30, -5, 5, (z) => rosenbrock(z.slice(0, 6).map((v) => v / 3))),
}

/** In the shape of boosted trees: many rounds at a small rate or few at a large one, integers, a list. */
const boosting: Task = {
  name: 'mixed-boosting-8',
  half: 'reporting',
  kind: 'mixed',
  revision: 1,
  noise: 0.005,
  parameters: {
    rounds: int(10, 2000, 'log'),
    rate: float(1e-3, 1, 'log'),
    depth: int(1, 15),
    rows: float(0.2, 1, 'linear', { step: 0.05 }),
    columns: float(0.2, 1),
    l2: float(1e-5, 100, 'log'),
    growth: listed('categorical', ['depth', 'leaf', 'symmetric']),
    bins: listed('ordinal', [16, 32, 64, 128, 256]),
  },
  loss(p, instance) {
    const at = (key: string, low: number, high: number) => drawn('boosting', instance, key, low, high)
    const shrinkage = log10(p.rounds as number) + log10(p.rate as number) - at('product', 0, 1)
    const depth = (p.depth as number) - Math.round(at(`${p.growth}depth`, 3, 11))
    return (
      0.3 * Math.log1p(square(shrinkage) * 3) +
      0.15 * Math.log1p(0.2 * depth * depth) +
      0.02 * square(log10(p.rate as number) + 2) +
      0.3 * square((p.rows as number) - at('rows', 0.4, 0.95)) +
      0.2 * square((p.columns as number) - at('columns', 0.3, 0.9)) +
      0.006 * square(log10(p.l2 as number) - at('l2', -3, 1)) +
      at(`${p.growth}base`, 0, 0.08) +
      0.004 * Math.abs(Math.log2(p.bins as number) - 7)
    )
  },
}

/** A network whose layers exist only when there are that many. */
const network: Task = {
  name: 'conditional-network-8',
  half: 'reporting',
  kind: 'conditional',
  revision: 1,
  noise: 0,
  parameters: {
    layers: int(1, 3),
    width1: int(4, 256, 'log'),
    width2: int(4, 256, 'log', { when: { layers: [2, 3] } }),
    width3: int(4, 256, 'log', { when: { layers: [3] } }),
    rate: float(1e-5, 1, 'log'),
    regularised: listed('categorical', ['none', 'l2', 'dropout']),
    l2: float(1e-7, 0.1, 'log', { when: { regularised: ['l2'] } }),
    dropout: float(0.05, 0.8, 'linear', { when: { regularised: ['dropout'] } }),
  },
  loss(p, instance) {
    const at = (key: string, low: number, high: number) => drawn('network', instance, key, low, high)
    let shape = 0
    for (let i = 1; i <= (p.layers as number); i++) {
      shape += 0.02 * square(Math.log2(p[`width${i}`] as number) - at(`width${i}`, 3, 7))
    }
    const rate = log10(p.rate as number) - at(`rate${p.layers}`, -4, -1)
    const fit =
      p.regularised === 'l2'
        ? 0.02 * square(log10(p.l2 as number) - at('l2', -5, -2))
        : p.regularised === 'dropout'
          ? 0.6 * square((p.dropout as number) - at('dropout', 0.1, 0.6))
          : at('none', 0.05, 0.12)
    return (
      at(`layers${p.layers}`, 0, 0.1) + shape + fit + 0.4 * (1 - Math.exp(-rate * rate)) + 0.01 * rate * rate
    )
  },
}

/** Nothing but integers and lists, with pairwise interactions: 1,658,880 cells. */
const discrete: Task = {
  name: 'discrete-8',
  half: 'reporting',
  kind: 'discrete',
  revision: 1,
  noise: 0,
  parameters: {
    a: int(1, 12),
    b: int(1, 10),
    c: int(0, 15),
    d: int(1, 64, 'log'),
    e: listed('ordinal', [1, 2, 4, 8, 16, 32]),
    f: listed('categorical', ['u', 'v', 'w', 'x', 'y']),
    g: listed('categorical', [true, false]),
    h: int(0, 8, 'linear', { step: 2 }),
  },
  loss(p, instance) {
    const at = (key: string, low: number, high: number) => drawn('discrete', instance, key, low, high)
    const z = [
      ((p.a as number) - Math.round(at('a', 2, 11))) / 12,
      ((p.b as number) - Math.round(at('b', 2, 9))) / 10,
      ((p.c as number) - Math.round(at('c', 1, 14))) / 16,
      (Math.log2(p.d as number) - Math.log2(Math.round(2 ** at('d', 1, 5)))) / 6,
      (Math.log2(p.e as number) - Math.round(at('e', 0, 5))) / 6,
      ((p.h as number) - 2 * Math.round(at('h', 0, 4))) / 10,
    ]
    const pairs = z.reduce((total, v, i) => total + 0.6 * v * z[(i + 1) % z.length], 0)
    return (
      sum(z, (v) => v * v) +
      pairs +
      0.15 * Math.abs('uvwxy'.indexOf(p.f as string) - Math.floor(at('f', 0, 5))) ** 0.5 +
      (p.g === at('g', 0, 1) < 0.5 ? 0.08 * (1 + z[0]) : 0)
    )
  },
}

export const syntheticTasks: readonly Task[] = [
  stretched('branin-2', 'choosing', 2, branin),
  box('rastrigin-3', 'choosing', 3, -2.5, 2.5, rastrigin),
  box('rosenbrock-4', 'choosing', 4, -2, 2, rosenbrock),
  heavyTail,
  box('ackley-5', 'choosing', 5, -10, 10, ackley),
  cliffs,
  stretched('noisy-hartmann-6', 'choosing', 6, hartmann6, 0.1),
  kernelMachine,
  box('rotated-griewank-8', 'choosing', 8, -15, 15, griewank, { rotated: true }),
  optimisers,
  box('levy-10', 'choosing', 10, -10, 10, levy),
  box('ellipsoid-20', 'choosing', 20, -5, 5, ellipsoid(1000)),
  box('levy-24', 'choosing', 24, -10, 10, levy),
  lowEffective,
  staircase,

  stretched('camel-2', 'reporting', 2, camel),
  stretched('hartmann-3', 'reporting', 3, hartmann3),
  box('noisy-levy-4', 'reporting', 4, -10, 10, levy, { noise: 0.5 }),
  stretched('schwefel-4', 'reporting', 4, schwefel),
  stretched('michalewicz-5', 'reporting', 5, michalewicz5),
  box('styblinski-tang-8', 'reporting', 8, -2, 8, styblinskiTang),
  boosting,
  network,
  discrete,
  box('zakharov-10', 'reporting', 10, -5, 5, zakharov),
  box('ackley-15', 'reporting', 15, -10, 10, ackley),
  box('rosenbrock-30', 'reporting', 30, -2, 2, rosenbrock),
]
