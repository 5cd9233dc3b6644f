/**
 * The trials of a sweep that is followed: its table, kept up to date by what is put on record, and what running ones have reported.
 * Rows are as if every trial were read whole.
 */
import type {
  Histories,
  RunStatus,
  StartConditions,
  SweepUpdate,
  TrialConditions,
} from '../../tracking/index.js'
import { lastReported, mostOutput, withChanges } from '../../tracking/index.js'
import type { Metrics, Params } from '../../values.js'
import { type FitSpan, type FurtherSteps, type TrialRow, TrialTable } from '../data/index.js'
import type { Changes } from './changes.js'
import type { Searched } from './parameters.js'
import { rowAt, rowOfRun, spansOf, suggested } from './rows.js'
import { Workers } from './workers.js'

type Series = { steps: number[]; values: number[]; times?: number[] }

/** A trial that has no outcome. */
interface OpenTrial {
  readonly run: string
  readonly started: number
  readonly params: Params
  readonly conditions: StartConditions
  readonly attempt: number
  /** Its process ended before it did. */
  cut: boolean
  tags: Readonly<Record<string, string>>
  metrics: Metrics
  readonly history: Record<string, Series>
  fits: FitSpan[]
  output: string[]
}

/** What a row says of how far its trial has come. */
type Outcome = Pick<TrialRow, 'status' | 'ended' | 'value' | 'metrics' | 'error' | 'tags' | 'fits'>

export class Trials {
  readonly searched: Searched
  readonly table: TrialTable
  readonly workers = new Workers()
  readonly #metric: string
  readonly #open = new Map<number, OpenTrial>()
  /** Trials without outcome that are not in the table as they are now. */
  readonly #unshown = new Set<number>()

  /** @param metric the objective's. */
  constructor(searched: Searched, metric: string) {
    this.searched = searched
    this.table = new TrialTable(searched.facts)
    this.#metric = metric
  }

  /** Trials that have no outcome. */
  get open(): Iterable<number> {
    return this.#open.keys()
  }

  row(trial: number): TrialRow | null {
    const at = this.table.rowOf(trial)
    return at === undefined ? null : rowAt(this.table, at, this.searched)
  }

  /** What a trial without outcome has reported by step; undefined of others. */
  history(trial: number): Histories | undefined {
    return this.#open.get(trial)?.history
  }

  /** Of a running trial, its last steps: so many as there are of each metric in `counts`, or all of them. */
  further(trial: number, counts: ReadonlyMap<string, number> | 'all'): FurtherSteps | null {
    const known = this.#open.get(trial)
    if (known === undefined) return null
    const history: Record<string, Histories[string]> = {}
    const from: Record<string, number> = {}
    for (const [name, { steps, values, times }] of Object.entries(known.history)) {
      const at = counts === 'all' ? 0 : steps.length - (counts.get(name) ?? 0)
      if (at === steps.length) continue
      from[name] = Math.max(0, at)
      history[name] = {
        steps: steps.slice(at),
        values: values.slice(at),
        ...(times && { times: times.slice(at) }),
      }
    }
    return { trial, history, from }
  }

  /** The end of what a running trial has printed. */
  output(trial: number): readonly string[] | null {
    return this.#open.get(trial)?.output ?? null
  }

  /** @param live whether the sweep is being written: trials without outcome run only then. */
  apply(updates: readonly SweepUpdate[], live: boolean, changes: Changes): void {
    for (const update of updates) {
      changes.take(update, this.open)
      this.#apply(update)
    }
    for (const trial of this.#unshown) this.#show(trial, live)
    this.#unshown.clear()
  }

  /** The trials without outcome run now, or do not any more. */
  turn(live: boolean): void {
    for (const trial of this.#open.keys()) {
      if (!live) this.workers.cut(trial)
      this.#show(trial, live)
    }
  }

  #apply(update: SweepUpdate): void {
    switch (update.kind) {
      case 'trial':
        this.#takeWhole(update.run)
        break
      case 'started':
        this.#start(update)
        this.#unshown.add(update.trial)
        break
      case 'progress':
        this.#progress(update)
        this.#unshown.add(update.trial)
        break
      case 'ended':
        this.#end(update)
        break
      case 'annotated':
        this.#annotate(update)
        break
      case 'deleted':
        this.table.delete(update.trial)
        this.#open.delete(update.trial)
        this.workers.forget(update.trial)
        break
      case 'session':
        for (const [trial, open] of this.#open) {
          this.workers.cut(trial)
          open.cut = true
          open.fits = []
          this.#unshown.add(trial)
        }
        break
    }
  }

