/**
 * The inputs of a model in ONNX: one for each column of its signature, of its name and [rows, 1].
 *
 *   numbers       double, NaN where missing
 *   truth values  double: 1, 0, NaN
 *   dates         double: days since 1970-01-01, the time of day as a fraction, NaN where missing
 *   texts         string; missing as everywhere in Espalier: '', NA, N/A, n/a, NaN, nan, null, NULL, ?, and what the signature adds
 */
import { cellRules, missingMarks, type Signature } from '../../data/index.js'
import type { GraphBuilder, Tensor } from './types.js'

export interface Inputs {
  /** By column: [rows, 1]; what counts as missing among numbers is NaN. */
  readonly columns: ReadonlyMap<string, Tensor>
  /** Texts that are missing values. */
  readonly missing: readonly string[]
}

export function addInputs(graph: GraphBuilder, signature: Signature): Inputs {
  const rules = cellRules(signature)
  const numbers = [...rules.missingNumbers]
  const columns = new Map<string, Tensor>()
  let hasTexts = false
  for (const [i, column] of signature.columns.entries()) {
    const name = column.name === '' ? `column ${i + 1}` : column.name
    if (column.name === '')
      graph.warn(`the column without a name is the input "${name}": an input of ONNX has a name`)
    const input = graph.input({ name, type: column.kind === 'text' ? 'string' : 'double', dims: ['N', 1] })
    if (column.kind === 'text') hasTexts = true
    columns.set(
      column.name,
      column.kind === 'number' && column.as === undefined ? withoutNumbers(graph, input, numbers) : input,
    )
  }
  if (hasTexts)
    graph.warn(
      'texts are compared as they are given: take blanks around them off first, as Espalier does when it reads them',
    )
  return { columns, missing: [...new Set([...missingMarks, ...rules.missing])] }
}

/** NaN in place of numbers that stand for missing values. */
function withoutNumbers(graph: GraphBuilder, input: Tensor, numbers: readonly number[]): Tensor {
  return numbers.reduce(
    (tensor, number) =>
      graph.node('Where', [
        graph.node('Equal', [tensor, graph.scalar('double', number)]),
        graph.scalar('double', Number.NaN),
        tensor,
      ]),
    input,
  )
}
