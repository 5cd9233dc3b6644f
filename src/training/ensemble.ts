/**
 * Several fitted models as one: their probabilities averaged, their votes where one of them has none, their numbers. A model file
 * like any other, with the states of its members inside.
 */
import type { Signature, Table } from '../data/index.js'
import type { JsonObject, JsonValue } from '../values.js'
import { labelsOf } from './judging/ensemble-selection.js'
import { broken, finite, list, object } from './state-check.js'
import type { FeatureImportance, Model, Predictions } from './types.js'

/** More would be no ensemble that Espalier made. */
const mostMembers = 1000

/** A member as a file holds it. */
export interface StoredMember {
  /** How often it counts. */
  readonly weight: number
  readonly trainer: JsonObject
  readonly state: JsonValue
}

/** The members of a state that anybody may have written; what their trainers and states are is for others to check. */
export function checkMembers(state: JsonValue): StoredMember[] {
  const { members } = object(state, 'state')
  const found = list(members, 'state.members')
  if (found.length === 0 || found.length > mostMembers)
    return broken('state.members', `one to ${mostMembers} members`, found.length)
  return found.map((one, i) => {
    const where = `state.members[${i}]`
    const { weight, trainer, state: own } = object(one, where)
    if (own === undefined) return broken(`${where}.state`, 'a state', null)
    return {
      weight: finite(weight, `${where}.weight`, 1, mostMembers),
      trainer: object(trainer, `${where}.trainer`) as JsonObject,
      state: own as JsonValue,
    }
  })
}

export interface Member {
  readonly weight: number
  readonly model: Model
}

/** The models as one. `state`: what a file holds of it. */
export function ensembleOf(members: readonly Member[], { classes }: Signature, state: JsonValue): Model {
  const total = members.reduce((sum, { weight }) => sum + weight, 0)
  if (classes === null)
    return {
      predict: (features) => {
        const sum = new Float64Array(features.rows)
        for (const { weight, model } of members)
          model.predict(features).forEach((value, i) => {
            sum[i] += weight * (value as number)
          })
        return sum.map((value) => value / total)
      },
      toJSON: () => state,
    }
  const places = new Map(classes.map((name, code) => [name, code]))
  const placeOf = (name: string) =>
    places.get(name) ?? broken('an answer of a member', 'a class of the signature', name)
  const width = classes.length
  const mean = (features: Table): Float64Array => {
    const sum = new Float64Array(features.rows * width)
    for (const { weight, model } of members) {
      const given = model.predictProbability?.(features)
      if (given !== undefined)
        given.classes.forEach((name, from) => {
          const to = placeOf(name)
          for (let i = 0; i < features.rows; i++)
            sum[i * width + to] += weight * given.values[i * given.classes.length + from]
        })
      else
        (model.predict(features) as readonly string[]).forEach((name, i) => {
          sum[i * width + placeOf(name)] += weight
        })
    }
    return sum.map((value) => value / total)
  }
  const named = (table: Float64Array): Predictions =>
    Array.from(labelsOf(table, width), (code) => classes[code])
  const model: Model = { predict: (features) => named(mean(features)), toJSON: () => state }
  if (!members.every((one) => one.model.predictProbability !== undefined)) return model
  return { ...model, predictProbability: (features) => ({ classes, values: mean(features) }) }
}

/** Those of the members, each as often as it counts; undefined where one of them has none. */
export function importancesOf(
  members: readonly { readonly weight: number; readonly importances?: readonly FeatureImportance[] | null }[],
): FeatureImportance[] | undefined {
  const total = members.reduce((sum, { weight }) => sum + weight, 0)
  const shares = new Map<string, number>()
  for (const { weight, importances } of members) {
    if (importances == null) return undefined
    for (const { feature, importance } of importances)
      shares.set(feature, (shares.get(feature) ?? 0) + (weight * importance) / total)
  }
  return [...shares]
    .map(([feature, importance]) => ({ feature, importance }))
    .sort((a, b) => b.importance - a.importance)
}
