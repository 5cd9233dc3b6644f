/**
 * Parallel coordinates: each trial a line over its params and its value, the best on top. In a narrow window the axes lie one
 * below the other and the lines run down. A parameter that is not active in a trial has a place of its own beside the axis.
 */
import type { Insight } from '../../../analysis/index.js'
import { type AxesView, hasScales, isLog, type Scale } from '../axes-view.js'
import { bestFirst, finishedValues } from '../ranking.js'
import { type Axis, axisOf, brushAxis, fitted, thinned } from './axes.js'
import { goodness, rampOf } from './colours.js'
import { circle, type Drawing, hair, segment, write, writeAbove } from './drawing.js'
import { type Field, fieldOf, valuesOf } from './fields.js'
import { isolated, sampled } from './parallel-lines.js'
import { type BrushArea, type Drag, emptyPicture, type Frame, type Handle, type Picture } from './picture.js'
import { type SweepData, statusTest, trialAt, trialHit } from './trial.js'

export interface ParallelOptions {
  /** Columns of the axes, in their order. */
  readonly columns: readonly string[]
  readonly scales: AxesView['scales']
  /** Puts the axis at one place where another is. */
  move(from: number, to: number): void
  /** Gives an axis another scale. */
  scale(field: Field, scale: Scale): void
}

/** Pixels at which lines of an inactive parameter pass beside its axis. */
const aside = 22
/** Segments of lines between two looks at the clock. */
const portion = 3000
const narrow = 560

/** The height that so many axes need in this width; upright ones all the same. */
export function parallelHeight(width: number, axes: number): number {
  return width < narrow ? 46 + axes * 58 : 380
}

interface Placed {
  /** `log` as the axis is. */
  readonly field: Field
  /** As it is searched. */
  readonly searched: Field
  readonly axis: Axis
  /** Where it stands, across the lines. */
  readonly at: number
  /** By row, in pixels along the axis; beside it where there is no value. */
  readonly places: Float32Array
  readonly hasNone: boolean
}

export function parallelPicture(frame: Frame, data: SweepData, options: ParallelOptions): Picture {
  const { table } = data
  const { theme, width } = frame
  if (table.length === 0) return emptyPicture(frame, 'No trial has begun yet.')
  const turned = width < narrow
  const axes = placeAxes(frame, data, options, turned)
  const line = polyline(axes, turned)
  const colourOf = colours(frame, data)
  const order = bestFirst(table, data.head.entry.objective.direction)
  const rowsIn = (mask: Uint8Array) => order.filter((row) => mask[row] === 1)
  const share = Math.max(1, Math.floor(portion / axes.length))
  const tell = (row: number, x: number, y: number) =>
    trialHit(data, row, x, y, options.columns.filter((column) => column !== 'value').slice(0, 8))
  return {
    *draw(on) {
      const alpha = alphaOf(table.length) * 0.6
      on.save()
      on.globalAlpha = alpha
      on.strokeStyle = theme.unselected
      on.lineWidth = 1
      on.lineJoin = 'bevel'
      for (let row = 0; row < table.length; row++) {
        line(on, row)
        if (row % share !== share - 1) continue
        on.restore()
        yield
        on.save()
        on.globalAlpha = alpha
        on.strokeStyle = theme.unselected
        on.lineJoin = 'bevel'
      }
      on.restore()
    },
    chosen: (on, mask) => drawLines(on, rowsIn(mask), alphaOf, line, colourOf, share),
    sample(on, mask) {
      const rows = rowsIn(mask)
      const some = sampled(rows, share)
      for (const _ of drawLines(on, some, () => alphaOf(some.length), line, colourOf, share));
      return some.length === rows.length
    },
    above(on) {
      for (const [index, placed] of axes.entries()) drawAxis(on, frame, axes, index, placed, turned)
    },
    mark(on, trial) {
      const row = table.rowOf(trial)
      if (row === undefined) return
      on.lineJoin = 'round'
      for (const [colour, breadth] of [
        [theme.surface, 5],
        [theme.highlight, 2.25],
      ] as const) {
        on.strokeStyle = colour
        on.lineWidth = breadth
        line(on, row)
      }
      on.fillStyle = theme.highlight
      for (const { at, places } of axes) {
        if (turned) circle(on, places[row], at, 3)
        else circle(on, at, places[row], 3)
        on.fill()
      }
    },
    hit(x, y, mask) {
      const row = isolated(axes, turned ? y : x, turned ? x : y, mask, order)
      return row < 0 ? null : tell(row, x, y)
    },
    hitOf(trial) {
      const row = table.rowOf(trial)
      const last = axes[axes.length - 1]
      if (row === undefined || last === undefined) return null
      return turned ? tell(row, last.places[row], last.at) : tell(row, last.at, last.places[row])
    },
    order: (mask) => order.filter((row) => mask[row] === 1).map((row) => trialAt(table, row)),
    areas: axes.map(({ field, axis, at }): BrushArea => {
      const [from, size] = [Math.min(axis.from, axis.to) - 6, Math.abs(axis.to - axis.from) + 12]
      const brush = brushAxis(field, axis)
      return turned
        ? { x: from, y: at - 13, width: size, height: 26, across: brush }
        : { x: at - 13, y: from, width: 26, height: size, along: brush }
    }),
    press: (x, y) => reorder(axes, turned, x, y, options),
    handles: axes.map((_, index) => handleOf(frame, axes, index, turned, options)),
  }
}

