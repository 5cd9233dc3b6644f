/** Which trainer a trial is trained with, and with which params, where the parameter `trainer` says so. */
import { hyperparameterOf, ownerOf, trainerParameter } from '../trainer-choice.js'
import type { Params, ParamValue } from '../values.js'
import { FitFailure } from './failures.js'
import type { ChoiceReference, FitPlan, TrainerReference } from './plan.js'
import type { OpenTrainer } from './types.js'

/** What one trial trains: itself, what finds it again, and the params as it knows them. */
export interface Chosen {
  readonly reference: Exclude<TrainerReference, ChoiceReference>
  readonly opened: Exclude<OpenTrainer, { kind: 'choice' }>
  readonly params: Params
}

/** Throws PARAMS_REFUSED where the params name no trainer of the sweep's. */
export function chosenFor(plan: Pick<FitPlan, 'trainer'>, opened: OpenTrainer, params: Params): Chosen {
  if (opened.kind !== 'choice') return { reference: plan.trainer as Chosen['reference'], opened, params }
  const { candidates } = opened
  const value = params[trainerParameter]
  const found = candidates.find((one) => one.value === value)
  const values = candidates.map((one) => one.value)
  if (found === undefined) {
    throw new FitFailure(
      'PARAMS_REFUSED',
      `params.${trainerParameter}: a trial is trained with one of ${values.join(', ')} (got ${JSON.stringify(value) ?? 'none'})`,
    )
  }
  const { reference, trainer } = found
  return { reference, opened: { kind: 'trainer', trainer }, params: ownParams(params, found.value, values) }
}

/** The params of a trial as its trainer knows them. */
export function ownParams(params: Params, trainer: string, trainers: readonly string[]): Params {
  const own: Record<string, ParamValue> = {}
  for (const [name, value] of Object.entries(params)) {
    const owner = ownerOf(name, trainers)
    if (name === trainerParameter || (owner !== null && owner !== trainer)) continue
    own[hyperparameterOf(name, trainers)] = value
  }
  return own
}
