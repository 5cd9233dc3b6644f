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
import { type LinearMemory, wholePower } from '../../numeric/index.js'

/** The steps in WebAssembly (kernels/network.as.ts). Pointers are byte offsets. */
export interface OptimizerLoops {
  stepSgd(
    theta: number,
    gradient: number,
    velocity: number,
    size: number,
    momentum: number,
    rate: number,
  ): void
  stepAdam(
    theta: number,
    gradient: number,
    first: number,
    second: number,
    size: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    length: number,
    spread: number,
  ): void
}

export interface Optimizer {
  /** One step on θ, in place: byte offsets of θ and its gradient in the memory of the loops. */
  step(theta: number, gradient: number, rate: number): void
}

export function sgd(loops: OptimizerLoops & LinearMemory, size: number, momentum: number): Optimizer {
  const velocity = zeros(loops, size)
  return {
    step: (theta, gradient, rate) => loops.stepSgd(theta, gradient, velocity, size, momentum, rate),
  }
}

export function adam(loops: OptimizerLoops & LinearMemory, size: number): Optimizer {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8]
  const [first, second] = [zeros(loops, size), zeros(loops, size)]
  let power1 = 1
  let power2 = 1
  return {
    step(theta, gradient, rate) {
      power1 *= beta1
      power2 *= beta2
      const [length, spread] = [rate / (1 - power1), 1 / (1 - power2)]
      loops.stepAdam(theta, gradient, first, second, size, beta1, beta2, epsilon, length, spread)
    },
  }
}

function zeros(loops: LinearMemory, size: number): number {
  const at = loops.reserve(8 * size)
  loops.f64(at, size).fill(0)
  return at
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
      return rate * wholePower(schedule.factor, Math.floor(epoch / schedule.every))
    case 'cosine':
      return (rate * (1 + Math.cos((Math.PI * epoch) / epochs))) / 2
  }
}
