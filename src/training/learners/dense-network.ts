/**
 * A dense feed-forward network on flat arrays: forward pass, loss and gradient of a batch, and steps of an optimizer. The arrays
 * lie in the memory of the WebAssembly loops (kernels/network.as.ts); what takes exponentials and logarithms is done here.
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
import { type LinearMemory, openWasm, type RandomStream } from '../../numeric/index.js'
import type { Optimizer, OptimizerLoops } from './optimizers.js'
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

/** Pointers are byte offsets. */
interface Loops extends OptimizerLoops {
  weigh(
    a: number,
    weights: number,
    biases: number,
    z: number,
    rows: number,
    inputs: number,
    width: number,
  ): void
  rectify(z: number, size: number): void
  probabilities(z: number, rows: number, classes: number): void
  winners(values: number, rows: number, classes: number, codes: number): void
  multiply(z: number, mask: number, size: number): void
  divide(from: number, to: number, size: number, divisor: number): void
  gradients(
    a: number,
    delta: number,
    ofWeights: number,
    ofBiases: number,
    inputs: number,
    rows: number,
    width: number,
  ): void
  passBack(delta: number, weights: number, to: number, rows: number, width: number, inputs: number): void
  differentiateRelu(delta: number, a: number, size: number, mask: number): void
  differentiateTanh(delta: number, a: number, size: number, mask: number): void
  penalise(weights: number, gradient: number, size: number, l1: number, l2: number): void
}

/** An array in the loops' memory, and where it begins. */
interface Room {
  readonly at: number
  readonly values: Float64Array
}

/** What a network has that learns; one that only answers has none of it. */
export interface NetworkLearning {
  readonly optimizer: (loops: OptimizerLoops & LinearMemory, size: number) => Optimizer
  readonly dropout: boolean
}

/** A network with room for batches of up to `capacity` rows, and with its θ. */
export class DenseNetwork {
  readonly #loops: Loops
  readonly #layers: Layer[]
  readonly #activation: Activation
  readonly #theta: Room
  readonly #gradient: Room
  readonly #optimizer: Optimizer | null
  /** A_0 … A_(L−1) and Z_L, each capacity × n_ℓ. */
  readonly #outputs: Room[]
  /** Gradients at Z_1 … Z_L. */
  readonly #deltas: Room[]
  /** M_1 … M_(L−1). */
  readonly #masks: Room[]
  readonly #codes: Int32Array

  constructor(shape: NetworkShape, capacity: number, learning: NetworkLearning | null = null) {
    const loops = openWasm<Loops>('#training-kernels/network')
    this.#loops = loops
    this.#layers = layersOf(shape)
    this.#activation = shape.activation
    const size = parameterCount(shape)
    const perLayer = (sizes: readonly number[]) => sizes.map((one) => capacity * one)
    const lengths = [
      [size],
      perLayer(shape.sizes),
      learning === null ? [0] : [size],
      learning === null ? [] : perLayer(shape.sizes.slice(1)),
      learning?.dropout ? perLayer(shape.sizes.slice(1, -1)) : [],
    ]
    // All is laid out before there are views: those do not outlive a growing memory.
    const starts = lengths.map((group) => group.map((length) => loops.reserve(8 * length)))
    const codes = loops.reserve(4 * capacity)
    this.#optimizer = learning?.optimizer(loops, size) ?? null
    const rooms = lengths.map((group, g) =>
      group.map((length, i): Room => ({ at: starts[g][i], values: loops.f64(starts[g][i], length) })),
    )
    this.#theta = rooms[0][0]
    this.#outputs = rooms[1]
    this.#gradient = rooms[2][0]
    this.#deltas = rooms[3]
    this.#masks = rooms[4]
    this.#codes = loops.i32(codes, capacity)
  }

  /** θ, to be read and set. */
  get theta(): Float64Array {
    return this.#theta.values
  }

  /** Of a network that learns: what `backward` and `addPenalty` find. */
  get gradient(): Float64Array {
    return this.#gradient.values
  }

