/**
 * The order in which the search hears of outcomes: what the loop asks of it, and the two there are.
 *
 * Outcomes have places: a trial's number, or its place among those that ended. They are let out by place, so that what a
 * trial knew is always a beginning of that row.
 */
import type { PendingTrial } from '../search/index.js'
import type { EndConditions, StartConditions } from '../tracking/index.js'
import type { OutcomeOrder, RecordedTrial } from './types.js'

/** What a loop has under way. */
export interface Underway {
  /** Outcomes that have been let out. */
  readonly known: number
  /** Trials whose fits wait or run. */
  readonly running: number
}

export interface Order {
  /** Whether trial k can be suggested: all that it may know is known. */
  isOpen(trial: number, underway: Underway): boolean
  /** How many of the known outcomes trial k may know. */
  mayKnow(trial: number, known: number): number
  /** The trials that are pending for one that was told so many outcomes. */
  pending(
    told: number,
    suggested: readonly PendingTrial[],
    inFlight: ReadonlyMap<number, PendingTrial>,
  ): readonly PendingTrial[]
  /** The place of a trial that ends now. */
  place(trial: number): number
  /**
   * Whether a trial on record can be told again what it knew then, no more and no less, when its turn comes. Where it
   * cannot, the outcomes on record are known from the start, in `taken`.
   */
  readonly repeats: boolean
  readonly taken: readonly RecordedTrial[]
  /** What is recorded so that the order can be taken up again: of a start with so many curves, of an end at this place. */
  atStart(curves: number | null): StartConditions
  atEnd(place: number): EndConditions
}

export function createOrder(order: OutcomeOrder, parallel: number, record: readonly RecordedTrial[]): Order {
  return order === 'trial' ? trialOrder(parallel) : arrivalOrder(parallel, record)
}

/** The recorded trials that a trial knew at its start, in the order in which the search heard of them. */
export function knownOf(
  order: OutcomeOrder,
  parallel: number,
  record: readonly RecordedTrial[],
  { trial, knew }: Pick<RecordedTrial, 'trial' | 'knew'>,
): readonly RecordedTrial[] {
  const { taken, mayKnow } = createOrder(order, parallel, record)
  if (order === 'arrival') return taken.slice(0, knew ?? 0)
  const ended = record.filter(({ outcome }) => outcome !== null).sort((a, b) => a.trial - b.trial)
  return ended.filter((other) => other.trial < mayKnow(trial, ended.length))
}

/** Trial k knows the trials up to k − P, whenever they ended: nothing depends on timing. */
function trialOrder(parallel: number): Order {
  return {
    isOpen: (trial, { known }) => known > trial - parallel,
    mayKnow: (trial) => trial - parallel + 1,
    pending: (told, suggested) => suggested.slice(told),
    place: (trial) => trial,
    repeats: true,
    taken: [],
    atStart: () => ({}),
    atEnd: () => ({}),
  }
}

/** Trial k knows what has ended by the time of its suggestion, in the order in which it ended. */
function arrivalOrder(parallel: number, record: readonly RecordedTrial[]): Order {
  const arrivalOf = ({ arrival, trial }: RecordedTrial) => arrival ?? trial
  const taken = record.filter(({ outcome }) => outcome).sort((a, b) => arrivalOf(a) - arrivalOf(b))
  const last = taken.at(-1)
  // A crash between two writes can leave a gap in the numbers: places close up, and no number comes twice.
  const lost = last === undefined ? 0 : Math.max(0, arrivalOf(last) + 1 - taken.length)
  let next = taken.length
  return {
    isOpen: (_, { running }) => running < parallel,
    mayKnow: (_, known) => known,
    pending: (_, __, inFlight) => [...inFlight.values()],
    place: () => next++,
    repeats: false,
    taken,
    atStart: (curves) => (curves === null ? {} : { knew: curves }),
    atEnd: (place) => ({ arrival: place + lost }),
  }
}
