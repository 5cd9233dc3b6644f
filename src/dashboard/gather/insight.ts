/** What the record of a sweep tells, with what its judging knows of a baseline. */
import { type Insight, insightOf, type Surface, surfaceOf } from '../../analysis/index.js'
import type { Judging } from '../../launch/index.js'
import type { ChildRun, ParentRun } from '../../tracking/index.js'

/** A sweep and its trials, read whole. */
export interface WholeSweep {
  readonly run: ParentRun
  readonly trials: readonly ChildRun[]
  readonly judging: Judging | null
}

/** @param metric the objective's unless stated. */
export function insightInto({ run, trials, judging }: WholeSweep, metric: string | null): Insight {
  // A baseline is one of the metric it was judged by.
  const isJudged = judging !== null && judging.metric === (metric ?? run.objective.metric)
  return insightOf(run, trials, {
    ...(metric !== null && { metric }),
    ...(isJudged && { baseline: judging.baseline, beatsBaseline: judging.beatsBaseline }),
  })
}

export function surfaceInto(
  { run, trials }: WholeSweep,
  metric: string | null,
  x: string,
  y: string,
): Surface | null {
  return surfaceOf(run, trials, x, y, metric ?? undefined)
}
