/** Trials by any two columns, a third as colour, and the front of those that no other dominates in both. */
import type { Direction } from '../../../values.js'
import { type Axis, axisOf, brushAxis, drawBottomAxis, fitted, leftRoom, type Region } from './axes.js'
import { goodness, rampOf } from './colours.js'
import { type Drawing, segment, write } from './drawing.js'
import { type Field, fieldOf, valuesOf } from './fields.js'
import { frontOf } from './front.js'
import { cellText } from './numbers.js'
import { emptyPicture, type Frame, type Picture } from './picture.js'
import { pointedAt } from './pointed.js'
import { drawPoints, pointStyle, ring, rowsOf } from './points.js'
import { extentOf } from './statistics.js'
import { drawStatusLegend, statusesOf } from './status.js'
import { bestRow, type SweepData, statusTest, trialHit } from './trial.js'

export interface ScatterOptions {
  readonly x: string
  readonly y: string
  /** A third column as colour; null: how trials stand. */
  readonly colour: string | null
  /** Which sides are better; null where no front is wanted. */
  readonly better: readonly [x: Direction, y: Direction] | null
  readonly logX: boolean
  readonly logY: boolean
}

/** Rows of the front of finished trials. */
export function scatterFront({ table }: SweepData, { x, y, better }: ScatterOptions): number[] {
  if (better === null) return []
  const finished = statusTest(table, 'finished')
  const rows = Array.from({ length: table.length }, (_, row) => row).filter(finished)
  return frontOf(valuesOf(table, x), valuesOf(table, y), better, rows)
}

export function scatterPicture(frame: Frame, data: SweepData, options: ScatterOptions): Picture {
  const { head, table } = data
  const { theme, measure, width, height } = frame
  const [fx, fy] = [
    shown(fieldOf(head, table, options.x), data, options.logX),
    shown(fieldOf(head, table, options.y), data, options.logY),
  ]
  const [vx, vy] = [valuesOf(table, options.x), valuesOf(table, options.y)]
  const known = [...vx.keys()].filter((row) => Number.isFinite(vx[row]) && Number.isFinite(vy[row]))
  if (known.length === 0) return emptyPicture(frame, `No trial has both ${fx.label} and ${fy.label}.`)
  const top = 36
  const bottom = height - 46
  const y = padded(fy, bottom, top, 55)
  const left = Math.min(width / 3, leftRoom(y, measure))
  const right = width - 12
  const x = padded(fx, left, right, 90)
  const xs = Float64Array.from(vx, (value, row) => x.at(value) + spreadOut(fx, x, row))
  const ys = Float64Array.from(vy, (value, row) => y.at(value) + spreadOut(fy, y, row, 'y'))
  const statuses = statusesOf(theme, table)
  const colourOf = options.colour === null ? statuses.colourOf : colourBy(frame, data, options.colour)
  const style = pointStyle(known.length, (right - left) * (bottom - top))
  const front = scatterFront(data, options)
  const best = bestRow(data)
  const tell = (row: number) =>
    trialHit(data, row, xs[row], ys[row], [
      options.x,
      options.y,
      ...(options.colour === null ? [] : [options.colour]),
    ])
  return {
    *draw(on) {
      drawScatterAxes(on, frame, { x, y, fx, fy, left, right, top, bottom })
      if (options.colour === null) drawStatusLegend(on, frame, table, right, width < 520 ? 28 : 14)
      else drawRampLegend(on, frame, data, options.colour, right, width < 520 ? 26 : 12)
      yield* drawPoints(on, known, xs, ys, () => theme.unselected, {
        ...style,
        alpha: 0.55,
        hollow: statuses.hollow,
      })
    },
    *chosen(on, mask) {
      const rows = rowsOf(mask).filter((row) => Number.isFinite(xs[row]) && Number.isFinite(ys[row]))
      yield* drawPoints(on, rows, xs, ys, colourOf, { ...style, hollow: statuses.hollow })
    },
    above(on) {
      drawFront(on, frame, front, xs, ys, options.better)
      if (best >= 0) ring(on, theme.text, colourOf(best), xs[best], ys[best])
    },
    ...pointedAt({ table, xs, ys, theme, colourOf, tell, reach: 14 }),
    areas: [
      {
        x: left,
        y: top - 6,
        width: right - left,
        height: bottom - top + 6,
        across: brushAxis(fx, x),
        along: brushAxis(fy, y),
      },
    ],
  }
}

/** What there is of it: an axis of trials is as long as their values, not as what they might have been. */
function shown(field: Field, { table }: SweepData, log: boolean): Field {
  if (field.kind === 'category') return field
  const extent = extentOf(valuesOf(table, field.column))
  return { ...field, ...(extent ?? {}), log: log && (extent?.min ?? 0) > 0 }
}

function padded(field: Field, from: number, to: number, gap: number): Axis {
  const pad = field.kind === 'category' ? 0 : 8 * Math.sign(to - from)
  return axisOf(field, from + pad, to - pad, { gap })
}

