/**
 * The line that every sweep goes along: what is asked for is read, prepared, its record opened, and it is carried out
 * (conduct.ts: run and concluded).
 */
import { Errand } from '../execution/index.js'
import { parseSweepFile } from '../space/index.js'
import { captureConditions, type RunStore, type Store } from '../tracking/index.js'
import { isModulePath, type OpenTrainer } from '../training/index.js'
import { isJsonObject } from '../values.js'
import { conduct } from './conduct.js'
import { openingOf, type RecordPlan } from './opening.js'
import { type PreparedSweep, prepareSweep, type SweepRequest } from './prepare.js'
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
  readonly session: Pick<
    SweepOverrides,
    'workers' | 'devices' | 'devicesPerFit' | 'maxTime' | 'maxTimeGrace' | 'keepCheckpoints'
  >
  readonly hooks: LaunchHooks
}

/**
 * Runs a sweep. Throws an EspalierError of kind `request` for whatever is wrong with what was asked, before anything is
 * recorded; what a trial does never throws.
 */
export async function launch({ asked, store, record, session, hooks }: LaunchRequest): Promise<SweepResult> {
  const errand = errandFor(asked)
  const refused = new AbortController()
  // Both take their time elsewhere, while what is asked for is read here.
  const captured = captureConditions({ signal: refused.signal })
  let prepared: PreparedSweep
  try {
    prepared = await prepareAsked(asked, store, { signal: hooks.signal, errand })
  } catch (error) {
    refused.abort()
    throw error
  } finally {
    await errand?.end()
  }
  const warn = (message: string) => hooks.onEvent?.({ type: 'warning', message })
  const { experiment, sweep, open } = await openingOf(record(prepared), { prepared, captured }, store, warn)
  return conduct({ prepared, store, sweep, experiment, open, session, hooks })
}

/** The thread that will import the module that is asked for, if one is. */
function errandFor({ file, code, beside }: Reading): Errand | undefined {
  const named = isJsonObject(file) ? file.trainer : undefined
  if (code !== undefined || typeof named !== 'string' || !isModulePath(named)) return undefined
  return new Errand(beside)
}

export async function prepareAsked(
  { code, warmStart, notes: found = [], ...asked }: Reading,
  store: Store,
  hooks: Pick<SweepRequest, 'signal' | 'errand'> = {},
): Promise<PreparedSweep> {
  const file = await parseSweepFile(asked.file, code !== undefined)
  const ready = await prepareSweep({ ...asked, file, code, warmStart, ...hooks })
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
