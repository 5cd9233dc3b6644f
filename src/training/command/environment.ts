/** Params as text, and as the environment of a program. */
import type { Params, ParamValue } from '../../values.js'

/** `learningRate` → `ESPALIER_PARAM_LEARNING_RATE`. */
export function environmentName(parameter: string): string {
  const words = parameter
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()
  return `ESPALIER_PARAM_${words}`
}

/** A value as a program reads it: numbers with all their digits, `true`, `false`, `null`, texts as they are. */
export function textOf(value: ParamValue): string {
  return String(value)
}

/** One variable for each active parameter. */
export function paramsEnvironment(params: Params): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [environmentName(name), textOf(value)]),
  )
}
