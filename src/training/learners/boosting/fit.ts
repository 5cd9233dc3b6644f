/**
 * Histogram gradient boosting: rounds of trees, each grown on the gradients of the loss under the sum of those before it.
 *
 * Sources: Friedman, Annals of Statistics 29 (2001); Chen and Guestrin, XGBoost, KDD 2016; Ke et al., LightGBM, NIPS 2017 (histograms,
 * best leaf first). Missing values learn their side at each split, categories are split as sets (see kernels/boosting.as.ts).
 *
 * The codes of the rows depend on the rows and the number of bins alone, and are shared by the fits on the same rows. What is learned
 * depends on neither: sums are exact, so it is the same for any way to it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { deriveSeed, randomStream } from '../../../numeric/index.js'
import type { Metrics } from '../../../values.js'
import type { Matrix } from '../../matrix.js'
import type { LearnerContext } from '../../pipeline.js'
import type { Held } from '../../preparation.js'
import { type Bins, bytesOfBins, bytesOfCodes, encodeInto, findBins, placeRecords } from './bins.js'
import { type Forest, ForestMaker } from './forest.js'
import { Grower, type GrowSettings } from './grow.js'
import { type BoostingLoops, openLoops } from './loops.js'
import type { Objective, TrainedRows } from './objectives.js'

export interface BoostingSettings extends GrowSettings {
  readonly rounds: number
  readonly learningRate: number
  /** Of the rows, for the trees of each round. */
  readonly rowSample: number
  /** Of the columns, for each tree. */
  readonly columnSample: number
  readonly mostBins: number
  /** Rows that are set aside, in growing order, and after how many rounds without a lower loss on them to stop; null: none. */
  readonly stopping: { readonly validation: Int32Array; readonly rounds: number } | null
}

/** Memory with the codes of the training rows in it, and room for one fit behind them. */
interface Arena extends Held {
  readonly loops: BoostingLoops
  readonly records: number
  readonly codes: number
}

/** The bins of the training rows, shared. */
export function sharedBins(shared: LearnerContext['shared'], x: Matrix, most: number): Bins {
  return shared.get(`boosting: ${most} bins`, () => findBins(x, most), bytesOfBins)
}

/** `bins`: of `sharedBins`. `weights`: of all rows, those set aside too. `makeObjective`: with its arrays in the memory of these loops. */
export async function fitBoosting(
  x: Matrix,
  bins: Bins,
  settings: BoostingSettings,
  weights: Float64Array | null,
  makeObjective: (loops: BoostingLoops) => Objective,
  rows: TrainedRows,
  context: LearnerContext,
): Promise<Forest> {
  const makeArena = (): Arena => {
    const loops = openLoops()
    const records = placeRecords(loops, bins)
    const codes = loops.reserve(bytesOfCodes(bins, x.rows))
    encodeInto(loops, bins, records, x, codes)
    return { loops, records, codes, close: () => loops.close() }
  }
  return context.shared.hold(
    `boosting: codes of ${settings.mostBins} bins`,
    makeArena,
    ({ loops }) => loops.bytes,
    async (arena) => {
      const mark = arena.loops.mark()
      const forest = await boost(x, bins, arena, settings, weights, makeObjective, rows, context)
      arena.loops.release(mark)
      return forest
    },
  )
}

/** Milliseconds between two turns of the event loop, in which an abort from outside can arrive. */
const turnEvery = 20

