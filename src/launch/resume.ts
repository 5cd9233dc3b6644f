/**
 * Goes on with a sweep from its record: one that was interrupted, crashed, or is to have more trials.
 */
import { checkOptions, type Rules, truth, wholeNumber } from '../arguments.js'
import { EspalierError } from '../errors.js'
import { artifactNames, tagNames } from '../names.js'
import type { RecordedTrial } from '../sweep/index.js'
import { type ChildRun, hasEnded, openStore, type ParentRun, type Store } from '../tracking/index.js'
import { changesSince } from './changes.js'
import { inCodeRules, type TrainedInCode } from './in-code.js'
import { defaultStore } from './launch.js'

import { prepareFromRecord } from './record.js'
import { runPrepared } from './run.js'
import { keepDiff, opened, sessionConditions } from './session.js'
import { hookRules, overrideRules } from './spec/overrides.js'
import { recordedSpec, specOf } from './spec/version.js'
import type { LaunchHooks, SweepOverrides, SweepResult } from './types.js'

/** What is stated of a sweep that goes on; `run` or `trainer` where that was passed in code, which no record can keep. */
export interface ResumeOptions
  extends Pick<SweepOverrides, 'store' | 'workers' | 'maxTime' | 'trials'>,
    LaunchHooks,
    TrainedInCode {
  /** Go on although the comparison of trials has become meaningless. */
  readonly force?: boolean
}

const optionRules: Rules<ResumeOptions> = {
  ...hookRules,
  ...inCodeRules,
  store: overrideRules.store,
  workers: overrideRules.workers,
  maxTime: overrideRules.maxTime,
  trials: wholeNumber(1),
  force: truth,
}

/**
 * Resumes a sweep: the latest resumable one unless its id (or a unique prefix of it) is given. The result is the one
 * the sweep would have had without interruption.
 * @throws EspalierError RESUME_REFUSED when data or space have changed, unless forced; RUN_UNKNOWN where there is
 *   nothing to resume; SWEEP_LOCKED while another process writes it.
 */
export async function resumeSweep(id?: string, options: ResumeOptions = {}): Promise<SweepResult> {
  checkOptions('a sweep that is resumed', options, optionRules)
  const store = await openStore(options.store ?? defaultStore())
  const parent = await sweepToResume(store, id, options.trials)
  const recorded = specOf(parent)
  const trials = options.trials ?? recorded.trials
  const fromRecord = await prepareFromRecord(parent, options, 'RESUME_REFUSED')
  const prepared = { ...fromRecord, spec: { ...fromRecord.spec, trials } }
  const now = await sessionConditions(prepared)
  const changes = await changesSince(parent, prepared, now)
  const grave = changes.filter((change) => change.grave)
  if (grave.length > 0 && !options.force) {
    throw new EspalierError(
      'RESUME_REFUSED',
      `trials of one sweep must be comparable (since ${parent.id} began, ${grave.map(({ what }) => what).join('; ')}); undo the change, start a new sweep, or go on with --force`,
      { problems: grave.map(({ path, what }) => ({ path, message: what })) },
    )
  }
  for (const { what } of changes)
    options.onEvent?.({ type: 'warning', message: `since the sweep began, ${what}` })
  const begun = (await store.trials(parent.id)).reduce((most, { trial }) => Math.max(most, trial + 1), 0)
  if (trials < begun) {
    throw new EspalierError(
      'USAGE',
      `a sweep keeps the trials it has: "trials" must be at least ${begun} (got ${trials})`,
    )
  }
  return runPrepared({
    prepared,
    store,
    overrides: options,
    experiment: parent.experiment,
    hooks: options,
    openWriter: async (session) => {
      const spec = trials === recorded.trials ? undefined : recordedSpec({ ...recorded, trials })
      const conditions = {
        ...now.conditions,
        ...session,
        trials,
        changes: changes.map(({ what }) => what),
      }
      const writer = await store.resumeSweep(parent.id, { conditions, spec })
      return opened(writer, async () => {
        await keepDiff(writer, now.diff, parent.sessions.length + 1, parent.artifacts)
        // Read only now that nobody else writes it.
        return (await store.trials(parent.id)).map(recordedTrial)
      })
    },
  })
}

async function sweepToResume(
  store: Store,
  id: string | undefined,
  trials: number | undefined,
): Promise<ParentRun> {
  if (id === undefined) {
    const sweeps = await store.sweeps()
    const latest = trials === undefined ? sweeps.find(({ status }) => status === 'interrupted') : sweeps[0]
    if (latest) return latest
    throw new EspalierError(
      'RUN_UNKNOWN',
      sweeps.length === 0
        ? `there is nothing to resume: the store ${store.directory} has no sweeps`
        : `there is nothing to resume: no sweep in ${store.directory} was interrupted; to extend a finished one, pass --trials N`,
    )
  }
  const run = await store.run(id)
  if (run.kind === 'trial') return (await store.run(run.parent)) as ParentRun
  return run
}

/** A child run as the loop takes it up. */
export function recordedTrial(child: ChildRun): RecordedTrial {
  const { origin, arrival = null, knew = null } = child.conditions
  if (origin === undefined) {
    throw new EspalierError(
      'STORE_CORRUPT',
      `a trial on record says why it was suggested, because the search goes by that (${child.id} has no "origin" among its conditions); put the record back from a copy, or start a new sweep`,
    )
  }
  return {
    trial: child.trial,
    params: child.params,
    origin,
    attempts: child.attempts.length,
    failures: child.attempts.filter(({ error }) => error !== null).length,
    outcome: hasEnded(child) ? child : null,
    arrival,
    knew,
    hasModel: child.artifacts.some(({ name }) => name === artifactNames.model),
    modelFailed: child.tags[tagNames.model] !== undefined,
  }
}