  #takeWhole(run: Extract<SweepUpdate, { kind: 'trial' }>['run']): void {
    this.table.upsert(rowOfRun(run))
    if (run.ended !== null) {
      this.workers.take(run)
      return
    }
    this.#open.set(run.trial, {
      run: run.id,
      started: Date.parse(run.started),
      params: run.params,
      conditions: run.conditions,
      attempt: run.attempts.length,
      cut: true,
      tags: run.tags,
      metrics: run.metrics,
      history: longer({}, run.history),
      fits: [],
      output: [...run.output],
    })
  }

  #start({ trial, run, at, attempt, params, conditions }: Extract<SweepUpdate, { kind: 'started' }>): void {
    const tags = this.#open.get(trial)?.tags ?? {}
    const started = Date.parse(at)
    this.workers.cut(trial)
    this.#open.set(trial, {
      run,
      started,
      params,
      conditions,
      attempt,
      cut: false,
      tags,
      metrics: {},
      history: {},
      fits: [],
      output: [],
    })
  }

  #progress({
    trial,
    at,
    history,
    seats,
    workers,
    lost,
    output,
  }: Extract<SweepUpdate, { kind: 'progress' }>): void {
    const open = this.#open.get(trial)
    if (open === undefined || open.cut) return
    if (history !== undefined) {
      longer(open.history, history)
      open.metrics = { ...open.metrics, ...lastReported(history) }
    }
    if (output !== undefined) open.output = [...open.output, ...output].slice(-mostOutput)
    if (seats === undefined) return
    open.fits = seated(open.fits, seats, Date.parse(at))
    this.workers.progress(trial, { seats, workers, lost }, Date.parse(at), open.started)
  }

  #end(update: Extract<SweepUpdate, { kind: 'ended' }>): void {
    const { trial, at, status, values, metrics, error } = update
    const open = this.#open.get(trial)
    if (open === undefined) return
    const conditions: TrialConditions = { ...open.conditions, ...update.conditions }
    this.#open.delete(trial)
    this.workers.ended(trial, conditions.fits, open.started)
    this.#put(trial, open, {
      status,
      ended: Date.parse(at),
      value: Object.hasOwn(values, this.#metric) ? values[this.#metric] : null,
      metrics,
      error: error?.code ?? null,
      tags: { ...open.tags, ...update.tags },
      fits: spansOf(conditions, open.started),
    })
  }

  #annotate({ trial, metrics, tags }: Extract<SweepUpdate, { kind: 'annotated' }>): void {
    if (trial === null) return
    const open = this.#open.get(trial)
    if (open !== undefined) {
      open.metrics = withChanges(open.metrics, metrics)
      open.tags = withChanges(open.tags, tags)
      this.#unshown.add(trial)
      return
    }
    const row = this.row(trial)
    if (row === null) return
    this.table.upsert({
      ...row,
      metrics: withChanges(row.metrics, metrics),
      tags: withChanges(row.tags, tags),
    })
  }

  /** Puts a trial without outcome into the table as it is now. */
  #show(trial: number, live: boolean): void {
    const open = this.#open.get(trial)
    if (open === undefined) return
    const status: RunStatus = live && !open.cut ? 'running' : 'interrupted'
    this.#put(trial, open, {
      status,
      ended: null,
      value: null,
      metrics: open.metrics,
      error: null,
      tags: open.tags,
      fits: status === 'running' ? open.fits : [],
    })
  }

  /** Written out entry by entry: of tens of thousands of rows, objects put together from others take as long as the rest. */
  #put(trial: number, open: OpenTrial, outcome: Outcome): void {
    const { rule, predicted } = suggested(open.conditions)
    this.table.upsert({
      trial,
      run: open.run,
      status: outcome.status,
      started: open.started,
      ended: outcome.ended,
      params: open.params,
      value: outcome.value,
      metrics: outcome.metrics,
      rule,
      predicted,
      error: outcome.error,
      attempts: open.attempt,
      tags: outcome.tags,
      fits: outcome.fits,
    })
  }
}

/** Adds further steps behind those that are known. */
function longer(history: Record<string, Series>, more: Histories): Record<string, Series> {
  for (const [name, { steps, values, times = [] }] of Object.entries(more)) {
    if (!Object.hasOwn(history, name)) history[name] = { steps: [], values: [], times: [] }
    const series = history[name]
    series.steps.push(...steps)
    series.values.push(...values)
    series.times?.push(...times)
  }
  return history
}

/** Fits that run at these seats from now on: those at others have ended. */
function seated(fits: readonly FitSpan[], seats: readonly number[], now: number): FitSpan[] {
  const left = [...seats]
  const next = fits.map((fit) => {
    if (fit.end !== null) return fit
    const at = left.indexOf(fit.seat)
    if (at < 0) return { ...fit, end: now }
    left.splice(at, 1)
    return fit
  })
  return [...next, ...left.map((seat) => ({ seat, start: now, end: null }))]
}
