/**
 * What is known without being tried where losses come in steps.
 *
 * Trees, neighbours and error rates make staircases of their params, and some params change nothing: then different params have the very
 * same loss, and mostly so has what lies between them, where the model still expects to improve by a little. On the choosing half of the
 * tuning tasks, 1.5 % of the trials that it had between two params of one loss were the best so far, of the others 10 %
 * (bench/quality/HISTORY.md).
 *
 * "Between" is the box that two params span: each numeric parameter within the range of theirs, each categorical one as one of them has
 * it. A box in which another loss lies is none; and of losses that are no better than the median the model expects nothing anyway.
 */
import type { Dimension } from '../../space/index.js'

/** What is taken from the log of an improvement that is expected at a point. 0 where nothing is known of it. */
export type Discount = (point: ArrayLike<number>) => number

/**
 * In a box, and no further from one than it is wide itself, in each parameter: one improvement in a thousand, one in ten. Not none at all: two
 * losses may be the same on both sides of a valley, and the model be sure of it.
 */
const discounts = { inside: Math.log(1000), beside: Math.log(10) }
/** A box that is wider in a numeric parameter, as a share of its range, is taken for chance. */
const widest = 0.5
/** Of one loss so many params at most are looked at, the newest ones: pairs grow with the square. */
const most = 24
/** Rounding of coordinates. */
const little = 1e-9

/** Of params as points, and their losses (finite), in the order of the trials; null where no two of the better ones share a loss. */
export function discountBetweenTies(
  dimensions: readonly Pick<Dimension, 'kind'>[],
  points: readonly ArrayLike<number>[],
  losses: readonly number[],
): Discount | null {
  const isCategorical = dimensions.map(({ kind }) => kind === 'categorical')
  const boxes = boxesOf(isCategorical, points, losses)
  if (boxes.length === 0) return null
  return (point) => {
    let nearest = Number.POSITIVE_INFINITY
    for (const box of boxes) nearest = Math.min(nearest, distance(isCategorical, box, point, nearest))
    return nearest === 0 ? discounts.inside : nearest <= 1 ? discounts.beside : 0
  }
}

interface Box {
  readonly low: Float64Array
  readonly high: Float64Array
}

function boxesOf(
  isCategorical: readonly boolean[],
  points: readonly ArrayLike<number>[],
  losses: readonly number[],
): Box[] {
  const sorted = [...losses].sort((a, b) => a - b)
  const median = sorted[sorted.length >> 1]
  const byLoss = new Map<number, number[]>()
  losses.forEach((loss, i) => {
    if (!(loss < median || loss === sorted[0])) return
    const same = byLoss.get(loss)
    if (same === undefined) byLoss.set(loss, [i])
    else same.push(i)
  })
  const boxes: Box[] = []
  for (const [loss, all] of byLoss) {
    const same = all.slice(-most)
    for (let i = 1; i < same.length; i++)
      for (let j = 0; j < i; j++) {
        const box = between(points[same[i]], points[same[j]])
        if (box.low.some((low, c) => !isCategorical[c] && box.high[c] - low > widest)) continue
        const isInside = (point: ArrayLike<number>) => distance(isCategorical, box, point, little) === 0
        if (!points.some((point, k) => losses[k] !== loss && isInside(point))) boxes.push(box)
      }
  }
  return boxes
}

function between(a: ArrayLike<number>, b: ArrayLike<number>): Box {
  return {
    low: Float64Array.from(a, (v, c) => Math.min(v, b[c])),
    high: Float64Array.from(a, (v, c) => Math.max(v, b[c])),
  }
}

/**
 * How far a point lies outside of a box, in widths of the box, in the parameter where that is most; infinite where the box has no width there,
 * or a category of its own. Anything that is at least `enough` where it is that.
 */
function distance(
  isCategorical: readonly boolean[],
  { low, high }: Box,
  point: ArrayLike<number>,
  enough: number,
): number {
  let furthest = 0
  for (let c = 0; c < low.length && furthest < enough; c++) {
    const outside = Math.max(low[c] - point[c], point[c] - high[c])
    if (isCategorical[c] ? point[c] === low[c] || point[c] === high[c] : outside <= little) continue
    furthest = isCategorical[c] ? Number.POSITIVE_INFINITY : Math.max(furthest, outside / (high[c] - low[c]))
  }
  return furthest
}
