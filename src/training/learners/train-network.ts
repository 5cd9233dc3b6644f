/**
 * Mini-batch gradient descent on a dense network: epochs, dropout, early stopping.
 *
 * An epoch visits the training rows once, in an order of its own. With early stopping some rows are set aside; after
 * every epoch the loss on them is computed, and where it has not fallen for `patience` epochs training ends. The
 * parameters of the best epoch are then the result (Prechelt 1998, rule UP's simple form).
 *
 * Rows with weights count by them, scaled to mean 1 over the training rows. A batch's gradient is divided by its rows and
 * not by its weights, so that its expectation is the gradient of the weighted mean over all training rows.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { randomStream } from '../../numeric/index.js'
import type { Metrics } from '../../values.js'
import { FitFailure } from '../failures.js'
import type { Matrix } from '../matrix.js'
import type { TrainingContext } from '../types.js'
import { DenseNetwork, initialParameters, type NetworkShape, type Truth } from './dense-network.js'
import { adam, learningRate, type Schedule, sgd } from './optimizers.js'
import { relativeWeights } from './relative-weights.js'
import { winners } from './softmax.js'

export interface NetworkTraining {
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly schedule: Schedule
  readonly optimizer: { readonly kind: 'sgd'; readonly momentum: number } | { readonly kind: 'adam' }
  readonly l1: number
  readonly l2: number
  /** Probability that a hidden unit is left out, 0 up to below 1. */
  readonly dropout: number
  /** null: none. `validation`: the rows set aside (some, not all). */
  readonly earlyStopping: { readonly patience: number; readonly validation: Int32Array } | null
}

/**
 * Trains from random parameters; resolves with θ. Reports each epoch (from 1): `loss`, the mean over the epoch's
 * batches as they were trained on, without penalties, and with early stopping `validationLoss` and, for classes,
 * `validationAccuracy`. Losses are weighted where rows are; the accuracy counts every row once. Ends early, with the
 * parameters so far, where a report is answered with 'prune'; throws where the signal is aborted or the loss is no longer
 * finite.
 */
export async function trainNetwork(
  shape: NetworkShape,
  x: Matrix,
  given: Truth,
  options: NetworkTraining,
  context: TrainingContext,
): Promise<Float64Array> {
  const validation = options.earlyStopping?.validation ?? null
  const order = trainingRows(x.rows, validation)
  const truth: Truth = { ...given, weights: relativeWeights(given.weights ?? null, order) }
  const batch = Math.min(options.batchSize, order.length)
  const { optimizer } = options
  // One network learns and is judged: it has room for the larger of the two batches.
  const network = new DenseNetwork(shape, Math.max(batch, Math.min(judged, x.rows)), {
    optimizer: (loops, size) =>
      optimizer.kind === 'adam' ? adam(loops, size) : sgd(loops, size, optimizer.momentum),
    dropout: options.dropout > 0,
  })
  network.theta.set(initialParameters(shape, randomStream(context.seed, 'weights')))
  const judge = createJudge(network, shape, x, truth)
  const batchTruth = emptyTruth(truth, batch)

  let best: { theta: Float64Array; loss: number; epoch: number } | null = null
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    const rate = learningRate(options.schedule, options.learningRate, epoch - 1, options.epochs)
    randomStream(context.seed, 'order', epoch).shuffle(order)
    const dropout = options.dropout > 0 ? randomStream(context.seed, 'dropout', epoch) : null
    let sum = 0
    for (let start = 0; start < order.length; start += batch) {
      const rows = Math.min(batch, order.length - start)
      fill(network.input, batchTruth, x, truth, order, start, rows)
      if (dropout !== null) network.drawMasks(rows, options.dropout, dropout)
      network.forward(rows, dropout !== null)
      sum += network.loss(rows, batchTruth, 0) * rows
      network.backward(rows, dropout !== null)
      network.addPenalty(options.l1, options.l2)
      network.descend(rate)
    }
    const loss = sum / order.length
    const found = validation === null ? null : judge(validation)
    if (!Number.isFinite(loss) || (found !== null && !Number.isFinite(found.loss))) throw diverged(epoch)
    // A turn of the event loop, so that an abort from outside can arrive even where nobody listens to reports.
    await nextTurn()
    context.signal.throwIfAborted()
    if ((await context.report(epoch, { loss, ...asValidation(found) })) === 'prune') break
    context.signal.throwIfAborted()
    if (found === null) continue
    if (best === null || found.loss < best.loss) {
      best = { theta: Float64Array.from(network.theta), loss: found.loss, epoch }
    } else if (epoch - best.epoch >= options.earlyStopping!.patience) {
      context.log(`stopped after epoch ${epoch}: the validation loss was lowest after epoch ${best.epoch}`)
      break
    }
  }
  if (best !== null) network.theta.set(best.theta)
  if (!Number.isFinite(judge(order).loss)) throw diverged(options.epochs)
  return Float64Array.from(network.theta)
}

