import { describe, expect, it } from 'vitest'
import { exponential, softmax } from '../../../src/exchange/onnx/exponential.js'
import { randomStream } from '../../../src/numeric/index.js'
import { softmaxInto } from '../../../src/training/learners/softmax.js'
import { runGraph } from './run.js'

/** Expects the same bits; NaN is NaN. */
function same(found: ArrayLike<unknown>, wanted: Float64Array, of: Float64Array): void {
  const at = wanted.findIndex((value, i) => !Object.is(found[i], value))
  expect(at < 0 ? null : { of: of[at], found: found[at], wanted: wanted[at] }).toBeNull()
}

describe('e^x', () => {
  it('is that of Math.exp to the last bit', async () => {
    const stream = randomStream(3, 'numbers')
    const edges = [
      0, 0.5, 1, 1.5, 2, 1023, 1023.5, 1024, 1021, 1021.5, 1022, 1022.5, 1074, 1074.5, 1075, 1e-9,
      3.725290298461914e-9,
    ].flatMap((share) => [share * Math.LN2, share])
    const near = edges.flatMap((edge) => Array.from({ length: 21 }, (_, i) => edge * (1 + (i - 10) * 1e-15)))
    const scales = [1e-10, 0.01, 0.5, 1.5, 10, 745, 1000, 1e300]
    const random = Array.from({ length: 40_000 }, (_, i) => scales[i % scales.length] * stream.next())
    const positive = [
      ...near,
      ...random,
      709.782712893384,
      709.7827128933841,
      745.133219101941,
      745.1332191019412,
    ]
    const x = Float64Array.from([
      ...positive,
      ...positive.map((value) => -value),
      Number.NaN,
      Infinity,
      -Infinity,
      Number.MAX_VALUE,
      -Number.MAX_VALUE,
      Number.MIN_VALUE,
    ])
    const { y } = await runGraph(
      (graph) => {
        const of = graph.input({ name: 'x', type: 'double', dims: ['N'] })
        graph.output(exponential(graph, of), { name: 'y', type: 'double', dims: ['N'] })
      },
      { x: { type: 'float64', data: x, dims: [x.length] } },
    )
    same(y.data, x.map(Math.exp), x)
  })
})

describe('the softmax', () => {
  it.each([
    [2, 16],
    [7, 21],
  ])('of %i classes is ours to the last bit (opset %i)', async (classes, opset) => {
    const stream = randomStream(4, 'scores')
    const rows = 2000
    const x = Float64Array.from({ length: rows * classes }, (_, i) => (i % 3) * 5 * (stream.next() - 0.5))
    x.fill(1000, 0, classes)
    x.fill(-1000, classes, 2 * classes - 1)
    const { y } = await runGraph(
      (graph) => {
        const of = graph.input({ name: 'x', type: 'double', dims: ['N', classes] })
        graph.output(softmax(graph, of, classes), { name: 'y', type: 'double', dims: ['N', classes] })
      },
      { x: { type: 'float64', data: x, dims: [rows, classes] } },
      opset,
    )
    const wanted = x.slice()
    softmaxInto(wanted, rows, classes)
    same(y.data, wanted, x)
  })
})
