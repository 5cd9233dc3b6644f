/**
 * One unit of work: fits a trainer on the rows of one part, and measures it on the rows held out.
 *
 * What is random in a fit depends on the sweep's seed, the trial and the part, never on the attempt: a fit that is
 * tried again, or made again in another process, is the same fit.
 */
import { type Dataset, selectRows, signatureOf } from '../data/index.js'
import { describeError, EspalierError } from '../errors.js'
import { deriveSeed, type RandomStream, randomStream } from '../numeric/index.js'
import { isJsonObject, type JsonValue, type Metrics, type Params } from '../values.js'
import { saveModel } from './artifact.js'
import { ArtifactFiles } from './artifact-files.js'
import { type Chosen, chosenFor } from './choice.js'
import type { ProgramContext } from './command/run.js'
import { Continuation } from './continuation.js'
import { FitAborted, FitFailure, FitPruned } from './failures.js'
import { checkParams, withDefaults } from './hyperparameters.js'
import { featureless } from './judging/baseline.js'
import { judgesOf } from './judging/judges.js'
import { metricsFor, type NamedMetric } from './judging/metrics.js'
import {
  checkMetrics,
  type Judged,
  judge,
  judgeOwn,
  type Measured,
  mustBeFinite,
  objectiveMetrics,
} from './judging/results.js'
import { FitNotes } from './notes.js'
import { PassingCheckpoint } from './passing-checkpoint.js'
import type { FitPlace } from './place.js'
import { exactJson } from './plain-json.js'
import type { FitHooks, FitJob, FitPlan, FitResult, LeftFile, Resampling, TrainerReference } from './plan.js'
import { type DividedRows, defaultSharedMemory, Preparation, type PreparedContext } from './preparation.js'
import { type RowPart, rowsOf } from './resampling/resampling.js'
import { stackLines } from './stack.js'
import type { Model, ObjectiveContext, OpenTrainer, Trainer } from './types.js'
import { Waiting } from './waiting.js'

/**
 * Does one fit:
 *   fold      fits on the other folds' rows, predicts the fold's; on fold 0 through a saved and loaded model too
 *   baseline  predicts the fold's rows without a look at features
 *   holdout   fits on all rows but the holdout, predicts the holdout's
 *   final     fits on all rows but the holdout, gives the model as an artifact
 *   whole     runs an objective
 * Resolves with what it gave; throws FitFailure (code and reason), FitPruned or FitAborted, and nothing else
 * unless the plan itself makes no sense (EspalierError INTERNAL).
 */
export async function performFit(
  plan: FitPlan,
  opened: OpenTrainer,
  job: FitJob,
  hooks: FitHooks = {},
): Promise<FitResult> {
  const chosen = chosenFor(plan, opened, job.params)
  const described = chosen.opened.kind === 'trainer' ? chosen.opened.trainer : chosen.opened.objective
  const [refused] = checkParams(described, chosen.params)
  if (refused !== undefined) throw new FitFailure('PARAMS_REFUSED', `${refused.path}: ${refused.message}`)

  const session = openSession(plan, chosen.reference, job, hooks)
  session.throwIfStopped()
  const defaults = isOwnName(chosen.reference, plan) ? plan.defaults?.[described.name] : {}
  const params = withDefaults(described, { ...defaults, ...chosen.params })
  try {
    await session.goOn()
    return await performWith(plan, chosen, job, params, session)
  } finally {
    await session.end()
    preparations.get(plan)?.trim()
  }
}

/** A module among built-in trainers may have the name of one of them, and none of its defaults. */
function isOwnName({ kind }: TrainerReference, { trainer }: FitPlan): boolean {
  return trainer.kind !== 'choice' || kind === 'built-in'
}

