/**
 * Puts the parts together and runs them: the one place that knows which searcher, executor and record go with
 * a sweep, for a new one and for one that goes on.
 */
import { sampleInput } from '../data/index.js'
import { createLocalExecutor, type Executor } from '../execution/index.js'
import { artifactNames, tagNames } from '../names.js'
import { adviseStopping, createPruner, createThreadedSearcher, type Searcher } from '../search/index.js'
import { runSweep, type SweepEnd, type SweepEvent, settledMessage } from '../sweep/index.js'
import { experimentIdOf, type RunStore, type SessionConditions, type SweepWriter } from '../tracking/index.js'
import { type FitArtifact, type FitResult, hasHoldout, packOutOfFold } from '../training/index.js'
import type { JsonValue } from '../values.js'
import { correctedEstimate } from './corrected.js'
import { recordCorrected, withdrawFigures, withoutFigures } from './figures.js'
import { type PreparedSweep, searchSettings, threadsFor } from './prepare.js'
import type { OpenedRecord } from './session.js'
import type { SweepSpec } from './spec/types.js'
import type { LaunchHooks, SweepOverrides, SweepResult } from './types.js'

export interface RunRequest {
  readonly prepared: PreparedSweep
  readonly store: RunStore
  /**
   * Opens the record for writing, when all else is ready: makes a new parent run, or takes one up again with the trials
   * that are in it.
   */
  openWriter(session: { workers: number }): Promise<OpenedRecord>
  readonly overrides: Pick<SweepOverrides, 'workers' | 'maxTime'>
  readonly experiment: string
  readonly hooks: LaunchHooks
}

export async function runPrepared(request: RunRequest): Promise<SweepResult> {
  const { prepared, store, overrides, hooks } = request
  const { spec, space } = prepared
  const notes: string[] = []
  const onEvent = (event: SweepEvent) => {
    if (event.type === 'note') notes.push(event.message)
    hooks.onEvent?.(event)
  }
  for (const message of prepared.warnings) onEvent({ type: 'warning', message })
  const began = performance.now()
  const cpuBefore = process.cpuUsage()
  const workers = threadsFor(overrides.workers, Math.min(spec.search.parallel, spec.trials), spec)
  const executor = await openExecutor(prepared, workers, hooks)
  let searcher: Searcher | undefined
  let writer: SweepWriter | undefined
  try {
    searcher = await createThreadedSearcher(space, searchSettings(spec))
    // A trainer that cannot even start is a mistake in the request: found before anything is recorded.
    await executor.ready()
    const opened = await request.openWriter({ workers: executor.workers })
    writer = opened.writer
    onEvent({
      type: 'started',
      run: writer.id,
      experiment: request.experiment,
      name: spec.name,
      trials: spec.trials,
      done: opened.record.filter(({ outcome }) => outcome !== null).length,
      parallel: spec.search.parallel,
      workers: executor.workers,
      algorithm: spec.search.algorithm,
      seed: spec.search.seed,
      store: store.directory,
      objective: spec.objective,
    })
    const end = await runSweep(
      {
        objectives: [spec.objective],
        trials: spec.trials,
        parallel: spec.search.parallel,
        folds: spec.validation?.fits ?? null,
        seed: spec.search.seed,
        order: spec.order,
        retries: spec.retries,
        trialTimeout: spec.trialTimeout ?? Number.POSITIVE_INFINITY,
        keepModels: spec.keepModels,
        holdout: prepared.plan.resampling !== null && hasHoldout(prepared.plan.resampling),
        stopAt: spec.search.stopAt,
        advice: spec.search.advice,
        maxTime: overrides.maxTime ?? Number.POSITIVE_INFINITY,
      },
      {
        searcher,
        pruner: createPruner(spec.search.pruner),
        advise: (history, foldValues) =>
          adviseStopping(space, spec.search, history, {
            foldValues,
            folds: spec.validation?.folds ?? undefined,
          }),
        executor,
        writer,
        packModel: (model) => packModel(prepared, model),
        packPredictions: (results) => packPredictions(prepared, results),
        onEvent,
        stop: hooks.signal ?? new AbortController().signal,
        kill: hooks.killSignal ?? new AbortController().signal,
      },
      prepared.plan.data === null ? opened.record : opened.record.map(withoutFigures),
    )
    const counted = end.counts.finished + end.counts.pruned + end.counts.failed
    const why = whyStopped(end, counted, spec)
    if (why) onEvent({ type: 'note', message: why })
    if (end.error && end.stopped === 'same-failure')
      onEvent({
        type: 'note',
        message: `the first trials all failed for the same reason, so the sweep stopped early: ${end.error.code}: ${end.error.message}`,
      })
    const corrected =
      end.status === 'finished' && end.best
        ? await correctedEstimate(prepared, store, writer.id, (message) => onEvent({ type: 'note', message }))
        : null
    if (corrected) await recordCorrected(writer, end.best!.trial, corrected)
    if (prepared.plan.data !== null && end.status === 'finished' && end.best) {
      const kept = { holdout: end.holdout !== null, corrected: corrected !== null }
      await withdrawFigures(writer, opened.record, end.best.trial, spec.objective.metric, kept)
    }
    await writer.annotate(null, { conditions: resourcesUsed(cpuBefore) })
    await writer.finish({
      status: end.status,
      error: end.error,
      // null: not the reason of an earlier end either.
      tags: { [tagNames.stopped]: end.stopped },
    })
    const { id: run } = writer
    const childId = writer.childId.bind(writer)
    const failures = end.failures.map((one) => ({ ...one, run: childId(one.trial) }))
    const best = end.best && {
      run: childId(end.best.trial),
      trial: end.best.trial,
      value: end.best.values[spec.objective.metric],
      params: end.best.params,
      metrics: end.best.metrics,
    }
    writer = undefined
    return {
      experiment: { id: experimentIdOf(request.experiment), name: request.experiment },
      run,
      status: end.status,
      seed: spec.search.seed,
      trials: end.counts,
      best,
      seconds: (performance.now() - began) / 1000,
      holdout: end.holdout,
      corrected,
      objective: spec.objective,
      failures,
      stopped: end.stopped,
      notes,
      store: store.directory,
    }
  } catch (error) {
    // Whatever broke, what is recorded stays, and the lock is let go of so that `resume` can take over.
    await writer?.finish({ status: 'interrupted' }).catch(() => {})
    throw error
  } finally {
    await Promise.allSettled([executor.close(), searcher?.close?.()])
  }
}

