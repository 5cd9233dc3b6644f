/** The trials of a sweep with a model of them, where they say enough for one. */
import { fitSurrogate, type Surrogate, type SurrogateScale } from '../search/index.js'
import type { ParentRun } from '../tracking/index.js'
import type { Direction } from '../values.js'
import { type AnalysedTrials, type Sample, sampleOf } from './sample.js'

export interface Modelled {
  readonly sample: Sample
  /** null where the record cannot tell. */
  readonly model: Surrogate | null
  /** Why it cannot. */
  readonly unsure: string | null
  /** The share of the variance that the model predicts for trials it was not shown; null without a model. */
  readonly explained: number | null
}

/** Parts that are left out in turn to see what the model predicts. */
const parts = 5

/** Fewer finished trials tell nothing of d parameters: a plane through them needs d + 1. */
function leastTrials(d: number): number {
  return Math.max(10, 2 * (d + 1))
}

/** Where values in their own proportions are explained as well as this, nothing else is tried. */
const enoughExplained = 0.5

/**
 * What a model of n trials must explain of those it was not shown, to be believed. Values that are noise alone come to it
 * in about one of 30 sweeps (test/analysis/unsure.test.ts).
 */
function leastExplained(n: number): number {
  return Math.max(0.15, 8 / n)
}

/** By list of trials, then by what was asked of them. */
const kept = new WeakMap<AnalysedTrials, Map<string, Modelled>>()

/** Makes the model, once for a list of trials: an insight and many surfaces come of it. */
export function modelledOf(
  sweep: ParentRun,
  trials: AnalysedTrials,
  metric: string,
  direction: Direction,
): Modelled {
  const key = JSON.stringify([sweep.id, metric, direction])
  const known = kept.get(trials)
  const before = known?.get(key)
  if (before !== undefined) return before
  const modelled = modelOf(sampleOf(sweep, trials, metric, direction))
  if (known === undefined) kept.set(trials, new Map([[key, modelled]]))
  else known.set(key, modelled)
  return modelled
}

/** @param most trials that the model is made from, where not as many as it takes. */
export function modelOf(sample: Sample, most?: number): Modelled {
  const nothing = (unsure: string): Modelled => ({ sample, model: null, unsure, explained: null })
  const n = sample.trials.length
  const d = sample.space.dimensions.length
  const { metric } = sample
  if (d === 0) return nothing('the sweep searches no parameter: all of them are constants')
  if (n < leastTrials(d)) {
    return nothing(
      `what ${counted(d, 'parameter')} ${d === 1 ? 'has' : 'have'} to do with ${metric} takes ${leastTrials(d)} finished trials to tell, and there ${n === 1 ? 'is' : 'are'} ${n}`,
    )
  }
  const fitted = (scale: SurrogateScale) => {
    const model = fitSurrogate(sample.space, sample.points, sample.losses, { scale, most })
    return model && { model, explained: model.explained(parts) }
  }
  const linear = fitted('linear')
  if (linear === null) return nothing(`all ${n} trials have the same ${metric}`)
  const compressed = linear.explained >= enoughExplained ? null : fitted('compressed')
  const better = compressed !== null && compressed.explained > linear.explained ? compressed : linear
  if (!(better.explained >= leastExplained(n))) {
    return nothing(
      `a model of the ${n} trials predicts ${metric} of trials it was not shown hardly better than their mean does: more trials may tell more`,
    )
  }
  return { sample, ...better, unsure: null }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
