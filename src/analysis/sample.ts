/**
 * The trials of a sweep as an analysis looks at them: points of the unit cube and losses, in trial order, whatever the
 * order they come in.
 *
 * Notation: n = trials, d = parameters that are searched (dimensions of the space).
 */
import { EspalierError } from '../errors.js'
import { createSpace, recordedParameters, type Space } from '../space/index.js'
import type { ParentRun, RunStatus } from '../tracking/index.js'
import { betterSide, type Direction, type Metrics, type Params, type Values } from '../values.js'

/** What an analysis looks at of a trial: a run is one, and a row of a table can be. */
export interface AnalysedTrial {
  readonly trial: number
  readonly status: RunStatus
  readonly params: Params
  readonly values: Values
  readonly metrics: Metrics
  readonly error: { readonly code: string } | null
}

/** Gone through more than once. A list of runs, or trials that are made as they are looked at, so that many need not be held. */
export type AnalysedTrials = Iterable<AnalysedTrial>

/** Neither at work nor cut off. */
export function isAtItsEnd({ status }: AnalysedTrial): boolean {
  return status !== 'running' && status !== 'interrupted'
}

export interface Sample {
  readonly sweep: ParentRun
  readonly space: Space
  readonly metric: string
  readonly direction: Direction
  /** Numbers of the trials, increasing. */
  readonly trials: readonly number[]
  /** By trial: d unit coordinates, 0.5 where inactive. */
  readonly points: readonly Float64Array[]
  /** By trial: 1 where the parameter is active. */
  readonly active: readonly Uint8Array[]
  /** Of the metric, turned so that less is better. */
  readonly losses: Float64Array
  /** Places in the lists above, the best trial first; of equal ones the earlier. */
  readonly order: Int32Array
  /** The value as the user sees it ↔ the loss: multiply by it. */
  readonly sign: 1 | -1
}

/** The space that a sweep searched. Throws SPACE_INVALID where its record has none that is valid. */
function spaceOf(sweep: ParentRun): Space {
  return createSpace(recordedParameters(sweep.spec))
}

/**
 * Which values of a metric are better in a sweep: as stated, as the sweep has it for its objective, else by the metric's
 * better side. Throws USAGE where none of them says it.
 */
export function directionOf(sweep: ParentRun, metric: string, stated?: Direction): Direction {
  const own = sweep.objectives.find((objective) => objective.metric === metric)?.direction
  const direction = stated ?? own ?? betterSide(metric)
  if (direction !== undefined) return direction
  throw new EspalierError(
    'USAGE',
    `an analysis needs to know which values are better, and of ${metric} nobody says so (the sweep goes by ${sweep.objective.metric}); give the direction (--direction minimize or maximize)`,
  )
}

/** The value of a metric that a trial has; undefined where it has none. */
function metricOf(trial: AnalysedTrial, metric: string): number | undefined {
  if (Object.hasOwn(trial.values, metric)) return trial.values[metric]
  return Object.hasOwn(trial.metrics, metric) ? trial.metrics[metric] : undefined
}

/** The finished trials that have the metric and lie in the space. */
export function sampleOf(
  sweep: ParentRun,
  runs: AnalysedTrials,
  metric: string,
  direction: Direction,
): Sample {
  const space = spaceOf(sweep)
  const d = space.dimensions.length
  const sign = direction === 'maximize' ? -1 : 1
  const found: { trial: number; point: Float64Array; marks: Uint8Array; loss: number }[] = []
  for (const run of runs) {
    const value = run.status === 'finished' ? metricOf(run, metric) : undefined
    if (value === undefined || !Number.isFinite(value)) continue
    const point = pointOf(space, run)
    if (point === null) continue
    const marks = new Uint8Array(d)
    space.activeInto(point, marks)
    found.push({ trial: run.trial, point, marks, loss: sign * value })
  }
  found.sort((a, b) => a.trial - b.trial)
  const losses = Float64Array.from(found, ({ loss }) => loss)
  const order = Int32Array.from(losses.keys()).sort((i, j) => losses[i] - losses[j] || i - j)
  return {
    sweep,
    space,
    metric,
    direction,
    trials: found.map(({ trial }) => trial),
    points: found.map(({ point }) => point),
    active: found.map(({ marks }) => marks),
    losses,
    order,
    sign,
  }
}

/** Where a trial stands in the unit cube; null where it lies outside the space, as one may whose space was changed. */
export function pointOf(space: Space, { params }: Pick<AnalysedTrial, 'params'>): Float64Array | null {
  try {
    return space.encode(params)
  } catch {
    return null
  }
}
