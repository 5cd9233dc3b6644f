/** Whether a search ended too early, while it still got better, or long after it had stopped to. */
import { percent } from '../../format.js'
import type { Sample } from '../sample.js'
import type { Finding } from '../types.js'
import { figure } from './wording.js'

const early = {
  /** Of the trials: what comes last. */
  last: 0.2,
  /** What the last part gained, of the way from the middle of all values to the best. */
  gain: 0.15,
  least: 10,
}
const late = {
  /** Of the trials, and so many, and so many a parameter, that found nothing better: before it ended. */
  share: 0.6,
  least: 40,
  eachParameter: 8,
}

export function course(sample: Sample): Finding[] {
  const { sweep, space, losses, trials } = sample
  const isWhole = sweep.status === 'finished'
  // A grid and a space that has been tried out have an end of their own.
  if (!isWhole || losses.length < early.least || losses.length >= space.size) return []
  const { algorithm, stopAt } = (sweep.spec.search ?? {}) as { algorithm?: string; stopAt?: number | null }
  if (algorithm === 'grid' || (stopAt ?? null) !== null) return []
  const bestAt = losses.reduce((best, loss, t) => (loss < losses[best] ? t : best), 0)
  const since = losses.length - 1 - bestAt
  const found =
    endedEarly(sample) ??
    // Of points that are drawn, the best is as likely to be an early one.
    (algorithm === 'bayesian' &&
    since >= late.share * losses.length &&
    since >= Math.max(late.least, late.eachParameter * space.dimensions.length)
      ? endedLate(sample, since, trials[bestAt])
      : null)
  return found === null ? [] : [found]
}

function endedEarly({ losses, metric, sign, trials }: Sample): Finding | null {
  const n = losses.length
  const from = n - Math.ceil(early.last * n)
  const before = losses.subarray(0, from).reduce((a, b) => Math.min(a, b))
  const after = losses.reduce((a, b) => Math.min(a, b))
  const middle = Float64Array.from(losses).sort()[n >> 1]
  const gain = (before - after) / (middle - after)
  if (!(gain >= early.gain)) return null
  return {
    kind: 'ended-early',
    severity: 'note',
    message: `the search still got better when it ended: the last ${n - from} of ${n} trials took the best ${metric} from ${figure(sign * before)} to ${figure(sign * after)}, ${percent(gain)} of what it is ahead of the median`,
    remedy: `go on with it: resume it with ${2 * n} trials`,
    parameter: null,
    trials: [...losses.keys()].filter((t) => t >= from && losses[t] < before).map((t) => trials[t]),
  }
}

function endedLate({ losses, metric }: Sample, since: number, best: number): Finding {
  return {
    kind: 'ended-late',
    severity: 'note',
    message: `the last ${since} of ${losses.length} trials found no better ${metric} than trial ${best}`,
    remedy:
      'fewer trials would have done: let the next one end by itself ("advice": "stop"), or search elsewhere',
    parameter: null,
    trials: [best],
  }
}
