/** Many points: drawn in portions, and found again under the pointer. */
import { circle, type Drawing } from './drawing.js'

/** Points of this many trials are round; of more, squares, which are drawn ten times as fast. */
export const roundUpTo = 4000
/** Points between two looks at the clock. */
const portion = 4000

/** How big, and how opaque, so many points are on so much room. */
export function pointStyle(count: number, area: number): { readonly radius: number; readonly alpha: number } {
  const share = (count * 30) / Math.max(1, area)
  const radius = count > 20_000 ? 1.25 : count > 2000 ? 1.75 : share > 0.12 || area < 40_000 ? 2.5 : 3.5
  const alpha = Math.max(0.18, Math.min(0.85, 0.9 / (1 + (count * radius * radius * 3) / Math.max(1, area))))
  return { radius, alpha }
}

/** Rows where `has` is so, each at its place, in one colour. */
export function* drawPoints(
  on: Drawing,
  rows: ArrayLike<number>,
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  colourOf: (row: number) => string,
  { radius, alpha, hollow }: { radius: number; alpha: number; hollow?: (row: number) => boolean },
): Generator<void> {
  on.save()
  on.globalAlpha = alpha
  on.lineWidth = 1.25
  const small = rows.length > roundUpTo
  let colour = ''
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]
    const x = xs[row]
    const y = ys[row]
    if (Number.isNaN(x) || Number.isNaN(y)) continue
    const next = colourOf(row)
    if (next !== colour) {
      colour = next
      on.fillStyle = colour
      on.strokeStyle = colour
    }
    if (small) on.fillRect(x - radius, y - radius, 2 * radius, 2 * radius)
    else {
      circle(on, x, y, radius)
      if (hollow?.(row)) on.stroke()
      else on.fill()
    }
    if (i % portion === portion - 1) {
      on.restore()
      yield
      on.save()
      on.globalAlpha = alpha
      on.lineWidth = 1.25
      colour = ''
    }
  }
  on.restore()
}

/** The row whose point is nearest, of those that `mask` lets through; −1 where none is within `reach` pixels. */
export function nearest(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  x: number,
  y: number,
  reach: number,
  mask?: Uint8Array,
): number {
  let best = reach * reach
  let found = -1
  for (let row = 0; row < xs.length; row++) {
    if (mask !== undefined && mask[row] === 0) continue
    const dx = xs[row] - x
    const dy = ys[row] - y
    const distance = dx * dx + dy * dy
    // Of equals the later, which lies on top.
    if (distance <= best) {
      best = distance
      found = row
    }
  }
  return found
}

/** Rows that a mask lets through. */
export function rowsOf(mask: Uint8Array): number[] {
  const rows: number[] = []
  for (let row = 0; row < mask.length; row++) if (mask[row] === 1) rows.push(row)
  return rows
}

/** Marks the trial that is pointed at. */
export function ring(on: Drawing, edge: string, inside: string, x: number, y: number): void {
  if (!Number.isFinite(x) || !Number.isFinite(y)) return
  circle(on, x, y, 5.5)
  on.fillStyle = inside
  on.fill()
  on.strokeStyle = edge
  on.lineWidth = 1.75
  on.stroke()
}
