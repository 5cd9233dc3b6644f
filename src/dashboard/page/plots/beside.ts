/** What the best of a sweep is worth by other measures: on the holdout part, corrected for the choice, against the baseline. */
import type { Axis } from './axes.js'
import { circle, type Drawing, hair, segment, write } from './drawing.js'
import { spread } from './labels.js'
import { shortNumber } from './numbers.js'
import type { Frame } from './picture.js'
import type { SweepData } from './trial.js'

export interface Beside {
  readonly value: number
  readonly text: string
  readonly colour: string
  readonly weight?: number
  readonly mark: 'dot' | 'diamond' | 'interval' | 'line'
  readonly ends?: readonly [number, number]
}

/** What the best is worth by other measures. */
export function besideOf({ theme }: Frame, { head: { entry } }: SweepData): Beside[] {
  const { best, holdout, corrected, baseline } = entry
  const list: Beside[] = []
  if (best !== null)
    list.push({
      value: best.value,
      text: `best ${shortNumber(best.value)}`,
      colour: theme.text,
      weight: 650,
      mark: 'dot',
    })
  if (corrected !== null)
    list.push({
      value: corrected.mean,
      text: `corrected ${shortNumber(corrected.mean)}`,
      colour: theme.kinds[6],
      mark: 'interval',
      ends: [corrected.low, corrected.high],
    })
  if (holdout !== null)
    list.push({
      value: holdout,
      text: `holdout ${shortNumber(holdout)}`,
      colour: theme.kinds[3],
      mark: 'diamond',
    })
  if (baseline !== null)
    list.push({
      value: baseline.value,
      text: `baseline ${shortNumber(baseline.value)}`,
      colour: theme.muted,
      mark: 'line',
    })
  return list
}

/** Words one behind the other, in as many rows as they need. */
export function flowed(
  list: readonly Beside[],
  width: number,
  measure: Frame['measure'],
): { label: Beside; x: number }[][] {
  const rows: { label: Beside; x: number }[][] = []
  let x = Number.POSITIVE_INFINITY
  for (const label of list) {
    const room = measure(label.text) * 1.08
    if (x + room > width) {
      rows.push([])
      x = 0
    }
    rows[rows.length - 1].push({ label, x })
    x += room + 14
  }
  return rows
}

interface Place {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly wide: boolean
}

/** At the right edge, with words where there is room; the baseline is a line through the picture. */
export function drawBeside(
  on: Drawing,
  { theme }: Frame,
  list: readonly Beside[],
  y: Axis,
  { left, right, top, bottom, wide }: Place,
): void {
  const within = (at: number) => at >= top - 10 && at <= bottom + 2
  const placed = list
    .map((label) => ({ label, y: y.at(label.value) }))
    .filter((one) => Number.isFinite(one.y))
  for (const [index, { label, y: at }] of placed.entries()) {
    if (!within(at)) continue
    if (label.mark === 'line') {
      on.save()
      on.strokeStyle = theme.muted
      on.lineWidth = 1
      on.setLineDash([2, 3])
      segment(on, left, hair(at), right, hair(at))
      on.restore()
    } else drawBesideMark(on, label, y, right + 8 + (wide ? index * 11 : index * 8))
  }
  if (!wide) return
  for (const { label: one, at } of spread(placed, 17, top - 2, bottom - 4)) {
    const { label } = one
    const arrow = within(one.y) ? '' : one.y > bottom ? ' ↓' : ' ↑'
    write(on, theme, label.text + arrow, right + 46, at, {
      colour: label.colour,
      weight: label.weight,
      baseline: 'middle',
    })
  }
}

function drawBesideMark(on: Drawing, { value, mark, colour, ends }: Beside, axis: Axis, x: number): void {
  const y = axis.at(value)
  on.fillStyle = colour
  on.strokeStyle = colour
  on.lineWidth = 1.5
  if (mark === 'dot') {
    circle(on, x, y, 4)
    on.fill()
  } else if (mark === 'diamond') {
    on.beginPath()
    on.moveTo(x, y - 5)
    on.lineTo(x + 5, y)
    on.lineTo(x, y + 5)
    on.lineTo(x - 5, y)
    on.closePath()
    on.fill()
  } else if (ends !== undefined) {
    const [a, b] = ends.map((end) => axis.at(end))
    segment(on, x, a, x, b)
    segment(on, x - 3.5, a, x + 3.5, a)
    segment(on, x - 3.5, b, x + 3.5, b)
    segment(on, x - 5, y, x + 5, y)
  }
}
