/** The parameters of a sweep again, from what its record says it was asked to do. */
import { isJsonObject, type JsonObject } from '../values.js'
import { withOwners } from './choice.js'
import type { ParametersJson } from './types.js'

/** As they were written, with the conditions that go without saying where the trainer is one of them. Not checked. */
export function recordedParameters({ parameters, trainer }: JsonObject): ParametersJson {
  const trainers =
    isJsonObject(trainer) && isJsonObject(trainer.trainers) ? Object.keys(trainer.trainers) : []
  return withOwners(parameters as JsonObject, trainers).parameters as unknown as ParametersJson
}
