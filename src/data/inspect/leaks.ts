/**
 * Columns that give the target away: one alone predicts it (nearly) without a mistake in rows that were held out, or is the
 * target under another name. Mostly such a column is known only after the target is, and no model may have it.
 *
 * A sample of the rows is halved, twice over: what a value of the column goes with in one half is what is predicted in the other. A value
 * that half does not have is taken for the nearest one (classes), or lies on the line between its neighbours (numbers).
 */
import type { Column, Dataset, Target } from '../types.js'

export interface Leak {
  readonly column: string
  /** 'renamed': each value of the column goes with one of the target, and the other way round. */
  readonly kind: 'predicts' | 'renamed'
  /**
   * The share of what guessing leaves open that the column explains: of the errors of the commonest class, of the squared deviations from
   * the mean.
   */
  readonly explained: number
}

/** Rows that are looked at. */
const sampled = 10_000
/** With fewer rows, or fewer mistakes of guessing, chance does as well. */
const fewestRows = 30
const fewestErrors = 10
/** What a column explains that gives the target away: of errors, of squared deviations. */
const leastOfErrors = 0.98
const leastOfSquares = 0.999

/** Leaks among the features, the plainest first. `rows`: the first ones are looked at. */
export function findLeaks({ columns, target }: Pick<Dataset, 'columns' | 'target'>, rows: number): Leak[] {
  if (rows < fewestRows) return []
  const sample = Math.min(rows, sampled)
  const isThere = (row: number) =>
    target.kind === 'classes' ? target.codes[row] >= 0 : !Number.isNaN(target.values[row])
  const places = Int32Array.from({ length: sample }, (_, i) => Math.floor((i * rows) / sample)).filter(
    isThere,
  )
  const explains = target.kind === 'classes' ? errorsBy(target, places) : squaresBy(target, places)
  const leaks = columns.flatMap((column): Leak[] => {
    const found = explains(column)
    return found === null ? [] : [{ column: column.name, ...found }]
  })
  return leaks.sort((a, b) => b.explained - a.explained)
}

/** What is told of them before a sweep. */
export function leakWarnings(leaks: readonly Leak[], target: string, file: string): string[] {
  return leaks.map(({ column, kind, explained }) => {
    const does =
      kind === 'renamed'
        ? `is the target "${target}" under another name`
        : `alone predicts the target "${target}" (${explained === 1 ? 'without a mistake' : `all but ${share(1 - explained)} of what guessing leaves open`}, in rows held out)`
    return `${file}: column "${column}" ${does}; leave it out ("exclude") if it is not known before the target is`
  })
}

function share(part: number): string {
  return `${Number((100 * part).toPrecision(2))} %`
}

/** Which half a row of the sample is in: by the bits of its number, mixed (the finaliser of MurmurHash3), so that no order of rows matters. */
function halfOf(i: number): 0 | 1 {
  let h = i + 1
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) & 1) as 0 | 1
}

function at(values: ArrayLike<number>, places: Int32Array): Float64Array {
  const found = new Float64Array(places.length)
  for (let i = 0; i < found.length; i++) found[i] = values[places[i]]
  return found
}

/** The value of a column in each row of the sample; a missing one is a value like others: -1 of texts, NaN of numbers. */
function cellsOf(column: Column, places: Int32Array): Float64Array {
  return at(column.kind === 'number' ? column.values : column.codes, places)
}

/** The different values of some rows, sorted, one that is NaN last, with what `of` makes of the rows of each, in their order. */
function byValue<T>(
  cells: Float64Array,
  rows: Int32Array,
  of: (rows: Int32Array) => T,
): { values: Float64Array; results: T[] } {
  const sorted = at(cells, rows).sort()
  let different = 0
  for (let i = 0; i < sorted.length; i++)
    if (i === 0 || compare(sorted[i], sorted[different - 1]) !== 0) sorted[different++] = sorted[i]
  const values = sorted.subarray(0, different)
  // The sort of typed arrays has no rows to carry along: they are counted into their places.
  const group = new Int32Array(rows.length)
  const ends = new Int32Array(different + 1)
  for (let i = 0; i < rows.length; i++) {
    group[i] = placeOf(values, cells[rows[i]])
    ends[group[i] + 1]++
  }
  for (let g = 0; g < different; g++) ends[g + 1] += ends[g]
  const order = new Int32Array(rows.length)
  for (let i = 0; i < rows.length; i++) order[ends[group[i]]++] = rows[i]
  const results: T[] = []
  for (let g = 0, from = 0; g < different; from = ends[g], g++)
    results.push(of(order.subarray(from, ends[g])))
  return { values, results }
}

function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return a - b
}

