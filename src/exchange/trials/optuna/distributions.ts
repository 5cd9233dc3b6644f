/** Optuna's distributions, of every version of it, read from and written as JSON; and numbers as it keeps them inside. */
import { EspalierError } from '../../../errors.js'
import { isJsonObject } from '../../../values.js'
import { parsePython, pythonText } from './python-json.js'

export type Distribution =
  | {
      readonly kind: 'float'
      readonly low: number
      readonly high: number
      readonly log: boolean
      readonly step: number | null
    }
  | {
      readonly kind: 'int'
      readonly low: number
      readonly high: number
      readonly log: boolean
      readonly step: number
    }
  | { readonly kind: 'categorical'; readonly choices: readonly unknown[] }

/**
 * A distribution from its JSON: `{"name": "FloatDistribution", "attributes": {…}}`.
 * @throws EspalierError DATA_INVALID where it is none that is known.
 */
export function parseDistribution(text: string): Distribution {
  const json = parsePython(text)
  const { name, attributes } = (isJsonObject(json) ? json : {}) as { name?: unknown; attributes?: unknown }
  const a = (isJsonObject(attributes) ? attributes : {}) as Record<string, never>
  switch (name) {
    case 'FloatDistribution':
      return { kind: 'float', low: a.low, high: a.high, log: a.log ?? false, step: a.step ?? null }
    // Before version 3.
    case 'UniformDistribution':
      return { kind: 'float', low: a.low, high: a.high, log: false, step: null }
    case 'LogUniformDistribution':
      return { kind: 'float', low: a.low, high: a.high, log: true, step: null }
    case 'DiscreteUniformDistribution':
      return { kind: 'float', low: a.low, high: a.high, log: false, step: a.q }
    case 'IntDistribution':
    case 'IntUniformDistribution':
      return { kind: 'int', low: a.low, high: a.high, log: a.log ?? false, step: a.step ?? 1 }
    case 'IntLogUniformDistribution':
      return { kind: 'int', low: a.low, high: a.high, log: true, step: 1 }
    case 'CategoricalDistribution':
      if (Array.isArray(a.choices)) return { kind: 'categorical', choices: a.choices }
  }
  throw new EspalierError(
    'DATA_INVALID',
    `a distribution of Optuna is a float, an int or a categorical one (got ${text.slice(0, 200)}); is the study of a newer version?`,
  )
}

/** As Optuna 3 and later write it. */
export function distributionText(distribution: Distribution): string {
  const { kind, ...attributes } = distribution
  const name = { float: 'FloatDistribution', int: 'IntDistribution', categorical: 'CategoricalDistribution' }[
    kind
  ]
  return pythonText({ name, attributes })
}

/** What the objective saw, from the number that Optuna keeps. */
export function outward(distribution: Distribution, inside: number): unknown {
  if (distribution.kind === 'categorical') return distribution.choices[Math.trunc(inside)]
  return distribution.kind === 'int' ? Math.trunc(inside) : inside
}
