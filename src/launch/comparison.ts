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

/** Seconds measure the machine, not the trial. */
const measured = new Set(['fitSeconds', 'predictSeconds'])

export class Comparison {
  readonly #withFigures: boolean
  readonly #placed: (model: string) => string

  compared = 0
  readonly differences: Difference[] = []

  /**
   * @param withFigures whether figures of the best trial, measured after its end, may stand among metrics.
   * @param placed gives a reproduced model the place of its module that was recorded.
   */
  constructor(withFigures: boolean, placed: (model: string) => string = (model) => model) {
    this.#withFigures = withFigures
    this.#placed = placed
  }

  add(what: string, recorded: unknown, reproduced: unknown): void {
    this.compared++
    if (isDeepStrictEqual(recorded, reproduced)) return
    this.differences.push({ what, recorded: show(recorded), reproduced: show(reproduced) })
  }

  /** Every metric, final and by step, and the digest of the predictions. */
  addOutcome(prefix: string, recorded: TrialOutcome, reproduced: TrialOutcome): void {
    this.add(`${prefix}status`, recorded.status, reproduced.status)
    this.add(`${prefix}value`, onlyValue(recorded), onlyValue(reproduced))
    this.add(`${prefix}error`, recorded.error?.code ?? null, reproduced.error?.code ?? null)
    const [then, now] = [this.#metricsOf(recorded), this.#metricsOf(reproduced)]
    for (const name of unionOf(then, now)) {
      if (!measured.has(name) && !(this.#withFigures && isFigure(name)))
        this.add(prefix + name, then[name], now[name])
    }
    for (const name of unionOf(recorded.history, reproduced.history)) {
      if (measured.has(name)) continue
      const [then, now] = [recorded.history[name], reproduced.history[name]]
      if (isDeepStrictEqual(then, now)) this.compared++
      else this.#addSteps(`${prefix}${name}`, then, now)
    }
    this.add(
      `${prefix}out-of-fold predictions (SHA-256)`,
      recorded.conditions.predictionsDigest ?? null,
      reproduced.conditions.predictionsDigest ?? null,
    )
    this.add(
      `${prefix}why it was pruned`,
      recorded.conditions.pruned ?? null,
      reproduced.conditions.pruned ?? null,
    )
  }

  /** Two models, as JSON; null for none. They are long: what is shown is their length, what is compared every byte. */
  addModel(what: string, recorded: string, model: string | null): void {
    const reproduced = model === null ? null : withImportancesAs(recorded, this.#placed(model))
    this.compared++
    if (recorded === reproduced) return
    this.differences.push({
      what,
      recorded: `${recorded.length} characters`,
      reproduced: reproduced === null ? 'no model' : `${reproduced.length} characters, not the same`,
    })
  }

  /** Records of the first format lack, of an objective's metrics, those that it only reported by step. */
  #metricsOf({ metrics, history }: TrialOutcome): Metrics {
    return this.#withFigures ? metrics : { ...lastReported(history), ...metrics }
  }

  #addSteps(what: string, then: MetricHistory | undefined, now: typeof then): void {
    const steps = new Set([...(then?.steps ?? []), ...(now?.steps ?? [])])
    const at = (series: typeof then, step: number) => series?.values[series.steps.indexOf(step)]
    for (const step of steps) this.add(`${what} at step ${step}`, at(then, step), at(now, step))
  }
}

/** By name where there are several. */
function onlyValue({ values }: TrialOutcome): Values | number | null {
  const all = Object.values(values)
  return all.length > 1 ? values : (all[0] ?? null)
}

function unionOf(a: object, b: object): string[] {
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
