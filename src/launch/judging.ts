/**
 * What a sweep is judged by beside its objective: the metrics its file asks for, and the threshold its models answer by. Names are
 * checked here, against the task and the classes of the target, before anything is trained.
 */
import { resolve } from 'node:path'
import type { Dataset } from '../data/index.js'
import { EspalierError } from '../errors.js'
import { describeMetric, type ErrandLimits } from '../execution/index.js'
import type { SweepFile } from '../space/index.js'
import { nearestHint } from '../spelling.js'
import type { TrialObjective } from '../sweep/index.js'
import {
  type DescribedTrainer,
  type FitPlan,
  metricNamed,
  metricsFor,
  type NamedMetric,
  namedMetrics,
  probabilitiesFor,
  type Resampling,
  rowsOf,
} from '../training/index.js'
import type { Direction } from '../values.js'
import { parametersFor, trainersOf } from './choice.js'
import { refuseMissingProbabilities } from './objective.js'
import { digestOf } from './read-file.js'
import type { MetricSpec, SweepSpec, ThresholdSpec } from './spec/types.js'

/** What is recorded beside the metrics of a trial: figures of the best, seconds, deviations between folds. */
const takenNames = /^(holdout|corrected|pooled|baseline)|^(fit|predict)Seconds$|Std$/

/** A metric of one's own as its module describes it. */
export interface DescribedMetric extends MetricSpec {
  readonly direction: Direction | null
}

/**
 * The metrics a file asks for. A module is imported in a thread of its own, to see whether it is one.
 * @throws EspalierError USAGE, METRIC_INVALID, FILE_NOT_READABLE
 */
export async function askedMetrics(
  { metrics = [] }: Pick<SweepFile, 'metrics'>,
  opened: DescribedTrainer,
  directory: string,
  limits: ErrandLimits & { readonly recorded: boolean },
): Promise<DescribedMetric[]> {
  if (opened.kind === 'objective' && metrics.length > 0) {
    throw refusal(
      'metrics',
      `metrics are worked out from the predictions of a trainer ("${opened.objective.name}" is an objective, which returns its own); leave "metrics" out`,
    )
  }
  const task = trainersOf(opened)[0]?.trainer.task ?? 'classification'
  const asked: DescribedMetric[] = []
  for (const [i, entry] of metrics.entries()) {
    const path = `metrics[${i}]`
    if (typeof entry === 'string') {
      metricNamed(entry, task, null, { what: 'a metric', path })
      asked.push({ name: entry, module: null, digest: null, direction: null })
      continue
    }
    const { name } = entry
    if (metricsFor().some((one) => one.name === name) || takenNames.test(name))
      throw refusal(
        path,
        `a metric of your own has a name of its own ("${name}" has a meaning already); call it otherwise`,
      )
    const module = resolve(directory, entry.module)
    // What it was taken for, its record says; whether it can still be imported, the workers tell.
    const direction = limits.recorded ? null : (await describeMetric(module, limits)).direction
    asked.push({ name, module, digest: await digestOf(module), direction })
  }
  return asked
}

/**
 * What can only be said with the data at hand: the classes that names name, and whether the objective's metric can be worked out
 * in every fold.
 */
export function checkAgainstData(
  metrics: readonly MetricSpec[],
  objective: TrialObjective,
  { target }: Dataset,
  recorded: boolean,
): NamedMetric | null {
  const task = target.kind === 'classes' ? 'classification' : 'regression'
  const classes = target.kind === 'classes' ? target.classes : null
  metrics.forEach(({ name, module }, i) => {
    if (module === null) metricNamed(name, task, classes, { what: 'a metric', path: `metrics[${i}]` })
  })
  if (metrics.some(({ name, module }) => module !== null && name === objective.metric)) return null
  const where = { what: "the objective's metric", path: 'objective.metric' }
  // As a sweep on record took it: what is none fails in its trials.
  if (recorded && !metricsFor(task).some(({ name }) => name === objective.metric.split(':', 1)[0]))
    return null
  return metricNamed(objective.metric, task, classes, where)
}

/** Throws where every trial would fail, because the metric has no value on the rows of some fold. */
export function refuseUndefinedFolds(
  metric: NamedMetric | null,
  data: Dataset,
  resampling: Resampling,
): void {
  if (metric === null) return
  const fold = undefinedFold(metric, data, resampling)
  if (fold === -1) return
  const [place, remedy] = metric.pooled
    ? ['over all folds', 'choose another metric']
    : [
        `in fold ${fold}`,
        `choose "pooled:${metric.plain}", which is worked out over the predictions of all folds together, fewer folds, or another metric`,
      ]
  throw refusal(
    'objective.metric',
    `the objective's metric has a value in every fold ("${metric.name}" has none ${place}: ${metric.undefinedWhere}); ${remedy}`,
  )
}

/** The first fold on whose rows the metric has no value; 0 where it is pooled and has none over all of them; −1 where there is none. */
export function undefinedFold(
  metric: NamedMetric,
  { target, index }: Dataset,
  resampling: Resampling,
): number {
  if (metric.undefinedWhere === null) return -1
  const parts = Array.from({ length: resampling.folds }, (_, fold) =>
    rowsOf(resampling, { kind: 'fold', fold }),
  )
  const judged = metric.pooled ? [Int32Array.from(parts.flatMap((part) => [...part]))] : parts
  return judged.findIndex((positions) => !isDefined(metric, target, positions, index))
}

