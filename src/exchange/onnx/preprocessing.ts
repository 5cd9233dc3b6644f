/** What src/training/preprocessing.ts makes of a table, in ONNX: the same numbers, by the same operations. */
import type { PreprocessedColumn, PreprocessingFile } from '../model-file/types.js'
import { datePartsOf } from './date-parts.js'
import { cast } from './graph.js'
import type { Inputs } from './inputs.js'
import type { GraphBuilder, Tensor } from './types.js'

/** A learner's matrix: double [rows, columns]. */
export interface MatrixNodes {
  readonly x: Tensor
  /** By column of the matrix: how many categories it has, 0 for numbers. */
  readonly categories: readonly number[]
}

/** Columns of the matrix that come from one of the table. */
interface Block {
  /** double [rows, columns]. */
  readonly values: Tensor
  /** By column: what stands in for NaN; null where it stays. */
  readonly fills: readonly (number | null)[]
  readonly categories: number
}

export function preprocessed(
  graph: GraphBuilder,
  { columns, shift, scale }: PreprocessingFile,
  inputs: Inputs,
): MatrixNodes {
  const blocks = columns.map((column) => {
    const input = inputs.columns.get(column.name)
    if (input === undefined) throw new Error(`the model's signature has no column ${column.name}`)
    return blockOf(graph, column, input, inputs.missing)
  })
  const fills = blocks.flatMap((block) => block.fills)
  let x = side(
    graph,
    blocks.map(({ values }) => values),
  )
  if (fills.some((fill) => fill !== null)) {
    const row = graph.constant(
      'double',
      fills.map((fill) => fill ?? Number.NaN),
      [1, fills.length],
    )
    x = graph.node('Where', [graph.node('IsNaN', [x]), row, x])
  }
  if (shift !== null && scale !== null) {
    const row = (values: readonly number[]) => graph.constant('double', values, [1, values.length])
    x = graph.node('Div', [graph.node('Sub', [x, row(shift)]), row(scale)])
  }
  return { x, categories: blocks.flatMap(({ fills, categories }) => fills.map(() => categories)) }
}

/** One beside the other. */
function side(graph: GraphBuilder, tensors: readonly Tensor[]): Tensor {
  return tensors.length === 1 ? tensors[0] : graph.node('Concat', tensors, { axis: 1 })
}

function blockOf(
  graph: GraphBuilder,
  column: PreprocessedColumn,
  input: Tensor,
  missing: readonly string[],
): Block {
  switch (column.kind) {
    case 'number':
      return { values: input, fills: [column.fill], categories: 0 }
    case 'date-parts': {
      const parts = datePartsOf(graph, input).slice(0, column.fills.length)
      return { values: side(graph, parts), fills: column.fills, categories: 0 }
    }
    case 'hash':
      return numbersOf(hashed(graph, column, input, missing), column.columns)
    case 'one-hot': {
      // A column without any text is one column of zeros.
      const width = Math.max(1, column.categories.length)
      const places = Array.from({ length: width }, (_, i) => (column.categories.length === 0 ? -2 : i))
      const is = graph.node('Equal', [
        placesOf(graph, column, input, missing, -1),
        graph.constant('int64', places, [1, width]),
      ])
      return numbersOf(cast(graph, is, 'double'), width)
    }
    case 'target': {
      // The last row: what is unknown.
      const rows = [...column.categories.map((_, c) => column.values.map((one) => one[c])), column.prior]
      const places = placesOf(graph, column, input, missing, column.categories.length)
      const values = graph.node('Gather', [
        graph.constant('double', rows.flat(), [rows.length, column.prior.length]),
        graph.node('Reshape', [places, graph.constant('int64', [-1])]),
      ])
      return numbersOf(values, column.prior.length)
    }
    case 'ordinal':
      return numbersOf(cast(graph, placesOf(graph, column, input, missing, -1), 'double'), 1)
    case 'category': {
      const places = placesOf(graph, column, input, missing, -1)
      const values = graph.node('Where', [
        graph.node('Less', [places, graph.scalar('int64', 0)]),
        graph.scalar('double', Number.NaN),
        cast(graph, places, 'double'),
      ])
      return { values, fills: [null], categories: column.categories.length }
    }
  }
}

/** Columns that never need to be filled. */
function numbersOf(values: Tensor, width: number): Block {
  return { values, fills: new Array<null>(width).fill(null), categories: 0 }
}

/** The place of each text among the categories, `unknown` where it has none: int64 [rows, 1]. */
function placesOf(
  graph: GraphBuilder,
  { categories, missing: stand }: { categories: readonly (string | null)[]; missing: string | null },
  input: Tensor,
  missing: readonly string[],
  unknown: number,
): Tensor {
  const ofMissing = categories.indexOf(stand)
  const places = new Map(missing.map((text) => [text, ofMissing < 0 ? unknown : ofMissing]))
  for (const [place, text] of categories.entries())
    if (text !== null && !places.has(text)) places.set(text, place)
  return lookedUp(graph, input, places, unknown)
}

function lookedUp(
  graph: GraphBuilder,
  input: Tensor,
  values: ReadonlyMap<string, number>,
  unknown: number,
): Tensor {
  return graph.node(
    'LabelEncoder',
    [input],
    { keys_strings: [...values.keys()], values_int64s: [...values.values()], default_int64: unknown },
    'ai.onnx.ml',
  )
}

/** +1 or −1 in one of the columns, by MurmurHash3; 0 everywhere where there is no text. */
function hashed(
  graph: GraphBuilder,
  { name, columns, missing: stand }: Extract<PreprocessedColumn, { kind: 'hash' }>,
  input: Tensor,
  missing: readonly string[],
): Tensor {
  graph.warn(
    `column "${name}": texts are hashed by an operator of onnxruntime (com.microsoft.MurmurHash3), which other runtimes do not have; with another encoding than "hash" the model runs in all of them`,
  )
  const isMissing = cast(graph, lookedUp(graph, input, new Map(missing.map((text) => [text, 1])), 0), 'bool')
  const text =
    stand === null
      ? input
      : graph.node('Where', [isMissing, graph.constant('string', [stand], [1, 1]), input])
  const hash = cast(
    graph,
    graph.node('MurmurHash3', [text], { seed: 0, positive: 1 }, 'com.microsoft'),
    'int64',
  )
  const two = graph.scalar('int64', 2)
  const column = graph.node('Mod', [graph.node('Div', [hash, two]), graph.scalar('int64', columns)])
  const twice = graph.node('Mul', [graph.node('Mod', [hash, two]), two])
  const sign = cast(graph, graph.node('Sub', [twice, graph.scalar('int64', 1)]), 'double')
  const all = Array.from({ length: columns }, (_, i) => i)
  const isColumn = graph.node('Equal', [column, graph.constant('int64', all, [1, columns])])
  const isSet = stand === null ? graph.node('And', [isColumn, graph.node('Not', [isMissing])]) : isColumn
  return graph.node('Where', [isSet, sign, graph.scalar('double', 0)])
}
