/**
 * Probabilities put right: maps from what a classifier gives to how often it is so, fitted on predictions for rows that the
 * classifier was not fitted on. Of two classes one map, of the second; of more one for each class against the rest, made to sum to 1.
 *
 *   sigmoid   q = σ(a f + b), f = log p/(1 − p), by Platt's method (platt.ts)
 *   isotonic  the rising steps nearest to what happened (pool adjacent violators), straight lines between them. Zadrozny, Elkan,
 *             Transforming classifier scores into accurate multiclass probability estimates, KDD (2002)
 */
import { fitSigmoid } from './platt.js'
import { broken, finite, list, numbers, object, oneOf } from './state-check.js'
import type { Hyperparameter } from './types.js'

export const calibrationHyperparameter: Hyperparameter = {
  name: 'calibration',
  description:
    'whether probabilities are put right by how often they come true, found by a cross-validation of five folds inside the training rows, of whole groups or in order of time where validation is (six fits in place of one): none, sigmoid (two numbers), or isotonic (steps; for a thousand rows and more)',
  type: 'categorical',
  default: 'none',
  values: ['none', 'sigmoid', 'isotonic'],
}

/** Plain JSON. `p` rises, `q` does not fall. */
type ProbabilityMap =
  | { readonly a: number; readonly b: number }
  | { readonly p: number[]; readonly q: number[] }

export interface Calibration {
  readonly kind: 'sigmoid' | 'isotonic'
  readonly maps: readonly ProbabilityMap[]
}

/**
 * `probabilities`: rows × classes, NaN where whoever predicted the row knew nothing of the class; `codes`: the true class of each row.
 * A class without any such row of its own, or of the others, has nothing to be put right by: its probabilities stay as they are.
 */
export function fitCalibration(
  kind: Calibration['kind'],
  probabilities: Float64Array,
  codes: Int32Array,
  classes: number,
): Calibration {
  const fit = kind === 'sigmoid' ? fitMap : fitIsotonic
  const ofClasses = classes === 2 ? [1] : Array.from({ length: classes }, (_, c) => c)
  return {
    kind,
    maps: ofClasses.map((c) => {
      const known = codes.map((_, i) => i).filter((i) => !Number.isNaN(probabilities[i * classes + c]))
      const is = Uint8Array.from(known, (i) => Number(codes[i] === c))
      if (!is.includes(0) || !is.includes(1)) return unchanged[kind]
      return fit(
        Float64Array.from(known, (i) => probabilities[i * classes + c]),
        is,
      )
    }),
  }
}

const unchanged: Readonly<Record<Calibration['kind'], ProbabilityMap>> = {
  sigmoid: { a: 1, b: 0 },
  isotonic: { p: [0, 1], q: [0, 1] },
}

/** Which of the classes keep their probabilities, right after the fit: of two both or none. */
export function unchangedClasses<T>({ kind, maps }: Calibration, classes: readonly T[]): T[] {
  return classes.filter((_, c) => (maps.length === 1 ? maps[0] : maps[c]) === unchanged[kind])
}

export function calibrated(
  { maps }: Calibration,
  probabilities: Float64Array,
  classes: number,
): Float64Array {
  const out = new Float64Array(probabilities.length)
  for (let row = 0; row < out.length; row += classes) {
    if (classes === 2) {
      out[row + 1] = mapped(maps[0], probabilities[row + 1])
      out[row] = 1 - out[row + 1]
      continue
    }
    let sum = 0
    for (let c = 0; c < classes; c++) {
      out[row + c] = mapped(maps[c], probabilities[row + c])
      sum += out[row + c]
    }
    for (let c = 0; c < classes; c++) out[row + c] = sum > 0 ? out[row + c] / sum : 1 / classes
  }
  return out
}

/** What stands in a model file, if it is a calibration of so many classes. Throws MODEL_INVALID. */
export function checkCalibration(found: unknown, where: string, classes: number): Calibration {
  const { kind: foundKind, maps } = object(found, where)
  const kind = oneOf(foundKind, `${where}.kind`, ['sigmoid', 'isotonic'])
  return {
    kind,
    maps: list(maps, `${where}.maps`, classes === 2 ? 1 : classes).map((one, i): ProbabilityMap => {
      const at = `${where}.maps[${i}]`
      const map = object(one, at)
      if (kind === 'sigmoid') return { a: finite(map.a, `${at}.a`), b: finite(map.b, `${at}.b`) }
      const p = Array.from(numbers(map.p, `${at}.p`, null))
      const q = Array.from(numbers(map.q, `${at}.q`, p.length))
      if (p.length === 0 || p.some((value, k) => k > 0 && value <= p[k - 1]))
        broken(`${at}.p`, 'rising numbers')
      if (q.some((value, k) => !(value >= 0 && value <= 1) || (k > 0 && value < q[k - 1])))
        broken(`${at}.q`, 'shares that do not fall')
      return { p, q }
    }),
  }
}

function mapped(map: ProbabilityMap, p: number): number {
  if ('a' in map) return sigmoid(map.a * logOdds(p) + map.b)
  const last = map.p.length - 1
  if (p <= map.p[0]) return map.q[0]
  if (p >= map.p[last]) return map.q[last]
  let low = 0
  let high = last
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (map.p[middle] <= p) low = middle
    else high = middle
  }
  const share = (p - map.p[low]) / (map.p[high] - map.p[low])
  return map.q[low] + share * (map.q[high] - map.q[low])
}

const nearest = 1e-12

function logOdds(p: number): number {
  const inside = Math.min(Math.max(p, nearest), 1 - nearest)
  return Math.log(inside / (1 - inside))
}

function sigmoid(z: number): number {
  if (z >= 0) return 1 / (1 + Math.exp(-z))
  const e = Math.exp(z)
  return e / (1 + e)
}

/** Platt's sigmoid falls in f. */
function fitMap(p: Float64Array, is: Uint8Array): ProbabilityMap {
  const { a, b } = fitSigmoid(p.map(logOdds), is)
  return { a: -a, b: -b }
}

function fitIsotonic(p: Float64Array, is: Uint8Array): ProbabilityMap {
  const order = Array.from(p.keys()).sort((i, j) => p[i] - p[j] || i - j)
  // Blocks of rows with one value: from where to where, how many, how many of them are of the class.
  const blocks: { from: number; to: number; rows: number; of: number }[] = []
  for (const i of order) {
    const last = blocks[blocks.length - 1]
    if (last !== undefined && last.from === last.to && last.to === p[i]) {
      last.rows++
      last.of += is[i]
    } else blocks.push({ from: p[i], to: p[i], rows: 1, of: is[i] })
  }
  const rising: typeof blocks = []
  for (const block of blocks) {
    let merged = block
    for (;;) {
      const before = rising[rising.length - 1]
      if (before === undefined || before.of * merged.rows < merged.of * before.rows) break
      rising.pop()
      merged = {
        from: before.from,
        to: merged.to,
        rows: before.rows + merged.rows,
        of: before.of + merged.of,
      }
    }
    rising.push(merged)
  }
  const map = { p: [] as number[], q: [] as number[] }
  for (const { from, to, rows, of } of rising) {
    for (const at of from === to ? [from] : [from, to]) {
      map.p.push(at)
      map.q.push(of / rows)
    }
  }
  return map
}
