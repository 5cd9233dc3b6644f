/**
 * How a fit divides its own rows again, where each of them goes by what others tell: probabilities are put right by predictions for
 * rows that were not fitted on (calibration), texts are encoded by the targets of other rows. What holds for folds holds for these
 * parts, or rows of one group would tell each other what no row of a new group is told.
 *
 *   groups   stay together: the largest first, each into the part where it keeps the classes most evenly spread
 *   times    where validation goes by them: parts + 1 blocks in their order. A part goes by what comes before it alone, and the first
 *            block is in no part; rows of one time stay together
 *   neither  dealt by whoever asks. A part goes by all others
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