async function performWith(
  plan: FitPlan,
  { reference, opened }: Chosen,
  job: FitJob,
  params: Params,
  session: Session,
): Promise<FitResult> {
  if (opened.kind === 'objective') {
    if (job.part.kind !== 'whole') throw misplaced(`an objective has no ${job.part.kind}`)
    const taken = session.stopwatch()
    const found = await session.guard('the objective', opened.objective.name, () =>
      opened.objective.objective(params, session.context),
    )
    // Looking at them runs code of the trainer's, where they have getters.
    const measured = await session.guard('its metrics', opened.objective.name, () =>
      objectiveMetrics(found, plan.objectiveMetric),
    )
    session.noteNotFinite(measured, 'its end')
    const { metrics } = measured
    return { ...emptyResult, metrics, fitSeconds: taken(), log: session.log }
  }
  const { trainer } = opened
  if (plan.data === null) throw misplaced(`the trainer ${trainer.name} needs a data set`)
  if (job.part.kind === 'whole') throw misplaced('a whole trial is an objective')
  const preparation = preparationOf(plan)
  const rows = preparation.part(partName(job.part), () => divide(plan.data!, plan.resampling, job.part))
  if (job.part.kind !== 'final' && rows.heldOut === null) throw misplaced(`the ${job.part.kind} has no rows`)
  // Rows are shared with a trainer only where it is known to leave them as they are.
  const isOurs = reference.kind === 'built-in'
  const { training, heldOut } = isOurs ? rows : { training: copyOf(rows.training), heldOut: rows.heldOut }
  if (isOurs) session.context.preparation = rows

  const { part } = job
  const taken = session.stopwatch()
  const fitted =
    part.kind === 'baseline'
      ? featureless(rows.training, part.answer)
      : await session.guard('fit', trainer.name, () => trainer.fit(training, params, session.context))
  const fitSeconds = taken()
  const model = checkModel(fitted, trainer)
  const result = { ...emptyResult, fitSeconds, log: session.log }
  if (part.kind === 'final') {
    const state = await saveState(model, session, trainer)
    const importances = await session.guard('importances', trainer.name, () => model.importances?.())
    checkImportances(importances, trainer)
    return { ...result, model: saveModel(reference, signatureOf(plan.data), state, importances) }
  }

  const features = isOurs ? heldOut! : copyOf(heldOut!)
  const judges = await judgesOf(plan)
  const predictStarted = performance.now()
  const named = part.kind === 'holdout' ? [...judges.named, ...judges.pooled.map(inOnePart)] : judges.named
  const judged = await session.guard('predict', trainer.name, () => judge(model, features, named))
  const predictSeconds = secondsSince(predictStarted)
  const own = await judgeOwn(judges.own, heldOut!, judged, (name, measure) =>
    session.guard('the metric', name, measure),
  )
  const measured: Measured = {
    metrics: { ...judged.metrics, ...own.metrics },
    notFinite: new Map([...judged.notFinite, ...own.notFinite]),
  }
  const pooled = judges.pooled.find(({ name }) => name === plan.objectiveMetric)
  const objective = named.find(({ name }) => name === plan.objectiveMetric)
  if (part.kind === 'fold')
    mustBeFinite(plan.objectiveMetric, measured, 'the predictions', whyUndefined(objective))
  session.noteNotFinite(measured, 'its end')
  const missing = pooled
    ? pooled.needsProbabilities && judged.probabilities === null
    : !(plan.objectiveMetric in measured.metrics)
  if (missing && part.kind === 'fold') throw noSuchMetric(plan.objectiveMetric, measured.metrics, trainer)
  // The built-in trainers are held to it by their laws.
  if (part.kind === 'fold' && part.fold === 0 && !isOurs) {
    await checkRoundTrip(model, session, trainer, features, judged)
  }
  const { values, probabilities } = judged
  return {
    ...result,
    metrics: measured.metrics,
    predictSeconds,
    predictions: { rows: rows.positions.slice(), values, probabilities },
  }
}

const emptyResult: FitResult = {
  metrics: {},
  fitSeconds: 0,
  predictSeconds: 0,
  predictions: null,
  model: null,
  log: [],
}

const preparations = new WeakMap<FitPlan, Preparation>()

/** What this thread keeps for the fits of a plan. */
function preparationOf(plan: FitPlan): Preparation {
  let preparation = preparations.get(plan)
  if (preparation === undefined) {
    preparation = new Preparation(plan.sharedMemory ?? defaultSharedMemory)
    preparations.set(plan, preparation)
  }
  return preparation
}

/** The final model and the holdout's are fitted on the same rows. */
function partName(part: FitJob['part']): string {
  return part.kind === 'fold' || part.kind === 'baseline' ? `fold ${part.fold}` : 'development'
}

/** Rows to fit on, and rows to predict. Without folds all rows are fitted on. */
function divide(data: Dataset, resampling: Resampling | null, part: FitJob['part']): DividedRows {
  if (resampling === null) return { training: data, heldOut: null, positions: new Int32Array(0) }
  const [fitted, held]: [RowPart, RowPart] =
    part.kind === 'fold' || part.kind === 'baseline'
      ? [
          { kind: 'training', fold: part.fold },
          { kind: 'fold', fold: part.fold },
        ]
      : [{ kind: 'development' }, { kind: 'holdout' }]
  const positions = rowsOf(resampling, held)
  return {
    training: selectRows(data, rowsOf(resampling, fitted)),
    heldOut: positions.length === 0 ? null : selectRows(data, positions),
    positions,
  }
}

