/**
 * A numeric target brought to mean 0 and deviation 1, so that penalties, tolerances and learning rates mean the same
 * whatever unit the target is in.
 */

import { finite, object, positive } from '../state-check.js'
import { relativeWeights } from './relative-weights.js'

/** standardised value = (value − shift) / scale. */
export type TargetScale = { shift: number; scale: number }

/**
 * Mean and population deviation of y (at least one value); a constant y has scale 1. With weights, one a value, those of
 * a y in which every value stands as often as it counts.
 */
export function targetScale(y: Float64Array, rowWeights: Float64Array | null = null): TargetScale {
  const n = y.length
  const v = relativeWeights(rowWeights) ?? new Float64Array(n).fill(1)
  let shift = 0
  // Divided first: the sum of values near 1e308 would overflow.
  for (let i = 0; i < n; i++) shift += v[i] * (y[i] / n)
  let least = Infinity
  let most = -Infinity
  let squares = 0
  for (let i = 0; i < n; i++) {
    least = Math.min(least, y[i])
    most = Math.max(most, y[i])
    squares += v[i] * ((y[i] - shift) * (y[i] - shift))
  }
  if (least === most) return { shift: least, scale: 1 }
  const deviation = Math.sqrt(squares / n)
  // Squares under- or overflow where values are near 1e-160 or 1e160: half the range serves then.
  const scale = deviation > 0 && deviation < Infinity ? deviation : most / 2 - least / 2
  return { shift, scale: scale > 0 ? scale : 1 }
}

/** y on that scale, as a new array. */
export function standardised(y: Float64Array, { shift, scale }: TargetScale): Float64Array {
  return y.map((value) => (value - shift) / scale)
}

/** The scale in a model file. Throws MODEL_INVALID. */
export function checkTargetScale(found: unknown, where: string): TargetScale {
  const { shift, scale } = object(found, where)
  return { shift: finite(shift, `${where}.shift`), scale: positive(scale, `${where}.scale`) }
}
