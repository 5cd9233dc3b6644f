/**
 * The loop of a sweep: ask → run → record → tell.
 *
 * The window (P trials in flight): trial k is suggested when the outcomes of all trials up to k − P are known;
 * those and only those are its history, and trials k − P + 1 … k − 1 are its pending ones, even where some have
 * ended already. So nothing the search is told depends on timing or on the number of workers. With
 * `order: 'arrival'` the history is what has ended so far, in the order it ended, and that order is recorded.
 * A pruner judges a trial against the history of its own suggestion, however much more is known by then.
 */
import {
  adviceDue,
  type Curve,
  type ObservedTrial,
  type PendingTrial,
  type SuggestionOrigin,
} from '../search/index.js'
import type { MetricHistory, RunError } from '../tracking/index.js'
import type { JsonObject, Metrics, Params } from '../values.js'
import { type Settled, settledMessage } from './advice.js'
import { BestSoFar, isBetter } from './best.js'
import { Failures, HOPELESS_AFTER, hopeless } from './failures.js'
import { curveOf, extraNoiseOf, type Pruning, watchedMetric } from './pruning.js'
import { runTrial, type TrialOutcome } from './trial.js'
import type { RecordedTrial, StopReason, SweepEnd, SweepParts, SweepSettings } from './types.js'

type Finished = NonNullable<SweepEnd['best']>

/** An outcome as the search and the best-so-far see it. */
type Known = ObservedTrial & {
  readonly metrics: Metrics
  readonly error: RunError | null
  readonly hasModel: boolean
  /** What pruners may know of it; null where nothing is pruned. */
  readonly curve: Curve | null
  /** The objective's value at each fold of a finished trial, where advice is sought. */
  readonly foldValues: readonly number[] | null
}

/**
 * Runs a sweep to its end, or goes on with the one whose record is given. Rejects only when the sweep itself
 * cannot go on (the store cannot be written, the search breaks), never for what a trial does.
 */
export async function runSweep(
  settings: SweepSettings,
  parts: SweepParts,
  record: readonly RecordedTrial[] = [],
): Promise<SweepEnd> {
  return new Loop(settings, parts, record).run()
}

class Loop {
  private readonly direction
  private readonly recorded = new Map<number, RecordedTrial>()
  private readonly suggested: PendingTrial[] = []
  /** By trial number: known as soon as it is on disk. */
  private readonly known: (Known | undefined)[] = []
  private readonly arrived: Known[] = []
  private readonly inFlight = new Map<number, PendingTrial>()
  /** What the search is told; only ever grows. */
  private readonly history: ObservedTrial[] = []
  /** Of the trials in the history, in its order. */
  private readonly curves: Curve[] = []
  /** The metric in the histories of trials that the pruner goes by; null where nothing is pruned. */
  private readonly watched: string | null
  /** Whether the trials that ended in this session gave the pruner anything to judge. */
  private judged: 'none ended' | 'nothing' | 'some' = 'none ended'
  private readonly firstErrors: (RunError | null)[] = []
  private reached = false
  /** The best trial of the history that the advice goes by. */
  private readonly bestFolded
  /** How often advice has been sought, and what it was once it was to stop. */
  private advised = 0
  private settled: Settled | null = null
  private readonly running = new Set<Promise<void>>()
  private readonly finals = new Set<Promise<void>>()
  /** Trials whose fits wait or run. */
  private evaluating = 0
  /** Best in the order the search hears of outcomes: decides which models are kept, and the result. */
  private readonly best
  /** Best in the order of arrival: what the display shows. */
  private readonly shown
  private readonly failures = new Failures()
  private readonly counts = { finished: 0, pruned: 0, failed: 0 }
  private nextInOrder = 0
  private fatal: { error: unknown } | null = null
  /** A final model or the holdout part was stopped from outside: the sweep is not whole, though its trials are. */
  private cutShort = false
  private wake: () => void = () => {}
  private readonly abortRunning = new AbortController()

  constructor(
    private readonly settings: SweepSettings,
    private readonly parts: SweepParts,
    record: readonly RecordedTrial[],
  ) {
    this.direction = settings.objective.direction
    this.best = new BestSoFar<Finished>(this.direction)
    this.shown = new BestSoFar<{ trial: number; value: number }>(this.direction)
    this.bestFolded = new BestSoFar<{ trial: number; value: number; foldValues: readonly number[] }>(
      this.direction,
    )
    const { pruner } = parts
    this.watched = pruner ? watchedMetric(pruner, settings.objective.metric, settings.folds) : null
    for (const trial of record) this.recorded.set(trial.trial, trial)
    if (settings.order === 'arrival') this.takeUpArrivals(record)
  }

