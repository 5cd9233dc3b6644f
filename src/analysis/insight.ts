/**
 * All that is told of one metric of one sweep.
 *
 * `importance` is a parameter's share of the sum of the total Sobol' indices. Why these, and what PED-ANOVA says beside
 * them, stands in docs/insight.md.
 */
import type { ParentRun } from '../tracking/index.js'
import type { Direction } from '../values.js'
import { averageOver } from './averages.js'
import { type HealthOptions, healthOf } from './health/index.js'
import { modelledOf, modelOf } from './modelled.js'
import { pairsOf } from './pairs.js'
import { parametersOf, shared } from './parameters.js'
import { type AnalysedTrials, directionOf, sampleOf } from './sample.js'
import { sobolPoints } from './sobol-indices.js'
import type { Insight, Surface } from './types.js'

export interface InsightOptions extends HealthOptions {
  /** The objective's unless stated. */
  readonly metric?: string
  /** Which values of the metric are better, where nobody else says so. */
  readonly direction?: Direction
  /** How often the trials are drawn again for the intervals: 24 unless stated. */
  readonly resamples?: number
}

const defaultResamples = 24

/**
 * What the record of a sweep tells. The same trials give the same result bit for bit, in whatever order they come.
 * @throws EspalierError USAGE where nobody says which values of the metric are better; SPACE_INVALID where the sweep's
 *   record has no valid space.
 */
export function insightOf(sweep: ParentRun, trials: AnalysedTrials, options: InsightOptions = {}): Insight {
  const { metric = sweep.objective.metric, resamples = defaultResamples } = options
  const modelled = modelledOf(sweep, trials, metric, directionOf(sweep, metric, options.direction))
  const { sample, model, unsure } = modelled
  const points = sobolPoints(sample.space)
  const parameters = model === null ? [] : parametersOf(sample, model, points, resamples)
  return {
    sweep: sweep.id,
    metric,
    direction: sample.direction,
    trials: sample.trials.length,
    unsure,
    parameters,
    pairs: model === null ? [] : pairsOf(sample, model, points, parameters),
    health: healthOf(modelled, trials, parameters, options),
  }
}

/**
 * The mean over two parameters, the others averaged out; null where the record cannot tell, where one of them is no
 * parameter that is searched, and where they are never active together.
 */
export function surfaceOf(
  sweep: ParentRun,
  trials: AnalysedTrials,
  x: string,
  y: string,
  metric = sweep.objective.metric,
  direction?: Direction,
): Surface | null {
  const { sample, model } = modelledOf(sweep, trials, metric, directionOf(sweep, metric, direction))
  const names = sample.space.dimensions.map(({ parameter }) => parameter.name)
  const [i, j] = [names.indexOf(x), names.indexOf(y)]
  return model === null || i < 0 || j < 0 || i === j ? null : averageOver(sample, model, i, j)
}

/** Trials that the shares of one line are worked out from: no more than can be fitted in a moment. */
const mostForLine = 100
const pointsForLine = 256

/**
 * The shares of importance alone, without their intervals, quickly: what is told in one line when a sweep ends. Greatest
 * first; null where the record cannot tell.
 */
export function sharesOf(
  sweep: ParentRun,
  trials: AnalysedTrials,
): readonly { readonly name: string; readonly importance: number }[] | null {
  const { metric, direction } = sweep.objective
  const { sample, model } = modelOf(sampleOf(sweep, trials, metric, direction), mostForLine)
  if (model === null) return null
  const shares = shared(sobolPoints(sample.space).total(model.levels, pointsForLine))
  return sample.space.dimensions
    .map(({ parameter }, i) => ({ name: parameter.name, importance: shares[i] }))
    .sort((a, b) => b.importance - a.importance)
}
