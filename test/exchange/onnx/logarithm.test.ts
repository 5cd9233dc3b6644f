import { expect, it } from 'vitest'
import { logarithm } from '../../../src/exchange/onnx/logarithm.js'
import { randomStream } from '../../../src/numeric/index.js'
import { runGraph } from './run.js'

it('ln x is that of Math.log to the last bit', async () => {
  const random = randomStream(3, 'logarithms')
  const bits = new DataView(new ArrayBuffer(8))
  const part = 1 / 1_048_576
  // One by one around where the method turns, with and without halving.
  const turns = [1, 1 + part, 1 + 0x6147a * part, 1 + 0x6a09c * part, 1 + 0x6b852 * part, 1 + 0xffffe * part]
  const near = turns.flatMap((x) =>
    [1, 0.5, 2, 1024, 2 ** -40].flatMap((power) =>
      Array.from({ length: 21 }, (_, i) => {
        bits.setFloat64(0, x * power)
        bits.setBigUint64(0, bits.getBigUint64(0) + BigInt(i - 10))
        return bits.getFloat64(0)
      }),
    ),
  )
  const values = Float64Array.from([
    ...near,
    ...[1e-12 / (1 - 1e-12), (1 - 1e-12) / 1e-12, 2 ** -64, 2 ** 64],
    ...Array.from({ length: 40_000 }, () => random.next() + 0.5),
    ...Array.from({ length: 40_000 }, () => Math.exp(88 * random.next() - 44)),
  ])
  const found = await runGraph(
    (graph) => {
      const x = graph.input({ name: 'x', type: 'double', dims: ['N'] })
      graph.output(logarithm(graph, x), { name: 'y', type: 'double', dims: ['N'] })
    },
    { x: { type: 'float64', data: values, dims: [values.length] } },
  )
  const given = found.y.data as Float64Array
  expect(Array.from(values).filter((x, i) => !Object.is(Math.log(x), given[i]))).toEqual([])
})
