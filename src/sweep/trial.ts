/**
 * One attempt of one trial: its fits, and the outcome made of them.
 *
 * Folds run in parallel and end in any order; every decision is taken in fold order, so that an outcome does
 * not depend on timing: the first fold, in fold order, that fails or gives the pruner its reason decides the trial,
 * and what later folds did and reported is dropped.
 */
import { createHash } from 'node:crypto'
import type { FailureCode } from '../errors.js'
import { type Device, type Executor, type FitOutcome, logOf, onAbort } from '../execution/index.js'
import { artifactNames } from '../names.js'
import type { Curve, PruneReason } from '../search/index.js'
import {
  type EndConditions,
  type FitSpans,
  type FitWorker,
  type Histories,
  type LostWorker,
  lastReported,
  type MetricHistory,
  type RunError,
  recordedDevice,
  type TrialOutcome,
} from '../tracking/index.js'
import type { FitArtifact, FitNote, FitResult } from '../training/index.js'
import { type Direction, isBetter, type Metrics, type Params, type Values } from '../values.js'
import { type EndedBy, endedError, endedReason, type TrialEnding } from './ending.js'
import {
  ownMeanNoise,
  type Pruning,
  partialMeanNoise,
  partialTrainingNoise,
  prunedConditions,
  reportedIn,
} from './pruning.js'
import type { TrialObjectives, TrialStep } from './types.js'

/** The code of a trial that took too long. */
export const timeLimitCode = 'TIME_LIMIT' satisfies FailureCode

export interface TrialRequest {
  readonly trial: number
  readonly attempt: number
  readonly params: Params
  readonly folds: number | null
  readonly objectives: TrialObjectives
  /** ms of training, all folds together. */
  readonly timeLimit: number
  /** Whether what it reported until then counts, where its value is that of its best step. It does unless stated. */
  readonly bestAtTimeLimit?: boolean
  readonly pruning?: Pruning | null
  /**
   * How many folds run at a time while any of them may be the last: more would be work for nothing where the trial
   * is stopped. Changes no outcome. 1 unless given.
   */
  ahead?(): number
  /** Fits that have a checkpoint to go on from: folds, null for the only fit. None unless given. */
  readonly checkpoints?: Promise<ReadonlySet<number | null>>
  /** Lets the trial be ended while it runs. Not unless given. */
  readonly ending?: TrialEnding
  /** Aborted: it is left for the sweep's continuation where none of its fits has begun. */
  readonly leave?: AbortSignal
  /** Told of what the trial comes to while it runs, in the order of its coming. Changes no outcome. */
  readonly watch?: TrialWatch
  /** Metrics over the predictions of all folds together, NaN where one has no value there; none unless given. */
  pool?(results: readonly FitResult[]): Metrics
  /** The file that keeps the out-of-fold predictions of all folds; null where there is nothing to keep. */
  packPredictions?(results: readonly FitResult[]): FitArtifact | null
}

/** Whoever looks on while a trial runs. */
export interface TrialWatch {
  /** @param ms since the trial began. */
  onStep(step: TrialStep, ms: number): void
  /** A line that one of its fits printed or logged. */
  onOutput(line: string): void
  /**
   * @param seats at which its fits run now.
   * @param workers who has each of them, where any runs on another machine.
   * @param lost the worker that has vanished over one of them just now.
   */
  onSeats(seats: readonly number[], workers?: readonly (FitWorker | null)[], lost?: LostWorker): void
  /** It is left unbegun. */
  onLeft?(): void
}

/** What came of a trial. */
export interface TrialResult {
  readonly outcome: TrialOutcome
  /** Files that an objective left; the out-of-fold predictions; what the trainer logged. */
  readonly artifacts: readonly FitArtifact[]
  /** What was left out of the record, and why. */
  readonly notes: readonly FitNote[]
  /** Where and when its fits ran; null where the executor told of none. It depends on timing, as the outcome does not. */
  readonly fits: FitSpans | null
  /** Where its fits went on from checkpoints; it depends on interruptions, as the outcome does not. */
  readonly continued: NonNullable<EndConditions['continued']>
  /** The fit that it failed by, where that had gone on from a checkpoint and came to none that is newer: its fold. */
  readonly inVain: { readonly fold: number | null } | null
  /** That it took too long, also where it has a value all the same; null where it did not. */
  readonly late: RunError | null
}

