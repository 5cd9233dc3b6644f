/**
 * What the search has been told, and what follows from that for the sweep: it is hopeless, has reached the value asked
 * for, or has nothing more to gain. Judged on the history of a suggestion, so that a sweep ends at the same trial whatever
 * the timing.
 */

import { tagNames } from '../names.js'
import { adviceDue, type Curve, type ObservedTrial } from '../search/index.js'
import type { RunError } from '../tracking/index.js'
import { isBetter, type RankedTrial } from '../values.js'
import { type Settled, settledMessage } from './advice.js'
import { BestSoFar } from './best.js'
import { endedByRequest } from './ending.js'
import { hopeless, hopelessAfter } from './failures.js'
import type { Known } from './known.js'
import type { StopReason, SweepParts, SweepSettings } from './types.js'

export class Told {
  readonly #settings: SweepSettings
  readonly #parts: Pick<SweepParts, 'advise' | 'writer' | 'onEvent'>

  /** Only ever grows. */
  readonly history: ObservedTrial[] = []
  /** Of the trials in the history, in its order; empty where nothing is pruned. */
  readonly curves: Curve[] = []
  /** The advice, once it was to stop. */
  settled: Settled | null = null
  readonly #firstErrors: (RunError | null)[] = []
  #reached = false
  /** The best trial of the history that the advice goes by. */
  readonly #bestFolded
  /** How often advice has been sought. */
  #advised = 0

  constructor(settings: SweepSettings, parts: Pick<SweepParts, 'advise' | 'writer' | 'onEvent'>) {
    this.#settings = settings
    this.#parts = parts

    this.#bestFolded = new BestSoFar<RankedTrial & { foldValues: readonly number[] }>(settings.objectives)
  }

  add({ observed, values, error, curve, foldValues }: Known): void {
    const { trial, outcome } = observed
    const { stopAt, objectives } = this.#settings
    const { metric, direction } = objectives[0]
    this.history.push(observed)
    if (curve) this.curves.push(curve)
    if (foldValues) this.#bestFolded.offer({ trial, values, foldValues })
    // What somebody ended says nothing of the others.
    if (this.#firstErrors.length < hopelessAfter && error?.code !== endedByRequest)
      this.#firstErrors.push(error)
    if (stopAt !== null && outcome === 'finished' && !isBetter(stopAt, values[metric], direction))
      this.#reached = true
  }

  /** Why nothing new is to be suggested; null where there is no reason. */
  ruling(): [StopReason | null, RunError | null] {
    const error = hopeless(this.#firstErrors)
    if (error) return ['same-failure', error]
    return [this.#reached ? 'stop-at' : null, null]
  }

  /** Asks, where it is due, whether anything is still to be gained by suggesting this trial. */
  async seekAdvice(trial: number): Promise<void> {
    const settings = this.#settings
    const parts = this.#parts
    const { history } = this
    const best = this.#bestFolded.current
    const due = adviceDue(history.length)
    if (this.settled || !parts.advise || best === null || due <= this.#advised) return
    this.#advised = due
    const directions = settings.objectives.map(({ direction }) => direction)
    const advice = await parts.advise({ directions, trials: history, pending: [] }, best.foldValues)
    if (!advice?.stop) return
    this.settled = { ...advice, trial }
    const message = settledMessage(this.settled, settings.objectives[0].metric)
    await parts.writer.annotate(null, { tags: { [tagNames.advice]: message } })
    // Where the sweep ends by it, its end says so.
    if (settings.advice === 'tell') parts.onEvent({ type: 'note', message })
  }
}
