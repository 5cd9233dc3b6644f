/** Parameters without an effect that can be told from none. */
import { percent } from '../../format.js'
import { spreadAlong } from '../averages.js'
import type { Modelled } from '../modelled.js'
import type { Finding, ParameterInsight } from '../types.js'

/** A share at most this large, and by resampled trials at most that, is none. */
const most = { share: 0.01, high: 0.03 }
/** The model must explain this much of the variance, or the effect may lie in what it does not. */
const leastExplained = 0.5
/** A parameter that is rarely active has few trials to show an effect in. */
const leastActive = 0.3

/** Nor does it have one at the best trial: along it the metric goes no further than this part of the way from there to the median. */
const mostAtBest = 0.1

export function withoutEffect(
  { sample, model, explained }: Modelled,
  parameters: readonly ParameterInsight[],
): Finding[] {
  if (model === null || explained === null || explained < leastExplained) return []
  const { space, points, active, losses, order, metric } = sample
  const best = order[0]
  const way = losses[order[order.length >> 1]] - losses[best]
  const isIdle = ({ name, importance, high, active: share }: ParameterInsight) => {
    const i = space.dimensions.findIndex(({ parameter }) => parameter.name === name)
    return (
      importance <= most.share &&
      high <= most.high &&
      share >= leastActive &&
      active[best][i] === 1 &&
      spreadAlong(sample, model, i, points[best]) <= mostAtBest * way
    )
  }
  return parameters.filter(isIdle).map(({ name, importance }) => ({
    kind: 'no-effect',
    severity: 'note',
    message: `${name} has no effect on ${metric} that can be told: ${percent(importance)} of the importance`,
    remedy: `fix ${name} at a value you like, so that the search has one parameter fewer`,
    parameter: name,
    trials: [],
  }))
}
