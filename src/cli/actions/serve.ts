/** `serve RUN`: its model over HTTP, until it is stopped. */
import type { ServedModel } from '../../exchange/serve/index.js'
import { loopback } from '../../listening.js'
import { artifactNames } from '../../names.js'
import type { Run, RunStore } from '../../tracking/index.js'
import { untilStopped } from '../interrupt.js'
import { plain, print, printJson, say } from '../output.js'
import type { Filters } from './best.js'
import { openStoreOf, shellWord } from './common.js'
import { findModelRun } from './meant.js'

export interface ServeTyped extends Filters {
  readonly ensemble?: boolean
  readonly port?: number
  readonly host?: string
  readonly maxRows?: number
  readonly maxBody?: number
  readonly timeout?: number
  readonly trainer?: string
  readonly trustModule?: boolean
  readonly json?: boolean
}

export async function serve(id: string, options: ServeTyped): Promise<void> {
  const { host, port, maxRows: mostRows, timeout: timeLimit, trainer: module } = options
  const store = await openStoreOf(options)
  const run = await findModelRun(store, id, options)
  const { serveModel } = await import('../../exchange/serve/index.js')
  const served = await serveModel({
    store: store.directory,
    run: run.id,
    importModule: options.trustModule,
    module,
    host,
    port,
    mostRows,
    mostBytes: options.maxBody === undefined ? undefined : options.maxBody * 1024 * 1024,
    timeLimit,
    onWarning: (warning) => say(plain(warning)),
  })
  let stopped: AbortSignal | undefined
  try {
    // Whoever has read the address may end it.
    await untilStopped(
      async ({ signal, killSignal }) => {
        stopped = killSignal
        await announce(served, store, run, options.json === true)
        if (!signal.aborted)
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        await served.close(killSignal)
      },
      () => say('answering what was asked; Ctrl-C again ends it at once'),
      () => {},
    )
  } finally {
    await served.close(stopped)
  }
}

/** Its address, and what its user has to know. */
async function announce(
  { url, host, port, model }: ServedModel,
  store: RunStore,
  run: Run,
  json: boolean,
): Promise<void> {
  const example = await sampleRow(store, run)
  if (json) printJson({ run: run.id, url, invocations: `${url}/invocations`, host, port })
  else print(url)
  if (example !== null)
    say(
      `ask it: curl ${url}/invocations -H 'content-type: application/json' -d ${shellWord(JSON.stringify({ dataframe_records: [example] }))}`,
    )
  if (!loopback.includes(host))
    say(
      'warning: there is no password: whoever reaches this machine can ask the model, and what goes over the network is not encrypted',
    )
  say(`the model of run ${run.id} (${model.task}, ${model.columns.length} columns) is served; Ctrl-C ends it`)
}

/** A row of the data set, for an example; null where none was kept. */
async function sampleRow(store: RunStore, run: Run): Promise<unknown> {
  if (!run.artifacts.some(({ name }) => name === artifactNames.sampleInput)) return null
  const rows = JSON.parse(new TextDecoder().decode(await store.readArtifact(run, artifactNames.sampleInput)))
  return Array.isArray(rows) ? (rows[0] ?? null) : null
}