function placeAxes(
  { width, height, measure }: Frame,
  data: SweepData,
  { columns, scales }: ParallelOptions,
  turned: boolean,
): Placed[] {
  const { head, table } = data
  const searched = columns.map((column) => fieldOf(head, table, column))
  const fields = searched.map((field) => ({ ...field, log: isLog({ scales }, field) }))
  const lists = fields.map((field) => valuesOf(table, field.column))
  const none = lists.map((values) => values.some((value) => Number.isNaN(value)))
  const someNone = none.some(Boolean)
  const edge = turned
    ? 0
    : Math.min(70, Math.max(24, ...fields.slice(0, 1).map(({ label }) => measure(label) / 2)))
  const last = turned ? 0 : Math.min(96, Math.max(64, edge))
  const step = turned ? 58 : (width - edge - last) / Math.max(1, fields.length - 1)
  return fields.map((field, index): Placed => {
    const [from, to] = turned
      ? [someNone ? 14 + aside : 14, width - 16]
      : [height - 18 - (someNone ? aside : 0), 44]
    const axis = axisOf(field, from, to, { gap: 80 })
    const away = turned ? from - aside : from + aside
    const places = Float32Array.from(lists[index], (value) => {
      const at = axis.at(value)
      return Number.isFinite(at) ? at : away
    })
    const at = turned ? 40 + index * step : fields.length === 1 ? width / 2 : edge + index * step
    return { field, searched: searched[index], axis, at, places, hasNone: none[index] }
  })
}

/** How to draw the line of a row. */
function polyline(axes: readonly Placed[], turned: boolean): (on: Drawing, row: number) => void {
  return (on, row) => {
    on.beginPath()
    for (let k = 0; k < axes.length; k++) {
      const { at, places } = axes[k]
      if (turned) {
        if (k === 0) on.moveTo(places[row], at)
        else on.lineTo(places[row], at)
      } else if (k === 0) on.moveTo(at, places[row])
      else on.lineTo(at, places[row])
    }
    if (axes.length === 1) {
      const { at, places } = axes[0]
      if (turned) {
        on.moveTo(places[row], at - 10)
        on.lineTo(places[row], at + 10)
      } else {
        on.moveTo(at - 10, places[row])
        on.lineTo(at + 10, places[row])
      }
    }
    on.stroke()
  }
}

/** Fainter the more there are, so that many make a shade and not a blot. */
function alphaOf(count: number): number {
  return Math.max(0.035, Math.min(0.9, 9 / Math.sqrt(Math.max(1, count)) / 2.2))
}

