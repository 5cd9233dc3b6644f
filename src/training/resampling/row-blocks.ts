/**
 * Deals single rows into blocks.
 *
 * Blocks differ in size by at most one row. Stratified, the rows of each class are shuffled and the classes are dealt
 * out to the blocks one after the other, going on where the class before stopped: so each class too is spread as evenly as
 * possible (its counts differ by at most one between blocks), and a class with fewer rows than folds is in as
 * many blocks as it has rows. The holdout, and the held-out part of a split, take from each class its share, rounded by
 * largest remainder.
 */
import type { Dataset } from '../../data/index.js'
import { randomStream } from '../../numeric/index.js'
import { alwaysMark, holdoutMark } from './marks.js'
import type { ResamplingPlan } from './resampling-options.js'

/** For each repeat, the block of each row. */
export function rowBlocks(data: Dataset, plan: ResamplingPlan): Int32Array[] {
  const { rows: n, heldBack, fraction, perRepeat, repeats, seed } = plan
  // Row positions, each list shuffled: the classes, or all rows as one.
  const strata = strataOf(data, n, plan.stratified)
  strata.forEach((rows, stratum) => {
    randomStream(seed, 'resampling', stratum).shuffle(rows)
  })
  const given = shares(strata, heldBack, n)
  const held = strata.map((rows, stratum) => rows.subarray(0, given[stratum]))
  const left = strata.map((rows, stratum) => rows.subarray(given[stratum]))

  return Array.from({ length: repeats }, (_, repeat) => {
    const blocks = new Int32Array(n).fill(alwaysMark)
    for (const rows of held) for (const row of rows) blocks[row] = holdoutMark
    if (repeat > 0) {
      left.forEach((rows, stratum) => {
        randomStream(seed, 'resampling', stratum, repeat).shuffle(rows)
      })
    }
    const inFold =
      fraction === null ? null : shares(left, Math.round((n - heldBack) * fraction), n - heldBack)
    let dealt = 0
    left.forEach((rows, stratum) => {
      rows.forEach((row, i) => {
        if (inFold === null) blocks[row] = dealt++ % perRepeat
        else if (i < inFold[stratum]) blocks[row] = 0
      })
    })
    return blocks
  })
}

/** Row positions by class in the order of class codes, or all in one list. */
function strataOf(data: Dataset, n: number, stratified: boolean): Int32Array[] {
  const { target } = data
  if (!stratified || target.kind === 'numbers') return [Int32Array.from({ length: n }, (_, i) => i)]
  const strata: number[][] = target.classes.map(() => [])
  for (let i = 0; i < n; i++) strata[target.codes[data.index[i]]].push(i)
  return strata.map((rows) => Int32Array.from(rows))
}

/** How many rows each stratum gives up so that `total` of `n` are given in proportion: largest remainders first. */
function shares(strata: readonly Int32Array[], total: number, n: number): number[] {
  const exact = strata.map((rows) => (rows.length * total) / n)
  const given = exact.map(Math.floor)
  const byRemainder = strata
    .map((_, s) => s)
    .sort((a, b) => exact[b] - given[b] - (exact[a] - given[a]) || a - b)
  let left = total - given.reduce((sum, share) => sum + share, 0)
  for (const stratum of byRemainder) if (left-- > 0) given[stratum]++
  return given
}
