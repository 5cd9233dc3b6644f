/** The start of a session: the conditions it runs under, and the record opened for writing. */
import { createHash } from 'node:crypto'
import { diffName, isDiffName } from '../names.js'
import type { RecordedTrial } from '../sweep/index.js'
import {
  type AnsweredRequest,
  type Artifact,
  type Conditions,
  captureConditions,
  packageVersions,
  type SweepWriter,
} from '../tracking/index.js'
import { trainersOf } from './choice.js'
import type { PreparedSweep } from './prepare.js'

/**
 * What is recorded of each start of a sweep: machine, versions, source, command line.
 * @param captured what does not depend on the sweep, where it has been asked for already.
 */
export async function sessionConditions(
  { trainer }: PreparedSweep,
  captured: Promise<Conditions> = captureConditions(),
): Promise<Conditions> {
  const trained =
    trainer.kind === 'objective' ? [trainer.objective] : trainersOf(trainer).map((one) => one.trainer)
  const packages = [...new Set(trained.flatMap((one) => one.packages ?? []))]
  const { conditions, diff } = await captured
  return { conditions: { ...conditions, packages: await packageVersions(packages) }, diff }
}

/** What differs from the commit is kept once for every state it had in a session: `before` are the sweep's files. */
export async function keepDiff(
  writer: SweepWriter,
  diff: string | null,
  session = 1,
  before: readonly Artifact[] = [],
): Promise<void> {
  if (diff === null || isKept(diff, before)) return
  await writer.artifact(null, diffName(session), diff)
}

/** Whether a session began with just this diff. */
export function isKept(diff: string, artifacts: readonly Artifact[]): boolean {
  const sha256 = createHash('sha256').update(diff).digest('hex')
  return artifacts.some((artifact) => artifact.sha256 === sha256 && isDiff(artifact))
}

export function isDiff({ name }: Artifact): boolean {
  return isDiffName(name)
}

export interface OpenedRecord {
  readonly writer: SweepWriter
  /** The trials that are on record already. */
  readonly record: readonly RecordedTrial[]
  /** What was asked of the sweep before; nothing of a new one. */
  readonly requests?: readonly AnsweredRequest[]
}

/** Does what must be done before a sweep can go on with this writer; lets go of the sweep where that fails. */
export async function opened(
  writer: SweepWriter,
  work: () => Promise<Omit<OpenedRecord, 'writer'>>,
): Promise<OpenedRecord> {
  try {
    return { writer, ...(await work()) }
  } catch (error) {
    await writer.finish({ status: 'interrupted' }).catch(() => {})
    throw error
  }
}