  async run(): Promise<SweepEnd> {
    const { settings, parts } = this
    const deadline = new AbortController()
    // Timers hold 31 bits of milliseconds; a longer limit than 24 days is no limit.
    const timer =
      settings.maxTime < 2 ** 31 ? setTimeout(() => deadline.abort(), settings.maxTime) : undefined
    const wake = () => this.wake()
    const kill = () => this.abortRunning.abort()
    for (const signal of [parts.stop, deadline.signal]) signal.addEventListener('abort', wake)
    parts.kill.addEventListener('abort', kill)
    if (parts.kill.aborted) kill()
    const stopAsked = (): StopReason | null =>
      parts.stop.aborted || parts.kill.aborted ? 'interrupt' : deadline.signal.aborted ? 'max-time' : null

    let lastRecorded = -1
    for (const trial of this.recorded.keys()) lastRecorded = Math.max(lastRecorded, trial)
    let stopped: StopReason | null = null
    let error: RunError | null = null
    try {
      for (let trial = 0; trial < settings.trials; trial++) {
        const recorded = this.recorded.get(trial)
        // What has begun is run to its end, whatever time that takes.
        const asked = () => (recorded && stopAsked() === 'max-time' ? null : stopAsked())
        if (!stopped) while (!this.windowOpen(trial) && !this.fatal && !asked()) await this.change()
        stopped ??= asked()
        if (this.fatal || (stopped && trial > lastRecorded)) break
        if (!stopped) {
          this.extendHistory(trial)
          if (!recorded) [stopped, error] = this.ruling()
          // By arrival, what a trial on the record knew is not known any more, and it was no reason to stop then.
          if (!stopped && (settings.order === 'trial' || !recorded)) await this.seekAdvice(trial)
          if (!stopped && !recorded && this.settled && settings.advice === 'stop') stopped = 'settled'
        }
        if (recorded?.outcome) this.start(trial, recorded.params, recorded.origin)
        else if (!stopped || (recorded && stopped !== 'interrupt' && settings.order === 'arrival')) {
          const suggestion = await this.suggestionFor(trial)
          if (suggestion === null) stopped = 'exhausted'
          else this.start(trial, suggestion.params, suggestion.origin)
        }
      }
      if (stopped) parts.onEvent({ type: 'stopping', reason: stopped })
    } catch (error) {
      this.fail(error)
    }
    while (this.running.size > 0) await Promise.all(this.running)
    while (this.finals.size > 0) await Promise.all(this.finals)
    clearTimeout(timer)
    for (const signal of [parts.stop, deadline.signal]) signal.removeEventListener('abort', wake)
    if (!this.fatal) this.tellIdlePruner()

    this.accountForRest()
    const best = this.best.current
    const unfinished = [...this.suggested, ...this.recorded.values()].some(
      ({ trial }) => this.known[trial] === undefined,
    )
    let holdout: Metrics | null = null
    if (!this.fatal && stopped !== 'interrupt' && !unfinished && best && settings.holdout)
      holdout = await this.evaluateHoldout(best).catch((error) => {
        this.fail(error)
        return null
      })
    parts.kill.removeEventListener('abort', kill)
    if (this.fatal) throw this.fatal.error
    const interrupted = stopped === 'interrupt' || unfinished || this.cutShort
    const failures = this.failures.list()
    return {
      status: interrupted ? 'interrupted' : this.counts.finished > 0 ? 'finished' : 'failed',
      stopped,
      settled: this.settled,
      best,
      holdout,
      counts: { ...this.counts },
      failures,
      error:
        error ??
        (this.counts.finished === 0 && failures.length > 0
          ? { code: failures[0].code, message: failures[0].message }
          : null),
    }
  }

  /** Why nothing new is to be suggested by what is known now; null where there is no reason. */
  private ruling(): [StopReason | null, RunError | null] {
    const error = hopeless(this.firstErrors)
    if (error) return ['same-failure', error]
    return [this.reached ? 'stop-at' : null, null]
  }

  /** Whether everything trial k may know is known. */
  private windowOpen(trial: number): boolean {
    if (this.settings.order === 'arrival') return this.running.size < this.settings.parallel
    const newest = trial - this.settings.parallel
    return newest < 0 || this.nextInOrder > newest
  }

