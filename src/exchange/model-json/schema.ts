/**
 * The JSON Schema of model files, from which docs/model.schema.json is made. It describes the shape; what hangs together (lengths, places of
 * nodes) is checked by loadModel. Zod is imported by nothing that writes or reads models.
 */
import { z } from 'zod'
import type { JsonObject } from '../../values.js'
import { modelSchemaId } from './index.js'
import * as states from './states.js'

const { numbers, wholes } = states
const share = z.number().min(0).max(1)
const text = z.string()
const texts = z.array(text)
const textOrNull = text.nullable()

const signatureColumn = z
  .union([
    z.strictObject({ name: text, kind: z.literal('number'), as: z.enum(['boolean', 'date']).optional() }),
    z.strictObject({ name: text, kind: z.literal('text'), categories: texts }),
  ])
  .meta({
    id: 'signatureColumn',
    description: 'A column that rows have: a number, a truth value, a date or a text.',
  })

const notation = {
  missing: texts.optional(),
  decimal: z.literal(',').optional(),
  thousands: z.enum(['.', ',', ' ', "'", '_']).optional(),
  units: texts.optional(),
  dateFormat: z.union([text, z.record(text, text)]).optional(),
  trueValues: texts.optional(),
  falseValues: texts.optional(),
}

const common = { columns: z.array(signatureColumn).min(1), target: text, ...notation }

const signatures = {
  classification: z
    .strictObject({ ...common, task: z.literal('classification'), classes: texts.min(1) })
    .meta({
      id: 'classificationSignature',
      description: 'What rows have, how cells are written, and the classes.',
    }),
  regression: z
    .strictObject({ ...common, task: z.literal('regression'), classes: z.null() })
    .meta({ id: 'regressionSignature', description: 'What rows have, and how cells are written.' }),
}

const categories = { categories: z.array(textOrNull), missing: textOrNull }

const preprocessedColumn = z
  .discriminatedUnion('kind', [
    z.strictObject({ name: text, kind: z.literal('number'), fill: z.number().nullable() }),
    z.strictObject({ name: text, kind: z.enum(['one-hot', 'ordinal', 'category']), ...categories }),
    z.strictObject({
      name: text,
      kind: z.literal('target'),
      ...categories,
      values: z.array(numbers).min(1),
      prior: numbers.min(1),
    }),
    z.strictObject({
      name: text,
      kind: z.literal('hash'),
      columns: z.int().min(1).max(1024),
      missing: textOrNull,
    }),
    z.strictObject({
      name: text,
      kind: z.literal('date-parts'),
      fills: z.array(z.number().nullable()).min(5).max(6),
    }),
  ])
  .meta({ id: 'preprocessedColumn', description: 'How a column becomes columns of numbers.' })

const preprocessing = z
  .strictObject({
    columns: z.array(preprocessedColumn).min(1),
    shift: numbers.nullable(),
    scale: z.array(z.number().positive()).nullable(),
  })
  .meta({ id: 'preprocessing', description: 'From a row to the numbers that the learner sees.' })

const calibration = z
  .union([
    z.strictObject({
      kind: z.literal('sigmoid'),
      maps: z.array(z.strictObject({ a: z.number(), b: z.number() })).min(1),
    }),
    z.strictObject({
      kind: z.literal('isotonic'),
      maps: z.array(z.strictObject({ p: numbers.min(1), q: z.array(share).min(1) })).min(1),
    }),
  ])
  .meta({ id: 'calibration', description: 'How probabilities are put right.' })

type Family = Readonly<Record<string, z.ZodType>>

const classifiers: Family = {
  'cart-classifier': z.union([states.nativeClassTrees, states.cartTree]),
  'forest-classifier': z.union([states.nativeClassTrees, states.cartForest]),
  'extra-trees-classifier': states.nativeClassTrees,
  'boosted-trees-classifier': z.union([
    z.strictObject({ engine: states.native, trees: states.boostedForest }),
    states.xgboostForest,
  ]),
  'knn-classifier': z.union([
    z.strictObject({ engine: states.native, ...states.neighbours, votes: numbers.nullable(), codes: wholes }),
    z.strictObject({ ...states.neighbours, codes: wholes }),
  ]),
  'softmax-classifier': z.strictObject({ weights: numbers, biases: numbers }),
  'perceptron-classifier': states.network,
  'svm-classifier': states.machine,
}

