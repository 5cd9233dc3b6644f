/** What learners have learned, as a model file holds it: the shapes for its JSON Schema. */
import { z } from 'zod'

export const numbers = z.array(z.number())
export const wholes = z.array(z.int().min(0))
const flags = z.array(z.int().min(0).max(1))
const places = z.array(z.int().min(-1)).min(1)

export const native = z.literal('native')

const trees = {
  engine: native,
  column: places,
  threshold: z.array(z.number().nullable()),
  missingLeft: flags,
  sets: z.array(z.string().regex(/^([0-9a-f]{2})+$/)),
  importances: z.array(z.number().min(0)),
}

export const nativeClassTrees = z
  .strictObject({
    ...trees,
    leafSizes: z.array(z.int().min(1)),
    leafClasses: wholes,
    leafWeights: z.array(z.int().min(1).max(4_294_967_295)),
  })
  .meta({ id: 'nativeClassTrees', description: 'One or more trees whose leaves hold weights of classes.' })

export const nativeNumberTrees = z
  .strictObject({ ...trees, values: numbers })
  .meta({ id: 'nativeNumberTrees', description: 'One or more trees whose leaves hold numbers.' })

export const cartTree = z
  .strictObject({ column: places, threshold: numbers, right: wholes, leaves: z.array(numbers.min(1)) })
  .meta({ id: 'cartTree', description: 'A tree of the package ml-cart.' })

export const cartForest = z
  .strictObject({ trees: z.array(cartTree).min(1) })
  .meta({ id: 'cartForest', description: 'Trees of the package ml-random-forest.' })

export const boostedForest = z
  .strictObject({
    start: numbers.min(1),
    roots: wholes,
    column: z.array(z.int().min(-1)),
    value: numbers,
    right: wholes,
    missingLeft: flags,
    sets: z.array(z.array(z.int().min(0).max(254))),
    categories: z.array(z.strictObject({ column: z.int().min(0), bins: z.array(z.int().min(0).max(254)) })),
    gains: z.array(z.number().min(0)),
  })
  .meta({ id: 'boostedForest', description: 'Gradient-boosted trees.' })

export const xgboostForest = z
  .strictObject({
    roots: wholes,
    outputs: wholes,
    column: z.array(z.int().min(-1)),
    value: numbers,
    right: wholes,
  })
  .meta({
    id: 'xgboostForest',
    description: 'Gradient-boosted trees of the package ml-xgboost, in single precision.',
  })

export const target = z
  .strictObject({ shift: z.number(), scale: z.number().min(0) })
  .meta({ id: 'targetScale', description: 'A number is answered as shift + scale × what the learner gives.' })

export const neighbours = {
  k: z.int().min(1),
  distance: z.enum(['euclidean', 'manhattan', 'chebyshev', 'cosine']),
  weights: z.enum(['uniform', 'distance']),
  columns: z.int().min(1),
  points: numbers,
}

export const network = z
  .strictObject({
    sizes: z.array(z.int().min(1)).min(2),
    activation: z.enum(['relu', 'tanh']),
    theta: numbers,
  })
  .meta({ id: 'network', description: 'A dense network.' })

const kernel = z
  .strictObject({
    kind: z.enum(['linear', 'polynomial', 'rbf', 'sigmoid']),
    gamma: z.number().min(0),
    coef0: z.number(),
    degree: z.int().min(1).max(10),
  })
  .meta({ id: 'kernel', description: 'How alike a row and a support vector are.' })

const sigmoids = z.strictObject({ a: numbers, b: numbers }).nullable()

export const machine = z
  .union([
    z.strictObject({
      engine: native,
      kernel,
      columns: z.int().min(1),
      centre: numbers,
      factor: z.number().positive(),
      vectors: numbers,
      coefficients: numbers,
      rho: numbers,
      counts: wholes,
      sigmoids,
    }),
    z.strictObject({
      kernel,
      columns: z.int().min(1),
      vectors: numbers,
      coefficients: numbers,
      rho: numbers,
      labels: wholes,
      counts: wholes,
      sigmoids,
    }),
  ])
  .meta({ id: 'machine', description: 'A support vector machine, of Espalier (engine) or of libsvm.' })
