/** Graphs of ONNX as they are built: different names, equal constants kept once, warnings gathered. */

import { createHash } from 'node:crypto'
import { irVersionOf, mlOpsetOf } from './opsets.js'
import {
  attributeMessage,
  elementCodes,
  encodeModel,
  type GraphMessage,
  type NodeMessage,
  portMessage,
  type TensorMessage,
  tensorMessage,
} from './protobuf.js'
import type { ElementType, GraphBuilder, Tensor } from './types.js'

/** What a graph and the graphs inside it share. */
interface Shared {
  readonly opset: number
  readonly names: Set<string>
  /** How many names have been made of each word. */
  readonly counts: Map<string, number>
  /** By what they hold. */
  readonly constants: Map<string, Tensor>
  readonly initializers: TensorMessage[]
  readonly warnings: Set<string>
  readonly domains: Set<string>
}

/** What has come together of one graph. */
interface Parts {
  readonly name: string
  readonly node: NodeMessage[]
  readonly input: object[]
  readonly output: object[]
}

const partsOf = new WeakMap<object, Parts>()

export interface WholeGraph {
  readonly graph: GraphBuilder
  readonly warnings: ReadonlySet<string>
  /** The bytes of a file; what is said of the model beside its graph goes into its metadata. */
  encode(docString?: string, metadata?: Readonly<Record<string, string>>): Promise<Uint8Array>
}

/** An empty graph for operators of this version of ai.onnx, and of that of ai.onnx.ml which goes with it. */
export function newGraph(name: string, opset: number): WholeGraph {
  const shared: Shared = {
    opset,
    names: new Set(),
    counts: new Map(),
    constants: new Map(),
    initializers: [],
    warnings: new Set(),
    domains: new Set(),
  }
  const graph = builder(shared, name)
  const versionOf = (domain: string) => (domain === 'ai.onnx.ml' ? mlOpsetOf(opset) : 1)
  return {
    graph,
    warnings: shared.warnings,
    encode: (docString = '', metadata = {}) =>
      encodeModel({
        irVersion: irVersionOf(opset),
        producerName: 'espalier',
        docString,
        graph: { ...partsOf.get(graph)!, initializer: shared.initializers },
        opsetImport: [
          { domain: '', version: opset },
          ...[...shared.domains].sort().map((domain) => ({ domain, version: versionOf(domain) })),
        ],
        metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      }),
  }
}

/** The message of a graph inside a node: its constants are the outermost graph's. */
function innerMessage(graph: object): GraphMessage {
  return { ...partsOf.get(graph)!, initializer: [] }
}

function builder(shared: Shared, graphName: string): GraphBuilder {
  const parts: Parts = { name: graphName, node: [], input: [], output: [] }
  const inputs: Tensor[] = []

  /** The word itself where it is free, else with a number. */
  function named(word: string, isNumbered = false): string {
    let name = word
    let count = shared.counts.get(word) ?? 0
    while (shared.names.has(name) || (isNumbered && name === word)) name = `${word}_${++count}`
    shared.counts.set(word, count)
    shared.names.add(name)
    return name
  }

  function add(op: string, from: readonly Tensor[], to: readonly Tensor[], more: Partial<NodeMessage>): void {
    if (more.domain !== undefined) shared.domains.add(more.domain)
    parts.node.push({ input: from, output: to, name: to[0], opType: op, attribute: [], ...more })
  }

  const graph: GraphBuilder = {
    opset: shared.opset,
    inputs,
    constant(type, values, dims = [values.length]) {
      const message = tensorMessage(type, values, dims)
      const hash = createHash('sha256').update(`${type} ${dims.join()} `)
      if (message.rawData !== undefined) hash.update(message.rawData)
      for (const text of message.stringData ?? []) hash.update(`${text.length} `).update(text)
      const key = hash.digest('hex')
      const known = shared.constants.get(key)
      if (known !== undefined) return known
      const name = named(type, true)
      shared.constants.set(key, name)
      shared.initializers.push({ ...message, name })
      return name
    },
    scalar: (type, value) => graph.constant(type, [value], []),
    node: (op, from, attributes, domain) => graph.nodes(op, from, 1, attributes, domain)[0],
    nodes(op, from, outputs, attributes = {}, domain) {
      const to = Array.from({ length: outputs }, () => named(op, true))
      const attribute = Object.entries(attributes).map(([name, value]) =>
        attributeMessage(name, value, innerMessage),
      )
      add(op, from, to, { attribute, ...(domain !== undefined && { domain }) })
      return to
    },
    body(ports) {
      const inner = builder(shared, named('graph', true))
      for (const port of ports) inner.input(port)
      return inner
    },
    input(port) {
      const name = named(port.name)
      inputs.push(name)
      parts.input.push(portMessage({ ...port, name }))
      return name
    },
    output(tensor, port) {
      const name = named(port.name)
      add('Identity', [tensor], [name], {})
      parts.output.push(portMessage({ ...port, name }))
      return name
    },
    warn(message) {
      shared.warnings.add(message)
    },
  }
  partsOf.set(graph, parts)
  return graph
}

/** A tensor as elements of another type. */
export function cast(graph: GraphBuilder, tensor: Tensor, type: ElementType): Tensor {
  return graph.node('Cast', [tensor], { to: elementCodes[type] })
}

/** Some columns of a tensor of rows × columns: [rows, those columns], in their order. */
export function columnsAt(graph: GraphBuilder, tensor: Tensor, columns: ArrayLike<number>): Tensor {
  return graph.node('Gather', [tensor, graph.constant('int64', columns)], { axis: 1 })
}

/** The first size of a tensor: int64 [1]. */
export function rowsOf(graph: GraphBuilder, tensor: Tensor): Tensor {
  return graph.node('Shape', [tensor], { start: 0, end: 1 })
}

/** A constant for every row: [rows, …dims], of the rows that `of` has. */
export function forEachRow(
  graph: GraphBuilder,
  of: Tensor,
  type: ElementType,
  values: ArrayLike<number | bigint | string>,
): Tensor {
  const shape = graph.node('Concat', [rowsOf(graph, of), graph.constant('int64', [values.length])], {
    axis: 0,
  })
  return graph.node('Expand', [graph.constant(type, values, [1, values.length]), shape])
}

/** The least or greatest along an axis, which has one place then. */
export function reduced(graph: GraphBuilder, op: 'ReduceMin' | 'ReduceMax', x: Tensor, axis: 0 | 1): Tensor {
  // With version 18 axes became an input.
  return graph.opset < 18
    ? graph.node(op, [x], { axes: [axis], keepdims: 1 })
    : graph.node(op, [x, graph.constant('int64', [axis])], { keepdims: 1 })
}
