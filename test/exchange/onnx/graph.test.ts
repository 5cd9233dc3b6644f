import { describe, expect, it } from 'vitest'
import { newGraph } from '../../../src/exchange/onnx/graph.js'
import { runGraph } from './run.js'

const two = { type: 'float64', data: new Float64Array([1.5, -0]), dims: [2] } as const

describe('graphs', () => {
  it('run as they are built', async () => {
    const found = await runGraph(
      (graph) => {
        const x = graph.input({ name: 'x', type: 'double', dims: ['N'] })
        graph.output(graph.node('Mul', [x, graph.scalar('double', 0.1)]), {
          name: 'y',
          type: 'double',
          dims: ['N'],
        })
      },
      { x: two },
    )
    expect(Array.from(found.y.data as Float64Array)).toEqual([1.5 * 0.1, -0])
  })

  it('keep equal constants once, and different ones apart', () => {
    const { graph } = newGraph('g', 21)
    const one = graph.constant('double', [1, 2])
    expect(graph.constant('double', [1, 2])).toBe(one)
    expect(graph.constant('double', [1, 2], [2, 1])).not.toBe(one)
    expect(graph.constant('double', [1, 3])).not.toBe(one)
    expect(graph.constant('int64', [1, 2])).not.toBe(one)
    expect(graph.scalar('double', -0)).not.toBe(graph.scalar('double', 0))
    expect(graph.constant('string', ['a', 'bc'])).not.toBe(graph.constant('string', ['ab', 'c']))
  })

  it('give different names to what has the same', async () => {
    const found = await runGraph(
      (graph) => {
        const x = graph.input({ name: 'Mul_1', type: 'double', dims: ['N'] })
        const other = graph.input({ name: 'double_1', type: 'double', dims: ['N'] })
        const product = graph.node('Mul', [x, graph.scalar('double', 2)])
        graph.output(graph.node('Add', [product, other]), { name: 'y', type: 'double', dims: ['N'] })
      },
      { Mul_1: two, double_1: two },
    )
    expect(Array.from(found.y.data as Float64Array)).toEqual([4.5, -0])
  })

  it('see from within what is outside', async () => {
    const found = await runGraph(
      (graph) => {
        const x = graph.input({ name: 'x', type: 'double', dims: ['N'] })
        const body = graph.body([
          { name: 'i', type: 'int64', dims: [] },
          { name: 'go', type: 'bool', dims: [] },
          { name: 'x', type: 'double', dims: ['N'] },
        ])
        const [, go, sum] = body.inputs
        expect(sum).not.toBe('x')
        body.output(go, { name: 'go', type: 'bool', dims: [] })
        body.output(body.node('Add', [sum, body.node('Mul', [x, body.scalar('double', 3)])]), {
          name: 'x',
          type: 'double',
          dims: ['N'],
        })
        const end = graph.node('Loop', [graph.scalar('int64', 3), graph.scalar('bool', 1), x], {
          body: { graph: body },
        })
        graph.output(end, { name: 'y', type: 'double', dims: ['N'] })
      },
      { x: two },
    )
    expect(Array.from(found.y.data as Float64Array)).toEqual([1.5 + 4.5 + 4.5 + 4.5, -0])
  })
})
