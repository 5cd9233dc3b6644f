/** What preprocessing makes of rows, in onnxruntime and here: the same bits. */
import { describe, expect, it } from 'vitest'
import { type Column, type Dataset, type Row, signatureOf, tableFromRows } from '../../../src/data/index.js'
import { datePartsOf } from '../../../src/exchange/onnx/date-parts.js'
import { addInputs } from '../../../src/exchange/onnx/inputs.js'
import { leastOpset, usualOpset } from '../../../src/exchange/onnx/opsets.js'
import { preprocessed } from '../../../src/exchange/onnx/preprocessing.js'
import { randomStream } from '../../../src/numeric/index.js'
import { dateParts, datePartsInto } from '../../../src/training/date-parts.js'
import {
  applyPreprocessing,
  fitPreprocessing,
  type PreprocessingParams,
} from '../../../src/training/preprocessing.js'
import { askedRows, feedsOf, randomData } from './laws.js'
import { runGraph } from './run.js'

const all: PreprocessingParams[] = (['one-hot', 'ordinal', 'category', 'target', 'hash'] as const).flatMap(
  (encoding, i) =>
    (['category', 'most-frequent'] as const).map((textImputation, j) => ({
      encoding,
      textImputation,
      imputation: (['mean', 'median', 'zero', 'none'] as const)[(i + j) % 4],
      scaling: (['none', 'standard', 'minmax'] as const)[(i + 2 * j) % 3],
      dates: (['days', 'parts'] as const)[(i + j) % 2],
      hashColumns: 5,
    })),
)

async function expectSameMatrix(
  data: Dataset,
  params: PreprocessingParams,
  rows: readonly Row[],
  { opset = usualOpset, missing = [] }: { readonly opset?: number; readonly missing?: string[] } = {},
): Promise<void> {
  const signature = { ...signatureOf(data), missing }
  const state = fitPreprocessing(data, params)
  const ours = applyPreprocessing(state, tableFromRows(rows, signature).table)
  const found = await runGraph(
    (graph) => {
      const { x, categories } = preprocessed(graph, state, addInputs(graph, signature))
      expect(categories).toEqual(Array.from(ours.categories ?? new Int32Array(ours.columns)))
      graph.output(x, { name: 'x', type: 'double', dims: ['N', ours.columns] })
    },
    feedsOf(rows, { ...signature, missing: [] }),
    opset,
  )
  expect(found.x.dims).toEqual([rows.length, ours.columns])
  expect(Array.from(found.x.data as Float64Array)).toEqual(Array.from(ours.values))
}

describe('preprocessing in ONNX', () => {
  it.each(all)(
    'is the same to the last bit: $encoding $textImputation $imputation $scaling $dates',
    async (params) => {
      for (const opset of [leastOpset, usualOpset])
        await expectSameMatrix(randomData(opset, 60, 3), params, askedRows(opset, 120), {
          opset,
          missing: ['k7', '-999', '3'],
        })
    },
  )

  it.each(all)(
    'knows columns without any value, and more texts than one-hot keeps: $encoding $textImputation',
    async (params) => {
      const texts = Array.from({ length: 130 }, (_, i) => `t${i}`)
      const columns: Column[] = [
        { name: 'none', kind: 'number', values: new Float64Array(140).fill(Number.NaN) },
        { name: 'no date', kind: 'number', as: 'date', values: new Float64Array(140).fill(Number.NaN) },
        { name: 'silent', kind: 'text', codes: new Int32Array(140).fill(-1), categories: [] },
        {
          name: 'many',
          kind: 'text',
          codes: Int32Array.from({ length: 140 }, (_, i) => i % 130),
          categories: texts,
        },
      ]
      const target = {
        kind: 'numbers',
        name: 'y',
        values: Float64Array.from({ length: 140 }, (_, i) => i),
      } as const
      const index = Int32Array.from(target.values)
      const data: Dataset = { columns, index, rows: 140, target }
      await expectSameMatrix(data, params, [
        { none: null, 'no date': null, silent: null, many: 't5' },
        { none: 3, 'no date': '2024-02-29T12:00', silent: 'loud', many: 't129' },
        { none: -0, 'no date': '1969-12-31', silent: '', many: null },
      ])
    },
  )

  it('takes dates apart as Espalier does, from the first date that there is to the last', async () => {
    const random = randomStream(3, 'dates')
    const days = Float64Array.from([
      ...[
        0,
        -0,
        -1,
        59,
        60,
        364,
        365,
        1e8,
        -1e8,
        1e8 + 1,
        -1e8 - 1,
        1e8 + 0.5,
        -1e8 + 0.5,
        1e300,
        Number.NaN,
      ],
      ...[
        -719_468,
        -719_469,
        -719_528,
        -719_162,
        11_016,
        11_017,
        5e-324,
        -5e-324,
        Infinity,
        -Infinity,
        -1e8 + 260,
      ],
      ...Array.from({ length: 3000 }, () => (random.next() - 0.5) * 10 ** (1 + random.integer(8))),
      ...Array.from({ length: 1500 }, (_, i) => i - 1000),
    ])
    const ours = Float64Array.from(days, () => 0)
    const found = await runGraph(
      (graph) => {
        const parts = datePartsOf(graph, graph.input({ name: 'days', type: 'double', dims: ['N', 1] }))
        for (const [i, part] of parts.entries())
          graph.output(part, { name: dateParts[i], type: 'double', dims: ['N', 1] })
      },
      { days: { type: 'float64', data: days, dims: [days.length, 1] } },
    )
    for (const [j, part] of dateParts.entries()) {
      const of = new Float64Array(dateParts.length)
      days.forEach((day, i) => {
        datePartsInto(of, day)
        ours[i] = of[j]
      })
      const given = Array.from(found[part].data as Float64Array)
      const far = given.findIndex((value, i) => !Object.is(value, ours[i]))
      expect(far === -1 ? null : [part, days[far], given[far], ours[far]]).toBeNull()
    }
  })
})
