/**
 * A fit, done here and now, as an outcome: what both executors have in common on the side that trains.
 */
import { type FailureCode, isEspalierError } from '../errors.js'
import { withFilesRemedy } from '../too-many-files.js'
import {
  ArtifactFiles,
  FitAborted,
  FitFailure,
  type FitHooks,
  type FitJob,
  FitNotes,
  type FitPlan,
  FitPruned,
  type OpenTrainer,
  performFit,
} from '../training/index.js'
import type { FitOutput } from './output.js'
import { clip, describeThrown } from './thrown.js'
import type { FitOutcome } from './types.js'

/** Throws nothing but an EspalierError, for a plan that makes no sense. */
export async function outcomeOf(
  plan: FitPlan,
  trainer: OpenTrainer,
  job: FitJob,
  hooks: FitHooks,
): Promise<FitOutcome> {
  const notes = new FitNotes()
  const artifacts = new ArtifactFiles(plan.artifactsMB, notes)
  const outcome = await attempt(plan, trainer, job, { ...hooks, artifacts, notes })
  const [files, said] = [artifacts.list(), notes.list()]
  return {
    ...outcome,
    ...(files.length > 0 && { artifacts: files }),
    ...(said.length > 0 && { notes: said }),
  }
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

/** The outcome with what the fit logged and printed. */
export function withLog(outcome: FitOutcome, output: FitOutput): FitOutcome {
  const log = output.lines()
  if (outcome.status === 'finished') return { ...outcome, result: { ...outcome.result, log } }
  return outcome.status === 'failed' ? { ...outcome, log } : outcome
}

export function failure(code: FailureCode, reason: string, seconds: number): FitOutcome {
  return { status: 'failed', code, reason: clip(withFilesRemedy(reason)), seconds }
}
