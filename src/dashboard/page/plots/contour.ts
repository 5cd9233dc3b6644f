/** What a model of the trials gives over two parameters, as bands of colour, with the trials on it. */
import { contours } from 'd3-contour'
import type { Surface } from '../../../analysis/index.js'
import { type Direction, textOf } from '../../../values.js'
import { type Axis, axisOf, brushAxis, drawBottomAxis, fitted, leftRoom, type Region } from './axes.js'
import { rampOf } from './colours.js'
import { circle, type Drawing, write, writeAbove } from './drawing.js'
import { type Field, fieldOf, valuesOf } from './fields.js'
import { shortNumber } from './numbers.js'
import { emptyPicture, type Frame, type Picture } from './picture.js'
import { pointedAt } from './pointed.js'
import { drawPoints, pointStyle, ring, roundUpTo, rowsOf } from './points.js'
import { spreadOut } from './scatter.js'
import { type Extent, extentOf } from './statistics.js'
import { bestRow, type SweepData, trialHit } from './trial.js'

export interface ContourOptions {
  /** Of parameters. */
  readonly x: string
  readonly y: string
  /** Of the values. */
  readonly metric: string
  /** Of the metric, in words. */
  readonly label: string
  readonly direction: Direction
  /** null where the record cannot tell: trials alone. */
  readonly surface: Surface | null
}

const bands = 12

export function contourPicture(frame: Frame, data: SweepData, options: ContourOptions): Picture {
  const { head, table } = data
  const { theme, measure, width, height } = frame
  const { surface, direction } = options
  const [fx, fy] = [fieldOf(head, table, options.x), fieldOf(head, table, options.y)]
  const [vx, vy, values] = [options.x, options.y, options.metric].map((column) => valuesOf(table, column))
  const known = [...vx.keys()].filter((row) => Number.isFinite(vx[row]) && Number.isFinite(vy[row]))
  if (known.length === 0 && surface === null)
    return emptyPicture(frame, `No trial has both ${fx.label} and ${fy.label}.`)
  const [top, bottom] = [36, height - 46]
  const y = axisOf(fy, bottom, top, { gap: 55 })
  const left = Math.min(width / 3, leftRoom(y, measure))
  const right = width - 12
  const x = axisOf(fx, left, right, { gap: 90 })
  const xs = Float64Array.from(vx, (value, row) => x.at(value) + spreadOut(fx, x, row))
  const ys = Float64Array.from(vy, (value, row) => y.at(value) + spreadOut(fy, y, row, 'y'))
  const range = surface === null ? extentOf(values) : extentOf(...surface.mean)
  const shade = shades(frame, range, direction)
  const colourOf = (row: number) => (Number.isFinite(values[row]) ? shade(values[row]) : theme.faint)
  const { radius } = pointStyle(known.length, (right - left) * (bottom - top))
  const best = bestRow(data)
  const tell = (row: number) => trialHit(data, row, xs[row], ys[row], [options.x, options.y])
  return {
    draw(on) {
      if (surface !== null) drawSurface(on, surface, { x, y, fx, fy, left, right, top, bottom }, range, shade)
      drawLegend(on, frame, options.label, range, direction, right)
      for (const { at, text } of y.ticks)
        write(on, theme, fitted(text, left - 10, measure), left - 8, at, {
          align: 'right',
          baseline: 'middle',
        })
      const most = fx.kind === 'category' ? (right - left) / Math.max(1, fx.names.length) - 8 : right - left
      drawBottomAxis(on, theme, { ...x, from: left, to: right }, bottom, measure, {
        label: fitted(fx.label, right - left, measure),
        most: Math.max(24, most),
      })
      write(on, theme, fitted(fy.label, width / 2.6, measure), 0, 14, { colour: theme.text })
    },
    *chosen(on, mask) {
      const rows = rowsOf(mask).filter((row) => Number.isFinite(xs[row]) && Number.isFinite(ys[row]))
      if (rows.length > roundUpTo) {
        yield* drawPoints(on, rows, xs, ys, colourOf, { radius, alpha: 0.8 })
        return
      }
      for (const row of rows) {
        circle(on, xs[row], ys[row], radius)
        on.fillStyle = colourOf(row)
        on.fill()
        on.strokeStyle = theme.surface
        on.lineWidth = 1
        on.stroke()
      }
    },
    above(on) {
      if (best < 0 || !Number.isFinite(xs[best]) || !Number.isFinite(ys[best])) return
      ring(on, theme.surface, theme.text, xs[best], ys[best])
      const text = 'best'
      const away = xs[best] + 10 + measure(text) > right
      writeAbove(on, theme, text, xs[best] + (away ? -10 : 10), ys[best] - 12, measure(text) + 2, {
        colour: theme.text,
        align: away ? 'right' : 'left',
        weight: 650,
      })
    },
    ...pointedAt({ table, xs, ys, theme, colourOf, tell, reach: 14 }),
    areas: [
      {
        x: left,
        y: top,
        width: right - left,
        height: bottom - top,
        across: brushAxis(fx, x),
        along: brushAxis(fy, y),
      },
    ],
  }
}

