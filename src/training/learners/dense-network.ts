/**
 * A dense feed-forward network on flat arrays: forward pass, loss and gradient of a batch.
 *
 * Notation: layers 1 … L of sizes n_1 … n_L after n_0 inputs; a batch of m rows; A_0 the inputs (m × n_0). Layer ℓ has
 * weights W_ℓ (n_(ℓ−1) × n_ℓ, row-major) and biases b_ℓ, which stand one after the other in θ:
 *
 *   θ = [W_1, b_1, W_2, b_2, …]      Z_ℓ = A_(ℓ−1) W_ℓ + b_ℓ      A_ℓ = f(Z_ℓ) ∘ M_ℓ for ℓ < L
 *
 * M_ℓ is the dropout mask: 0 with probability q, else 1/(1 − q) (inverted dropout, Srivastava et al. 2014), all ones
 * outside training. The output Z_L meets one of two losses, each the mean over the rows of the batch, times their
 * weights v where they have any:
 *
 *   classes   cross-entropy of softmax(Z_L)            numbers   half the squared error, n_L = 1
 *
 * and both have the same gradient at the output, v (prediction − truth)/m; back from there by the chain rule
 * (Goodfellow, Bengio and Courville 2016, algorithm 6.4). The penalty l1 |W|₁ + l2/2 |W|², without biases, is added by
 * `addPenalty`.
 */
import type { RandomStream } from '../../numeric/index.js'
import { addProduct, addTransposedProduct, productTransposedInto } from './products.js'
import { crossEntropyInto } from './softmax.js'

export type Activation = 'relu' | 'tanh'

export interface NetworkShape {
  /** n_0 … n_L: at least an input and an output. */
  readonly sizes: readonly number[]
  readonly activation: Activation
}

/**
 * Codes or numbers of all rows; a batch is `rows` of them from `offset`. `weights`: how much each row counts; none or null
 * means 1 each.
 */
export type Truth = { readonly weights?: Float64Array | null } & (
  | { readonly kind: 'classes'; readonly codes: Int32Array }
  | { readonly kind: 'numbers'; readonly values: Float64Array }
)

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

/** Length of θ. */
export function parameterCount(shape: NetworkShape): number {
  return layersOf(shape).reduce((sum, { inputs, outputs }) => sum + (inputs + 1) * outputs, 0)
}

/**
 * Random θ: biases 0, weights normal with variance 2/n_(ℓ−1) before a relu (He et al. 2015) and 2/(n_(ℓ−1) + n_ℓ)
 * elsewhere (Glorot and Bengio 2010).
 */
export function initialParameters(shape: NetworkShape, random: RandomStream): Float64Array {
  const theta = new Float64Array(parameterCount(shape))
  const layers = layersOf(shape)
  layers.forEach(({ inputs, outputs, weights, biases }, l) => {
    const rectified = shape.activation === 'relu' && l < layers.length - 1
    const deviation = Math.sqrt(2 / (rectified ? inputs : inputs + outputs))
    for (let k = weights; k < biases; k++) theta[k] = deviation * random.normal()
  })
  return theta
}

/** A network with room for batches of up to `capacity` rows. θ is the caller's, and given anew each time. */
export class DenseNetwork {
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
