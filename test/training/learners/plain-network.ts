/**
 * The loops of a dense network and its optimizers in plain TypeScript, entry by entry: what the WebAssembly ones work out, bit by bit.
 * (They trained all networks before there were others, so models of that time are reproduced as long as the two agree.)
 */
import type { RandomStream } from '../../../src/numeric/index.js'
import type { Activation, NetworkShape, Truth } from '../../../src/training/learners/dense-network.js'
import {
  addProduct,
  addTransposedProduct,
  productTransposedInto,
} from '../../../src/training/learners/products.js'
import { crossEntropyInto } from '../../../src/training/learners/softmax.js'

interface Layer {
  readonly inputs: number
  readonly outputs: number
  /** Where W_ℓ and b_ℓ begin in θ. */
  readonly weights: number
  readonly biases: number
}

function layersOf({ sizes }: NetworkShape): Layer[] {
  const layers: Layer[] = []
  let at = 0
  for (let l = 1; l < sizes.length; l++) {
    const [inputs, outputs] = [sizes[l - 1], sizes[l]]
    layers.push({ inputs, outputs, weights: at, biases: at + inputs * outputs })
    at += (inputs + 1) * outputs
  }
  return layers
}

/** A network with room for batches of up to `capacity` rows. θ is the caller's, and given anew each time. */
export class PlainNetwork {
  readonly #layers: Layer[]
  readonly #activation: Activation
  /** A_0 … A_(L−1) and Z_L, each capacity × n_ℓ. */
  readonly #outputs: Float64Array[]
  /** Gradients at Z_1 … Z_L. */
  readonly #deltas: Float64Array[]
  /** M_1 … M_(L−1), where dropout is used. */
  readonly #masks: Float64Array[] = []

  constructor(shape: NetworkShape, capacity: number) {
    this.#layers = layersOf(shape)
    this.#activation = shape.activation
    this.#outputs = shape.sizes.map((size) => new Float64Array(capacity * size))
    this.#deltas = shape.sizes.slice(1).map((size) => new Float64Array(capacity * size))
  }

  /** Where the rows of a batch are put before `forward`: m × n_0. */
  get input(): Float64Array {
    return this.#outputs[0]
  }

  /** Computes Z_L of the first `rows` rows of the input; valid until the next call. `masks`: this batch's, if any. */
  forward(theta: Float64Array, rows: number, masks: readonly Float64Array[] = []): Float64Array {
    const layers = this.#layers
    const outputs = this.#outputs
    for (let l = 0; l < layers.length; l++) {
      const { inputs, outputs: width, weights, biases } = layers[l]
      const z = outputs[l + 1]
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < width; j++) z[i * width + j] = theta[biases + j]
      }
      addProduct(outputs[l], theta, weights, z, rows, inputs, width)
      if (l < layers.length - 1) activate(z, rows * width, this.#activation, masks[l])
    }
    return outputs[layers.length]
  }

  /** Draws the masks of a batch for dropout with probability q; the same stream gives the same masks. */
  drawMasks(rows: number, q: number, random: RandomStream): readonly Float64Array[] {
    const hidden = this.#layers.length - 1
    for (let l = 0; l < hidden; l++) {
      this.#masks[l] ??= new Float64Array(this.#outputs[l + 1].length)
      const mask = this.#masks[l]
      const size = rows * this.#layers[l].outputs
      for (let k = 0; k < size; k++) mask[k] = random.next() < q ? 0 : 1 / (1 - q)
    }
    return this.#masks
  }

  /** Mean of weight times loss over a batch, after `forward`; overwrites Z_L with what its gradient needs. */
  loss(rows: number, truth: Truth, offset: number): number {
    const layers = this.#layers
    const outputs = this.#outputs
    const z = outputs[layers.length]
    const weights = truth.weights ?? null
    if (truth.kind === 'classes') {
      const classes = layers[layers.length - 1].outputs
      return crossEntropyInto(z, truth.codes, offset, rows, classes, weights) / rows
    }
    let squares = 0
    for (let i = 0; i < rows; i++) {
      const weight = weights === null ? 1 : weights[offset + i]
      const difference = z[i] - truth.values[offset + i]
      squares += weight * (difference * difference)
      z[i] = weight * difference
    }
    return squares / 2 / rows
  }

  /** The gradient of the batch's mean loss into `gradient`, after `forward` (with these masks) and `loss`. */
  backward(
    theta: Float64Array,
    rows: number,
    gradient: Float64Array,
    masks: readonly Float64Array[] = [],
  ): void {
    const layers = this.#layers
    const outputs = this.#outputs
    const deltas = this.#deltas
    const last = layers.length - 1
    const top = deltas[last]
    const size = rows * layers[last].outputs
    for (let k = 0; k < size; k++) top[k] = outputs[last + 1][k] / rows
    gradient.fill(0)
    for (let l = last; l >= 0; l--) {
      const { inputs, outputs: width, weights, biases } = layers[l]
      const delta = deltas[l]
      addTransposedProduct(outputs[l], delta, gradient, weights, inputs, rows, width)
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < width; j++) gradient[biases + j] += delta[i * width + j]
      }
      if (l === 0) return
      productTransposedInto(delta, theta, weights, deltas[l - 1], rows, width, inputs)
      differentiate(deltas[l - 1], outputs[l], rows * inputs, this.#activation, masks[l - 1])
    }
  }
}

/** f(z) ∘ mask, in place. */
function activate(
  z: Float64Array,
  size: number,
  activation: Activation,
  mask: Float64Array | undefined,
): void {
  if (activation === 'relu') for (let k = 0; k < size; k++) z[k] = Math.max(z[k], 0)
  else for (let k = 0; k < size; k++) z[k] = Math.tanh(z[k])
  if (mask !== undefined) for (let k = 0; k < size; k++) z[k] *= mask[k]
}

/** The gradient at A = f(Z) ∘ M becomes the gradient at Z, in place; f′ is found from A. */
function differentiate(
  delta: Float64Array,
  a: Float64Array,
  size: number,
  activation: Activation,
  mask: Float64Array | undefined,
): void {
  if (activation === 'relu') {
    for (let k = 0; k < size; k++) {
      if (a[k] <= 0) delta[k] = 0
      else if (mask !== undefined) delta[k] *= mask[k]
    }
    return
  }
  for (let k = 0; k < size; k++) {
    if (mask === undefined) delta[k] *= 1 - a[k] * a[k]
    else if (mask[k] === 0) delta[k] = 0
    else {
      const f = a[k] / mask[k]
      delta[k] *= mask[k] * (1 - f * f)
    }
  }
}

/** Adds the gradient of l1 |W|₁ + l2/2 |W|² (0 where a weight is 0) and returns the penalty. */
export function addPenalty(
  shape: NetworkShape,
  theta: Float64Array,
  l1: number,
  l2: number,
  gradient: Float64Array,
): number {
  if (l1 === 0 && l2 === 0) return 0
  let penalty = 0
  let at = 0
  for (let l = 1; l < shape.sizes.length; l++) {
    const biases = at + shape.sizes[l - 1] * shape.sizes[l]
    for (let k = at; k < biases; k++) {
      const w = theta[k]
      penalty += l1 * Math.abs(w) + (l2 / 2) * w * w
      gradient[k] += l1 * Math.sign(w) + l2 * w
    }
    at = biases + shape.sizes[l]
  }
  return penalty
}

interface Optimizer {
  /** One step on θ, in place. */
  step(theta: Float64Array, gradient: Float64Array, rate: number): void
}

export function plainSgd(size: number, momentum: number): Optimizer {
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

export function plainAdam(size: number): Optimizer {
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
