/**
 * A prepared sweep, carried out: its parts are put together, its record is opened, it runs and is concluded. The one place
 * that knows which searcher, executor and record go with a sweep, for a new one and for one that goes on.
 */
import { sampleInput } from '../data/index.js'
import {
  checkpointsLeft,
  clearCheckpoints,
  createLocalExecutor,
  dropCheckpoint,
  type Executor,
  type ExecutorSetup,
  endCheckpoints,
  numbersIn,
} from '../execution/index.js'
import { artifactNames } from '../names.js'
import { adviseStopping, createPruner, createThreadedSearcher, type Searcher } from '../search/index.js'
import { runSweep, type SweepEnd, type SweepEvent, type SweepParts } from '../sweep/index.js'
import { type RunStore, recordedDevice, type SessionConditions, type SweepWriter } from '../tracking/index.js'
import {
  type Baseline,
  type FitArtifact,
  type FitResult,
  hasHoldout,
  packOutOfFold,
  pooledMetrics,
  unpackOutOfFold,
} from '../training/index.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../values.js'
import { conclude } from './conclude.js'
import {
  type DealtDevices,
  type DeviceOptions,
  dealDevices,
  noDevicesWarnings,
  seatsUsed,
} from './devices.js'
import { type EnsembleParts, makeEnsemble } from './ensemble.js'
import { withoutFigures } from './figures.js'
import { withThreshold } from './judged.js'
import { goesByOwnMetric, ownBaseline } from './own-metrics.js'
import { type PreparedSweep, searchSettings, threadsFor } from './prepare.js'
import { completeParams } from './recorded-trial.js'
import type { OpenedRecord } from './session.js'
import type { EnsembleResult, LaunchHooks, SweepOverrides, SweepResult } from './types.js'

export interface Undertaking {
  readonly prepared: PreparedSweep
  readonly store: RunStore
  /** Its id. */
  readonly sweep: string
  /** Its name. */
  readonly experiment: string
  /**
   * Opens the record for writing, when all else is ready: makes a new parent run, or takes one up again with the trials
   * that are in it.
   */
  open(session: SessionConditions & JsonObject): Promise<OpenedRecord>
  readonly session: Pick<
    SweepOverrides,
    'workers' | 'devices' | 'devicesPerFit' | 'maxTime' | 'maxTimeGrace' | 'keepCheckpoints'
  >
  readonly hooks: LaunchHooks
}

export async function conduct(undertaking: Undertaking): Promise<SweepResult> {
  const { store, session, experiment, sweep } = undertaking
  const { spec, space } = undertaking.prepared
  const checkpoints = {
    folder: store.checkpointsOf(sweep),
    limitMB: spec.checkpoints.limitMB,
    stay: keepsCheckpoints(undertaking),
  }
  const prepared = { ...undertaking.prepared, plan: { ...undertaking.prepared.plan, checkpoints } }
  const notes: string[] = []
  const hooks: LaunchHooks = {
    ...undertaking.hooks,
    onEvent: (event: SweepEvent) => {
      if (event.type === 'note') notes.push(event.message)
      undertaking.hooks.onEvent?.(event)
    },
  }
  for (const message of prepared.warnings) hooks.onEvent?.({ type: 'warning', message })
  for (const message of prepared.notes) hooks.onEvent?.({ type: 'note', message })
  const budget = session.maxTime === undefined ? spec.budget : null
  const began = { at: performance.now(), processor: process.cpuUsage() }
  const inFlight = Math.min(spec.search.parallel, spec.trials)
  const { executor, dealt } = await openExecutor(prepared, session, inFlight, hooks, {
    sweep,
    warn: (message) => hooks.onEvent?.({ type: 'warning', message }),
  })
  const deviceWarnings = dealt?.warnings ?? (hooks.executor ? [] : noDevicesWarnings(prepared.plan))
  for (const message of deviceWarnings) hooks.onEvent?.({ type: 'warning', message })
  let searcher: Searcher | undefined
  let writer: SweepWriter | undefined
  try {
    searcher = await createThreadedSearcher(space, searchSettings(spec))
    // A trainer that cannot even start is a mistake in the request: found before anything is recorded.
    await executor.ready()
    const opened = await undertaking.open({ workers: executor.workers, ...conditionsOf(dealt) })
    writer = opened.writer
    await tidyCheckpoints(checkpoints.folder, opened, keepsCheckpoints(undertaking))
    hooks.onEvent?.({
      type: 'started',
      run: writer.id,
      experiment,
      name: spec.name,
      trials: spec.trials,
      budget,
      done: opened.record.filter(({ outcome }) => outcome !== null).length,
      parallel: spec.search.parallel,
      workers: executor.workers,
      ...(dealt && { seats: dealt.seats, devicesPerFit: dealt.each }),
      algorithm: spec.search.algorithm,
      seed: spec.search.seed,
      store: store.directory,
      objective: spec.objective,
    })
    const ended = await run(undertaking, opened, { searcher, executor, onEvent: (e) => hooks.onEvent?.(e) })
    const { end, ensemble, ownBaseline } = await afterTrials(ended, undertaking, {
      writer,
      executor,
      note: (message) => hooks.onEvent?.({ type: 'note', message }),
    })
    if (end.status !== 'interrupted') await clearCheckpoints(checkpoints.folder).catch(() => {})
    const result = await conclude({
      prepared,
      store,
      experiment,
      opened,
      end,
      began,
      notes,
      hooks,
      budget,
      ensemble,
      ownBaseline,
    })
    // From here on there is nothing to let go of.
    writer = undefined
    return result
  } catch (error) {
    // Whatever broke, what is recorded stays, and the lock is let go of so that `resume` can take over.
    await writer?.finish({ status: 'interrupted' }).catch(() => {})
    throw error
  } finally {
    await Promise.allSettled([executor.close(), searcher?.close?.()])
  }
}