  /** Tells the search what trial k may know, and no more. */
  private extendHistory(trial: number): void {
    const source = this.settings.order === 'arrival' ? this.arrived : this.known
    const end = this.settings.order === 'arrival' ? this.arrived.length : trial - this.settings.parallel + 1
    for (let i = this.history.length; i < end; i++) {
      const { error, curve, foldValues, hasModel: _, metrics: __, ...observed } = source[i]!
      this.history.push(observed)
      if (curve) this.curves.push(curve)
      if (foldValues) this.bestFolded.offer({ trial: observed.trial, value: observed.value!, foldValues })
      if (this.firstErrors.length < HOPELESS_AFTER) this.firstErrors.push(error)
      const { stopAt } = this.settings
      if (
        stopAt !== null &&
        observed.outcome === 'finished' &&
        !isBetter(stopAt, observed.value!, this.direction)
      )
        this.reached = true
    }
  }

  /** Judged on the history of a suggestion, so that a sweep ends at the same trial whatever the timing. */
  private async seekAdvice(trial: number): Promise<void> {
    const { settings, parts, history, direction } = this
    const best = this.bestFolded.current
    const due = adviceDue(history.length)
    if (this.settled || !parts.advise || best === null || due <= this.advised) return
    this.advised = due
    const advice = await parts.advise({ direction, trials: history, pending: [] }, best.foldValues)
    if (!advice?.stop) return
    this.settled = { ...advice, trial }
    const message = settledMessage(this.settled, settings.objective.metric)
    await parts.writer.annotate(null, { tags: { 'espalier.advice': message } })
    // Where the sweep ends by it, its end says so.
    if (settings.advice === 'tell') parts.onEvent({ type: 'note', message })
  }

  private async suggestionFor(trial: number): Promise<{ params: Params; origin: SuggestionOrigin } | null> {
    const recorded = this.recorded.get(trial)
    if (recorded) return recorded
    const pending =
      this.settings.order === 'arrival'
        ? [...this.inFlight.values()]
        : this.suggested.slice(this.history.length)
    return this.parts.searcher.suggest({ direction: this.direction, trials: this.history, pending }, trial)
  }

  private start(trial: number, params: Params, origin: SuggestionOrigin): void {
    this.suggested.push({ trial, params, origin })
    const recorded = this.recorded.get(trial)
    if (recorded?.outcome) {
      // By arrival, the record's order was taken up at the start.
      if (this.settings.order === 'trial') this.know(this.toKnown(recorded))
      return
    }
    this.inFlight.set(trial, { trial, params, origin })
    this.parts.onEvent({ type: 'trial-started', trial, params, origin })
    const pruning = this.pruningOf(recorded)
    this.evaluating++
    const work = this.evaluate(
      trial,
      params,
      origin,
      recorded ?? { attempts: 0, failures: 0 },
      pruning,
    ).catch((error) => this.fail(error))
    const tracked = work.then(() => {
      this.evaluating--
      this.running.delete(tracked)
      this.wake()
    })
    this.running.add(tracked)
  }

  /** What a trial that starts now is judged by; one that runs again, by what its suggestion knew the first time. */
  private pruningOf(recorded: RecordedTrial | undefined): Pruning | null {
    const { pruner } = this.parts
    if (!pruner || this.watched === null) return null
    const knew = recorded?.knew ?? this.curves.length
    return { pruner, direction: this.direction, history: this.curves.slice(0, knew) }
  }

  /** Runs a trial, again where retries are left, and puts its outcome on disk before anybody hears of it. */
  private async evaluate(
    trial: number,
    params: Params,
    origin: SuggestionOrigin,
    before: Pick<RecordedTrial, 'attempts' | 'failures'>,
    pruning: Pruning | null,
  ): Promise<void> {
    const { settings, parts } = this
    const started = performance.now()
    const conditions: JsonObject = { trial, seed: settings.seed, origin }
    if (pruning && settings.order === 'arrival') conditions.knew = pruning.history.length
    for (let again = 0; ; again++) {
      const attempt = before.attempts + again
      const begun = parts.writer.trialStarted({
        trial,
        params,
        attempt,
        conditions,
      })
      // Nobody waits for this record, but a store that cannot be written must end the sweep.
      begun.catch((error) => this.fail(error))
      const outcome = await runTrial(
        {
          trial,
          attempt,
          params,
          folds: settings.folds,
          objective: settings.objective,
          timeLimit: settings.trialTimeout,
          pruning,
          ahead: () => Math.ceil(parts.executor.workers / this.evaluating),
          packPredictions: parts.packPredictions,
        },
        parts.executor,
        this.abortRunning.signal,
      )
      if (outcome === null) return
      if (outcome.status === 'failed' && before.failures + again < settings.retries) {
        await parts.writer.attemptFailed({ trial, attempt, error: outcome.error! })
        parts.onEvent({ type: 'attempt-failed', trial, attempt, error: outcome.error! })
        continue
      }
      await this.record(trial, params, origin, outcome, (performance.now() - started) / 1000)
      return
    }
  }