/** The colour of a value: the better, the nearer to the end that stands out. */
function shades({ theme }: Frame, range: Extent | null, direction: Direction): (value: number) => string {
  const ramp = rampOf(theme, bands)
  if (range === null) return () => theme.unselected
  return (value) => {
    const share = range.max > range.min ? (value - range.min) / (range.max - range.min) : 1
    const good = direction === 'maximize' ? share : 1 - share
    return ramp[Math.min(bands - 1, Math.max(0, Math.floor(good * bands)))]
  }
}

function drawSurface(
  on: Drawing,
  surface: Surface,
  region: Region,
  range: Extent | null,
  shade: (value: number) => string,
): void {
  if (range === null) return
  const { x, y, fx, fy, left, right, top, bottom } = region
  const px = surface.xAt.map((value) => placeOf(fx, x, value))
  const py = surface.yAt.map((value) => placeOf(fy, y, value))
  on.save()
  on.globalAlpha = 0.82
  on.beginPath()
  on.rect(left, top, right - left, bottom - top)
  on.clip()
  if (fx.kind === 'category' || fy.kind === 'category' || !(range.max > range.min))
    drawCells(on, surface, edges(px, left, right, fx), edges(py, bottom, top, fy), shade)
  else drawBands(on, surface, px, py, region, range, shade)
  on.restore()
}

function placeOf(field: Field, axis: Axis, value: Surface['xAt'][number]): number {
  return axis.at(field.kind === 'category' ? field.values.indexOf(textOf(value)) : Number(value))
}

/** Bounds of cells: half way between their middles, to the ends of the axis; of categories with a gap between. */
function edges(at: readonly number[], from: number, to: number, field: Field): (readonly [number, number])[] {
  if (field.kind === 'category') {
    const half = Math.abs(to - from) / Math.max(1, field.names.length) / 2 - 1
    return at.map((middle) => [middle - half, middle + half] as const)
  }
  return at.map((middle, k) => {
    const before = k === 0 ? from : (at[k - 1] + middle) / 2
    const after = k === at.length - 1 ? to : (middle + at[k + 1]) / 2
    return [Math.min(before, after), Math.max(before, after)] as const
  })
}

function drawCells(
  on: Drawing,
  { mean }: Surface,
  columns: readonly (readonly [number, number])[],
  rows: readonly (readonly [number, number])[],
  shade: (value: number) => string,
): void {
  for (const [j, [top, bottom]] of rows.entries())
    for (const [i, [left, right]] of columns.entries()) {
      on.fillStyle = shade(mean[j][i])
      on.fillRect(left, top, right - left + 0.4, bottom - top + 0.4)
    }
}

function drawBands(
  on: Drawing,
  { mean, xAt, yAt }: Surface,
  px: readonly number[],
  py: readonly number[],
  { left, right, top, bottom }: Region,
  { min, max }: Extent,
  shade: (value: number) => string,
): void {
  const step = (max - min) / bands
  on.fillStyle = shade(min + step / 2)
  on.fillRect(left, top, right - left, bottom - top)
  const levels = Array.from({ length: bands - 1 }, (_, k) => min + (k + 1) * step)
  const made = contours().size([xAt.length, yAt.length]).thresholds(levels)(mean.flat())
  // The grid of contours counts cells; its values stand in their middles.
  const place = (at: readonly number[], cell: number) => {
    const k = Math.min(at.length - 1, Math.max(0, cell - 0.5))
    const low = Math.min(at.length - 2, Math.floor(k))
    return low < 0 ? at[0] : at[low] + (at[low + 1] - at[low]) * (k - low)
  }
  for (const { value, coordinates } of made) {
    on.fillStyle = shade(value + step / 2)
    on.beginPath()
    for (const rings of coordinates)
      for (const points of rings) {
        for (const [index, [cx, cy]] of points.entries()) {
          if (index === 0) on.moveTo(place(px, cx), place(py, cy))
          else on.lineTo(place(px, cx), place(py, cy))
        }
        on.closePath()
      }
    on.fill('evenodd')
  }
}

function drawLegend(
  on: Drawing,
  { theme, measure, width }: Frame,
  label: string,
  range: Extent | null,
  direction: Direction,
  right: number,
): void {
  if (range === null) return
  const ends = direction === 'maximize' ? [range.min, range.max] : [range.max, range.min]
  const [worst, best] = ends.map((value) => shortNumber(value, 3))
  const ramp = rampOf(theme, bands)
  const bar = Math.min(120, width / 4.5)
  const x1 = right - measure(best) - 6
  const x0 = x1 - bar
  for (const [index, colour] of ramp.entries()) {
    on.fillStyle = colour
    on.fillRect(x0 + (index * bar) / bands, 6, bar / bands + 0.5, 9)
  }
  write(on, theme, best, right, 14, { align: 'right' })
  write(on, theme, worst, x0 - 6, 14, { align: 'right' })
  const text = fitted(label, Math.max(0, width / 4), measure)
  if (width > 480)
    write(on, theme, text, x0 - 14 - measure(worst), 14, { align: 'right', colour: theme.text })
}
