/** The fitted kernel as it stands in the origin of a suggestion: plain JSON, by name of parameter. */
import type { Space } from '../space/index.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../values.js'
import { type KernelParameters, leastNoise, noWarp } from './gaussian-process/index.js'
import type { SuggestionOrigin } from './types.js'

export interface ModelRecord {
  readonly parameters: KernelParameters
  /** How many observations there were at the latest fit, and at the latest one from two starts. */
  readonly fittedOn: number
  readonly thoroughOn: number
}

export function writeModel(space: Space, { parameters, fittedOn, thoroughOn }: ModelRecord): JsonObject {
  const lengthscales: JsonObject = {}
  const warps: JsonObject = {}
  space.dimensions.forEach(({ parameter: { name } }, i) => {
    lengthscales[name] = parameters.lengthscales[i]
    const { a, b } = parameters.warps[i]
    if (a !== 1 || b !== 1) warps[name] = [a, b]
  })
  const { scale, noise, roughness } = parameters
  return { lengthscales, scale, noise, roughness, warps, fittedOn, thoroughOn }
}

/** The exact inverse; null where the origin has no model of this space. */
export function readModel(space: Space, origin: SuggestionOrigin): ModelRecord | null {
  const model = origin.model
  if (!isJsonObject(model) || !isJsonObject(model.lengthscales) || !isJsonObject(model.warps)) return null
  // Records of before there was a rough term have none of it.
  const { lengthscales, warps, scale, noise, roughness = leastNoise, fittedOn, thoroughOn } = model
  const names = space.dimensions.map(({ parameter }) => parameter.name)
  const record = {
    parameters: {
      lengthscales: Float64Array.from(names, (name) => positive(lengthscales[name])),
      scale: positive(scale),
      noise: positive(noise),
      roughness: positive(roughness),
      warps: names.map((name) => {
        const shape = warps[name]
        return Array.isArray(shape) ? { a: positive(shape[0]), b: positive(shape[1]) } : noWarp
      }),
    },
    fittedOn: Number(fittedOn),
    thoroughOn: Number(thoroughOn),
  }
  const { parameters } = record
  const numbers = [
    ...parameters.lengthscales,
    parameters.scale,
    parameters.noise,
    parameters.roughness,
    record.fittedOn,
    record.thoroughOn,
    ...parameters.warps.flatMap(({ a, b }) => [a, b]),
  ]
  return numbers.some(Number.isNaN) ? null : record
}

function positive(value: JsonValue | undefined): number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : Number.NaN
}
