/** What has changed between a recorded sweep and the same sweep as it would run now. */
import { relative, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { ParentRun, SessionConditions } from '../tracking/index.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../values.js'
import { modulesOf } from './choice.js'
import { ownMetrics } from './own-metrics.js'
import type { PreparedSweep } from './prepare.js'
import { readJsonFile } from './read-file.js'
import { isDiff, isKept } from './session.js'
import type { SweepSpec } from './spec/types.js'
import { specOf } from './spec/version.js'

export interface Change {
  readonly path: string
  readonly what: string
  /** Makes the trials before and after it incomparable. */
  readonly grave: boolean
}

/** Conditions that can change what a trial gives; the others (time, command line, load) only tell where it ran. */
const telling = ['espalier', 'node', 'platform', 'arch', 'packages'] as const
/** Those that may be the cause where a trial gives something else, and are no reason for a warning where it does not. */
const circumstances = ['cpu', 'timeZone', 'environment', 'lockfile'] as const

/** The conditions of this machine and moment. */
export interface Now {
  readonly conditions: SessionConditions
  readonly diff: string | null
}

/** What differs between a sweep as recorded, in its latest session, and as it would go on now. */
export async function changesSince(
  parent: ParentRun,
  prepared: PreparedSweep,
  { conditions }: Now,
): Promise<Change[]> {
  const changes = await specChanges(parent, prepared)
  const then: SessionConditions = parent.sessions.at(-1)?.conditions ?? {}
  for (const name of telling) compare(name, then[name], conditions[name], changes)
  return changes
}

/** Everything that is not as it was in the sessions in which a run was trained, each in words. */
export async function allChangesSince(
  parent: ParentRun,
  prepared: PreparedSweep,
  { conditions, diff }: Now,
  sessions: ParentRun['sessions'],
): Promise<readonly string[]> {
  const changes = await specChanges(parent, prepared)
  for (const { conditions: then } of sessions) {
    for (const name of [...telling, ...circumstances]) compare(name, then[name], conditions[name], changes)
    compareGit(then.git, conditions.git, changes)
  }
  const told = diff !== null && parent.artifacts.some(isDiff)
  if (told && sessions.some(isDirty) && !isKept(diff, parent.artifacts))
    changes.push({ path: 'git.diff', what: 'what git diff says is not what was recorded', grave: false })
  return [...new Set(changes.map(({ what }) => what))]
}

const isDirty = ({ conditions: { git } }: ParentRun['sessions'][number]) =>
  isJsonObject(git) && git.dirty === true

/** Commit and state of the tree, where git told them both times. */
function compareGit(then: JsonValue | undefined, now: JsonValue | undefined, changes: Change[]): void {
  if (!isJsonObject(then) || !isJsonObject(now)) return
  for (const name of ['commit', 'dirty'])
    if ((then[name] ?? null) !== null && (now[name] ?? null) !== null)
      compare(`git.${name}`, then[name], now[name], changes)
}

async function specChanges(parent: ParentRun, prepared: PreparedSweep): Promise<Change[]> {
  const recorded = specOf(parent)
  const now = prepared.spec
  const changes: Change[] = []
  if (recorded.data && recorded.data.digest !== now.data?.digest) {
    const rows = `${recorded.data.rows} rows then, ${now.data?.rows} now`
    changes.push({
      path: 'data',
      what: `the data set ${recorded.data.file} has changed (${rows})`,
      grave: true,
    })
  }
  if (recorded.data?.testFile && recorded.data.testDigest !== now.data?.testDigest) {
    changes.push({ path: 'data', what: `the test file ${recorded.data.testFile} has changed`, grave: true })
  }
  if (recorded.source !== null && (await parametersDiffer(recorded))) {
    changes.push({
      path: 'parameters',
      what: `the search space in ${recorded.source} has changed (a sweep goes by the one it began with)`,
      grave: true,
    })
  }
  const modulesNow = modulesOf(now.trainer)
  for (const { value, file, digest } of modulesOf(recorded.trainer)) {
    const same = modulesNow.find((one) => one.value === value)
    if (same !== undefined && same.digest !== digest)
      changes.push({ path: 'trainer', what: `the trainer ${file} has changed`, grave: false })
  }
  for (const { name, digest } of ownMetrics(recorded)) {
    if (digest === now.metrics.find((one) => one.name === name)?.digest) continue
    changes.push({ path: 'metrics', what: `the module of the metric "${name}" has changed`, grave: true })
  }
  for (const file of changedFiles(recorded.trainer, now.trainer))
    changes.push({ path: 'trainer', what: `the program's file ${file} has changed`, grave: false })
  return changes
}

/** Files of a program that are not what they were; those that are gone, or new, too. */
function changedFiles(then: SweepSpec['trainer'], now: SweepSpec['trainer']): string[] {
  if (then.kind !== 'command' || now.kind !== 'command') return []
  // By their place in the folder of the program, which may be elsewhere now.
  const placed = ({ directory, digests = {} }: typeof then) =>
    Object.fromEntries(
      Object.entries(digests).map(([file, digest]) => [
        resolve(then.directory, relative(directory, file)),
        digest,
      ]),
    )
  const [before, after] = [placed(then), placed(now)]
  const files = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return files.filter((file) => before[file] !== after[file])
}

function compare(
  path: string,
  then: JsonValue | undefined,
  now: JsonValue | undefined,
  changes: Change[],
): void {
  if (isDeepStrictEqual(then, now)) return
  if (isJsonObject(then) && isJsonObject(now)) {
    for (const name of new Set([...Object.keys(then), ...Object.keys(now)]))
      compare(`${path}.${name}`, then[name], now[name], changes)
    return
  }
  const show = (value: JsonValue | undefined) =>
    value === undefined ? 'not recorded' : JSON.stringify(value)
  changes.push({ path, what: `${path} was ${show(then)} and is ${show(now)}`, grave: false })
}

async function parametersDiffer({ source, parameters }: SweepSpec): Promise<boolean> {
  try {
    const file = (await readJsonFile(source!)) as JsonObject
    return !isDeepStrictEqual(file.parameters, parameters)
  } catch {
    // The record is complete without the file it came from.
    return false
  }
}
