/** For modules: gives a trainer or an objective its type, and returns it unchanged. */
import type { Objective, ObjectiveFunction, OpenTrainer, Trainer } from './types.js'

export function defineTrainer(trainer: Trainer): Trainer {
  return trainer
}

export function defineObjective(objective: Objective): Objective {
  return objective
}

/** An objective passed in code, for the in-line executor. */
export function objectiveFromFunction(run: ObjectiveFunction, name = 'objective'): OpenTrainer {
  return { kind: 'objective', objective: { name, objective: run } }
}
