/** Where the best trials lie: the ranges that hold the best tenth of them. */
import { canonicalJson, type ParamValue } from '../values.js'
import type { Sample } from './sample.js'
import type { ParameterRange } from './types.js'

/** Of the trials in which a parameter was active; fewer than `least` make no range. */
const best = { share: 0.1, least: 5 }

/**
 * What holds the best tenth of the trials in which parameter i was active, at least five, and those that are as good as
 * the last of them; null where it was active in none.
 */
export function goodRange(
  { space, points, active, losses, order }: Sample,
  i: number,
): ParameterRange | null {
  const { parameter, unitToValue, kind } = space.dimensions[i]
  let among = 0
  for (const marks of active) among += marks[i]
  if (among === 0) return null
  const wanted = Math.min(among, Math.max(best.least, Math.ceil(best.share * among)))
  const good: number[] = []
  for (const t of order) {
    if (active[t][i] === 0) continue
    if (good.length >= wanted && losses[t] !== losses[good[wanted - 1]]) break
    good.push(t)
  }
  const units = good.map((t) => points[t][i])
  if (parameter.type === 'float' || parameter.type === 'int') {
    const [low, high] = [unitToValue(least(units)), unitToValue(-least(units.map((u) => -u)))]
    return { kind: 'range', min: low as number, max: high as number }
  }
  // An ordinal's values lie in an order, so those between two good ones count as good too.
  const values =
    kind === 'categorical'
      ? units.map(unitToValue)
      : parameter.values.filter((_, level) => {
          const u = space.dimensions[i].levelToUnit(level)
          return u >= least(units) && u <= -least(units.map((one) => -one))
        })
  const held = new Set(values.map(canonicalJson))
  return {
    kind: 'values',
    values: parameter.values.filter((value: ParamValue) => held.has(canonicalJson(value))),
  }
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b))
}
