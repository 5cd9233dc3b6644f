/** What the trainers have learned, as Python; trees are in trees.ts. */
import type { BoostedStates, TargetScaleFile } from '../model-file/boosted-states.js'
import type { NeighbourStates } from '../model-file/neighbour-states.js'
import type { LinearFile, NetworkFile, SoftmaxFile } from '../model-file/network-states.js'
import type { LibsvmMachineFile, NativeMachineFile } from '../model-file/svm-states.js'
import type { TreeStates } from '../model-file/tree-states.js'
import type { LearnedFile } from '../model-file/types.js'
import {
  call,
  double,
  doubles,
  type Expression,
  named,
  none,
  singles,
  text,
  truth,
  whole,
  wholes,
} from './expressions.js'
import { boostedTreesOf, treesOf } from './trees.js'

/** A learner of Python's: from a row of numbers to the class and its probabilities, or to a number. `classes`: null of numbers. */
export function learnerOf(trainer: string, learned: LearnedFile, classes: number | null): Expression {
  const [family] = trainer.split(/-(?:classifier|regressor)$/)
  switch (family) {
    case 'cart':
    case 'forest':
    case 'extra-trees':
      return treesOf(learned as TreeStates, classes)
    case 'boosted-trees':
      return boostedTreesOf(learned as BoostedStates, classes)
    case 'knn':
      return neighbours(learned as NeighbourStates, classes)
    case 'linear': {
      const { coefficients, intercept } = learned as LinearFile
      return call('_linear', doubles(coefficients), double(intercept))
    }
    case 'softmax': {
      const { weights, biases } = learned as SoftmaxFile
      const sizes = [weights.length / classes!, classes!]
      return call('_network_classes', network({ sizes, activation: 'relu', theta: [...weights, ...biases] }))
    }
    case 'perceptron': {
      if (classes !== null) return call('_network_classes', network(learned as NetworkFile))
      const one = learned as { network: NetworkFile; target: TargetScaleFile }
      return scaled(network(one.network), one.target)
    }
    case 'svm': {
      if (classes !== null) return machineOfClasses(learned as NativeMachineFile | LibsvmMachineFile)
      const one = learned as { machine: NativeMachineFile | LibsvmMachineFile; target: TargetScaleFile }
      return scaled(outputsOf(one.machine), one.target)
    }
    default:
      throw new Error(`no Python is written for ${trainer}`)
  }
}

const scaled = (outputs: Expression, { shift, scale }: TargetScaleFile): Expression =>
  call('_scaled', outputs, double(shift), double(scale))

function neighbours(learned: NeighbourStates, classes: number | null): Expression {
  const { engine, k, distance, weights, columns, points, votes, codes, targets } = learned
  const common = [whole(k), text(distance), truth(weights === 'distance'), whole(columns), doubles(points)]
  if (classes === null)
    return call('_mean_of_neighbours', call('_neighbours', ...common, ofRows(votes)), doubles(targets!))
  // Of the k-d tree the places of neighbours are their classes.
  if (engine === undefined) {
    const places = wholes(Array.from({ length: classes }, (_, code) => code))
    return call('_elected', call('_kd_neighbours', ...common, wholes(codes!)), places, whole(classes))
  }
  return call('_elected', call('_neighbours', ...common, ofRows(votes)), wholes(codes!), whole(classes))
}

const ofRows = (votes: readonly number[] | null | undefined) => (votes ? doubles(votes) : none)

/** Without a hidden layer no activation is called. */
function network({ sizes, activation, theta }: NetworkFile): Expression {
  const between = sizes.length === 2 ? none : named(activation === 'tanh' ? '_tanh' : '_relu')
  return call('_network', wholes(sizes), between, doubles(theta))
}

function machineOfClasses(machine: NativeMachineFile | LibsvmMachineFile): Expression {
  const { sigmoids, counts } = machine
  const labels = wholes('engine' in machine ? counts.map((_, code) => code) : machine.labels)
  const decisions = 'engine' in machine ? nativeDecisions(machine) : libsvmDecisions(machine)
  if (sigmoids === null) return call('_machine_classes', decisions, labels)
  return call('_machine_probabilities', decisions, labels, doubles(sigmoids.a), doubles(sigmoids.b))
}

function libsvmDecisions(machine: LibsvmMachineFile): Expression {
  const { coefficients, rho, counts } = machine
  return call(
    '_libsvm_decisions',
    libsvmKernels(machine),
    doubles(coefficients),
    doubles(rho),
    wholes(counts),
  )
}

/** Of a regression. */
function outputsOf(machine: NativeMachineFile | LibsvmMachineFile): Expression {
  if ('engine' in machine) return nativeDecisions(machine)
  const { coefficients, rho } = machine
  return call('_libsvm_number', libsvmKernels(machine), doubles(coefficients), double(rho[0]))
}

function nativeDecisions({
  kernel: { kind, gamma, coef0, degree },
  centre,
  factor,
  vectors,
  coefficients,
  rho,
  counts,
}: NativeMachineFile): Expression {
  return call(
    '_decisions',
    text(kind),
    double(Math.fround(gamma)),
    double(Math.fround(coef0)),
    whole(degree),
    doubles(centre),
    double(factor),
    singles(vectors),
    doubles(coefficients),
    doubles(rho),
    wholes(counts),
  )
}

function libsvmKernels({ kernel, columns, vectors }: LibsvmMachineFile): Expression {
  const { kind, degree } = kernel
  const [gamma, coef0] = [double(kernel.gamma), double(kernel.coef0)]
  const measure = {
    linear: () => call('_linear_kernel'),
    rbf: () => call('_rbf_kernel', gamma),
    polynomial: () => call('_polynomial_kernel', gamma, coef0, whole(degree)),
    sigmoid: () => call('_sigmoid_kernel', gamma, coef0),
  }[kind]()
  return call('_libsvm_kernels', measure, whole(columns), doubles(vectors))
}

/** Whether last digits hang on the version of Node: powers of libsvm's polynomial. */
export function hasPowers(trainer: string, learned: LearnedFile | null): boolean {
  if (!trainer.startsWith('svm-') || learned === null) return false
  const machine = 'machine' in learned ? learned.machine : (learned as NativeMachineFile | LibsvmMachineFile)
  return !('engine' in machine) && machine.kernel.kind === 'polynomial' && machine.kernel.degree > 2
}

/** Whether a classifier gives probabilities. */
export function givesProbabilities(trainer: string, learned: LearnedFile | null): boolean {
  if (learned === null || trainer !== 'svm-classifier') return true
  return (learned as NativeMachineFile | LibsvmMachineFile).sigmoids !== null
}
