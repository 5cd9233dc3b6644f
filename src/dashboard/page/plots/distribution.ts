/** How a column is spread: the selected trials before all. */
import {
  type Axis,
  axisOf,
  brushAxis,
  drawBottomAxis,
  drawLeftAxis,
  inPercent,
  leftRoom,
  numberAxis,
} from './axes.js'
import { type Drawing, hair, segment, write } from './drawing.js'
import { type Field, fieldOf, valuesOf } from './fields.js'
import { countText } from './numbers.js'
import { emptyPicture, type Frame, type Picture } from './picture.js'
import { extentOf, histogram, quantile, sorted } from './statistics.js'
import type { SweepData } from './trial.js'

export interface DistributionOptions {
  readonly column: string
  /** Bars of how many; bars of both drawn to one height, to compare their shapes; or the share below each value. */
  readonly kind: 'counts' | 'shapes' | 'shares'
}

export function distributionPicture(frame: Frame, data: SweepData, options: DistributionOptions): Picture {
  const { theme, measure, width, height } = frame
  const field = reachOf(fieldOf(data.head, data.table, options.column), data, options)
  const values = valuesOf(data.table, options.column)
  const all = values.filter((value) => Number.isFinite(value))
  if (all.length === 0) return emptyPicture(frame, `No trial has ${field.label}.`)
  const [top, bottom] = [12, height - 24]
  const bins = binsOf(field, all.length)
  const counts = binned(all, field, bins)
  const most = Math.max(...counts)
  const isShares = options.kind === 'shares'
  const levels = numberAxis(
    { min: 0, max: isShares ? 100 : most, log: false, integer: !isShares },
    bottom,
    top,
    {
      gap: 55,
    },
  )
  const y = isShares ? inPercent(levels) : levels
  const left = options.kind === 'shapes' ? 4 : leftRoom(y, measure)
  const right = width - 8
  const x = axisOf(field, left, right, { gap: 80 })
  const bars = (on: Drawing, of: Uint32Array, highest: number) => {
    for (const [index, count] of of.entries()) {
      if (count === 0) continue
      const [from, to] = barAt(x, field, index, bins)
      const tall = Math.max(1, (count / highest) * (bottom - top))
      on.fillRect(from + 0.5, bottom - tall, Math.max(1, to - from - 1), tall)
    }
  }
  const chosenOf = (mask: Uint8Array) =>
    values.filter((value, row) => mask[row] === 1 && Number.isFinite(value))
  return {
    draw(on) {
      if (options.kind !== 'shapes') drawLeftAxis(on, theme, y, left, right)
      const room =
        field.kind === 'category' ? (right - left) / Math.max(1, field.names.length) - 6 : right - left
      drawBottomAxis(on, theme, { ...x, from: left, to: right }, bottom, measure, {
        most: Math.max(18, room),
      })
      if (isShares) {
        on.strokeStyle = theme.unselected
        drawShares(on, sorted(all), x, y)
        return
      }
      on.fillStyle = theme.unselected
      on.globalAlpha = 0.7
      bars(on, counts, most)
      on.globalAlpha = 1
    },
    chosen(on, mask) {
      const chosen = chosenOf(mask)
      if (chosen.length === 0) return
      if (isShares) {
        on.strokeStyle = theme.finished
        drawShares(on, sorted(chosen), x, y)
        drawMedian(on, frame, quantile(sorted(chosen), 0.5), x, y, right)
        return
      }
      const some = binned(chosen, field, bins)
      on.fillStyle = theme.finished
      on.globalAlpha = 0.85
      bars(on, some, options.kind === 'shapes' ? Math.max(...some) : most)
      on.globalAlpha = 1
    },
    mark(on, trial) {
      const row = data.table.rowOf(trial)
      const at = row === undefined ? Number.NaN : x.at(values[row])
      if (!Number.isFinite(at)) return
      on.strokeStyle = theme.highlight
      on.lineWidth = 1.5
      segment(on, hair(at), top, hair(at), bottom)
    },
    hit(px, py, mask) {
      if (isShares || px < left || px > right || py > bottom || py < top - 8) return null
      const index = Array.from({ length: bins }, (_, k) => k).find((k) => {
        const [from, to] = barAt(x, field, k, bins)
        return px >= from && px < to
      })
      if (index === undefined) return null
      const some = binned(chosenOf(mask), field, bins)
      const [from, to] = barAt(x, field, index, bins)
      return {
        trial: null,
        x: (from + to) / 2,
        y: bottom - 30,
        title: binText(field, index, bins),
        lines: [
          ['selected', countText(some[index])],
          ['all', countText(counts[index])],
        ],
      }
    },
    areas: [{ x: left, y: top, width: right - left, height: bottom - top, across: brushAxis(field, x) }],
  }
}

