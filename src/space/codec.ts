/**
 * The map between the values of one parameter and the unit interval, as the rest of the room uses it.
 *
 * Notation: v = a value, u = its coordinate in [0, 1], level = the index of a value, 0 … levels − 1.
 * Values come from outside and may be anything; coordinates may lie outside [0, 1] or be NaN, and are clamped.
 * Nothing here allocates but `fromUnit` and `valueAt` of values that are not numbers.
 */
import type { ParamValue } from '../values.js'

export interface Codec {
  readonly kind: 'continuous' | 'ordered' | 'categorical'
  /** How many different values; Infinity where continuous. */
  readonly levels: number
  readonly log: boolean
  /** The coordinate of a value; NaN where it is not one of the parameter's values. */
  toUnit(value: unknown): number
  fromUnit(u: number): ParamValue
  /** The value as the parameter has it, where it is one but for a rounding error; undefined where it is none. */
  own(value: unknown): ParamValue | undefined
  /** toUnit(fromUnit(u)). */
  snap(u: number): number
  /** The index of a value; NaN where it is not one of the parameter's values, or the parameter is continuous. */
  levelOf(value: unknown): number
  valueAt(level: number): ParamValue
  levelToUnit(level: number): number
  unitToLevel(u: number): number
}

/**
 * How far apart two numbers can be that were meant to be the same one, where what they were worked out from is of this
 * size: the rounding errors of a product and a few sums.
 */
export function roundingOf(size: number): number {
  return 4 * Number.EPSILON * Math.abs(size)
}

/** u in [0, 1]; NaN counts as 0. */
export function clampUnit(u: number): number {
  return u > 0 ? Math.min(u, 1) : 0
}
