/** What the search had predicted of each trial, and what it was off by. */
import { finishedValues } from '../ranking.js'
import { type Axis, fitted } from './axes.js'
import { type Drawing, hair, segment, write } from './drawing.js'
import { shortNumber } from './numbers.js'
import type { Frame } from './picture.js'
import { quantile, sorted } from './statistics.js'
import type { SweepData } from './trial.js'

/** The height of the strip of what predictions were off by. */
export const strip = 58

export function drawPredictions(
  on: Drawing,
  { theme }: Frame,
  { table }: SweepData,
  xs: Float64Array,
  y: Axis,
  top: number,
  bottom: number,
): void {
  const mean = table.numbers('predicted')
  const deviation = table.numbers('deviation')
  const bound = (value: number) => Math.min(bottom, Math.max(top, y.at(value)))
  on.save()
  on.strokeStyle = theme.faint
  on.globalAlpha = table.length > 2000 ? 0.12 : table.length > 300 ? 0.3 : 0.55
  on.lineWidth = 1
  for (let row = 0; row < table.length; row++) {
    if (!Number.isFinite(mean[row]) || !Number.isFinite(deviation[row])) continue
    const [a, b] = [bound(mean[row] - deviation[row]), bound(mean[row] + deviation[row])]
    if (!Number.isFinite(a) || !Number.isFinite(b)) continue
    segment(on, xs[row], a, xs[row], b)
    const at = y.at(mean[row])
    if (table.length <= 300 && at === bound(mean[row])) segment(on, xs[row] - 2.5, at, xs[row] + 2.5, at)
  }
  on.restore()
}

/** What came, less what was predicted: by trial, below. */
export function drawResiduals(
  on: Drawing,
  { theme, measure }: Frame,
  { table }: SweepData,
  xs: Float64Array,
  left: number,
  right: number,
  top: number,
  by: 'trial' | 'time',
): void {
  const values = finishedValues(table)
  const predicted = table.numbers('predicted')
  const off = Float64Array.from(values, (value, row) => value - predicted[row])
  const reach = quantile(sorted(off.map(Math.abs)), 0.98)
  const middle = top + strip - 24
  const half = 16
  const words = by === 'time' ? 'since the sweep began' : 'trial'
  write(on, theme, words, right, top + 6, { align: 'right', colour: theme.text })
  if (!(reach > 0)) return
  const text = `came minus predicted, within ±${shortNumber(reach, 2)}`
  write(on, theme, fitted(text, right - measure(words) - 12, measure), 0, top + 6, { colour: theme.text })
  on.strokeStyle = theme.line
  on.lineWidth = 1
  segment(on, left, hair(middle), right, hair(middle))
  on.save()
  on.globalAlpha = table.length > 1000 ? 0.35 : 0.8
  on.lineWidth = table.length > 300 ? 1 : 2
  on.strokeStyle = theme.muted
  on.beginPath()
  for (let row = 0; row < off.length; row++) {
    if (!Number.isFinite(off[row])) continue
    on.moveTo(xs[row], middle)
    on.lineTo(xs[row], middle - Math.max(-1, Math.min(1, off[row] / reach)) * (half + 2))
  }
  on.stroke()
  on.restore()
}
