/**
 * The search engine alone, for a program that trains by itself: ask for params, tell what came of them.
 */
import { anything, checkArgument, checkOptions, type Rules, truth, wholeNumber } from '../arguments.js'
import { EspalierError } from '../errors.js'
import {
  createSearcher,
  elsewhere,
  type FixingSearcher,
  type History,
  type ObservedTrial,
  type PendingTrial,
  type Suggestion,
  type SuggestionOrigin,
} from '../search/index.js'
import {
  type NoStrangers,
  type ParametersJson,
  type ParamsFrom,
  parseSweepFile,
  type Space,
  type SweepFileJson,
  type TypedSpace,
  withPlainParameters,
} from '../space/index.js'
import { BestSoFar } from '../sweep/index.js'
import { type Direction, isJsonObject, type Params, type RankedTrial } from '../values.js'
import { completeParams } from './recorded-trial.js'
import { refuseManyDimensions } from './search-checks.js'
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
  > & {
    /** Whether a finite space that has been tried out is tried again, instead of being exhausted: not unless stated. */
    readonly repeats?: boolean
  }
}

/** A trial to be evaluated and told. */
export interface AskedTrial<P = Params> {
  /** Its number: 0, 1, 2 … in the order of asking and of telling from elsewhere. */
  readonly trial: number
  readonly params: P
  /** Why these params, in a word: `initial`, `expected-improvement`, `enqueued` … */
  readonly rule: string
  /** The whole of it, plain JSON: what a restored search wants back with the trial. */
  readonly origin: SuggestionOrigin
  /** Where it is one of `enqueue`: which, from 0. */
  readonly entry?: number
}

/** What to ask for. */
export interface AskRequest<P = Params> {
  /** How many trials: 1 unless stated, 10,000 at most. */
  readonly count?: number
  /** Values that some parameters have to have in these trials; the others are the search's to choose. */
  readonly fixed?: Partial<P>
}

/** What came of a trial: its value, the value it had when it was stopped early, or that it failed. */
export type ToldOutcome = number | 'failed' | { readonly pruned: number }

/** Where a trial from elsewhere has a place already. */
export interface KnownTrial {
  /** The number it had in an earlier search that this one takes up: no number that is taken. The next one unless stated. */
  readonly trial?: number
  /** Its origin, as `ask` gave it there. */
  readonly origin?: SuggestionOrigin
}

/** What became of an entry of `enqueue`. */
export interface EnqueuedEntry {
  readonly entry: number
  /**
   * The trial it is or, with `replicates`, the first of them, where nothing is told from elsewhere or asked for with
   * fixed params before.
   */
  readonly trial: number
  /** The earlier entry with the same params, whose trial this is: it gets none of its own. */
  readonly duplicateOf?: number
}

