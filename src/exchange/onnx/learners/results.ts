/** What several learners do with what they have worked out, in ONNX. */
import type { TargetScaleFile } from '../../model-file/boosted-states.js'
import type { GraphBuilder, Tensor } from '../types.js'

/** From standardised values to those of the target: shift + scale · value. */
export function scaled(graph: GraphBuilder, values: Tensor, { shift, scale }: TargetScaleFile): Tensor {
  const product = graph.node('Mul', [graph.scalar('double', scale), values])
  return graph.node('Add', [graph.scalar('double', shift), product])
}

/**
 * Where the largest value of each row stands, of equal ones the first: int64 [rows]; along that axis. Where the values are no numbers, the
 * first, as in Espalier.
 */
export function firstLargest(graph: GraphBuilder, values: Tensor, axis: 0 | 1): Tensor {
  const least = graph.scalar('double', Number.NEGATIVE_INFINITY)
  const compared = graph.node('Where', [graph.node('IsNaN', [values]), least, values])
  return graph.node('ArgMax', [compared], { axis, keepdims: 0 })
}
