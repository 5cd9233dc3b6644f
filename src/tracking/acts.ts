/**
 * What can be asked of a sweep from outside the process that runs it, and how what is asked is written down. A request is
 * a stranger's until it is checked here: a file in the store, or what a page sent.
 */
import { EspalierError, type Problem } from '../errors.js'
import { tagNames } from '../names.js'
import { isJsonObject, type Params } from '../values.js'
import type { Person } from './who.js'

/** Something asked of a sweep. `trial: null` means the sweep itself. */
export type Act =
  /** null takes a tag away. */
  | {
      readonly kind: 'tag'
      readonly trial: number | null
      readonly tags: Readonly<Record<string, string | null>>
    }
  /** An empty text takes the note away. */
  | { readonly kind: 'note'; readonly trial: number | null; readonly text: string }
  /** As Ctrl-C does it: no further trial begins, and the sweep can be resumed. */
  | { readonly kind: 'stop' }
  /** The next trial that is not suggested yet gets these params. */
  | { readonly kind: 'enqueue'; readonly params: Params }
  /** So many trials more. */
  | { readonly kind: 'extend'; readonly by: number }
  /** A running trial ends now. */
  | { readonly kind: 'end-trial'; readonly trial: number }

/** A request as it waits in the store. */
export interface AskedRequest {
  /** 16 hexadecimal digits. */
  readonly id: string
  /** ISO 8601, UTC, by the clock of whoever asked. */
  readonly asked: string
  readonly by: Person
  readonly act: Act
}

/** A request as it stands on the record of its sweep. */
export interface AnsweredRequest extends AskedRequest {
  /** When it was answered: ISO 8601, UTC. */
  readonly at: string
  readonly outcome: 'done' | 'refused'
  /** What became of it, in a sentence. */
  readonly message: string
  /** The trial that it became, or is about; else the first one that it holds for, where there is such a one. */
  readonly trial: number | null
}

/** A request as its event tells it, without what else stands in a line of the journal. */
export function answeredRequest(event: AnsweredRequest): AnsweredRequest {
  const { id, asked, by, act, at, outcome, message, trial } = event
  return { id, asked, by, act, at, outcome, message, trial }
}

/**
 * A request as it stands on the record of a sweep, which anybody may have written.
 * @throws STORE_CORRUPT where it is none.
 */
export function recordedRequest(recorded: AnsweredRequest, sweep: string): AnsweredRequest {
  try {
    const { id, asked, at, outcome, message, trial: of } = recorded
    checkedPerson(recorded.by)
    checkedAct(recorded.act)
    const texts = [id, asked, at, message].every((one) => typeof one === 'string')
    if (texts && (outcome === 'done' || outcome === 'refused') && trialOrSweep.keeps(of)) return recorded
  } catch {
    // Said below, as what it means for the store.
  }
  throw new EspalierError(
    'STORE_CORRUPT',
    `a request on record says by whom and when what was asked, and what became of it (got ${shown(recorded)} in sweep ${sweep}); put the record back from a copy, or delete the sweep: espalier runs delete ${sweep}`,
  )
}

/** What whoever asked is told. */
export interface RequestAnswer extends Pick<AnsweredRequest, 'id' | 'message' | 'trial'> {
  /** `unanswered`: nobody took it up. It was taken back, unless `message` says otherwise. */
  readonly outcome: 'done' | 'refused' | 'unanswered'
}

const mostTags = 100
const longestText = 10_000
const longestName = 200
/** A sweep has no more. */
export const mostTrials = 1_000_000_000

interface Law {
  readonly law: string
  readonly keeps: (value: unknown) => boolean
}

const isWhole = (value: unknown, least: number) =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= mostTrials
const isText = (value: unknown, longest: number) => typeof value === 'string' && value.length <= longest