/** A search that waits to be asked. `P` are the params of its space. */
export interface Search<P = Params> {
  /** What becomes of the entries of `enqueue`, in their order. */
  readonly enqueued: readonly EnqueuedEntry[]
  /**
   * The next `count` trials (1 unless stated, 10,000 at most). Fewer, with `exhausted`, when the space has no more. A
   * trial asked and not yet told is pending: the search counts with it. With `fixed` params the trials stand beside the
   * search's own course: entries of `enqueue` wait for an asking without. Throws USAGE for fixed params that are not
   * possible in the space.
   */
  ask(request?: number | AskRequest<P>): Promise<{ trials: AskedTrial<P>[]; exhausted: boolean }>
  /**
   * What came of a trial that was asked. The order of telling changes nothing. A pruned trial is known to the search and
   * never the best. Throws USAGE for a trial not pending.
   */
  tell(trial: number, outcome: ToldOutcome): void
  /**
   * A trial from elsewhere: one that this search did not suggest, or one that an earlier search did, whose place it takes
   * with `known`. A `running` one is pending until it is told by its number. The same params told twice are two
   * observations. Gives its number. Throws USAGE for params that are not possible in the space and numbers that are taken.
   */
  tellExternal(params: P, outcome: ToldOutcome | 'running', known?: KnownTrial): number
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

const mostAsked = 10_000
const knownRules: Rules<KnownTrial> = { trial: wholeNumber(0, 1_000_000_000), origin: anything }

/**
 * The search engine alone: ask for params, tell what came of them.
 * @throws EspalierError SPACE_INVALID with every mistake in the definition, USAGE for an entry that there is not.
 */
export async function createSearch<const P extends ParametersJson>(
  definition: SearchDefinition<P>,
): Promise<Search<ParamsFrom<P>>> {
  return (await openSearch(definition as SearchDefinition, [])) as Search as Search<ParamsFrom<P>>
}

/**
 * The same; `entries` says which entries of the user's list those of `enqueue` are, where some were left out (empty: the
 * list is whole).
 */
export async function openSearch(definition: SearchDefinition, entries: readonly number[]): Promise<Search> {
  checkOptions('a search', definition, definitionRules)
  const { parameters, direction = 'minimize', search = {} } = definition
  if (!isJsonObject(search)) {
    throw new EspalierError(
      'USAGE',
      `"search" must be an object (got ${shown(search)}); leave it out where everything is as it is by default`,
    )
  }
  const { repeats = false, ...described } = search as NonNullable<SearchDefinition['search']>
  checkArgument('"search.repeats"', repeats, truth)
  const idle = sweepOnly.filter((name) => name in described)
  if (idle.length > 0) {
    throw new EspalierError(
      'USAGE',
      `a search only proposes trials ("search" has ${idle.map((name) => `"${name}"`).join(', ')}, which a sweep heeds); leave that out`,
    )
  }
  const sweepFile = { parameters, search: described, objective: { direction } }
  const file = await parseSweepFile(withPlainParameters(sweepFile))
  const settings = file.search ?? {}
  refuseManyDimensions(file.space, settings.algorithm)
  const searcher = await createSearcher(file.space, {
    algorithm: settings.algorithm ?? defaultAlgorithm,
    seed: settings.seed ?? 0,
    trials: settings.trials ?? null,
    parallel: settings.parallel ?? 1,
    enqueue: settings.enqueue,
    replicates: settings.replicates,
    repeats,
  })
  const list = settings.enqueue ?? []
  return new AskTell(
    file.space,
    searcher,
    direction,
    settings,
    (entry) => entries[entry] ?? entry,
    list.length,
  )
}

/** The objective's metric: told values have no other name. */
const told = 'value'

class AskTell implements Search {
  readonly enqueued: readonly EnqueuedEntry[]
  readonly #space: Space
  readonly #searcher: FixingSearcher
  readonly #directions: readonly Direction[]
  readonly #parallel: number
  /** The user's number of an entry of the list. */
  readonly #entryOf: (entry: number) => number
  readonly #pending = new Map<number, PendingTrial>()
  #told: ObservedTrial[] = []
  readonly #numbersTold = new Set<number>()
  /** Trials that were told under their numbers without their origins. */
  readonly #unexplained = new Set<number>()
  readonly #best: BestSoFar<RankedTrial & { params: Params }>
  #next = 0
  #turn: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(
    space: Space,
    searcher: FixingSearcher,
    direction: Direction,
    { parallel = 1, replicates = 1 }: { readonly parallel?: number; readonly replicates?: number },
    entryOf: (entry: number) => number,
    entries: number,
  ) {
    this.#space = space
    this.#searcher = searcher
    this.#directions = [direction]
    this.#parallel = parallel
    this.#entryOf = entryOf
    this.#best = new BestSoFar([{ metric: told, direction }])
    const passedOver = new Map(searcher.passedOver().map((one) => [one.entry, one.duplicateOf]))
    const trials: number[] = []
    let next = 0
    this.enqueued = Array.from({ length: entries }, (_, entry) => {
      const first = passedOver.get(entry)
      trials.push(first == null ? next : trials[first])
      if (first == null) next += replicates
      const duplicate = first == null ? {} : { duplicateOf: entryOf(first) }
      return { entry: entryOf(entry), trial: trials[entry], ...duplicate }
    })
  }

  async ask(request: number | AskRequest = {}): Promise<{ trials: AskedTrial[]; exhausted: boolean }> {
    const { count = 1, fixed = {} } = typeof request === 'number' ? { count: request } : request
    checkArgument('"count"', count, wholeNumber(1, mostAsked))
    if (!isJsonObject(fixed)) {
      throw new EspalierError('USAGE', `"fixed" must be an object of names and values (got ${shown(fixed)})`)
    }
    // One after the other, as each asking counts with the trials of those before.
    const answer = this.#turn.then(() => this.#ask(count, fixed as Params))
    this.#turn = answer.catch(() => {})
    return answer
  }

  async #ask(count: number, fixed: Params): Promise<{ trials: AskedTrial[]; exhausted: boolean }> {
    if (this.#closed)
      throw new EspalierError('USAGE', 'a search is asked before it is closed (this one is); create another')
    await this.#explain()
    const trials: AskedTrial[] = []
    while (trials.length < count) {
      const trial = this.#next
      const suggestion = await this.#suggest(this.#history(), trial, fixed)
      if (suggestion === null) return { trials, exhausted: true }
      const { params, origin } = suggestion
      this.#next = Math.max(this.#next, trial + 1)
      this.#pending.set(trial, { trial, params, origin })
      const entry = origin.rule === 'enqueued' ? { entry: this.#entryOf(Number(origin.index)) } : {}
      trials.push({ trial, params, rule: origin.rule, origin, ...entry })
    }
    return { trials, exhausted: false }
  }

  async #suggest(history: History, trial: number, fixed: Params): Promise<Suggestion | null> {
    return Object.keys(fixed).length === 0
      ? this.#searcher.suggest(history, trial)
      : this.#searcher.suggestFixed(history, trial, fixed)
  }

