/**
 * The out-of-fold predictions of a trial as a compact record, and what they are compared with.
 *
 * Entries come in fold order, the rows of a fold ascending: the same entries for every trial of a sweep. Class codes
 * take a byte an entry (two or four where there are more classes), numbers eight; probabilities are kept only where something is
 * made of them: those of the true class where the objective is (log loss), all of them where another metric, or a threshold, is.
 */
import type { Dataset } from '../../data/index.js'
import { EspalierError } from '../../errors.js'
import type { FitPlan, FitResult } from '../plan.js'
import { rowsOf } from '../resampling/resampling.js'
import { trueProbabilities } from './bias-correction.js'
import type { OutOfFold, Truth } from './bias-types.js'
import type { NamedMetric } from './metrics.js'

const format = 'espalier-out-of-fold'

interface Packed {
  readonly format: typeof format
  readonly entries: number
  readonly type: 'uint8' | 'uint16' | 'int32' | 'float64'
  /** Base64 of the numbers in little-endian order. */
  readonly values: string
  readonly trueProbability: string | null
  /** Entries × classes; absent in records made before there were metrics that need it. */
  readonly probabilities?: string | null
}

/** Which probabilities are kept. */
export type KeptProbabilities = 'none' | 'of the true class' | 'all'

/** What the metrics that are worked out of the record need. */
export function probabilitiesFor(metrics: readonly NamedMetric[]): KeptProbabilities {
  const needed = metrics.filter(({ needsProbabilities }) => needsProbabilities)
  if (needed.length === 0) return 'none'
  return needed.every(({ word }) => word === 'logLoss') ? 'of the true class' : 'all'
}

/** The predictions of all folds as JSON text; null where a fold gave none. */
export function packOutOfFold(
  results: readonly FitResult[],
  { target, index }: Dataset,
  kept: KeptProbabilities,
): string | null {
  const values: number[] = []
  const probability: number[] = []
  const all: Float64Array[] = []
  for (const { predictions } of results) {
    if (predictions === null) return null
    for (const value of predictions.values) values.push(value)
    if (kept === 'none' || target.kind !== 'classes' || predictions.probabilities === null) continue
    if (kept === 'all') all.push(predictions.probabilities)
    const codes = Int32Array.from(predictions.rows, (position) => target.codes[index[position]])
    const given = trueProbabilities(codes, predictions.probabilities, target.classes.length)
    for (const value of given) probability.push(value)
  }
  const type = target.kind === 'numbers' ? 'float64' : codeType(target.classes.length)
  const packed: Packed = {
    format,
    entries: values.length,
    type,
    values: toBase64(new arrays[type](values)),
    trueProbability: probability.length === values.length ? toBase64(new Float64Array(probability)) : null,
    ...(all.length > 0 && all.length === results.length && { probabilities: toBase64(joined(all)) }),
  }
  return JSON.stringify(packed)
}

/** Throws MODEL_INVALID where the text is no such record. */
export function unpackOutOfFold(text: string): OutOfFold {
  const packed = JSON.parse(text) as Packed
  if (packed.format !== format || !Object.hasOwn(arrays, packed.type)) {
    throw new EspalierError(
      'MODEL_INVALID',
      `out-of-fold predictions have "format": "${format}" (got ${JSON.stringify(packed.format)})`,
    )
  }
  const values = fromBase64(packed.values, packed.type)
  return {
    values: packed.type === 'float64' ? Float64Array.from(values) : Int32Array.from(values),
    trueProbability:
      packed.trueProbability === null
        ? null
        : Float64Array.from(fromBase64(packed.trueProbability, 'float64')),
    probabilities:
      packed.probabilities == null ? null : Float64Array.from(fromBase64(packed.probabilities, 'float64')),
  }
}

/**
 * The truth of each entry, and the group it is drawn with: that of its row, or the row itself, so that the several
 * predictions of one row stay together.
 */
export function outOfFoldTruth({ data, resampling }: Pick<FitPlan, 'data' | 'resampling'>): {
  truth: Truth
  groups: Int32Array
} {
  const rows: number[] = []
  for (let fold = 0; fold < resampling!.folds; fold++)
    for (const position of rowsOf(resampling!, { kind: 'fold', fold })) rows.push(data!.index[position])
  const { target, groups: given } = data!
  const groups = Int32Array.from(rows, (row) => given?.[row] ?? row)
  if (target.kind === 'numbers')
    return {
      truth: { kind: 'numbers', values: Float64Array.from(rows, (row) => target.values[row]) },
      groups,
    }
  const codes = Int32Array.from(rows, (row) => target.codes[row])
  return { truth: { kind: 'classes', codes, classes: target.classes.length }, groups }
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

const arrays = { uint8: Uint8Array, uint16: Uint16Array, int32: Int32Array, float64: Float64Array }

function codeType(classes: number): Packed['type'] {
  return classes <= 2 ** 8 ? 'uint8' : classes <= 2 ** 16 ? 'uint16' : 'int32'
}

function toBase64(values: Uint8Array | Uint16Array | Int32Array | Float64Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
}

function fromBase64(
  text: string,
  type: Packed['type'],
): Uint8Array | Uint16Array | Int32Array | Float64Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'))
  return new arrays[type](bytes.buffer)
}
