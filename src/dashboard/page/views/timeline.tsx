/** Who ran when. */
import { useMemo } from 'preact/hooks'
import { seconds } from '../../../shown.js'
import type { LoadedSweep } from '../loaded.js'
import { busyShare, type Lanes, lanesOf } from '../plots/lanes.js'
import type { Frame } from '../plots/picture.js'
import { Plot } from '../plots/plot.js'
import { timelineHeight, timelinePicture } from '../plots/timeline.js'

export function TimelineView({ sweep }: { sweep: LoadedSweep }) {
  const head = sweep.head.value
  const version = sweep.version.value
  const { table } = sweep
  const lanes = useMemo(() => lanesOf(table), [table, version])
  const picture = useMemo(
    () => (frame: Frame) =>
      timelinePicture(frame, { head, table }, lanes, -new Date(lanes?.from ?? 0).getTimezoneOffset()),
    [head, table, lanes],
  )
  return (
    <Plot
      sweep={sweep}
      title="Timeline"
      summary={summaryOf(lanes)}
      height={timelineHeight(lanes?.names.length ?? 3)}
      picture={picture}
      data={() => ({
        columns: ['trial', lanes?.seats === true ? 'seat' : 'lane', 'what', 'start', 'end'],
        rows: (lanes?.spans ?? []).map(({ row, lane, start, end, waiting }) => [
          table.cell('trial', row),
          lanes!.names[lane],
          waiting ? 'waiting' : 'running',
          new Date(start).toISOString(),
          new Date(end).toISOString(),
        ]),
      })}
    />
  )
}

function summaryOf(lanes: Lanes | null): string {
  if (lanes === null) return 'No trial has begun yet.'
  if (lanes.names.length === 0) return 'No trial says when it ran.'
  const { busy, waited } = busyShare(lanes)
  const many = lanes.names.length
  if (!lanes.seats)
    return `Trials by the clock. Seats are not on record: each trial lies in the first of ${many === 1 ? 'one lane' : `${many} lanes`} that was free when it began.`
  const waiting = waited >= 1000 ? ` Trials waited ${seconds(waited / 1000)} for a seat, together.` : ''
  return `Fits by the clock, at ${many === 1 ? 'one seat' : `${many} seats`}, which were at work ${Math.round(busy * 100)} % of the time.${waiting}`
}
