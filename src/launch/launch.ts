/**
 * A new sweep: from a file or from code, to its result.
 */
import { resolve } from 'node:path'
import { checkOptions } from '../arguments.js'
import { EspalierError } from '../errors.js'
import { parseSweepFile } from '../space/index.js'
import { openStore, type Store } from '../tracking/index.js'
import type { JsonObject } from '../values.js'
import { openedFromCode, type TrainedInCode } from './in-code.js'
import { type PreparedSweep, prepareSweep } from './prepare.js'
import { readJsonFile } from './read-file.js'
import { runPrepared } from './run.js'
import { keepDiff, type OpenedRecord, opened, sessionConditions } from './session.js'
import { overrideRules, withOverrides } from './spec/overrides.js'
import type { WarmStartSpec } from './spec/types.js'
import { recordedSpec } from './spec/version.js'
import type { LaunchHooks, SweepOverrides, SweepResult } from './types.js'

/** The store's directory where none is stated. */
export function defaultStore(): string {
  return process.env.ESPALIER_STORE || './espalier-runs'
}

/**
 * Runs the sweep a file describes. Throws an EspalierError of kind `request` for whatever is wrong with what was
 * asked, before anything is recorded; what a trial does never throws.
 */
export async function launchSweep(
  file: string,
  overrides: SweepOverrides = {},
  hooks: LaunchHooks = {},
  code: TrainedInCode = {},
): Promise<SweepResult> {
  return launch(await readJsonFile(file), resolve(file), overrides, hooks, code)
}

/** The same for a sweep described in code. Relative file names start from the working directory. */
export async function launchFromCode(
  definition: unknown,
  overrides: SweepOverrides,
  hooks: LaunchHooks,
  code: TrainedInCode = {},
): Promise<SweepResult> {
  return launch(definition, null, overrides, hooks, code)
}

async function launch(
  definition: unknown,
  source: string | null,
  overrides: SweepOverrides,
  hooks: LaunchHooks,
  inCode: TrainedInCode,
): Promise<SweepResult> {
  checkOptions('a sweep', overrides, overrideRules)
  const merged = withOverrides(definition, overrides)
  const file = await parseSweepFile(merged.definition)
  const store = await openStore(overrides.store ?? defaultStore())
  const warmStart =
    file.search?.warmStart === undefined ? null : await knownResults(store, file.search.warmStart)
  const code = openedFromCode(inCode, file.name ?? 'objective')
  const prepared = await prepareSweep({ file, source, beside: merged.beside, code, warmStart })
  const experiment = overrides.experiment ?? prepared.spec.name
  return runPrepared({
    prepared,
    store,
    overrides,
    experiment,
    hooks,
    openWriter: (session) => createRecord(store, experiment, prepared, session),
  })
}

async function createRecord(
  store: Store,
  experiment: string,
  prepared: PreparedSweep,
  session: JsonObject,
): Promise<OpenedRecord> {
  const { spec } = prepared
  const { conditions, diff } = await sessionConditions(prepared)
  const writer = await store.createSweep({
    experiment,
    name: spec.name,
    objectives: [{ metric: spec.objective.metric, direction: spec.objective.direction }],
    spec: recordedSpec(spec),
    conditions: { ...conditions, ...session },
  })
  return opened(writer, async () => {
    await keepDiff(writer, diff)
    return []
  })
}

/** The finished trials of an earlier sweep, as known results. */
async function knownResults(store: Store, id: string): Promise<WarmStartSpec> {
  const run = await store.run(id)
  if (run.kind === 'trial') {
    throw new EspalierError(
      'USAGE',
      `a warm start takes the id of a sweep (${id} is one of its trials); name its parent ${run.parent}`,
    )
  }
  const trials = (await store.trials(run.id)).filter(({ status }) => status === 'finished')
  return { sweep: run.id, trials: trials.map(({ params, value }) => ({ params, value: value! })) }
}
