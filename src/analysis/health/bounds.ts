/**
 * A best that sits at a bound of a parameter's range, so that what is better may lie beyond it. By the scale's own unit (a
 * log scale's in its logarithm), and only where an end is one: not among values that are only equal or not.
 */
import type { Dimension } from '../../space/index.js'
import { type Direction, isBetter } from '../../values.js'
import type { Sample } from '../sample.js'
import type { Finding, ParameterInsight } from '../types.js'
import { valueInWords } from './wording.js'

/** This near to an end counts as at it, of a scale without levels. */
const near = 0.025
const nearInLevels = 0.25
/** With fewer levels an end is as likely as any other value. */
const leastLevels = 4
/** A little inside: this far from the end. */
const inside = 0.15
/** Of the best trials, a twentieth and at least so many, this share has to be there. */
const best = { share: 0.05, least: 4, there: 0.75 }
/** A parameter that hardly matters ends anywhere. */
const leastImportance = 0.05

export function bounds(sample: Sample, parameters: readonly ParameterInsight[]): Finding[] {
  const { space, points, active, order, trials } = sample
  if (parameters.length === 0) return []
  const good = Array.from(order.subarray(0, Math.max(best.least, Math.ceil(best.share * order.length))))
  return space.dimensions.flatMap((dimension, i): Finding[] => {
    const { name } = dimension.parameter
    const told = parameters.find((one) => one.name === name)!
    if (told.importance < leastImportance || active[order[0]][i] === 0) return []
    const end = endOf(dimension, points[order[0]][i])
    if (end === null) return []
    const there = good.filter((t) => active[t][i] === 1 && isNear(dimension, points[t][i], end))
    if (there.length < best.there * good.length || !leansTo(told, end, sample.direction)) return []
    const value = valueInWords(dimension.unitToValue(end === 'lower' ? 0 : 1))
    return [
      {
        kind: 'at-bound',
        severity: 'warning',
        message: `${name} is best at the ${end} bound of its range (${value}), and ${there.length} of the best ${good.length} trials are near it`,
        remedy: `move that bound further ${end === 'lower' ? 'down' : 'up'}, if ${name} can have such values, and search on with a warm start`,
        parameter: name,
        trials: there.map((t) => trials[t]),
      },
    ]
  })
}

function endOf({ kind, levels, unitToLevel }: Dimension, u: number): 'lower' | 'upper' | null {
  if (kind === 'categorical') return null
  if (kind === 'ordered') {
    if (levels < leastLevels) return null
    const level = unitToLevel(u)
    if (level === 0) return 'lower'
    if (level === levels - 1) return 'upper'
    // Among many levels the neighbours of the last one are at the end too.
    if (levels < 1 / near) return null
  }
  return u <= near ? 'lower' : u >= 1 - near ? 'upper' : null
}

/** Of values that can be tried but once, the next ones are as near as the others of the best can come. */
function isNear(dimension: Dimension, u: number, end: 'lower' | 'upper'): boolean {
  if (dimension.kind === 'continuous') return endOf(dimension, u) === end
  return end === 'lower' ? u <= nearInLevels : u >= 1 - nearInLevels
}

/** Whether the model's mean gets better up to the end, from a little inside. */
function leansTo({ marginal }: ParameterInsight, end: 'lower' | 'upper', direction: Direction): boolean {
  if (marginal === null) return false
  const { mean } = marginal
  const outward = end === 'lower' ? mean : mean.toReversed()
  return isBetter(outward[0], outward[Math.max(1, Math.round(inside * (mean.length - 1)))], direction)
}