function colours({ theme }: Frame, { head, table }: SweepData): (row: number) => string {
  const values = table.numbers('value')
  const ramp = rampOf(theme)
  const { of } = goodness(finishedValues(table), head.entry.objective.direction)
  const failed = statusTest(table, 'failed')
  return (row) =>
    failed(row)
      ? theme.failed
      : Number.isFinite(values[row])
        ? ramp[Math.round(of(values[row]) * (ramp.length - 1))]
        : theme.faint
}

/** Rows that are given best first, from the worst on: the best lies on top. */
function* drawLines(
  on: Drawing,
  rows: readonly number[],
  alpha: (count: number) => number,
  line: (on: Drawing, row: number) => void,
  colourOf: (row: number) => string,
  share: number,
): Generator<void> {
  on.lineWidth = rows.length > 400 ? 1 : 1.4
  on.lineJoin = 'bevel'
  on.globalAlpha = alpha(rows.length)
  for (let place = rows.length - 1; place >= 0; place--) {
    on.strokeStyle = colourOf(rows[place])
    line(on, rows[place])
    if (place % share === 0) yield
  }
  on.globalAlpha = 1
}

function drawAxis(
  on: Drawing,
  frame: Frame,
  axes: readonly Placed[],
  index: number,
  { field, axis, at, hasNone }: Placed,
  turned: boolean,
): void {
  const { theme, measure, width } = frame
  on.strokeStyle = theme.muted
  on.lineWidth = 1
  const isValue = field.column === 'value'
  const style = { colour: theme.text, weight: isValue ? 650 : 400 }
  const title = titleOf(frame, axes, index, turned)
  if (turned) {
    segment(on, axis.from, hair(at), axis.to, hair(at))
    writeAbove(on, theme, title.text, title.x, title.y, title.width, style)
    for (const tick of thinned(axis.ticks, (one) => Math.min(90, measure(one.text)) + 12)) {
      segment(on, hair(tick.at), at - 3, hair(tick.at), at + 3)
      const short = fitted(tick.text, 90, measure)
      const room = measure(short)
      const x = Math.min(width - room / 2 - 2, Math.max(room / 2 + 2, tick.at))
      writeAbove(on, theme, short, x, at + 13, room, { align: 'center' })
    }
    if (hasNone) writeAbove(on, theme, isValue ? 'none' : 'off', 0, at + 13, measure('none'))
    return
  }
  segment(on, hair(at), axis.from, hair(at), axis.to)
  write(on, theme, title.text, title.x, title.y, { ...style, align: 'center' })
  const room = Math.max(26, gapOf(axes, width) - 12)
  const last = index === axes.length - 1
  for (const tick of thinned(axis.ticks, () => 16)) {
    on.strokeStyle = theme.muted
    segment(on, at - 3, hair(tick.at), at + 3, hair(tick.at))
    const short = fitted(tick.text, last ? Math.min(room, width - at - 8) : Math.min(room, 110), measure)
    writeAbove(on, theme, short, at + 7, tick.at, measure(short))
  }
  if (hasNone) {
    const text = fitted(isValue ? 'no value' : 'not active', last ? width - at - 8 : room, measure)
    writeAbove(on, theme, text, at + 7, axis.from + aside, measure(text))
  }
}

/** Pixels between two upright axes. */
function gapOf(axes: readonly Placed[], width: number): number {
  return axes.length > 1 ? Math.abs(axes[1].at - axes[0].at) : width
}

interface Title {
  readonly text: string
  /** Where it begins; of upright axes, its middle. */
  readonly x: number
  /** The middle of its line; of upright axes, what it stands on. */
  readonly y: number
  readonly width: number
}