/** A failure of the params, not of this code: its reason is all there is to say. */
function diverged(epoch: number): FitFailure {
  return new FitFailure(
    'METRIC_NOT_FINITE',
    `training diverged by epoch ${epoch}: the loss is not finite any more; try a smaller learningRate`,
  )
}

/** Weighted mean loss, and for classes the share of rows that are right. */
interface Judgement {
  readonly loss: number
  readonly accuracy: number | null
}

function asValidation(found: Judgement | null): Metrics {
  if (found === null) return {}
  const { loss, accuracy } = found
  return accuracy === null ? { validationLoss: loss } : { validationLoss: loss, validationAccuracy: accuracy }
}

/** Rows evaluated at a time where nothing is learned. */
const judged = 256

/** A function that judges a network by some rows. */
function createJudge(
  network: DenseNetwork,
  shape: NetworkShape,
  x: Matrix,
  truth: Truth,
): (rows: Int32Array) => Judgement {
  const capacity = Math.min(judged, x.rows)
  const batchTruth = emptyTruth(truth, capacity)
  const classes = shape.sizes[shape.sizes.length - 1]
  return (order) => {
    let loss = 0
    let counted = 0
    let right = 0
    for (let start = 0; start < order.length; start += capacity) {
      const rows = Math.min(capacity, order.length - start)
      fill(network.input, batchTruth, x, truth, order, start, rows)
      const z = network.forward(rows)
      if (batchTruth.kind === 'classes') {
        const codes = winners(z, rows, classes)
        for (let i = 0; i < rows; i++) if (codes[i] === batchTruth.codes[i]) right++
      }
      loss += network.loss(rows, batchTruth, 0) * rows
      for (let i = 0; i < rows; i++) counted += batchTruth.weights?.[i] ?? 1
    }
    return { loss: loss / counted, accuracy: truth.kind === 'classes' ? right / order.length : null }
  }
}

function trainingRows(rows: number, validation: Int32Array | null): Int32Array {
  const aside = new Set(validation ?? [])
  return Int32Array.from({ length: rows }, (_, row) => row).filter((row) => !aside.has(row))
}

function emptyTruth(like: Truth, rows: number): Truth {
  const weights = like.weights ? new Float64Array(rows) : null
  return like.kind === 'classes'
    ? { kind: 'classes', codes: new Int32Array(rows), weights }
    : { kind: 'numbers', values: new Float64Array(rows), weights }
}

/** Copies rows order[start …] of the matrix, and their truth, to the beginning of `values` and `into`. */
function fill(
  values: Float64Array,
  into: Truth,
  x: Matrix,
  truth: Truth,
  order: Int32Array,
  start: number,
  rows: number,
): void {
  const { columns } = x
  for (let i = 0; i < rows; i++) {
    const from = order[start + i] * columns
    const to = i * columns
    for (let j = 0; j < columns; j++) values[to + j] = x.values[from + j]
    if (truth.weights && into.weights) into.weights[i] = truth.weights[order[start + i]]
    if (truth.kind === 'classes' && into.kind === 'classes') into.codes[i] = truth.codes[order[start + i]]
    else if (truth.kind === 'numbers' && into.kind === 'numbers')
      into.values[i] = truth.values[order[start + i]]
  }
}
