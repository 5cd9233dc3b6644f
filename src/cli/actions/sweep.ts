/** Runs a sweep: progress while it goes on, its result at the end, and the exit code that says how it went. */
import { readdir } from 'node:fs/promises'
import { EspalierError } from '../../errors.js'
import type { LaunchHooks, SweepOverrides, SweepResult } from '../../launch/index.js'
import { artifactNames } from '../../names.js'
import { isJsonObject } from '../../values.js'
import type { MlflowTyped, QueueTyped } from '../options.js'
import { plain, printJson, say } from '../output.js'
import { withProgress } from '../progress/index.js'
import { defined, isSweep, openStoreOf, shortest } from './common.js'
import { type BesideTyped, withDashboard } from './dashboard-beside.js'
import { importanceLine } from './importance-line.js'
import { withMlflow } from './mlflow-beside.js'
import { executorFor } from './queue.js'
import { printSummary, surface } from './sweep-summary.js'

export interface SweepOptions extends Omit<SweepOverrides, 'algorithm' | 'warmStart' | 'ensemble'> {
  /** true: of the usual size. */
  ensemble?: number | true
  warmStart?: string
  /** In what that sweep may differ, with commas. */
  despite?: string
  search?: SweepOverrides['algorithm']
  json?: boolean
  quiet?: boolean
  dashboard?: boolean
  queue?: QueueTyped['queue']
  mlflow?: MlflowTyped['mlflow']
}

export async function runSweep(given: string | undefined, options: SweepOptions): Promise<void> {
  const file = given ?? (await onlySweepFile())
  const {
    search,
    json,
    quiet,
    dashboard,
    queue,
    mlflow,
    warmStart: sweep,
    despite,
    ensemble,
    ...rest
  } = options
  const overrides = defined({
    ...rest,
    algorithm: search,
    warmStart: warmStartOf(sweep, despite),
    ensemble: ensemble === true ? usualEnsemble : ensemble,
  })
  const { launchSweep } = await import('../../launch/index.js')
  const { newSweepId } = await import('../../tracking/index.js')
  // Known before it begins, so that the link beside it can only mean this one.
  const id = newSweepId()
  const executor = await executorFor({ queue, devices: options.devices })
  const mirrored = { mlflow, store: options.store, sweep: id, executor }
  await withMlflow(mirrored, (parts) =>
    conductSweep((hooks) => launchSweep(file, overrides, { ...hooks, ...parts, id }), {
      json,
      quiet,
      dashboard,
      store: options.store,
      place: { sweep: id, begins: true },
    }),
  )
}

/** Trials that an ensemble takes where nobody says how many. */
const usualEnsemble = 10

/** As a sweep file writes it, where it is checked. */
function warmStartOf(sweep: string | undefined, despite: string | undefined): SweepOverrides['warmStart'] {
  if (despite === undefined) return sweep
  if (sweep === undefined)
    throw new EspalierError('USAGE', '--despite says in what the sweep of --warm-start may differ; name that')
  return { sweep, despite: despite.split(',').map((what) => what.trim()) as never }
}

/** The one sweep file of the working directory. */
async function onlySweepFile(): Promise<string> {
  const { readJsonFile } = await import('../../launch/index.js')
  const found: string[] = []
  for (const name of (await readdir('.')).sort()) {
    if (!/\.(json|jsonc|ya?ml)$/.test(name)) continue
    // What cannot be read is some other file; where it is meant, naming it says what is wrong with it.
    const json = await readJsonFile(name).catch(() => null)
    if (isJsonObject(json) && isJsonObject(json.parameters)) found.push(name)
  }
  if (found.length === 1) {
    say(`the sweep file of this folder: ${plain(found[0])}`)
    return found[0]
  }
  throw new EspalierError(
    'USAGE',
    found.length === 0
      ? 'a sweep needs its file (none is named, and none is in this folder); name one: espalier sweep SPACE.json'
      : `a sweep needs its file (none is named, and this folder has ${found.length}: ${found.slice(0, 5).map(plain).join(', ')}); name one`,
  )
}

/** What a sweep and one that is resumed have in common: all but how they begin. */
export async function conductSweep(
  launch: (hooks: LaunchHooks) => Promise<SweepResult>,
  options: BesideTyped & { quiet?: boolean },
): Promise<void> {
  await withDashboard(options, () => shownSweep(launch, options))
}

/** Runs it and shows its result. */
async function shownSweep(
  launch: (hooks: LaunchHooks) => Promise<SweepResult>,
  { json = false, quiet = false }: { json?: boolean; quiet?: boolean },
): Promise<SweepResult> {
  const result = await withProgress(quiet, launch)
  if (json) {
    if (!quiet) for (const note of result.notes) say(plain(note))
    printJson(surface(result))
  } else printSummary(result, await predictable(result), await importanceLine(result))
  process.exitCode = result.status === 'interrupted' ? 130 : result.best === null ? 1 : 0
  return result
}

/** The data file of the sweep, as an example of what its best model predicts; null where no model was kept. */
async function predictable({ run, best, store: directory }: SweepResult): Promise<string | null> {
  if (best === null) return null
  const store = await openStoreOf({ store: directory })
  const parent = await store.run(run)
  const { artifacts } = await store.run(best.run)
  const data = isSweep(parent) ? parent.spec.data : null
  if (!artifacts.some(({ name }) => name === artifactNames.model)) return null
  if (!isJsonObject(data)) return null
  return shortest(String(data.file))
}
