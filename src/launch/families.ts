/** How each of the trainers did that a sweep chose among: the winner, the runner-up, and the others. */

import type { ChildRun, ParentRun } from '../tracking/index.js'
import { trainerParameter } from '../trainer-choice.js'
import { isBetter, isJsonObject } from '../values.js'
import type { TrainerFamily } from './types.js'

/** Best first; those without a finished trial last. null where a sweep has one trainer. */
export function familiesOf(
  { spec, objective }: Pick<ParentRun, 'spec' | 'objective'>,
  trials: readonly ChildRun[],
): readonly TrainerFamily[] | null {
  const { trainer } = spec
  if (!isJsonObject(trainer) || trainer.kind !== 'choice' || !isJsonObject(trainer.trainers)) return null
  const families = Object.keys(trainer.trainers).map((value): TrainerFamily => {
    const own = trials.filter(({ params }) => params[trainerParameter] === value)
    let best: TrainerFamily['best'] = null
    for (const { id, trial, status, value: found } of own) {
      if (status !== 'finished' || found === null) continue
      if (best === null || isBetter(found, best.value, objective.direction))
        best = { run: id, trial, value: found }
    }
    return { trainer: value, trials: own.length, best }
  })
  return families.sort((a, b) => {
    if (a.best === null || b.best === null) return Number(a.best === null) - Number(b.best === null)
    if (isBetter(a.best.value, b.best.value, objective.direction)) return -1
    return isBetter(b.best.value, a.best.value, objective.direction) ? 1 : a.best.trial - b.best.trial
  })
}
