/**
 * How the page and the server speak, and how a report holds its data: what both sides go by.
 *
 * The page is at `/`, with `/page.js` and `/page.css`; where in the page one is stands behind the `#`, which the server never
 * sees. All else is below `/api/`. The printed link is `/?token=…`: it is answered with a cookie (HttpOnly, SameSite=Strict) and
 * sent on to `/`; every request below `/api/` needs that cookie, else it is answered with 401.
 *
 *     GET  /api/facts                                     PageFacts
 *     GET  /api/sweeps                                    SweepList
 *     GET  /api/sweeps/ID                                 SweepHead, from the summary: before the table is there
 *     GET  /api/sweeps/ID/table                           a parcel (parcel.ts): TableDocument, and the table's bytes as its one part
 *     GET  /api/sweeps/ID/insight?metric=M                Insight; the objective's without `metric`
 *     GET  /api/sweeps/ID/surface?x=X&y=Y&metric=M        Surface, or null
 *     GET  /api/sweeps/ID/steps?trials=1,2,3              TrialSteps[], in the order asked for, unknown trials left out
 *     GET  /api/sweeps/ID/trials/N                        ChildRun
 *     GET  /api/runs/RUN/artifacts/NAME                   its bytes, with a type that is safe to show; `?download` to save it
 *     POST /api/sweeps/ID/acts                            takes an Act as JSON, answers ActAnswer
 *     GET  /api/events?list=L&sweep=ID&place=P            server-sent events: `data` is a LiveEvent as JSON
 *
 * What goes wrong is answered with another status than 200, and ApiError.
 *
 * Events. A page holds one stream. `list` is what SweepList had: the first event tells of the sweeps that have changed since;
 * of all of them without it, and where it is from before a restart of the server. `sweep` and `place` (of TableDocument) are left out where no sweep is watched. Every event has an
 * id that says how far both have come: EventSource hands it back by itself when it connects again (Last-Event-ID); whoever opens
 * a new stream gives it as `after=ID` with the same `sweep`, in place of `list` and `place`. Rows replace what was there; steps
 * say from where they go on; lines of output are the whole end: to be told something twice does no harm. A trial that has ended
 * has no steps in events: /steps has them. After `again` the table is to be read again, and a new stream opened from its place.
 * A stream that is not read is ended by the server. A page that is hidden ends its stream, so that few of the six connections
 * that a browser allows are taken.
 */
import type { SweepEntry, SweepHead } from './types.js'

export interface SweepList {
  /** Newest first. */
  readonly sweeps: readonly SweepEntry[]
  /** How far it has come, for /api/events. */
  readonly list: string
}

/** The document of the parcel of /table. */
export interface TableDocument {
  readonly head: SweepHead
  /** How far the table has come, for /api/events. */
  readonly place: string
}

/** What became of an act, in a sentence. */
export interface ActAnswer {
  /** `unanswered`: the process that holds the sweep did not take it up. */
  readonly outcome: 'done' | 'refused' | 'unanswered'
  readonly message: string
}

export interface ApiError {
  readonly error: { readonly code: string; readonly message: string }
}

/**
 * The element of a report that holds its data, `<script type="application/octet-stream" id=…>`: base64 of gzip of a parcel, whose
 * document is ReportData and whose parts are the tables of its sweeps, in their order. A page without this element is live.
 */
export const reportElement = 'espalier-report'