function copyOf(data: Dataset): Dataset {
  return { ...data, index: data.index.slice() }
}

/** Everything around the calls into a trainer: its context, and how it was stopped or failed meanwhile. */
interface Session {
  readonly context: ObjectiveContext & PreparedContext
  readonly log: string[]
  /** Metrics that are left out of the record, and at which place (`its end`). */
  noteNotFinite(measured: Measured, place: string): void
  throwIfStopped(): void
  /** Reports what a fit that goes on has reported before. */
  goOn(): Promise<void>
  /** Seconds from now on, but for what it waits for answers to its reports. */
  stopwatch(): () => number
  /** Nothing is kept of it any more. */
  end(): Promise<void>
  /** Runs a step of the trainer's; a throw becomes the reason of the failure, unless the fit was stopped. */
  guard<T>(step: string, name: string, run: () => T | Promise<T>): Promise<T>
}

/** Where a fit runs of which nobody says more. */
const anyPlace: FitPlace = { seat: 0, devices: null, environment: {} }

/** Messages kept of one fit where nobody takes them. */
const longestLog = 1000

function openSession(plan: FitPlan, reference: TrainerReference, job: FitJob, hooks: FitHooks): Session {
  const { trial, part } = job
  const label = part.kind === 'fold' ? `fold ${part.fold}` : part.kind
  const seed = deriveSeed(plan.seed, 'fit', trial, label)
  const signal = hooks.signal ?? new AbortController().signal
  const log: string[] = []
  const { notes = new FitNotes() } = hooks
  const { artifacts = new ArtifactFiles(plan.artifactsMB, notes), place: given = anyPlace } = hooks
  const place =
    job.environment === undefined
      ? given
      : { ...given, environment: { ...given.environment, ...job.environment } }
  // Ours leave nothing for a continuation.
  const kept = reference.kind === 'built-in' || part.kind === 'baseline' ? undefined : hooks.checkpoint
  const checkpoint = kept ?? new PassingCheckpoint()
  const continuation = new Continuation(checkpoint.reports, notes)
  let random: RandomStream | undefined
  let pruned = false
  /** How many reports there were so far. */
  let reports = 0
  const waiting = new Waiting()
  let programGoesOn = () => false
  let programLeaves = (): readonly LeftFile[] => []
  let badReport: FitFailure | null = null

  const throwIfStopped = (): void => {
    if (pruned || (signal.aborted && signal.reason === 'prune')) throw new FitPruned('the trial was pruned')
    if (signal.aborted) throw new FitAborted('the fit was stopped')
    if (badReport !== null) throw badReport
  }
  const noteNotFinite = ({ notFinite }: Measured, place: string): void => {
    for (const [name, value] of notFinite) notes.metric(name, value, place)
  }
  const record = async (step: number, { metrics, notFinite }: Measured): Promise<'continue' | 'prune'> => {
    const nothingLeft = notFinite.size > 0 && Object.keys(metrics).length === 0
    const answered = nothingLeft ? undefined : hooks.report?.(step, metrics)
    const decision = (await (answered instanceof Promise ? waiting.for(answered) : answered)) ?? 'continue'
    if (decision === 'prune') pruned = true
    return pruned ? 'prune' : 'continue'
  }
  const answer = async (step: number, reported: Metrics): Promise<'continue' | 'prune'> => {
    const number = ++reports
    let measured: Measured
    try {
      measured = checkReport(step, reported)
    } catch (error) {
      badReport ??= error as FitFailure
      throw error
    }
    noteNotFinite(measured, `step ${step}`)
    const { metrics: finite, notFinite } = measured
    const all = { ...finite, ...Object.fromEntries(notFinite) } as Metrics
    const fresh = continuation.fresh(step, all)
    const isNew = (name: string) => fresh !== null && Object.hasOwn(fresh, name)
    const decision =
      fresh === null
        ? 'continue'
        : await record(step, {
            metrics:
              fresh === all
                ? finite
                : Object.fromEntries(Object.entries(finite).filter(([name]) => isNew(name))),
            notFinite,
          })
    if (decision === 'prune') return decision
    // A fit that has failed by an earlier report leaves nothing to go on from as if it had not.
    if (badReport !== null) return 'continue'
    const goesOn = () => reports > number || programGoesOn()
    await checkpoint.keep(fresh === null ? null : { step, metrics: fresh }, goesOn, leftSoFar)
    // Stopped meanwhile: a step more would be trained for nobody.
    return pruned || signal.aborted ? 'prune' : 'continue'
  }
  const leftSoFar = (): LeftFile[] => {
    const artifactsSoFar = artifacts.list().map((one): LeftFile => ({ kind: 'artifact', origin: '', ...one }))
    const lines = hooks.log === undefined ? log : (hooks.logged?.() ?? [])
    return allLeft(artifactsSoFar, programLeaves(), lines)
  }
  const context: ProgramContext & PreparedContext = {
    trial,
    seed,
    get random() {
      random ??= randomStream(seed, 'fit')
      return random
    },
    signal,
    seat: place.seat,
    devices: [...(place.devices ?? [])],
    place,
    occupied: (until) => hooks.occupied?.(until),
    report(step, metrics) {
      const answered = answer(step, metrics)
      // A trainer need not wait for the answer: a refused report is remembered, and no rejection goes unhandled.
      answered.catch(() => {})
      return answered
    },
    artifact(name, content) {
      artifacts.add(name, content)
    },
    artifactsLimit: artifacts.limit,
    leaveOut: (name) => artifacts.leaveOut(name),
    get checkpoint() {
      return checkpoint.folder
    },
    step: continuation.step,
    objectiveMetric: plan.objectiveMetric,
    reported: Object.assign({}, ...checkpoint.reports.map(({ metrics }) => metrics)),
    left: checkpoint.left,
    follow({ goesOn, leaves }) {
      programGoesOn = goesOn
      programLeaves = leaves
    },
    log(message) {
      const text = String(message)
      if (hooks.log) hooks.log(text)
      else if (log.length < longestLog) log.push(text)
    },
    ...(hooks.print && { print: hooks.print }),
  }
  return {
    context,
    log,
    noteNotFinite,
    throwIfStopped,
    async goOn() {
      for (const one of checkpoint.left) takeUp(one, context)
      for (const { step, metrics } of checkpoint.reports) {
        const measured = checkReport(step, metrics)
        noteNotFinite(measured, `step ${step}`)
        await record(step, measured)
        throwIfStopped()
      }
    },
    stopwatch() {
      const [started, before] = [performance.now(), waiting.ms]
      return () => secondsSince(started + waiting.ms - before)
    },
    end: () => checkpoint.end(),
    async guard(step, name, run) {
      let result: Awaited<ReturnType<typeof run>>
      try {
        result = await run()
      } catch (error) {
        throwIfStopped()
        if (error instanceof FitFailure || error instanceof FitPruned || error instanceof FitAborted)
          throw error
        throw new FitFailure('TRAINER_THREW', `${name} threw in ${step}: ${reasonOf(error, reference)}`, {
          cause: error,
        })
      }
      throwIfStopped()
      return result
    },
  }
}

