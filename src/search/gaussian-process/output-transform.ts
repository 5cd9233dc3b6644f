/**
 * Output transformation: losses → numbers with mean 0, deviation 1 and as little skew as a power can give them.
 *
 * 1. Outliers: above c = Q3 + 1.5 IQR a loss y becomes c + IQR ln(1 + (y − c)/IQR), so that a few diverged trials do
 *    not flatten the rest. 2. Standardise: z. 3. Yeo–Johnson with the λ in [−2, 4] of greatest likelihood. 4. Standardise.
 *
 * Every step is increasing, so order is kept and the whole can be turned back. Source: Yeo and Johnson, "A new family
 * of power transformations to improve normality or symmetry", Biometrika 87 (2000).
 */

export interface OutputTransform {
  /** λ of Yeo and Johnson: 1 leaves the shape as it is. */
  readonly lambda: number
  /** The transformed losses of those the transform was made from. */
  readonly values: Float64Array
  /** A loss → the model's scale. */
  forward(loss: number): number
  /** The model's scale → a loss; not further beyond the losses it was made from than their range. */
  backward(value: number): number
  /** Derivative of `forward` at a loss. */
  slope(loss: number): number
}

/** Of a single value, on the model's scale: beyond it an observation says nothing, and no number is too large. */
export const mostNoise = 1e6

/** Losses larger than this are looked at in units of `unit`, so that no difference of two is too large for a number. */
const largest = { loss: Number.MAX_VALUE / 64, unit: 128 }

/** From finite losses; null where they are all equal. O(n log n). */
export function fitOutputTransform(losses: ArrayLike<number>): OutputTransform | null {
  const n = losses.length
  for (let i = 0; i < n; i++) if (Math.abs(losses[i]) > largest.loss) return inUnits(losses, largest.unit)
  const sorted = Float64Array.from(losses).sort()
  if (n === 0 || !(sorted[n - 1] > sorted[0])) return null
  const q1 = quantile(sorted, 0.25)
  const q3 = quantile(sorted, 0.75)
  // Losses that are nearly all equal have no quartiles to speak of: then nothing counts as an outlier.
  const iqr = q3 - q1
  const limit = iqr > 0 ? q3 + 1.5 * iqr : Number.POSITIVE_INFINITY
  const clip = (y: number) => (y > limit ? limit + iqr * Math.log1p((y - limit) / iqr) : y)

  const clipped = Float64Array.from(losses, clip)
  const first = standard(clipped)
  if (first === null) return null
  const z = clipped.map((y) => (y - first.mean) / first.deviation)
  const lambda = likeliestLambda(z)
  const powers = z.map((v) => yeoJohnson(v, lambda))
  const second = standard(powers)
  if (second === null) return null

  return {
    lambda,
    values: powers.map((v) => (v - second.mean) / second.deviation),
    forward: (loss) =>
      (yeoJohnson((clip(loss) - first.mean) / first.deviation, lambda) - second.mean) / second.deviation,
    backward(value) {
      const y =
        first.mean + first.deviation * inverseYeoJohnson(second.mean + second.deviation * value, lambda)
      const loss = y > limit ? limit + iqr * Math.expm1((y - limit) / iqr) : y
      const range = Math.min(Number.MAX_VALUE / 4, sorted[n - 1] - sorted[0])
      return Math.min(sorted[n - 1] + range, Math.max(sorted[0] - range, loss))
    },
    slope(loss) {
      const outside = loss > limit ? 1 / (1 + (loss - limit) / iqr) : 1
      const v = (clip(loss) - first.mean) / first.deviation
      const power = Math.exp(v >= 0 ? (lambda - 1) * Math.log1p(v) : (1 - lambda) * Math.log1p(-v))
      return (outside * power) / (first.deviation * second.deviation)
    },
  }
}

/** Losses with mean 0 and deviation 1 and their shape left as it is: λ = 1, and no outliers. null where they are all equal. */
export function linearTransform(losses: ArrayLike<number>): OutputTransform | null {
  const whole = Array.prototype.some.call(losses, (loss) => loss !== losses[0])
    ? standard(Float64Array.from(losses))
    : null
  if (whole === null) return null
  const forward = (loss: number) => (loss - whole.mean) / whole.deviation
  return {
    lambda: 1,
    values: Float64Array.from(losses, forward),
    forward,
    backward: (value) => whole.mean + whole.deviation * value,
    slope: () => 1 / whole.deviation,
  }
}

