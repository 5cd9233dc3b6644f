/**
 * What the search has been told, and what follows from that for the sweep: it is hopeless, has reached the value asked
 * for, or has nothing more to gain. Judged on the history of a suggestion, so that a sweep ends at the same trial whatever
 * the timing.
 */
import { adviceDue, type Curve, type ObservedTrial } from '../search/index.js'
import type { RunError } from '../tracking/index.js'
import { type Settled, settledMessage } from './advice.js'
import { BestSoFar, isBetter } from './best.js'
import { HOPELESS_AFTER, hopeless } from './failures.js'
import type { Known } from './known.js'
import type { StopReason, SweepParts, SweepSettings } from './types.js'

export class Told {
  /** Only ever grows. */
  readonly history: ObservedTrial[] = []
  /** Of the trials in the history, in its order; empty where nothing is pruned. */
  readonly curves: Curve[] = []
  /** The advice, once it was to stop. */
  settled: Settled | null = null
  private readonly firstErrors: (RunError | null)[] = []
  private reached = false
  /** The best trial of the history that the advice goes by. */
  private readonly bestFolded
  /** How often advice has been sought. */
  private advised = 0

  constructor(
    private readonly settings: SweepSettings,
    private readonly parts: Pick<SweepParts, 'advise' | 'writer' | 'onEvent'>,
  ) {
    this.bestFolded = new BestSoFar<{ trial: number; value: number; foldValues: readonly number[] }>(
      settings.objective.direction,
    )
  }

  add({ observed, error, curve, foldValues }: Known): void {
    const { trial, outcome, value } = observed
    const { stopAt, objective } = this.settings
    this.history.push(observed)
    if (curve) this.curves.push(curve)
    if (foldValues) this.bestFolded.offer({ trial, value: value!, foldValues })
    if (this.firstErrors.length < HOPELESS_AFTER) this.firstErrors.push(error)
    if (stopAt !== null && outcome === 'finished' && !isBetter(stopAt, value!, objective.direction))
      this.reached = true
  }

  /** Why nothing new is to be suggested; null where there is no reason. */
  ruling(): [StopReason | null, RunError | null] {
    const error = hopeless(this.firstErrors)
    if (error) return ['same-failure', error]
    return [this.reached ? 'stop-at' : null, null]
  }

  /** Asks, where it is due, whether anything is still to be gained by suggesting this trial. */
  async seekAdvice(trial: number): Promise<void> {
    const { settings, parts, history } = this
    const best = this.bestFolded.current
    const due = adviceDue(history.length)
    if (this.settled || !parts.advise || best === null || due <= this.advised) return
    this.advised = due
    const { direction } = settings.objective
    const advice = await parts.advise({ direction, trials: history, pending: [] }, best.foldValues)
    if (!advice?.stop) return
    this.settled = { ...advice, trial }
    const message = settledMessage(this.settled, settings.objective.metric)
    await parts.writer.annotate(null, { tags: { 'espalier.advice': message } })
    // Where the sweep ends by it, its end says so.
    if (settings.advice === 'tell') parts.onEvent({ type: 'note', message })
  }
}
