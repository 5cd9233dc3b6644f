import { describe, expect, it } from 'vitest'
import { tangent } from '../../../src/exchange/onnx/tangent.js'
import { randomStream } from '../../../src/numeric/index.js'
import { runGraph } from './run.js'

async function tangents(values: Float64Array): Promise<Float64Array> {
  const found = await runGraph(
    (graph) => {
      const x = graph.input({ name: 'x', type: 'double', dims: ['N'] })
      graph.output(tangent(graph, x), { name: 'y', type: 'double', dims: ['N'] })
    },
    { x: { type: 'float64', data: values, dims: [values.length] } },
  )
  return found.y.data as Float64Array
}

describe('tanh', () => {
  it('is that of Math.tanh to the last bit', async () => {
    const random = randomStream(3, 'tanh')
    const [size, edges] = [new DataView(new ArrayBuffer(8)), [0, 0.25, 0.5, 1, 22]]
    for (let k = -3; k < 70; k++) edges.push(((k + 0.5) * Math.LN2) / 2, (k * Math.LN2) / 2)
    // One by one around what is special.
    const near = edges.flatMap((x) =>
      Array.from({ length: 41 }, (_, i) => {
        size.setFloat64(0, x)
        size.setBigUint64(0, size.getBigUint64(0) + BigInt(Math.max(i - 20, x === 0 ? 0 : -20)))
        return size.getFloat64(0)
      }),
    )
    const spread = (scale: number) => Array.from({ length: 30_000 }, () => random.normal() * scale)
    const special = [Infinity, -Infinity, Number.NaN, -0, 1e300, -1e-300, 2 ** -28, 2 ** -29, 5e-324]
    const values = Float64Array.from([
      ...near,
      ...near.map((x) => -x),
      ...special,
      ...[0.01, 0.4, 1, 5, 15, 1e-8].flatMap(spread),
    ])
    const found = await tangents(values)
    // onnxruntime's Where knows no −0.
    const wrong = Array.from(values).filter((x, i) => !Object.is(Math.tanh(x) + 0, found[i] + 0))
    expect(wrong).toEqual([])
  })
})
