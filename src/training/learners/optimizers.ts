/**
 * Steps of gradient descent, and how their length changes over the epochs.
 *
 * Notation: θ parameters, g gradient, η learning rate, t the number of the step from 1.
 *
 *   sgd    v ← μ v − η g,  θ ← θ + v                         (momentum μ, Polyak 1964)
 *   adam   m ← β₁ m + (1 − β₁) g,  s ← β₂ s + (1 − β₂) g²,
 *          θ ← θ − η m/(1 − β₁ᵗ) / (√(s/(1 − β₂ᵗ)) + ε)       (Kingma and Ba 2015, algorithm 1)
 *
 * with β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
 */

export interface Optimizer {
  /** One step on θ, in place. */
  step(theta: Float64Array, gradient: Float64Array, rate: number): void
}

export function sgd(size: number, momentum: number): Optimizer {
  const velocity = new Float64Array(size)
  return {
    step(theta, gradient, rate) {
      for (let k = 0; k < size; k++) {
        velocity[k] = momentum * velocity[k] - rate * gradient[k]
        theta[k] += velocity[k]
      }
    },
  }
}

export function adam(size: number): Optimizer {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8]
  const first = new Float64Array(size)
  const second = new Float64Array(size)
  let power1 = 1
  let power2 = 1
  return {
    step(theta, gradient, rate) {
      power1 *= beta1
      power2 *= beta2
      const length = rate / (1 - power1)
      const spread = 1 / (1 - power2)
      for (let k = 0; k < size; k++) {
        const g = gradient[k]
        first[k] = beta1 * first[k] + (1 - beta1) * g
        second[k] = beta2 * second[k] + (1 - beta2) * g * g
        theta[k] -= (length * first[k]) / (Math.sqrt(second[k] * spread) + epsilon)
      }
    },
  }
}

export type Schedule =
  | { readonly kind: 'constant' }
  /** Multiplied by `factor` after every `every` epochs. */
  | { readonly kind: 'step'; readonly every: number; readonly factor: number }
  /** Half a cosine from the full rate to 0 over all epochs (Loshchilov and Hutter 2017, without restarts). */
  | { readonly kind: 'cosine' }

/** The learning rate of an epoch, 0 … epochs − 1. */
export function learningRate(schedule: Schedule, rate: number, epoch: number, epochs: number): number {
  switch (schedule.kind) {
    case 'constant':
      return rate
    case 'step':
      return rate * schedule.factor ** Math.floor(epoch / schedule.every)
    case 'cosine':
      return (rate * (1 + Math.cos((Math.PI * epoch) / epochs))) / 2
  }
}