/** The transform of losses / unit, a power of two, so that nothing is rounded, for the losses themselves. */
function inUnits(losses: ArrayLike<number>, unit: number): OutputTransform | null {
  const transform = fitOutputTransform(Float64Array.from(losses, (loss) => loss / unit))
  if (transform === null) return null
  const within = (loss: number) => Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, loss))
  return {
    ...transform,
    forward: (loss) => transform.forward(loss / unit),
    backward: (value) => within(transform.backward(value) * unit),
    slope: (loss) => transform.slope(loss / unit) / unit,
  }
}

export function yeoJohnson(z: number, lambda: number): number {
  return yeoJohnsonOfLog(z, Math.log1p(Math.abs(z)), lambda)
}

/** The same by ln(1 + |z|), which is the same for every λ. */
function yeoJohnsonOfLog(z: number, log: number, lambda: number): number {
  if (z >= 0) return Math.abs(lambda) < 1e-9 ? log : Math.expm1(lambda * log) / lambda
  const mu = 2 - lambda
  return Math.abs(mu) < 1e-9 ? -log : -Math.expm1(mu * log) / mu
}

/** Values outside the range of the power are taken to its end. */
export function inverseYeoJohnson(t: number, lambda: number): number {
  const limit = 1e6
  if (t >= 0) {
    if (Math.abs(lambda) < 1e-9) return Math.min(limit, Math.expm1(t))
    return lambda * t <= -1 ? limit : Math.min(limit, Math.expm1(Math.log1p(lambda * t) / lambda))
  }
  const mu = 2 - lambda
  if (Math.abs(mu) < 1e-9) return Math.max(-limit, -Math.expm1(-t))
  return -mu * t <= -1 ? -limit : Math.max(-limit, -Math.expm1(Math.log1p(-mu * t) / mu))
}

/** λ that makes the powers of z most like a normal sample: golden section in [−2, 4]. */
function likeliestLambda(z: Float64Array): number {
  const n = z.length
  const logs = z.map((v) => Math.log1p(Math.abs(v)))
  let signed = 0
  for (let i = 0; i < n; i++) signed += Math.sign(z[i]) * logs[i]
  const powers = new Float64Array(n)
  const likelihood = (lambda: number): number => {
    let sum = 0
    for (let i = 0; i < n; i++) {
      powers[i] = yeoJohnsonOfLog(z[i], logs[i], lambda)
      sum += powers[i]
    }
    const mean = sum / n
    let squares = 0
    for (let i = 0; i < n; i++) squares += (powers[i] - mean) * (powers[i] - mean)
    return -0.5 * n * Math.log(squares / n) + (lambda - 1) * signed
  }
  const ratio = (Math.sqrt(5) - 1) / 2
  let low = -2
  let high = 4
  let left = high - ratio * (high - low)
  let right = low + ratio * (high - low)
  let fLeft = likelihood(left)
  let fRight = likelihood(right)
  while (high - low > 1e-3) {
    if (fLeft > fRight) {
      high = right
      right = left
      fRight = fLeft
      left = high - ratio * (high - low)
      fLeft = likelihood(left)
    } else {
      low = left
      left = right
      fLeft = fRight
      right = low + ratio * (high - low)
      fRight = likelihood(right)
    }
  }
  return (low + high) / 2
}

/** Mean and deviation (of a sample seen as the whole); null where they are not finite or all values are equal. */
function standard(values: Float64Array): { mean: number; deviation: number } | null {
  const n = values.length
  let sum = 0
  for (let i = 0; i < n; i++) sum += values[i] / n
  // In units of the largest difference, whose square could be too large, or too small, for a number.
  let largest = 0
  for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(values[i] - sum))
  let squares = 0
  for (let i = 0; i < n; i++) {
    const difference = (values[i] - sum) / largest
    squares += (difference * difference) / n
  }
  const deviation = largest * Math.sqrt(squares)
  return deviation > 0 && Number.isFinite(deviation) && Number.isFinite(sum) ? { mean: sum, deviation } : null
}

/** By linear interpolation between order statistics (type 7 of Hyndman and Fan). */
function quantile(sorted: Float64Array, p: number): number {
  const position = p * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(sorted.length - 1, below + 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}
