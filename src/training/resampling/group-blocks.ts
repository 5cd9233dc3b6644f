/**
 * Deals whole groups of rows into blocks.
 *
 * The largest groups are dealt first, each into the block where it keeps the classes most evenly spread: with n_bc the
 * rows of class c in block b, N_c those in all, the block that adds least to Σ_b Σ_c (n_bc / N_c)², which for a group with g_c rows
 * is Σ_c g_c (2 n_bc + g_c) / N_c². Unstratified there is one class, and the emptiest block takes the group, as in
 * scikit-learn's GroupKFold. Groups of the same size come in an order drawn from the seed.
 *
 * The holdout, and the held-out part of a split, take groups in drawn order, each where it brings their rows nearer to
 * the number wanted.
 */
import type { Dataset } from '../../data/index.js'
import { randomStream } from '../../numeric/index.js'
import { alwaysMark, holdoutMark } from './marks.js'
import { type ResamplingPlan, refuse } from './resampling-options.js'

/** For each repeat, the block of each row. `groups`: 0, 1, 2 … for each of the rows that are dealt. */
export function groupBlocks(data: Dataset, groups: Int32Array, plan: ResamplingPlan): Int32Array[] {
  const { rows: n, heldBack, fraction, perRepeat, repeats, seed } = plan
  const sizes = sizesOf(groups)
  const drawn = (ids: readonly number[], ...keys: (string | number)[]): number[] => {
    const order = Int32Array.from(ids)
    randomStream(seed, 'resampling-groups', ...keys).shuffle(order)
    return Array.from(order)
  }
  const all = Array.from(sizes.keys()).filter((group) => sizes[group] > 0)
  const held = heldBack === 0 ? new Set<number>() : take(drawn(all, 'holdout'), sizes, heldBack)
  const left = all.filter((group) => !held.has(group))
  const parts = fraction === null ? perRepeat : 2
  if (left.length < parts) {
    const without = held.size > 0 ? ` (${all.length} without the holdout of ${held.size})` : ''
    refuse(
      fraction === null ? 'validation.folds' : 'validation.fraction',
      `every part needs a group: ${parts} parts of ${left.length} groups${without} are too many`,
    )
  }
  const blockOfRow = (blockOf: (group: number) => number): Int32Array =>
    groups.map((group) => (held.has(group) ? holdoutMark : blockOf(group)))
  if (fraction !== null) {
    const order = drawn(left, 'split').slice(0, -1)
    const first = take(order, sizes, Math.round((n - heldBack) * fraction))
    return [blockOfRow((group) => (first.has(group) ? 0 : alwaysMark))]
  }
  const classes = countClasses(data, groups, plan.stratified)
  return Array.from({ length: repeats }, (_, repeat) => {
    // Stable: groups of the same size stay in the order drawn.
    const order = drawn(left, 'folds', repeat).sort((a, b) => sizes[b] - sizes[a])
    const blocks = deal(order, classes, sizes, perRepeat)
    return blockOfRow((group) => blocks[group])
  })
}

/** Rows of each group, 0 where a number is nobody's. */
export function sizesOf(groups: Int32Array): Int32Array {
  let most = -1
  for (const group of groups) if (group > most) most = group
  const sizes = new Int32Array(most + 1)
  for (const group of groups) sizes[group]++
  return sizes
}

/** The groups that together have about `wanted` rows: at least one. */
function take(order: readonly number[], sizes: Int32Array, wanted: number): Set<number> {
  const taken = new Set<number>()
  let rows = 0
  for (const group of order) {
    if (Math.abs(rows + sizes[group] - wanted) >= Math.abs(rows - wanted)) continue
    taken.add(group)
    rows += sizes[group]
  }
  if (taken.size === 0)
    taken.add(order.reduce((least, group) => (sizes[group] < sizes[least] ? group : least)))
  return taken
}

export interface ClassCounts {
  readonly classes: number
  /** Groups × classes. */
  readonly ofGroup: Int32Array
  readonly inAll: Int32Array
}

/** `groups`: of the first rows of the data set. Unstratified all are of one class. */
export function countClasses(
  { target, index }: Pick<Dataset, 'target' | 'index'>,
  groups: Int32Array,
  stratified: boolean,
): ClassCounts {
  const classes = stratified && target.kind === 'classes' ? target.classes.length : 1
  const ofGroup = new Int32Array(sizesOf(groups).length * classes)
  const inAll = new Int32Array(classes)
  for (let i = 0; i < groups.length; i++) {
    const code = stratified && target.kind === 'classes' ? target.codes[index[i]] : 0
    ofGroup[groups[i] * classes + code]++
    inAll[code]++
  }
  return { classes, ofGroup, inAll }
}

/** The block of each group, in the order given; of equally good blocks the one with fewest rows, then the first. */
export function deal(
  order: readonly number[],
  { classes, ofGroup, inAll }: ClassCounts,
  sizes: Int32Array,
  blocks: number,
): Int32Array {
  const blockOf = new Int32Array(sizes.length)
  const inBlock = new Int32Array(blocks * classes)
  const rows = new Int32Array(blocks)
  for (const group of order) {
    let best = 0
    let least = Number.POSITIVE_INFINITY
    for (let block = 0; block < blocks; block++) {
      let added = 0
      for (let c = 0; c < classes; c++) {
        const more = ofGroup[group * classes + c]
        if (more > 0) added += (more * (2 * inBlock[block * classes + c] + more)) / (inAll[c] * inAll[c])
      }
      if (added < least || (added === least && rows[block] < rows[best])) {
        best = block
        least = added
      }
    }
    blockOf[group] = best
    rows[best] += sizes[group]
    for (let c = 0; c < classes; c++) inBlock[best * classes + c] += ofGroup[group * classes + c]
  }
  return blockOf
}
