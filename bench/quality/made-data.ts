/**
 * Data sets that are drawn anew for every instance, in the shapes of scikit-learn's generators (Friedman's three functions
 * after Friedman 1991, Annals of Statistics 19(1), and Breiman 1996, Machine Learning 24; Madelon's classes after
 * Guyon 2003; Hastie's ten columns after Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 10.1),
 * and in some that tables of people have: columns of many texts, missing cells, few positives, errors with heavy tails.
 *
 * What is drawn depends on (name, instance) and the number of rows alone.
 */
import { csvText } from '../../src/csv-cell.js'
import type { Column, Dataset, Target } from '../../src/data/index.js'
import { type RandomStream, randomStream } from '../../src/numeric/index.js'
import type { JsonValue } from '../../src/values.js'

type Cell = number | string | null

interface Generator {
  readonly kind: Target['kind']
  /** One row after another: its cells, and its answer. What belongs to the whole is drawn before the first. */
  readonly open: (random: RandomStream) => () => { cells: Cell[]; answer: number | string }
}

const uniforms = (random: RandomStream, count: number) => Array.from({ length: count }, () => random.next())
const normals = (random: RandomStream, count: number) => Array.from({ length: count }, () => random.normal())
const signs = (random: RandomStream, count: number) => uniforms(random, count).map((u) => (u < 0.5 ? -1 : 1))
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0)

/** Student's t with 2 degrees of freedom: its variance is infinite. */
function heavy(random: RandomStream): number {
  const u = Math.min(0.9999, Math.max(0.0001, random.next()))
  return (2 * u - 1) / Math.sqrt(2 * u * (1 - u))
}

function friedman1(random: RandomStream) {
  return () => {
    const x = uniforms(random, 10)
    const signal =
      10 * Math.sin(Math.PI * x[0] * x[1]) + 20 * (x[2] - 0.5) * (x[2] - 0.5) + 10 * x[3] + 5 * x[4]
    return { cells: x, answer: signal + random.normal() }
  }
}

/** The circuit of Friedman's second and third function, whose columns are of very different sizes. */
function circuit(random: RandomStream, of: (x: readonly number[], w: number) => number, deviation: number) {
  return () => {
    const x = [
      100 * random.next(),
      40 * Math.PI + 520 * Math.PI * random.next(),
      random.next(),
      1 + 10 * random.next(),
    ]
    const w = x[1] * x[2] - 1 / (x[1] * x[3])
    return { cells: [...x, ...normals(random, 2)], answer: of(x, w) + deviation * random.normal() }
  }
}

/**
 * Classes as clusters at corners of a cube of `informative` columns, each cluster sheared in its own way; `redundant`
 * columns are sums of these, the others noise; a share `flipped` of the rows has any class.
 */
function clusters(
  random: RandomStream,
  { classes, each, informative, redundant, noise, apart, flipped, shares }: ClusterShape,
) {
  const centres = Array.from({ length: classes * each }, () =>
    signs(random, informative).map((sign) => apart * sign),
  )
  const shears = centres.map(() =>
    Array.from({ length: informative }, () => uniforms(random, informative).map((u) => 2 * u - 1)),
  )
  const sums = Array.from({ length: redundant }, () => normals(random, informative))
  const order = random.shuffle(Array.from({ length: informative + redundant + noise }, (_, i) => i))
  const drawClass = () => {
    let u = random.next()
    for (let c = 0; c < classes - 1; c++) {
      u -= shares?.[c] ?? 1 / classes
      if (u < 0) return c
    }
    return classes - 1
  }
  return () => {
    const c = drawClass()
    const cluster = c * each + random.integer(each)
    const z = normals(random, informative)
    const x = shears[cluster].map((row, i) => centres[cluster][i] + dot(row, z))
    const all = [...x, ...sums.map((sum) => dot(sum, x)), ...normals(random, noise)]
    const given = random.next() < flipped ? random.integer(classes) : c
    return { cells: order.map((i) => all[i]), answer: `c${given}` }
  }
}
interface ClusterShape {
  readonly classes: number
  readonly each: number
  readonly informative: number
  readonly redundant: number
  readonly noise: number
  /** From the middle of the cube to a face. */
  readonly apart: number
  readonly flipped: number
  /** Of the classes; equal unless given. */
  readonly shares?: readonly number[]
}