/** The place of the first value that is not below `wanted`. */
function placeOf(values: Float64Array, wanted: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(values[middle], wanted) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function halves(count: number): [Int32Array, Int32Array] {
  const all = Int32Array.from({ length: count }, (_, i) => i)
  return [all.filter((i) => halfOf(i) === 0), all.filter((i) => halfOf(i) === 1)]
}

type Found = Omit<Leak, 'column'> | null

/** What a column explains of the errors of the commonest class, where that is nearly all; else null, as soon as that is known. */
function errorsBy(target: Target & { kind: 'classes' }, places: Int32Array): (column: Column) => Found {
  const codes = Int32Array.from(places, (row) => target.codes[row])
  const commonest = (rows: Int32Array) => {
    let best = codes[rows[0]]
    if (rows.length === 1) return best
    const counts = new Map<number, number>()
    for (const row of rows) {
      const count = (counts.get(codes[row]) ?? 0) + 1
      counts.set(codes[row], count)
      if (count > (counts.get(best) ?? 0)) best = codes[row]
    }
    return best
  }
  const turns = turnsOf(places.length, commonest)
  let guessed = 0
  for (const { heldOut, guess } of turns) for (const row of heldOut) if (codes[row] !== guess) guessed++
  if (guessed < fewestErrors) return () => null
  const most = guessed * (1 - leastOfErrors)
  return (column) => {
    const cells = cellsOf(column, places)
    let errors = 0
    for (const { fitted, heldOut, guess } of turns) {
      const says = sayerOf(column, byValue(cells, fitted, commonest), guess, nearest)
      for (const row of heldOut) {
        const found = says(cells[row])
        if (found !== codes[row]) errors++
        if (errors > most + 1) return null
      }
    }
    const explained = 1 - errors / guessed
    if (explained < leastOfErrors) return null
    return { kind: isRenamed(cells, codes) ? 'renamed' : 'predicts', explained }
  }
}

/** What is said of a value: what goes with it, or where it is new, the guess for a text and what `beside` makes of its neighbours for a number. */
function sayerOf(
  { kind }: Column,
  { values, results }: { values: Float64Array; results: number[] },
  guess: number,
  beside: typeof between,
): (wanted: number) => number {
  return (wanted) => {
    const place = placeOf(values, wanted)
    if (place < values.length && compare(values[place], wanted) === 0) return results[place]
    return kind === 'text' ? guess : beside(values, results, place, wanted, guess)
  }
}

interface Turn {
  readonly fitted: Int32Array
  readonly heldOut: Int32Array
  /** What is said without any column. */
  readonly guess: number
}

function turnsOf(count: number, guess: (rows: Int32Array) => number): Turn[] {
  const [first, second] = halves(count)
  return [
    { fitted: first, heldOut: second, guess: guess(first) },
    { fitted: second, heldOut: first, guess: guess(second) },
  ]
}

/** What goes with the nearer neighbour of a value that is not there; with the one below where both are as near. */
function nearest(values: Float64Array, results: readonly number[], at: number, wanted: number): number {
  if (at === 0) return results[0]
  const above = at < values.length ? values[at] - wanted : Number.POSITIVE_INFINITY
  return above < wanted - values[at - 1] ? results[at] : results[at - 1]
}

function isRenamed(cells: Float64Array, codes: Int32Array): boolean {
  const codeOf = new Map<number, number>()
  const cellOf = new Map<number, number>()
  // Map takes NaN for equal to itself.
  return cells.every((cell, i) => {
    if (!codeOf.has(cell)) codeOf.set(cell, codes[i])
    if (!cellOf.has(codes[i])) cellOf.set(codes[i], cell)
    return codeOf.get(cell) === codes[i] && Object.is(cellOf.get(codes[i]), cell)
  })
}

/** The same of the squared deviations from the mean. */
function squaresBy(target: Target & { kind: 'numbers' }, places: Int32Array): (column: Column) => Found {
  const y = at(target.values, places)
  // Nothing gives away what is the same everywhere, whatever rounding leaves of it.
  if (y.every((value) => value === y[0])) return () => null
  const mean = (rows: Int32Array) => {
    let sum = 0
    for (const row of rows) sum += y[row] / rows.length
    return sum
  }
  const turns = turnsOf(places.length, mean)
  let guessed = 0
  for (const { heldOut, guess } of turns)
    for (const row of heldOut) guessed += (guess - y[row]) * (guess - y[row])
  if (!(guessed > 0) || guessed === Number.POSITIVE_INFINITY) return () => null
  // A little more, for what rounding does to the share.
  const most = guessed * (1 - leastOfSquares) * 1.001
  return (column) => {
    const cells = cellsOf(column, places)
    let squares = 0
    for (const { fitted, heldOut, guess } of turns) {
      const says = sayerOf(column, byValue(cells, fitted, mean), guess, between)
      for (const row of heldOut) {
        const found = says(cells[row])
        squares += (found - y[row]) * (found - y[row])
        if (squares > most) return null
      }
    }
    const explained = 1 - squares / guessed
    return !(explained >= leastOfSquares)
      ? null
      : { kind: isRenamed(cells, rankOf(y)) ? 'renamed' : 'predicts', explained }
  }
}

/** On the line between two neighbours; beyond all values that of the last. */
function between(
  values: Float64Array,
  results: readonly number[],
  at: number,
  wanted: number,
  guess: number,
): number {
  const present = Number.isNaN(values[values.length - 1]) ? values.length - 1 : values.length
  if (Number.isNaN(wanted) || present === 0) return guess
  if (at === 0) return results[0]
  if (at >= present) return results[present - 1]
  const share = (wanted - values[at - 1]) / (values[at] - values[at - 1])
  return results[at - 1] + share * (results[at] - results[at - 1])
}

function rankOf(y: Float64Array): Int32Array {
  const places = new Map(Array.from(Float64Array.from(new Set(y)).sort(), (value, place) => [value, place]))
  return Int32Array.from(y, (value) => places.get(value)!)
}
