/** What is compared of a run and its reproduction, and what differs. */
import { isDeepStrictEqual } from 'node:util'
import { lastReported, type MetricHistory, type TrialOutcome } from '../tracking/index.js'
import type { Metrics, Values } from '../values.js'
import { isFigure } from './figures.js'

/** One thing that is not as recorded. */
export interface Difference {
  /** `accuracy`, `accuracy at fold 2`, `out-of-fold predictions`, `model.json`, `trial 3: params`. */
  readonly what: string
  readonly recorded: string
  readonly reproduced: string
}

/** One thing that was compared, in one trial or in several. */
export interface Compared {
  /** `accuracy`, `accuracy by step`, `out-of-fold predictions (SHA-256)`, `holdoutAccuracy`, `model.json`. */
  readonly what: string
  readonly times: number
}

/** One thing on record that was not compared. */
export interface LeftOut {
  readonly what: string
  readonly why: string
}

/** Seconds measure the machine, not the trial. */
const measured = new Set(['fitSeconds', 'predictSeconds'])

export class Comparison {
  readonly withFigures: boolean
  readonly #placed: (model: string) => string

  readonly #subjects = new Map<string, number>()
  readonly differences: Difference[] = []
  readonly leftOut: LeftOut[] = []

  /**
   * @param withFigures whether figures of the best trial, measured after its end, may stand among metrics.
   * @param placed gives a reproduced model the place of its module that was recorded.
   */
  constructor(withFigures: boolean, placed: (model: string) => string = (model) => model) {
    this.withFigures = withFigures
    this.#placed = placed
  }

  /** What was compared and how often, in the order in which it came first. */
  get subjects(): Compared[] {
    return [...this.#subjects].map(([what, times]) => ({ what, times }))
  }

  get compared(): number {
    return this.subjects.reduce((sum, { times }) => sum + times, 0)
  }

  /** @param prefix the trial, where there are several. */
  add(prefix: string, what: string, recorded: unknown, reproduced: unknown): void {
    this.#count(what)
    if (!isDeepStrictEqual(recorded, reproduced)) this.#differ(prefix + what, recorded, reproduced)
  }

  /** Every metric, final and by step, and the digest of the predictions. */
  addOutcome(prefix: string, recorded: TrialOutcome, reproduced: TrialOutcome): void {
    this.add(prefix, 'status', recorded.status, reproduced.status)
    this.add(prefix, 'value', onlyValue(recorded), onlyValue(reproduced))
    this.add(prefix, 'error', recorded.error?.code ?? null, reproduced.error?.code ?? null)
    const [then, now] = [this.#metricsOf(recorded), this.#metricsOf(reproduced)]
    for (const name of unionOf(then, now)) {
      if (measured.has(name)) this.leaveOut(name, 'the clock measures the machine, not the trial')
      else if (!(this.withFigures && isFigure(name))) this.add(prefix, name, then[name], now[name])
    }
    for (const name of unionOf(recorded.history, reproduced.history)) {
      if (measured.has(name)) continue
      const [then, now] = [recorded.history[name], reproduced.history[name]]
      if (isDeepStrictEqual(then, now)) this.#count(`${name} by step`)
      else this.#addSteps(prefix, name, then, now)
    }
    this.add(
      prefix,
      'out-of-fold predictions (SHA-256)',
      recorded.conditions.predictionsDigest ?? null,
      reproduced.conditions.predictionsDigest ?? null,
    )
    this.add(
      prefix,
      'why it was pruned',
      recorded.conditions.pruned ?? null,
      reproduced.conditions.pruned ?? null,
    )
  }

  /** Two models, as JSON; null for none. They are long: what is shown is their length, what is compared every byte. */
  addModel(prefix: string, what: string, recorded: string, model: string | null): void {
    const reproduced = model === null ? null : withImportancesAs(recorded, this.#placed(model))
    this.#count(what)
    if (recorded === reproduced) return
    this.differences.push({
      what: prefix + what,
      recorded: `${recorded.length} characters`,
      reproduced: reproduced === null ? 'no model' : `${reproduced.length} characters, not the same`,
    })
  }

  /** Says of something on record why it was not compared, once. */
  leaveOut(what: string, why: string): void {
    if (!this.leftOut.some((one) => one.what === what)) this.leftOut.push({ what, why })
  }

  #count(what: string): void {
    this.#subjects.set(what, (this.#subjects.get(what) ?? 0) + 1)
  }

  #differ(what: string, recorded: unknown, reproduced: unknown): void {
    this.differences.push({ what, recorded: show(recorded), reproduced: show(reproduced) })
  }

  /** Records of the first format lack, of an objective's metrics, those that it only reported by step. */
  #metricsOf({ metrics, history }: TrialOutcome): Metrics {
    return this.withFigures ? metrics : { ...lastReported(history), ...metrics }
  }

  #addSteps(prefix: string, name: string, then: MetricHistory | undefined, now: typeof then): void {
    const steps = new Set([...(then?.steps ?? []), ...(now?.steps ?? [])])
    const at = (series: typeof then, step: number) => series?.values[series.steps.indexOf(step)]
    for (const step of steps) {
      this.#count(`${name} by step`)
      if (!isDeepStrictEqual(at(then, step), at(now, step)))
        this.#differ(`${prefix}${name} at step ${step}`, at(then, step), at(now, step))
    }
  }
}

/** By name where there are several. */
function onlyValue({ values }: TrialOutcome): Values | number | null {
  const all = Object.values(values)
  return all.length > 1 ? values : (all[0] ?? null)
}

export function unionOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
}

function show(value: unknown): string {
  return value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value)
}

/** Models were recorded without the importance of features before there were any. */
function withImportancesAs(recorded: string, reproduced: string): string {
  if ('importances' in JSON.parse(recorded)) return reproduced
  const { importances: _, ...model } = JSON.parse(reproduced)
  return JSON.stringify(model)
}
