/**
 * Linear models and networks in ONNX: src/training/trainers/{linear-regressor,softmax-classifier,perceptron}.ts and
 * src/training/kernels/network.as.ts.
 *
 * Values of a layer stand column by column: [units, rows].
 */
import type { TargetScaleFile } from '../../model-file/boosted-states.js'
import type { LinearFile, NetworkFile, SoftmaxFile } from '../../model-file/network-states.js'
import { softmax as softmaxOf } from '../exponential.js'
import { tangent } from '../tangent.js'
import type { GraphBuilder, LearnerNodes, LearnerOutputs, Tensor } from '../types.js'
import { type Along, addProducts, at, expanded, lengthOf, scan, transposed } from './in-order.js'
import { firstLargest, scaled } from './results.js'

export const linear: LearnerNodes<LinearFile> = (graph, x, { coefficients, intercept }) => {
  const values = transposed(graph, x)
  const start = expanded(graph, 'double', intercept, [lengthOf(graph, x, 0)])
  const weights = graph.constant('double', coefficients)
  const sum = addProducts(graph, row(start), row(values), { tensor: weights, type: 'double', dims: [] })
  return { kind: 'numbers', values: sum }
}

/** A network without a hidden layer. */
export const softmax: LearnerNodes<SoftmaxFile> = (graph, x, { weights, biases }, { columns, classes }) =>
  classesOf(graph, layer(graph, transposed(graph, x), [...weights, ...biases], columns, classes), classes)

export const perceptronClassifier: LearnerNodes<NetworkFile> = (graph, x, network, { classes }) =>
  classesOf(graph, outputsOf(graph, x, network), classes)

export const perceptronRegressor: LearnerNodes<{
  readonly network: NetworkFile
  readonly target: TargetScaleFile
}> = (graph, x, { network, target }) => {
  const output = outputsOf(graph, x, network)
  const values = graph.node('Squeeze', [output, graph.constant('int64', [0])])
  return { kind: 'numbers', values: scaled(graph, values, target) }
}

/** Z_L of all rows: [outputs, rows]. */
function outputsOf(graph: GraphBuilder, x: Tensor, { sizes, activation, theta }: NetworkFile): Tensor {
  let a = transposed(graph, x)
  let from = 0
  for (let l = 1; l < sizes.length; l++) {
    const [inputs, width] = [sizes[l - 1], sizes[l]]
    const to = from + (inputs + 1) * width
    a = layer(graph, a, theta.slice(from, to), inputs, width)
    if (l < sizes.length - 1) a = activation === 'relu' ? graph.node('Relu', [a]) : tangent(graph, a)
    from = to
  }
  return a
}

/** Layers with more weights are products of the runtime's, whose additions come in another order: much faster for many rows. */
const mostInOrder = 65_536

/**
 * Z = A W + b, where `theta` holds W and b. For every four inputs k, z += ((a₀w₀ + a₁w₁) + a₂w₂) + a₃w₃; the last up to three come
 * one by one.
 */
function layer(
  graph: GraphBuilder,
  a: Tensor,
  theta: readonly number[],
  inputs: number,
  width: number,
): Tensor {
  const biases = graph.constant('double', theta.slice(inputs * width), [width, 1])
  if (inputs * width > mostInOrder) {
    graph.warn(
      `a layer with ${inputs} × ${width} weights is a matrix product of the runtime's, which adds in an order of its own: its values differ from Espalier's in their last digits`,
    )
    const weights = Array.from(
      { length: inputs * width },
      (_, i) => theta[(i % inputs) * width + Math.floor(i / inputs)],
    )
    return graph.node('Add', [
      graph.node('MatMul', [graph.constant('double', weights, [width, inputs]), a]),
      biases,
    ])
  }
  const shape = graph.node('Concat', [graph.constant('int64', [width]), lengthOf(graph, a, 1)], { axis: 0 })
  let sum = graph.node('Expand', [biases, shape])
  const steps = Math.floor(inputs / 4)
  const weightsOf = (inputs: readonly number[]) =>
    graph.constant(
      'double',
      inputs.flatMap((k) => theta.slice(k * width, (k + 1) * width)),
      [inputs.length, width, 1],
    )
  if (steps > 0) {
    const lanes = [0, 1, 2, 3].map((lane): [Along, Along] => {
      const places = Array.from({ length: steps }, (_, step) => 4 * step + lane)
      return [row(at(graph, a, places)), { tensor: weightsOf(places), type: 'double', dims: [width, 1] }]
    })
    sum = scan(
      graph,
      [{ tensor: sum, type: 'double', dims: [width, 'N'] }],
      lanes.flat(),
      (body, [z], [a0, w0, ...others]) => {
        let four = body.node('Mul', [a0, w0])
        for (let i = 0; i < others.length; i += 2)
          four = body.node('Add', [four, body.node('Mul', [others[i], others[i + 1]])])
        return [body.node('Add', [z, four])]
      },
    )[0]
  }
  for (let k = 4 * steps; k < inputs; k++) {
    const value = at(graph, a, [k])
    const weights = graph.constant('double', theta.slice(k * width, (k + 1) * width), [width, 1])
    sum = graph.node('Add', [sum, graph.node('Mul', [value, weights])])
  }
  return sum
}

/** The most probable class of each row, and its probabilities, by a softmax of Z_L. */
function classesOf(graph: GraphBuilder, z: Tensor, classes: number): LearnerOutputs {
  const probabilities = softmaxOf(graph, transposed(graph, z), classes)
  return { kind: 'classes', codes: firstLargest(graph, probabilities, 1), probabilities }
}

const row = (tensor: Tensor): Along => ({ tensor, type: 'double', dims: ['N'] })
