/**
 * Sums whose additions come in Espalier's order, so that they are equal to the last bit: a Scan of plain additions. MatMul and ReduceSum
 * add in an order of the runtime's own, and may leave out the rounding of products.
 */
import type { ElementType, GraphBuilder, GraphPort, Tensor } from '../types.js'

/** A tensor that steps go along; `dims`: of what one step sees of it. */
export interface Along {
  readonly tensor: Tensor
  readonly type: ElementType
  readonly dims: GraphPort['dims']
  /** The axis that steps go along; the first unless stated. */
  readonly axis?: number
}

/** States that go from step to step, one for each slice of what they go along; the last ones. */
export function scan(
  graph: GraphBuilder,
  starts: readonly Along[],
  along: readonly Along[],
  step: (body: GraphBuilder, states: readonly Tensor[], slices: readonly Tensor[]) => readonly Tensor[],
): Tensor[] {
  const port =
    (name: string) =>
    ({ type, dims }: Along) => ({ name, type, dims })
  const body = graph.body([...starts.map(port('state')), ...along.map(port('slice'))])
  const next = step(body, body.inputs.slice(0, starts.length), body.inputs.slice(starts.length))
  next.forEach((tensor, i) => {
    body.output(tensor, port('next')(starts[i]))
  })
  return graph.nodes(
    'Scan',
    [...starts.map(({ tensor }) => tensor), ...along.map((one) => withAxisFirst(graph, one))],
    starts.length,
    { body: { graph: body }, num_scan_inputs: along.length },
  )
}

/** Not by an attribute of Scan: ONNX's own implementation knows no other axis than the first. */
function withAxisFirst(graph: GraphBuilder, { tensor, dims, axis = 0 }: Along): Tensor {
  if (axis === 0) return tensor
  const others = Array.from({ length: dims.length + 1 }, (_, i) => i).filter((i) => i !== axis)
  return graph.node('Transpose', [tensor], { perm: [axis, ...others] })
}

/** start + a₀b₀ + a₁b₁ + …, for slices a and b that broadcast to the start's shape. */
export function addProducts(graph: GraphBuilder, start: Along, a: Along, b: Along): Tensor {
  return scan(graph, [start], [a, b], (body, [sum], [one, other]) => [
    body.node('Add', [sum, body.node('Mul', [one, other])]),
  ])[0]
}

/** 0 + a₀ + a₁ + … along the first axis of [steps, N]: [N]. */
export function addAlong(graph: GraphBuilder, tensor: Tensor): Tensor {
  const row = { type: 'double', dims: ['N'] } as const
  const zeros = expanded(graph, 'double', 0, [lengthOf(graph, tensor, 1)])
  return scan(graph, [{ tensor: zeros, ...row }], [{ tensor, ...row }], (body, [sum], [one]) => [
    body.node('Add', [sum, one]),
  ])[0]
}

/** A number for every place of a tensor of these sizes: numbers, or int64 [1] that are known later. */
export function expanded(
  graph: GraphBuilder,
  type: 'float' | 'double',
  value: number,
  sizes: readonly (number | Tensor)[],
): Tensor {
  const shape = sizes.map((size) => (typeof size === 'number' ? graph.constant('int64', [size]) : size))
  return graph.node('Expand', [graph.scalar(type, value), graph.node('Concat', shape, { axis: 0 })])
}

/** One size of a tensor: int64 [1]. */
export function lengthOf(graph: GraphBuilder, tensor: Tensor, axis: number): Tensor {
  return graph.node('Shape', [tensor], { start: axis, end: axis + 1 })
}

/** Some places of a tensor's first axis. */
export function at(graph: GraphBuilder, tensor: Tensor, places: ArrayLike<number>): Tensor {
  return graph.node('Gather', [tensor, graph.constant('int64', places)], { axis: 0 })
}

/** [a, b] → [b, a]. */
export function transposed(graph: GraphBuilder, tensor: Tensor): Tensor {
  return graph.node('Transpose', [tensor], { perm: [1, 0] })
}

export function reshaped(graph: GraphBuilder, tensor: Tensor, dims: readonly number[]): Tensor {
  return graph.node('Reshape', [tensor, graph.constant('int64', dims)])
}
