/** What each trainer's learner is in ONNX; loaded where one is written. */
import type { LearnedFile } from '../../model-file/types.js'
import type { LearnerNodes } from '../types.js'

const trees = async () => (await import('./trees.js')).treeNodes
const neighbours = async () => (await import('./neighbours.js')).neighbourNodes
const boostedTrees = async () => (await import('./boosted-trees.js')).boostedTreeNodes

/** The state is one of that trainer, which has been checked. */
const byTrainer: Readonly<Record<string, () => Promise<LearnerNodes<never>>>> = {
  'boosted-trees-classifier': boostedTrees,
  'boosted-trees-regressor': boostedTrees,
  'cart-classifier': trees,
  'cart-regressor': trees,
  'extra-trees-classifier': trees,
  'extra-trees-regressor': trees,
  'forest-classifier': trees,
  'forest-regressor': trees,
  'knn-classifier': neighbours,
  'knn-regressor': neighbours,
  'linear-regressor': async () => (await import('./network.js')).linear,
  'perceptron-classifier': async () => (await import('./network.js')).perceptronClassifier,
  'perceptron-regressor': async () => (await import('./network.js')).perceptronRegressor,
  'softmax-classifier': async () => (await import('./network.js')).softmax,
  'svm-classifier': async () => (await import('./svm.js')).svmClassifier,
  'svm-regressor': async () => (await import('./svm.js')).svmRegressor,
}

/** @throws where a trainer that ships with Espalier has been forgotten. */
export async function learnerNodes(trainer: string): Promise<LearnerNodes<LearnedFile>> {
  const load = byTrainer[trainer]
  if (load === undefined) throw new Error(`no ONNX is written for ${trainer}`)
  return (await load()) as LearnerNodes<LearnedFile>
}
