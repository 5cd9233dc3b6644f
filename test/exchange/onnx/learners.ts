/** Learners of trainers against their nodes in onnxruntime: the same bits. */
import { expect } from 'vitest'
import type { Column, Dataset } from '../../../src/data/index.js'
import { selectRows } from '../../../src/data/index.js'
import type { LearnedFile } from '../../../src/exchange/model-file/types.js'
import { learnerNodes } from '../../../src/exchange/onnx/learners/registry.js'
import { usualOpset } from '../../../src/exchange/onnx/opsets.js'
import { randomStream } from '../../../src/numeric/index.js'
import type { Model } from '../../../src/training/index.js'
import { applyPreprocessing } from '../../../src/training/preprocessing.js'
import type { Params } from '../../../src/values.js'
import { builtIn, fitted } from '../../training/trainers/support.js'
import { runLearner } from './run.js'

export interface RandomData {
  readonly rows: number
  /** 0 for a target of numbers. */
  readonly classes: number
  readonly numbers?: number
  /** The first column of numbers has few values, so that rows lie on thresholds; true unless stated. */
  readonly fewValues?: boolean
  /** Of each column of texts how many there are. */
  readonly texts?: readonly number[]
  readonly missing?: boolean
  readonly weights?: boolean
}

/** Rows to fit on, the first three in four, and those with all that training has not seen. */
export function randomData(
  seed: number,
  { rows, classes, numbers = 4, texts = [], fewValues = true, missing = false, weights = false }: RandomData,
): { fit: Dataset; all: Dataset } {
  const stream = randomStream(seed, 'rows')
  const isMissing = () => missing && stream.next() < 0.15
  const seen = Math.floor(rows * 0.75)
  const score = new Float64Array(rows)
  const columns: Column[] = []
  for (let j = 0; j < numbers; j++) {
    const values = Float64Array.from({ length: rows }, (_, i) => {
      const value = j === 0 && fewValues ? stream.integer(5) - 2 : stream.normal() * (j === 1 ? 1e6 : 1)
      score[i] += j === 1 ? value / 1e6 : value
      return isMissing() ? Number.NaN : value
    })
    columns.push({ name: `x${j}`, kind: 'number', values })
  }
  texts.forEach((count, j) => {
    const categories = Array.from({ length: count }, (_, k) => `t${k}`).sort()
    const codes = Int32Array.from({ length: rows }, (_, i) => {
      // Behind the rows to fit on some texts are new.
      const code = stream.integer(i < seen ? Math.ceil(count * 0.8) : count)
      score[i] += ((code * 7919) % 5) - 2
      return isMissing() ? -1 : code
    })
    columns.push({ name: `c${j}`, kind: 'text', codes, categories })
  })
  const all: Dataset = {
    columns,
    index: Int32Array.from({ length: rows }, (_, i) => i),
    rows,
    target:
      classes === 0
        ? { kind: 'numbers', name: 'y', values: score.map((value) => 100 * value + stream.normal()) }
        : {
            kind: 'classes',
            name: 'y',
            classes: Array.from({ length: classes }, (_, c) => `class ${c}`),
            codes: Int32Array.from(score, (value, i) =>
              i < classes ? i : ((Math.floor(value + stream.normal()) % classes) + classes) % classes,
            ),
          },
    ...(weights && { weights: Float64Array.from({ length: rows }, () => 0.5 + stream.integer(4)) }),
  }
  return {
    fit: selectRows(
      all,
      Int32Array.from({ length: seen }, (_, i) => i),
    ),
    all,
  }
}

export interface LawOptions {
  readonly opset?: number
  /** Threads of onnxruntime, one run each. */
  readonly threads?: readonly number[]
  /** How many rows are asked for at once: all, unless stated. */
  readonly rows?: readonly number[]
  /** Changes what has been fitted. */
  readonly change?: (learned: never) => void
}

/** Fits, and expects of every row the same bits in onnxruntime. What was warned of. */
export async function expectSameBits(
  trainer: string,
  params: Params,
  { fit, all }: { fit: Dataset; all: Dataset },
  { opset = usualOpset, threads = [1, 2], rows = [all.rows], change }: LawOptions = {},
): Promise<{ warnings: string[]; state: SavedState }> {
  const model = await fitted(trainer, fit, params)
  const state = JSON.parse(JSON.stringify(model.toJSON())) as SavedState
  change?.(state.learned as never)
  const loaded = await (await builtIn(trainer)).load(state as never)
  const nodes = await learnerNodes(trainer)
  let warnings: string[] = []
  for (const count of rows) {
    const table = selectRows(
      all,
      Int32Array.from({ length: count }, (_, i) => all.rows - count + i),
    )
    const x = applyPreprocessing(state.preprocessing as never, table)
    const shape = {
      columns: x.columns,
      classes: state.seen?.length ?? 0,
      categories: Array.from(x.categories ?? new Int32Array(x.columns)),
    }
    const wanted = answersOf(loaded, table, state)
    for (const some of threads) {
      const found = await runLearner(nodes, state.learned, shape, x.values, opset, some)
      warnings = found.warnings
      const of = `${trainer}, ${count} rows, ${some} threads`
      expectEqual(found.numbers ?? found.probabilities, wanted.values, of)
      expect(found.codes, of).toEqual(wanted.codes)
    }
  }
  return { warnings, state }
}

export interface SavedState {
  readonly preprocessing: unknown
  readonly classes?: readonly string[]
  readonly seen?: readonly number[]
  readonly learned: LearnedFile
}

function answersOf(model: Model, table: Dataset, { seen, classes }: SavedState) {
  if (seen === undefined) return { values: model.predict(table) as Float64Array }
  expect(seen.length).toBe(classes!.length)
  const { labels, probabilities } = model.predictBoth!(table)
  return { codes: labels.map((label) => classes!.indexOf(label)), values: probabilities.values }
}

function expectEqual(found: Float64Array | undefined, wanted: Float64Array, of: string): void {
  expect(found?.length, of).toBe(wanted.length)
  const at = wanted.findIndex((value, i) => !Object.is(value, found![i]))
  if (at >= 0) expect([at, found![at]], of).toEqual([at, wanted[at]])
}