/** An earlier session may have died between the end of a trial and that of its checkpoints. */
async function tidyCheckpoints(folder: string, { record }: OpenedRecord, keep: boolean): Promise<void> {
  const left = new Set(await numbersIn(folder))
  for (const { trial, outcome } of record)
    if (outcome !== null && left.has(trial)) await endCheckpoints(folder, trial, keep).catch(() => {})
}

/** Whether checkpoints stay when their trials have ended: as is stated for this session, else as the sweep says. */
function keepsCheckpoints({ prepared, session }: Undertaking): boolean {
  return session.keepCheckpoints ?? prepared.spec.checkpoints.keep
}

/** What workers have yet to do when the trials have ended; a sweep that is stopped meanwhile is not at its end. */
async function afterTrials(
  end: SweepEnd,
  { prepared, store, hooks }: Undertaking,
  parts: Pick<EnsembleParts, 'writer' | 'executor' | 'note'>,
): Promise<{ end: SweepEnd; ensemble: EnsembleResult | null; ownBaseline: Baseline | null }> {
  const { spec, plan } = prepared
  const nothing = { ensemble: null, ownBaseline: null }
  if (end.status !== 'finished' || end.best === null || plan.data === null) return { end, ...nothing }
  const signal = hooks.killSignal ?? new AbortController().signal
  const all = { prepared, store, ...parts, signal }
  try {
    return {
      end,
      ensemble: spec.ensemble === null ? null : await makeEnsemble(all),
      ownBaseline: goesByOwnMetric(spec) ? await ownBaseline(end.best, all) : null,
    }
  } catch (error) {
    if (!signal.aborted) throw error
    return { end: { ...end, status: 'interrupted', stopped: 'interrupt' }, ...nothing }
  }
}

