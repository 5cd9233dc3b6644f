/** Many trials of different params with one and the same value: the metric tells them no more apart. */
import type { Sample } from '../sample.js'
import type { Finding } from '../types.js'
import { figure, mostShown } from './wording.js'

/** Different params with the best value, and with any other one: this share of all, and at least so many. */
const best = { share: 0.2, least: 5 }
const any = { share: 0.4, least: 8 }

export function plateau({ space, points, losses, order, trials, metric, sign }: Sample): Finding[] {
  if (!hasRepeated(losses, Math.min(best.least, any.least))) return []
  const different = new Map<number, Map<string, number>>()
  const all = new Set<string>()
  for (let t = 0; t < points.length; t++) {
    const key = space.key(space.decode(points[t]))
    all.add(key)
    const there = different.get(losses[t])
    if (there === undefined) different.set(losses[t], new Map([[key, t]]))
    else if (!there.has(key)) there.set(key, t)
  }
  const enough = ({ size }: Map<string, number>, { share, least }: typeof best) =>
    size >= least && size >= share * all.size
  const bestLoss = losses[order[0]]
  const told = (loss: number, there: Map<string, number>, is: string, remedy: string): Finding => ({
    kind: 'plateau',
    severity: 'warning',
    message: `${there.size} of ${all.size} different params have ${is} ${metric}, ${figure(sign * loss)}`,
    remedy,
    parameter: null,
    trials: [...there.values()].slice(0, mostShown).map((t) => trials[t]),
  })
  const shared = different.get(bestLoss)!
  if (enough(shared, best)) {
    return [
      told(
        bestLoss,
        shared,
        'the best',
        'choose by a finer metric (logLoss for classes), or with more rows held out, if they are to be told apart',
      ),
    ]
  }
  const [loss, most] = [...different].reduce((a, b) => (b[1].size > a[1].size ? b : a))
  if (!enough(most, any)) return []
  return [
    told(
      loss,
      most,
      'the same',
      'look at some of them: a training that does not begin, or answers always the same, gives such values',
    ),
  ]
}

/** Whether any of some numbers is there so often: of most metrics none is, and then no params need be told apart. */
function hasRepeated(numbers: Float64Array, often: number): boolean {
  const sorted = numbers.toSorted()
  return sorted.some((one, k) => sorted[k + often - 1] === one)
}
