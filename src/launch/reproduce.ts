/**
 * Trains a recorded run again from its record alone, and compares every metric, every out-of-fold prediction (by
 * digest), the kept model, and what the best trial came to on the holdout part and when the choice is counted. For a parent run: the
 * whole sweep, trial by trial.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkOptions, type Rules } from '../arguments.js'
import { EspalierError, isEspalierError } from '../errors.js'
import { artifactNames, tagNames } from '../names.js'
import { createPruner } from '../search/index.js'
import { BestSoFar, recordedPruning, runTrial } from '../sweep/index.js'
import {
  type ChildRun,
  hasEnded,
  newSweepId,
  openStore,
  type ParentRun,
  type RunStore,
} from '../tracking/index.js'
import { unpackOutOfFold } from '../training/index.js'
import { allChangesSince } from './changes.js'
import { modulesOf } from './choice.js'
import { type Compared, Comparison, type Difference, type LeftOut } from './comparison.js'
import { conduct, openExecutor, packPredictions, poolOf } from './conduct.js'
import { defaultStore } from './default-store.js'
import { compareFigures, compareFiguresOfTrial } from './figures-again.js'
import { withThreshold } from './judged.js'
import { prepareAsked } from './launch.js'
import type { PreparedSweep } from './prepare.js'
import { type AgainOptions, againRules, askedFromRecord } from './record.js'
import { mustAskInSpace, mustBeInSpace, recordedTrial } from './recorded-trial.js'
import { sessionConditions } from './session.js'
import { hookRules, overrideRules } from './spec/overrides.js'
import type { TrainerSpec } from './spec/types.js'
import { recordedSpec, specOf } from './spec/version.js'
import type { LaunchHooks, SweepOverrides } from './types.js'

/** What came of training a run again. */
export interface Reproduction {
  readonly run: string
  readonly equal: boolean
  /** How many metrics, histories, digests and models were compared. */
  readonly compared: number
  /** Which those were. */
  readonly subjects: readonly Compared[]
  /** What is on record and was not compared, and why. */
  readonly leftOut: readonly LeftOut[]
  readonly differences: readonly Difference[]
  /** Which conditions have changed since, in words; the data set among them. */
  readonly changes: readonly string[]
  /** Why the run bears no mark of it; null where it does: its tag `espalier.reproduced`. */
  readonly unmarked: string | null
}

/** `run` or `trainer` where that was passed in code, which no record can keep. */
export interface ReproduceOptions
  extends Pick<SweepOverrides, 'store' | 'workers' | 'devices' | 'devicesPerFit'>,
    LaunchHooks,
    AgainOptions {}

const optionRules: Rules<ReproduceOptions> = {
  ...hookRules,
  ...againRules,
  store: overrideRules.store,
  workers: overrideRules.workers,
  devices: overrideRules.devices,
  devicesPerFit: overrideRules.devicesPerFit,
}

/**
 * Trains a recorded run again, by its id or a unique prefix of it: a trial, or a whole sweep. What is recorded of that is a mark on the
 * run, `equal` or `different`, where its sweep can be written and nobody else writes it.
 * @throws EspalierError RUN_UNKNOWN, REPRODUCE_REFUSED where the run cannot be trained again, INTERRUPTED where it was
 *   stopped, and what preparing a sweep throws.
 */
export async function reproduceRun(id: string, options: ReproduceOptions = {}): Promise<Reproduction> {
  checkOptions('a reproduction', options, optionRules)
  const store = await openStore(options.store ?? defaultStore())
  const run = await store.run(id)
  const parent = run.kind === 'trial' ? ((await store.run(run.parent)) as ParentRun) : run
  const prepared = await prepareAsked(
    await askedFromRecord(parent, options, { store: store.directory, refused: 'REPRODUCE_REFUSED' }),
    store,
    { signal: options.signal },
  )
  const now = await sessionConditions(prepared)
  const changes = await allChangesSince(parent, prepared, now, sessionsOf(run, parent))
  const comparison = new Comparison(
    prepared.plan.data !== null,
    placedAs(specOf(parent).trainer, prepared.spec.trainer),
  )
  if (run.kind === 'trial') await reproduceTrial(run, parent, store, prepared, options, comparison)
  else await reproduceSweep(run, store, prepared, options, comparison)
  const { differences, compared, subjects, leftOut } = comparison
  const equal = differences.length === 0
  const unmarked = await mark(store, run, equal)
  return { run: run.id, equal, compared, subjects, leftOut, differences, changes, unmarked }
}

