/** Sweeps of the store, sent to an MLflow server after they ran: each goes on where it stopped. */
import { type ErrorCode, EspalierError, isEspalierError } from '../../errors.js'
import { openStore, RunStore } from '../../tracking/index.js'
import { serverAddress } from './address.js'
import { type ClientOptions, type MlflowClient, openClient } from './client.js'
import { readCursor } from './cursor.js'
import { openMirror } from './mirror.js'
import { readRun } from './server-runs.js'

export interface SyncOptions extends ClientOptions {
  /** Told while it goes on: runs of this sweep that are there, of so many. */
  onProgress?(progress: { readonly sweep: string; readonly sent: number; readonly runs: number }): void
}

/** What came of one sweep. */
export interface SyncedSweep {
  readonly sweep: string
  /** Runs on record, the sweep itself counted. */
  readonly runs: number
  /** Of those, how many are on the server as they are on record. */
  readonly sent: number
  /** What could not be sent, and why; `run` is the run it is about, null where it is all of them. */
  readonly problems: readonly {
    readonly run: string | null
    readonly code: ErrorCode
    readonly message: string
  }[]
  /** What the server has otherwise than the record: cut, called otherwise, left out. */
  readonly warnings: readonly string[]
}

export interface SyncResult {
  /** The server's URL, without user and password. */
  readonly server: string
  readonly sweeps: readonly SyncedSweep[]
}

/**
 * Sends sweeps to an MLflow server (`url`, else MLFLOW_TRACKING_URI), with all of their trials. What is there is not sent again; runs
 * that still go on are sent as they are.
 * @param given the store, as `openStore` gives it.
 * @param sweeps whole ids; all of the store unless given.
 * @throws EspalierError USAGE where no server is named; what a server does not take is told in the result.
 */
export async function syncMlflow(
  given: Pick<RunStore, 'directory'>,
  sweeps?: readonly string[],
  options: SyncOptions = {},
): Promise<SyncResult> {
  const store = given instanceof RunStore ? given : await openStore(given.directory)
  const ids = sweeps ?? (await store.sweeps()).map(({ id }) => id).reverse()
  const server = serverAddress(options.url, options.env)
  const client = await openClient(options)
  const synced: SyncedSweep[] = []
  /** A server that is away for one is away for all. */
  let away: EspalierError | null = null
  try {
    for (const sweep of ids) {
      const cursor = await readCursor(store.mirrorsOf(sweep), server)
      const place = cursor?.place ?? null
      // Of a sweep that has not changed one run is asked for.
      if (place !== null && (await isUnchanged(store, sweep, place)) && away === null) {
        const found = await isThere(client, cursor?.runs.sweep?.id)
        if (found === true) {
          const runs = 1 + (await countOf(store, sweep))
          synced.push({ sweep, runs, sent: runs, problems: [], warnings: [] })
          continue
        }
        if (found !== false) away = found
      }
      const one = await syncOne(sweep, away)
      synced.push(one.synced)
      away = one.away
    }
  } finally {
    await client.close()
  }
  return { server: server.name, sweeps: synced }

  async function syncOne(
    sweep: string,
    known: EspalierError | null,
  ): Promise<{ synced: SyncedSweep; away: EspalierError | null }> {
    const warnings: string[] = []
    let mirror: Awaited<ReturnType<typeof openMirror>>
    try {
      mirror = await openMirror(store, sweep, client, (message) => warnings.push(message))
    } catch (error) {
      if (!isEspalierError(error)) throw error
      const runs = 1 + (await countOf(store, sweep))
      return { synced: { sweep, runs, sent: 0, problems: [problemOf(null, error)], warnings }, away: known }
    }
    let whole: EspalierError | null = known
    try {
      do {
        await mirror.pull()
        if (whole === null) await mirror.push()
        const { waiting, runs } = mirror.counts()
        options.onProgress?.({ sweep, sent: runs - waiting, runs })
      } while (whole === null && mirror.hasMore())
    } catch (error) {
      if (!isEspalierError(error)) throw error
      whole = error
    } finally {
      await mirror.close()
    }
    const { waiting, gone, runs } = mirror.counts()
    const problems = [
      ...(whole === null ? [] : [problemOf(null, whole)]),
      ...[...mirror.problems].map(([run, error]) => problemOf(run, error)),
    ]
    const isAway = whole?.code === 'MLFLOW_UNREACHABLE'
    return {
      synced: { sweep, runs, sent: runs - waiting - gone, problems, warnings },
      away: isAway ? whole : null,
    }
  }
}

/** Whether the server has this run; the error where it does not answer. */
async function isThere(client: MlflowClient, id: string | undefined): Promise<boolean | EspalierError> {
  if (id === undefined) return false
  try {
    return !(await readRun(client, id)).isDeleted
  } catch (error) {
    if (!isEspalierError(error)) throw error
    return error.code === 'MLFLOW_UNREACHABLE' ? error : false
  }
}

function problemOf(run: string | null, { code, message }: EspalierError) {
  return { run, code, message }
}

async function countOf(store: RunStore, sweep: string): Promise<number> {
  const run = await store.run(sweep)
  if (run.kind !== 'sweep') throw new EspalierError('USAGE', `a sweep is meant here, and ${sweep} is a trial`)
  const { finished, pruned, failed, running } = run.trials
  return finished + pruned + failed + running
}

async function isUnchanged(
  store: RunStore,
  sweep: string,
  place: NonNullable<Parameters<RunStore['follow']>[1]>,
): Promise<boolean> {
  const { updates, again, live } = await store.follow(sweep, place)
  return updates.length === 0 && !again && !live
}
