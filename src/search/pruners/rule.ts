/**
 * What a pruner's rule is: a function of the history, the running trial and the sign that turns values into losses
 * (less is better). Rules see losses only, so that they are the same in both directions.
 */
import type { Curve, PruneReason } from '../types.js'

/** The reason to stop `current` after its latest step; null to go on. `sign` × value is the loss. */
export type Rule = (history: readonly Curve[], current: Curve, sign: 1 | -1) => PruneReason | null

/** Numbers in a reason. */
export function words(value: number): string {
  return String(Number(value.toPrecision(6)))
}

/** `1 trial`, `3 trials`. */
export function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}

/** The sum in the order of the record, divided; of values whose sum is too large for a number, of the divided ones. */
export function mean(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  if (Number.isFinite(sum)) return sum / values.length
  sum = 0
  for (const value of values) sum += value / values.length
  return sum
}
