/** Runs graphs in onnxruntime. */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { newGraph } from '../../../src/exchange/onnx/graph.js'
import { usualOpset } from '../../../src/exchange/onnx/opsets.js'
import type { GraphBuilder, LearnerNodes, LearnerShape } from '../../../src/exchange/onnx/types.js'

export type Fed = {
  readonly type: 'float64' | 'string' | 'bool' | 'int64'
  readonly data: unknown
  readonly dims: readonly number[]
}
export type Found = Readonly<
  Record<string, { readonly data: ArrayLike<unknown>; readonly dims: readonly number[] }>
>

/** What a model's outputs are for these inputs. */
export async function run(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Fed>>,
  intraOpNumThreads = 1,
): Promise<Found> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads })
  const tensors = Object.entries(feeds).map(([name, { type, data, dims }]) => [
    name,
    new Tensor(type as 'float64', data as Float64Array, dims),
  ])
  const found = await session.run(Object.fromEntries(tensors))
  await session.release()
  return found as Found
}

/** The outputs of a graph built by `build`, which names them itself. */
export async function runGraph(
  build: (graph: GraphBuilder) => void,
  feeds: Readonly<Record<string, Fed>>,
  opset = usualOpset,
): Promise<Found> {
  const whole = newGraph('test', opset)
  build(whole.graph)
  return run(await whole.encode(), feeds)
}

/** What a learner answers to the rows of a matrix: codes and probabilities, or numbers. */
export async function runLearner<S>(
  nodes: LearnerNodes<S>,
  learned: S,
  shape: LearnerShape,
  x: Float64Array,
  opset = usualOpset,
  threads = 1,
): Promise<{ codes?: number[]; probabilities?: Float64Array; numbers?: Float64Array; warnings: string[] }> {
  const whole = newGraph('test', opset)
  const { graph } = whole
  const found = nodes(
    graph,
    graph.input({ name: 'x', type: 'double', dims: ['N', shape.columns] }),
    learned,
    shape,
  )
  if (found.kind === 'numbers') graph.output(found.values, { name: 'numbers', type: 'double', dims: ['N'] })
  else {
    graph.output(found.codes, { name: 'codes', type: 'int64', dims: ['N'] })
    if (found.probabilities !== null)
      graph.output(found.probabilities, { name: 'probabilities', type: 'double', dims: ['N', shape.classes] })
  }
  const dims = [x.length / shape.columns, shape.columns]
  const outputs = await run(await whole.encode(), { x: { type: 'float64', data: x, dims } }, threads)
  return {
    ...(outputs.codes && { codes: Array.from(outputs.codes.data as BigInt64Array, Number) }),
    ...(outputs.probabilities && { probabilities: outputs.probabilities.data as Float64Array }),
    ...(outputs.numbers && { numbers: outputs.numbers.data as Float64Array }),
    warnings: [...whole.warnings],
  }
}
