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
import { openCheckpoint } from './checkpoint.js'
import { laterParts } from './checkpoint-files.js'
import type { FitOutput } from './output.js'
import { clip, describeThrown } from './thrown.js'
import type { FitOutcome } from './types.js'

/** Throws nothing but an EspalierError, for a plan that makes no sense. */
export async function outcomeOf(
  plan: FitPlan,
  trainer: OpenTrainer,
  job: FitJob,
  {
    onKept,
    ...hooks
  }: FitHooks & {
    /** Told of each whole checkpoint, by the name of its folder. */
    readonly onKept?: (name: string) => void
  },
): Promise<FitOutcome> {
  const notes = new FitNotes()
  const artifacts = new ArtifactFiles(plan.artifactsMB, notes)
  const { checkpoints } = plan
  // Built-in trainers leave none, and are not made to wait for it.
  const checkpoint =
    checkpoints === undefined || plan.trainer.kind === 'built-in' || job.part.kind === 'baseline'
      ? undefined
      : await openCheckpoint({ plan, checkpoints, job, notes, signal: hooks.signal, onKept })
  const outcome = await attempt(plan, trainer, job, { ...hooks, artifacts, notes, checkpoint })
  await checkpoint?.end()
  // What comes after the end of a trial has no end of its own on record: it would take room until that of the sweep.
  if (outcome.status === 'finished' && laterParts.includes(job.part.kind)) await checkpoint?.clear()
  const [files, said] = [artifacts.list(), notes.list()]
  const continued = checkpoint?.continued ?? []
  return {
    ...outcome,
    ...(continued.length > 0 && { continued }),
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
  return outcome.status === 'aborted' ? outcome : { ...outcome, log }
}

export function failure(code: FailureCode, reason: string, seconds: number): FitOutcome {
  return { status: 'failed', code, reason: clip(withFilesRemedy(reason)), seconds }
}