/** What a program says of its artifacts says more than what is known of them. */
function allLeft(
  artifacts: readonly LeftFile[],
  ofProgram: readonly LeftFile[],
  log: readonly string[],
): LeftFile[] {
  const all = new Map(artifacts.map((one) => [`artifact ${one.name}`, one]))
  for (const one of ofProgram) {
    const key = `${one.kind} ${one.name}`
    all.set(key, one.content === null ? { ...one, content: all.get(key)?.content ?? null } : one)
  }
  const content = new TextEncoder().encode(log.join('\n'))
  return [
    ...all.values(),
    ...(log.length > 0 ? [{ kind: 'log', name: '', origin: '', content } as const] : []),
  ]
}

/** What a fit that goes on had left before belongs to its trial, whatever it leaves now. */
function takeUp({ kind, name, origin, content }: LeftFile, context: ObjectiveContext): void {
  if (!(content instanceof Uint8Array)) return
  // Those of a program are read when it ends.
  if (kind === 'artifact' && origin === '') context.artifact(name, content)
  else if (kind === 'log') for (const line of new TextDecoder().decode(content).split('\n')) context.log(line)
}

function checkReport(step: unknown, metrics: unknown): Measured {
  if (typeof step !== 'number' || !Number.isFinite(step)) {
    throw new FitFailure('RESULT_INVALID', `a report's step is a number (got ${String(step)})`)
  }
  return checkMetrics(metrics, `the report of step ${step}`)
}

/** The message of what was thrown, with the first lines of its stack: those in the user's module, where there are any. */
function reasonOf(error: unknown, reference: TrainerReference): string {
  const { message } = describeError(error)
  if (isExpected(error) || !(error instanceof Error)) return message
  const shown = stackLines(error, reference.kind === 'module' ? reference.file : null)
  return shown.length === 0 ? message : `${message}\n  ${shown.join('\n  ')}`
}

