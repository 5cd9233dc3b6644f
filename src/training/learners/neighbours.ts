/**
 * The exact k nearest rows of a matrix: those first in the order of (distance, place), so that a list of k is the beginning of every
 * longer one. The loops are kernels/neighbours.as.ts.
 *
 * ∆ is what rows are ordered by: of columns a, b in turn, in double precision,
 *
 *   euclidean  Σ (a − b)²      manhattan  Σ |a − b|      chebyshev  max |a − b|      cosine  the euclidean one of rows of length 1
 *
 * and `lengths` makes distances of it: its root for euclidean, its half for cosine (1 − the cosine of the angle). A row of zeros has the
 * cosine distance 1 from every row.
 */
import { type LinearMemory, openWasm } from '../../numeric/index.js'
import type { Matrix } from '../matrix.js'

export const distanceNames = ['euclidean', 'manhattan', 'chebyshev', 'cosine'] as const
export type DistanceName = (typeof distanceNames)[number]

interface Loops {
  unitRows(from: number, rows: number, columns: number, to: number, own: number): void
  prepare(
    metric: number,
    units: boolean,
    rows: number,
    columns: number,
    rowsAt: number,
    centreAt: number,
    panelsAt: number,
    boundsAt: number,
    slacksAt: number,
    scalesAt: number,
  ): void
  layOut(at: number, queries: number, k: number, capacity: number): number
  queriesAt(): number
  search(queries: number, distances: number, places: number): void
}

/** The k nearest rows of each query, nearest first, k a query. */
export interface Neighbours {
  readonly k: number
  /** Row numbers. */
  readonly places: Int32Array
  /** ∆, in the order of the places. */
  readonly distances: Float64Array
}

const mostQueries = 64
const batchBytes = 2 ** 24

/** Rows to be searched among. */
export class NeighbourSearch {
  readonly #loops: Loops & LinearMemory = openWasm<Loops>('#training-kernels/neighbours')
  readonly #distance: DistanceName
  readonly #rows: number
  readonly #columns: number
  /** In the memory: cosine adds two, see `unitRows`. */
  readonly #width: number

  /** At least one row and one column. */
  constructor({ rows, columns, values }: Matrix, distance: DistanceName) {
    const loops = this.#loops
    const width = distance === 'cosine' ? columns + 2 : columns
    this.#distance = distance
    this.#rows = rows
    this.#columns = columns
    this.#width = width
    const panelled = 8 * Math.ceil(rows / 8)
    const rowsAt = loops.reserve(8 * rows * width)
    const rest = [
      loops.reserve(8 * width),
      loops.reserve(4 * panelled * width),
      loops.reserve(4 * panelled),
      loops.reserve(4 * panelled),
      loops.reserve(4 * panelled),
    ] as const
    const mark = loops.mark()
    const at = distance === 'cosine' ? loops.reserve(8 * rows * columns) : rowsAt
    loops.f64(at, rows * columns).set(values)
    if (distance === 'cosine') loops.unitRows(at, rows, columns, rowsAt, 0)
    loops.release(mark)
    const metric = { euclidean: 0, manhattan: 1, chebyshev: 2, cosine: 0 }[distance]
    loops.prepare(metric, distance === 'cosine', rows, width, rowsAt, ...rest)
  }

  /** `k`: at most the number of rows. */
  nearest(queries: Matrix, k: number): Neighbours {
    const loops = this.#loops
    const mark = loops.mark()
    const columns = this.#columns
    const count = queries.rows
    // Rows noted for one query: more than ties of ordinary data come to.
    const capacity = Math.min(this.#rows, 512 + 8 * k)
    const each = 20 * this.#width + 16 * k + 8 * capacity
    const most = Math.max(4, Math.min(mostQueries, 4 * Math.floor(batchBytes / each / 4)))
    const bytes = loops.layOut(0, most, k, capacity)
    loops.layOut(loops.reserve(bytes), most, k, capacity)
    const distancesAt = loops.reserve(8 * most * k)
    const placesAt = loops.reserve(4 * most * k)
    const inputAt = loops.reserve(8 * most * columns)
    const places = new Int32Array(count * k)
    const distances = new Float64Array(count * k)
    for (let first = 0; first < count; first += most) {
      const some = Math.min(most, count - first)
      const values = queries.values.subarray(first * columns, (first + some) * columns)
      const isCosine = this.#distance === 'cosine'
      loops.f64(isCosine ? inputAt : loops.queriesAt(), some * columns).set(values)
      if (isCosine) loops.unitRows(inputAt, some, columns, loops.queriesAt(), 1)
      loops.search(some, distancesAt, placesAt)
      places.set(loops.i32(placesAt, some * k), first * k)
      distances.set(loops.f64(distancesAt, some * k), first * k)
    }
    loops.release(mark)
    return { k, places, distances }
  }

  /** Says that there is nothing more to be asked. */
  close(): void {
    this.#loops.close()
  }
}

/** ∆ as distances. */
export function lengths(distance: DistanceName, found: Float64Array): Float64Array {
  if (distance === 'euclidean') return found.map(Math.sqrt)
  return distance === 'cosine' ? found.map((value) => value / 2) : found
}
