/**
 * Gaussian processes on the unit cube of a search space, usable on their own:
 *
 *   const layout = layoutOf(space.dimensions)
 *   const { parameters } = fit(layout, { points, values })
 *   const posterior = createPosterior(layout)
 *   posterior.update(parameters, { points, values })
 *   const { means, deviations } = posterior.predict(newPoints)
 */
export {
  type AcquisitionProblem,
  byValue,
  improveLocally,
  type RatedPoint,
  ratePoints,
  screenPoints,
} from './acquisition.js'
export { type Discount, discountBetweenTies } from './between-ties.js'
export { perturbedCandidates, spreadCandidates } from './candidates.js'
export { nearLimit } from './far-away.js'
export { chooseForFit, type Fit, type FitOptions, fit } from './fit.js'
export { logToWarp, noWarp, type Warp, warp, warpSlope, warpWithGradient } from './input-warping.js'
export { defaultKernelParameters, type KernelParameters, type Layout, layoutOf } from './kernel.js'
export { logExpectedImprovement, logH } from './log-expected-improvement.js'
export {
  type LikelihoodMemory,
  leastNoise,
  marginalLikelihood,
  type Observations,
  packParameters,
  parameterBounds,
  reserveLikelihood,
  unpackParameters,
} from './marginal-likelihood.js'
export { fitOutputTransform, linearTransform, mostNoise, type OutputTransform } from './output-transform.js'
export { type Plateau, plateauOf } from './plateau.js'
export { createPosterior, type Posterior, type Prediction } from './posterior.js'
export { drawPrior } from './prior-draw.js'
export { type Trend, trendOf } from './trend.js'
