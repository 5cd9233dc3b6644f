/**
 * The course of a sweep: what each trial came to, the best so far, what the search had predicted, and beside the best what it is
 * worth on the holdout part, corrected for the choice, and against the baseline.
 */
import { curveStepAfter, line } from 'd3-shape'
import { visible } from '../../../shown.js'
import type { Direction } from '../../../values.js'
import { elapsedColumn, elapsedOf } from '../elapsed.js'
import { finishedValues } from '../ranking.js'
import { type Axis, brushAxis, drawBottomAxis, drawLeftAxis, fitted, leftRoom, numberAxis } from './axes.js'
import { besideOf, drawBeside, flowed } from './beside.js'
import { circle, cross, type Drawing, hair, segment, write } from './drawing.js'
import { fieldOf } from './fields.js'
import { countText, elapsedTicks } from './numbers.js'
import { emptyPicture, type Frame, type Picture } from './picture.js'
import { drawPoints, nearest, pointStyle, ring, rowsOf } from './points.js'
import { drawPredictions, drawResiduals, strip } from './predictions.js'
import { bestSoFar, clipRange, extentOf } from './statistics.js'
import { drawStatusLegend, statusesOf } from './status.js'
import { type SweepData, sideWords, trialAt, trialHit } from './trial.js'

export interface HistoryOptions {
  readonly by: 'trial' | 'time'
  readonly log: boolean
  readonly predicted: boolean
}

/** The height of the lane of trials without a value. */
const lane = 16

/** Rows in the order in which their values came, where time is asked for. */
export function courseOf(xs: Float64Array, by: HistoryOptions['by']): number[] {
  const rows = [...xs.keys()]
  return by === 'trial' ? rows : rows.sort((a, b) => xs[a] - xs[b] || a - b)
}

/** The values that an axis has to show: those worth telling apart, and what stands beside the best. */
function valueRange({ head, table }: SweepData, direction: Direction) {
  const values = table.numbers('value')
  const clipped = clipRange(values, direction)
  const { holdout, corrected, baseline } = head.entry
  const beside = [holdout ?? Number.NaN, corrected?.low ?? Number.NaN, corrected?.high ?? Number.NaN]
  const extent = extentOf([clipped.min, clipped.max], beside)
  if (extent === null) return null
  const breadth = extent.max - extent.min || Math.abs(extent.max) * 0.1
  const near =
    baseline !== null && baseline.value > extent.min - breadth && baseline.value < extent.max + breadth
  return { ...extentOf([extent.min, extent.max], near ? [baseline.value] : [])!, over: clipped.over }
}

