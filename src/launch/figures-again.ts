/**
 * What is recorded of the best trial after its end (figures.ts), measured again: on the holdout part by a fit, corrected for the choice
 * from the predictions on record.
 */
import { isEspalierError } from '../errors.js'
import type { Executor } from '../execution/index.js'
import type { ChildRun, ParentRun, RunStore } from '../tracking/index.js'
import type { Metrics } from '../values.js'
import { type Comparison, unionOf } from './comparison.js'
import { correctedEstimate } from './corrected.js'
import { correctedNames, holdoutName, isFigure, isOnHoldout } from './figures.js'
import type { PreparedSweep } from './prepare.js'

interface OfTrial {
  readonly run: ChildRun
  readonly parent: ParentRun
  readonly store: RunStore
  readonly prepared: PreparedSweep
  readonly executor: Executor
  readonly signal: AbortSignal
}

/** Of a trial that has some: only the best of a sweep does. */
export async function compareFiguresOfTrial(of: OfTrial, comparison: Comparison): Promise<void> {
  const { run, prepared } = of
  if (prepared.plan.data === null) return
  const names = Object.keys(run.metrics).filter(isFigure)
  const [holdout, corrected] = [names.filter(isOnHoldout), names.filter((name) => !isOnHoldout(name))]
  if (holdout.length > 0) addAll(comparison, only(run.metrics, holdout), await onHoldout(of))
  if (corrected.length === 0) return
  const again = await correctedAgain(of)
  if (typeof again !== 'string') addAll(comparison, only(run.metrics, corrected), again)
  else for (const name of corrected) comparison.leaveOut(name, again)
}

interface Whole {
  readonly sweep: ParentRun
  readonly trials: readonly ChildRun[]
}

/** Of a whole sweep and its repetition: those of its best trial, and those of the sweep itself, its ensemble's among them. */
export function compareFigures(then: Whole, now: Whole, comparison: Comparison): void {
  const why = whyNot(then.sweep)
  const add = (prefix: string, recorded: Metrics, reproduced: Metrics) => {
    if (why === null) addAll(comparison, recorded, reproduced, prefix)
    else for (const name of Object.keys(recorded)) comparison.leaveOut(name, why)
  }
  add('sweep: ', then.sweep.metrics, now.sweep.metrics)
  for (const trial of then.trials) {
    const again = now.trials.find((one) => one.trial === trial.trial)
    if (comparison.withFigures && again !== undefined)
      add(`trial ${trial.trial}: `, figuresOf(trial), figuresOf(again))
  }
}

/** Why figures that are chosen or judged among all trials cannot be had again; null where they can. */
function whyNot({ status, deleted }: ParentRun): string | null {
  if (deleted.length > 0) return 'trials that it was chosen among have been deleted since'
  return status === 'finished' ? null : `its sweep is ${status}, and was at its end with other trials`
}

/** The figures among its metrics on the holdout part; none where they could not be had. */
async function onHoldout({ run, prepared, executor, signal }: OfTrial): Promise<Metrics> {
  const { trial, params } = run
  const timeLimit = prepared.spec.trialTimeout ?? Number.POSITIVE_INFINITY
  const request = { trial, attempt: 0, part: { kind: 'holdout' } as const, params, timeLimit }
  const outcome = await executor.run(request, { signal })
  if (outcome.status !== 'finished') return {}
  const { metrics } = outcome.result
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [holdoutName(name), value]))
}

/** The corrected estimate by what the record has; why there is none where there is none. */
async function correctedAgain({ prepared, store, parent }: OfTrial): Promise<Metrics | string> {
  const why = whyNot(parent)
  if (why !== null) return why
  let note = 'the predictions that it was worked out from are not on record'
  const said = (message: string) => {
    note = message
  }
  try {
    const estimate = await correctedEstimate(prepared, store, parent.id, said)
    if (estimate === null) return note
    const [mean, low, high] = correctedNames(estimate.metric)
    return { [mean]: estimate.mean, [low]: estimate.low, [high]: estimate.high }
  } catch (error) {
    // A file of another trial that is gone or damaged is none of this one's.
    if (isEspalierError(error)) return error.message
    throw error
  }
}

function addAll(comparison: Comparison, then: Metrics, now: Metrics, prefix = ''): void {
  for (const name of unionOf(then, now)) comparison.add(prefix, name, then[name], now[name])
}

function figuresOf({ metrics }: ChildRun): Metrics {
  return only(metrics, Object.keys(metrics).filter(isFigure))
}

function only(metrics: Metrics, names: readonly string[]): Metrics {
  return Object.fromEntries(names.map((name) => [name, metrics[name]]))
}