type MutableHistory = Record<string, { steps: number[]; values: number[]; times?: number[] }>

/** Runs the fits of a trial; null when it was stopped from outside, which says nothing about the trial. */
export async function runTrial(
  request: TrialRequest,
  executor: Executor,
  kill: AbortSignal,
): Promise<TrialResult | null> {
  if (kill.aborted || request.leave?.aborted) return null
  const attempt = new Attempt(request, executor, kill)
  const outcome = await attempt.run()
  if (outcome === null) return null
  const notes = [...attempt.notes.values()]
  return {
    outcome,
    artifacts: withLog(attempt.artifacts, attempt.log),
    notes,
    fits: attempt.spans(),
    continued: attempt.continued,
    inVain: outcome.status === 'failed' ? attempt.inVain : null,
    late: attempt.late,
  }
}

/** Where and when one fit ran, in ms since its attempt began; `to` is null while it runs. */
interface Span {
  readonly seat: number
  readonly devices: readonly Device[] | undefined
  readonly worker: { readonly id: string; readonly host: string } | undefined
  readonly from: number
  to: number | null
  memoryMB: number | null
}

/** The worker of a fit elsewhere, with its devices: here they are among the conditions of the session. */
function workerOf({ worker, devices = [] }: Span): FitWorker | null {
  if (worker === undefined) return null
  return { ...worker, ...(devices.length > 0 && { devices: devices.map(recordedDevice) }) }
}

class Attempt {
  readonly #request: TrialRequest
  readonly #executor: Executor

  artifacts: readonly FitArtifact[] = []
  /** What the trainer logged and printed in the fits that count, in fold order. */
  readonly log: string[] = []
  /** What those fits had to leave out of the record; of notes about the same thing that of the first fold. */
  readonly notes = new Map<string, FitNote>()
  /** Where those fits went on from checkpoints. */
  readonly continued: { attempt: number; step: number; fold?: number }[] = []
  inVain: { readonly fold: number | null } | null = null
  late: RunError | null = null
  /** Fits that have kept a checkpoint in this attempt. */
  readonly #kept = new Set<number>()
  readonly #fits: Promise<FitOutcome>[] = []
  /** What each fit reported, until it was stopped. */
  readonly #reported: MutableHistory[] = []
  readonly #watch: StepWatch | null
  /** Whoever waits for the trial: nobody, once this aborts. */
  readonly #kill: AbortSignal
  /** Stops the fits of a trial; a single fit that nobody can end hangs on `#kill` itself, which costs far less. */
  readonly #fitting: AbortController | null
  /** Fits that have begun to wait and not ended. */
  #unended = 0
  /** The trial is decided: what its fits do from now on is of no interest. */
  #decided = false
  readonly #began = performance.now()
  /** Where and since when the fits ran that have begun, by fold. */
  readonly #spans: Span[] = []
  /** Workers that vanished over each fit. */
  readonly #lost: LostWorker[][] = []

  constructor(request: TrialRequest, executor: Executor, kill: AbortSignal) {
    this.#request = request
    this.#executor = executor
    this.#kill = kill

    const single = request.folds === null && request.ending === undefined && request.leave === undefined
    this.#fitting = single ? null : new AbortController()
    this.#watch = stepWatch(request)
  }

