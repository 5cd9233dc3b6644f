/** Several sweeps in one picture: the best so far of each, and how their values are spread. */
import { curveStepAfter, line } from 'd3-shape'
import type { Direction } from '../../../values.js'
import { drawBottomAxis, drawLeftAxis, fitted, inPercent, leftRoom, numberAxis } from './axes.js'
import { circle, type Drawing, write } from './drawing.js'
import { markRoom, spread, writeNamed } from './labels.js'
import { elapsedTicks, shortNumber } from './numbers.js'
import { emptyPicture, type Frame, type Hit, type Picture } from './picture.js'
import { extentOf, quantile, sorted } from './statistics.js'

/** A sweep as a line: places along, and values that go with them, in their order. */
export interface Series {
  readonly name: string
  /** A place among the kinds of the theme. */
  readonly kind: number
  readonly at: readonly number[]
  readonly values: readonly number[]
}

export interface CompareOptions {
  readonly metric: string
  readonly direction: Direction
  readonly along: 'trial' | 'time' | 'value'
  readonly log: boolean
}

/** Best values so far where something changed, with the last place. */
export function bestSeries(
  name: string,
  kind: number,
  course: readonly { readonly at: number; readonly value: number }[],
  direction: Direction,
): Series {
  const sign = direction === 'maximize' ? -1 : 1
  const at: number[] = []
  const values: number[] = []
  let best = Number.NaN
  for (const one of course) {
    if (Number.isNaN(one.value) || sign * one.value >= sign * best) continue
    best = one.value
    at.push(one.at)
    values.push(best)
  }
  const last = course[course.length - 1]
  if (last !== undefined && at.length > 0 && last.at > at[at.length - 1]) {
    at.push(last.at)
    values.push(best)
  }
  return { name, kind, at, values }
}

/** The share of values at most as great as each. */
export function shareSeries(name: string, kind: number, values: ArrayLike<number>): Series {
  const all = [...sorted(values)]
  return { name, kind, at: all, values: all.map((_, index) => (100 * (index + 1)) / all.length) }
}

export function comparePicture(frame: Frame, series: readonly Series[], options: CompareOptions): Picture {
  const { theme, measure, width, height } = frame
  const known = series.filter((one) => one.at.length > 0)
  if (known.length === 0) return emptyPicture(frame, 'None of these sweeps has a value yet.')
  const isShares = options.along === 'value'
  const wide = width >= 560
  const rows = wide ? 0 : known.length
  const [top, bottom] = [28 + rows * 17, height - 44]
  const range = isShares ? { min: 0, max: 100 } : worthSeeing(known, options.direction)
  const levels = numberAxis(
    { ...range, log: options.log && range.min > 0 && !isShares, integer: false },
    bottom - 4,
    top,
    { gap: 55 },
  )
  const y = isShares ? inPercent(levels) : levels
  const left = leftRoom(y, measure)
  const labels = known.map((one) => ({
    one,
    text: isShares ? one.name : `${shortNumber(one.values[one.values.length - 1])} ${one.name}`,
  }))
  const room = wide
    ? Math.min(width * 0.3, Math.max(...labels.map(({ text }) => measure(text))) + 14 + markRoom)
    : 8
  const right = width - room
  const extent = extentOf(...known.map(({ at }) => at))!
  const from = options.along === 'time' ? 0 : extent.min
  const axis = numberAxis(
    { min: from, max: extent.max, log: false, integer: options.along === 'trial' },
    left,
    right - 2,
    { gap: 90 },
  )
  const ticks =
    options.along === 'time'
      ? elapsedTicks(0, extent.max, Math.max(2, Math.floor((right - left) / 80))).map(({ at, text }) => ({
          at: axis.at(at),
          text,
        }))
      : axis.ticks
  const bound = (value: number) => Math.min(bottom, Math.max(top - 6, y.at(value)))
  const points = known.map((one) =>
    one.at.map((at, k): [number, number] => [axis.at(at), bound(one.values[k])]),
  )
  const words = { trial: 'trial', time: 'since the sweep began', value: options.metric }[options.along]
  return {
    draw(on) {
      drawLeftAxis(on, theme, y, left, right)
      drawBottomAxis(on, theme, { from: left, to: right, ticks }, bottom, measure, {
        label: fitted(words, right - left, measure),
      })
      write(on, theme, isShares ? 'share of trials' : fitted(options.metric, width / 2, measure), 0, 14, {
        colour: theme.text,
      })
      for (const [index, list] of points.entries())
        drawLine(on, list, theme.kinds[known[index].kind % 8], isShares)
      if (!isShares)
        for (const [index, list] of points.entries()) {
          on.fillStyle = theme.kinds[known[index].kind % 8]
          circle(on, ...list[list.length - 1], 3)
          on.fill()
        }
      const ends = labels.map(({ one, text }, index) => ({
        y: isShares ? halfWay(points[index]) : points[index][points[index].length - 1][1],
        text: fitted(text, wide ? room - 12 - markRoom : width - 20, measure),
        colour: theme.kinds[one.kind % 8],
      }))
      if (wide)
        for (const { label, at } of spread(ends, 16, top, bottom - 4))
          writeNamed(on, theme, label, right + 8, at)
      else for (const [index, end] of ends.entries()) writeNamed(on, theme, end, 0, 27 + index * 17)
    },
    hit(px, py) {
      let least = 20
      let found: Hit | null = null
      for (const [index, list] of points.entries())
        for (const [k, [cx, cy]] of list.entries()) {
          // Of a step line the whole tread counts.
          const until = isShares ? cx : (list[k + 1]?.[0] ?? cx)
          const distance = Math.hypot(px < cx ? cx - px : px > until ? px - until : 0, cy - py)
          if (distance >= least) continue
          least = distance
          const { name, at, values } = known[index]
          found = {
            trial: null,
            x: px,
            y: cy,
            title: name,
            lines: isShares
              ? [
                  [options.metric, shortNumber(at[k])],
                  ['at most', `${Math.round(values[k])} %`],
                ]
              : [
                  ['best so far', shortNumber(values[k], 6)],
                  [words, shortNumber(at[k])],
                ],
          }
        }
      return found
    },
  }
}

/** Where a name stands by a rising line: all end at the top. */
function halfWay(list: readonly [number, number][]): number {
  return list[Math.floor(list.length / 2)][1]
}

function drawLine(on: Drawing, points: readonly [number, number][], colour: string, straight: boolean): void {
  on.strokeStyle = colour
  on.lineWidth = 2
  on.lineJoin = 'round'
  on.beginPath()
  const path = line<[number, number]>().context(on as never)
  ;(straight ? path : path.curve(curveStepAfter))(points as [number, number][])
  on.stroke()
}

/** The bests from where they begin to differ: the first values of all would flatten what comes after. */
function worthSeeing(series: readonly Series[], direction: Direction) {
  const all = sorted(series.flatMap(({ values }) => values))
  const [min, max] = [all[0], all[all.length - 1]]
  const cut = quantile(all, direction === 'maximize' ? 0.15 : 0.85)
  const [low, high] = direction === 'maximize' ? [cut, max] : [min, cut]
  const pad = (high - low) * 0.6
  return direction === 'maximize'
    ? { min: Math.max(min, low - pad), max }
    : { min, max: Math.min(max, high + pad) }
}