/** The name of an axis, as much of it as there is room for, and which side of it is better. */
function titleOf({ measure, width }: Frame, axes: readonly Placed[], index: number, turned: boolean): Title {
  const { field, at } = axes[index]
  const side = field.better === null ? '' : field.better === 'maximize' ? ' ↑' : ' ↓'
  if (turned) {
    const text = fitted(field.label, width - 60, measure) + side
    return { text, x: 0, y: at - 20, width: measure(text) }
  }
  const gap = gapOf(axes, width)
  const wanted = index === 0 ? at + gap / 2 : index === axes.length - 1 ? width - at + gap / 2 : gap
  const text = fitted(field.label, Math.max(24, wanted - 14), measure) + side
  const half = measure(text) / 2
  // Where axes stand close, every second name is a line higher.
  return {
    text,
    x: Math.min(width - half - 1, Math.max(half + 1, at)),
    y: gap < 76 && index % 2 === 1 ? 12 : 26,
    width: 2 * half,
  }
}

/** What keys do at the name of an axis. */
function handleOf(
  frame: Frame,
  axes: readonly Placed[],
  index: number,
  turned: boolean,
  options: ParallelOptions,
): Handle {
  const { field } = axes[index]
  const { x, y, width } = titleOf(frame, axes, index, turned)
  const stands = (place: number) => `${field.label}, axis ${place + 1} of ${axes.length}`
  const kind = hasScales(field) ? `, ${field.log ? 'log' : 'linear'}` : ''
  return {
    column: field.column,
    ...(turned ? { x, y: y - 8 } : { x: x - width / 2, y: y - 12 }),
    width,
    height: 16,
    label: stands(index) + kind,
    move(by) {
      const to = Math.min(axes.length - 1, Math.max(0, index + by))
      if (to === index) return null
      options.move(index, to)
      return stands(to)
    },
    turn: turning(axes[index], options),
  }
}

/** Gives an axis its other scale and says so; undefined where it has but one. */
function turning({ field, searched }: Placed, { scale }: ParallelOptions): (() => string) | undefined {
  if (!hasScales(field)) return undefined
  const to = field.log ? 'linear' : 'log'
  return () => {
    scale(searched, to)
    return `${field.label}, ${to}`
  }
}

/** A name that is dragged takes its axis along; one that is clicked turns it. */
function reorder(
  axes: readonly Placed[],
  turned: boolean,
  x: number,
  y: number,
  options: ParallelOptions,
): Drag | null {
  const nearestTo = (place: number) => {
    let found = 0
    for (const [index, { at }] of axes.entries())
      if (Math.abs(at - place) < Math.abs(axes[found].at - place)) found = index
    return found
  }
  const on = turned
    ? axes.findIndex(({ at }) => y > at - 30 && y < at - 13 && x < 140)
    : y < 32
      ? nearestTo(x)
      : -1
  if (on < 0) return null
  return {
    move: () => undefined,
    end(toX, toY) {
      const to = nearestTo(turned ? toY : toX)
      if (to !== on) options.move(on, to)
    },
    click: turning(axes[on], options),
  }
}

/**
 * The columns of all axes in an order: by importance what mattered least comes first, so that what mattered most is beside the value.
 * What an order of one's own does not name stands where the file has it, before the value.
 */
export function parallelColumns(
  { head }: Pick<SweepData, 'head'>,
  insight: Insight | null,
  order: AxesView['order'],
): string[] {
  const inFile = [...head.parameters.map(({ name }) => `params.${name}`), 'value']
  if (order === 'file') return inFile
  if (order !== 'importance') {
    const named = new Set(order.filter((column) => inFile.includes(column)))
    const others = inFile.filter((column) => !named.has(column))
    return others.at(-1) === 'value' ? [...named, ...others] : [...others, ...named]
  }
  const rank = new Map((insight?.parameters ?? []).map(({ name }, place) => [`params.${name}`, place]))
  const mattered = (column: string) =>
    column === 'value' ? -1 : (rank.get(column) ?? Number.POSITIVE_INFINITY)
  return rank.size === 0 ? inFile : inFile.sort((a, b) => mattered(b) - mattered(a) || 0)
}
