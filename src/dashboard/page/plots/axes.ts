/** Axes: where values stand in pixels and back, and the few marks by which they are read. */
import { scaleLinear, scaleLog } from 'd3-scale'
import type { Brush } from '../selection.js'
import { type Drawing, hair, segment, type Theme, write } from './drawing.js'
import type { Field } from './fields.js'
import { logTickText, tickTexts } from './numbers.js'
import type { BrushAxis } from './picture.js'

export interface Tick {
  /** In pixels. */
  readonly at: number
  readonly text: string
}

export interface Axis {
  readonly kind: 'linear' | 'log' | 'category'
  /** NaN of NaN, and of what a log axis cannot hold. */
  at(value: number): number
  invert(pixel: number): number
  readonly ticks: readonly Tick[]
  readonly from: number
  readonly to: number
}

/** Numbers. A range without breadth gets some, so that its one value stands in the middle. */
export function numberAxis(
  { min, max, log, integer }: Pick<Field, 'min' | 'max' | 'log' | 'integer'>,
  from: number,
  to: number,
  { nice = false, gap = 70 } = {},
): Axis {
  const many = Math.max(2, Math.round(Math.abs(to - from) / gap))
  if (!Number.isFinite(min) || !Number.isFinite(max))
    return { kind: 'linear', at: () => Number.NaN, invert: () => Number.NaN, ticks: [], from, to }
  if (log && min > 0) return logAxis(min, max, from, to, many)
  const spread = max > min ? 0 : Math.abs(min) > 1e-9 ? Math.abs(min) * 0.1 : 0.5
  const scale = scaleLinear()
    .domain([min - spread, max + spread])
    .range([from, to])
  if (nice) scale.nice(many)
  let values = scale.ticks(many)
  if (integer) values = values.filter(Number.isInteger)
  const texts = tickTexts(values)
  return {
    kind: 'linear',
    at: (value) => scale(value),
    invert: (pixel) => scale.invert(pixel),
    ticks: values.map((value, index) => ({ at: scale(value), text: texts[index] })),
    from,
    to,
  }
}

function logAxis(min: number, max: number, from: number, to: number, many: number): Axis {
  const [low, high] = max > min ? [min, max] : [min / 2, max * 2]
  const scale = scaleLog().domain([low, high]).range([from, to])
  return {
    kind: 'log',
    at: (value) => (value > 0 ? scale(value) : Number.NaN),
    invert: (pixel) => scale.invert(pixel),
    ticks: logTicks(low, high, many).map((value) => ({ at: scale(value), text: logTickText(value) })),
    from,
    to,
  }
}

/** Decades, every second or third of many, and some between few. */
export function logTicks(min: number, max: number, many: number): number[] {
  const [low, high] = [Math.log10(min), Math.log10(max)]
  const decades = Math.floor(high + 1e-9) - Math.ceil(low - 1e-9) + 1
  if (decades >= 3 || (decades === 2 && many <= 3)) {
    const every = Math.ceil(decades / many)
    const ticks: number[] = []
    for (let power = Math.ceil(low - 1e-9); power <= high + 1e-9; power++)
      if (power % every === 0) ticks.push(Number(`1e${power}`))
    return ticks
  }
  for (const parts of [[1], [1, 3], [1, 2, 5], [1, 2, 3, 5, 7]]) {
    const ticks: number[] = []
    for (let power = Math.floor(low); power <= high; power++)
      for (const part of parts) {
        const value = Number(`${part}e${power}`)
        if (value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9)) ticks.push(value)
      }
    if (ticks.length >= Math.min(many, 3)) return ticks
  }
  return scaleLinear().domain([min, max]).ticks(many)
}

/** Categories at even places. */
function categoryAxis(names: readonly string[], from: number, to: number): Axis {
  const count = Math.max(1, names.length)
  const step = (to - from) / count
  const at = (code: number) => from + step * (code + 0.5)
  return {
    kind: 'category',
    at,
    invert: (pixel) => Math.min(count - 1, Math.max(0, Math.floor((pixel - from) / step))),
    ticks: names.map((text, code) => ({ at: at(code), text })),
    from,
    to,
  }
}

export function axisOf(
  field: Field,
  from: number,
  to: number,
  options?: { nice?: boolean; gap?: number },
): Axis {
  return field.kind === 'category'
    ? categoryAxis(field.names, from, to)
    : numberAxis(field, from, to, options)
}

/** What there is to brush along an axis: a column of numbers between its ends, or of categories. */
export type BrushField = Pick<Field, 'column' | 'kind' | 'min' | 'max' | 'names' | 'values'>