  private async record(
    trial: number,
    params: Params,
    origin: SuggestionOrigin,
    outcome: TrialOutcome,
    seconds: number,
  ): Promise<void> {
    const { settings, parts } = this
    const known: Known = {
      trial,
      params,
      origin,
      outcome: outcome.status,
      value: outcome.value,
      metrics: outcome.metrics,
      error: outcome.error,
      hasModel: false,
      foldValues: this.foldValuesOf(outcome),
      ...this.seenByPruner(trial, outcome),
    }
    if (known.curve && known.outcome === 'finished' && this.judged !== 'some')
      this.judged = known.curve.steps.length > 1 ? 'some' : 'nothing'
    if (known.outcome === 'pruned') this.judged = 'some'
    const conditions = { ...outcome.conditions }
    // The place is taken before the write, so that writes that overlap cannot exchange it.
    const place = settings.order === 'arrival' ? this.arrivals++ : 0
    if (settings.order === 'arrival') conditions.arrival = place + this.arrivalsLost
    // Before its end, after which the trial is never run again.
    for (const { name, content } of outcome.artifacts ?? []) await parts.writer.artifact(trial, name, content)
    await parts.writer.trialEnded({
      trial,
      status: outcome.status,
      value: outcome.value,
      metrics: outcome.metrics,
      history: outcome.history,
      error: outcome.error,
      conditions,
    })
    const best = outcome.status === 'finished' && this.shown.offer({ trial, value: outcome.value! })
    parts.onEvent({
      type: 'trial-ended',
      trial,
      run: parts.writer.childId(trial),
      status: outcome.status,
      value: outcome.value,
      params,
      error: outcome.error,
      seconds,
      best,
    })
    if (settings.order === 'arrival') this.inArrival(place, known)
    else this.know(known)
  }

  /** An outcome is on disk. In trial order, the best and its model are decided one trial after the other. */
  private know(known: Known): void {
    this.known[known.trial] = known
    for (let next = this.known[this.nextInOrder]; next; next = this.known[this.nextInOrder]) {
      this.nextInOrder++
      this.account(next)
    }
  }

  private arrivals = 0
  /** Numbers of arrival that no outcome on the record has, because its write did not come to its end. */
  private arrivalsLost = 0
  private readonly waiting = new Map<number, Known>()

  /** By arrival: outcomes are told in the order recorded, even where a later one reached the disk first. */
  private inArrival(arrival: number, known: Known): void {
    this.waiting.set(arrival, known)
    for (
      let next = this.waiting.get(this.arrived.length);
      next;
      next = this.waiting.get(this.arrived.length)
    ) {
      this.waiting.delete(this.arrived.length)
      this.arrived.push(next)
      this.known[next.trial] = next
      this.account(next)
    }
  }

  private takeUpArrivals(record: readonly RecordedTrial[]): void {
    const ended = record
      .filter((trial) => trial.outcome)
      .sort((a, b) => (a.arrival ?? a.trial) - (b.arrival ?? b.trial))
    // A crash between two writes can leave a gap in the numbers: places close up, and no number comes twice.
    const last = ended.at(-1)
    if (last) this.arrivalsLost = Math.max(0, (last.arrival ?? last.trial) + 1 - ended.length)
    for (const trial of ended) this.inArrival(this.arrivals++, this.toKnown(trial))
  }

  private account(known: Known): void {
    this.inFlight.delete(known.trial)
    const isBest = this.count(known)
    if (known.outcome !== 'finished') return
    const { trial, params, metrics } = known
    const finished = { trial, value: known.value!, params, metrics }
    const { keepModels } = this.settings
    if (known.hasModel || !(keepModels === 'all' || (keepModels === 'best' && isBest))) return
    const work = this.keepModel(finished).catch((error) => this.fail(error))
    const tracked = work.then(() => {
      this.finals.delete(tracked)
    })
    this.finals.add(tracked)
  }

