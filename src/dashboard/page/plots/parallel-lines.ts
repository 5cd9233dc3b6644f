/** Which lines of parallel coordinates are drawn when, and which one is under the pointer. */

/** Axes with the places of rows on them, in pixels. */
export interface LineAxis {
  readonly at: number
  readonly places: Float32Array
}

/** Of rows, best first: the best, and of the others every n-th, so that few look like all. */
export function sampled(rows: readonly number[], most: number): readonly number[] {
  if (rows.length <= most) return rows
  const best = Math.ceil(most / 4)
  const every = Math.ceil((rows.length - best) / (most - best))
  return rows.filter((_, place) => place < best || (place - best) % every === 0)
}

/** The row whose line passes within six pixels of a place, the best of them; −1 where there is none. */
export function isolated(
  axes: readonly LineAxis[],
  across: number,
  along: number,
  mask: Uint8Array,
  bestFirst: readonly number[],
): number {
  const right = axes.findIndex(({ at }) => at >= across)
  const k = right < 0 ? axes.length - 1 : right
  const [a, b] = [axes[Math.max(0, k - 1)], axes[k]]
  if (a === undefined || b === undefined) return -1
  const share = b.at === a.at ? 0 : Math.min(1, Math.max(0, (across - a.at) / (b.at - a.at)))
  let found = -1
  let least = 6
  for (const row of bestFirst) {
    if (mask[row] === 0) continue
    const distance = Math.abs(a.places[row] + (b.places[row] - a.places[row]) * share - along)
    if (distance < least) {
      least = distance
      found = row
      if (distance < 0.5) break
    }
  }
  return found
}
