/** A best that is no better than answering without looking at any feature. */
import { isBetter } from '../../values.js'
import type { Sample } from '../sample.js'
import type { Finding } from '../types.js'
import { figure } from './wording.js'

export interface Baseline {
  readonly name: string
  readonly value: number
}

export function noBetterThanBaseline(
  { metric, direction, sign, losses, order, trials }: Sample,
  baseline: Baseline | null,
  beats: boolean | null,
): Finding[] {
  if (baseline === null || order.length === 0) return []
  const best = sign * losses[order[0]]
  const isBeaten = beats ?? isBetter(best, baseline.value, direction)
  if (isBeaten) return []
  const beyond = isBetter(best, baseline.value, direction) ? ', beyond the noise between folds' : ''
  return [
    {
      kind: 'no-better-than-baseline',
      severity: 'warning',
      message: `the best ${metric}, ${figure(best)}, is no better than ${baseline.name} gives (${figure(baseline.value)})${beyond}`,
      remedy:
        'look whether the features can tell the target at all: the columns that are read, leaks the other way round, another trainer',
      parameter: null,
      trials: [trials[order[0]]],
    },
  ]
}
