/**
 * The search engine alone, for a program that trains by itself: ask for params, tell what came of them.
 */
import { anything, checkOptions, type Rules } from '../arguments.js'
import { EspalierError } from '../errors.js'
import { createSearcher, type ObservedTrial, type PendingTrial, type Searcher } from '../search/index.js'
import {
  type NoStrangers,
  type ParametersJson,
  type ParamsFrom,
  parseSweepFile,
  type SweepFileJson,
  type TypedSpace,
  withPlainParameters,
} from '../space/index.js'
import { BestSoFar } from '../sweep/index.js'
import type { Direction, Params, RankedTrial } from '../values.js'
import { defaultAlgorithm } from './spec/file.js'

/** What `createSearch` searches, and how. */
export interface SearchDefinition<P extends ParametersJson = ParametersJson> {
  /** As in a sweep file, or a space from `defineSpace`. */
  readonly parameters: (P & NoStrangers<P>) | TypedSpace<P>
  /** `minimize` unless stated. */
  readonly direction?: Direction
  /** As in a sweep file; all of it optional. Entries that only a sweep can heed are refused. */
  readonly search?: Pick<
    NonNullable<SweepFileJson['search']>,
    'algorithm' | 'trials' | 'parallel' | 'seed' | 'enqueue' | 'replicates'
  >
}

/** A trial to be evaluated and told. */
export interface AskedTrial<P = Params> {
  /** Its number: 0, 1, 2 … in the order of asking. */
  readonly trial: number
  readonly params: P
}

/** A search that waits to be asked. `P` are the params of its space. */
export interface Search<P = Params> {
  /**
   * The next `count` trials (1 unless stated, 10,000 at most). Fewer, with `exhausted`, when the space has no more. A
   * trial asked and not yet told is pending: the search counts with it.
   */
  ask(count?: number): Promise<{ trials: AskedTrial<P>[]; exhausted: boolean }>
  /** A trial's value, or that it failed. The order of telling changes nothing. Throws USAGE for a trial not pending. */
  tell(trial: number, outcome: number | 'failed'): void
  /** The best trial told so far; null while there is none. */
  best(): { trial: number; value: number; params: P } | null
  /** Ends the search; asked afterwards it throws USAGE. */
  close(): Promise<void>
}

const definitionRules: Rules<SearchDefinition> = {
  parameters: anything,
  direction: anything,
  search: anything,
}

/** Entries of `search` that are about running trials, which is the caller's affair here. */
const sweepOnly = ['pruner', 'warmStart', 'stopAt', 'advice']

/**
 * The search engine alone: ask for params, tell what came of them.
 * @throws EspalierError SPACE_INVALID with every mistake in the definition, USAGE for an entry that there is not.
 */
export async function createSearch<const P extends ParametersJson>(
  definition: SearchDefinition<P>,
): Promise<Search<ParamsFrom<P>>> {
  checkOptions('a search', definition, definitionRules)
  const { parameters, direction = 'minimize', search = {} } = definition
  const idle = sweepOnly.filter((name) => name in search)
  if (idle.length > 0) {
    throw new EspalierError(
      'USAGE',
      `a search only proposes trials ("search" has ${idle.map((name) => `"${name}"`).join(', ')}, which a sweep heeds); leave that out`,
    )
  }
  const described = { parameters, search, objective: { direction } }
  const file = await parseSweepFile(withPlainParameters(described))
  const settings = file.search ?? {}
  const searcher = await createSearcher(file.space, {
    algorithm: settings.algorithm ?? defaultAlgorithm,
    seed: settings.seed ?? 0,
    trials: settings.trials ?? null,
    parallel: settings.parallel ?? 1,
    enqueue: settings.enqueue,
    replicates: settings.replicates,
  })
  return new AskTell(searcher, direction) as Search as Search<ParamsFrom<P>>
}

/** The objective's metric: told values have no other name. */
const VALUE = 'value'

class AskTell implements Search {
  readonly #searcher: Searcher
  readonly #directions: readonly Direction[]
  readonly #pending = new Map<number, PendingTrial>()
  #told: ObservedTrial[] = []
  readonly #best: BestSoFar<RankedTrial & { params: Params }>
  #next = 0
  #closed = false

  constructor(searcher: Searcher, direction: Direction) {
    this.#searcher = searcher
    this.#directions = [direction]
    this.#best = new BestSoFar([{ metric: VALUE, direction }])
  }

  async ask(count = 1): Promise<{ trials: AskedTrial[]; exhausted: boolean }> {
    if (this.#closed)
      throw new EspalierError('USAGE', 'a search is asked before it is closed (this one is); create another')
    if (!Number.isSafeInteger(count) || count < 1 || count > 10_000) {
      throw new EspalierError(
        'USAGE',
        `"count" must be a whole number from 1 to 10,000 (got ${JSON.stringify(count)})`,
      )
    }
    const trials: AskedTrial[] = []
    while (trials.length < count) {
      const trial = this.#next
      const history = {
        directions: this.#directions,
        trials: this.#told,
        pending: [...this.#pending.values()],
      }
      const suggestion = await this.#searcher.suggest(history, trial)
      if (suggestion === null) return { trials, exhausted: true }
      this.#next++
      this.#pending.set(trial, { trial, ...suggestion })
      trials.push({ trial, params: suggestion.params })
    }
    return { trials, exhausted: false }
  }

  tell(trial: number, outcome: number | 'failed'): void {
    const pending = this.#pending.get(trial)
    if (!pending) {
      const why = this.#told.some((told) => told.trial === trial)
        ? 'has been told already'
        : 'was never asked'
      throw new EspalierError(
        'USAGE',
        `only a trial that was asked and not yet told can be told (trial ${JSON.stringify(trial)} ${why})`,
      )
    }
    if (outcome !== 'failed' && !Number.isFinite(outcome)) {
      throw new EspalierError(
        'USAGE',
        `"value" must be a finite number (got ${JSON.stringify(outcome)}); tell a trial without one as failed`,
      )
    }
    this.#pending.delete(trial)
    const value = outcome === 'failed' ? null : outcome
    const observed: ObservedTrial =
      value === null
        ? { ...pending, outcome: 'failed', values: [] }
        : { ...pending, outcome: 'finished', values: [value] }
    const last = this.#told.at(-1)
    // Kept in trial order. An array that is told out of order is a new one: searchers key caches by the old.
    if (!last || last.trial < trial) this.#told.push(observed)
    else this.#told = [...this.#told, observed].sort((a, b) => a.trial - b.trial)
    if (value !== null) this.#best.offer({ trial, values: { [VALUE]: value }, params: pending.params })
  }

  best() {
    const best = this.#best.current
    return best && { trial: best.trial, value: best.values[VALUE], params: best.params }
  }

  async close() {
    this.#closed = true
    await this.#searcher.close?.()
  }
}