const { target } = states
const regressors: Family = {
  'cart-regressor': z.union([states.nativeNumberTrees, states.cartTree]),
  'forest-regressor': z.union([states.nativeNumberTrees, states.cartForest]),
  'extra-trees-regressor': states.nativeNumberTrees,
  'boosted-trees-regressor': z.union([
    z.strictObject({
      engine: states.native,
      loss: z.enum(['squaredError', 'absoluteError', 'poisson']),
      trees: states.boostedForest,
      target,
    }),
    z.strictObject({ trees: states.xgboostForest, target }),
  ]),
  'knn-regressor': z.strictObject({ ...states.neighbours, votes: numbers.nullable(), targets: numbers }),
  'linear-regressor': z.strictObject({ coefficients: numbers, intercept: z.number() }),
  'perceptron-regressor': z.strictObject({ network: states.network, target }),
  'svm-regressor': z.strictObject({ machine: states.machine, target }),
}

/** Each trainer with its state, as a model and as a member of an ensemble have it. */
const fittedBy = Object.fromEntries(
  Object.keys({ ...classifiers, ...regressors }).map((name) => {
    const trainer = z.strictObject({ kind: z.literal('built-in'), name: z.literal(name) })
    return [
      name,
      { trainer, state: stateOf(name).meta({ id: name, description: `What ${name} has fitted.` }) },
    ]
  }),
)

function stateOf(name: string) {
  if (name in regressors) return z.strictObject({ preprocessing, learned: regressors[name] })
  return z.strictObject({
    preprocessing,
    classes: texts.min(1),
    seen: wholes.min(1),
    learned: classifiers[name].nullable(),
    calibration: calibration.optional(),
  })
}

const importances = z
  .array(z.strictObject({ feature: text, importance: share }))
  .optional()
  .describe(
    'How much each column had to do with what was learned: shares, greatest first. Predictions do not need them.',
  )

const head = {
  $schema: text.optional(),
  format: z.literal('espalier-model'),
  version: z.literal(1),
}

const threshold = z
  .strictObject({ metric: text, positive: text, value: share })
  .optional()
  .describe('Of two classes the positive one is answered where its probability is this or more.')

const ofTask = (names: readonly string[], task: 'classification' | 'regression') => [
  ...names.map((name) =>
    z.strictObject({
      ...head,
      ...fittedBy[name],
      signature: signatures[task],
      importances,
      ...(task === 'classification' && { threshold }),
    }),
  ),
  z.strictObject({
    ...head,
    trainer: z.strictObject({ kind: z.literal('ensemble') }),
    signature: signatures[task],
    state: z.strictObject({
      members: z
        .array(
          z.union(
            names.map((name) => z.strictObject({ weight: z.number().min(1).max(1000), ...fittedBy[name] })),
          ),
        )
        .min(1)
        .max(1000),
    }),
    importances,
    ...(task === 'classification' && { threshold }),
  }),
]

/** A model of trainers that ship with Espalier. */
export const modelFile = z.union([
  ...ofTask(Object.keys(classifiers), 'classification'),
  ...ofTask(Object.keys(regressors), 'regression'),
])

/** The names of the trainers whose models it describes. */
export const describedTrainers: readonly string[] = [...Object.keys(classifiers), ...Object.keys(regressors)]

/** As JSON Schema (draft 7). */
export function modelSchema(): JsonObject {
  return {
    $id: modelSchemaId,
    title: 'A model of Espalier',
    ...(z.toJSONSchema(modelFile, { target: 'draft-07' }) as unknown as JsonObject),
  }
}
