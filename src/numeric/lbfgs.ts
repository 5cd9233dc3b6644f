/**
 * L-BFGS within bounds, by projection: for smooth functions of tens of variables whose gradient is known.
 *
 * Notation: x = point (length n), f = value, g = gradient, s = step, y = change of the gradient, ρ = 1/(yᵀs),
 * m = number of pairs (s, y) kept. A variable is held where it lies on a bound and −g points outside; the
 * two-loop recursion runs on the others, the step is projected on the box, and halved until f decreases enough.
 *
 * Sources: Nocedal and Wright, Numerical Optimization (2006), algorithm 7.4 (two loops), section 16.7
 * (projection); Bertsekas (1982) for holding variables; Armijo's condition along the projected path.
 *
 * The minimiser is a generator that yields the point to be evaluated, so that several can be advanced in step
 * and their evaluations be worked out together.
 */

export interface Bounds {
  readonly lower: ArrayLike<number>
  readonly upper: ArrayLike<number>
}

export interface LbfgsOptions {
  /** How often f may be evaluated, at least 1. */
  readonly evaluations: number
  /** Stops when no component of the projected gradient is larger. */
  readonly gradientTolerance?: number
  /** Stops when a step lowers f by less than this. */
  readonly valueTolerance?: number
  /** Length (largest component) of the very first step. */
  readonly firstStep?: number
  /** m. */
  readonly memory?: number
}

export interface Evaluation {
  /** Not finite: the point is refused and the step halved. */
  readonly value: number
  /** Length n; read before the next point is yielded. */
  readonly gradient: Float64Array
}

export interface Minimum {
  readonly x: Float64Array
  readonly value: number
  readonly evaluations: number
}

/** Minimises by asking: yields points (valid until the next one), expects their evaluations. */
export function* lbfgs(
  start: ArrayLike<number>,
  { lower, upper }: Bounds,
  options: LbfgsOptions,
): Generator<Float64Array, Minimum, Evaluation> {
  const {
    evaluations,
    gradientTolerance = 1e-5,
    valueTolerance = 1e-9,
    firstStep = 0.1,
    memory = 8,
  } = options
  const n = start.length
  const x = new Float64Array(n)
  for (let i = 0; i < n; i++) x[i] = Math.min(upper[i], Math.max(lower[i], start[i]))
  const trial = Float64Array.from(x)
  const g = new Float64Array(n)
  const direction = new Float64Array(n)
  const held = new Uint8Array(n)
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = []

  const first = yield trial
  let used = 1
  let f = first.value
  if (!Number.isFinite(f)) return { x, value: f, evaluations: used }
  g.set(first.gradient)

  while (used < evaluations) {
    let largest = 0
    let some = 0
    for (let i = 0; i < n; i++) {
      held[i] = (x[i] <= lower[i] && g[i] > 0) || (x[i] >= upper[i] && g[i] < 0) ? 1 : 0
      some += held[i]
      if (held[i] === 0) largest = Math.max(largest, Math.abs(g[i]))
    }
    if (!(largest > gradientTolerance)) break

    twoLoops(g, some > 0 ? held : null, pairs, direction)
    const slope = product(direction, g, null)
    if (!(slope < 0)) {
      pairs.length = 0
      for (let i = 0; i < n; i++) direction[i] = held[i] ? 0 : -g[i]
    }
    let step = pairs.length > 0 ? 1 : firstStep / largest
    let accepted = false
    while (used < evaluations) {
      let expected = 0
      let moved = 0
      for (let i = 0; i < n; i++) {
        trial[i] = Math.min(upper[i], Math.max(lower[i], x[i] + step * direction[i]))
        expected += g[i] * (trial[i] - x[i])
        moved = Math.max(moved, Math.abs(trial[i] - x[i]))
      }
      if (!(moved > 1e-14)) break
      const { value, gradient } = yield trial
      used++
      if (Number.isFinite(value) && value <= f + 1e-4 * expected) {
        remember(pairs, memory, x, trial, g, gradient)
        const gain = f - value
        x.set(trial)
        g.set(gradient)
        f = value
        accepted = gain > valueTolerance
        break
      }
      // Quadratic through f, its slope and the new value, kept within a tenth and a half of the step.
      const curved = Number.isFinite(value) ? -expected / (2 * (value - f - expected)) : 0.1
      step *= Math.min(0.5, Math.max(0.1, Number.isFinite(curved) ? curved : 0.1))
    }
    if (!accepted) break
  }
  return { x, value: f, evaluations: used }
}

/** Minimises `evaluate` from `start` within the bounds; the best point found. */
export function minimize(
  evaluate: (x: Float64Array) => Evaluation,
  start: ArrayLike<number>,
  bounds: Bounds,
  options: LbfgsOptions,
): Minimum {
  const steps = lbfgs(start, bounds, options)
  let state = steps.next()
  while (!state.done) state = steps.next(evaluate(state.value))
  return state.value
}

/** direction = −H g on the variables that are not held (null: none is), H from the pairs (Nocedal and Wright, algorithm 7.4). */
function twoLoops(
  g: Float64Array,
  held: Uint8Array | null,
  pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[],
  direction: Float64Array,
): void {
  const n = g.length
  for (let i = 0; i < n; i++) direction[i] = held !== null && held[i] === 1 ? 0 : -g[i]
  const weights = new Float64Array(pairs.length)
  for (let p = pairs.length - 1; p >= 0; p--) {
    const { s, y, rho } = pairs[p]
    weights[p] = product(s, direction, held) * rho
    add(direction, -weights[p], y, held)
  }
  if (pairs.length > 0) {
    const { s, y } = pairs[pairs.length - 1]
    const scale = product(s, y, null) / product(y, y, null)
    for (let i = 0; i < n; i++) direction[i] *= scale
  }
  for (let p = 0; p < pairs.length; p++) {
    const { s, y, rho } = pairs[p]
    add(direction, weights[p] - rho * product(y, direction, held), s, held)
  }
}

/** Σ a_i b_i, of the variables that are not held. */
function product(a: Float64Array, b: Float64Array, held: Uint8Array | null): number {
  let sum = 0
  if (held === null) for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  else for (let i = 0; i < a.length; i++) if (held[i] === 0) sum += a[i] * b[i]
  return sum
}

/** to += factor · values, on the variables that are not held. */
function add(to: Float64Array, factor: number, values: Float64Array, held: Uint8Array | null): void {
  if (held === null) for (let i = 0; i < to.length; i++) to[i] += factor * values[i]
  else for (let i = 0; i < to.length; i++) if (held[i] === 0) to[i] += factor * values[i]
}

/** Keeps (s, y) where the curvature along s is positive. */
function remember(
  pairs: { s: Float64Array; y: Float64Array; rho: number }[],
  memory: number,
  x: Float64Array,
  next: Float64Array,
  g: Float64Array,
  gradient: Float64Array,
): void {
  const n = x.length
  const s = new Float64Array(n)
  const y = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    s[i] = next[i] - x[i]
    y[i] = gradient[i] - g[i]
  }
  const sy = product(s, y, null)
  const yy = product(y, y, null)
  if (!(sy > 1e-12 * yy)) return
  pairs.push({ s, y, rho: 1 / sy })
  if (pairs.length > memory) pairs.shift()
}
