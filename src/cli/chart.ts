/**
 * Charts in characters. A small one of the best value so far, drawn with the dots of braille, two by four in a character;
 * and one of all values by trial, with axes. Up is the greater value in both. A value that is far worse than most would press
 * the others flat: the worse end of the axis is drawn in for it.
 */
import { type Direction, isBetter } from '../values.js'
import { number } from './format.js'

/** A value that was better than all before it. */
export interface Improvement {
  /** How many trials had ended before. */
  readonly at: number
  readonly value: number
}

/** A trial that finished. */
export interface Point {
  readonly trial: number
  readonly value: number
}

/** Its lines from above, and what the highest and the lowest row stand for. */
export interface StepChart extends Range {
  readonly lines: readonly string[]
}

interface Range {
  readonly low: number
  readonly high: number
}

/**
 * The range to draw: from the best value to the worst, or so far beyond three quarters of them as these reach. null where all are
 * one value, which is no picture.
 */
function rangeOf(values: readonly number[], direction: Direction): Range | null {
  const sorted = [...values].sort((a, b) => (isBetter(a, b, direction) ? -1 : 1))
  const best = sorted[0]
  const worst = sorted[sorted.length - 1]
  const most = sorted[Math.floor((sorted.length - 1) * 0.75)]
  const limit = best + 2.5 * (most - best)
  const within = (value: number) => most === best || !isBetter(limit, value, direction)
  const end = within(worst) ? worst : sorted.findLast(within)!
  return best === end ? null : { low: Math.min(best, end), high: Math.max(best, end) }
}

/** 0 … cells − 1, from the lowest up; outside of that for a value that is off the chart. */
function cellOf(value: number, { low, high }: Range, cells: number): number {
  return Math.round(((value - low) / (high - low)) * (cells - 1))
}

const clamped = (cell: number, cells: number) => Math.max(0, Math.min(cells - 1, cell))

const noDots = 0x2800
/** The bits of a character's dots, by column, from above. */
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const

const legend = '• value  ─ best so far'

/** The trials that were better than all before them. */
export function improvementsOf(points: readonly Point[], direction: Direction): Point[] {
  const better: Point[] = []
  for (const point of points)
    if (better.length === 0 || isBetter(point.value, better[better.length - 1].value, direction))
      better.push(point)
  return better
}

/**
 * The best value so far as a line of steps, in `height` lines of `width` characters; null where it has not moved.
 * @param ended trials that have ended.
 * @param trials what the width stands for; at least `ended`.
 */
export function stepChart(
  improvements: readonly Improvement[],
  { ended, trials, direction }: { ended: number; trials: number; direction: Direction },
  { width, height }: { width: number; height: number },
): StepChart | null {
  const range = rangeOf(
    improvements.map(({ value }) => value),
    direction,
  )
  if (range === null || width < 1) return null
  const [columns, rows] = [2 * width, 4 * height]
  const cells = Array.from({ length: height }, () => new Array<number>(width).fill(noDots))
  const put = (column: number, row: number) => {
    cells[height - 1 - (row >> 2)][column >> 1] |= dots[column & 1][3 - (row & 3)]
  }
  let next = 0
  let before: number | null = null
  for (let column = 0; column < columns; column++) {
    const trial = Math.floor((column * trials) / columns)
    if (trial >= ended) break
    while (next < improvements.length && improvements[next].at <= trial) next++
    if (next === 0) continue
    const row = clamped(cellOf(improvements[next - 1].value, range, rows), rows)
    const from = before ?? row
    for (let y = Math.min(from, row); y <= Math.max(from, row); y++) put(column, y)
    before = row
  }
  return { lines: cells.map((line) => String.fromCodePoint(...line)), ...range }
}

/**
 * The values of trials as dots, and the best so far as a line through them, with axes: `height` lines of them, each of
 * at most `width` characters. None where there is nothing to see, or no room.
 */
export function historyChart(
  points: readonly Point[],
  direction: Direction,
  { width, height }: { width: number; height: number },
): string[] {
  const range = rangeOf(
    points.map(({ value }) => value),
    direction,
  )
  if (points.length < 2 || range === null) return []
  const labels = Array.from({ length: height }, (_, row) =>
    row === 0 ? number(range.high) : row === height - 1 ? number(range.low) : '',
  )
  const margin = Math.max(...labels.map((label) => label.length))
  const columns = width - margin - 2
  if (columns < legend.length) return []
  const last = points[points.length - 1].trial
  const columnOf = (trial: number) => Math.floor((trial * columns) / (last + 1))
  const { cells, hidden } = drawn(points, direction, range, { columns, rows: height, columnOf })
  return [
    ...cells.map((line, row) => `${labels[row].padStart(margin)} ${row === height - 1 ? '└' : '│'}${line}`),
    `${' '.repeat(margin + 2)}${axis(String(points[0].trial), String(last), columns)}`,
    `${' '.repeat(margin + 2)}${legend}`,
    ...(hidden === 0 ? [] : [`${' '.repeat(margin + 2)}${hidden} worse, off the chart`.slice(0, width)]),
  ]
}

function drawn(
  points: readonly Point[],
  direction: Direction,
  range: Range,
  { columns, rows, columnOf }: { columns: number; rows: number; columnOf: (trial: number) => number },
): { cells: string[]; hidden: number } {
  const cells = Array.from({ length: rows }, () => new Array<string>(columns).fill(' '))
  const bestAt = new Array<number | null>(columns).fill(null)
  let hidden = 0
  let best: number | null = null
  for (const { trial, value } of points) {
    if (best === null || isBetter(value, best, direction)) best = value
    bestAt[columnOf(trial)] = best
    const row = cellOf(value, range, rows)
    if (row < 0 || row >= rows) hidden++
    else cells[rows - 1 - row][columnOf(trial)] = '•'
  }
  // Where dots are everywhere, the line is seen only on top of them.
  const isDense = points.length > columns
  for (let column = 1; column < columns; column++) bestAt[column] ??= bestAt[column - 1]
  bestAt.forEach((value, column) => {
    if (value === null) return
    const row = rows - 1 - clamped(cellOf(value, range, rows), rows)
    if (isDense || cells[row][column] === ' ') cells[row][column] = '─'
  })
  return { cells: cells.map((line) => line.join('').trimEnd()), hidden }
}

/** The first and the last trial below their ends, and what they are between them. */
function axis(first: string, last: string, columns: number): string {
  const title = 'trial'
  const room = columns - first.length - last.length
  if (room < title.length + 2) return `${first}${last.padStart(columns - first.length)}`
  const left = Math.floor((room - title.length) / 2)
  return `${first}${' '.repeat(left)}${title}${' '.repeat(room - title.length - left)}${last}`
}
