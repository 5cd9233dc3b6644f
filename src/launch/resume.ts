/**
 * Goes on with a sweep from its record: one that was interrupted, crashed, or is to have more trials.
 */
import { checkOptions, type Rules, truth, wholeNumber } from '../arguments.js'
import { EspalierError } from '../errors.js'
import { openStore, type ParentRun, type Store } from '../tracking/index.js'
import { defaultStore } from './default-store.js'
import { launch } from './launch.js'
import { type AgainOptions, againRules, askedFromRecord } from './record.js'
import { hookRules, overrideRules } from './spec/overrides.js'
import type { LaunchHooks, SweepOverrides, SweepResult } from './types.js'

/** What is stated of a sweep that goes on; `run` or `trainer` where that was passed in code, which no record can keep. */
export interface ResumeOptions
  extends Pick<
      SweepOverrides,
      | 'store'
      | 'workers'
      | 'devices'
      | 'devicesPerFit'
      | 'maxTime'
      | 'maxTimeGrace'
      | 'keepCheckpoints'
      | 'trials'
    >,
    LaunchHooks,
    AgainOptions {
  /** Go on although the comparison of trials has become meaningless. */
  readonly force?: boolean
}

const optionRules: Rules<ResumeOptions> = {
  ...hookRules,
  ...againRules,
  store: overrideRules.store,
  workers: overrideRules.workers,
  devices: overrideRules.devices,
  devicesPerFit: overrideRules.devicesPerFit,
  maxTime: overrideRules.maxTime,
  maxTimeGrace: overrideRules.maxTimeGrace,
  keepCheckpoints: overrideRules.keepCheckpoints,
  trials: wholeNumber(1),
  force: truth,
}

/**
 * Resumes a sweep: the latest resumable one unless its id (or a unique prefix of it) is given. The result is the one
 * the sweep would have had without interruption.
 * @throws EspalierError RESUME_REFUSED when data or space have changed, unless forced; CODE_UNTRUSTED where it runs a module or a
 *   program that nobody vouches for; RUN_UNKNOWN where there is nothing to resume; SWEEP_LOCKED while another process writes it.
 */
export async function resumeSweep(id?: string, options: ResumeOptions = {}): Promise<SweepResult> {
  checkOptions('a sweep that is resumed', options, optionRules)
  const store = await openStore(options.store ?? defaultStore())
  const parent = await sweepToResume(store, id, options.trials)
  return launch({
    asked: await askedFromRecord(parent, options, {
      store: store.directory,
      refused: 'RESUME_REFUSED',
      trials: options.trials,
      unlike: options.force,
    }),
    store,
    record: () => ({ kind: 'resumed', parent, force: options.force === true }),
    session: options,
    hooks: options,
  })
}

/** The sweep that is meant: by an id, else the latest that can go on. Throws RUN_UNKNOWN where there is none. */
export async function sweepToResume(
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
