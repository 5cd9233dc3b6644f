/**
 * The trainer as a parameter: where a sweep file names no trainer, its parameter `trainer` chooses one for each trial. What
 * the others are called then. Open to all rooms, like values.ts.
 *
 * A parameter goes to every trainer that it is active with, under its own name. `forest-classifier.maxDepth` goes to
 * forest-classifier alone, as `maxDepth`, and exists only where that trainer is chosen.
 */
import { isJsonObject } from './values.js'

/** The parameter that names the trainer of a trial. */
export const trainerParameter = 'trainer'

/**
 * What a file chooses among that names no trainer: the values of its parameter `trainer`. null where it has no such
 * parameter, or one with other values than texts.
 */
export function choiceIn(parameters: unknown): readonly string[] | null {
  if (!isJsonObject(parameters) || !Object.hasOwn(parameters, trainerParameter)) return null
  const written = parameters[trainerParameter]
  const values = isJsonObject(written) ? ('values' in written ? written.values : [written.value]) : [written]
  const areNames = Array.isArray(values) && values.length > 0 && values.every(isName)
  return areNames ? (values as string[]) : null
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

/** The one trainer a parameter belongs to by its name; null: it is any's. */
export function ownerOf(parameter: string, trainers: readonly string[]): string | null {
  let owner: string | null = null
  for (const trainer of trainers) {
    const begins = parameter.startsWith(`${trainer}.`) && parameter.length > trainer.length + 1
    // Of two names of which one begins with the other, the longer one is meant.
    if (begins && (owner === null || trainer.length > owner.length)) owner = trainer
  }
  return owner
}

/** What a parameter is called where the trainers are called otherwise. `names`: of each of them, by what it was called. */
export function withOwnerCalled(parameter: string, names: ReadonlyMap<string, string>): string {
  const owner = ownerOf(parameter, [...names.keys()])
  return owner === null ? parameter : names.get(owner)! + parameter.slice(owner.length)
}

/** What its trainer calls a parameter. */
export function hyperparameterOf(parameter: string, trainers: readonly string[]): string {
  const owner = ownerOf(parameter, trainers)
  return owner === null ? parameter : parameter.slice(owner.length + 1)
}