async function boost(
  x: Matrix,
  bins: Bins,
  { loops, records, codes }: Arena,
  settings: BoostingSettings,
  weights: Float64Array | null,
  makeObjective: (loops: BoostingLoops) => Objective,
  { rows, training }: TrainedRows,
  context: LearnerContext,
): Promise<Forest> {
  const objective = makeObjective(loops)
  const entries = loops.reserve(16 * rows)
  const rowsAt = loops.reserve(4 * rows)
  const othersAt = loops.reserve(4 * rows)
  const grower = new Grower(loops, bins, records, codes, rows, training.length, settings)
  const maker = new ForestMaker(bins)
  const width = bins.columns.length
  const sampled = Math.max(1, Math.round(settings.rowSample * training.length))
  const chosen = Math.min(width, Math.max(1, Math.round(settings.columnSample * width)))
  let lastTurn = performance.now()
  let best = { loss: Infinity, round: 0 }
  let done = 0

  objective.update()
  for (let round = 1; round <= settings.rounds; round++) {
    const [grown, others] = drawRows(training, rows, sampled, context.seed, round)
    if (others.length > 0) loops.i32(othersAt, others.length).set(others)
    for (let output = 0; output < objective.outputs; output++) {
      const units = objective.pack(output, entries)
      loops.i32(rowsAt, grown.length).set(grown)
      const leafValue = objective.leafValue
      const tree = grower.grow(
        entries,
        units,
        rowsAt,
        grown.length,
        drawColumns(width, chosen, context.seed, round, output),
        leafValue === null ? null : (own) => leafValue(output, own),
        settings.learningRate,
        objective.scores(output),
      )
      if (others.length > 0) grower.apply(tree, othersAt, others.length, objective.scores(output))
      maker.add(tree)
      if (performance.now() - lastTurn > turnEvery) {
        await nextTurn()
        context.signal.throwIfAborted()
        lastTurn = performance.now()
      }
    }
    done = round
    objective.update()
    const validation = settings.stopping?.validation ?? null
    const metrics: Metrics = {
      loss: objective.loss(training, weights),
      ...(validation !== null && asValidation(objective, validation, weights)),
    }
    if ((await context.report(round, metrics)) === 'prune') break
    context.signal.throwIfAborted()
    if (settings.stopping === null) continue
    if (metrics.validationLoss < best.loss) best = { loss: metrics.validationLoss, round }
    else if (round - best.round >= settings.stopping.rounds) {
      context.log(`stopped after round ${round}: the validation loss was lowest after round ${best.round}`)
      break
    }
  }
  const kept = settings.stopping !== null && best.round > 0 ? best.round : done
  return maker.forest(objective.start, kept * objective.outputs, x.columns)
}

function asValidation(objective: Objective, rows: Int32Array, weights: Float64Array | null): Metrics {
  const accuracy = objective.accuracy(rows, weights)
  return {
    validationLoss: objective.loss(rows, weights),
    ...(accuracy !== null && { validationAccuracy: accuracy }),
  }
}

/** The rows that a round's trees are grown on, and all others; both in growing order. */
function drawRows(
  training: Int32Array,
  rows: number,
  sampled: number,
  seed: number,
  round: number,
): [grown: Int32Array, others: Int32Array] {
  if (sampled === training.length && sampled === rows) return [training, new Int32Array(0)]
  const isGrown = new Uint8Array(rows)
  if (sampled === training.length) for (const row of training) isGrown[row] = 1
  else {
    const next = uniform(deriveSeed(seed, 'rows of a round', round))
    // Each row with the probability that leaves enough: all samples of this size are equally likely.
    let wanted = sampled
    for (let i = 0; i < training.length; i++) {
      if (next() * (training.length - i) >= wanted) continue
      isGrown[training[i]] = 1
      wanted--
    }
  }
  const grown = new Int32Array(sampled)
  const others = new Int32Array(rows - sampled)
  for (let row = 0, g = 0, o = 0; row < rows; row++) {
    if (isGrown[row] === 1) grown[g++] = row
    else others[o++] = row
  }
  return [grown, others]
}

/** Places of columns, in growing order; null for all of them. */
function drawColumns(
  width: number,
  chosen: number,
  seed: number,
  round: number,
  output: number,
): Int32Array | null {
  if (chosen === width) return null
  const places = Int32Array.from({ length: width }, (_, k) => k)
  randomStream(seed, 'columns of a tree', round, output).shuffle(places)
  return places.slice(0, chosen).sort()
}

/** Numbers on [0, 1), 32 bits each: Marsaglia's xorshift128 (Journal of Statistical Software 8, 2003), many to a seed and fast. */
function uniform(seed: number): () => number {
  let a = seed | 0
  let b = 0x9e3779b9 | 0
  let c = 0x243f6a88 | 0
  let d = 0xb7e15162 | 0
  const next = () => {
    let t = a ^ (a << 11)
    a = b
    b = c
    c = d
    t ^= t >>> 8
    d = d ^ (d >>> 19) ^ t
    return (d >>> 0) / 4294967296
  }
  // Seeds that differ little start alike.
  for (let i = 0; i < 16; i++) next()
  return next
}
