/**
 * The plain-JSON words every room speaks. Like errors.ts this file belongs to no room and imports nothing,
 * because `training` and `tracking` speak of params without knowing the search space.
 */

/** What JSON can hold without brackets. */
export type JsonScalar = string | number | boolean | null
/** What JSON can hold; in records numbers are finite. */
export type JsonValue = JsonScalar | JsonValue[] | { [key: string]: JsonValue }
/** A JSON object. */
export type JsonObject = { [key: string]: JsonValue }

/** Whether a value is an object with names, as JSON means it: neither null nor an array. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value one parameter can take. Numbers are finite. */
export type ParamValue = JsonScalar

/** The params of one trial: a value for every active parameter, inactive ones absent. */
export type Params = Readonly<Record<string, ParamValue>>

/** Whether larger or smaller values of the objective are better. */
export type Direction = 'minimize' | 'maximize'

/** How a trial ended. */
export type OutcomeStatus = 'finished' | 'pruned' | 'failed'

/** Metrics by name. Every value is finite: a trainer that reports NaN has failed. */
export type Metrics = Readonly<Record<string, number>>
