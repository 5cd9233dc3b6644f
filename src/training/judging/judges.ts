/** What the predictions of a plan's fits are judged by: opened once in each thread. */
import type { Task } from '../../data/index.js'
import type { Metrics } from '../../values.js'
import type { FitPlan } from '../plan.js'
import { labelsOf } from './ensemble-selection.js'
import {
  classificationMetrics,
  metricNamed,
  type NamedMetric,
  regressionMetrics,
  usualMetrics,
} from './metrics.js'
import { type OwnMetric, openMetric } from './own-metric.js'

export interface Judges {
  readonly named: readonly NamedMetric[]
  /** What is worked out when all folds are there, by the names they have where there is one part alone. */
  readonly pooled: readonly NamedMetric[]
  readonly own: readonly (OwnMetric & { readonly name: string; readonly file: string })[]
}

const opened = new WeakMap<FitPlan, Promise<Judges>>()

/**
 * The judges of the fits of a plan with a data set.
 * @throws EspalierError as `openMetric` does.
 */
export function judgesOf(plan: FitPlan): Promise<Judges> {
  let judges = opened.get(plan)
  if (judges === undefined) {
    judges = open(plan)
    opened.set(plan, judges)
  }
  return judges
}

/** Opens what will judge the fits of a plan, so that none of them waits for it. */
export async function openMetrics(plan: FitPlan): Promise<void> {
  await judgesOf(plan)
}

async function open(plan: FitPlan): Promise<Judges> {
  if (plan.data === null) return { named: [], pooled: [], own: [] }
  const { target } = plan.data
  const task = target.kind === 'classes' ? 'classification' : 'regression'
  const classes = target.kind === 'classes' ? target.classes : null
  const { named, pooled } = namedMetrics(plan, task, classes)
  const own = []
  for (const { name, module } of plan.metrics ?? [])
    if (module !== null) own.push({ ...(await openMetric(module)), name, file: module })
  return { named, pooled, own }
}

/** Each once: those that are always worked out, those asked for, and the objective's. */
export function namedMetrics(
  { objectiveMetric, metrics = [] }: Pick<FitPlan, 'objectiveMetric' | 'metrics'>,
  task: Task,
  classes: readonly string[] | null,
): Omit<Judges, 'own'> {
  const named = usualMetrics(task, classes)
  const pooled: NamedMetric[] = []
  const asked = metrics.filter(({ module }) => module === null).map(({ name }) => name)
  const isOwn = metrics.some(({ name, module }) => module !== null && name === objectiveMetric)
  for (const name of isOwn ? asked : [...asked, objectiveMetric]) {
    if ([...named, ...pooled].some((metric) => metric.name === name)) continue
    const metric = knownMetric(name, task, classes)
    if (metric === null) continue
    if (metric.pooled) pooled.push(metric)
    else named.push(metric)
  }
  return { named, pooled }
}

/** null for a name that none has: a sweep on record may ask for one, and fails in its trials. */
function knownMetric(name: string, task: Task, classes: readonly string[] | null): NamedMetric | null {
  try {
    return metricNamed(name, task, classes)
  } catch {
    return null
  }
}

/** What a table of predictions (see ensemble-selection.ts) comes to on these rows: every metric of the plan that is none of one's own. */
export function judgedTable(
  plan: FitPlan,
  table: Float64Array,
  positions: Int32Array,
  withProbabilities: boolean,
): Metrics {
  const { target, index } = plan.data!
  const finite = (found: Record<string, number>) =>
    Object.fromEntries(Object.entries(found).filter(([, value]) => Number.isFinite(value)))
  const inOnePart = (metric: NamedMetric) => ({ ...metric, name: metric.plain })
  if (target.kind === 'numbers') {
    const { named, pooled } = namedMetrics(plan, 'regression', null)
    const truth = Float64Array.from(positions, (position) => target.values[index[position]])
    return finite(regressionMetrics({ truth, predicted: table }, [...named, ...pooled.map(inOnePart)]))
  }
  const { named, pooled } = namedMetrics(plan, 'classification', target.classes)
  const classes = target.classes.length
  const rows = {
    truth: Int32Array.from(positions, (position) => target.codes[index[position]]),
    predicted: labelsOf(table, classes),
    classes,
    probabilities: withProbabilities ? table : null,
  }
  return finite(classificationMetrics(rows, [...named, ...pooled.map(inOnePart)]))
}
