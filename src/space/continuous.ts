/**
 * A float without a step: u is linear in the value or in its logarithm.
 *
 * Notation: lo, hi = min and max, δ = the distance between neighbouring values.
 * What comes out of the unit interval is rounded to a decimal: linear, to δ = 10^(⌈log₁₀(hi − lo)⌉ − 12), on a log
 * scale to 12 significant digits. That is far below what any model can tell apart and far above the rounding
 * errors of the way there and back, so that encode and decode are exact inverses, and what is recorded does not
 * hang on the last bit of a logarithm. Off the lattice, min and max are values too: a lattice point within δ/2
 * of one is that one. A value given by hand may be any number of the range; it is used as it is, and its
 * coordinate is only rounded when it is decoded again.
 */
import { EspalierError } from '../errors.js'
import { type Codec, clampUnit, roundingOf } from './codec.js'
import { decimalExponent, powerOfTen, roundToPlaces } from './decimal.js'

const digits = 12

export function linearCodec(min: number, max: number): Codec {
  const range = max - min
  const places = digits - Math.ceil(Math.log10(range))
  // A range this narrow for its distance from zero: doubles themselves are the lattice, and u·range is exact
  // enough to come back to the same double.
  const plain = Math.max(Math.abs(min), Math.abs(max)) * powerOfTen(places) > 1e15
  const half = 0.5 * powerOfTen(-places)
  const lowest = min + half
  const highest = max - half

  function fromUnit(u: number): number {
    if (!(u > 0)) return min
    if (u >= 1) return max
    const raw = min + u * range
    if (plain) return Math.min(raw, max)
    const value = roundToPlaces(raw, places)
    return value > highest ? max : value < lowest ? min : value
  }
  return continuous(min, max, false, fromUnit, (value) => (value - min) / range)
}

export function logCodec(min: number, max: number): Codec {
  const bottom = Math.log(min)
  const range = Math.log(max) - bottom
  const lowest = min + 0.5 * powerOfTen(decimalExponent(min) - digits + 1)
  const highest = max - 0.5 * powerOfTen(decimalExponent(max) - digits + 1)

  function fromUnit(u: number): number {
    if (!(u > 0)) return min
    if (u >= 1) return max
    const raw = Math.exp(bottom + u * range)
    const value = roundToPlaces(raw, digits - 1 - decimalExponent(raw))
    return value > highest ? max : value < lowest ? min : value
  }
  return continuous(min, max, true, fromUnit, (value) => (Math.log(value) - bottom) / range)
}

function continuous(
  min: number,
  max: number,
  log: boolean,
  fromUnit: (u: number) => number,
  within: (value: number) => number,
): Codec {
  // Beyond an end by no more than a rounding error, like 0.1 + 0.2 where the end is 0.3: that end.
  const size = Math.max(Math.abs(min), Math.abs(max))
  const [below, above] = (log ? [min, max] : [size, size]).map((end) =>
    Math.min(roundingOf(end), (max - min) / 4),
  )
  function own(value: unknown): number | undefined {
    if (typeof value !== 'number') return undefined
    if (value < min) return value >= min - below ? min : undefined
    if (value > max) return value <= max + above ? max : undefined
    return Number.isNaN(value) ? undefined : value
  }
  function toUnit(value: unknown): number {
    const v = own(value)
    if (v === undefined) return Number.NaN
    if (v === min) return 0
    return v === max ? 1 : clampUnit(within(v))
  }
  return {
    kind: 'continuous',
    levels: Number.POSITIVE_INFINITY,
    log,
    toUnit,
    fromUnit,
    own,
    snap: (u) => toUnit(fromUnit(u)),
    levelOf: () => Number.NaN,
    valueAt: noLevels,
    levelToUnit: noLevels,
    unitToLevel: noLevels,
  }
}

function noLevels(): never {
  throw new EspalierError('INTERNAL', 'a continuous parameter has no levels; look at `kind` first')
}
