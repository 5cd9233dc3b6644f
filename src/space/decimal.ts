/**
 * Decimal arithmetic on doubles, so that 0 + 3 × 0.05 is 0.15 and not 0.15000000000000002.
 *
 * A double stands here for the shortest decimal that reads back as it (what JSON and JavaScript print). A grid
 * lo, lo + s, lo + 2s … is worked out on those decimals and only its points are turned into doubles again.
 */

/** Points lo + i·s of a grid, i = 0 … levels − 1, each the double nearest to its decimal. */
export interface DecimalGrid {
  readonly levels: number
  valueAt(level: number): number
}

/** The powers of ten that are doubles without error, so that a quotient by them is rounded once. */
const powers = Float64Array.from({ length: 23 }, (_, n) => Number(`1e${n}`))
const exactPower = powers.length - 1

/** The points min + i·step not above max. Needs step > 0 and max ≥ min. */
export function decimalGrid(min: number, max: number, step: number): DecimalGrid {
  const decimals = [min, max, step].map(toDecimal)
  const places = Math.max(...decimals.map((decimal) => decimal.places))
  const [lo, hi, s] = decimals.map((decimal) => decimal.digits * 10n ** BigInt(places - decimal.places))
  const last = (hi - lo) / s
  const levels = Number(last) + 1
  const top = lo + last * s

  const safe = (x: bigint) => Number.isSafeInteger(Number(x))
  if (places <= exactPower && safe(lo) && safe(top) && safe(top - lo)) {
    const first = Number(lo)
    const stride = Number(s)
    const scale = powers[places]
    return { levels, valueAt: (level) => (first + level * stride) / scale }
  }
  return { levels, valueAt: (level) => Number(`${lo + BigInt(level) * s}e-${places}`) }
}

/** The double nearest to a power of ten. (The operator for powers gives another one on some versions of Node.) */
export function powerOfTen(exponent: number): number {
  return Number(`1e${exponent}`)
}

/** x rounded to `places` digits after the point (before it, where negative), as the double nearest to that. */
export function roundToPlaces(x: number, places: number): number {
  // + 0 makes a zero of −0.
  if (places >= 0 && places <= exactPower) {
    const scale = powers[places]
    return Math.round(x * scale) / scale + 0
  }
  if (places < 0 && places >= -exactPower) {
    const scale = powers[-places]
    return Math.round(x / scale) * scale + 0
  }
  if (x === 0) return 0
  const kept = places + decimalExponent(Math.abs(x))
  if (kept >= 0) return Number(x.toExponential(Math.min(kept, 100)))
  const unit = Number(`1e${-places}`)
  return Math.abs(x) < unit / 2 ? 0 : Math.sign(x) * unit
}

/** The decimal exponent of x > 0: 0 for 1 … 9.99, −2 for 0.01. */
export function decimalExponent(x: number): number {
  return Math.floor(Math.log10(x))
}

/** x = digits · 10^−places. */
function toDecimal(x: number): { digits: bigint; places: number } {
  const [mantissa, exponent = '0'] = String(x).split('e')
  const [whole, fraction = ''] = mantissa.split('.')
  const digits = BigInt(whole + fraction)
  const places = fraction.length - Number(exponent)
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 }
}
