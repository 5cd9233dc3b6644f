/** Who ran when: the spans of fits by seat, or trials packed into lanes where no seats are on record. */
import type { TrialTable } from '../../data/index.js'
import { extentOf } from './statistics.js'

/** In ms since 1970. */
export interface Span {
  readonly row: number
  /** A place in `names`. */
  readonly lane: number
  readonly start: number
  readonly end: number
  /** Before a trial's first fit. */
  readonly waiting: boolean
  /** null where seats are not on record. */
  readonly seat: number | null
}

export interface Lanes {
  readonly spans: readonly Span[]
  readonly names: readonly string[]
  /** Whether these are the seats at which fits ran. */
  readonly seats: boolean
  readonly from: number
  readonly to: number
}

/** Waiting that is shown, in ms: less is nothing that anyone waits for. */
const leastWaiting = 50

/** null of no trial that began, without spans where none says when it ran. What runs is as long as all that is known. */
export function lanesOf(table: TrialTable): Lanes | null {
  const started = table.numbers('started')
  const ended = table.numbers('ended')
  const fits = [...table.fits].flatMap(([, spans]) =>
    spans.flatMap(({ start, end }) => [start, end ?? start]),
  )
  const extent = extentOf(started, ended, fits)
  if (extent === null) return null
  const { min: from, max: to } = extent
  if (to === from && ended.every(Number.isFinite) && table.numbers('seconds').every(Number.isNaN))
    return { spans: [], names: [], seats: false, from, to: from + 1000 }
  const lanes = table.fits.size > 0 ? bySeat(table, started, to) : packed(table, started, ended, to)
  return { ...lanes, from, to: to > from ? to : from + 1000 }
}

function bySeat(table: TrialTable, started: Float64Array, to: number): Omit<Lanes, 'from' | 'to'> {
  const seats = [...new Set([...table.fits.values()].flatMap((fits) => fits.map(({ seat }) => seat)))].sort(
    (a, b) => a - b,
  )
  const laneOf = new Map(seats.map((seat, lane) => [seat, lane]))
  const spans: Span[] = []
  for (const [row, fits] of table.fits) {
    const first = fits.reduce((a, b) => (b.start < a.start ? b : a))
    if (first.start - started[row] > leastWaiting)
      spans.push({
        ...{ row, lane: laneOf.get(first.seat)!, seat: first.seat },
        ...{ start: started[row], end: first.start, waiting: true },
      })
    for (const { seat, start, end } of fits)
      spans.push({ row, lane: laneOf.get(seat)!, seat, start, end: end ?? to, waiting: false })
  }
  return { spans, names: seats.map((seat) => `seat ${seat}`), seats: true }
}

/** Each trial in the first lane that is free when it begins. */
function packed(
  table: TrialTable,
  started: Float64Array,
  ended: Float64Array,
  to: number,
): Omit<Lanes, 'from' | 'to'> {
  const rows = Array.from({ length: table.length }, (_, row) => row).filter((row) =>
    Number.isFinite(started[row]),
  )
  rows.sort((a, b) => started[a] - started[b] || a - b)
  const free: number[] = []
  const spans = rows.map((row): Span => {
    const end = Number.isFinite(ended[row]) ? ended[row] : to
    let lane = free.findIndex((at) => at <= started[row])
    if (lane < 0) lane = free.length
    free[lane] = end
    return { row, lane, start: started[row], end, waiting: false, seat: null }
  })
  return { spans, names: free.map((_, lane) => `lane ${lane + 1}`), seats: false }
}

/** The share of the time of all lanes in which something ran, and the ms that trials waited together. */
export function busyShare({ spans, names, from, to }: Lanes): {
  readonly busy: number
  readonly waited: number
} {
  let busy = 0
  let waited = 0
  for (const { start, end, waiting } of spans) {
    if (waiting) waited += end - start
    else busy += end - start
  }
  return { busy: names.length === 0 ? 0 : Math.min(1, busy / ((to - from) * names.length)), waited }
}