const trialOrSweep: Law = {
  law: 'the number of a trial, or null for the sweep',
  keeps: (value) => value === null || isWhole(value, 0),
}
const trial: Law = { law: 'the number of a trial', keeps: (value) => isWhole(value, 0) }
const text: Law = {
  law: `a text of at most ${longestText} characters`,
  keeps: (value) => isText(value, longestText),
}
const tags: Law = {
  law: `an object of 1 to ${mostTags} tags, each a text of at most ${longestText} characters, or null to take it away`,
  keeps: (value) => {
    if (!isJsonObject(value)) return false
    const entries = Object.entries(value)
    return (
      entries.length >= 1 &&
      entries.length <= mostTags &&
      entries.every(([name, one]) => isText(name, longestName) && (one === null || isText(one, longestText)))
    )
  },
}
const params: Law = { law: 'an object of params, by name', keeps: isJsonObject }
const count: Law = { law: 'a whole number of at least 1', keeps: (value) => isWhole(value, 1) }

const laws: { readonly [K in Act['kind']]: Readonly<Record<string, Law>> } = {
  tag: { trial: trialOrSweep, tags },
  note: { trial: trialOrSweep, text },
  stop: {},
  enqueue: { params },
  extend: { by: count },
  'end-trial': { trial },
}

/**
 * An act, checked, with the entries of its kind and no others.
 * @throws USAGE with every mistake.
 */
export function checkedAct(given: unknown): Act {
  const kinds = Object.keys(laws)
  if (!isJsonObject(given) || typeof given.kind !== 'string' || !Object.hasOwn(laws, given.kind)) {
    throw new EspalierError(
      'USAGE',
      `what is asked of a sweep must be an object whose "kind" is one of ${kinds.join(', ')} (got ${shown(given)})`,
    )
  }
  const kind = given.kind as Act['kind']
  const entries = laws[kind]
  const problems: Problem[] = []
  for (const name of Object.keys(given))
    if (name !== 'kind' && !Object.hasOwn(entries, name))
      problems.push({ path: name, message: `is no entry of "${kind}"` })
  for (const [name, { law, keeps }] of Object.entries(entries)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (!keeps(value)) problems.push({ path: name, message: `must be ${law} (got ${shown(value)})` })
  }
  if (problems.length > 0) {
    throw new EspalierError(
      'USAGE',
      `what is asked of a sweep must keep its rules: ${problems.map(({ path, message }) => `"${path}" ${message}`).join('; ')}`,
      { problems },
    )
  }
  return given as unknown as Act
}

/** Who asks, checked. @throws USAGE */
export function checkedPerson(given: unknown): Person {
  if (isJsonObject(given) && isText(given.user, longestName) && isText(given.host, longestName))
    return { user: given.user as string, host: given.host as string }
  throw new EspalierError(
    'USAGE',
    `who asks must be an object with "user" and "host", texts of at most ${longestName} characters (got ${shown(given)})`,
  )
}

/** A request from its file's text. @throws USAGE where it is none. */
export function parseRequest(id: string, written: string): AskedRequest {
  let given: unknown
  try {
    given = JSON.parse(written)
  } catch {
    given = undefined
  }
  if (!isJsonObject(given)) throw new EspalierError('USAGE', 'a request must be a JSON object')
  const asked = String(given.asked)
  if (!/^\d{4}-\d\d-\d\dT[\d:.]{1,20}Z$/.test(asked))
    throw new EspalierError('USAGE', '"asked" of a request must be a time (ISO 8601, UTC)')
  return { id, asked, by: checkedPerson(given.by), act: checkedAct(given.act) }
}

/** The text of a request's file. */
export function requestText({ asked, by, act }: AskedRequest): string {
  return `${JSON.stringify({ asked, by, act } satisfies Omit<AskedRequest, 'id'>)}\n`
}

/** What an act changes of the tags of a run; null for acts that change none. */
export function labelsOf(
  act: Act,
): { trial: number | null; tags: Readonly<Record<string, string | null>> } | null {
  if (act.kind === 'tag') return { trial: act.trial, tags: act.tags }
  if (act.kind === 'note')
    return { trial: act.trial, tags: { [tagNames.note]: act.text === '' ? null : act.text } }
  return null
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 80)
}
