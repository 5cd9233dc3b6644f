/** What may be wrong with a sweep, or told of it, each with its remedy. */
import type { Modelled } from '../modelled.js'
import type { AnalysedTrials } from '../sample.js'
import type { Finding, ParameterInsight } from '../types.js'
import { type Baseline, noBetterThanBaseline } from './baseline.js'
import { bounds } from './bounds.js'
import { course } from './course.js'
import { withoutEffect } from './effects.js'
import { failures } from './failures.js'
import { noValue } from './no-value.js'
import { plateau } from './plateau.js'

export interface HealthOptions {
  /** What a model gives that looks at no feature, by the metric; null or absent where that is not known. */
  readonly baseline?: Baseline | null
  /** Whether the best is better than that beyond the noise; null or absent where nobody can say. */
  readonly beatsBaseline?: boolean | null
}

/** The gravest first. */
export function healthOf(
  modelled: Modelled,
  trials: AnalysedTrials,
  parameters: readonly ParameterInsight[],
  { baseline = null, beatsBaseline = null }: HealthOptions,
): readonly Finding[] {
  const { sample } = modelled
  const findings = [
    ...noBetterThanBaseline(sample, baseline, beatsBaseline),
    ...noValue(trials),
    ...failures(sample, trials),
    ...plateau(sample),
    ...bounds(sample, parameters),
    ...course(sample),
    ...withoutEffect(modelled, parameters),
  ]
  const rank = ({ severity }: Finding) => (severity === 'warning' ? 0 : 1)
  return findings.sort((a, b) => rank(a) - rank(b))
}