/** Whether there would be a value for predictions that are as good as can be. */
function isDefined(
  metric: NamedMetric,
  target: Dataset['target'],
  positions: Int32Array,
  index: Int32Array,
): boolean {
  if (target.kind === 'numbers') {
    const truth = Float64Array.from(positions, (at) => target.values[index[at]])
    return !Number.isNaN(metric.ofNumbers({ truth, predicted: new Float64Array(truth.length).fill(1) }))
  }
  const truth = Int32Array.from(positions, (at) => target.codes[index[at]])
  const classes = target.classes.length
  const probabilities = new Float64Array(truth.length * classes).fill(1 / classes)
  return !Number.isNaN(metric.ofClasses({ truth, predicted: truth, classes, probabilities }))
}

/** The threshold a file asks for, with its class. `data`: null where it is not at hand, and the class cannot be known. */
export function thresholdOf(
  file: Pick<SweepFile, 'threshold' | 'space' | 'choice'>,
  opened: DescribedTrainer,
  data: Dataset | null,
  recorded: boolean,
): ThresholdSpec | null {
  const { threshold } = file
  if (threshold === undefined) return null
  const { metric: name, positive } = threshold
  const law = 'a threshold chooses between two classes by the probability of one'
  const trainers = trainersOf(opened)
  if (opened.kind === 'objective' || trainers[0].trainer.task !== 'classification')
    throw refusal(
      'threshold',
      `${law} (${opened.kind === 'objective' ? `"${opened.objective.name}" is an objective` : `${trainers[0].trainer.name} predicts numbers`}); leave "threshold" out`,
    )
  const classes = data?.target.kind === 'classes' ? data.target.classes : null
  if (classes !== null && classes.length !== 2)
    throw refusal('threshold', `${law} (the target has ${classes.length} classes); leave "threshold" out`)
  const where = { what: "the threshold's metric", path: 'threshold.metric' }
  const metric = metricNamed(name, 'classification', classes, where)
  if (metric.ofCounts === null || metric.pooled) {
    const able = metricsFor('classification').filter(({ needsProbabilities }) => !needsProbabilities)
    throw refusal(
      where.path,
      `a threshold is chosen by a metric of labels (got "${name}"${metric.pooled ? ', and it is worked out over all folds in any case' : ', which looks at probabilities and does not change with it'}); choose one of ${able.map((one) => one.name).join(', ')}`,
    )
  }
  if (classes !== null && positive !== undefined && !classes.includes(positive)) {
    throw refusal(
      'threshold.positive',
      `"positive" is a class of the target: ${classes.join(' or ')} (got "${positive}")${nearestHint(positive, classes)}`,
    )
  }
  if (!recorded)
    for (const one of trainers)
      refuseMissingProbabilities(
        one.trainer,
        'threshold',
        parametersFor(one.value, file),
        'a threshold is compared with',
      )
  const named = classes?.find((one) => name.endsWith(`:${one}`))
  return { metric: name, positive: positive ?? named ?? classes?.[1] ?? '' }
}

/** The metrics of a sweep as they are worked out here, where no code of anybody's runs. */
export interface JudgingPlan {
  /** The objective's; null where it is one of somebody's own, or there are no predictions. */
  readonly objective: NamedMetric | null
  /** Worked out over all folds. */
  readonly pooled: readonly NamedMetric[]
  readonly kept: ReturnType<typeof probabilitiesFor>
}

export function judgingOf(
  plan: FitPlan,
  { threshold, ensemble }: Pick<SweepSpec, 'threshold' | 'ensemble'>,
): JudgingPlan {
  if (plan.data === null) return { objective: null, pooled: [], kept: 'none' }
  const { target } = plan.data
  const [task, classes] =
    target.kind === 'classes'
      ? (['classification', target.classes] as const)
      : (['regression', null] as const)
  const { named, pooled } = namedMetrics(plan, task, classes)
  const isOwn = plan.metrics?.some(({ name, module }) => module !== null && name === plan.objectiveMetric)
  const objective =
    (!isOwn && [...named, ...pooled].find(({ name }) => name === plan.objectiveMetric)) || null
  const kept =
    threshold !== null || ensemble !== null ? 'all' : probabilitiesFor(objective === null ? [] : [objective])
  return { objective, pooled, kept }
}

/** Throws USAGE where there is nothing to average, or nothing to choose by. */
export function refuseEnsemble(
  spec: Pick<SweepSpec, 'ensemble' | 'objective'>,
  { data }: Pick<FitPlan, 'data'>,
  judging: JudgingPlan,
): void {
  if (spec.ensemble === null) return
  const [found, remedy] =
    data === null
      ? ['an objective leaves none', 'leave --ensemble out']
      : judging.objective === null
        ? [
            `"${spec.objective.metric}" is a metric of your own, which is worked out where trials are`,
            'choose another for the objective',
          ]
        : [null, '']
  if (found === null) return
  throw new EspalierError(
    'USAGE',
    `an ensemble averages models, chosen by the predictions they are judged by (${found}); ${remedy}`,
  )
}

/** Throws where what goes by folds is asked of a metric that has no value there. */
export function refusePooled({ metric }: TrialObjective, path: string, what: string, remedy: string): void {
  if (!metric.startsWith('pooled:')) return
  throw refusal(
    path,
    `${what} goes by the objective's value in each fold ("${metric}" is worked out once, over all of them); ${remedy}`,
  )
}

export function refusal(path: string, message: string): EspalierError {
  return new EspalierError('USAGE', message, { problems: [{ path, message }] })
}
