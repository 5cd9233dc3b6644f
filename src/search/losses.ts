/** How losses become values of a Gaussian process, wherever one is made from trials. */
import type { KernelParameters, OutputTransform } from './gaussian-process/index.js'

/** Transformed losses; those of failed trials lie beyond the worst by half the range and one deviation. */
export function impute(transform: OutputTransform, losses: readonly number[]): Float64Array {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of transform.values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const imputed = high + 0.5 * (high - low) + 1
  let k = 0
  return Float64Array.from(losses, (loss) => (Number.isNaN(loss) ? imputed : transform.values[k++]))
}

/** The same parameters with more and more noise: for matrices that are singular but for rounding. */
export function steadier(parameters: KernelParameters): KernelParameters[] {
  return [1e-6, 1e-5, 1e-4, 1e-3].map((jitter) => ({ ...parameters, noise: parameters.noise + jitter }))
}
