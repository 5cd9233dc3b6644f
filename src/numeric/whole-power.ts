/**
 * Powers with whole exponents, the same on every version of Node: the operator for powers gives other last digits on some of them.
 *
 * The running product is the sum of two doubles, hi + lo, so that the result is almost always the double nearest to the power:
 *
 *   p = fl(hi x), e = hi x − p exactly (Veltkamp's split, Dekker's product), then hi + lo ← p + (e + lo x)
 *
 * Source: Dekker (1971), A floating-point technique for extending the available precision, Numerische Mathematik 18.
 */

const splitter = 134217729 // 2²⁷ + 1

/** xⁿ for a whole n ≥ 0. Takes n steps. */
export function wholePower(x: number, n: number): number {
  const [xHigh, xLow] = split(x)
  let hi = 1
  let lo = 0
  for (let i = 0; i < n; i++) {
    const p = hi * x
    const [high, low] = split(hi)
    const rest = high * xHigh - p + high * xLow + low * xHigh + low * xLow + lo * x
    hi = p + rest
    lo = rest - (hi - p)
    // Where the parts overflow or vanish the product alone is right.
    if (!Number.isFinite(rest)) [hi, lo] = [p, 0]
    if (hi === 0) break
  }
  return hi
}

/** a as the sum of two doubles of 26 digits. */
function split(a: number): [high: number, low: number] {
  const c = splitter * a
  const high = c - (c - a)
  return [high, a - high]
}
