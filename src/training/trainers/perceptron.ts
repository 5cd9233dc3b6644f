/**
 * What the perceptron's two trainers share: hyperparameters, the rows set aside for early stopping, the network as
 * plain JSON and its answers.
 */
import { randomStream } from '../../numeric/index.js'
import type { Params } from '../../values.js'
import {
  type Activation,
  DenseNetwork,
  type NetworkShape,
  parameterCount,
  type Truth,
} from '../learners/dense-network.js'
import type { Schedule } from '../learners/optimizers.js'
import { type NetworkTraining, trainNetwork } from '../learners/train-network.js'
import type { Matrix } from '../matrix.js'
import { broken, numbers, object, oneOf, wholes } from '../state-check.js'
import type { Hyperparameter, TrainingContext } from '../types.js'

export type NetworkState = {
  sizes: number[]
  activation: Activation
  /** Weights (inputs × outputs, row-major) and biases, layer by layer. */
  theta: number[]
}

export const perceptronHyperparameters: readonly Hyperparameter[] = [
  { name: 'layers', description: 'how many hidden layers', type: 'int', default: 1, min: 1, max: 8 },
  { name: 'units', description: 'how many units each hidden layer has', type: 'int', default: 64, min: 1 },
  {
    name: 'activation',
    description: 'the function of a hidden unit',
    type: 'categorical',
    default: 'relu',
    values: ['relu', 'tanh'],
  },
  {
    name: 'optimizer',
    description: 'how a gradient becomes a step: stochastic gradient descent with momentum, or Adam',
    type: 'categorical',
    default: 'adam',
    values: ['sgd', 'adam'],
  },
  {
    name: 'learningRate',
    description: 'length of a step; sgd needs about ten to a hundred times what adam needs',
    type: 'float',
    default: 0.003,
    min: 1e-8,
    max: 1,
  },
  {
    name: 'momentum',
    description: 'how much of the last step goes on; only with optimizer "sgd"',
    type: 'float',
    default: 0.9,
    min: 0,
    max: 0.999,
  },
  {
    name: 'schedule',
    description: 'the learning rate over the epochs: constant, falling in steps, or along half a cosine to 0',
    type: 'categorical',
    default: 'constant',
    values: ['constant', 'step', 'cosine'],
  },
  {
    name: 'stepEpochs',
    description: 'the learning rate falls after every so many epochs; only with schedule "step"',
    type: 'int',
    default: 20,
    min: 1,
  },
  {
    name: 'stepFactor',
    description: 'what the learning rate is then multiplied by; only with schedule "step"',
    type: 'float',
    default: 0.5,
    min: 0,
    max: 1,
  },
  { name: 'epochs', description: 'how often every row is visited', type: 'int', default: 50, min: 1 },
  { name: 'batchSize', description: 'rows for one step', type: 'int', default: 32, min: 1 },
  {
    name: 'l1',
    description: 'penalty on the sum of the absolute weights',
    type: 'float',
    default: 0,
    min: 0,
  },
  {
    name: 'l2',
    description: 'penalty on half the sum of the squared weights',
    type: 'float',
    default: 0.0001,
    min: 0,
  },
  {
    name: 'dropout',
    description: 'share of the hidden units left out at random in every step',
    type: 'float',
    default: 0,
    min: 0,
    max: 0.9,
  },
  {
    name: 'earlyStopping',
    description: 'whether rows are set aside to find the best epoch, whose weights are then kept',
    type: 'boolean',
    default: false,
  },
  {
    name: 'validationShare',
    description: 'the share of the rows set aside; only with earlyStopping',
    type: 'float',
    default: 0.1,
    min: 0.01,
    max: 0.5,
  },
  {
    name: 'patience',
    description: 'epochs without a lower loss on those rows before training ends; only with earlyStopping',
    type: 'int',
    default: 10,
    min: 1,
  },
]

export const perceptronLimits: readonly string[] = [
  'computes on one thread, in doubles: for small networks and data; 1,198 × 64 rows with 64 hidden units take about 3 ms an epoch, some more with tanh',
  'columns should be scaled; a learning rate that is too large can make training diverge, which fails the trial',
]

/** Trains a network on these rows, of which some are set aside where early stopping is asked for. */
export async function fitPerceptron(
  x: Matrix,
  truth: Truth,
  outputs: number,
  params: Params,
  context: TrainingContext,
): Promise<NetworkState> {
  const hidden = new Array<number>(params.layers as number).fill(params.units as number)
  const shape: NetworkShape = {
    sizes: [x.columns, ...hidden, outputs],
    activation: params.activation as Activation,
  }
  const theta = await trainNetwork(shape, x, truth, trainingOptions(x, truth, params, context), context)
  return { sizes: [...shape.sizes], activation: shape.activation, theta: Array.from(theta) }
}