  /** Where the rows of a batch are put before `forward`: m × n_0. */
  get input(): Float64Array {
    return this.#outputs[0].values
  }

  /** Computes Z_L of the first `rows` rows of the input; valid until the next call. `masked`: with the masks drawn last. */
  forward(rows: number, masked = false): Float64Array {
    const last = this.#layers.length - 1
    this.#layers.forEach(({ inputs, outputs: width, weights, biases }, l) => {
      const theta = this.#theta.at
      const z = this.#outputs[l + 1]
      this.#loops.weigh(
        this.#outputs[l].at,
        theta + 8 * weights,
        theta + 8 * biases,
        z.at,
        rows,
        inputs,
        width,
      )
      if (l === last) return
      const size = rows * width
      if (this.#activation === 'relu') this.#loops.rectify(z.at, size)
      else for (let k = 0; k < size; k++) z.values[k] = Math.tanh(z.values[k])
      if (masked) this.#loops.multiply(z.at, this.#masks[l].at, size)
    })
    return this.#outputs[last + 1].values
  }

  /** The most probable class of each of the first `rows` rows, and its probabilities in place of Z_L; after `forward`, valid as long. */
  classify(rows: number): { readonly codes: Int32Array; readonly probabilities: Float64Array } {
    const classes = this.#layers[this.#layers.length - 1].outputs
    const { at, values } = this.#outputs[this.#layers.length]
    this.#loops.probabilities(at, rows, classes)
    this.#loops.winners(at, rows, classes, this.#codes.byteOffset)
    return { codes: this.#codes.subarray(0, rows), probabilities: values.subarray(0, rows * classes) }
  }

  /** Draws the masks of a batch for dropout with probability q, and gives them; the same stream gives the same masks. */
  drawMasks(rows: number, q: number, random: RandomStream): readonly Float64Array[] {
    this.#masks.forEach(({ values }, l) => {
      const size = rows * this.#layers[l].outputs
      for (let k = 0; k < size; k++) values[k] = random.next() < q ? 0 : 1 / (1 - q)
    })
    return this.#masks.map(({ values }) => values)
  }

  /** Mean of weight times loss over a batch, after `forward`; overwrites Z_L with what its gradient needs. */
  loss(rows: number, truth: Truth, offset: number): number {
    const layers = this.#layers
    const z = this.#outputs[layers.length].values
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

  /** The gradient of the batch's mean loss, after `forward` (masked or not, as here) and `loss`. */
  backward(rows: number, masked = false): void {
    const loops = this.#loops
    const [theta, gradient] = [this.#theta.at, this.#gradient.at]
    const last = this.#layers.length - 1
    loops.divide(this.#outputs[last + 1].at, this.#deltas[last].at, rows * this.#layers[last].outputs, rows)
    for (let l = last; l >= 0; l--) {
      const { inputs, outputs: width, weights, biases } = this.#layers[l]
      const [a, delta] = [this.#outputs[l].at, this.#deltas[l].at]
      loops.gradients(a, delta, gradient + 8 * weights, gradient + 8 * biases, inputs, rows, width)
      if (l === 0) return
      const before = this.#deltas[l - 1].at
      loops.passBack(delta, theta + 8 * weights, before, rows, width, inputs)
      const mask = masked ? this.#masks[l - 1].at : 0
      if (this.#activation === 'relu') loops.differentiateRelu(before, a, rows * inputs, mask)
      else loops.differentiateTanh(before, a, rows * inputs, mask)
    }
  }

  /** Adds the gradient of l1 |W|₁ + l2/2 |W|² (0 where a weight is 0). */
  addPenalty(l1: number, l2: number): void {
    if (l1 === 0 && l2 === 0) return
    const [theta, gradient] = [this.#theta.at, this.#gradient.at]
    for (const { weights, biases } of this.#layers)
      this.#loops.penalise(theta + 8 * weights, gradient + 8 * weights, biases - weights, l1, l2)
  }

  /** A step of the optimizer along the gradient. */
  descend(rate: number): void {
    this.#optimizer?.step(this.#theta.at, this.#gradient.at, rate)
  }
}