  async run(): Promise<TrialOutcome | null> {
    const fitting = this.#fitting
    const { ending, leave } = this.#request
    const forget = fitting && onAbort(this.#kill, () => fitting.abort())
    const stay = leave && onAbort(leave, () => this.#leave())
    ending?.begin(() => fitting?.abort())
    try {
      return await this.#outcome()
    } finally {
      this.#decided = true
      ending?.close()
      forget?.()
      stay?.()
      // Folds behind the deciding one are not needed any more.
      if (this.#unended > 0) fitting?.abort()
    }
  }

  #leave(): void {
    if (this.#decided || this.#spans.length > 0) return
    this.#fitting?.abort()
    this.#request.watch?.onLeft?.()
  }

  async #outcome(): Promise<TrialOutcome | null> {
    const { folds, timeLimit } = this.#request
    const results: FitResult[] = []
    let seconds = 0
    for (let fold = 0; fold < (folds ?? 1); fold++) {
      this.#startFits(fold)
      const outcome = await this.#fits[fold]
      if (this.#ended !== null && outcome.status !== 'finished') return this.#endedOutcome(results)
      if (outcome.status === 'aborted') return null
      for (const line of logOf(outcome) ?? []) this.log.push(folds === null ? line : `fold ${fold}: ${line}`)
      for (const start of outcome.continued ?? [])
        this.continued.push({ ...start, ...(folds !== null && { fold }) })
      for (const note of outcome.notes ?? [])
        if (!this.notes.has(note.about))
          this.notes.set(
            note.about,
            folds === null ? note : { ...note, message: `${note.message} (fold ${fold})` },
          )
      if (folds === null && outcome.artifacts) this.artifacts = outcome.artifacts
      // Judged at a report: whatever the fit did after that.
      if (this.#watch?.reason) return this.#prunedByStep(this.#watch.reason)
      if (outcome.status === 'failed') {
        const own = folds === null ? null : fold
        const left = this.#kept.has(fold) ? undefined : await this.#request.checkpoints
        if (left?.has(own)) this.inVain = { fold: own }
        const where = folds === null ? '' : ` (fold ${fold})`
        const error = { code: outcome.code, message: `${outcome.reason}${where}` }
        if (outcome.code === timeLimitCode) return this.#tooLate(results, fold, error, outcome.seconds)
        return this.#failed(results, fold, error)
      }
      if (outcome.status === 'pruned') {
        const message = 'the trainer stopped without having been asked to'
        return this.#failed(results, fold, { code: 'RESULT_INVALID', message })
      }
      results.push(outcome.result)
      if (this.#ended !== null) continue
      seconds += outcome.result.fitSeconds + outcome.result.predictSeconds
      if (seconds * 1000 > timeLimit) {
        const message = timeLimitMessage(seconds, timeLimit, fold, folds)
        return this.#tooLate(results, fold, { code: timeLimitCode, message }, seconds)
      }
      const reason = this.#judgeFolds(results)
      if (reason) return this.#prunedByFold(results, reason)
    }
    if (this.#ended !== null) return this.#endedOutcome(results)
    return folds === null ? this.#wholeOutcome(results[0]) : this.#foldsOutcome(results)
  }

  /** Starts what may be needed now: everything where no decision can be near, else a few folds ahead. */
  #startFits(fold: number): void {
    const { folds, pruning, ahead } = this.#request
    const all = folds ?? 1
    const undecided =
      pruning?.history.some(({ status }) => status === 'finished') &&
      (pruning.pruner.judges === 'folds' || (this.#watch !== null && fold === 0))
    const until = undecided ? Math.min(all, fold + Math.max(1, ahead?.() ?? 1)) : all
    while (this.#fits.length < until) {
      const fold = this.#fits.length
      this.#unended++
      const fit = this.#fit(fold)
      // Nobody may wait for it any more when it rejects.
      fit.then((outcome) => this.#fitEnded(fold, outcome)).catch(() => {})
      this.#fits.push(fit)
    }
  }

  #fit(fold: number): Promise<FitOutcome> {
    const { trial, attempt, params, timeLimit, folds } = this.#request
    const reported: MutableHistory = Object.create(null)
    this.#reported.push(reported)
    const watch = fold === 0 ? this.#watch : null
    return this.#executor.run(
      {
        trial,
        attempt,
        part: folds === null ? { kind: 'whole' } : { kind: 'fold', fold },
        params,
        timeLimit,
      },
      {
        signal: this.#fitting?.signal ?? this.#kill,
        onStart: ({ seat, devices, worker }) => {
          const from = this.#milliseconds()
          this.#spans[fold] = { seat, devices, worker, from, to: null, memoryMB: null }
          this.#tellSeats()
        },
        onLost: ({ vanished }) => this.#fitLost(fold, vanished),
        onCheckpoint: () => this.#kept.add(fold),
        onOutput: (line) => this.#request.watch?.onOutput(folds === null ? line : `fold ${fold}: ${line}`),
        onReport: (step, metrics) => {
          // A trainer that does not wait for the answer may report on: that is dropped.
          if (watch?.reason) return 'prune'
          const ms = this.#milliseconds()
          for (const name of Object.keys(metrics))
            log(reported, folds === null ? name : reportedIn(name, fold), step, metrics[name], ms)
          this.#request.watch?.onStep({ fold: folds === null ? null : fold, step, metrics }, ms)
          return watch?.judge(step, metrics) ?? 'continue'
        },
      },
    )
  }

  #milliseconds(): number {
    return Math.round(performance.now() - this.#began)
  }

  /** From now on it runs nowhere. */
  #fitLost(fold: number, vanished: boolean): void {
    const worker = this.#spans[fold]?.worker
    delete this.#spans[fold]
    const lost = vanished && worker ? { ...worker, ms: this.#milliseconds() } : undefined
    if (lost !== undefined) {
      this.#lost[fold] ??= []
      this.#lost[fold].push(lost)
    }
    if (!this.#decided && !this.#kill.aborted) this.#tellSeats(lost)
  }

  /** A fold is a step of its trial, for those who watch it: they need not wait for the folds before it. */
  #fitEnded(fold: number, outcome: FitOutcome): void {
    this.#unended--
    const span = this.#spans[fold]
    if (span !== undefined) {
      span.to = this.#milliseconds()
      span.memoryMB = outcome.deviceMemoryMB ?? null
    }
    // With its only fit the trial ends.
    if (this.#decided || this.#kill.aborted || this.#request.folds === null) return
    this.#tellSeats()
    if (outcome.status !== 'finished') return
    const { metrics } = outcome.result
    this.#request.watch?.onStep({ fold: null, step: fold, metrics }, this.#milliseconds())
  }

  #tellSeats(lost?: LostWorker): void {
    const running = this.#spans.filter(({ to }) => to === null).sort((a, b) => a.seat - b.seat)
    const workers = running.some(({ worker }) => worker) ? running.map(workerOf) : undefined
    this.#request.watch?.onSeats(
      running.map(({ seat }) => seat),
      workers,
      lost,
    )
  }

  /** Where and when its fits ran, until now. */
  spans(): FitSpans | null {
    // A fold that waits for a seat has left a gap.
    const spans = this.#spans.filter(() => true)
    const lost = this.#spans.map((_, fold) => this.#lost[fold] ?? []).filter(() => true)
    if (spans.length === 0) return null
    const now = this.#milliseconds()
    return {
      seats: spans.map(({ seat }) => seat),
      from: spans.map(({ from }) => from),
      to: spans.map(({ to }) => to ?? now),
      ...(spans.some(({ devices }) => devices) && {
        devices: spans.map(({ devices = [] }) => devices.map(({ id }) => id)),
      }),
      ...(spans.some(({ worker }) => worker) && { workers: spans.map(workerOf) }),
      ...(lost.some(({ length }) => length > 0) && { lost }),
      ...(spans.some(({ memoryMB }) => memoryMB !== null) && {
        peakDeviceMemoryMB: spans.map(({ memoryMB }) => memoryMB),
      }),
    }
  }

  #judgeFolds(results: readonly FitResult[]): PruneReason | null {
    const { trial, folds, pruning, objectives } = this.#request
    if (pruning?.pruner.judges !== 'folds' || folds === null || results.length === folds) return null
    const values = results.map(({ metrics }) => metrics[objectives[0].metric])
    if (values.includes(undefined as never)) return null
    const current: Curve = { trial, status: 'running', steps: values.map((_, fold) => fold), values }
    return pruning.pruner.explain(pruning.history, current, pruning.direction)
  }

  /** What was reported up to this fold, in fold order. */
  #history(lastFold: number): MutableHistory {
    const history: MutableHistory = Object.create(null)
    for (const reported of this.#reported.slice(0, lastFold + 1)) Object.assign(history, reported)
    return history
  }

  #failed(results: readonly FitResult[], fold: number, error: RunError): TrialOutcome {
    const history = this.#history(fold)
    const metrics = this.#request.folds === null ? lastReported(history) : {}
    logFolds(results, {}, history)
    return { status: 'failed', values: {}, metrics, history, error, conditions: {} }
  }

  /** Its time is over: where the best of its steps is its value, that is what it came to. */
  #tooLate(results: readonly FitResult[], fold: number, error: RunError, seconds: number): TrialOutcome {
    const { folds, objectives, bestAtTimeLimit = true, timeLimit } = this.#request
    this.late = error
    const history = this.#history(fold)
    const isKnown = objectives.every(({ metric, at }) => at === 'best' && history[metric] !== undefined)
    if (folds !== null || !bestAtTimeLimit || !isKnown) return this.#failed(results, fold, error)
    const values = this.#reportedValues(history, null)
    const step = history[objectives[0].metric].steps.at(-1)!
    return {
      status: 'finished',
      values,
      metrics: { ...lastReported(history), ...values, fitSeconds: seconds },
      history,
      error: null,
      conditions: {
        ...this.#bestStep(history),
        stoppedAtLimit: { step, limitSeconds: timeLimit / 1000 },
      },
    }
  }

  #prunedByFold(results: readonly FitResult[], reason: PruneReason): TrialOutcome {
    const { pruning, objectives, folds } = this.#request
    const history = this.#history(results.length - 1)
    const metrics: Record<string, number> = {}
    logFolds(results, metrics, history)
    const complete = pruning!.history.find(({ trial }) => trial === reason.against)!
    const noise = partialMeanNoise(history[objectives[0].metric].values, complete.values)
    return {
      status: 'pruned',
      values: this.#valuesOf(metrics),
      metrics,
      history,
      error: null,
      conditions: prunedConditions({ ...reason, of: folds }, noise),
    }
  }

  #prunedByStep(reason: PruneReason): TrialOutcome {
    const { folds, pruning } = this.#request
    const history = this.#history(0)
    const values = this.#reportedValues(history, folds === null ? null : 0)
    const noise = this.#trainingNoise(pruning, reason.step)
    return {
      status: 'pruned',
      values,
      metrics: folds === null ? { ...lastReported(history), ...values } : {},
      history,
      error: null,
      conditions: { ...prunedConditions(reason, noise), ...(folds === null && this.#bestStep(history)) },
    }
  }

  /** By whom the trial was ended; then nobody waits for what its fits would still come to. */
  get #ended(): EndedBy | null {
    return this.#request.ending?.by ?? null
  }

  /** Of a trial that was ended: what it had come to, or that it had come to nothing. */
  #endedOutcome(results: readonly FitResult[]): TrialOutcome {
    const { folds, objectives, pruning } = this.#request
    const [{ metric }] = objectives
    const history = this.#history(Math.max(0, results.length - 1))
    const metrics: Record<string, number> = folds === null ? { ...lastReported(history) } : {}
    if (folds !== null) logFolds(results, metrics, history)
    const values = folds === null ? this.#reportedValues(history, null) : this.#valuesOf(metrics)
    const ended = this.#ended!
    if (!Object.hasOwn(values, metric))
      return { status: 'failed', values: {}, metrics, history, error: endedError(ended), conditions: {} }
    const step = history[metric].steps.at(-1)!
    const noise =
      folds === null ? this.#trainingNoise(pruning, step) : ownMeanNoise(history[metric].values, folds)
    return {
      status: 'pruned',
      values,
      metrics: { ...metrics, ...values },
      history,
      error: null,
      conditions: {
        ...prunedConditions(endedReason(ended, step, values[metric]), noise),
        ...(folds === null && this.#bestStep(history)),
      },
    }
  }

  #wholeOutcome(result: FitResult): TrialOutcome {
    const history = this.#history(0)
    const reported = lastReported(history)
    const values: Record<string, number> = {}
    for (const { metric, direction, at } of this.#request.objectives) {
      const last = result.metrics[metric]
      if (last === undefined) return missingMetric(metric, result, history, reported)
      const series = history[metric]
      values[metric] = at === 'best' && series !== undefined ? bestStep(series, direction).value : last
    }
    const conditions = this.#bestStep(history)
    for (const name of Object.keys(result.metrics))
      if (!history[name]) log(history, name, 0, result.metrics[name])
    const metrics = { ...reported, ...result.metrics, ...values, fitSeconds: result.fitSeconds }
    return { status: 'finished', values, metrics, history, error: null, conditions }
  }

