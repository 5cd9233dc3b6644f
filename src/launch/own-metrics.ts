/** The metrics of a sweep that code of somebody's works out: what is known of them, and the baseline by one, which only workers can say. */
import type { Executor } from '../execution/index.js'
import type { SweepEnd } from '../sweep/index.js'
import { type Baseline, baselineOverFolds, bestBaseline, featurelessAnswers } from '../training/index.js'
import type { PreparedSweep } from './prepare.js'
import type { MetricSpec, SweepSpec } from './spec/types.js'

export type OwnMetricSpec = MetricSpec & { readonly module: string }

export function ownMetrics({ metrics }: Pick<SweepSpec, 'metrics'>): OwnMetricSpec[] {
  return metrics.filter((one): one is OwnMetricSpec => one.module !== null)
}

/** Whether the objective is one of them. */
export function goesByOwnMetric(spec: Pick<SweepSpec, 'metrics' | 'objective'>): boolean {
  return ownMetrics(spec).some(({ name }) => name === spec.objective.metric)
}

export interface OwnBaselineParts {
  readonly prepared: PreparedSweep
  readonly executor: Executor
  /** Aborted: nobody waits for it any more. */
  readonly signal: AbortSignal
  note(message: string): void
}

/**
 * What models without features come to by a metric of one's own, worked out where folds are judged. null where the metric has no value
 * for them, and a note says why. Rejects with the signal's reason where it was stopped.
 */
export async function ownBaseline(
  { trial, params }: NonNullable<SweepEnd['best']>,
  { prepared, executor, signal, note }: OwnBaselineParts,
): Promise<Baseline | null> {
  const { plan, spec } = prepared
  const { metric, direction } = spec.objective
  const timeLimit = spec.trialTimeout ?? Number.POSITIVE_INFINITY
  let reason: string | null = null
  const judged = async (answer: number, fold: number): Promise<number> => {
    const part = { kind: 'baseline', answer, fold } as const
    const outcome = await executor.run({ trial, attempt: 0, part, params, timeLimit }, { signal })
    signal.throwIfAborted()
    if (outcome.status === 'failed') reason ??= outcome.reason
    return outcome.status === 'finished' ? (outcome.result.metrics[metric] ?? Number.NaN) : Number.NaN
  }
  const folds = Array.from({ length: plan.resampling!.folds }, (_, fold) => fold)
  const found = await Promise.all(
    featurelessAnswers(plan.data!.target).map(async (name, answer) =>
      baselineOverFolds(name, await Promise.all(folds.map((fold) => judged(answer, fold)))),
    ),
  )
  const best = bestBaseline(found, direction)
  if (best === null)
    note(
      `there is no baseline: "${metric}" has no finite value for answers that look at no feature${reason === null ? '' : `: ${reason}`}`,
    )
  return best
}
