/**
 * The loop of a sweep: ask → run → record → tell.
 *
 * The window (P trials in flight): trial k is suggested when the outcomes of all trials up to k − P are known;
 * those and only those are its history, and trials k − P + 1 … k − 1 are its pending ones, even where some have
 * ended already. So nothing the search is told depends on timing or on the number of workers. With
 * `order: 'arrival'` the history is what has ended so far, in the order it ended, and that order is recorded.
 * A pruner judges a trial against the history of its own suggestion, however much more is known by then.
 */
import { tagNames } from '../names.js'
import type { PendingTrial, SuggestionOrigin } from '../search/index.js'
import type {
  AnsweredRequest,
  AskedRequest,
  Ruling,
  RunError,
  StartConditions,
  TrialOutcome,
} from '../tracking/index.js'
import type { FitNote } from '../training/index.js'
import type { Metrics, Params, RankedTrial } from '../values.js'
import { Asked, type Course } from './asked.js'
import { BestSoFar } from './best.js'
import { Deadline } from './deadline.js'
import { endedByRequest, endedError, TrialEnding } from './ending.js'
import { Failures } from './failures.js'
import { FinalFits } from './final-fits.js'
import { InOrder } from './in-order.js'
import { type Known, knownFrom, type Watched } from './known.js'
import { createOrder, type Order } from './order.js'
import { type Pruning, watchedMetric } from './pruning.js'
import { Told } from './told.js'
import { historyOf, runTrial, type TrialResult, type TrialWatch, timeLimitCode } from './trial.js'
import type { RecordedTrial, StopReason, SweepEnd, SweepParts, SweepSettings } from './types.js'