/** How a drag along an axis brushes its column. `whole`: from the first whole number within to the last. */
export function brushAxis(field: BrushField, axis: Axis, { whole = false } = {}): BrushAxis {
  const { column, values } = field
  if (field.kind === 'category') {
    const half = Math.abs(axis.to - axis.from) / Math.max(1, field.names.length) / 2
    return {
      column,
      brushOf(a, b) {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        const within = values.filter((_, code) => axis.at(code) + half > low && axis.at(code) - half < high)
        return within.length === 0 ? null : { kind: 'values', values: within }
      },
      pixelsOf(brush: Brush) {
        if (brush.kind !== 'values') return []
        return values.flatMap((value, code) =>
          brush.values.includes(value) ? [[axis.at(code) - half, axis.at(code) + half] as const] : [],
        )
      },
    }
  }
  return {
    column,
    brushOf(a, b) {
      const clamp = (pixel: number) =>
        Math.min(Math.max(axis.from, axis.to), Math.max(Math.min(axis.from, axis.to), pixel))
      const ends = [axis.invert(clamp(a)), axis.invert(clamp(b))].sort((one, other) => one - other)
      // At its end an axis brushes all that is beyond, too: rounding must not leave out the extreme trial.
      const digits = (value: number) => Number(value.toPrecision(6))
      const reach = (pixel: number) => Math.abs(pixel - axis.from) < 1 || Math.abs(pixel - axis.to) < 1
      const low = reach(axis.at(ends[0])) ? Math.min(ends[0], field.min) : digits(ends[0])
      const high = reach(axis.at(ends[1])) ? Math.max(ends[1], field.max) : digits(ends[1])
      const [min, max] = whole ? [Math.ceil(low), Math.floor(high)] : [low, high]
      return Number.isFinite(min) && Number.isFinite(max) && min <= max ? { kind: 'range', min, max } : null
    },
    pixelsOf(brush) {
      if (brush.kind !== 'range') return []
      const bound = (value: number, otherwise: number) => {
        const pixel = axis.at(value)
        return Number.isFinite(pixel)
          ? Math.min(Math.max(axis.from, axis.to), Math.max(Math.min(axis.from, axis.to), pixel))
          : otherwise
      }
      const [a, b] = [bound(brush.min, axis.from), bound(brush.max, axis.to)]
      return [[Math.min(a, b), Math.max(a, b)]]
    },
  }
}

/** As much of a text as fits, with an ellipsis. */
export function fitted(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) return text
  let [low, high] = [0, text.length]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (measure(`${text.slice(0, middle)}…`) <= width) low = middle
    else high = middle - 1
  }
  // Half of a pair of surrogates would be no character.
  const cut = text.slice(0, low).replace(/[\ud800-\udbff]$/, '')
  return `${cut.trimEnd()}…`
}

/** Those of these ticks that leave each other room, at least this many pixels. */
export function thinned<T extends Tick>(ticks: readonly T[], room: (tick: T) => number): readonly T[] {
  const kept: T[] = []
  for (const tick of [...ticks].sort((a, b) => a.at - b.at)) {
    const last = kept[kept.length - 1]
    if (last === undefined || tick.at - last.at >= (room(last) + room(tick)) / 2) kept.push(tick)
  }
  return kept
}

/** Values at the left, with thin lines through the picture. */
export function drawLeftAxis(on: Drawing, theme: Theme, axis: Axis, x0: number, x1: number): void {
  on.lineWidth = 1
  for (const { at, text } of axis.ticks) {
    on.strokeStyle = theme.grid
    segment(on, x0, hair(at), x1, hair(at))
    write(on, theme, text, x0 - 8, at, { align: 'right', baseline: 'middle' })
  }
}

/** Values below, with a line along and short ticks. `label` stands at the end, below the texts. */
export function drawBottomAxis(
  on: Drawing,
  theme: Theme,
  axis: Pick<Axis, 'ticks' | 'from' | 'to'>,
  y: number,
  measure: (text: string) => number,
  { label = '', most = Number.POSITIVE_INFINITY, line = true } = {},
): void {
  on.strokeStyle = theme.line
  on.lineWidth = 1
  if (line) segment(on, axis.from, hair(y), axis.to, hair(y))
  const room = Math.min(most, axis.to - axis.from)
  const ticks = axis.ticks.map(({ at: mark, text: whole }) => {
    const text = fitted(whole, room, measure)
    const half = measure(text) / 2
    // Where the text stands: at the ends of the axis not below its mark.
    const at = Math.max(half + 1, Math.min(Math.max(mark, axis.from + half - 12), axis.to - half + 8))
    return { at, text, mark }
  })
  for (const { at, text, mark } of thinned(ticks, (tick) => measure(tick.text) + 10)) {
    if (line) segment(on, hair(mark), y, hair(mark), y + 4)
    write(on, theme, text, at, y + 17, { align: 'center' })
  }
  if (label !== '') write(on, theme, label, axis.to, y + 34, { align: 'right', colour: theme.text })
}

/** The width that texts of the left axis need. */
export function leftRoom(axis: Axis, measure: (text: string) => number): number {
  return Math.ceil(Math.max(16, ...axis.ticks.map(({ text }) => measure(text))) + 12)
}

/** The same axis with per cent signs. */
export function inPercent(axis: Axis): Axis {
  return { ...axis, ticks: axis.ticks.map(({ at, text }) => ({ at, text: `${text} %` })) }
}

/** Where two columns are drawn against each other, in pixels. */
export interface Region {
  readonly x: Axis
  readonly y: Axis
  readonly fx: Field
  readonly fy: Field
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}
