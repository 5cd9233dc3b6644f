/** Words beside what they name, moved apart where they would lie on each other. */
import { circle, type Drawing, type Theme, write } from './drawing.js'

/** The same labels with places at least `gap` apart and within the bounds where there is room, near where they belong. */
export function spread<L extends { readonly y: number }>(
  labels: readonly L[],
  gap: number,
  top: number,
  bottom: number,
): { readonly label: L; readonly at: number }[] {
  const placed = [...labels]
    .sort((a, b) => a.y - b.y)
    .map((label) => ({ label, at: Math.min(bottom, Math.max(top, label.y)) }))
  // Down from the top, then up from the bottom: what was pushed over the edge comes back.
  for (let i = 1; i < placed.length; i++) placed[i].at = Math.max(placed[i].at, placed[i - 1].at + gap)
  for (let i = placed.length - 1; i >= 0; i--) {
    const limit = i === placed.length - 1 ? bottom : placed[i + 1].at - gap
    placed[i].at = Math.min(placed[i].at, limit)
  }
  return placed
}

/** Pixels that the mark before a name takes. */
export const markRoom = 11

/** A name of a line: the mark has its colour, as words in it would be too faint to read. Its middle is at `y`. */
export function writeNamed(
  on: Drawing,
  theme: Theme,
  { text, colour }: { readonly text: string; readonly colour: string },
  x: number,
  y: number,
): void {
  circle(on, x + 3.5, y, 3.5)
  on.fillStyle = colour
  on.fill()
  write(on, theme, text, x + markRoom, y, { colour: theme.text, baseline: 'middle' })
}
