/** Values along one parameter, over what the model of the trials makes of it. */
import { area, line } from 'd3-shape'
import type { Marginal } from '../../../analysis/index.js'
import { textOf } from '../../../values.js'
import { axisOf, brushAxis, drawBottomAxis, leftRoom, numberAxis } from './axes.js'
import { type Drawing, hair, segment, write } from './drawing.js'
import { fieldOf, valuesOf } from './fields.js'
import { emptyPicture, type Frame, type Picture } from './picture.js'
import { pointedAt } from './pointed.js'
import { drawPoints, pointStyle, ring, rowsOf } from './points.js'
import { spreadOut } from './scatter.js'
import { type Extent, extentOf } from './statistics.js'
import { statusesOf } from './status.js'
import { bestRow, type SweepData, trialHit } from './trial.js'

export interface SliceOptions {
  /** Of the parameter, and of the values. */
  readonly column: string
  readonly metric: string
  readonly marginal: Marginal | null
  /** Of the values: the same in all slices beside each other. */
  readonly range: Extent | null
  readonly log: boolean
}

export function slicePicture(frame: Frame, data: SweepData, options: SliceOptions): Picture {
  const { table, head } = data
  const { theme, measure, width, height } = frame
  const { column, metric, range } = options
  const field = fieldOf(head, table, column)
  const [vx, vy] = [valuesOf(table, column), valuesOf(table, metric)]
  if (range === null || !vx.some((value, row) => Number.isFinite(value) && Number.isFinite(vy[row])))
    return emptyPicture(frame, 'No trial has a value here.')
  const top = 10
  const bottom = height - 26
  const y = numberAxis({ ...range, log: options.log && range.min > 0, integer: false }, bottom - 4, top, {
    gap: 48,
  })
  const left = leftRoom(y, measure)
  const right = width - 8
  const pad = field.kind === 'category' ? 0 : 6
  const x = axisOf(field, left + pad, right - pad, { gap: 60 })
  const xs = Float64Array.from(vx, (value, row) => x.at(value) + spreadOut(field, x, row))
  const bound = (pixel: number) => Math.min(bottom, Math.max(top - 4, pixel))
  const ys = Float64Array.from(vy, (value) => bound(y.at(value)))
  const { hollow, colourOf } = statusesOf(theme, table)
  const style = pointStyle(table.length * 2, (right - left) * (bottom - top))
  const best = bestRow(data)
  const tell = (row: number) => trialHit(data, row, xs[row], ys[row], [column])
  return {
    *draw(on) {
      on.lineWidth = 1
      for (const { at, text } of y.ticks) {
        on.strokeStyle = theme.grid
        segment(on, left, hair(at), right, hair(at))
        write(on, theme, text, left - 8, at, { align: 'right', baseline: 'middle' })
      }
      const most =
        field.kind === 'category' ? (right - left) / Math.max(1, field.names.length) - 6 : right - left
      drawBottomAxis(on, theme, { ...x, from: left, to: right }, bottom, measure, {
        most: Math.max(18, most),
      })
      drawMarginal(on, frame, options.marginal, field, x, (value) => bound(y.at(value)))
      yield* drawPoints(on, [...vx.keys()], xs, ys, () => theme.unselected, { ...style, alpha: 0.45, hollow })
    },
    *chosen(on, mask) {
      yield* drawPoints(on, rowsOf(mask), xs, ys, colourOf, { ...style, hollow })
    },
    above(on) {
      if (best >= 0) ring(on, theme.text, theme.finished, xs[best], ys[best])
    },
    ...pointedAt({ table, xs, ys, theme, colourOf, tell, reach: 12 }),
    areas: [
      {
        x: left,
        y: top - 6,
        width: right - left,
        height: bottom - top + 6,
        across: brushAxis(field, x),
        along: brushAxis(fieldOf(head, table, metric), y),
      },
    ],
  }
}

/** Mean and deviation: a band along numbers, a bar at each category. */
function drawMarginal(
  on: Drawing,
  { theme }: Frame,
  marginal: Marginal | null,
  field: ReturnType<typeof fieldOf>,
  x: ReturnType<typeof axisOf>,
  y: (value: number) => number,
): void {
  if (marginal === null) return
  const { at, mean, deviation } = marginal
  const place = (value: Marginal['at'][number]) =>
    field.kind === 'category' ? x.at(placeOf(field.values, textOf(value))) : x.at(Number(value))
  const points = at
    .map((value, k) => ({ x: place(value), mean: mean[k], deviation: deviation[k] }))
    .filter((one) => Number.isFinite(one.x) && Number.isFinite(one.mean))
  on.save()
  on.fillStyle = theme.accent
  on.strokeStyle = theme.accent
  on.lineWidth = 1.75
  if (field.kind === 'category') {
    const half = Math.min(34, (x.to - x.from) / Math.max(1, field.names.length) / 2 - 3)
    for (const one of points) {
      const [from, to] = [y(one.mean + one.deviation), y(one.mean - one.deviation)]
      on.globalAlpha = 0.16
      on.fillRect(one.x - half, from, 2 * half, to - from)
      on.globalAlpha = 0.9
      segment(on, one.x - half, y(one.mean), one.x + half, y(one.mean))
    }
  } else {
    on.globalAlpha = 0.16
    on.beginPath()
    area<(typeof points)[number]>()
      .x((one) => one.x)
      .y0((one) => y(one.mean - one.deviation))
      .y1((one) => y(one.mean + one.deviation))
      .context(on as never)(points)
    on.fill()
    on.globalAlpha = 0.9
    on.beginPath()
    line<(typeof points)[number]>()
      .x((one) => one.x)
      .y((one) => y(one.mean))
      .context(on as never)(points)
    on.stroke()
  }
  on.restore()
}

function placeOf(values: readonly string[], value: string): number {
  const at = values.indexOf(value)
  return at < 0 ? Number.NaN : at
}

/** What all slices have to show. */
export function sliceRange(
  values: ArrayLike<number>,
  clipped: Extent,
  marginals: readonly (Marginal | null)[],
): Extent | null {
  const extent = extentOf(values)
  if (extent === null) return null
  const means = marginals.flatMap((one) => one?.mean ?? [])
  return extentOf(
    [clipped.min, clipped.max],
    means.map((mean) => Math.min(extent.max, Math.max(extent.min, mean))),
  )
}
