/**
 * The loops of a dense network and of its optimizers, in AssemblyScript, two doubles at a time; ../learners/dense-network.ts has the
 * notation. Pointers are byte offsets, counts are in doubles, `mask` is 0 where there is none.
 *
 * Lanes are different entries of the output, and the additions of one entry come row after row (products: see products.as.ts): there
 * is no sum whose order depends on the vectors.
 */
import { addProduct, addTransposedProduct, productTransposedInto } from './products.as'

export { probabilities, winners } from './probabilities.as'

// @ts-ignore: decorator
@inline
function bytes(count: i32): usize {
  return (<usize>count) << 3
}

/** Z = A W + b, rows × width. */
export function weigh(a: usize, weights: usize, biases: usize, z: usize, rows: i32, inputs: i32, width: i32): void {
  const row = bytes(width)
  for (let i = 0; i < rows; i++) memory.copy(z + <usize>i * row, biases, row)
  addProduct(a, weights, z, rows, inputs, width)
}

/** z = max(z, 0). */
export function rectify(z: usize, size: i32): void {
  const zero = f64x2.splat(0)
  const end = bytes(size & ~1)
  let o: usize = 0
  for (; o < end; o += 16) v128.store(z + o, f64x2.max(v128.load(z + o), zero))
  if (size & 1) store<f64>(z + o, max(load<f64>(z + o), 0))
}

/** z = z ∘ mask. */
export function multiply(z: usize, mask: usize, size: i32): void {
  const end = bytes(size & ~1)
  let o: usize = 0
  for (; o < end; o += 16) v128.store(z + o, f64x2.mul(v128.load(z + o), v128.load(mask + o)))
  if (size & 1) store<f64>(z + o, load<f64>(z + o) * load<f64>(mask + o))
}

/** to = from / divisor. */
export function divide(from: usize, to: usize, size: i32, divisor: f64): void {
  const by = f64x2.splat(divisor)
  const end = bytes(size & ~1)
  let o: usize = 0
  for (; o < end; o += 16) v128.store(to + o, f64x2.div(v128.load(from + o), by))
  if (size & 1) store<f64>(to + o, load<f64>(from + o) / divisor)
}

/** The gradients of W and b from those at Z. */
export function gradients(
  a: usize, delta: usize, ofWeights: usize, ofBiases: usize, inputs: i32, rows: i32, width: i32,
): void {
  memory.fill(ofWeights, 0, bytes(inputs * width))
  memory.fill(ofBiases, 0, bytes(width))
  addTransposedProduct(a, delta, ofWeights, inputs, rows, width)
  const even = bytes(width & ~1)
  for (let i = 0; i < rows; i++) {
    let o: usize = 0
    for (; o < even; o += 16) {
      v128.store(ofBiases + o, f64x2.add(v128.load(ofBiases + o), v128.load(delta + o)))
    }
    if (width & 1) store<f64>(ofBiases + o, load<f64>(ofBiases + o) + load<f64>(delta + o))
    delta += bytes(width)
  }
}

/** What a layer passes back: the gradient at its input, rows × inputs. */
export function passBack(delta: usize, weights: usize, to: usize, rows: i32, width: i32, inputs: i32): void {
  productTransposedInto(delta, weights, to, rows, width, inputs)
}

/** The gradient at A = max(Z, 0) ∘ M becomes the one at Z. */
export function differentiateRelu(delta: usize, a: usize, size: i32, mask: usize): void {
  const zero = f64x2.splat(0)
  const end = bytes(size & ~1)
  let o: usize = 0
  for (; o < end; o += 16) {
    let d = v128.load(delta + o)
    if (mask != 0) d = f64x2.mul(d, v128.load(mask + o))
    v128.store(delta + o, v128.andnot(d, f64x2.le(v128.load(a + o), zero)))
  }
  if (size & 1) {
    let d = load<f64>(delta + o)
    if (mask != 0) d *= load<f64>(mask + o)
    store<f64>(delta + o, load<f64>(a + o) <= 0 ? 0 : d)
  }
}