/** Effects of the levels of a text column; rarer levels have names too. */
function levels(random: RandomStream, count: number, deviation: number) {
  const effects = normals(random, count).map((effect) => deviation * effect)
  // The k-th level comes up about as often as 1/(k + 2), as words do.
  const weights = effects.map((_, k) => 1 / (k + 2))
  const total = weights.reduce((a, b) => a + b, 0)
  return () => {
    let u = total * random.next()
    let k = 0
    while (k < count - 1 && u >= weights[k]) u -= weights[k++]
    return { level: `l${k}`, effect: effects[k] }
  }
}

const logistic = (random: RandomStream, logit: number) => random.next() < 1 / (1 + Math.exp(-logit))

const generators = {
  friedman1: { kind: 'numbers', open: friedman1 },
  friedman2: {
    kind: 'numbers',
    open: (random) => circuit(random, (x, w) => Math.sqrt(x[0] * x[0] + w * w), 100),
  },
  friedman3: { kind: 'numbers', open: (random) => circuit(random, (x, w) => Math.atan(w / x[0]), 0.1) },
  /** Six of forty columns count. */
  sparse: {
    kind: 'numbers',
    open: (random) => {
      const effects = [3, -2, 1.5, 1, -1, 0.5]
      const order = random.shuffle(Array.from({ length: 40 }, (_, i) => i))
      return () => {
        const x = normals(random, 40)
        const signal = effects.reduce((sum, effect, i) => sum + effect * x[order[i]], 0)
        return { cells: x, answer: signal + 3 * random.normal() }
      }
    },
  },
  /** Thirty columns that three hidden ones stand behind. */
  correlated: {
    kind: 'numbers',
    open: (random) => {
      const behind = Array.from({ length: 30 }, () => normals(random, 3))
      const effects = normals(random, 30).map((effect, i) => (i % 3 === 0 ? effect : 0.1 * effect))
      return () => {
        const z = normals(random, 3)
        const x = behind.map((loading) => dot(loading, z) + 0.3 * random.normal())
        return { cells: x, answer: dot(effects, x) + 2 * random.normal() }
      }
    },
  },
  /** Errors and some columns with heavy tails. */
  'heavy-tailed': {
    kind: 'numbers',
    open: (random) => () => {
      const x = normals(random, 5)
      const tails = [heavy(random), heavy(random), heavy(random)]
      const signal = 3 * x[0] + 2 * Math.abs(x[1]) + x[2] * x[3] + 2 * Math.tanh(tails[0])
      return { cells: [...x, ...tails], answer: signal + heavy(random) }
    },
  },
  /** A few boxes with a number each. */
  steps: {
    kind: 'numbers',
    open: (random) => {
      const boxes = Array.from({ length: 12 }, () => ({
        column: random.integer(4),
        other: random.integer(4),
        from: random.next(),
        and: random.next(),
        height: 4 * random.normal(),
      }))
      return () => {
        const x = uniforms(random, 7)
        const signal = boxes.reduce(
          (sum, { column, other, from, and, height }) =>
            sum + (x[column] > from && x[other] > and ? height : 0),
          0,
        )
        return { cells: x, answer: signal + 1.5 * random.normal() }
      }
    },
  },
  waves: {
    kind: 'numbers',
    open: (random) => {
      const [a, b] = uniforms(random, 2)
      return () => {
        const x = uniforms(random, 2)
        const signal = Math.sin(9 * (x[0] + a)) + Math.cos(7 * (x[1] + b)) * x[0]
        return { cells: [...x, 3 * random.next()], answer: signal + 0.25 * random.normal() }
      }
    },
  },
  /** Numbers and three columns of texts, one with sixty levels; a tenth of the cells is missing. */
  prices: {
    kind: 'numbers',
    open: (random) => {
      const town = levels(random, 60, 2)
      const type = levels(random, 5, 1)
      const colour = levels(random, 9, 0.1)
      const orMissing = (cell: Cell): Cell => (random.next() < 0.1 ? null : cell)
      return () => {
        const x = normals(random, 4)
        const [t, k, c] = [town(), type(), colour()]
        const signal = 2 * x[0] + x[1] * x[1] + t.effect + k.effect * (1 + x[2]) + c.effect
        const cells = [...x.map(orMissing), orMissing(t.level), orMissing(k.level), orMissing(c.level)]
        return { cells, answer: 10 + signal + random.normal() }
      }
    },
  },
  rings: {
    kind: 'classes',
    open: (random) => () => {
      const x = normals(random, 5)
      const radius = x[0] * x[0] + x[1] * x[1] + 0.4 * random.normal()
      return { cells: x, answer: radius > 3 ? 'far' : radius > 1 ? 'ring' : 'near' }
    },
  },
  moons: {
    kind: 'classes',
    open: (random) => () => {
      const angle = Math.PI * random.next()
      const upper = random.next() < 0.5
      const x = upper ? Math.cos(angle) : 1 - Math.cos(angle)
      const y = upper ? Math.sin(angle) : 0.5 - Math.sin(angle)
      const cells = [x + 0.3 * random.normal(), y + 0.3 * random.normal(), random.normal()]
      return { cells, answer: upper ? 'upper' : 'lower' }
    },
  },
  checker: {
    kind: 'classes',
    open: (random) => {
      const [a, b] = uniforms(random, 2)
      return () => {
        const x = uniforms(random, 4)
        const black = (Math.floor(3 * x[0] + a) + Math.floor(3 * x[1] + b)) % 2 === 0
        return { cells: x, answer: black === random.next() < 0.92 ? 'black' : 'white' }
      }
    },
  },
  spirals: {
    kind: 'classes',
    open: (random) => () => {
      const arm = random.integer(3)
      const t = Math.sqrt(random.next())
      const angle = 5 * t + (2 * Math.PI * arm) / 3
      const noise = normals(random, 2).map((value) => 0.08 * value)
      const cells = [t * Math.cos(angle) + noise[0], 10 * (t * Math.sin(angle) + noise[1])]
      return { cells, answer: `arm${arm}` }
    },
  },
  hastie: {
    kind: 'classes',
    open: (random) => () => {
      const x = normals(random, 10)
      return { cells: x, answer: dot(x, x) > 9.34 ? 'out' : 'in' }
    },
  },
  informative: {
    kind: 'classes',
    open: (random) =>
      clusters(random, {
        ...{ classes: 2, each: 2, informative: 4, redundant: 3, noise: 8, apart: 1, flipped: 0.05 },
      }),
  },
  /** Five columns of twenty-five that clusters of both classes share, as Madelon. */
  madelon: {
    kind: 'classes',
    open: (random) =>
      clusters(random, {
        ...{ classes: 2, each: 4, informative: 4, redundant: 5, noise: 14, apart: 1.3, flipped: 0.02 },
      }),
  },
  /** One row of twelve is positive. */
  rare: {
    kind: 'classes',
    open: (random) =>
      clusters(random, {
        ...{ classes: 2, each: 2, informative: 5, redundant: 2, noise: 5, apart: 0.8, flipped: 0.02 },
        shares: [0.92, 0.08],
      }),
  },
  /** Two columns of texts with many levels that matter, one with few, and numbers. */
  categories: {
    kind: 'classes',
    open: (random) => {
      const city = levels(random, 50, 1.5)
      const maker = levels(random, 25, 1.2)
      const type = levels(random, 4, 0.6)
      return () => {
        const x = normals(random, 3)
        const [a, b, c] = [city(), maker(), type()]
        const logit = a.effect + b.effect + c.effect * x[0] + x[1]
        return {
          cells: [...x, a.level, b.level, c.level],
          answer: logistic(random, 1.5 * logit) ? 'yes' : 'no',
        }
      }
    },
  },
  /** A quarter of the cells is missing, more often where the answer is yes; columns of very different sizes. */
  missing: {
    kind: 'classes',
    open: (random) => {
      const group = levels(random, 6, 1)
      return () => {
        const x = normals(random, 6)
        const g = group()
        const logit = 1.5 * x[0] - x[1] + x[2] * x[3] + g.effect
        const yes = logistic(random, 1.5 * logit)
        const cells = [...x.map((value, j) => 10 ** (j - 2) * (value + 1)), g.level].map((cell, j) =>
          random.next() < (yes && j % 2 === 0 ? 0.35 : 0.2) ? null : cell,
        )
        return { cells, answer: yes ? 'yes' : 'no' }
      }
    },
  },
  /** Columns with outliers, so that it matters how they are scaled; planes divide the classes. */
  outliers: {
    kind: 'classes',
    open: (random) => {
      const effects = normals(random, 8)
      return () => {
        const x = normals(random, 8)
        const cells = x.map((value, j) =>
          j % 2 === 0 ? Math.sign(value) * Math.abs(value) ** 4 : 50 * value,
        )
        return { cells, answer: logistic(random, 2 * dot(effects, x)) ? 'yes' : 'no' }
      }
    },
  },
} as const satisfies Record<string, Generator>

