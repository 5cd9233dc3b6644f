/**
 * Models as ONNX files: the whole model, from the columns as people have them to labels, probabilities and numbers, in double precision.
 *
 * Outputs: `label`, string [rows], and `probabilities`, double [rows, classes], where the model has them; of numbers `variable`,
 * double [rows, 1].
 */
import type { ExportedModel, ModelExporter } from '../export/types.js'
import type { ModelFile } from '../model-file/types.js'
import { type Answers, answersOf } from './answers.js'
import { newGraph } from './graph.js'
import { addInputs } from './inputs.js'
import { checkOpset, usualOpset } from './opsets.js'
import type { ElementType, GraphBuilder, Tensor } from './types.js'

export const exportOnnx: ModelExporter = async (model, { opset: asked }): Promise<ExportedModel> => {
  const opset = checkOpset(asked ?? usualOpset)
  const whole = newGraph('espalier', opset)
  const inputs = addInputs(whole.graph, model.signature)
  addOutputs(whole.graph, model, await answersOf(whole.graph, model, inputs))
  const bytes = await whole.encode(descriptionOf(model), metadataOf(model))
  return {
    format: 'onnx',
    files: new Map([['model.onnx', bytes]]),
    isFolder: false,
    warnings: [...whole.warnings],
  }
}

function addOutputs(graph: GraphBuilder, { signature }: ModelFile, answers: Answers): void {
  const add = (name: string, type: ElementType, dims: readonly (number | string)[], tensor: Tensor) => {
    const taken = graph.inputs.includes(name)
    const free = graph.output(tensor, { name: taken ? `output ${name}` : name, type, dims })
    if (taken)
      graph.warn(
        `the output "${name}" is called "${free}": a column of the model has its name, and names in ONNX differ`,
      )
  }
  if (answers.kind === 'numbers') {
    const column = graph.node('Reshape', [answers.values, graph.constant('int64', [-1, 1])])
    add('variable', 'double', ['N', 1], column)
    return
  }
  const classes = signature.classes!
  add('label', 'string', ['N'], graph.node('Gather', [graph.constant('string', classes), answers.codes]))
  if (answers.probabilities === null)
    graph.warn('the model has no probabilities: the file has the output "label" alone')
  else add('probabilities', 'double', ['N', classes.length], answers.probabilities)
}

function trainersOf({ isEnsemble, members }: ModelFile): string {
  const names = [...new Set(members.map(({ model }) => model.trainer))].join(', ')
  return isEnsemble ? `ensemble of ${members.length} models (${names})` : names
}

function descriptionOf(model: ModelFile): string {
  const { task, target } = model.signature
  return `${task} of ${target} by ${trainersOf(model)}, written by Espalier`
}

/** Nothing that differs from one writing to the next. */
function metadataOf(model: ModelFile): Record<string, string> {
  const { signature, threshold } = model
  const { task, target, classes, columns } = signature
  return {
    'espalier.trainer': trainersOf(model),
    'espalier.task': task,
    'espalier.target': target,
    'espalier.columns': JSON.stringify(
      columns.map((column) => ({
        name: column.name,
        kind: column.kind === 'text' ? 'text' : (column.as ?? 'number'),
      })),
    ),
    ...(classes !== null && { 'espalier.classes': JSON.stringify(classes) }),
    ...(threshold !== null && {
      'espalier.threshold': JSON.stringify({ positive: threshold.positive, value: threshold.value }),
    }),
  }
}
