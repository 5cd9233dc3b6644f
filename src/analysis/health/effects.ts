/** Parameters without an effect that can be told from none. */
import { percent } from '../../format.js'
import type { Modelled } from '../modelled.js'
import type { Finding, ParameterInsight } from '../types.js'

/** A share at most this large, and by resampled trials at most that, is none. */
const most = { share: 0.01, high: 0.03 }
/** The model must explain this much of the variance, or the effect may lie in what it does not. */
const leastExplained = 0.5
/** A parameter that is rarely active has few trials to show an effect in. */
const leastActive = 0.3

export function withoutEffect(
  { sample, explained }: Modelled,
  parameters: readonly ParameterInsight[],
): Finding[] {
  if (explained === null || explained < leastExplained) return []
  return parameters
    .filter(
      ({ importance, high, active }) =>
        importance <= most.share && high <= most.high && active >= leastActive,
    )
    .map(({ name, importance }) => ({
      kind: 'no-effect',
      severity: 'note',
      message: `${name} has no effect on ${sample.metric} that can be told: ${percent(importance)} of the importance`,
      remedy: `fix ${name} at a value you like, so that the search has one parameter fewer`,
      parameter: name,
      trials: [],
    }))
}