  /** Adds an outcome to what the sweep amounts to; true where it is the best of those counted so far. */
  private count({ trial, outcome, value, params, metrics, error }: Known): boolean {
    this.counts[outcome]++
    if (error) this.failures.add(trial, error)
    if (outcome !== 'finished') return false
    const finished = { trial, value: value!, params, metrics }
    this.shown.offer(finished)
    return this.best.offer(finished)
  }

  /** Where a trial was stopped, those behind it count all the same. Whether they keep a model is for later to say. */
  private accountForRest(): void {
    const rest =
      this.settings.order === 'arrival' ? this.waiting.values() : this.known.slice(this.nextInOrder)
    for (const known of rest) if (known) this.count(known)
  }

  /** Fits the final model of a trial when workers are idle, and keeps it: it never feeds the search. */
  private async keepModel({ trial, params }: Finished): Promise<void> {
    const { executor, writer, packModel, onEvent } = this.parts
    const outcome = await executor.run(
      { trial, attempt: 0, part: { kind: 'final' }, params, timeLimit: this.settings.trialTimeout },
      { signal: this.abortRunning.signal },
    )
    if (outcome.status === 'finished' && outcome.result.model !== null) {
      for (const { name, content } of packModel(outcome.result.model))
        await writer.artifact(trial, name, content)
      if (this.recorded.get(trial)?.modelFailed)
        await writer.annotate(trial, { tags: { 'espalier.model': null } })
    } else if (outcome.status === 'aborted') this.cutShort = true
    else if (outcome.status === 'failed') {
      onEvent({
        type: 'warning',
        message: `the final model of trial ${trial} could not be kept: ${outcome.code}: ${outcome.reason}`,
      })
      await writer.annotate(trial, { tags: { 'espalier.model': `not kept: ${outcome.code}` } })
    }
  }

  private async evaluateHoldout({ trial, params }: Finished) {
    const { executor, writer, onEvent } = this.parts
    const outcome = await executor.run(
      { trial, attempt: 0, part: { kind: 'holdout' }, params, timeLimit: this.settings.trialTimeout },
      { signal: this.abortRunning.signal },
    )
    if (outcome.status === 'failed') {
      onEvent({
        type: 'warning',
        message: `the best trial could not be evaluated on the holdout part: ${outcome.code}: ${outcome.reason}`,
      })
    }
    if (outcome.status === 'aborted') this.cutShort = true
    if (outcome.status !== 'finished') return null
    const metrics: Record<string, number> = {}
    for (const [name, value] of Object.entries(outcome.result.metrics))
      metrics[`holdout${name[0].toUpperCase()}${name.slice(1)}`] = value
    await writer.annotate(trial, { metrics })
    return outcome.result.metrics
  }

  private fail(error: unknown): void {
    this.fatal ??= { error }
    this.abortRunning.abort()
    this.wake()
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve
    })
  }

  private toKnown(recorded: RecordedTrial): Known {
    const { trial, params, origin, hasModel, outcome } = recorded
    const { status, value, metrics, error } = outcome!
    const seen = this.seenByPruner(trial, outcome!)
    const foldValues = this.foldValuesOf(outcome!)
    return { trial, params, origin, outcome: status, value, metrics, error, hasModel, foldValues, ...seen }
  }

  private foldValuesOf({ status, history }: Pick<TrialOutcome, 'status' | 'history'>) {
    const { advice = 'off', folds, objective } = this.settings
    if (advice === 'off' || folds === null || status !== 'finished') return null
    return history[objective.metric]?.values ?? null
  }

  /** What the pruner and the search are told of an outcome besides its value: the same now and from the record. */
  private seenByPruner(
    trial: number,
    outcome: {
      status: Known['outcome']
      history: Readonly<Record<string, MetricHistory>>
      conditions: JsonObject
    },
  ): { curve: Curve | null; extraNoise?: number } {
    const { status, history, conditions } = outcome
    const curve = this.watched === null ? null : curveOf(trial, status, history, this.watched)
    const extraNoise = extraNoiseOf(conditions)
    return extraNoise > 0 ? { curve, extraNoise } : { curve }
  }

  /** A pruner that goes by a metric nobody reports is a slip that would not be seen. */
  private tellIdlePruner(): void {
    const { pruner } = this.parts
    if (pruner?.judges !== 'steps' || this.judged !== 'nothing') return
    const metric = pruner.metric ?? this.settings.objective.metric
    this.parts.onEvent({
      type: 'note',
      message: `the pruner "${pruner.settings.name}" had nothing to judge: no trial reported "${metric}" at more than one step`,
    })
  }
}
