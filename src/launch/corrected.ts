/**
 * What the best trial is worth when the choice among many is counted: bias-corrected from the out-of-fold predictions
 * that every trial records (training/bias-correction.ts).
 */
import { artifactNames } from '../names.js'
import { BestSoFar } from '../sweep/index.js'
import type { RunStore } from '../tracking/index.js'
import {
  biasCorrectedEstimate,
  type OutOfFold,
  outOfFoldTruth,
  slownessOf,
  unpackOutOfFold,
} from '../training/index.js'
import type { RankedTrial } from '../values.js'
import type { PreparedSweep } from './prepare.js'
import type { CorrectedEstimate } from './types.js'

/** Operations (trials × entries × resamples) that may be spent: some seconds. */
const mostOperations = 4e9
const mostResamples = 1000
/** With fewer, the interval would be of no use. */
const fewestResamples = 200

/**
 * null where there is nothing to correct: no cross-validation, fewer than two complete trials, a metric of one's own (whose code is not
 * run here), or so much data that it would take minutes (the reason is then told).
 */
export async function correctedEstimate(
  { plan, spec, judging }: PreparedSweep,
  store: RunStore,
  run: string,
  onNote: (message: string) => void,
): Promise<CorrectedEstimate | null> {
  if (plan.data === null || plan.resampling === null || judging.objective === null) return null
  const finished = (await store.trials(run)).filter(({ status }) => status === 'finished')
  const recorded = finished.filter(({ artifacts }) =>
    artifacts.some(({ name }) => name === artifactNames.outOfFold),
  )
  if (recorded.length < 2) return null
  const entries = outOfFoldTruth(plan)
  const count = recorded.length * entries.groups.length
  const cost =
    count * slownessOf(judging.objective, entries.truth.kind === 'classes' ? entries.truth.classes : 0)
  const resamples = Math.min(mostResamples, Math.floor(mostOperations / cost))
  if (resamples < fewestResamples) {
    onNote(
      `the value was not corrected for the choice among ${recorded.length} trials: their ${count} predictions would take too long`,
    )
    return null
  }
  const { metric, direction } = spec.objective
  const decoder = new TextDecoder()
  const trials: OutOfFold[] = []
  const best = new BestSoFar<RankedTrial & { predicted: OutOfFold }>([spec.objective])
  for (const run of recorded) {
    const predicted = unpackOutOfFold(decoder.decode(await store.readArtifact(run, artifactNames.outOfFold)))
    trials.push(predicted)
    best.offer({ trial: run.trial, values: run.values, predicted })
  }
  const { predicted, values } = best.current!
  const estimate = biasCorrectedEstimate({
    metric: judging.objective,
    direction,
    truth: entries.truth,
    groups: entries.groups,
    trials,
    best: { trial: predicted, value: values[metric] },
    resamples,
    seed: spec.search.seed,
  })
  if (estimate === null) return null
  const { mean, interval } = estimate
  return { metric, mean, low: interval[0], high: interval[1], trials: estimate.trials, resamples }
}
