/** The seats of a sweep by the clock: a bar for each fit, in the colour of how its trial ended. */

import { seconds, visible } from '../../../shown.js'
import type { SweepWorker } from '../../data/index.js'
import { drawBottomAxis } from './axes.js'
import { hair, segment, write } from './drawing.js'
import type { Lanes, Span } from './lanes.js'
import { clockTicks } from './numbers.js'
import { emptyPicture, type Frame, type Hit, type Picture } from './picture.js'
import { drawStatusLegend, statusesOf } from './status.js'
import { type SweepData, trialAt, trialHit } from './trial.js'

const top = 28
/** On which worker, with which devices: of a seat at some time. */
function placeAt({ head: { workers } }: SweepData, seat: number, time: number): [string, string][] {
  let found: { worker: SweepWorker; from: number; devices: readonly string[] } | null = null
  // A sweep that goes on numbers its seats anew.
  for (const worker of workers)
    for (const had of worker.seats)
      if (had.seat === seat && had.from <= time && had.from >= (found?.from ?? 0)) found = { worker, ...had }
  if (found === null) return []
  const { worker, devices } = found
  const lines: [string, string][] = [['worker', visible(`${worker.id} on ${worker.host}`).slice(0, 80)]]
  const named = worker.devices.filter(({ id }) => devices.includes(id))
  const words = named.map(({ id, name }) => (name === null ? id : `${id} ${name}`)).join(', ')
  if (words !== '') lines.push([named.length === 1 ? 'device' : 'devices', visible(words).slice(0, 80)])
  return lines
}

/** Bars between two looks at the clock. */
const portion = 5000

export function timelineHeight(lanes: number): number {
  return top + Math.max(1, lanes) * rowHeight(lanes) + 40
}

function rowHeight(lanes: number): number {
  return Math.max(7, Math.min(26, Math.floor(420 / Math.max(1, lanes))))
}

/** @param ahead minutes that the reader's clock is ahead of UTC. */
export function timelinePicture(frame: Frame, data: SweepData, lanes: Lanes | null, ahead: number): Picture {
  const { table } = data
  const { theme, measure, width } = frame
  if (lanes === null) return emptyPicture(frame, 'No trial has begun yet.')
  if (lanes.spans.length === 0) return emptyPicture(frame, 'No trial says when it ran.')
  const step = rowHeight(lanes.names.length)
  const left = Math.ceil(Math.max(...lanes.names.map(measure))) + 12
  const right = width - 10
  const bottom = top + lanes.names.length * step
  const at = (time: number) => left + ((time - lanes.from) / (lanes.to - lanes.from)) * (right - left)
  const { colourOf } = statusesOf(theme, table)
  const y = (lane: number) => top + lane * step
  const gap = step > 12 ? 3 : 1
  const byRow = new Map<number, Span[]>()
  for (const span of lanes.spans) {
    const list = byRow.get(span.row)
    if (list === undefined) byRow.set(span.row, [span])
    else list.push(span)
  }
  const tell = (span: Span, x: number): Hit => {
    const hit = trialHit(data, span.row, x, y(span.lane) + step / 2, ['seconds'])
    const length = seconds((span.end - span.start) / 1000)
    const where = span.waiting || span.seat === null ? [] : placeAt(data, span.seat, span.end)
    return {
      ...hit,
      lines: [[span.waiting ? 'waited' : lanes.seats ? 'this fit' : 'ran', length], ...where, ...hit.lines],
    }
  }
  const bar = (on: Parameters<Picture['draw']>[0], { lane, start, end, waiting }: Span) => {
    const x = at(start)
    const breadth = Math.max(0.75, at(end) - x - (at(end) - x > 4 ? 1 : 0))
    if (waiting) on.fillRect(x, y(lane) + step / 2 - 0.5, breadth, 1)
    else on.fillRect(x, y(lane) + gap, breadth, step - 2 * gap)
  }
  const first = (row: number) => byRow.get(row)?.find((span) => !span.waiting)
  return {
    *draw(on) {
      const every = Math.ceil(14 / step)
      for (const [lane, name] of lanes.names.entries()) {
        if (lane % every === 0)
          write(on, theme, name, left - 10, y(lane) + step / 2, { align: 'right', baseline: 'middle' })
        on.strokeStyle = theme.grid
        on.lineWidth = 1
        segment(on, left, hair(y(lane) + step), right, hair(y(lane) + step))
      }
      const ticks = clockTicks(lanes.from, lanes.to, Math.max(2, Math.floor((right - left) / 90)), ahead)
      drawBottomAxis(
        on,
        theme,
        { from: left, to: right, ticks: ticks.map(({ at: time, text }) => ({ at: at(time), text })) },
        bottom,
        measure,
      )
      drawStatusLegend(on, frame, table, right, 14)
      on.fillStyle = theme.unselected
      for (const [index, span] of lanes.spans.entries()) {
        bar(on, span)
        if (index % portion === portion - 1) {
          yield
          on.fillStyle = theme.unselected
        }
      }
    },
    *chosen(on, mask) {
      for (const [index, span] of lanes.spans.entries()) {
        if (mask[span.row] === 1) {
          on.fillStyle = span.waiting ? theme.muted : colourOf(span.row)
          bar(on, span)
        }
        if (index % portion === portion - 1) yield
      }
    },
    mark(on, trial) {
      const row = table.rowOf(trial)
      if (row === undefined) return
      on.strokeStyle = theme.highlight
      on.lineWidth = 1.75
      for (const { lane, start, end, waiting } of byRow.get(row) ?? []) {
        if (waiting) continue
        on.beginPath()
        on.rect(at(start), y(lane) + gap, Math.max(2, at(end) - at(start)), step - 2 * gap)
        on.stroke()
      }
    },
    hit(px, py, mask) {
      const lane = Math.floor((py - top) / step)
      let found: Span | null = null
      for (const span of lanes.spans) {
        if (span.lane !== lane || mask[span.row] === 0) continue
        if (px < at(span.start) - 1.5 || px > at(span.end) + 1.5) continue
        if (found === null || found.waiting) found = span
      }
      return found === null ? null : tell(found, px)
    },
    hitOf(trial) {
      const row = table.rowOf(trial)
      const span = row === undefined ? undefined : first(row)
      return span === undefined ? null : tell(span, at(span.start))
    },
    order: (mask) =>
      [...byRow.keys()]
        .filter((row) => mask[row] === 1)
        .sort((a, b) => a - b)
        .map((row) => trialAt(table, row)),
  }
}
