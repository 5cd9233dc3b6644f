/**
 * The ask-tell protocol: one JSON object a line in, one a line out, in order (README, "Ask and tell").
 */
import { EspalierError } from '../errors.js'
import { isJsonObject, type JsonValue } from '../values.js'
import { createSearch, type Search, type SearchDefinition } from './search.js'

/** What each operation takes, beside `op`. */
const operations: Record<string, readonly string[]> = {
  open: ['parameters', 'direction', 'search'],
  ask: ['count'],
  tell: ['trial', 'value', 'state'],
  best: [],
}

export class AskTellSession {
  #search: Search | null = null

  /** Answers one line. Never throws: a wrong line is answered with its error, and the session goes on. */
  async answer(line: string): Promise<string> {
    try {
      return JSON.stringify(await this.#perform(line))
    } catch (error) {
      const { code, message } =
        error instanceof EspalierError ? { code: error.code, message: withProblems(error) } : internal(error)
      return JSON.stringify({ error: { code, message } })
    }
  }

  async close(): Promise<void> {
    await this.#search?.close()
  }

  async #perform(line: string): Promise<unknown> {
    const request = parse(line)
    const { op, ...rest } = request
    if (typeof op !== 'string' || !Object.hasOwn(operations, op)) {
      throw new EspalierError(
        'USAGE',
        `"op" must be one of ${Object.keys(operations).join(', ')} (got ${JSON.stringify(op ?? null)})`,
      )
    }
    const unknown = Object.keys(rest).filter((key) => !operations[op].includes(key))
    if (unknown.length > 0) {
      throw new EspalierError(
        'USAGE',
        `"${op}" takes ${list(operations[op])} (got ${unknown.map((key) => JSON.stringify(key)).join(', ')})`,
      )
    }
    switch (op) {
      case 'open': {
        // The session before stays if the new one cannot be opened.
        const search = await createSearch(rest as unknown as SearchDefinition)
        await this.#search?.close()
        this.#search = search
        return { ok: true }
      }
      case 'ask': {
        const { trials, exhausted } = await this.#opened().ask(rest.count as number | undefined)
        return exhausted ? { trials, exhausted } : { trials }
      }
      case 'tell':
        this.#opened().tell(rest.trial as number, outcomeOf(rest))
        return { ok: true }
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

  #opened(): Search {
    if (this.#search) return this.#search
    throw new EspalierError('USAGE', 'a search must be opened first; send {"op":"open","parameters":{…}}')
  }
}

function parse(line: string): { [key: string]: JsonValue } {
  let value: JsonValue
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw new EspalierError('JSON_INVALID', `a line must be one JSON object (${(error as Error).message})`)
  }
  if (!isJsonObject(value)) {
    throw new EspalierError(
      'JSON_INVALID',
      `a line must be one JSON object (got ${JSON.stringify(value).slice(0, 80)})`,
    )
  }
  return value
}

function outcomeOf({ value, state }: { [key: string]: JsonValue }): number | 'failed' {
  if (state !== undefined && state !== 'failed' && state !== 'finished') {
    throw new EspalierError('USAGE', `"state" must be "finished" or "failed" (got ${JSON.stringify(state)})`)
  }
  if (state === 'failed') {
    if (value === undefined || value === null) return 'failed'
    throw new EspalierError('USAGE', 'a failed trial has no value; leave "value" out, or "state"')
  }
  if (typeof value !== 'number') {
    throw new EspalierError(
      'USAGE',
      `"value" must be a finite number (got ${JSON.stringify(value ?? null)}); a trial without one is told with "state":"failed"`,
    )
  }
  return value
}

function withProblems({ message, problems }: EspalierError): string {
  // The message says a single one by itself.
  if (problems.length === 0 || (problems.length === 1 && message.includes(problems[0].message)))
    return message
  return `${message}: ${problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ')}`
}

function internal(error: unknown): { code: string; message: string } {
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) }
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing else' : names.map((name) => `"${name}"`).join(', ')
}
