/**
 * What is recorded of the best trial when a sweep ends: its baseline, and its out-of-fold predictions summed up; as a file of the
 * sweep (`judging.json`). And the threshold that a kept model answers by.
 */
import { EspalierError } from '../errors.js'
import { artifactNames } from '../names.js'
import type { SweepEnd } from '../sweep/index.js'
import type { RunStore, SweepWriter } from '../tracking/index.js'
import {
  type Baseline,
  baselineOf,
  bestThreshold,
  type ClassTable,
  classTable,
  hasHoldout,
  type ModelThreshold,
  metricNamed,
  type OutOfFold,
  outOfFoldTruth,
  pairedGain,
  type ResidualSummary,
  residualSummary,
  rowsOf,
  unpackOutOfFold,
} from '../training/index.js'
import { isJsonObject, type JsonValue } from '../values.js'
import { goesByOwnMetric } from './own-metrics.js'
import type { PreparedSweep } from './prepare.js'
import type { ChosenThreshold } from './types.js'

/** `judging.json` of a sweep. */
export interface Judging {
  /** The best trial, of which all the rest is said. */
  readonly trial: number
  readonly metric: string
  readonly value: number
  readonly baseline: Pick<Baseline, 'name' | 'value'> | null
  /** Whether the best is better than the baseline beyond the noise between folds; null where that cannot be said. */
  readonly beatsBaseline: boolean | null
  /** What is to be told of it, in plain words. */
  readonly said: readonly string[]
  readonly classes: ClassTable | null
  readonly residuals: ResidualSummary | null
  readonly threshold: ChosenThreshold | null
}

/** Better than the baseline by this many standard errors, or it is not said to be. */
const standardErrors = 2
/** From this share of the commonest class on, a metric that rewards answering it is pointed out. */
const lopsided = 0.8
/** Metrics by which the commonest class alone looks good. */
const rewardTheCommonest = [
  'accuracy',
  'microF1',
  'microPrecision',
  'microRecall',
  'weightedRecall',
  'weightedF1',
]

/** null where there are no out-of-fold predictions of the best trial. `own`: the baseline by a metric of one's own. */
export async function judgingOfBest(
  prepared: PreparedSweep,
  store: RunStore,
  run: string,
  best: NonNullable<SweepEnd['best']>,
  own: Baseline | null,
): Promise<Judging | null> {
  const { plan, spec, judging } = prepared
  if (plan.data === null || plan.resampling === null) return null
  const trials = await store.trials(run)
  const trial = trials.find((one) => one.trial === best.trial)
  const kept = trial?.artifacts.some(({ name }) => name === artifactNames.outOfFold)
  if (trial === undefined || !kept) return null
  const predicted = await outOfFoldOf(store, trial.id)
  const { truth } = outOfFoldTruth(plan)
  const { target } = plan.data
  const { metric, direction } = spec.objective
  const baseline = judging.objective ? baselineOf(plan, judging.objective, direction) : own
  const value = best.values[metric]
  const folds = trial.history[metric]?.values ?? []
  const beaten = baseline && beats(prepared, { value, folds }, baseline)
  return {
    trial: best.trial,
    metric,
    value,
    baseline: baseline && { name: baseline.name, value: baseline.value },
    beatsBaseline: beaten,
    said: [
      ...(baseline === null ? [] : sentences(prepared, value, baseline, beaten)),
      ...uncorrected(prepared, trials.filter(({ status }) => status === 'finished').length),
    ],
    classes:
      truth.kind === 'classes' && target.kind === 'classes'
        ? classTable(truth, predicted.values, target.classes)
        : null,
    residuals: truth.kind === 'numbers' ? residualSummary(truth, predicted.values) : null,
    threshold: thresholdFor(prepared, predicted),
  }
}

export async function recordJudging(writer: SweepWriter, judging: Judging): Promise<void> {
  await writer.artifact(null, artifactNames.judging, `${JSON.stringify(judging, null, 2)}\n`)
}

async function outOfFoldOf(store: RunStore, run: string): Promise<OutOfFold> {
  return unpackOutOfFold(new TextDecoder().decode(await store.readArtifact(run, artifactNames.outOfFold)))
}

