/**
 * The parameters of a file whose trainer is a parameter: those that belong to one trainer by their name get the condition
 * that goes without saying.
 */
import type { Problem } from '../errors.js'
import { ownerOf, trainerParameter } from '../trainer-choice.js'
import { isJsonObject } from '../values.js'
import { pathOf, show } from './wording.js'

/** The parameters as written, with what their names imply; and what contradicts it. */
export function withOwners(
  parameters: Readonly<Record<string, unknown>>,
  trainers: readonly string[],
): { readonly parameters: Readonly<Record<string, unknown>>; readonly problems: Problem[] } {
  const problems: Problem[] = []
  const { [trainerParameter]: choice } = parameters
  if (isJsonObject(choice) && choice.when !== undefined) {
    const message = `every trial has a trainer, so the parameter "${trainerParameter}" must have no "when"; leave it out`
    problems.push({ path: pathOf('parameters', trainerParameter, 'when'), message })
  }
  const entries = Object.entries(parameters).map(([name, entry]) => {
    const owner = ownerOf(name, trainers)
    if (owner === null) return [name, entry]
    const implied = { [trainerParameter]: [owner] }
    if (!isJsonObject(entry))
      return [name, isBare(entry) ? { type: 'constant', value: entry, when: implied } : entry]
    if (entry.when === undefined) return [name, { ...entry, when: implied }]
    if (!isJsonObject(entry.when)) return [name, entry]
    const stated = entry.when[trainerParameter]
    if (stated !== undefined && !(Array.isArray(stated) && stated.length === 1 && stated[0] === owner)) {
      const message = `${show(name)} belongs to ${owner} alone, by its name (got ${show(stated)} for "${trainerParameter}"); leave "${trainerParameter}" out of its "when", or call it ${show(name.slice(owner.length + 1))}`
      problems.push({ path: pathOf('parameters', name, 'when', trainerParameter), message })
    }
    return [name, { ...entry, when: { ...entry.when, ...implied } }]
  })
  return { parameters: Object.fromEntries(entries), problems }
}

function isBare(entry: unknown): boolean {
  return entry === null || ['string', 'number', 'boolean'].includes(typeof entry)
}
