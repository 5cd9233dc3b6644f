/**
 * The line that every sweep goes along: what is asked for is read, prepared, its record opened, and it is carried out
 * (conduct.ts: run and concluded).
 */
import { parseSweepFile } from '../space/index.js'
import type { RunStore, Store } from '../tracking/index.js'
import type { OpenTrainer } from '../training/index.js'
import { conduct } from './conduct.js'
import { openingOf, type RecordPlan } from './opening.js'
import { type PreparedSweep, prepareSweep } from './prepare.js'
import type { Asked, SweepSpec, WarmStartSpec } from './spec/types.js'
import type { LaunchHooks, SweepOverrides, SweepResult } from './types.js'
import { warmStartOf } from './warm-start.js'

/** What is asked for, its file not validated yet. */
export interface Reading extends Omit<Asked, 'file'> {
  readonly file: unknown
  /** A trainer or an objective passed in code. */
  readonly code: OpenTrainer | undefined
  /** What an earlier sweep told, where it is on record already; else it is looked up as the file says. */
  readonly warmStart?: WarmStartSpec | null
  /** The sweep as it is on record, where it is one already. */
  readonly recorded?: SweepSpec
  /** What is to be told of it. */
  readonly notes?: readonly string[]
}

export interface LaunchRequest {
  readonly asked: Reading
  readonly store: RunStore
  record(prepared: PreparedSweep): RecordPlan
  readonly session: Pick<SweepOverrides, 'workers' | 'maxTime' | 'maxTimeGrace'>
  readonly hooks: LaunchHooks
}

/**
 * Runs a sweep. Throws an EspalierError of kind `request` for whatever is wrong with what was asked, before anything is
 * recorded; what a trial does never throws.
 */
export async function launch({ asked, store, record, session, hooks }: LaunchRequest): Promise<SweepResult> {
  const prepared = await prepareAsked(asked, store, hooks.signal)
  const warn = (message: string) => hooks.onEvent?.({ type: 'warning', message })
  const { experiment, open } = await openingOf(record(prepared), prepared, store, warn)
  return conduct({ prepared, store, experiment, open, session, hooks })
}

export async function prepareAsked(
  { code, warmStart, notes: found = [], ...asked }: Reading,
  store: Store,
  signal?: AbortSignal,
): Promise<PreparedSweep> {
  const file = await parseSweepFile(asked.file)
  const ready = await prepareSweep({ ...asked, file, code, warmStart, signal })
  const prepared = { ...ready, notes: [...ready.notes, ...found] }
  const wanted = file.search?.warmStart
  if (warmStart !== undefined || wanted === undefined) return prepared
  const { known, notes } = await warmStartOf(store, wanted, prepared)
  const { spec } = prepared
  return {
    ...prepared,
    spec: { ...spec, search: { ...spec.search, warmStart: known } },
    notes: [...prepared.notes, ...notes],
  }
}
