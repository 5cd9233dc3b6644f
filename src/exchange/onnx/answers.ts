/**
 * From a learner's outputs to a model's (src/training/pipeline.ts, ensemble.ts, artifact.ts) in ONNX: seen classes to all, calibration,
 * members of an ensemble as one, labels.
 */
import type { FittedModel, ModelFile } from '../model-file/types.js'
import { calibratedNodes } from './calibration.js'
import { cast, columnsAt, forEachRow } from './graph.js'
import type { Inputs } from './inputs.js'
import { learnerNodes } from './learners/registry.js'
import { firstLargest } from './learners/results.js'
import { preprocessed } from './preprocessing.js'
import type { GraphBuilder, Tensor } from './types.js'

/** Of all classes of the signature. */
export type Answers =
  /** `codes`: int64 [rows]. `probabilities`: double [rows, classes]; null where the model has none. */
  | { readonly kind: 'classes'; readonly codes: Tensor; readonly probabilities: Tensor | null }
  /** double [rows]. */
  | { readonly kind: 'numbers'; readonly values: Tensor }

type ClassAnswers = Extract<Answers, { kind: 'classes' }>

export async function answersOf(graph: GraphBuilder, model: ModelFile, inputs: Inputs): Promise<Answers> {
  const { classes } = model.signature
  const given: Answers[] = []
  for (const { model: member } of model.members) given.push(await memberAnswers(graph, member, inputs))
  const answers = model.isEnsemble ? together(graph, model, given) : given[0]
  if (model.threshold === null || answers.kind === 'numbers' || classes === null) return answers
  const { positive, value } = model.threshold
  const at = classes.indexOf(positive)
  const isPositive = graph.node('GreaterOrEqual', [
    columnOf(graph, answers.probabilities!, at),
    graph.scalar('double', value),
  ])
  const codes = graph.node('Where', [isPositive, graph.scalar('int64', at), graph.scalar('int64', 1 - at)])
  return { ...answers, codes }
}

async function memberAnswers(graph: GraphBuilder, model: FittedModel, inputs: Inputs): Promise<Answers> {
  const { x, categories } = preprocessed(graph, model.preprocessing, inputs)
  if (model.task === 'classification' && model.learned === null)
    return spread(graph, onlyClass(graph, x), model)
  const nodes = await learnerNodes(model.trainer)
  const classes = model.task === 'classification' ? model.seen.length : 0
  const found = nodes(graph, x, model.learned!, { columns: categories.length, classes, categories })
  if (model.task === 'regression') {
    if (found.kind === 'numbers') return found
  } else if (found.kind === 'classes') {
    const { calibration } = model
    if (calibration === null || found.probabilities === null) return spread(graph, found, model)
    const probabilities = calibratedNodes(graph, calibration, found.probabilities, classes)
    return spread(
      graph,
      { kind: 'classes', codes: firstLargest(graph, probabilities, 1), probabilities },
      model,
    )
  }
  throw new Error(`${model.trainer} answers ${found.kind}`)
}

/** A model that has seen one class knows nothing else. */
function onlyClass(graph: GraphBuilder, x: Tensor): ClassAnswers {
  const probabilities = forEachRow(graph, x, 'double', [1])
  return { kind: 'classes', codes: firstLargest(graph, probabilities, 1), probabilities }
}

/** Classes that had training rows → all classes; those without have the probability 0. */
function spread(
  graph: GraphBuilder,
  answers: ClassAnswers,
  { seen, classes }: Extract<FittedModel, { task: 'classification' }>,
): ClassAnswers {
  if (seen.length === classes.length) return answers
  const codes = graph.node('Gather', [graph.constant('int64', seen), answers.codes])
  if (answers.probabilities === null) return { ...answers, codes }
  // Behind the seen ones a column of zeros, which all others are.
  const zeros = forEachRow(graph, answers.probabilities, 'double', [0])
  const widened = graph.node('Concat', [answers.probabilities, zeros], { axis: 1 })
  const places = classes.map((_, code) => (seen.includes(code) ? seen.indexOf(code) : seen.length))
  return { kind: 'classes', codes, probabilities: columnsAt(graph, widened, places) }
}

/** The members' probabilities or votes, or their numbers, averaged by weight, in their order. */
function together(graph: GraphBuilder, model: ModelFile, given: readonly Answers[]): Answers {
  const total = graph.scalar(
    'double',
    model.members.reduce((sum, { weight }) => sum + weight, 0),
  )
  const mean = (tensors: readonly Tensor[]) => {
    const [first, ...others] = tensors.map((tensor, i) =>
      graph.node('Mul', [graph.scalar('double', model.members[i].weight), tensor]),
    )
    return graph.node('Div', [others.reduce((sum, next) => graph.node('Add', [sum, next]), first), total])
  }
  const { classes } = model.signature
  if (classes === null)
    return {
      kind: 'numbers',
      values: mean(given.map((one) => withoutSignOfZero(graph, (one as { values: Tensor }).values))),
    }
  const ofClasses = given as readonly ClassAnswers[]
  const table = mean(
    ofClasses.map(({ codes, probabilities }) => probabilities ?? votes(graph, codes, classes.length)),
  )
  return {
    kind: 'classes',
    codes: firstLargest(graph, table, 1),
    probabilities: ofClasses.every(({ probabilities }) => probabilities !== null) ? table : null,
  }
}

/** A sum that begins with 0 has no −0: adding that 0 would be left out by onnxruntime. */
function withoutSignOfZero(graph: GraphBuilder, values: Tensor): Tensor {
  const zero = graph.scalar('double', 0)
  return graph.node('Where', [graph.node('Equal', [values, zero]), zero, values])
}

function votes(graph: GraphBuilder, codes: Tensor, classes: number): Tensor {
  const column = graph.node('Unsqueeze', [codes, graph.constant('int64', [1])])
  const all = graph.constant(
    'int64',
    Array.from({ length: classes }, (_, c) => c),
    [1, classes],
  )
  return cast(graph, graph.node('Equal', [column, all]), 'double')
}

/** double [rows]. */
function columnOf(graph: GraphBuilder, tensor: Tensor, column: number): Tensor {
  return graph.node('Gather', [tensor, graph.scalar('int64', column)], { axis: 1 })
}