/** null where there is no noise to compare with: the better one may then be better by chance. */
function beats(
  { plan: { resampling }, spec: { objective } }: PreparedSweep,
  { value, folds }: { readonly value: number; readonly folds: readonly number[] },
  baseline: Baseline,
): boolean | null {
  const rows = (part: Parameters<typeof rowsOf>[1]) => rowsOf(resampling!, part).length
  const ratio = rows({ kind: 'fold', fold: 0 }) / rows({ kind: 'training', fold: 0 })
  const paired = baseline.byFold && pairedGain(folds, baseline.byFold, objective.direction, ratio)
  if (paired) return paired.gain > standardErrors * paired.noise
  const gain = objective.direction === 'maximize' ? value - baseline.value : baseline.value - value
  return gain > 0 ? null : false
}

function sentences(
  { plan: { data }, spec: { objective }, judging }: PreparedSweep,
  value: number,
  baseline: Baseline,
  beaten: boolean | null,
): string[] {
  const { metric } = objective
  const said: string[] = []
  const isNoisy = (baseline.byFold?.length ?? 0) > 1
  if (beaten === false)
    said.push(
      `the best is no better than a model that looks at no feature${isNoisy ? ', beyond the noise between folds' : ''}: ${metric} ${figure(value)}, and ${baseline.name} gives ${figure(baseline.value)}`,
    )
  const { target, index } = data!
  if (target.kind !== 'classes' || !rewardTheCommonest.includes(judging.objective?.word ?? '')) return said
  const counts = new Float64Array(target.classes.length)
  for (const row of index) counts[target.codes[row]]++
  const commonest = counts.reduce((most, count, c) => (count > counts[most] ? c : most), 0)
  const rarest = counts.reduce((least, count, c) => (count < counts[least] ? c : least), 0)
  const share = counts[commonest] / index.length
  if (share >= lopsided)
    said.push(
      `${figure(100 * share)} % of the rows are of the class ${target.classes[commonest]}, and ${metric} rewards answering it always: balancedAccuracy, averagePrecision:${target.classes[rarest]}, f1:${target.classes[rarest]} or matthews do not`,
    )
  return said
}

/** Why there is no corrected estimate by a metric of one's own. */
function uncorrected({ spec, plan }: PreparedSweep, trials: number): string[] {
  if (!goesByOwnMetric(spec) || trials < 2) return []
  const remedy = hasHoldout(plan.resampling!)
    ? 'the holdout part says what it is worth'
    : 'a holdout part ("holdout") would say what it is worth'
  return [
    `the best value is not corrected for the choice among ${trials} trials: ${spec.objective.metric} is a metric of your own, whose code runs where trials do, on the rows of one fold; ${remedy}`,
  ]
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)))
}

/** The threshold that is best on these predictions, where one is asked for; null where they have no probabilities. */
export function thresholdFor({ plan, spec }: PreparedSweep, predicted: OutOfFold): ChosenThreshold | null {
  const { threshold } = spec
  if (threshold === null || plan.data === null || plan.resampling === null) return null
  const { target } = plan.data
  const { truth } = outOfFoldTruth(plan)
  if (target.kind !== 'classes' || truth.kind !== 'classes') return null
  const metric = metricNamed(threshold.metric, 'classification', target.classes)
  const found = bestThreshold(metric, truth.codes, predicted, target.classes.indexOf(threshold.positive))
  return found && { ...threshold, ...found }
}

/** A model's file with the threshold that is best on the out-of-fold predictions of its trial, where there is one. */
export function withThreshold(prepared: PreparedSweep, model: JsonValue, predicted: OutOfFold): JsonValue {
  return answeringBy(thresholdFor(prepared, predicted), model)
}

/** A model's file with this threshold. */
export function answeringBy(found: ModelThreshold | null, model: JsonValue): JsonValue {
  if (found === null) return model
  if (!isJsonObject(model)) throw new EspalierError('INTERNAL', 'a model is kept as a JSON object')
  const { metric, positive, value } = found
  return { ...(model as { [key: string]: JsonValue }), threshold: { metric, positive, value } }
}
