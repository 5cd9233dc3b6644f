/**
 * Which trials to average: greedy selection with replacement on their out-of-fold predictions (Caruana, Niculescu-Mizil, Crew and
 * Ksikes 2004, Ensemble selection from libraries of models, ICML).
 *
 * Notation: C candidates, the best first; N entries (a row as often as it was held out); for each candidate a table D (N × width):
 * probabilities of the classes, or 1 for the class it answers where it has none, or numbers. A selection is how often each
 * candidate counts; its table is the mean of theirs. It begins empty and takes, in each of n rounds, the candidate that makes it
 * best (of equally good ones the first); of all rounds the best one stays (of equally good ones the shortest).
 *
 * The value of the selection is worked out on the entries it was chosen by, which flatters it. The estimate beside it judges each
 * fold by a selection made without the rows of that fold.
 */
import { type Direction, isBetter } from '../../values.js'
import type { OutOfFold, Truth } from './bias-types.js'
import type { NamedMetric } from './metrics.js'

export interface EnsembleInput {
  readonly metric: NamedMetric
  readonly direction: Direction
  readonly truth: Truth
  /** The entries of each fold, in their order: all N, each once. */
  readonly folds: readonly Int32Array[]
  /** Entries with the same number are of one row, or of rows that belong together. */
  readonly groups: Int32Array
  /** The best first; all with N predictions. */
  readonly candidates: readonly OutOfFold[]
  /** n. */
  readonly rounds: number
  /** Told between rounds. */
  readonly signal?: AbortSignal
}

export interface EnsembleSelection {
  /** How often each candidate counts. */
  readonly counts: readonly number[]
  /** Of the selection, as a trial's value is worked out. */
  readonly value: number
  /** The same where every fold is judged by a selection made without it; null where a fold leaves no rows to select by. */
  readonly estimate: number | null
  /** The mean of the tables of those it chose: what it answers to the entries. */
  readonly table: Float64Array
}

/** The table of a candidate, as above. */
export function tableOf({ values, probabilities }: OutOfFold, truth: Truth): Float64Array {
  if (truth.kind === 'numbers') return Float64Array.from(values)
  if (probabilities != null) return probabilities
  const table = new Float64Array(values.length * truth.classes)
  values.forEach((code, i) => {
    table[i * truth.classes + code] = 1
  })
  return table
}

/** The class of each row of a table: the first of the most probable ones. */
export function labelsOf(table: Float64Array, width: number): Int32Array {
  const labels = new Int32Array(table.length / width)
  for (let i = 0; i < labels.length; i++) {
    let best = 0
    for (let c = 1; c < width; c++) if (table[i * width + c] > table[i * width + best]) best = c
    labels[i] = best
  }
  return labels
}

/** At least one candidate. */
export async function selectEnsemble(input: EnsembleInput): Promise<EnsembleSelection> {
  const { truth, folds, groups, candidates } = input
  const width = truth.kind === 'classes' ? truth.classes : 1
  const tables = candidates.map((one) => tableOf(one, truth))
  const { counts, value } = await select(input, tables, width, folds)

  const table = new Float64Array(tables[0].length)
  for (const fold of folds) meanInto(table, tables, counts, width, fold)

  const heldOut = new Float64Array(table.length)
  for (const fold of folds) {
    const own = new Set(Array.from(fold, (i) => groups[i]))
    const others = folds
      .map((one) => one.filter((i) => !own.has(groups[i])))
      .filter(({ length }) => length > 0)
    if (others.length === 0) return { counts, value, estimate: null, table }
    const without = await select(input, tables, width, others)
    meanInto(heldOut, tables, without.counts, width, fold)
  }
  const estimate = measure(input, heldOut, width, folds)
  return { counts, value, estimate: Number.isNaN(estimate) ? null : estimate, table }
}

/** The mean of the tables, each as often as it counts, for these entries. */
function meanInto(
  mean: Float64Array,
  tables: readonly Float64Array[],
  counts: readonly number[],
  width: number,
  entries: Int32Array,
): void {
  const total = counts.reduce((sum, count) => sum + count, 0)
  for (const i of entries)
    for (let at = i * width; at < (i + 1) * width; at++) {
      let sum = 0
      counts.forEach((count, k) => {
        sum += count * tables[k][at]
      })
      mean[at] = sum / total
    }
}

async function select(
  input: EnsembleInput,
  tables: readonly Float64Array[],
  width: number,
  folds: readonly Int32Array[],
): Promise<{ counts: number[]; value: number }> {
  const { direction, rounds, signal } = input
  const sum = new Float64Array(tables[0].length)
  const tried = new Float64Array(tables[0].length)
  const counts = tables.map(() => 0)
  let best: { counts: number[]; value: number } | null = null
  for (let round = 1; round <= rounds; round++) {
    let chosen = -1
    let value = Number.NaN
    for (let k = 0; k < tables.length; k++) {
      const table = tables[k]
      for (let j = 0; j < sum.length; j++) tried[j] = (sum[j] + table[j]) / round
      const found = measure(input, tried, width, folds)
      if (Number.isNaN(found) || !(chosen === -1 || isBetter(found, value, direction))) continue
      chosen = k
      value = found
    }
    if (chosen === -1) break
    counts[chosen]++
    const table = tables[chosen]
    for (let j = 0; j < sum.length; j++) sum[j] += table[j]
    if (best === null || isBetter(value, best.value, direction)) best = { counts: [...counts], value }
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
  }
  // A metric that is nowhere defined: the best trial alone.
  return best ?? { counts: counts.map((_, k) => (k === 0 ? 1 : 0)), value: Number.NaN }
}

/** As a trial's value: the mean over its folds, or over all of them together. */
function measure(
  { metric, truth }: EnsembleInput,
  table: Float64Array,
  width: number,
  folds: readonly Int32Array[],
): number {
  const parts = metric.pooled ? [Int32Array.from(folds.flatMap((fold) => [...fold]))] : folds
  let sum = 0
  for (const part of parts) sum += ofPart(metric, truth, table, width, part) / parts.length
  return sum
}

function ofPart(
  metric: NamedMetric,
  truth: Truth,
  table: Float64Array,
  width: number,
  part: Int32Array,
): number {
  const rows = new Float64Array(part.length * width)
  for (let k = 0; k < part.length; k++)
    for (let c = 0; c < width; c++) rows[k * width + c] = table[part[k] * width + c]
  if (truth.kind === 'numbers')
    return metric.ofNumbers({ truth: Float64Array.from(part, (i) => truth.values[i]), predicted: rows })
  return metric.ofClasses({
    truth: Int32Array.from(part, (i) => truth.codes[i]),
    predicted: labelsOf(rows, width),
    classes: width,
    probabilities: rows,
  })
}