  #history(): History {
    const pending = [...this.#pending.values()].sort((a, b) => a.trial - b.trial)
    return { directions: this.#directions, trials: this.#told, pending }
  }

  tell(trial: number, outcome: ToldOutcome): void {
    const pending = this.#pending.get(trial)
    if (!pending) {
      const why = this.#numbersTold.has(trial) ? 'has been told already' : 'was never asked'
      throw new EspalierError(
        'USAGE',
        `only a trial that was asked and not yet told can be told (trial ${shown(trial)} ${why}); one from elsewhere is told with its params`,
      )
    }
    const observed = observe(pending, outcome)
    this.#pending.delete(trial)
    this.#know(observed)
  }

  tellExternal(params: Params, outcome: ToldOutcome | 'running', known: KnownTrial = {}): number {
    checkOptions('a known trial', known, knownRules)
    // As the space writes them: with its constants, and without what another program's rounding did to a step.
    const whole = completeParams(this.#space, params)
    const { trial = this.#next, origin } = known
    if (this.#pending.has(trial) || this.#numbersTold.has(trial)) {
      throw new EspalierError(
        'USAGE',
        `a number belongs to one trial (${trial} has been ${this.#pending.has(trial) ? 'asked' : 'told'}); leave "trial" out to add another`,
      )
    }
    if (origin !== undefined && !(isJsonObject(origin) && typeof origin.rule === 'string')) {
      throw new EspalierError(
        'USAGE',
        `"origin" must be what "ask" gave (got ${shown(origin)}); leave it out`,
      )
    }
    const pending: PendingTrial = { trial, params: whole, origin: origin ?? { rule: elsewhere } }
    const observed = outcome === 'running' ? null : observe(pending, outcome)
    this.#next = Math.max(this.#next, trial + 1)
    if (known.trial !== undefined && origin === undefined) this.#unexplained.add(trial)
    if (observed === null) this.#pending.set(trial, pending)
    else this.#know(observed)
    return trial
  }

  #know(observed: ObservedTrial): void {
    const { trial, outcome, values, params } = observed
    this.#numbersTold.add(trial)
    const last = this.#told.at(-1)
    // Kept in trial order. An array that is told out of order is a new one: searchers key caches by the old.
    if (!last || last.trial < trial) this.#told.push(observed)
    else this.#told = [...this.#told, observed].sort((a, b) => a.trial - b.trial)
    if (outcome === 'finished') this.#best.offer({ trial, values: { [told]: values[0] }, params })
  }

  /**
   * Finds the origins of trials that were told under their numbers, by suggesting them again: as if each had been asked
   * when all trials but the `parallel` − 1 before it were known. One whose params come out otherwise is from elsewhere.
   */
  async #explain(): Promise<void> {
    if (this.#unexplained.size === 0) return
    const { trials, pending } = this.#history()
    const found = new Map<number, SuggestionOrigin>()
    const withOrigin = <T extends PendingTrial>(one: T): T => {
      const origin = found.get(one.trial)
      return origin === undefined ? one : { ...one, origin }
    }
    const all: (ObservedTrial | PendingTrial)[] = [...trials, ...pending].sort((a, b) => a.trial - b.trial)
    for (let i = 0; i < all.length; i++) {
      const { trial, params } = all[i]
      if (!this.#unexplained.has(trial)) continue
      const isKnown = (one: ObservedTrial | PendingTrial): one is ObservedTrial =>
        'outcome' in one && one.trial <= trial - this.#parallel
      const before = all.slice(0, i)
      const history = {
        directions: this.#directions,
        trials: before.filter(isKnown),
        pending: before.filter((one) => !isKnown(one)),
      }
      const again = await this.#searcher.suggest(history, trial)
      if (again === null || this.#space.key(again.params) !== this.#space.key(params)) continue
      found.set(trial, again.origin)
      all[i] = withOrigin(all[i])
    }
    this.#unexplained.clear()
    this.#told = trials.map(withOrigin)
    for (const one of pending) this.#pending.set(one.trial, withOrigin(one))
  }

  best() {
    const best = this.#best.current
    return best && { trial: best.trial, value: best.values[told], params: best.params }
  }

  async close() {
    this.#closed = true
    await this.#searcher.close?.()
  }
}

function observe(pending: PendingTrial, outcome: ToldOutcome): ObservedTrial {
  if (outcome === 'failed') return { ...pending, outcome, values: [] }
  const pruned = isJsonObject(outcome)
  const value = pruned ? outcome.pruned : outcome
  if (!Number.isFinite(value)) {
    throw new EspalierError(
      'USAGE',
      `"value" must be a finite number (got ${shown(value)}); tell a trial without one as failed ("state":"failed")`,
    )
  }
  return { ...pending, outcome: pruned ? 'pruned' : 'finished', values: [value as number] }
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing').slice(0, 80)
}
