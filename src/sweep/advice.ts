/** What the advice that nothing more is to be gained says, in words. */
import type { StoppingAdvice } from '../search/index.js'

/** The advice of a sweep, and the number of the trial whose suggestion it was given at. */
export interface Settled extends StoppingAdvice {
  readonly trial: number
}

export function settledMessage({ trial, trials, regret, threshold }: Settled, metric: string): string {
  return `nothing more is to be gained: the best possible gain, r̂ = ${figure(regret)} ${metric}, is below the noise of cross-validation, ${figure(threshold)} (at trial ${trial}, by the ${trials} values known then)`
}

/** Three digits: more would be noise. */
function figure(value: number): string {
  return String(Number(value.toPrecision(3)))
}
