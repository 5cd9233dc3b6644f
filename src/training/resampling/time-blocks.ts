/**
 * Divides rows in order of time: the first are fitted on, those that come later are held out, the last are the holdout
 * part. Rows of the same time stay together, with the first of them.
 */
import { alwaysMark, holdoutMark } from './marks.js'
import { type ResamplingPlan, refuse } from './resampling-options.js'

/** The block of each row. `times`: null for the order of the rows themselves. */
export function timeBlocks(times: Float64Array | null, plan: ResamplingPlan): Int32Array {
  const { rows: n, heldBack, fraction, perRepeat } = plan
  const left = n - heldBack
  const blocks = inOrder(n, times, (place) => {
    if (place >= left) return holdoutMark
    if (fraction !== null) return place < left - Math.round(left * fraction) ? alwaysMark : 0
    return blockInSeries(place, left, perRepeat)
  })
  const used = new Set(blocks)
  const wanted = perRepeat + 1 + (heldBack > 0 ? 1 : 0)
  if (used.size < wanted) {
    refuse(
      'data.time',
      `rows of one time are not divided, and so ${wanted} parts (${perRepeat} held out one after the other, the rows before them${heldBack > 0 ? ', the holdout' : ''}) need more different times than there are`,
    )
  }
  return blocks
}

/** One of `blocks` of the same size, for the place among `n` rows; before the first lie as many that are always fitted on. */
export function blockInSeries(place: number, n: number, blocks: number): number {
  const block = Math.floor((place * (blocks + 1)) / n) - 1
  return block < 0 ? alwaysMark : block
}

/** The block of each of `n` rows by its place in the order of time; rows of one time go by the place of the first of them. */
export function inOrder(
  n: number,
  times: Float64Array | null,
  blockAt: (place: number) => number,
): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i)
  if (times !== null) order.sort((a, b) => times[a] - times[b] || a - b)
  const blocks = new Int32Array(n)
  let start = 0
  for (let place = 0; place < n; place++) {
    if (times !== null && place > 0 && times[order[place]] !== times[order[place - 1]]) start = place
    blocks[order[place]] = blockAt(times === null ? place : start)
  }
  return blocks
}
