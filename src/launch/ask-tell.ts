/**
 * The ask-tell protocol: one JSON object a line in, one a line out, in order (README, "Ask and tell").
 */
import { EspalierError, type Problem } from '../errors.js'
import { createSpace, type ParametersJson, type Space } from '../space/index.js'
import { nearestHint } from '../spelling.js'
import { isDeeper, isJsonObject, type JsonObject, type JsonValue, type Params } from '../values.js'
import {
  type EnqueuedEntry,
  openSearch,
  type Search,
  type SearchDefinition,
  type ToldOutcome,
} from './search.js'

/** What each operation takes, beside `op`. */
const operations: Record<string, readonly string[]> = {
  open: ['parameters', 'direction', 'search'],
  ask: ['count', 'fixed', 'origin'],
  tell: ['trial', 'params', 'value', 'state', 'origin'],
  best: [],
}
const states = ['finished', 'failed', 'pruned', 'running']
/** Brackets within brackets: far more than params need, far less than overflow a stack. */
const deepest = 100

/** How far into a line that is no JSON the reason is looked for. */
const longestLooked = 100_000

type Request = { readonly [key: string]: JsonValue }
type ErrorAnswer = { readonly code: string; readonly message: string }
/** What `open` says of each entry of `enqueue`. */
type EntryAnswer = EnqueuedEntry | { readonly entry: number; readonly error: ErrorAnswer }

export class AskTellSession {
  #search: Search | null = null

  /** Answers one line. Never throws: a wrong line is answered with its error, and the session goes on. */
  async answer(line: string): Promise<string> {
    try {
      return JSON.stringify(await this.#perform(line))
    } catch (error) {
      return JSON.stringify({ error: answerOf(error) })
    }
  }

  async close(): Promise<void> {
    await this.#search?.close()
  }

  async #perform(line: string): Promise<unknown> {
    const { op, ...rest } = parse(line)
    if (typeof op !== 'string' || !Object.hasOwn(operations, op)) {
      const near = typeof op === 'string' ? nearestHint(op.slice(0, 80), Object.keys(operations)) : ''
      throw new EspalierError(
        'USAGE',
        `"op" must be one of ${Object.keys(operations).join(', ')} (got ${shown(op)})${near}`,
      )
    }
    checkKeys(op, Object.keys(rest))
    switch (op) {
      case 'open': {
        // The session before stays if the new one cannot be opened.
        const { search, enqueued } = await open(rest)
        await this.#search?.close()
        this.#search = search
        return enqueued === null ? { ok: true } : { ok: true, enqueued }
      }
      case 'ask':
        return this.#ask(this.#opened(), rest)
      case 'tell':
        return tell(this.#opened(), rest)
      default: {
        const best = this.#opened().best()
        if (best) return best
        throw new EspalierError(
          'USAGE',
          'there is a best trial once one has been told with a value (none has)',
        )
      }
    }
  }

  async #ask(search: Search, { origin: wanted = false, ...request }: Request): Promise<unknown> {
    if (typeof wanted !== 'boolean') {
      throw new EspalierError('USAGE', `"origin" must be true or false (got ${shown(wanted)})`)
    }
    const asked = await search.ask(request as { count?: number; fixed?: Params })
    const trials = wanted ? asked.trials : asked.trials.map(({ origin: _, ...trial }) => trial)
    return asked.exhausted ? { trials, exhausted: true } : { trials }
  }

  #opened(): Search {
    if (this.#search) return this.#search
    throw new EspalierError('USAGE', 'a search must be opened first; send {"op":"open","parameters":{…}}')
  }
}

/**
 * Opens a search. An entry of `enqueue` that is not possible is refused by itself, and the others keep their order;
 * `enqueued` says what became of each, null where there is no list.
 */
async function open(rest: Request): Promise<{ search: Search; enqueued: EntryAnswer[] | null }> {
  const { parameters, search: settings } = rest
  const list = isJsonObject(settings) ? settings.enqueue : undefined
  if (!Array.isArray(list)) {
    return { search: await openSearch(rest as unknown as SearchDefinition, []), enqueued: null }
  }
  const without = { ...rest, search: { ...(settings as JsonObject), enqueue: [] } }
  // Everything else first, so that mistakes in the parameters are told as such.
  await (await openSearch(without as unknown as SearchDefinition, [])).close()
  const space = createSpace(parameters as ParametersJson)
  const refused = new Map<number, EntryAnswer>()
  const accepted: number[] = []
  list.forEach((params, entry) => {
    const problems = problemsOf(space, params)
    if (problems.length === 0) accepted.push(entry)
    else refused.set(entry, { entry, error: { code: 'SPACE_INVALID', message: joined(problems) } })
  })
  const kept = { ...(settings as JsonObject), enqueue: accepted.map((entry) => list[entry]) }
  const search = await openSearch({ ...rest, search: kept } as unknown as SearchDefinition, accepted)
  const told = new Map(search.enqueued.map((one) => [one.entry, one]))
  return { search, enqueued: list.map((_, entry) => refused.get(entry) ?? told.get(entry)!) }
}