/** Steps that fill a plane evenly (Roberts' R2 sequence): along x and along y. */
const steps = { x: 0.754_877_666_2, y: 0.569_840_290_9 }

/** Trials of one category stand beside each other: always the same ones at the same place. */
export function spreadOut(field: Field, axis: Axis, row: number, along: 'x' | 'y' = 'x'): number {
  if (field.kind !== 'category') return 0
  const step = Math.abs(axis.to - axis.from) / Math.max(1, field.names.length)
  return (((row * steps[along]) % 1) - 0.5) * Math.min(step * 0.62, 90)
}

function colourBy({ theme }: Frame, data: SweepData, column: string): (row: number) => string {
  const field = fieldOf(data.head, data.table, column)
  const values = valuesOf(data.table, column)
  if (field.kind === 'category')
    return (row) =>
      Number.isNaN(values[row]) ? theme.unselected : theme.kinds[values[row] % theme.kinds.length]
  const ramp = rampOf(theme)
  const { of } = goodness(field.log ? values.map(Math.log) : values, field.better ?? 'maximize')
  return (row) => {
    const value = field.log ? Math.log(values[row]) : values[row]
    return Number.isFinite(value) ? ramp[Math.round(of(value) * (ramp.length - 1))] : theme.unselected
  }
}

/** From the worst to the best, or from little to much, or the kinds by name. */
function drawRampLegend(
  on: Drawing,
  { theme, measure, width }: Frame,
  data: SweepData,
  column: string,
  right: number,
  y: number,
): void {
  const field = fieldOf(data.head, data.table, column)
  if (field.kind === 'category') {
    let x = right
    for (const [index, name] of [...field.names.entries()].slice(0, 5).reverse()) {
      const text = fitted(name, 90, measure)
      x -= measure(text)
      write(on, theme, text, x, y + 2)
      x -= 10
      on.fillStyle = theme.kinds[index % theme.kinds.length]
      on.fillRect(x - 3, y - 6, 7, 7)
      x -= 14
    }
    return
  }
  const values = valuesOf(data.table, column)
  const { worst, best } = goodness(values, field.better ?? 'maximize')
  const texts = [worst, best].map((value) => cellText(column, Number(value.toPrecision(3))))
  const bar = Math.min(90, width / 5)
  const x1 = right - measure(texts[1]) - 6
  write(on, theme, texts[1], right, y + 2, { align: 'right' })
  const ramp = rampOf(theme, 24)
  for (const [index, colour] of ramp.entries()) {
    on.fillStyle = colour
    on.fillRect(x1 - bar + (index * bar) / 24, y - 6, bar / 24 + 0.6, 8)
  }
  write(on, theme, texts[0], x1 - bar - 6, y + 2, { align: 'right' })
  const words = fitted(field.label, Math.max(0, width / 4), measure)
  write(on, theme, words, x1 - bar - 12 - measure(texts[0]), y + 2, { align: 'right', colour: theme.text })
}

function drawScatterAxes(
  on: Drawing,
  { theme, measure, width }: Frame,
  { x, y, fx, fy, left, right, top, bottom }: Region,
): void {
  on.lineWidth = 1
  for (const { at, text } of y.ticks) {
    on.strokeStyle = theme.grid
    segment(on, left, Math.round(at) + 0.5, right, Math.round(at) + 0.5)
    write(on, theme, fitted(text, left - 10, measure), left - 8, at, { align: 'right', baseline: 'middle' })
  }
  on.strokeStyle = theme.grid
  for (const { at } of x.ticks) segment(on, Math.round(at) + 0.5, top, Math.round(at) + 0.5, bottom)
  const room = fx.kind === 'category' ? (right - left) / Math.max(1, fx.names.length) - 8 : right - left
  drawBottomAxis(on, theme, { ...x, from: left, to: right }, bottom, measure, {
    label: fitted(fx.label, right - left, measure),
    most: Math.max(24, room),
  })
  write(on, theme, fitted(fy.label, width / 2.4, measure), 0, 14, { colour: theme.text })
}

/** As steps: what is dominated lies behind them. */
function drawFront(
  on: Drawing,
  { theme }: Frame,
  front: readonly number[],
  xs: Float64Array,
  ys: Float64Array,
  better: ScatterOptions['better'],
): void {
  if (better === null || front.length === 0) return
  on.strokeStyle = theme.text
  on.lineWidth = 1.25
  on.beginPath()
  for (const [index, row] of front.entries()) {
    if (index > 0) on.lineTo(xs[row], ys[front[index - 1]])
    if (index === 0) on.moveTo(xs[row], ys[row])
    else on.lineTo(xs[row], ys[row])
  }
  on.stroke()
  for (const row of front) {
    on.beginPath()
    on.arc(xs[row], ys[row], 4, 0, 2 * Math.PI)
    on.strokeStyle = theme.text
    on.lineWidth = 1.25
    on.stroke()
  }
}
