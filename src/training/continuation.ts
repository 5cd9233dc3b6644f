/**
 * A fit that goes on from a checkpoint: which steps it has on record already. A trainer that reports one of them again, because
 * it keeps its checkpoint after the report or does not read it, has it on record once.
 */
import type { Metrics } from '../values.js'
import type { FitNotes } from './notes.js'
import type { KeptReport } from './plan.js'

export class Continuation {
  /** The first step that is not on record. */
  readonly step: number
  readonly #last: KeptReport | undefined
  readonly #notes: FitNotes
  /** Names of the metrics on record, by step. */
  readonly #known = new Map<number, Set<string>>()
  #again: { readonly from: number; to: number } | null = null

  constructor(reports: readonly KeptReport[], notes: FitNotes) {
    this.#notes = notes
    this.#last = reports.at(-1)
    this.step = this.#last === undefined ? 0 : this.#last.step + 1
    for (const { step, metrics } of reports) {
      const names = this.#known.get(step) ?? new Set()
      for (const name of Object.keys(metrics)) names.add(name)
      this.#known.set(step, names)
    }
  }

  /** What of a report is not on record yet; null where all of it is. */
  fresh(step: number, metrics: Metrics): Metrics | null {
    const known = this.#known.get(step)
    if (known === undefined) return metrics
    const fresh = Object.entries(metrics).filter(([name]) => !known.has(name))
    if (fresh.length === Object.keys(metrics).length) return metrics
    this.#noteAgain(step)
    return fresh.length === 0 ? null : Object.fromEntries(fresh)
  }

  #noteAgain(step: number): void {
    if (this.#again === null) this.#again = { from: step, to: step }
    else this.#again.to = step
    const { from, to } = this.#again
    const steps = from === to ? `step ${from}` : `steps ${from} to ${to}`
    this.#notes.add(
      'steps again',
      `a fit that goes on from step ${this.#last!.step} trains no step twice (it reported ${steps} again, on record once); write the checkpoint before the report, and go on from it`,
    )
  }
}
