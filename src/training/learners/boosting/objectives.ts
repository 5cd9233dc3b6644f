/**
 * What boosting lowers: the loss of scores, with its gradients and hessians for each row, at work in the memory of the loops.
 *
 *   classes, K ≥ 3   softmax cross-entropy           g = p_c − [c = truth]   h = K/(K − 1) p_c (1 − p_c)   a tree a class
 *   two classes      the same with one score         g = p − [truth = 1]     h = p (1 − p)
 *   squaredError     ½ (f − y)²                      g = f − y               h = 1
 *   absoluteError    |f − y|                         g = sign(f − y)         h = 1     leaves: the median of y − f in them
 *   poisson          e^f − y f                       g = e^f − y             h = e^f
 *
 * each times the weight of the row. The factor K/(K − 1) is Friedman's (Annals of Statistics 29, 2001, algorithm 6): the scores of a row
 * move together, and without it probabilities become too sure of themselves. Scores are [output][row] with an even row length.
 */

import type { BoostingLoops } from './loops.js'
import { bitsFor, gradientScale, hessianScale } from './scales.js'

/** Rows with numbers 0 … rows − 1; those that are not trained on have weight 0. */
export interface TrainedRows {
  readonly rows: number
  /** Growing. */
  readonly training: Int32Array
  /** Mean 1 over the rows trained on, 0 for others; null: all are trained on and count the same. */
  readonly weights: Float64Array | null
}

export type NumberLoss = 'squaredError' | 'absoluteError' | 'poisson'

/** What `configure` of the loops wants to know of entries. */
export interface Units {
  readonly countBits: number
  /** Real value of one unit of the sums. */
  readonly g: number
  readonly h: number
}

export interface Objective {
  readonly outputs: number
  /** The score of each output before any tree. */
  readonly start: Float64Array
  /** Where the scores of an output are. */
  scores(output: number): number
  /** To be called when scores have changed: works out what losses and entries are made from. */
  update(): void
  /** Entries of all rows for the trees of one output. */
  pack(output: number, entries: number): Units
  /** Mean loss over rows; weights are indexed by row. */
  loss(rows: Int32Array, weights: Float64Array | null): number
  /** Share of the rows that are right; null for numbers. */
  accuracy(rows: Int32Array, weights: Float64Array | null): number | null
  /** For leaves that are not worked out from sums: the value of one with these rows; null where they are. */
  readonly leafValue: ((output: number, rows: Int32Array) => number) | null
}

const even = (n: number) => n + (n & 1)

/** Room for a number for each row, filled. */
function place(loops: BoostingLoops, values: Float64Array | null, ld: number): number {
  if (values === null) return 0
  const at = loops.reserve(8 * ld)
  const view = loops.f64(at, ld)
  view.fill(0)
  view.set(values)
  return at
}

function sumOf(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}

/** `codes`: 0 … classes − 1; every class has rows that are trained on. */
export function classObjective(
  loops: BoostingLoops,
  codes: Int32Array,
  classes: number,
  { rows, training, weights }: TrainedRows,
): Objective {
  const ld = even(rows)
  const outputs = classes === 2 ? 1 : classes
  const countBits = bitsFor(rows)
  const scores = loops.reserve(8 * ld * outputs)
  const probabilities = loops.reserve(8 * ld * outputs)
  const sums = loops.reserve(8 * ld)
  const highest = loops.reserve(8 * ld)
  const truth = loops.reserve(4 * ld)
  const weightsAt = place(loops, weights, ld)
  loops.i32(truth, ld).fill(-1)
  loops.i32(truth, rows).set(codes)

  const total = weights === null ? rows : sumOf(weights)
  const scaleG = gradientScale(total)
  const scaleH = hessianScale(total / 4, countBits)
  const factor = classes === 2 ? 1 : classes / (classes - 1)
  const shares = new Float64Array(classes)
  for (const row of training) shares[codes[row]] += (weights === null ? 1 : weights[row]) / total
  const logs = shares.map((share) => Math.log(Math.max(share, 1e-15)))
  const start = classes === 2 ? Float64Array.of(logs[1] - logs[0]) : logs
  for (let c = 0; c < outputs; c++) loops.f64(scores + 8 * ld * c, ld).fill(start[c])

  /** The loss of a row is log of its sum, plus this. */
  const rest = (z: Float64Array, top: Float64Array, row: number): number => {
    if (outputs > 1) return top[row] - z[ld * codes[row] + row]
    // With one score: max(z, 0) − [truth = 1] z.
    return codes[row] === 1 ? Math.max(-z[row], 0) : Math.max(z[row], 0)
  }

  return {
    outputs,
    start,
    scores: (output) => scores + 8 * ld * output,
    update() {
      if (outputs === 1) loops.sigmoid(scores, rows, probabilities, sums)
      else loops.softmax(scores, ld, rows, outputs, probabilities, sums, highest)
    },
    pack(output, entries) {
      const code = outputs === 1 ? 1 : output
      loops.packClass(
        probabilities + 8 * ld * output,
        truth,
        code,
        weightsAt,
        rows,
        scaleG,
        scaleH,
        countBits,
        entries,
      )
      return { countBits, g: 1 / scaleG, h: factor / scaleH }
    },
    loss(asked, weighing) {
      if (weighing === null) {
        const mark = loops.mark()
        const list = loops.reserve(4 * asked.length)
        loops.i32(list, asked.length).set(asked)
        const rests = loops.crossEntropy(scores, ld, outputs, truth, sums, highest, list, asked.length)
        loops.release(mark)
        return (rests + Math.log(loops.lossFactor()) + 500 * Math.LN2 * loops.lossFactors()) / asked.length
      }
      const z = loops.f64(scores, ld * outputs)
      const sum = loops.f64(sums, ld)
      const top = loops.f64(highest, ld)
      let loss = 0
      let counted = 0
      for (const row of asked) {
        loss += weighing[row] * (Math.log(sum[row]) + rest(z, top, row))
        counted += weighing[row]
      }
      return loss / counted
    },
    accuracy(asked, weighing) {
      const z = loops.f64(scores, ld * outputs)
      let right = 0
      let counted = 0
      for (const row of asked) {
        let winner = outputs === 1 && z[row] > 0 ? 1 : 0
        for (let c = 1; c < outputs; c++) if (z[ld * c + row] > z[ld * winner + row]) winner = c
        const weight = weighing === null ? 1 : weighing[row]
        counted += weight
        if (winner === codes[row]) right += weight
      }
      return right / counted
    },
    leafValue: null,
  }
}

