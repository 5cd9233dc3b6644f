import { describe, expect, it } from 'vitest'
import { DenseNetwork, type NetworkLearning } from '../../../src/training/learners/dense-network.js'
import { adam, learningRate, sgd } from '../../../src/training/learners/optimizers.js'

/** Parameters, all of them 0, and steps on them. */
function parameters(sizes: [number, number], optimizer: NetworkLearning['optimizer']) {
  const network = new DenseNetwork({ sizes, activation: 'relu' }, 1, { optimizer, dropout: false })
  return {
    theta: network.theta,
    step(gradient: number[], rate: number) {
      network.gradient.set(gradient)
      network.descend(rate)
    },
  }
}

describe('optimizers', () => {
  it('sgd with momentum goes on as the geometric series says', () => {
    const { theta, step } = parameters([1, 1], (loops, size) => sgd(loops, size, 0.5))
    theta.set([1, -2])
    for (let t = 0; t < 4; t++) step([1, -3], 0.1)
    // Steps of a constant gradient: 1, 1.5, 1.75, 1.875 times η g.
    expect(theta[0]).toBeCloseTo(1 - 0.1 * 6.125, 12)
    expect(theta[1]).toBeCloseTo(-2 + 0.3 * 6.125, 12)
  })

  it('adam makes steps of the learning rate on a constant gradient, whatever its size', () => {
    const { theta, step } = parameters([2, 1], adam)
    for (let t = 0; t < 50; t++) step([1e-3, -20, 0], 0.01)
    expect(theta[0]).toBeCloseTo(-0.5, 4)
    expect(theta[1]).toBeCloseTo(0.5, 8)
    expect(theta[2]).toBe(0)
  })

  it('adam follows its recurrence on a gradient that changes', () => {
    // m₁ = 0.1, s₁ = 0.001 → step 1; m₂ = −0.21 and s₂ = 0.009999 → m̂ = −0.21/0.19, ŝ = 0.009999/0.001999.
    const { theta, step } = parameters([1, 1], adam)
    step([1, 0], 1)
    expect(theta[0]).toBeCloseTo(-1, 7)
    step([-3, 0], 1)
    expect(theta[0]).toBeCloseTo(-1 + 0.21 / 0.19 / Math.sqrt(0.009999 / 0.001999), 7)
  })
})

describe('learning rates', () => {
  it('are constant, fall in steps, or along a cosine', () => {
    const rates = (schedule: Parameters<typeof learningRate>[0]) =>
      Array.from({ length: 4 }, (_, epoch) => learningRate(schedule, 8, epoch, 4))
    expect(rates({ kind: 'constant' })).toEqual([8, 8, 8, 8])
    expect(rates({ kind: 'step', every: 2, factor: 0.25 })).toEqual([8, 8, 2, 2])
    const cosine = rates({ kind: 'cosine' })
    expect(cosine[0]).toBe(8)
    expect(cosine[1]).toBeCloseTo(4 + 2 * Math.SQRT2, 12)
    expect(cosine[2]).toBeCloseTo(4, 12)
    expect(cosine[3]).toBeCloseTo(4 - 2 * Math.SQRT2, 12)
  })
})