type Finished = NonNullable<SweepEnd['best']>

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
  readonly #settings: SweepSettings
  readonly #parts: SweepParts

  readonly #directions
  readonly #order: Order
  readonly #recorded = new Map<number, RecordedTrial>()
  readonly #suggested: PendingTrial[] = []
  readonly #inFlight = new Map<number, PendingTrial>()
  /** Trials whose outcome is on disk. */
  readonly #ended = new Set<number>()
  /** Their outcomes in the order in which the search may hear of them: trial by trial, or as they arrived. */
  readonly #outcomes = new InOrder<Known>()
  readonly #told: Told
  readonly #watched: Watched
  readonly #finalFits: FinalFits
  /** Whether the trials that ended in this session gave the pruner anything to judge. */
  #judged: 'none ended' | 'nothing' | 'some' = 'none ended'
  readonly #running = new Set<Promise<void>>()
  readonly #finals = new Set<Promise<void>>()
  /** Trials whose fits wait or run. */
  #evaluating = 0
  /** Best in the order the search hears of outcomes: decides which models are kept, and the result. */
  readonly #best
  /** Best in the order of arrival: what the display shows. */
  readonly #shown
  readonly #failures = new Failures()
  /** What a warning of this session has been about. */
  readonly #noted = new Set<string>()
  readonly #counts = { finished: 0, pruned: 0, failed: 0 }
  #fatal: { error: unknown } | null = null
  #wake: () => void = () => {}
  readonly #abortRunning = new AbortController()
  /** Aborted: the sweep is to stop, by whoever asks it. Trials of which nothing has begun are left. */
  readonly #leaving = new AbortController()
  readonly #deadline: Deadline
  readonly #asked: Asked
  /** The first trial whose suggestion has not begun. */
  #next = 0
  #stopped: StopReason | null = null
  /** No further trial is suggested, whatever is asked for. */
  #closed = false
  /** What ends the trials that run. */
  readonly #endings = new Map<number, TrialEnding>()

  constructor(settings: SweepSettings, parts: SweepParts, record: readonly RecordedTrial[]) {
    this.#settings = settings
    this.#parts = parts
    this.#deadline = new Deadline(settings)
    this.#asked = new Asked(settings.trials, parts.requests?.before ?? [], parts.requests?.complete)

    this.#directions = settings.objectives.map(({ direction }) => direction)
    this.#best = new BestSoFar<Finished>(settings.objectives)
    this.#shown = new BestSoFar<RankedTrial>(settings.objectives)
    this.#told = new Told(settings, parts)
    this.#finalFits = new FinalFits(parts, settings.trialTimeout, this.#abortRunning.signal)
    const { pruner } = parts
    const { objectives, folds, advice = 'off' } = settings
    const [{ metric }] = objectives
    this.#watched = {
      byPruner: pruner ? watchedMetric(pruner, metric, folds) : null,
      byAdvice: advice === 'off' || folds === null ? null : metric,
    }
    for (const trial of record) this.#recorded.set(trial.trial, trial)
    this.#order = createOrder(settings.order, settings.parallel, record)
    for (const [place, trial] of this.#order.taken.entries()) this.#know(place, this.#fromRecord(trial))
  }

  async run(): Promise<SweepEnd> {
    const settings = this.#settings
    const parts = this.#parts
    const deadline = this.#deadline
    const wake = () => this.#wake()
    const kill = () => {
      this.#abortRunning.abort()
      this.#wake()
    }
    const leave = () => this.#leaving.abort()
    parts.stop.addEventListener('abort', leave)
    if (parts.stop.aborted) leave()
    for (const signal of [parts.stop, deadline.over]) signal.addEventListener('abort', wake)
    for (const signal of [parts.kill, deadline.graceOver]) signal.addEventListener('abort', kill)
    if (parts.kill.aborted) kill()
    if (parts.requests) parts.writer.heed((request, before) => this.#rule(request, before))
    // What has begun is run to its end, whatever time that takes, but for a grace.
    const goesOn = (recorded: RecordedTrial | undefined) => recorded && !deadline.graceOver.aborted

    let lastRecorded = -1
    for (const trial of this.#recorded.keys()) lastRecorded = Math.max(lastRecorded, trial)
    let error: RunError | null = null
    try {
      for (let trial = 0; await this.#hasTrial(trial); trial++) {
        this.#next = trial
        const recorded = this.#recorded.get(trial)
        const asked = () =>
          this.#stopReason() === 'max-time' && goesOn(recorded) ? null : this.#stopReason()
        if (!this.#stopped) while (!this.#windowOpen(trial) && !this.#fatal && !asked()) await this.#change()
        this.#stopped ??= asked()
        if (this.#fatal || (this.#stopped && trial > lastRecorded)) break
        if (!this.#stopped) {
          this.#extendHistory(trial)
          if (!recorded) [this.#stopped, error] = this.#told.ruling()
          // What a trial on the record knew was no reason to stop then.
          if (!this.#stopped && (this.#order.repeats || !recorded)) await this.#told.seekAdvice(trial)
          if (!this.#stopped && !recorded && this.#told.settled && settings.advice === 'stop')
            this.#stopped = 'settled'
        }
        if (recorded?.outcome) this.#start(trial, recorded.params, recorded.origin)
        else if (
          !this.#stopped ||
          (this.#stopped !== 'interrupt' && !this.#order.repeats && goesOn(recorded))
        ) {
          this.#next = trial + 1
          const suggestion = await this.#suggestionFor(trial)
          if (suggestion === null) this.#stopped = 'exhausted'
          else this.#start(trial, suggestion.params, suggestion.origin)
        }
      }
      if (this.#stopped) parts.onEvent({ type: 'stopping', reason: this.#stopped })
    } catch (error) {
      this.#fail(error)
    }
    this.#closed = true
    while (this.#running.size > 0) await Promise.all(this.#running)
    while (this.#finals.size > 0) await Promise.all(this.#finals)
    parts.stop.removeEventListener('abort', leave)
    for (const signal of [parts.stop, deadline.over]) signal.removeEventListener('abort', wake)
    if (!this.#fatal) this.#tellIdlePruner()

    this.#accountForRest()
    const best = this.#best.current
    const unfinished = [...this.#suggested, ...this.#recorded.values()].some(
      ({ trial }) => !this.#ended.has(trial),
    )
    let holdout: Metrics | null = null
    if (!this.#fatal && this.#stopped !== 'interrupt' && !unfinished && best && settings.holdout)
      holdout = await this.#finalFits.evaluateHoldout(best).catch((error) => {
        this.#fail(error)
        return null
      })
    deadline.clear()
    parts.kill.removeEventListener('abort', kill)
    if (this.#fatal) throw this.#fatal.error
    const interrupted = this.#stopped === 'interrupt' || unfinished || this.#finalFits.cutShort
    const failures = this.#failures.list()
    return {
      status: interrupted ? 'interrupted' : this.#counts.finished > 0 ? 'finished' : 'failed',
      stopped: this.#stopped,
      settled: this.#told.settled,
      best,
      holdout,
      trials: this.#asked.trials,
      counts: { ...this.#counts },
      failures,
      error:
        error ??
        (this.#counts.finished === 0 && failures.length > 0
          ? { code: failures[0].code, message: failures[0].message }
          : null),
    }
  }

  #stopReason(): StopReason | null {
    if (this.#leaving.signal.aborted || this.#parts.kill.aborted) return 'interrupt'
    return this.#deadline.over.aborted ? 'max-time' : null
  }

  /** Whether there is a trial of this number: as long as one runs, somebody may ask for more. */
  async #hasTrial(trial: number): Promise<boolean> {
    const mayCome = () => !this.#stopped && this.#running.size > 0 && !this.#fatal && !this.#stopReason()
    while (trial >= this.#asked.trials && mayCome()) await this.#change()
    this.#next = trial
    // In the same turn, so that nothing is promised in between.
    if (trial >= this.#asked.trials) this.#closed = true
    return !this.#closed
  }

  /** Rules on what somebody asks. */
  #rule(request: AskedRequest, before: boolean): Ruling {
    const ruling = this.#asked.rule(request, this.#course(), before)
    const onRecorded = (answered: AnsweredRequest) => {
      try {
        this.#parts.onEvent({ type: 'asked', request: answered, trials: this.#asked.trials })
      } catch (error) {
        this.#fail(error)
      }
    }
    if (ruling.outcome === 'done') this.#wake()
    return { ...ruling, onRecorded }
  }

  #course(): Course {
    const reason = this.#stopped ?? this.#stopReason()
    const closed = this.#closed || reason !== null || this.#fatal !== null
    const why = reason === null ? '' : ` (${reason})`
    return {
      next: this.#next,
      closed: closed
        ? `the sweep comes to its end${why} and begins no further trial; it goes on with: espalier resume ${this.#parts.writer.id} --trials N`
        : null,
      running: () => this.#endings.size,
      hasBegun: (trial) => this.#recorded.has(trial),
      ending: (trial) => this.#endings.get(trial),
      stop: () => this.#leaving.abort(),
    }
  }

  /** Whether everything trial k may know is known. */
  #windowOpen(trial: number): boolean {
    return this.#order.isOpen(trial, { known: this.#outcomes.out.length, running: this.#running.size })
  }

  /** Tells the search what trial k may know, and no more. */
  #extendHistory(trial: number): void {
    const { out } = this.#outcomes
    const end = this.#order.mayKnow(trial, out.length)
    for (let i = this.#told.history.length; i < end; i++) this.#told.add(out[i])
  }

  async #suggestionFor(trial: number): Promise<{ params: Params; origin: SuggestionOrigin } | null> {
    const recorded = this.#recorded.get(trial)
    if (recorded) return recorded
    const requested = this.#asked.suggestion(trial)
    if (requested) return requested
    const pending = this.#order.pending(this.#told.history.length, this.#suggested, this.#inFlight)
    return this.#parts.searcher.suggest(
      { directions: this.#directions, trials: this.#told.history, pending },
      trial,
    )
  }

  #start(trial: number, params: Params, origin: SuggestionOrigin): void {
    this.#suggested.push({ trial, params, origin })
    const recorded = this.#recorded.get(trial)
    if (recorded?.outcome) {
      if (this.#order.repeats) this.#know(trial, this.#fromRecord(recorded))
      return
    }
    this.#inFlight.set(trial, { trial, params, origin })
    this.#parts.onEvent({ type: 'trial-started', trial, params, origin })
    const pruning = this.#pruningOf(recorded)
    this.#evaluating++
    const work = this.#evaluate(
      trial,
      params,
      origin,
      recorded ?? { attempts: 0, failures: 0 },
      pruning,
    ).catch((error) => this.#fail(error))
    const tracked = work.then(() => {
      this.#evaluating--
      this.#endings.delete(trial)
      this.#running.delete(tracked)
      this.#wake()
    })
    this.#running.add(tracked)
  }

  /** What a trial that starts now is judged by; one that runs again, by what its suggestion knew the first time. */
  #pruningOf(recorded: RecordedTrial | undefined): Pruning | null {
    const { pruner } = this.#parts
    if (!pruner || this.#watched.byPruner === null) return null
    const knew = recorded?.knew ?? this.#told.curves.length
    return { pruner, direction: this.#directions[0], history: this.#told.curves.slice(0, knew) }
  }

  /** Runs a trial, again where retries are left, and puts its outcome on disk before anybody hears of it. */
  async #evaluate(
    trial: number,
    params: Params,
    origin: SuggestionOrigin,
    before: Pick<RecordedTrial, 'attempts' | 'failures'>,
    pruning: Pruning | null,
  ): Promise<void> {
    const settings = this.#settings
    const parts = this.#parts
    const started = performance.now()
    const knew = this.#order.atStart(pruning?.history.length ?? null)
    const conditions: StartConditions = { trial, seed: settings.seed, origin, ...knew }
    const ending = parts.requests && new TrialEnding()
    if (ending) this.#endings.set(trial, ending)
    let { failures } = before
    const inVain: FitNote[] = []
    for (let attempt = before.attempts; ; attempt++) {
      const begun = parts.writer.trialStarted({
        trial,
        params,
        attempt,
        conditions,
      })
      // Nobody waits for this record, but a store that cannot be written must end the sweep.
      begun.catch((error) => this.#fail(error))
      // The first attempt is the first to leave one. Nothing waits for it here: fits of earlier trials go first.
      const checkpoints = attempt === 0 ? undefined : parts.checkpoints?.left(trial)
      const result =
        this.#endedBefore(trial) ??
        (await runTrial(
          {
            trial,
            attempt,
            params,
            folds: settings.folds,
            objectives: settings.objectives,
            timeLimit: settings.trialTimeout,
            checkpoints,
            bestAtTimeLimit: settings.bestAtTimeLimit,
            pruning,
            ending,
            leave: this.#leaving.signal,
            watch: this.#watchOf(trial),
            ahead: () => Math.ceil(parts.executor.workers / this.#evaluating),
            pool: parts.pool,
            packPredictions: parts.packPredictions,
          },
          parts.executor,
          this.#abortRunning.signal,
        ))
      if (result === null) return
      const error = settings.retryTimeouts ? (result.late ?? result.outcome.error) : result.outcome.error
      if (error !== null && result.inVain !== null && this.#isRetried(error)) {
        const { fold } = result.inVain
        if (await parts.checkpoints?.drop(trial, fold)) {
          await parts.writer.attemptFailed({ trial, attempt, error, inVain: true })
          inVain.push(noteInVain(attempt, fold, error))
          this.#tellNotes(trial, inVain)
          continue
        }
      }
      if (error !== null && failures < settings.retries && this.#isRetried(error)) {
        failures++
        await parts.writer.attemptFailed({ trial, attempt, error })
        parts.onEvent({ type: 'attempt-failed', trial, attempt, error })
        continue
      }
      const notes = [...inVain, ...result.notes]
      await this.#record(trial, params, origin, { ...result, notes }, (performance.now() - started) / 1000)
      return
    }
  }

  /** As long as retries are left. */
  #isRetried({ code }: RunError): boolean {
    return code !== endedByRequest && (code !== timeLimitCode || this.#settings.retryTimeouts === true)
  }

  /** A trial that was ended, and whose process died before that was on record: it is not run again. */
  #endedBefore(trial: number): TrialResult | null {
    const ended = this.#asked.endedBy(trial)
    if (ended === undefined) return null
    const error = endedError(ended)
    return {
      outcome: { status: 'failed', values: {}, metrics: {}, history: {}, error, conditions: {} },
      artifacts: [],
      notes: [],
      fits: null,
      continued: [],
      inVain: null,
      late: null,
    }
  }

  /** Puts on record, and tells, what a trial comes to while it runs. */
  #watchOf(trial: number): TrialWatch {
    const { writer, onEvent } = this.#parts
    return {
      onStep: (step, ms) => {
        writer.trialProgress(trial, { history: historyOf(step, ms) })
        onEvent({ type: 'step', trial, ...step })
      },
      onOutput: (line) => writer.trialProgress(trial, { output: [line] }),
      onLeft: () => {
        this.#endings.delete(trial)
        onEvent({ type: 'trial-left', trial })
      },
      onSeats: (seats, workers, lost) =>
        writer.trialProgress(trial, { seats, ...(workers && { workers }), ...(lost && { lost: [lost] }) }),
    }
  }

  async #record(
    trial: number,
    params: Params,
    origin: SuggestionOrigin,
    { outcome, artifacts, notes, fits, continued }: TrialResult,
    seconds: number,
  ): Promise<void> {
    const settings = this.#settings
    const parts = this.#parts
    const known = knownFrom({ trial, params, origin }, outcome, false, settings.objectives, this.#watched)
    if (known.curve && outcome.status === 'finished' && this.#judged !== 'some')
      this.#judged = known.curve.steps.length > 1 ? 'some' : 'nothing'
    if (outcome.status === 'pruned') this.#judged = 'some'
    const { metric } = settings.objectives[0]
    const value = Object.hasOwn(outcome.values, metric) ? outcome.values[metric] : null
    const run = parts.writer.childId(trial)
    // The place is taken before the write, so that writes that overlap cannot exchange it.
    const place = this.#order.place(trial)
    // Before its end, after which the trial is never run again.
    for (const { name, content } of artifacts) await parts.writer.artifact(trial, name, content)
    await parts.writer.trialEnded({
      trial,
      ...outcome,
      conditions: {
        ...outcome.conditions,
        ...(fits && { fits }),
        ...(continued.length > 0 && { continued }),
        ...this.#order.atEnd(place),
      },
      ...(notes.length > 0 && {
        tags: { [tagNames.leftOut]: notes.map(({ message }) => message).join('; ') },
      }),
    })
    await parts.checkpoints?.ended(trial)
    this.#tellNotes(trial, notes)
    this.#tellStopped(trial, outcome)
    this.#deadline.trialTook(1000 * seconds)
    const best = outcome.status === 'finished' && this.#shown.offer({ trial, values: outcome.values })
    parts.onEvent({
      type: 'trial-ended',
      trial,
      run,
      status: outcome.status,
      value,
      params,
      error: outcome.error,
      seconds,
      best,
    })
    this.#know(place, known)
  }

  /** The first trial that was stopped at its time limit and has a value all the same: how far one comes is the machine's. */
  #tellStopped(trial: number, { conditions: { stoppedAtLimit } }: TrialOutcome): void {
    if (stoppedAtLimit === undefined || this.#noted.has(timeLimitCode)) return
    this.#noted.add(timeLimitCode)
    const { step, limitSeconds } = stoppedAtLimit
    const message = `trial ${trial}: it was stopped at its time limit of ${limitSeconds} s, after step ${step}, and its value is that of its best step until then (further trials are told of by their conditions alone); how far one comes in that time depends on the machine`
    this.#parts.onEvent({ type: 'note', message })
  }

  /** The first note about each thing; the others stand on the record of their trials. */
  #tellNotes(trial: number, notes: readonly FitNote[]): void {
    for (const { about, message } of notes) {
      if (this.#noted.has(about)) continue
      this.#noted.add(about)
      const more = `further trials are told of by their tag ${tagNames.leftOut} alone`
      this.#parts.onEvent({ type: 'warning', message: `trial ${trial}: ${message} (${more})` })
    }
  }

  /**
   * An outcome is on disk. Its place is its trial's number or, by arrival, what its record says, even where a later one
   * reached the disk first. The best and its model are decided one outcome after the other.
   */
  #know(place: number, known: Known): void {
    this.#ended.add(known.observed.trial)
    for (const next of this.#outcomes.put(place, known)) this.#account(next)
  }

  #fromRecord(recorded: RecordedTrial): Known {
    return knownFrom(recorded, recorded.outcome!, recorded.hasModel, this.#settings.objectives, this.#watched)
  }

  #account(known: Known): void {
    const { trial, params, outcome } = known.observed
    this.#inFlight.delete(trial)
    const isBest = this.#count(known)
    if (outcome !== 'finished') return
    const { keepModels } = this.#settings
    if (known.hasModel || !(keepModels === 'all' || (keepModels === 'best' && isBest))) return
    const failedBefore = this.#recorded.get(trial)?.modelFailed === true
    const work = this.#finalFits
      .keepModel({ trial, params }, failedBefore)
      .catch((error) => this.#fail(error))
    const tracked = work.then(() => {
      this.#finals.delete(tracked)
    })
    this.#finals.add(tracked)
  }

  /** Adds an outcome to what the sweep amounts to; true where it is the best of those counted so far. */
  #count({ observed: { trial, outcome, params }, values, metrics, error }: Known): boolean {
    this.#counts[outcome]++
    if (error) this.#failures.add(trial, error)
    if (outcome !== 'finished') return false
    const finished = { trial, values, params, metrics }
    this.#shown.offer(finished)
    return this.#best.offer(finished)
  }

  /** Where a trial was stopped, those behind it count all the same. Whether they keep a model is for later to say. */
  #accountForRest(): void {
    for (const known of this.#outcomes.rest()) this.#count(known)
  }

  #fail(error: unknown): void {
    this.#fatal ??= { error }
    this.#abortRunning.abort()
    this.#wake()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** A pruner that goes by a metric nobody reports is a slip that would not be seen. */
  #tellIdlePruner(): void {
    const { pruner } = this.#parts
    if (pruner?.judges !== 'steps' || this.#judged !== 'nothing') return
    const metric = pruner.metric ?? this.#settings.objectives[0].metric
    this.#parts.onEvent({
      type: 'note',
      message: `the pruner "${pruner.settings.name}" had nothing to judge: no trial reported "${metric}" at more than one step; let the trainer report it as a trial goes on, name a metric that it does report ("metric" of the pruner), or leave the pruner out`,
    })
  }
}

/** That a checkpoint may be what an attempt failed by. */
function noteInVain(attempt: number, fold: number | null, { code, message }: RunError): FitNote {
  const where = fold === null ? '' : ` of fold ${fold}`
  return {
    about: 'checkpoint in vain',
    message: `a fit that goes on from a checkpoint comes to a newer one, or may have failed by it (attempt ${attempt} went on from that${where} and came to none; ${code}: ${message}): the next attempt starts from the beginning, and that failure does not count`,
  }
}