const lossPlaces: Readonly<Record<NumberLoss, number>> = { squaredError: 0, absoluteError: 1, poisson: 2 }

/** `y`: on a scale on which a score of 0 is a good start for squared error and Poisson. */
export function numberObjective(
  loops: BoostingLoops,
  loss: NumberLoss,
  y: Float64Array,
  { rows, training, weights }: TrainedRows,
): Objective {
  const ld = even(rows)
  const countBits = bitsFor(rows)
  const scores = loops.reserve(8 * ld)
  const truth = place(loops, y, ld)
  const weightsAt = place(loops, weights, ld)
  const g = loops.reserve(8 * ld)
  const h = loops.reserve(8 * ld)
  const start = new Float64Array(1)
  if (loss === 'absoluteError') start[0] = weightedMedian(training, y, weights)
  loops.f64(scores, ld).fill(start[0])

  const lossOf = (f: number, i: number): number => {
    const residual = f - y[i]
    if (loss === 'squaredError') return residual * residual
    return loss === 'absoluteError' ? Math.abs(residual) : Math.exp(f) - y[i] * f
  }

  return {
    outputs: 1,
    start,
    scores: () => scores,
    update() {
      loops.numberGradients(lossPlaces[loss], scores, truth, weightsAt, rows, g, h)
    },
    pack(_, entries) {
      const scaleG = gradientScale(loops.absoluteSum(g, rows))
      const scaleH = hessianScale(loops.absoluteSum(h, rows), countBits)
      loops.packNumbers(g, h, rows, scaleG, scaleH, countBits, entries)
      return { countBits, g: 1 / scaleG, h: 1 / scaleH }
    },
    loss(asked, weighing) {
      const f = loops.f64(scores, ld)
      let sum = 0
      let counted = 0
      if (weighing === null && loss === 'squaredError') {
        for (let i = 0; i < asked.length; i++) {
          const residual = f[asked[i]] - y[asked[i]]
          sum += residual * residual
        }
        return sum / asked.length
      }
      for (const row of asked) {
        const weight = weighing === null ? 1 : weighing[row]
        sum += weight * lossOf(f[row], row)
        counted += weight
      }
      return sum / counted
    },
    accuracy: () => null,
    leafValue:
      loss === 'absoluteError'
        ? (_, asked) => {
            const f = loops.f64(scores, ld)
            const residuals = new Float64Array(asked.length)
            for (let i = 0; i < asked.length; i++) residuals[i] = y[asked[i]] - f[asked[i]]
            const own = weights === null ? null : Float64Array.from(asked, (row) => weights[row])
            return medianOf(residuals, own)
          }
        : null,
  }
}

function weightedMedian(rows: Int32Array, y: Float64Array, weights: Float64Array | null): number {
  const own = weights === null ? null : Float64Array.from(rows, (row) => weights[row])
  return medianOf(
    Float64Array.from(rows, (row) => y[row]),
    own,
  )
}

/** The middle value, of an even number the mean of both; with weights that on which half of the weight lies below and above. */
export function medianOf(values: Float64Array, weights: Float64Array | null): number {
  if (weights === null) {
    const sorted = values.slice().sort()
    const middle = sorted.length >> 1
    return sorted.length % 2 === 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2
  }
  const order = Int32Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b] || a - b)
  const half = sumOf(weights) / 2
  let below = 0
  for (let i = 0; i < order.length; i++) {
    below += weights[order[i]]
    if (below > half) return values[order[i]]
    if (below === half && i + 1 < order.length) return values[order[i]] / 2 + values[order[i + 1]] / 2
  }
  return values[order[order.length - 1]]
}