/** Puts on record what a reproduction came to; gives why it could not. */
async function mark(store: RunStore, { id }: ChildRun | ParentRun, equal: boolean): Promise<string | null> {
  try {
    await store.tag(id, {
      [tagNames.reproduced]: equal ? 'equal' : 'different',
      [tagNames.reproducedAt]: new Date().toISOString(),
    })
    return null
  } catch (error) {
    // Whatever keeps it from the record, what was found out stands.
    if (isEspalierError(error)) return error.message
    throw error
  }
}

/** A model names the module that made it by its path, which is another where that was moved. */
function placedAs(then: TrainerSpec, now: TrainerSpec): ((model: string) => string) | undefined {
  const before = new Map(modulesOf(then).map(({ value, file }) => [value, file]))
  const moved = new Map(modulesOf(now).map(({ value, file }) => [file, before.get(value)]))
  if ([...moved].every(([here, there]) => here === there)) return undefined
  return (model) => {
    const json = JSON.parse(model)
    // Itself, and the members of an ensemble.
    for (const { trainer } of [json, ...(json.state?.members ?? [])])
      if (moved.has(trainer?.file)) trainer.file = moved.get(trainer.file)
    return JSON.stringify(json)
  }
}

/** The session in which a trial ran last; all of a sweep's. */
function sessionsOf(run: ChildRun | ParentRun, { sessions }: ParentRun): ParentRun['sessions'] {
  return run.kind === 'trial' ? sessions.filter(({ started }) => started <= run.started).slice(-1) : sessions
}

/** Trials that did not come to their end by themselves: no training repeats when somebody asked for that. */
function endedByRequest({ requests }: ParentRun): ReadonlySet<number> {
  return new Set(
    requests.flatMap(({ act, outcome }) =>
      act.kind === 'end-trial' && outcome === 'done' ? [act.trial] : [],
    ),
  )
}

async function reproduceTrial(
  run: ChildRun,
  parent: ParentRun,
  store: RunStore,
  prepared: PreparedSweep,
  options: ReproduceOptions,
  comparison: Comparison,
): Promise<void> {
  if (!hasEnded(run)) {
    throw new EspalierError(
      'REPRODUCE_REFUSED',
      `a run is compared with its outcome, and ${run.id} has none (it is ${run.status}); espalier resume ${run.parent} completes its sweep`,
    )
  }
  const { spec } = prepared
  if (endedByRequest(parent).has(run.trial)) {
    throw new EspalierError(
      'REPRODUCE_REFUSED',
      `a run is trained again to the end it came to by itself (${run.id} was ended on somebody's request); reproduce another, or its sweep, which takes this one as it is: espalier reproduce ${run.parent}`,
    )
  }
  mustBeInSpace(run, prepared.space)
  const { executor } = await openExecutor(prepared, options, 1, options)
  try {
    await executor.ready()
    const kill = options.killSignal ?? new AbortController().signal
    const result = await runTrial(
      {
        trial: run.trial,
        attempt: 0,
        params: run.params,
        folds: spec.validation?.fits ?? null,
        objectives: [spec.objective],
        timeLimit: spec.trialTimeout ?? Number.POSITIVE_INFINITY,
        bestAtTimeLimit: spec.bestAtTimeLimit,
        pool: poolOf(prepared),
        packPredictions: (results) => packPredictions(prepared, results),
        pruning: recordedPruning(
          createPruner(spec.search.pruner),
          {
            objectives: [spec.objective],
            folds: spec.validation?.fits ?? null,
            parallel: spec.search.parallel,
            order: spec.order,
          },
          (await store.trials(run.parent)).map(recordedTrial),
          recordedTrial(run),
        ),
      },
      executor,
      kill,
    )
    if (result === null) throw interrupted()
    comparison.addOutcome('', run, result.outcome)
    leaveOutFiles(run, comparison)
    await compareFiguresOfTrial({ run, parent, store, prepared, executor, signal: kill }, comparison)
    if (kill.aborted) throw interrupted()
    if (!run.artifacts.some(({ name }) => name === artifactNames.model)) return
    const final = await executor.run(
      {
        trial: run.trial,
        attempt: 0,
        part: { kind: 'final' },
        params: run.params,
        timeLimit: spec.trialTimeout ?? Number.POSITIVE_INFINITY,
      },
      { signal: kill },
    )
    const outOfFold = result.artifacts.find(({ name }) => name === artifactNames.outOfFold)
    const fitted = final.status === 'finished' ? final.result.model : null
    const model =
      fitted === null
        ? null
        : JSON.stringify(
            spec.threshold === null || outOfFold === undefined
              ? fitted
              : withThreshold(prepared, fitted, unpackOutOfFold(new TextDecoder().decode(outOfFold.content))),
          )
    comparison.addModel('', artifactNames.model, await keptModel(store, run), model)
  } finally {
    await executor.close()
  }
}

