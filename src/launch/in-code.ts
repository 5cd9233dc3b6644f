/** What a sweep trains where that is passed in code, instead of being named. */
import { anything, callback, type Rules } from '../arguments.js'
import { EspalierError } from '../errors.js'
import { checkTrainer, type ObjectiveFunction, type OpenTrainer, type Trainer } from '../training/index.js'

/** One of the two, or neither: a `trainer` that is a text names one, and is not looked at here. */
export interface TrainedInCode {
  /** The objective of a sweep without a data set. */
  readonly run?: ObjectiveFunction
  readonly trainer?: Trainer | string
}

export const inCodeRules: Rules<TrainedInCode> = { run: callback, trainer: anything }

/**
 * undefined where nothing is passed.
 * @param name the name of the function, in records and messages.
 */
export function openedFromCode({ run, trainer }: TrainedInCode, name: string): OpenTrainer | undefined {
  if (run !== undefined && trainer !== undefined) {
    throw new EspalierError(
      'USAGE',
      'a sweep trains either a trainer or the function "run" (got both); leave one out',
    )
  }
  if (run !== undefined) return { kind: 'objective', objective: { name, objective: run } }
  return trainer === undefined || typeof trainer === 'string'
    ? undefined
    : checkTrainer(trainer, 'the option "trainer"')
}
