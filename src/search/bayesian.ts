/**
 * Bayesian search: a Gaussian process of the losses so far, and the params of greatest expected improvement.
 *
 * First trials: the centre of the space, then scrambled Sobol points. Then, for every trial, the losses are
 * transformed, the kernel's parameters fitted (or taken over from the trial before), and the acquisition maximised. Where
 * several params share the best loss, more than a little improvement is asked for (plateau.ts); between params that
 * share a loss, less is expected than by the model (between-ties.ts).
 *
 * Nothing is remembered outside the history: the origin of every suggestion carries the fitted parameters, and the
 * next fit starts from them. What is kept here (encoded points, rows of the Cholesky factor) changes no result.
 *
 * origin.rule: `centre`, `initial` (with the Sobol point's index), `expected-improvement`, `fallback` (a Sobol point,
 * with the reason), `enumeration` (what is left of a finite space). `farAway` counts the losses that were told to the
 * model as failed trials are, because they are too bad to say how bad.
 */
import { randomStream, sobolSequence } from '../numeric/index.js'
import type { Space } from '../space/index.js'
import type { JsonObject, Params } from '../values.js'
import { walkSpace } from './enumeration.js'
import type { Proposer } from './frame.js'
import { createFreshDraw } from './fresh.js'
import {
  type AcquisitionProblem,
  byValue,
  chooseForFit,
  createPosterior,
  defaultKernelParameters,
  discountBetweenTies,
  fit,
  fitOutputTransform,
  improveLocally,
  type LikelihoodMemory,
  layoutOf,
  mostNoise,
  nearLimit,
  type OutputTransform,
  perturbedCandidates,
  plateauOf,
  type RatedPoint,
  ratePoints,
  reserveLikelihood,
  screenPoints,
  spreadCandidates,
} from './gaussian-process/index.js'
import { isOwn } from './history.js'
import { impute, steadier } from './losses.js'
import { type ModelRecord, readModel, writeModel } from './model-record.js'
import type { SeenParams } from './seen.js'
import type { History, SearchSettings, Suggestion, SuggestionOrigin } from './types.js'

/**
 * Trials before the model has its say. Not a share of the trials asked for, so that extending a sweep gives what asking
 * for more at once would have given (bench/quality/HISTORY.md compares other numbers).
 */
const initialTrials = 8
/** Observations a fit works on, and a prediction. */
const most = { fit: 256, predict: 1000 }
const candidates = { spread: 512, perturbed: 256, anchors: 5 }
/** With more observations than `beyond`, candidates are screened by a model of `size` of them, and `keep` are rated. */
const screening = { beyond: 300, size: 192, keep: 96 }
/** Finite spaces up to this size are rated whole. */
const ratedWhole = 1024
/**
 * A fit starts from the defaults too every so many observations. Beyond `together` of them that start has a suggestion of
 * its own, one between two fits, so that no suggestion takes the time of two fits, unless it has been `latest` since.
 */
const thorough = { every: 16, together: 100, latest: 32 }

/** Observations between fits. */
function fitEvery(observations: number): number {
  return observations <= 50 ? 1 : observations <= 100 ? 2 : observations <= 200 ? 4 : 8
}

/**
 * What the model is made from, in trial order: points, losses (NaN where the trial failed or its loss is far away) and
 * their noise.
 */
interface Sample {
  readonly points: Float64Array[]
  readonly losses: number[]
  readonly noises: number[]
  /** How many losses are far away (far-away.ts). */
  readonly far: number
}