/** Errors that say everything themselves. */
function isExpected(error: unknown): boolean {
  return error instanceof EspalierError && error.code !== 'INTERNAL'
}

function checkModel(model: Model, trainer: Trainer): Model {
  if (typeof model?.predict !== 'function') {
    throw new FitFailure(
      'RESULT_INVALID',
      `fit of ${trainer.name} must return a model with the method predict (got ${model === null ? 'null' : typeof model})`,
    )
  }
  if (typeof model.toJSON !== 'function') {
    throw new FitFailure(
      'MODEL_NOT_SERIALISABLE',
      `the model of ${trainer.name} must have the method toJSON (it has none)`,
    )
  }
  return model
}

/** What a trainer of somebody's says of its features is as unsure as its predictions. */
function checkImportances(found: unknown, trainer: Trainer): void {
  if (found === undefined) return
  const isOne = (one: unknown): boolean =>
    isJsonObject(one) &&
    typeof one.feature === 'string' &&
    typeof one.importance === 'number' &&
    one.importance >= 0 &&
    one.importance <= 1 + 1e-9
  if (Array.isArray(found) && found.every(isOne)) return
  throw new FitFailure(
    'RESULT_INVALID',
    `importances of ${trainer.name} must return a list of { feature, importance } with shares from 0 to 1 (it does not); leave the method out if there are none`,
  )
}

/** The model's state as it will be read back from a file. */
async function saveState(model: Model, session: Session, trainer: Trainer): Promise<JsonValue> {
  const state = await session.guard('toJSON', trainer.name, () => model.toJSON())
  try {
    return JSON.parse(exactJson(state)) as JsonValue
  } catch (error) {
    throw new FitFailure(
      'MODEL_NOT_SERIALISABLE',
      `the model of ${trainer.name} must be plain JSON: ${(error as Error).message}`,
      { cause: error },
    )
  }
}

/** A model that would not come back from its file the same is found on the first fold, not after the sweep. */
async function checkRoundTrip(
  model: Model,
  session: Session,
  trainer: Trainer,
  features: Dataset,
  expected: Judged,
): Promise<void> {
  const state = await saveState(model, session, trainer)
  const found = await session.guard('load', trainer.name, async () => {
    const loaded = await trainer.load(state, signatureOf(features))
    if (typeof loaded?.predict !== 'function') {
      throw new FitFailure(
        'MODEL_NOT_SERIALISABLE',
        `load of ${trainer.name} must return a model with the method predict`,
      )
    }
    return judge(loaded, features, [])
  })
  const differs = found.values.findIndex((value, i) => value !== expected.values[i])
  const alike =
    differs === -1 &&
    found.probabilities?.length === expected.probabilities?.length &&
    (found.probabilities?.every((value, i) => value === expected.probabilities![i]) ?? true)
  if (alike) return
  const where =
    differs === -1
      ? 'the probabilities differ'
      : `row ${differs} gives ${found.values[differs]} instead of ${expected.values[differs]}`
  throw new FitFailure(
    'MODEL_NOT_SERIALISABLE',
    `a model of ${trainer.name} that was saved and loaded must predict the same, and ${where}`,
  )
}

/** A pooled metric under its plain name, where there are no folds to pool. */
function inOnePart(metric: NamedMetric): NamedMetric {
  return { ...metric, name: metric.plain }
}

/** When the objective's metric is not defined, and what would help. */
function whyUndefined(metric: NamedMetric | undefined): string | null {
  if (metric?.undefinedWhere == null) return null
  return `${metric.undefinedWhere}; "pooled:${metric.plain}" is worked out over all folds together`
}

function noSuchMetric(metric: string, metrics: Metrics, trainer: Trainer): FitFailure {
  const found = `${trainer.name} gave ${Object.keys(metrics).join(', ')}`
  const word = metric.replace(/^pooled:/, '').split(':', 1)[0]
  const needsProbabilities = metricsFor(trainer.task).some(
    (one) => one.name === word && one.needsProbabilities,
  )
  return new FitFailure(
    'RESULT_INVALID',
    needsProbabilities
      ? `"${metric}" is worked out from probabilities, and the model has no predictProbability (${found}); give the model probabilities, or choose another metric`
      : `the objective's metric must be one that the trainer gives (got "${metric}"; ${found})`,
  )
}

function misplaced(message: string): EspalierError {
  return new EspalierError('INTERNAL', `a fit that makes no sense: ${message}`)
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000
}