  /** What a fit has reported of the objectives: the best or the last, as each goes by. */
  #reportedValues(history: MutableHistory, fold: number | null): Record<string, number> {
    const values: Record<string, number> = {}
    for (const { metric, direction, at } of this.#request.objectives) {
      const series = history[fold === null ? metric : reportedIn(metric, fold)]
      if (series === undefined) continue
      values[metric] = at === 'best' ? bestStep(series, direction).value : series.values.at(-1)!
    }
    return values
  }

  #trainingNoise(pruning: Pruning | null | undefined, step: number): number {
    const [{ metric }] = this.#request.objectives
    // Curves of another metric say nothing about this one.
    const own = pruning?.pruner.judges === 'steps' && (pruning.pruner.metric ?? metric) === metric
    return own ? partialTrainingNoise(pruning.history, step) : 0
  }

  #foldsOutcome(results: readonly FitResult[]): TrialOutcome {
    const history = this.#history(results.length - 1)
    const metrics: Record<string, number> = {}
    logFolds(results, metrics, history)
    const pooled = this.#request.pool?.(results) ?? {}
    for (const [name, value] of Object.entries(pooled)) {
      if (Number.isFinite(value)) metrics[name] = value
      else if (this.#request.objectives.some(({ metric }) => metric === name)) {
        const message = `an objective's metric is finite, and the predictions of all folds gave "${name}" as ${value}`
        return this.#failed(results, results.length - 1, { code: 'METRIC_NOT_FINITE', message })
      }
    }
    for (const { metric } of this.#request.objectives)
      if (metrics[metric] === undefined) return missingMetric(metric, results[0], history, {})
    const digest = predictionsDigest(results)
    const packed = this.#request.packPredictions?.(results)
    if (packed) this.artifacts = [packed]
    return {
      status: 'finished',
      values: this.#valuesOf(metrics),
      metrics,
      history,
      error: null,
      conditions: digest === null ? {} : { predictionsDigest: digest },
    }
  }

  /** Those of the objectives among these metrics. */
  #valuesOf(metrics: Metrics): Values {
    const known = this.#request.objectives.filter(({ metric }) => metrics[metric] !== undefined)
    return Object.fromEntries(known.map(({ metric }) => [metric, metrics[metric]]))
  }

  /** Where the objective that pruners go by was best, if it was reported by step. */
  #bestStep(history: MutableHistory): EndConditions {
    const [{ metric, direction }] = this.#request.objectives
    return history[metric] === undefined ? {} : { bestStep: bestStep(history[metric], direction) }
  }
}

