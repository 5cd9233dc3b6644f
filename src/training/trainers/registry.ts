/**
 * The trainers that ship with Espalier. A trainer's file is loaded when it is asked for, and its libraries only
 * when it fits or loads a model.
 */
import type { Trainer } from '../types.js'

type TrainerFile = () => Promise<{ readonly trainer: Trainer }>

export const registry: Readonly<Record<string, TrainerFile>> = {
  'cart-classifier': () => import('./cart-classifier.js'),
  'cart-regressor': () => import('./cart-regressor.js'),
  'knn-classifier': () => import('./knn-classifier.js'),
  'knn-regressor': () => import('./knn-regressor.js'),
  'svm-classifier': () => import('./svm-classifier.js'),
  'svm-regressor': () => import('./svm-regressor.js'),
  'boosted-trees-classifier': () => import('./boosted-trees-classifier.js'),
  'boosted-trees-regressor': () => import('./boosted-trees-regressor.js'),
  'forest-classifier': () => import('./forest-classifier.js'),
  'forest-regressor': () => import('./forest-regressor.js'),
  'extra-trees-classifier': () => import('./extra-trees-classifier.js'),
  'extra-trees-regressor': () => import('./extra-trees-regressor.js'),
  'linear-regressor': () => import('./linear-regressor.js'),
  'softmax-classifier': () => import('./softmax-classifier.js'),
  'perceptron-classifier': () => import('./perceptron-classifier.js'),
  'perceptron-regressor': () => import('./perceptron-regressor.js'),
}