export type MadeName = keyof typeof generators

export const isMade = (name: string): name is MadeName => Object.hasOwn(generators, name)

/** The data set of an instance. */
export function madeData(name: MadeName, instance: number, rows: number): Dataset {
  const random = randomStream(instance, 'data', name)
  const { kind, open }: Generator = generators[name]
  const next = open(random)
  const drawn = Array.from({ length: rows }, () => next())
  const columns = drawn[0].cells.map((_, j) =>
    columnOf(
      `x${j}`,
      drawn.map(({ cells }) => cells[j]),
    ),
  )
  const answers = drawn.map(({ answer }) => answer)
  const target: Target =
    kind === 'numbers'
      ? { kind, name: 'y', values: Float64Array.from(answers as number[]) }
      : { kind, name: 'y', ...coded(answers as string[]) }
  return { columns, target, rows, index: Int32Array.from({ length: rows }, (_, i) => i) }
}

function columnOf(name: string, cells: readonly Cell[]): Column {
  if (!cells.some((cell) => typeof cell === 'string'))
    return {
      name,
      kind: 'number',
      values: Float64Array.from(cells, (cell) => (cell as number) ?? Number.NaN),
    }
  const { codes, classes } = coded(cells as (string | null)[])
  return { name, kind: 'text', codes, categories: classes }
}

function coded(cells: readonly (string | null)[]): { codes: Int32Array; classes: string[] } {
  const classes = [...new Set(cells.filter((cell) => cell !== null))].sort()
  return { codes: Int32Array.from(cells, (cell) => (cell === null ? -1 : classes.indexOf(cell))), classes }
}

/** The same as the text of a CSV file, numbers exact. */
export function csvOf({ columns, target, index }: Dataset): string {
  const cell = (column: Column | Target, row: number): JsonValue => {
    if (column.kind === 'text') return column.categories[column.codes[row]] ?? null
    if (column.kind === 'classes') return column.classes[column.codes[row]]
    const value = column.values[row]
    return Number.isNaN(value) ? null : value
  }
  const all = [...columns, target]
  return csvText([all.map(({ name }) => name), ...Array.from(index, (row) => all.map((c) => cell(c, row)))])
}
