/** Fits after the evaluation of a trial, which never feed the search: its final model, and the holdout part. */
import { tagNames } from '../names.js'
import type { Metrics, Params } from '../values.js'
import type { SweepParts } from './types.js'

interface Ended {
  readonly trial: number
  readonly params: Params
}

export class FinalFits {
  readonly #parts: Pick<SweepParts, 'executor' | 'writer' | 'packModel' | 'onEvent'>
  readonly #timeLimit: number
  readonly #signal: AbortSignal

  /** One was stopped from outside: the sweep is not whole, though its trials are. */
  cutShort = false

  /** @param timeLimit ms for each fit. */
  constructor(
    parts: Pick<SweepParts, 'executor' | 'writer' | 'packModel' | 'onEvent'>,
    timeLimit: number,
    signal: AbortSignal,
  ) {
    this.#parts = parts
    this.#timeLimit = timeLimit
    this.#signal = signal
  }

  /**
   * Fits the final model of a trial when workers are idle, and keeps it.
   * @param failedBefore whether the record says that it could not be kept.
   */
  async keepModel(ended: Ended, failedBefore: boolean): Promise<void> {
    const { writer, packModel, onEvent } = this.#parts
    const { trial } = ended
    const outcome = await this.#run(ended, 'final')
    if (outcome.status === 'finished' && outcome.result.model !== null) {
      for (const { name, content } of await packModel(outcome.result.model, trial))
        await writer.artifact(trial, name, content)
      if (failedBefore) await writer.annotate(trial, { tags: { [tagNames.model]: null } })
    } else if (outcome.status === 'failed') {
      onEvent({
        type: 'warning',
        message: `the final model of trial ${trial} could not be kept: ${outcome.code}: ${outcome.reason}`,
      })
      await writer.annotate(trial, { tags: { [tagNames.model]: `not kept: ${outcome.code}` } })
    }
  }

  /** The metrics of the best trial on the holdout part; null where they could not be had. */
  async evaluateHoldout(best: Ended): Promise<Metrics | null> {
    const { writer, onEvent } = this.#parts
    const outcome = await this.#run(best, 'holdout')
    if (outcome.status === 'failed') {
      onEvent({
        type: 'warning',
        message: `the best trial could not be evaluated on the holdout part: ${outcome.code}: ${outcome.reason}`,
      })
    }
    for (const { message } of outcome.notes ?? [])
      onEvent({ type: 'warning', message: `the best trial on the holdout part: ${message}` })
    if (outcome.status !== 'finished') return null
    const metrics: Record<string, number> = {}
    for (const [name, value] of Object.entries(outcome.result.metrics))
      metrics[`holdout${name[0].toUpperCase()}${name.slice(1)}`] = value
    await writer.annotate(best.trial, { metrics })
    return outcome.result.metrics
  }

  async #run({ trial, params }: Ended, kind: 'final' | 'holdout') {
    const request = { trial, attempt: 0, part: { kind }, params, timeLimit: this.#timeLimit }
    const outcome = await this.#parts.executor.run(request, { signal: this.#signal })
    if (outcome.status === 'aborted') this.cutShort = true
    return outcome
  }
}
