/**
 * How a fit divides its own rows again, where each of them goes by what others tell: probabilities are put right by predictions for
 * rows that were not fitted on (calibration), texts are encoded by the targets of other rows. What holds for folds holds for these
 * parts, or rows of one group would tell each other what no row of a new group is told.
 *
 *   groups   stay together: the largest first, each into the part where it keeps the classes most evenly spread
 *   times    where validation goes by them: parts + 1 blocks in their order. A part goes by what comes before it alone, and the first
 *            block is in no part; rows of one time stay together
 *   neither  dealt by whoever asks. A part goes by all others
 *
 * Rows that are set apart, by which a fit sees when to stop, are whole groups too, or the last in time.
 */
import type { Dataset } from '../../data/index.js'
import { randomStream } from '../../numeric/index.js'
import { countClasses, deal, sizesOf } from './group-blocks.js'
import { blockInSeries, inOrder } from './time-blocks.js'

/** What the rows of a fit say of how they may be divided. */
export type InnerRows = Pick<Dataset, 'index' | 'rows' | 'target' | 'groups' | 'times'>

export interface InnerParts {
  /** The part of each row, 0, 1, 2 …, or `alwaysMark` (marks.ts) where it is in none. Some parts may be empty. */
  readonly part: Int32Array
  /** Whether a part goes by this row. */
  tells(row: number, part: number): boolean
}

/** `dealt`: the part of each row, where nothing holds rows together. */
export function innerParts(data: InnerRows, parts: number, dealt: () => Int32Array): InnerParts {
  const { index, rows, groups, times } = data
  if (times) {
    const part = inOrder(
      rows,
      Float64Array.from(index, (row) => times[row]),
      (place) => blockInSeries(place, rows, parts),
    )
    return { part, tells: (row, of) => part[row] < of }
  }
  const part = groups
    ? groupParts(
        data,
        Int32Array.from(index, (row) => groups[row]),
        parts,
      )
    : dealt()
  return { part, tells: (row, of) => part[row] !== of }
}

/** By no trial's own chance: texts are encoded the same in all of them, and what comes of it is shared. */
function groupParts(data: InnerRows, groups: Int32Array, parts: number): Int32Array {
  const sizes = sizesOf(groups)
  const all = Array.from(sizes.keys()).filter((group) => sizes[group] > 0)
  // Stable: groups of the same size stay in the order drawn.
  const order = randomStream(0, 'inner-groups')
    .shuffle(all)
    .sort((a, b) => sizes[b] - sizes[a])
  const blocks = deal(order, countClasses(data, groups, true), sizes, parts)
  return groups.map((group) => blocks[group])
}

/**
 * About this share of the rows, set apart in growing order; `dealt`: those, where nothing holds rows together. None where without them
 * a class, or everything, would have no rows left.
 */
export function rowsApart(data: InnerRows, share: number, seed: number, dealt: () => Int32Array): Int32Array {
  const { index, rows, groups, times } = data
  const wanted = Math.round(rows * share)
  if (times) {
    const isLast = inOrder(
      rows,
      Float64Array.from(index, (row) => times[row]),
      (place) => Number(place >= rows - wanted),
    )
    const last = Array.from(isLast.keys()).filter((row) => isLast[row] === 1)
    return Int32Array.from(canGo(data)(last) ? last : [])
  }
  if (!groups) return dealt()
  const members = new Map<number, number[]>()
  for (let row = 0; row < rows; row++) {
    const own = members.get(groups[index[row]])
    if (own === undefined) members.set(groups[index[row]], [row])
    else own.push(row)
  }
  const mayGo = canGo(data)
  const apart: number[] = []
  for (const group of randomStream(seed, 'apart').shuffle([...members.values()])) {
    if (Math.abs(apart.length + group.length - wanted) >= Math.abs(apart.length - wanted)) continue
    if (mayGo(group)) for (const row of group) apart.push(row)
  }
  return Int32Array.from(apart).sort()
}

/** Whether rows can be taken away too, beside those that were before: so that some of each class are left. */
function canGo({ index, target }: InnerRows): (rows: readonly number[]) => boolean {
  const codeOf = (row: number) => (target.kind === 'classes' ? target.codes[index[row]] : 0)
  const left = new Map<number, number>()
  for (let row = 0; row < index.length; row++) left.set(codeOf(row), (left.get(codeOf(row)) ?? 0) + 1)
  return (rows) => {
    const counts = new Map<number, number>()
    for (const row of rows) counts.set(codeOf(row), (counts.get(codeOf(row)) ?? 0) + 1)
    for (const [code, count] of counts) if (left.get(code)! <= count) return false
    for (const [code, count] of counts) left.set(code, left.get(code)! - count)
    return true
  }
}
