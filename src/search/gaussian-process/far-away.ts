/**
 * Losses so bad that they say nothing of how bad: the penalty of 1e30 where a constraint breaks, the one trial that
 * diverged to 1e308. Their size would be all that is left of the scale, so the model is told of them as of failed
 * trials, and the scale is made from the others. So the law: what is far away may be exchanged for anything else that
 * is far away, and no suggestion changes.
 *
 * In ascending order, a loss and all above it are far away where the gap below it is more than `beyond` times
 *
 *   max(range of the losses below, a millionth of the largest of them in size),
 *
 * and at least four losses of more than one size are below. A scale of two or three different losses could be that of
 * rounding errors (of 0 and 1.1e−16), and is trusted only for a gap that no rounding can make.
 */

/** Fewer losses below a gap are no scale. */
const fewest = 4
/** In units of the losses below: from four different ones, from fewer. */
const beyond = { trusted: 1e12, doubted: 1e20 }
/** Of the largest loss below, in size: differences that are not worth a scale of their own. */
const resolution = 1e-6

/** The largest loss that is not far away; Infinity where none is. From finite losses, in any order. O(n log n). */
export function nearLimit(losses: ArrayLike<number>): number {
  const sorted = Float64Array.from(losses).sort()
  const least = sorted[0]
  let different = 1
  for (let k = 1; k < sorted.length; k++) {
    const last = sorted[k - 1]
    if (sorted[k] === last) continue
    if (k >= fewest && different > 1) {
      const scale = Math.max(last - least, resolution * Math.max(Math.abs(least), Math.abs(last)))
      // Divided before it is multiplied: neither side of it can be too large for a number, unless nothing is far.
      const gap = sorted[k] - last
      if (gap / (different >= fewest ? beyond.trusted : beyond.doubted) > scale) return last
    }
    different++
  }
  return Number.POSITIVE_INFINITY
}