/** The value runs over what there is; a parameter over all that it may be. */
function reachOf(field: Field, { table }: SweepData, { column }: DistributionOptions): Field {
  if (field.kind === 'category' || column.startsWith('params.')) return field
  return { ...field, ...extentOf(valuesOf(table, column)) }
}

function binsOf(field: Field, count: number): number {
  if (field.kind === 'category') return field.names.length
  if (!(field.max > field.min)) return 1
  const wanted = Math.max(6, Math.min(40, Math.ceil(1.4 * Math.sqrt(count))))
  // Whole numbers have bins of their own, or bins of equally many.
  if (field.integer && !field.log) {
    const wide = field.max - field.min + 1
    return Math.ceil(wide / Math.ceil(wide / wanted))
  }
  return wanted
}

/** The bounds of the bins, in the numbers in which they are even. */
function spanOf(field: Field, bins: number): readonly [from: number, to: number] {
  if (field.kind === 'category') return [-0.5, field.names.length - 0.5]
  if (field.log) return [Math.log(field.min), Math.log(field.max)]
  if (field.integer && field.max > field.min) {
    const wide = Math.ceil((field.max - field.min + 1) / bins)
    return [field.min - 0.5, field.min - 0.5 + wide * bins]
  }
  return [field.min, field.max]
}

function binned(values: Float64Array, field: Field, bins: number): Uint32Array {
  const [from, to] = spanOf(field, bins)
  if (!(to > from)) return Uint32Array.of(values.length)
  return histogram(field.log ? values.map(Math.log) : values, from, to, bins)
}

function boundsOf(field: Field, index: number, bins: number): readonly [from: number, to: number] {
  const [from, to] = spanOf(field, bins)
  const ends = [from + ((to - from) * index) / bins, from + ((to - from) * (index + 1)) / bins]
  return field.log ? [Math.exp(ends[0]), Math.exp(ends[1])] : [ends[0], ends[1]]
}

function barAt(x: Axis, field: Field, index: number, bins: number): readonly [from: number, to: number] {
  if (field.kind === 'category') {
    const half = (x.to - x.from) / Math.max(1, field.names.length) / 2
    return [x.at(index) - half * 0.8, x.at(index) + half * 0.8]
  }
  if (!(field.max > field.min)) return [x.at(field.min) - 14, x.at(field.min) + 14]
  const [from, to] = boundsOf(field, index, bins).map((bound) => x.at(bound))
  return [Math.max(x.from, from), Math.min(x.to, to)]
}

function binText(field: Field, index: number, bins: number): string {
  if (field.kind === 'category') return field.names[index]
  if (!(field.max > field.min)) return String(field.min)
  const [from, to] = boundsOf(field, index, bins)
  if (field.integer && !field.log) {
    const [low, high] = [Math.ceil(from), Math.floor(to)]
    return low === high ? String(low) : `${low} to ${high}`
  }
  return `${Number(from.toPrecision(3))} to ${Number(to.toPrecision(3))}`
}

/** The share of values at most as great as each. */
function drawShares(on: Drawing, values: Float64Array, x: Axis, y: Axis): void {
  on.lineWidth = 1.75
  on.beginPath()
  on.moveTo(x.from, y.at(0))
  // More steps than pixels are seen by nobody.
  const every = Math.max(1, Math.floor(values.length / 2000))
  for (let k = 0; k < values.length; k += every) {
    on.lineTo(x.at(values[k]), y.at((100 * k) / values.length))
    on.lineTo(x.at(values[k]), y.at((100 * Math.min(values.length, k + every)) / values.length))
  }
  on.lineTo(x.to, y.at(100))
  on.stroke()
}

function drawMedian(
  on: Drawing,
  { theme, measure }: Frame,
  median: number,
  x: Axis,
  y: Axis,
  right: number,
): void {
  const at = x.at(median)
  on.fillStyle = theme.finished
  on.beginPath()
  on.arc(at, y.at(50), 3.5, 0, 2 * Math.PI)
  on.fill()
  const text = `median ${Number(median.toPrecision(4))}`
  const away = at + 8 + measure(text) > right
  write(on, theme, text, at + (away ? -8 : 8), y.at(50) + (away ? -8 : 14), {
    align: away ? 'right' : 'left',
    colour: theme.text,
  })
}