/** The kept model of a trial, or the ensemble of a sweep. */
async function keptModel(
  store: RunStore,
  run: ChildRun | ParentRun,
  name: string = artifactNames.model,
): Promise<string> {
  return new TextDecoder().decode(await store.readArtifact(run, name))
}

async function reproduceSweep(
  parent: ParentRun,
  store: RunStore,
  prepared: PreparedSweep,
  options: ReproduceOptions,
  comparison: Comparison,
): Promise<void> {
  if (prepared.spec.order === 'arrival') {
    throw new EspalierError(
      'REPRODUCE_REFUSED',
      `a sweep is repeated trial by trial when it went by trial order (${parent.id} went by order of arrival); its trials can be reproduced one by one`,
    )
  }
  if (parent.status === 'running' || parent.status === 'interrupted') {
    throw new EspalierError(
      'REPRODUCE_REFUSED',
      `a sweep is compared whole (${parent.id} is ${parent.status}); espalier resume ${parent.id} completes it`,
    )
  }
  mustAskInSpace(parent.requests, prepared.space)
  const before = await store.trials(parent.id)
  const ended = endedByRequest(parent)
  const asItWas = before.filter(({ trial }) => ended.has(trial))
  const last = before.at(-1)?.trial ?? -1
  // The clock ended it: that is not to be repeated, its trials are.
  const trials = parent.tags[tagNames.stopped] === 'max-time' ? last + 1 : prepared.spec.trials
  const directory = await mkdtemp(join(tmpdir(), 'espalier-reproduce-'))
  try {
    const scratch = await openStore(join(directory, 'store'))
    const id = newSweepId()
    const result = await conduct({
      sweep: id,
      // Its trials are repeated, however long that takes.
      prepared: { ...prepared, spec: { ...prepared.spec, trials, budget: null } },
      store: scratch,
      session: options,
      experiment: parent.experiment,
      hooks: options,
      open: async () => ({
        writer: await scratch.createSweep({
          id,
          experiment: parent.experiment,
          name: parent.name,
          objectives: parent.objectives,
          spec: recordedSpec(prepared.spec),
          conditions: {},
        }),
        record: asItWas.map(recordedTrial),
        requests: parent.requests,
      }),
    })
    if (result.status === 'interrupted') throw interrupted()
    // Some may have been deleted since.
    const after = new Map((await scratch.trials(result.run)).map((run) => [run.trial, run]))
    comparison.add('', 'number of trials', last + 1, after.size + asItWas.length)
    const again = (await scratch.run(result.run)) as ParentRun
    if (parent.artifacts.some(({ name }) => name === artifactNames.ensemble)) {
      const kept = again.artifacts.some(({ name }) => name === artifactNames.ensemble)
      const { ensemble } = artifactNames
      comparison.addModel(
        '',
        ensemble,
        await keptModel(store, parent, ensemble),
        kept ? await keptModel(scratch, again, ensemble) : null,
      )
    }
    const repeated = before.flatMap(({ trial }) => after.get(trial) ?? [])

    comparison.add('', 'best trial', bestOf(before, parent), bestOf(repeated, parent))
    leaveOutFiles(parent, comparison)
    compareFigures({ sweep: parent, trials: before }, { sweep: again, trials: repeated }, comparison)
    for (const then of before) {
      const now = after.get(then.trial)
      if (now === undefined) continue
      const prefix = `trial ${then.trial}: `
      comparison.add(prefix, 'params', then.params, now.params)
      comparison.add(prefix, 'origin', then.conditions.origin, now.conditions.origin)
      if (hasEnded(then) && hasEnded(now)) comparison.addOutcome(prefix, then, now)
      leaveOutFiles(then, comparison)
      if (!then.artifacts.some(({ name }) => name === artifactNames.model)) continue
      const kept = now.artifacts.some(({ name }) => name === artifactNames.model)
      const model = kept ? await keptModel(scratch, now) : null
      comparison.addModel(prefix, artifactNames.model, await keptModel(store, then), model)
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Files that are compared, themselves or by their digest. */
const comparedFiles: readonly string[] = [
  artifactNames.model,
  artifactNames.ensemble,
  artifactNames.outOfFold,
]

function leaveOutFiles({ artifacts }: ChildRun | ParentRun, comparison: Comparison): void {
  for (const { name } of artifacts)
    if (!comparedFiles.includes(name))
      comparison.leaveOut(name, 'of files, predictions and models are compared')
}

function bestOf(trials: readonly ChildRun[], { objectives }: ParentRun): number | null {
  const best = new BestSoFar(objectives)
  for (const run of trials) if (run.status === 'finished') best.offer(run)
  return best.current?.trial ?? null
}

function interrupted(): EspalierError {
  return new EspalierError(
    'INTERRUPTED',
    'the reproduction was stopped before it could be compared; start it again',
  )
}
