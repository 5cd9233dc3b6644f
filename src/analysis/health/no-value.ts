/** No trial came to a value: then there is nothing to choose from, and a search learns nothing. */
import { type AnalysedTrials, isAtItsEnd } from '../sample.js'
import type { Finding } from '../types.js'
import { mostShown } from './wording.js'

/** Fewer may be chance. */
const least = 3

export function noValue(trials: AnalysedTrials): Finding[] {
  const ended = [...trials].filter(isAtItsEnd)
  if (ended.length < least || ended.some(({ status }) => status === 'finished')) return []
  const failed = ended.filter(({ status }) => status === 'failed')
  const pruned = ended.length - failed.length
  const parts = [
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    ...(pruned > 0 ? [`${pruned} were stopped early`] : []),
  ]
  return [
    {
      kind: 'no-value',
      severity: 'warning',
      message: `none of the ${ended.length} trials that ended came to a value: ${parts.join(', ')}`,
      remedy:
        failed.length > 0
          ? `look at why trial ${failed[0].trial} failed; what all trials fail at is not to be found by other params`
          : 'let the pruner begin later, or leave it out: the best is one of the trials that came to their end',
      parameter: null,
      trials: (failed.length > 0 ? failed : ended).slice(0, mostShown).map(({ trial }) => trial),
    },
  ]
}
