/**
 * A fit, done here and now, as an outcome: what both executors have in common on the side that trains.
 */
import { type FailureCode, isEspalierError } from '../errors.js'
import {
  ArtifactFiles,
  FitAborted,
  FitFailure,
  type FitHooks,
  type FitJob,
  type FitPlan,
  FitPruned,
  type OpenTrainer,
  performFit,
} from '../training/index.js'
import { clip, describeThrown } from './thrown.js'
import type { FitOutcome } from './types.js'

/** Throws nothing but an EspalierError, for a plan that makes no sense. */
export async function outcomeOf(
  plan: FitPlan,
  trainer: OpenTrainer,
  job: FitJob,
  hooks: FitHooks,
): Promise<FitOutcome> {
  const artifacts = new ArtifactFiles()
  const outcome = await attempt(plan, trainer, job, { ...hooks, artifacts })
  const left = artifacts.list()
  return left.length === 0 ? outcome : { ...outcome, artifacts: left }
}

async function attempt(
  plan: FitPlan,
  trainer: OpenTrainer,
  job: FitJob,
  hooks: FitHooks,
): Promise<FitOutcome> {
  const began = performance.now()
  try {
    return { status: 'finished', result: await performFit(plan, trainer, job, hooks) }
  } catch (error) {
    if (error instanceof FitPruned) return { status: 'pruned', result: null }
    if (error instanceof FitAborted) return { status: 'aborted' }
    const seconds = (performance.now() - began) / 1000
    if (error instanceof FitFailure) return failure(error.code, error.message, seconds)
    if (isEspalierError(error)) throw error
    return failure('TRAINER_THREW', describeThrown(error), seconds)
  }
}

export function failure(code: FailureCode, reason: string, seconds: number): FitOutcome {
  return { status: 'failed', code, reason: clip(reason), seconds }
}