/** The sweep itself, with what its spec says of it. */
function run(
  undertaking: Undertaking,
  { writer, record, requests = [] }: OpenedRecord,
  parts: Pick<SweepParts, 'searcher' | 'executor' | 'onEvent'>,
): Promise<SweepEnd> {
  const { prepared, store, session, hooks } = undertaking
  const { spec, space, plan } = prepared
  return runSweep(
    {
      objectives: [spec.objective],
      trials: spec.trials,
      parallel: spec.search.parallel,
      folds: spec.validation?.fits ?? null,
      seed: spec.search.seed,
      order: spec.order,
      retries: spec.retries,
      retryTimeouts: spec.retryTimeouts,
      bestAtTimeLimit: spec.bestAtTimeLimit,
      trialTimeout: spec.trialTimeout ?? Number.POSITIVE_INFINITY,
      keepModels: spec.keepModels,
      holdout: plan.resampling !== null && hasHoldout(plan.resampling),
      stopAt: spec.search.stopAt,
      advice: spec.search.advice,
      maxTime: session.maxTime ?? spec.budget ?? Number.POSITIVE_INFINITY,
      foresees: session.maxTime === undefined && spec.budget !== null,
      maxTimeGrace: session.maxTimeGrace ?? Number.POSITIVE_INFINITY,
    },
    {
      ...parts,
      writer,
      pruner: createPruner(spec.search.pruner),
      advise: (history, foldValues) =>
        adviseStopping(space, spec.search, history, {
          foldValues,
          folds: spec.validation?.folds ?? undefined,
        }),
      packModel: (model, trial) =>
        packModel(prepared, model, async () => {
          const file = await store.readArtifact(writer.childId(trial), artifactNames.outOfFold)
          return new TextDecoder().decode(file)
        }),
      pool: poolOf(prepared),
      packPredictions: (results) => packPredictions(prepared, results),
      checkpoints: {
        // What is left where a file resists goes at the end of the sweep.
        ended: (trial) =>
          endCheckpoints(store.checkpointsOf(writer.id), trial, keepsCheckpoints(undertaking)).catch(
            () => {},
          ),
        left: (trial) => checkpointsLeft(store.checkpointsOf(writer.id), trial),
        drop: (trial, fold) => dropCheckpoint(store.checkpointsOf(writer.id), trial, fold),
      },
      requests: { before: requests, complete: (params) => completeParams(space, params) },
      stop: hooks.signal ?? new AbortController().signal,
      kill: hooks.killSignal ?? new AbortController().signal,
    },
    plan.data === null ? record : record.map(withoutFigures),
  )
}

/**
 * The executor of a sweep: the one that was handed over, else this machine's; with the devices that its seats hold.
 * @param inFlight trials at a time.
 */
export async function openExecutor(
  { plan, spec, code }: PreparedSweep,
  session: Pick<SweepOverrides, 'workers'> & DeviceOptions,
  inFlight: number,
  hooks: Pick<LaunchHooks, 'executor'>,
  more: Pick<ExecutorSetup, 'sweep' | 'warn'> = {},
): Promise<{ readonly executor: Executor; readonly dealt: DealtDevices | null }> {
  const { executor = createLocalExecutor } = hooks
  const devicesPerFit = session.devicesPerFit ?? spec.resources.devices
  const setup = { plan, memoryLimit: spec.memoryLimit, code, name: spec.name, devicesPerFit, ...more }
  const most = (workers: number | undefined) => threadsFor(workers, inFlight, spec)
  const found = await dealDevices(spec, session, hooks)
  if (found === null)
    return { executor: await executor({ ...setup, workers: most(session.workers) }), dealt: null }
  const seats = seatsUsed(found, session.workers, most)
  return { executor: await executor({ ...setup, workers: seats.length, seats }), dealt: { ...found, seats } }
}

/** What the record of a session says of the devices its fits have. */
function conditionsOf(dealt: DealtDevices | null): JsonObject {
  if (dealt === null) return {}
  const { devices, each } = dealt
  const used = devices.filter((device) => dealt.seats.some((seat) => seat.devices.includes(device)))
  return {
    devices: used.map(recordedDevice),
    devicesPerFit: each,
  }
}

/** The model comes last: a record that has it has all, and one that breaks off before it is made whole by `resume`. */
async function packModel(
  prepared: PreparedSweep,
  model: JsonValue,
  outOfFold: () => Promise<string>,
): Promise<{ name: string; content: string }[]> {
  const { plan, spec } = prepared
  const whole =
    spec.threshold === null ? model : withThreshold(prepared, model, unpackOutOfFold(await outOfFold()))
  const importances = isJsonObject(model) ? model.importances : undefined
  return [
    { name: artifactNames.sampleInput, content: `${JSON.stringify(sampleInput(plan.data!), null, 2)}\n` },
    ...(importances === undefined
      ? []
      : [{ name: artifactNames.importances, content: `${JSON.stringify(importances)}\n` }]),
    { name: artifactNames.model, content: JSON.stringify(whole) },
  ]
}

/** Works out what goes by the predictions of all folds; undefined where nothing does. */
export function poolOf({ plan: { data }, judging: { pooled } }: PreparedSweep): SweepParts['pool'] {
  if (data === null || pooled.length === 0) return undefined
  return (results) => pooledMetrics(data, pooled, results)
}

export function packPredictions(
  { plan, judging }: PreparedSweep,
  results: readonly FitResult[],
): FitArtifact | null {
  const packed = plan.data === null ? null : packOutOfFold(results, plan.data, judging.kept)
  return packed === null ? null : { name: artifactNames.outOfFold, content: new TextEncoder().encode(packed) }
}
