/** The data sets of the training bench: digits, and three that are generated, the same at every run. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Dataset } from '../../../src/data/index.js'
import { randomStream } from '../../../src/numeric/index.js'

export interface BenchSet {
  readonly name: string
  readonly rows: number
  readonly columns: number
  /** 0: the target is numbers. */
  readonly classes: number
  /** Row-major. */
  readonly x: Float64Array
  readonly y: Float64Array
}

/** Rows around two centres a class, with some columns of noise; `levels`: cells are whole numbers below it, as letters' are. */
function blobs(
  name: string,
  rows: number,
  columns: number,
  classes: number,
  spread: number,
  levels = 0,
): BenchSet {
  const random = randomStream(1, `bench-training-${name}`)
  const informative = Math.ceil(columns * 0.6)
  const centres = Float64Array.from({ length: 2 * classes * informative }, () => random.next())
  const x = new Float64Array(rows * columns)
  const y = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    const kind = random.integer(2 * classes)
    y[i] = kind % classes
    for (let j = 0; j < columns; j++) {
      const centre = j < informative ? centres[kind * informative + j] : 0.5
      // The sum of three is near enough to a normal one, and the same on every Node.
      const noise = random.next() + random.next() + random.next() - 1.5
      const cell = centre + spread * noise
      x[i * columns + j] =
        levels > 0
          ? Math.min(levels - 1, Math.max(0, Math.round(cell * levels)))
          : Math.round(cell * 1e4) / 1e4
    }
  }
  return { name, rows, columns, classes, x, y }
}

/** Friedman's first function (1991) of 5 columns, with 15 of noise. */
function friedman(rows: number): BenchSet {
  const random = randomStream(1, 'bench-training-friedman')
  const columns = 20
  const x = Float64Array.from({ length: rows * columns }, () => Math.round(random.next() * 1e4) / 1e4)
  const y = Float64Array.from({ length: rows }, (_, i) => {
    const [a, b, c, d, e] = x.subarray(i * columns, i * columns + 5)
    const noise = random.next() + random.next() + random.next() - 1.5
    return 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) * (c - 0.5) + 10 * d + 5 * e + 2 * noise
  })
  return { name: 'friedman 13,333×20', rows, columns, classes: 0, x, y }
}

function digits(): BenchSet {
  const file = fileURLToPath(new URL('../../../search-spaces/data/digits.csv', import.meta.url))
  const [header, ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/)
  const columns = header.split(',').length - 1
  const x = new Float64Array(lines.length * columns)
  const y = new Float64Array(lines.length)
  lines.forEach((line, i) => {
    const cells = line.split(',').map(Number)
    x.set(cells.slice(0, columns), i * columns)
    y[i] = cells[columns]
  })
  return { name: 'digits 1,797×64', rows: lines.length, columns, classes: 10, x, y }
}

export const sets: Readonly<Record<string, () => BenchSet>> = {
  digits,
  wide: () => blobs('5,000×40', 5_000, 40, 2, 0.45),
  letters: () => blobs('20,000×16, 26 classes', 20_000, 16, 26, 0.25, 16),
  long: () => blobs('100,000×30', 100_000, 30, 5, 0.4),
  friedman: () => friedman(13_333),
}

/** Every third row is held out. */
export function divided(set: BenchSet): { readonly training: Dataset; readonly heldOut: Dataset } {
  const { rows, columns, classes, x, y } = set
  const named = Array.from({ length: columns }, (_, j) => ({
    name: `x${j}`,
    kind: 'number' as const,
    values: Float64Array.from({ length: rows }, (_, i) => x[i * columns + j]),
  }))
  const target =
    classes > 0
      ? {
          kind: 'classes' as const,
          name: 'y',
          codes: Int32Array.from(y),
          classes: Array.from({ length: classes }, (_, c) => String(c)),
        }
      : { kind: 'numbers' as const, name: 'y', values: y }
  const select = (held: boolean): Dataset => {
    const index = Int32Array.from({ length: rows }, (_, i) => i).filter((i) => (i % 3 === 2) === held)
    return { columns: named, index, rows: index.length, target }
  }
  return { training: select(false), heldOut: select(true) }
}

/** The set as files: for Python, and as a CSV for a sweep. */
export function written(set: BenchSet, directory: string) {
  mkdirSync(directory, { recursive: true })
  const { rows, columns, classes, x, y } = set
  const file = (end: string) => join(directory, `data.${end}`)
  writeFileSync(file('x'), x)
  writeFileSync(file('y'), y)
  const lines = [[...Array.from({ length: columns }, (_, j) => `x${j}`), 'y'].join(',')]
  for (let i = 0; i < rows; i++)
    lines.push([...x.subarray(i * columns, (i + 1) * columns), classes > 0 ? `c${y[i]}` : y[i]].join(','))
  writeFileSync(file('csv'), lines.join('\n'))
  return { x: file('x'), y: file('y'), csv: file('csv'), rows, columns, classes }
}