export function createBayesianProposer(space: Space, settings: SearchSettings): Proposer {
  const { seed, warmStart = [] } = settings
  const d = space.dimensions.length
  const layout = { ...layoutOf(space.dimensions), rough: true }
  const sequence = sobolSequence(d, seed, 'bayesian-initial')
  const candidateSequence = sobolSequence(d, seed, 'bayesian-candidates')
  const drawFresh = createFreshDraw(space, seed)
  const posterior = createPosterior(layout)
  const smaller = createPosterior(layout)
  let memory: LikelihoodMemory | null = null
  const encoded = new WeakMap<Params, Float64Array>()
  let whole: Float64Array[] | null = null

  function pointOf(params: Params): Float64Array {
    let point = encoded.get(params)
    if (point === undefined) {
      point = space.encode(params)
      encoded.set(params, point)
    }
    return point
  }

  function spreadOut(history: History, seen: SeenParams, origin: SuggestionOrigin): Suggestion | null {
    const from = nextIndex(history)
    const fresh = drawFresh(seen, (attempt) => sequence.point(from + attempt))
    if (fresh === null) return null
    const rule = fresh.enumerated ? { rule: 'enumeration' } : origin
    return { params: fresh.params, origin: { ...rule, index: from + fresh.draws - 1 } }
  }

  function sampleOf(history: History): Sample {
    const sign = history.directions[0] === 'maximize' ? -1 : 1
    const sample = { points: [] as Float64Array[], losses: [] as number[], noises: [] as number[], far: 0 }
    for (const { params, value } of warmStart) {
      sample.points.push(pointOf(params))
      sample.losses.push(sign * value)
      sample.noises.push(0)
    }
    for (const trial of history.trials) {
      const { params, outcome, extraNoise = 0 } = trial
      const [value] = trial.values
      const usable = outcome !== 'failed' && Number.isFinite(value)
      sample.points.push(pointOf(params))
      sample.losses.push(usable ? sign * value : Number.NaN)
      sample.noises.push(usable ? extraNoise : 0)
    }
    const limit = nearLimit(sample.losses.filter((loss) => !Number.isNaN(loss)))
    sample.losses.forEach((loss, i) => {
      if (!(loss > limit)) return
      sample.losses[i] = Number.NaN
      sample.noises[i] = 0
      sample.far++
    })
    return sample
  }

  /** The kernel's parameters for this trial, and how they came about. */
  function model(
    history: History,
    values: Float64Array,
    points: Float64Array[],
    noises: Float64Array,
  ): ModelRecord {
    const n = points.length
    const previous = latestModel(history)
    const due = previous === null || n - previous.fittedOn >= fitEvery(n)
    const since = previous === null ? Number.POSITIVE_INFINITY : n - previous.thoroughOn
    const afresh =
      since >= thorough.every && (n <= thorough.together ? due : !due || since >= thorough.latest)
    if (!due && !afresh) return previous
    const chosen = chooseForFit(values, most.fit)
    if (memory === null || memory.capacity < chosen.length) {
      memory = reserveLikelihood(layout, Math.min(most.fit, Math.max(32, 2 * chosen.length)))
    }
    const fitted = fit(
      layout,
      {
        points: chosen.map((i) => points[i]),
        values: chosen.map((i) => values[i]),
        extraNoise: chosen.map((i) => noises[i]),
      },
      { start: previous?.parameters ?? null, from: !afresh ? 'start' : due ? 'both' : 'defaults', memory },
    )
    return {
      parameters: fitted?.parameters ?? previous?.parameters ?? defaultKernelParameters(layout),
      fittedOn: due ? n : previous.fittedOn,
      thoroughOn: afresh ? n : previous!.thoroughOn,
    }
  }

  function latestModel({ trials, pending }: History): ModelRecord | null {
    let newest: ModelRecord | null = null
    let trial = -1
    for (const list of [pending, trials]) {
      for (let i = list.length - 1; i >= 0; i--) {
        if (list[i].trial <= trial) continue
        const record = readModel(space, list[i].origin)
        if (record === null) continue
        newest = record
        trial = list[i].trial
        break
      }
    }
    return newest
  }

  function suggestByModel(history: History, trial: number, seen: SeenParams): Suggestion | string {
    const sample = sampleOf(history)
    const known = sample.losses.filter((loss) => !Number.isNaN(loss))
    const transform = fitOutputTransform(known)
    if (transform === null) return 'all values so far are equal'
    const values = impute(transform, sample.losses)
    const noises = Float64Array.from(sample.noises, (variance, i) => {
      const slope = variance > 0 ? transform.slope(sample.losses[i]) : 0
      return Math.min(mostNoise, variance * slope * slope)
    })
    const record = model(history, values, sample.points, noises)

    const kept = chooseForFit(values, most.predict)
    const points = kept.map((i) => sample.points[i])
    const pending = history.pending.map(({ params }) => pointOf(params))
    const observations = {
      points,
      values: Float64Array.from(kept, (i) => values[i]),
      extraNoise: Float64Array.from(kept, (i) => noises[i]),
    }
    const parameters = [
      record.parameters,
      ...steadier(record.parameters),
      defaultKernelParameters(layout),
    ].find((tried) => posterior.update(tried, observations, pending))
    if (parameters === undefined) return 'the kernel matrix could not be factorised'

    const base = [...points, ...pending]
    const means = posterior.predictMeans(base)
    const order = base.map((_, i) => i).sort((i, j) => means[i] - means[j] || i - j)
    const lowest = means[order[0]]
    const usable = sample.points.filter((_, i) => !Number.isNaN(sample.losses[i]))
    const plateau = plateauOf(usable, transform.values)
    const best = lowest - plateau.demand
    if (!Number.isFinite(best)) return 'the model has no finite prediction'

    // What a pruned trial had reached is no step of what is searched.
    const exact = sample.losses.flatMap((loss, i) => (Number.isNaN(loss) || sample.noises[i] > 0 ? [] : [i]))
    const discount = discountBetweenTies(
      space.dimensions,
      exact.map((i) => sample.points[i]),
      exact.map((i) => sample.losses[i]),
    )
    const problem = { space, posterior, lengthscales: parameters.lengthscales, best, discount }
    const anchors = order.slice(0, candidates.anchors).map((i) => base[i])
    const screen = (all: Float64Array[]): Float64Array[] => {
      if (points.length <= screening.beyond) return all
      const some = chooseForFit(observations.values, screening.size)
      const fewer = {
        points: some.map((i) => points[i]),
        values: some.map((i) => observations.values[i]),
        extraNoise: some.map((i) => observations.extraNoise[i]),
      }
      return smaller.update(parameters, fewer, pending)
        ? screenPoints(problem, smaller, all, screening.keep)
        : all
    }
    const chosen = firstUnseen(seen, rate(problem, anchors, trial, screen))
    if (chosen === null) return 'every promising point was tried before'
    return {
      params: chosen.params,
      origin: {
        ...explain(chosen, best, plateau.ties, transform, { ...record, parameters }, history),
        ...(sample.far > 0 ? { farAway: sample.far } : {}),
      },
    }
  }

  /** Candidates and local maxima, best first. */
  function rate(
    problem: AcquisitionProblem,
    anchors: Float64Array[],
    trial: number,
    screen: (points: Float64Array[]) => Float64Array[],
  ): RatedPoint[] {
    if (space.size <= ratedWhole) {
      whole ??= [...walkSpace(space)].map((params) => space.encode(params))
      return ratePoints(problem, whole).sort(byValue)
    }
    const random = randomStream(seed, 'bayesian-perturbations', trial)
    const points = [
      ...spreadCandidates(space, candidateSequence, (trial * candidates.spread) % 2 ** 31, candidates.spread),
      ...perturbedCandidates(space, anchors, candidates.perturbed, random),
    ]
    const rated = ratePoints(problem, screen(points))
    const template = Float64Array.from({ length: d }, () => random.next())
    return improveLocally(problem, rated, template)
  }

  function firstUnseen(seen: SeenParams, rated: readonly RatedPoint[]) {
    for (const { point, value } of rated) {
      if (Number.isNaN(value)) continue
      const params = space.decode(point)
      if (!seen.has(params)) return { params, point, value }
    }
    return null
  }

  function explain(
    { point, value }: RatedPoint,
    best: number,
    ties: number,
    transform: OutputTransform,
    record: ModelRecord,
    history: History,
  ): SuggestionOrigin {
    const sign = history.directions[0] === 'maximize' ? -1 : 1
    const { means, deviations } = posterior.predict([point])
    const spread = transform.backward(means[0] + deviations[0]) - transform.backward(means[0] - deviations[0])
    return {
      rule: 'expected-improvement',
      over: sign * transform.backward(best),
      ...(ties > 1 ? { ties } : {}),
      predicted: { mean: sign * transform.backward(means[0]), deviation: spread / 2 },
      acquisition: value,
      observations: history.trials.length + warmStart.length,
      lambda: transform.lambda,
      model: writeModel(space, record),
    }
  }

  return {
    completion: (n) => sobolSequence(d, seed, 'bayesian-completion').point(n),
    propose(unordered, trial, seen) {
      const history = inTrialOrder(unordered)
      if (seen.distinct >= space.size) return null
      const finite = history.trials.filter(
        ({ values, outcome }) => outcome !== 'failed' && values.length > 0,
      ).length
      const begun = history.trials.length + history.pending.length + warmStart.length
      if (begun === 0 || (begun < initialTrials && !isCentreTried(history))) {
        const centre = space.centre()
        if (!seen.has(centre)) return { params: centre, origin: { rule: 'centre' } }
      }
      if (begun < initialTrials || finite + warmStart.length < 4) {
        return spreadOut(history, seen, { rule: 'initial' })
      }
      const suggestion = suggestByModel(history, trial, seen)
      return typeof suggestion === 'string'
        ? spreadOut(history, seen, { rule: 'fallback', reason: suggestion })
        : suggestion
    },
  }
}

/** Outcomes may have come in another order, which must not change a sum. */
function inTrialOrder(history: History): History {
  const { trials } = history
  const ordered = trials.every((one, i) => i === 0 || trials[i - 1].trial < one.trial)
  return ordered ? history : { ...history, trials: [...trials].sort((a, b) => a.trial - b.trial) }
}

function isCentreTried({ trials, pending }: History): boolean {
  return [...trials, ...pending].some(({ origin }) => origin.rule === 'centre' && isOwn(origin))
}

/** The Sobol point after the last one that a trial of this history came from. */
function nextIndex({ trials, pending }: History): number {
  let last = -1
  for (const { origin } of [...trials, ...pending]) {
    if (origin.rule === 'initial' || origin.rule === 'fallback' || origin.rule === 'enumeration') {
      last = Math.max(last, Number((origin as JsonObject).index))
    }
  }
  return last + 1
}
