/**
 * Parameters with countable values: int, stepped float, ordinal, categorical.
 *
 * Notation: n = number of levels, i = a level, v(i) = its value, lo = v(0), s = the step.
 *   linear   u = (i + ½)/n: the middle of one of n cells of equal width, so a uniform u takes every level equally.
 *   log      u = (ln v − a)/(b − a) with a = ln(max(lo − s/2, lo/2)), b = ln(v(n − 1) + s/2): a cell ends half a step
 *            from its value. For ints from 1 that is a = ln ½. A first cell that would reach zero ends at lo/2.
 * Both come back to the same level exactly: the limits below keep half a cell far above the rounding errors.
 */
import { canonicalJson, type ParamValue } from '../values.js'
import { type Codec, clampUnit, roundingOf } from './codec.js'
import { decimalGrid } from './decimal.js'

/** Most levels on a linear scale; and most steps in the largest value, so that neighbours are different doubles. */
export const mostLevels = 2 ** 50
/** Most steps in the largest value on a log scale, where ln and exp lose some digits. */
export const mostLogLevels = 2 ** 40

/** The values min, min + step … up to max, on either scale. */
export function stepCodec(min: number, max: number, step: number, log: boolean): Codec {
  const { levels, valueAt } = decimalGrid(min, max, step)
  const last = levels - 1

  function nearest(value: number): number {
    const level = Math.round((value - min) / step)
    return Math.max(0, Math.min(level, last))
  }
  // What another program works out, like 3 × 0.05 = 0.15000000000000002, is taken for the point it means: within a
  // rounding error of numbers as large as the ends, and far from where a neighbour begins.
  const slack = Math.max(1e-9 * step, Math.min(roundingOf(Math.max(Math.abs(min), Math.abs(max))), step / 4))
  function levelOf(value: unknown): number {
    if (typeof value !== 'number' || !Number.isFinite(value)) return Number.NaN
    const level = nearest(value)
    return Math.abs(valueAt(level) - value) <= slack ? level : Number.NaN
  }
  if (!log) return counted('ordered', levels, levelOf, valueAt)

  const bottom = Math.log(Math.max(min - step / 2, min / 2))
  const range = Math.log(valueAt(last) + step / 2) - bottom
  const unitToLevel = (u: number) => nearest(Math.exp(bottom + clampUnit(u) * range))
  const levelToUnit = (level: number) => (Math.log(valueAt(level)) - bottom) / range
  return ofLevels('ordered', levels, true, levelOf, valueAt, levelToUnit, unitToLevel)
}

/** Values in the order of a list, which means something (ordinal) or does not. */
export function listCodec(values: readonly ParamValue[], kind: 'ordered' | 'categorical'): Codec {
  const levels = new Map<unknown, number>(values.map((value, level) => [value, level]))
  // Lists and objects are known by what they hold; the space's own ones at first sight.
  const nested = new Map<string | null, number>()
  values.forEach((value, level) => {
    if (typeof value === 'object' && value !== null) nested.set(canonicalJson(value), level)
  })
  const byContent = (value: unknown) =>
    typeof value === 'object' && nested.size > 0 ? nested.get(canonicalJson(value)) : undefined
  return counted(
    kind,
    values.length,
    (value) => levels.get(value) ?? byContent(value) ?? Number.NaN,
    (level) => values[level],
  )
}

function counted(
  kind: Codec['kind'],
  n: number,
  levelOf: Codec['levelOf'],
  valueAt: Codec['valueAt'],
): Codec {
  const last = n - 1
  const unitToLevel = (u: number) => Math.min(Math.floor(clampUnit(u) * n), last)
  return ofLevels(kind, n, false, levelOf, valueAt, (level) => (level + 0.5) / n, unitToLevel)
}

function ofLevels(
  kind: Codec['kind'],
  levels: number,
  log: boolean,
  levelOf: Codec['levelOf'],
  valueAt: Codec['valueAt'],
  levelToUnit: Codec['levelToUnit'],
  unitToLevel: Codec['unitToLevel'],
): Codec {
  return {
    kind,
    levels,
    log,
    toUnit(value) {
      const level = levelOf(value)
      return level >= 0 ? levelToUnit(level) : Number.NaN
    },
    fromUnit: (u) => valueAt(unitToLevel(u)),
    own(value) {
      const level = levelOf(value)
      return level >= 0 ? valueAt(level) : undefined
    },
    snap: (u) => levelToUnit(unitToLevel(u)),
    levelOf,
    valueAt,
    levelToUnit,
    unitToLevel,
  }
}