export function historyPicture(frame: Frame, data: SweepData, options: HistoryOptions): Picture {
  const { head, table } = data
  const { theme, measure, width, height } = frame
  const { direction } = head.entry.objective
  if (table.length === 0) return emptyPicture(frame, 'No trial has begun yet.')
  const values = table.numbers('value')
  const range = valueRange(data, direction)
  const predictions = options.predicted && table.numbers('predicted').some((one) => Number.isFinite(one))
  const wide = width >= 620
  const beside = range === null ? [] : besideOf(frame, data)
  const rows = wide ? [] : flowed(beside, width, measure)
  const top = 34 + (width < 520 || rows.length > 0 ? 16 : 0) + rows.length * 17
  const bottom = height - 40 - lane - (predictions ? strip : 0)
  const log = options.log && range !== null && range.min > 0
  const y = numberAxis({ min: range?.min ?? 0, max: range?.max ?? 1, log, integer: false }, bottom - 6, top, {
    gap: 55,
  })
  const left = range === null ? 16 : leftRoom(y, measure)
  const words = Math.max(0, ...beside.map(({ text }) => measure(`${text} ↓`))) * 1.06
  const right = width - (wide ? 50 + words : 30)
  const elapsed = options.by === 'time' ? elapsedOf(head, table) : null
  const along = elapsed ?? table.numbers('trial')
  const x = alongAxis(along, left + 6, right - 6, elapsed !== null)
  const xs = Float64Array.from(along, (value) => x.at(value))
  const [low, high] = range === null ? [0, 0] : [y.at(range.min), y.at(range.max)]
  const [yTop, yBottom] = [Math.min(low, high), Math.max(low, high)]
  const laneY = bottom + 10
  // What lies outside the range is at its edge, where an arrow says so.
  const ys = Float64Array.from(values, (value) => {
    const at = y.at(value)
    return Number.isFinite(at) ? Math.min(yBottom + 5, Math.max(yTop - 5, at)) : laneY
  })
  const { failed, hollow, colourOf } = statusesOf(theme, table)
  const style = pointStyle(table.length, (right - left) * (bottom - top))
  const withValue = (rows: readonly number[]) => rows.filter((row) => Number.isFinite(values[row]))
  const without = (rows: readonly number[]) => rows.filter((row) => !Number.isFinite(values[row]))
  const beyond = (row: number) => ys[row] > yBottom + 4 || ys[row] < yTop - 4

  function* drawRows(on: Drawing, rows: readonly number[], colour: (row: number) => string, alpha: number) {
    yield* drawPoints(on, withValue(rows), xs, ys, colour, { ...style, alpha, hollow })
    on.save()
    on.globalAlpha = Math.max(alpha, 0.5)
    for (const row of withValue(rows).filter(beyond))
      drawArrow(on, colour(row), xs[row], ys[row], ys[row] > yBottom)
    for (const row of without(rows)) {
      on.strokeStyle = colour(row)
      on.lineWidth = 1.25
      if (failed(row)) cross(on, xs[row], laneY, 3)
      else {
        circle(on, xs[row], laneY, 3)
        on.stroke()
      }
    }
    on.restore()
  }

  const all = [...xs.keys()]
  return {
    *draw(on) {
      if (range !== null) drawLeftAxis(on, theme, y, left, right)
      else
        write(on, theme, 'No trial has a value yet.', (left + right) / 2, (top + bottom) / 2, {
          align: 'center',
          size: 13,
        })
      write(on, theme, axisWords(frame, data, range?.over ?? 0), 0, 14, { colour: theme.text })
      drawStatusLegend(on, frame, table, wide ? right : width, width < 520 ? 28 : 14)
      drawBottomAxis(on, theme, x, bottom + lane + 2, measure, {
        label: predictions ? '' : options.by === 'time' ? 'since the sweep began' : 'trial',
      })
      if (predictions) {
        drawPredictions(on, frame, data, xs, y, yTop, yBottom)
        drawResiduals(on, frame, data, xs, left, right, height - strip - 4, options.by)
      }
      if (range !== null) drawBeside(on, frame, beside, y, { left, right, top, bottom, wide })
      for (const [index, row] of rows.entries())
        for (const { label, x: at } of row)
          write(on, theme, label.text, at, 48 + index * 17, { colour: label.colour, weight: label.weight })
      yield* drawRows(on, all, () => theme.unselected, 0.55)
      on.save()
      on.beginPath()
      on.rect(left, top - 10, right - left, bottom - top + 12)
      on.clip()
      drawBest(on, frame, finishedValues(table), xs, y, courseOf(along, options.by), direction, right)
      on.restore()
    },
    *chosen(on, mask) {
      yield* drawRows(on, rowsOf(mask), colourOf, style.alpha)
    },
    mark(on, trial) {
      const row = table.rowOf(trial)
      if (row === undefined) return
      on.strokeStyle = theme.line
      on.lineWidth = 1
      segment(on, hair(xs[row]), top, hair(xs[row]), bottom + lane)
      ring(on, theme.highlight, colourOf(row), xs[row], ys[row])
    },
    hit(px, py, mask) {
      const row = nearest(xs, ys, px, py, 14, mask)
      return row < 0 ? null : trialHit(data, row, xs[row], ys[row])
    },
    hitOf(trial) {
      const row = table.rowOf(trial)
      return row === undefined ? null : trialHit(data, row, xs[row], ys[row])
    },
    order: (mask) =>
      courseOf(along, options.by)
        .filter((row) => mask[row] === 1)
        .map((row) => trialAt(table, row)),
    areas: [
      {
        x: left,
        y: top - 6,
        width: right - left,
        height: bottom - top + 6,
        across: brushAxis(
          { ...fieldOf(head, table, elapsed === null ? 'trial' : elapsedColumn), ...extentOf(along) },
          x,
          { whole: elapsed === null },
        ),
        ...(range === null ? {} : { along: brushAxis(fieldOf(head, table, 'value'), y) }),
      },
    ],
  }
}

/** Trials, or seconds since the begin. */
function alongAxis(values: Float64Array, from: number, to: number, time: boolean): Axis {
  const extent = extentOf(values) ?? { min: 0, max: 1 }
  if (!time) return numberAxis({ ...extent, log: false, integer: true }, from, to, { gap: 90 })
  const axis = numberAxis({ min: 0, max: Math.max(extent.max, 1e-3), log: false, integer: false }, from, to)
  const ticks = elapsedTicks(0, extent.max, Math.max(2, Math.floor((to - from) / 80)))
  return { ...axis, ticks: ticks.map(({ at, text }) => ({ at: axis.at(at), text })) }
}

function drawBest(
  on: Drawing,
  { theme }: Frame,
  values: Float64Array,
  xs: Float64Array,
  y: Axis,
  course: readonly number[],
  direction: Direction,
  right: number,
): void {
  const best = bestSoFar(
    course.map((row) => values[row]),
    direction,
  )
  const points: [number, number][] = []
  for (const [index, row] of course.entries())
    if (Number.isFinite(best[index]) && (index === 0 || best[index] !== best[index - 1]))
      points.push([xs[row], y.at(best[index])])
  if (points.length === 0) return
  points.push([right, points[points.length - 1][1]])
  on.strokeStyle = theme.text
  on.lineWidth = 1.5
  on.lineJoin = 'round'
  on.beginPath()
  line<[number, number]>()
    .curve(curveStepAfter)
    .context(on as never)(points)
  on.stroke()
}

function axisWords({ width, measure }: Frame, { head }: SweepData, over: number): string {
  const { metric, direction } = head.entry.objective
  const where = over === 0 ? '' : `; ${countText(over)} lie ${direction === 'maximize' ? 'below' : 'above'}`
  const side = `, ${sideWords(direction)}${where}`
  return (
    fitted(visible(metric), Math.max(60, width - measure(side) - (width < 520 ? 0 : 260)), measure) + side
  )
}

/** What lies outside the picture is at its edge, and points to where it is. */
function drawArrow(on: Drawing, colour: string, x: number, y: number, down: boolean): void {
  const tip = down ? 5 : -5
  on.fillStyle = colour
  on.beginPath()
  on.moveTo(x - 4, y)
  on.lineTo(x + 4, y)
  on.lineTo(x, y + tip)
  on.closePath()
  on.fill()
}