/** The executor of a sweep: the one that was handed over, else this machine's. */
export async function openExecutor(
  { plan, spec, trainer }: PreparedSweep,
  workers: number,
  { executor = createLocalExecutor }: Pick<LaunchHooks, 'executor'>,
): Promise<Executor> {
  const code = plan.trainer.kind === 'function' ? trainer : undefined
  return executor({ plan, workers, memoryLimit: spec.memoryLimit, code })
}

/** The model comes last: a record that has it has all, and one that breaks off before it is made whole by `resume`. */
function packModel({ plan }: PreparedSweep, model: JsonValue): { name: string; content: string }[] {
  return [
    { name: artifactNames.sampleInput, content: `${JSON.stringify(sampleInput(plan.data!), null, 2)}\n` },
    { name: artifactNames.model, content: JSON.stringify(model) },
  ]
}

function packPredictions({ plan, spec }: PreparedSweep, results: readonly FitResult[]): FitArtifact | null {
  const packed = plan.data === null ? null : packOutOfFold(results, plan.data, spec.objective.metric)
  return packed === null ? null : { name: artifactNames.outOfFold, content: new TextEncoder().encode(packed) }
}

function whyStopped(
  end: SweepEnd,
  trials: number,
  { search, objective, trials: planned }: SweepSpec,
): string | null {
  switch (end.stopped) {
    case 'exhausted':
      return `the space is exhausted: each of its ${trials} different params has been tried`
    case 'stop-at':
      return `the value asked for (${search.stopAt}) is reached, after ${trials} trials`
    case 'settled':
      return `${settledMessage(end.settled!, objective.metric)}; the sweep ended after ${trials} trials`
    case 'max-time':
      return `the time for the sweep (--max-time) is over, after ${trials} of ${planned} trials; \`resume\` goes on with the others`
    default:
      return null
  }
}

/** What this session took of the machine: processor seconds of all threads, and the most memory the process held. */
function resourcesUsed(before: NodeJS.CpuUsage): SessionConditions {
  const { user, system } = process.cpuUsage(before)
  return {
    cpuSeconds: (user + system) / 1e6,
    // maxRSS is in kibibytes on every platform.
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  }
}