/** Judges a fit as it reports, and remembers the verdict. */
class StepWatch {
  readonly #trial: number
  readonly #pruning: Pruning
  readonly #metric: string

  reason: PruneReason | null = null
  readonly #steps: number[] = []
  readonly #values: number[] = []

  constructor(trial: number, pruning: Pruning, metric: string) {
    this.#trial = trial
    this.#pruning = pruning
    this.#metric = metric
  }

  judge(step: number, metrics: Metrics): 'continue' | 'prune' {
    if (!Object.hasOwn(metrics, this.#metric)) return 'continue'
    // Steps grow; one that does not is recorded, and not judged.
    if (this.#steps.length > 0 && step <= this.#steps[this.#steps.length - 1]) return 'continue'
    this.#steps.push(step)
    this.#values.push(metrics[this.#metric])
    const { pruner, history, direction } = this.#pruning
    const current: Curve = { trial: this.#trial, status: 'running', steps: this.#steps, values: this.#values }
    this.reason = pruner.explain(history, current, direction)
    return this.reason === null ? 'continue' : 'prune'
  }
}

function stepWatch({ trial, pruning, objectives }: TrialRequest): StepWatch | null {
  if (pruning?.pruner.judges !== 'steps') return null
  return new StepWatch(trial, pruning, pruning.pruner.metric ?? objectives[0].metric)
}

/** The best of the steps reported, the first of equals. */
function bestStep({ steps, values }: MetricHistory, direction: Direction): { step: number; value: number } {
  let best = 0
  for (let i = 1; i < values.length; i++) if (isBetter(values[i], values[best], direction)) best = i
  return { step: steps[best], value: values[best] }
}

function timeLimitMessage(seconds: number, limit: number, fold: number, folds: number | null): string {
  const folded = folds === null ? '' : ` by fold ${fold + 1} of ${folds}`
  return `a trial may train for ${limit / 1000} s, all folds together (it had taken ${seconds.toFixed(1)} s${folded}); raise --trial-timeout or narrow the space`
}

function missingMetric(
  metric: string,
  result: FitResult,
  history: MutableHistory,
  metrics: Metrics,
): TrialOutcome {
  const found = Object.keys(result.metrics).join(', ') || 'none'
  const message = `the objective's metric "${metric}" must be among those the trainer gives (found ${found}); name one of them in objective.metric`
  const error = { code: 'RESULT_INVALID', message }
  return { status: 'failed', values: {}, metrics, history, error, conditions: {} }
}

/**
 * Each metric's mean over the folds under its own name, its sample standard deviation as `<name>Std`, and its
 * values by fold in the history. Seconds are sums.
 */
function logFolds(
  results: readonly FitResult[],
  metrics: Record<string, number>,
  history: MutableHistory,
): void {
  if (results.length === 0) return
  for (const name of Object.keys(results[0].metrics)) {
    const values = results.map((result) => result.metrics[name])
    if (values.some((value) => value === undefined)) continue
    for (let fold = 0; fold < values.length; fold++) log(history, name, fold, values[fold])
    let sum = 0
    for (const value of values) sum += value
    const mean = sum / values.length
    metrics[name] = mean
    if (values.length < 2) continue
    let squares = 0
    for (const value of values) squares += (value - mean) * (value - mean)
    metrics[`${name}Std`] = Math.sqrt(squares / (values.length - 1))
  }
  for (const name of ['fitSeconds', 'predictSeconds'] as const) {
    let sum = 0
    for (let fold = 0; fold < results.length; fold++) {
      sum += results[fold][name]
      log(history, name, fold, results[fold][name])
    }
    metrics[name] = sum
  }
}

/** One step as it stands in the history of its trial. */
export function historyOf({ fold, step, metrics }: TrialStep, ms: number): Histories {
  const history: Record<string, MetricHistory> = Object.create(null)
  for (const name of Object.keys(metrics)) {
    const known = fold === null ? name : reportedIn(name, fold)
    history[known] = { steps: [step], values: [metrics[name]], times: [ms] }
  }
  return history
}

/** @param ms when it was reported; for what the trial gave at its end there is no such time. */
function log(history: MutableHistory, name: string, step: number, value: number, ms?: number): void {
  let series = history[name]
  if (!series) {
    series = ms === undefined ? { steps: [], values: [] } : { steps: [], values: [], times: [] }
    history[name] = series
  }
  series.steps.push(step)
  series.values.push(value)
  if (ms !== undefined) series.times?.push(ms)
}

/** The log as a file among the others; under another name where the objective left one of this name itself. */
function withLog(artifacts: readonly FitArtifact[], log: readonly string[]): readonly FitArtifact[] {
  if (log.length === 0) return artifacts
  const { log: name, logBeside } = artifactNames
  const taken = artifacts.some((one) => one.name === name || one.name.startsWith(`${name}/`))
  const content = new TextEncoder().encode(`${log.join('\n')}\n`)
  return [...artifacts, { name: taken ? logBeside : name, content }]
}

/** SHA-256 over rows, predictions and probabilities of every fold, in fold order: equal exactly when all are. */
function predictionsDigest(results: readonly FitResult[]): string | null {
  if (!results.every((result) => result.predictions)) return null
  const hash = createHash('sha256')
  for (const { predictions } of results) {
    for (const array of [predictions!.rows, predictions!.values, predictions!.probabilities])
      if (array) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  }
  return hash.digest('hex')
}
