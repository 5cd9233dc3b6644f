/**
 * Gradient-boosted trees for numbers: squared or absolute error on the standardised target, or Poisson deviance on the target over its
 * mean. The trees are our own, or XGBoost's.
 */

import type { JsonObject } from '../../values.js'
import { fitBoosting } from '../learners/boosting/fit.js'
import { checkForest, saveForest } from '../learners/boosting/forest.js'
import { type NumberLoss, numberObjective, type TrainedRows } from '../learners/boosting/objectives.js'
import { checkTargetScale, standardised, type TargetScale, targetScale } from '../learners/target-scale.js'
import { pipelineTrainer } from '../pipeline.js'
import { finite, object, oneOf } from '../state-check.js'
import { type BoostedState, checkBoosted, growTrees, treeScores } from './boosted-trees.js'
import { boostingTask, type Grown, refused, scorerOf } from './boosted-trees-native.js'
import {
  boostedTreesHyperparameters,
  boostedTreesLimits,
  checkForXGBoost,
  lossHyperparameter,
} from './boosted-trees-settings.js'

const losses = ['squaredError', 'absoluteError', 'poisson'] as const

/** `target`: for Poisson the shift is 0, and a scale of 0 says that all targets were 0. */
type Learned =
  | {
      readonly engine: 'native'
      readonly loss: NumberLoss
      readonly target: TargetScale
      readonly grown: Grown
    }
  | { readonly engine: 'ml-xgboost'; readonly target: TargetScale; readonly trees: BoostedState }

const hyperparameters = [
  boostedTreesHyperparameters[0],
  lossHyperparameter,
  ...boostedTreesHyperparameters.slice(1),
]

export const trainer = pipelineTrainer<Learned>({
  name: 'boosted-trees-regressor',
  task: 'regression',
  description: 'gradient-boosted trees, grown on histograms',
  scaling: 'none',
  takes: { missing: true, categories: true },
  hyperparameters,
  limits: [
    ...boostedTreesLimits,
    'minSplitGain and l1 are in units of the target standardised to deviation 1 (poisson: divided by its mean)',
    'absoluteError: no monotone constraints; minChildWeight counts the weight of rows',
  ],
  packages: ['ml-xgboost'],
  usesWeights: true,

  async fit(x, y, params, context) {
    if (params.engine === 'ml-xgboost') {
      checkForXGBoost(x, params, context, hyperparameters)
      const target = targetScale(y)
      const objective = { objective: 'reg:linear', base_score: 0 }
      const trees = await growTrees(x, standardised(y, target), objective, params, context)
      return { engine: 'ml-xgboost', target, trees }
    }
    const loss = params.loss as NumberLoss
    const { bins, settings, rows, weights } = boostingTask(x, null, params, context)
    if (loss === 'absoluteError' && settings.signs !== null)
      throw refused('"monotone" is not for the loss absoluteError: take squaredError, or leave it out')
    const target = scaleFor(loss, y, rows)
    const scaled = scaledTarget(y, target)
    const forest = await fitBoosting(
      x,
      bins,
      // All targets 0: there is nothing to grow.
      target.scale === 0 ? { ...settings, maxLeaves: 1 } : settings,
      weights,
      (loops) => numberObjective(loops, loss, scaled, rows),
      rows,
      context,
    )
    return { engine: 'native', loss, target, grown: { forest, bins: { bins, most: settings.mostBins } } }
  },

  // A model without the field is XGBoost's: such files are older than the engine of our own.
  save(learned): JsonObject {
    const { target } = learned
    return learned.engine === 'native'
      ? { engine: 'native', loss: learned.loss, trees: saveForest(learned.grown.forest), target }
      : { trees: learned.trees, target }
  },

  check(found, where, { columns }) {
    const { engine, loss, trees, target } = object(found, where)
    if (engine === undefined)
      return {
        engine: 'ml-xgboost',
        trees: checkBoosted(trees, `${where}.trees`, columns, 1),
        target: checkTargetScale(target, `${where}.target`),
      }
    oneOf(engine, `${where}.engine`, ['native'])
    const of = oneOf(loss, `${where}.loss`, losses)
    return {
      engine: 'native',
      loss: of,
      target:
        of === 'poisson'
          ? checkPoissonScale(target, `${where}.target`)
          : checkTargetScale(target, `${where}.target`),
      grown: { forest: checkForest(trees, `${where}.trees`, columns, 1), bins: null },
    }
  },

  load(learned, here) {
    const { shift, scale } = learned.target
    if (learned.engine === 'ml-xgboost') {
      const scores = treeScores(learned.trees, 1)
      return { predict: (x) => scores(x).map((score) => shift + scale * score) }
    }
    const scores = scorerOf(learned.grown, here)
    const { loss } = learned
    return {
      predict: (x) =>
        scores(x).map((score) =>
          // Beyond the largest number there is none; a score of Poisson's is a logarithm.
          within(loss === 'poisson' ? scale * Math.exp(Math.min(score, 700)) : shift + scale * score),
        ),
    }
  },

  importances: (learned, columns) =>
    learned.engine === 'native' ? learned.grown.forest.gains : new Float64Array(columns),
})

const within = (value: number) => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value))

function checkPoissonScale(found: unknown, where: string): TargetScale {
  const { shift, scale } = object(found, where)
  return { shift: finite(shift, `${where}.shift`, 0, 0), scale: finite(scale, `${where}.scale`, 0) }
}

/** Of the rows that are trained on. */
function scaleFor(loss: NumberLoss, y: Float64Array, { training, weights }: TrainedRows): TargetScale {
  const own = Float64Array.from(training, (row) => y[row])
  const ownWeights = weights === null ? null : Float64Array.from(training, (row) => weights[row])
  if (loss !== 'poisson') return targetScale(own, ownWeights)
  const negative = y.findIndex((value) => value < 0)
  if (negative >= 0)
    throw refused(`the loss poisson is for targets of 0 or more (got ${y[negative]}): take squaredError`)
  let mean = 0
  for (let i = 0; i < own.length; i++) mean += (ownWeights?.[i] ?? 1) * (own[i] / own.length)
  return { shift: 0, scale: Math.min(mean, Number.MAX_VALUE) }
}

/** On the scale, without overflow on the way. */
function scaledTarget(y: Float64Array, { shift, scale }: TargetScale): Float64Array {
  if (scale === 0) return new Float64Array(y.length)
  return y.map((value) => {
    const difference = value - shift
    return Number.isFinite(difference) ? difference / scale : value / scale - shift / scale
  })
}