function trainingOptions(x: Matrix, truth: Truth, params: Params, context: TrainingContext): NetworkTraining {
  const number = (name: string) => params[name] as number
  let earlyStopping: NetworkTraining['earlyStopping'] = null
  if (params.earlyStopping) {
    const validation = validationRows(x.rows, truth, number('validationShare'), context.seed)
    if (validation.length > 0) earlyStopping = { patience: number('patience'), validation }
    else context.log(`no early stopping: ${x.rows} training rows are too few to set some aside`)
  }
  return {
    epochs: number('epochs'),
    batchSize: number('batchSize'),
    learningRate: number('learningRate'),
    schedule: scheduleOf(params),
    optimizer: params.optimizer === 'sgd' ? { kind: 'sgd', momentum: number('momentum') } : { kind: 'adam' },
    l1: number('l1'),
    l2: number('l2'),
    dropout: number('dropout'),
    earlyStopping,
  }
}

function scheduleOf({ schedule, stepEpochs, stepFactor }: Params): Schedule {
  if (schedule === 'step') return { kind: 'step', every: stepEpochs as number, factor: stepFactor as number }
  return { kind: schedule as 'constant' | 'cosine' }
}

/** A share of each class (rounded, at most all but one of its rows), or of all rows; in growing order. */
function validationRows(rows: number, truth: Truth, share: number, seed: number): Int32Array {
  const order = randomStream(seed, 'validation').shuffle(Int32Array.from({ length: rows }, (_, row) => row))
  const groups = new Map<number, number[]>()
  for (const row of order) {
    const group = truth.kind === 'classes' ? truth.codes[row] : 0
    const members = groups.get(group)
    if (members === undefined) groups.set(group, [row])
    else members.push(row)
  }
  const aside = [...groups.values()].flatMap((members) =>
    members.slice(0, Math.min(members.length - 1, Math.round(share * members.length))),
  )
  return Int32Array.from(aside).sort()
}

/** A network read from a file. Throws MODEL_INVALID. */
export function checkNetwork(found: unknown, where: string, columns: number, outputs: number): NetworkState {
  const state = object(found, where)
  const theta = numbers(state.theta, `${where}.theta`)
  const sizes = wholes(state.sizes, `${where}.sizes`, null, 1, Math.max(columns, theta.length))
  if (sizes.length < 2 || sizes[0] !== columns || sizes.at(-1) !== outputs)
    broken(`${where}.sizes`, `sizes of layers from ${columns} columns to ${outputs} outputs`, sizes)
  const activation = oneOf(state.activation, `${where}.activation`, ['relu', 'tanh'])
  const needed = parameterCount({ sizes, activation })
  if (theta.length !== needed) broken(`${where}.theta`, `a list of ${needed}`, theta)
  return { sizes, activation, theta }
}

/** A function from matrices to the network's outputs (rows × outputs). */
export function networkOutputs(state: NetworkState): (x: Matrix) => Float64Array {
  const inBatches = batches(state)
  const width = state.sizes[state.sizes.length - 1]
  return (x) => {
    const answers = new Float64Array(x.rows * width)
    inBatches(x, (network, start, rows) => {
      answers.set(network.forward(rows).subarray(0, rows * width), start * width)
    })
    return answers
  }
}

/** A function from matrices to the classes of rows and their probabilities, by a softmax of the outputs. */
export function networkClasses(
  state: NetworkState,
): (x: Matrix) => { readonly codes: Int32Array; readonly probabilities: Float64Array } {
  const inBatches = batches(state)
  const classes = state.sizes[state.sizes.length - 1]
  return (x) => {
    const codes = new Int32Array(x.rows)
    const probabilities = new Float64Array(x.rows * classes)
    inBatches(x, (network, start, rows) => {
      network.forward(rows)
      const found = network.classify(rows)
      codes.set(found.codes, start)
      probabilities.set(found.probabilities, start * classes)
    })
    return { codes, probabilities }
  }
}

/** Rows answered at a time: few, so that they stay in the cache. */
const answered = 64

/** Calls `take` with a network whose input is some rows of a matrix, for all of them in turn. */
function batches({ sizes, activation, theta }: NetworkState) {
  // Made by the first rows that are asked for, and again by more at a time.
  let room = { capacity: 0, network: null as DenseNetwork | null }
  return (x: Matrix, take: (network: DenseNetwork, start: number, rows: number) => void): void => {
    const capacity = Math.min(answered, x.rows)
    if (room.network === null || room.capacity < capacity) {
      room = { capacity, network: new DenseNetwork({ sizes, activation }, capacity) }
      room.network!.theta.set(theta)
    }
    const network = room.network!
    const { values } = x
    for (let start = 0; start < x.rows; start += answered) {
      const rows = Math.min(answered, x.rows - start)
      network.input.set(values.subarray(start * x.columns, (start + rows) * x.columns))
      take(network, start, rows)
    }
  }
}