function problemsOf(space: Space, entry: JsonValue): readonly Problem[] {
  return space.checkPartial(entry as Params)
}

function tell(search: Search, { trial, params, origin, ...rest }: Request): JsonObject {
  const outcome = outcomeOf(rest)
  if (params === undefined) {
    if (origin !== undefined) {
      throw new EspalierError('USAGE', '"origin" belongs to a trial told with its "params"; leave it out')
    }
    if (outcome === 'running') {
      throw new EspalierError(
        'USAGE',
        'a trial that was asked is running until it is told; "state":"running" adds one with its "params"',
      )
    }
    if (trial === undefined) {
      throw new EspalierError(
        'USAGE',
        'a trial is told by its number ("trial", as ask gave it), or one from elsewhere with its "params" (got neither)',
      )
    }
    search.tell(trial as number, outcome)
    return { ok: true }
  }
  const known = { ...(trial !== undefined && { trial }), ...(origin !== undefined && { origin }) }
  return { ok: true, trial: search.tellExternal(params as Params, outcome, known as JsonObject) }
}

function parse(line: string): Request {
  let value: JsonValue
  try {
    value = JSON.parse(line)
  } catch (error) {
    const law = 'a line must be one JSON object'
    // Not in a line so long that the search for it would take its time.
    const none = /(?:NaN|-?Infinity)/.exec(cut(line, longestLooked).replace(/"(?:[^"\\]|\\.)*"/g, ''))
    if (none) {
      throw new EspalierError(
        'JSON_INVALID',
        `${law}, and JSON has no ${none[0]}; tell a trial without a finite value as failed: {"op":"tell","trial":0,"state":"failed"}`,
      )
    }
    // A parser's message quotes the line.
    throw new EspalierError('JSON_INVALID', `${law} (${cut((error as Error).message, 200)})`)
  }
  if (!isJsonObject(value)) {
    throw new EspalierError('JSON_INVALID', `a line must be one JSON object (got ${shown(value)})`)
  }
  if (isDeeper(value, deepest)) {
    throw new EspalierError(
      'JSON_INVALID',
      `a line must not have more than ${deepest} brackets within brackets (this one has)`,
    )
  }
  return value as Request
}

function checkKeys(op: string, given: readonly string[]): void {
  const known = operations[op]
  const unknown = given.filter((key) => !known.includes(key))
  if (unknown.length === 0) return
  const names = known.length === 0 ? 'nothing else' : known.map((name) => `"${name}"`).join(', ')
  const found = unknown
    .slice(0, 5)
    .map((key) => `${shown(key)}${nearestHint(key.slice(0, 80), known)}`)
    .join(', ')
  throw new EspalierError('USAGE', `"${op}" takes ${names} (got ${found})`)
}

function outcomeOf({ value, state = 'finished' }: Request): ToldOutcome | 'running' {
  if (typeof state !== 'string' || !states.includes(state)) {
    throw new EspalierError(
      'USAGE',
      `"state" must be one of ${states.map((one) => `"${one}"`).join(', ')} (got ${shown(state)})`,
    )
  }
  if (state === 'failed' || state === 'running') {
    if (value === undefined || value === null) return state
    throw new EspalierError('USAGE', `a ${state} trial has no value; leave "value" out, or "state"`)
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new EspalierError(
      'USAGE',
      `"value" must be a finite number (got ${shown(value)}); a trial without one is told with "state":"failed"`,
    )
  }
  return state === 'pruned' ? { pruned: value } : value
}

/** The error of an answer, whatever was thrown. */
function answerOf(error: unknown): ErrorAnswer {
  if (error instanceof EspalierError) return { code: error.code, message: withProblems(error) }
  try {
    return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) }
  } catch {
    return { code: 'INTERNAL', message: 'something was thrown that has no text' }
  }
}

function withProblems({ message, problems }: EspalierError): string {
  // What the message says by itself is not said again.
  const rest = problems.filter((problem) => !message.includes(problem.message))
  return rest.length === 0 ? message : `${message}: ${joined(rest)}`
}

function joined(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
}

function shown(value: JsonValue | undefined): string {
  return typeof value === 'number' ? String(value) : cut(JSON.stringify(value) ?? 'nothing', 80)
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
