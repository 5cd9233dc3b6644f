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
  const order = Int32Array.from({ length: n }, (_, i) => i)
  if (times !== null) order.sort((a, b) => times[a] - times[b] || a - b)
  // Before the first block of a time series lie the rows that are never held out.
  const blockAt = (place: number): number => {
    if (place >= left) return holdoutMark
    if (fraction !== null) return place < left - Math.round(left * fraction) ? alwaysMark : 0
    const block = Math.floor((place * (perRepeat + 1)) / left) - 1
    return block < 0 ? alwaysMark : block
  }
  const blocks = new Int32Array(n)
  let start = 0
  for (let place = 0; place < n; place++) {
    if (times !== null && place > 0 && times[order[place]] !== times[order[place - 1]]) start = place
    blocks[order[place]] = blockAt(times === null ? place : start)
  }
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