/** The gradient at A = tanh(Z) ∘ M becomes the one at Z: M (1 − tanh² Z), 0 where M is. */
export function differentiateTanh(delta: usize, a: usize, size: i32, mask: usize): void {
  for (let k = 0; k < size; k++) {
    const o = bytes(k)
    const value = load<f64>(a + o)
    const d = load<f64>(delta + o)
    if (mask == 0) {
      store<f64>(delta + o, d * (1 - value * value))
      continue
    }
    const m = load<f64>(mask + o)
    const f = value / m
    store<f64>(delta + o, m == 0 ? 0 : d * (m * (1 - f * f)))
  }
}

/** Adds the gradient of l1 |w|₁ + l2/2 |w|² (0 where w is 0). */
export function penalise(weights: usize, gradient: usize, size: i32, l1: f64, l2: f64): void {
  for (let o: usize = 0, end = bytes(size); o < end; o += 8) {
    const w = load<f64>(weights + o)
    const sign = w > 0 ? 1 : w < 0 ? -1 : w
    store<f64>(gradient + o, load<f64>(gradient + o) + (l1 * sign + l2 * w))
  }
}

/** v ← μ v − η g, θ ← θ + v. */
export function stepSgd(theta: usize, gradient: usize, velocity: usize, size: i32, momentum: f64, rate: f64): void {
  const mu = f64x2.splat(momentum)
  const eta = f64x2.splat(rate)
  const end = bytes(size & ~1)
  let o: usize = 0
  for (; o < end; o += 16) {
    const v = f64x2.sub(f64x2.mul(mu, v128.load(velocity + o)), f64x2.mul(eta, v128.load(gradient + o)))
    v128.store(velocity + o, v)
    v128.store(theta + o, f64x2.add(v128.load(theta + o), v))
  }
  if (size & 1) {
    const v = momentum * load<f64>(velocity + o) - rate * load<f64>(gradient + o)
    store<f64>(velocity + o, v)
    store<f64>(theta + o, load<f64>(theta + o) + v)
  }
}

/** One step of Adam: `length` is η/(1 − β₁ᵗ), `spread` 1/(1 − β₂ᵗ). */
export function stepAdam(
  theta: usize, gradient: usize, first: usize, second: usize, size: i32,
  beta1: f64, beta2: f64, epsilon: f64, length: f64, spread: f64,
): void {
  const b1 = f64x2.splat(beta1)
  const b2 = f64x2.splat(beta2)
  const c1 = f64x2.splat(1 - beta1)
  const c2 = f64x2.splat(1 - beta2)
  const e = f64x2.splat(epsilon)
  const l = f64x2.splat(length)
  const s = f64x2.splat(spread)
  const end = bytes(size & ~1)
  let o: usize = 0
  for (; o < end; o += 16) {
    const g = v128.load(gradient + o)
    const m = f64x2.add(f64x2.mul(b1, v128.load(first + o)), f64x2.mul(c1, g))
    const v = f64x2.add(f64x2.mul(b2, v128.load(second + o)), f64x2.mul(f64x2.mul(c2, g), g))
    v128.store(first + o, m)
    v128.store(second + o, v)
    const step = f64x2.div(f64x2.mul(l, m), f64x2.add(f64x2.sqrt(f64x2.mul(v, s)), e))
    v128.store(theta + o, f64x2.sub(v128.load(theta + o), step))
  }
  if (size & 1) {
    const g = load<f64>(gradient + o)
    const m = beta1 * load<f64>(first + o) + (1 - beta1) * g
    const v = beta2 * load<f64>(second + o) + (1 - beta2) * g * g
    store<f64>(first + o, m)
    store<f64>(second + o, v)
    store<f64>(theta + o, load<f64>(theta + o) - (length * m) / (Math.sqrt(v * spread) + epsilon))
  }
}
