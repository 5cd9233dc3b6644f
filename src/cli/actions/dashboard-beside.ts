/** The live page beside a sweep: its link before the first trial, and how long it stays. */
import type { Beside } from '../../dashboard/server/index.js'
import type { SweepResult } from '../../launch/index.js'
import { untilStopped } from '../interrupt.js'
import { storeDirectory } from '../options.js'
import { isTerminal, plain, print, say } from '../output.js'
import { called, storeArgument } from './common.js'

export interface BesideTyped {
  readonly dashboard?: boolean
  readonly store?: string
  readonly json?: boolean
  /** What the link leads to: the id of a sweep that goes on, or that begins now; null: all of them. */
  readonly place: { readonly sweep: string; readonly begins: boolean } | null
}

/** Does the work of a sweep with the page beside it, where that is asked for. */
export async function withDashboard<T extends Pick<SweepResult, 'status'>>(
  { dashboard = false, store, json = false, place }: BesideTyped,
  work: () => Promise<T>,
): Promise<T> {
  if (!dashboard) return work()
  const directory = storeDirectory(store)
  const { startBeside } = await import('../../dashboard/server/index.js')
  const served = await startBeside(
    {
      store: directory,
      host: '127.0.0.1',
      port: null,
      readOnly: false,
      called,
      storeArgument: storeArgument(directory),
    },
    (warning) => say(`warning: ${plain(warning)}`),
  )
  const beside = { ...served, link: `${served.link}${addressOf(place)}` }
  try {
    // Standard output is for the one document then.
    if (json) say(beside.link)
    else print(beside.link)
    const result = await work()
    // Whoever has just stopped the sweep is not asked to stop once more.
    if (!json && result.status !== 'interrupted' && isTerminal(process.stderr)) await stay(beside)
    return result
  } finally {
    beside.close()
  }
}

function addressOf(place: BesideTyped['place']): string {
  return place === null ? '' : `#/${place.begins ? 'begun' : 'sweeps'}/${place.sweep}`
}

async function stay({ link, stay, close }: Beside): Promise<void> {
  say(`the page stays at ${link} until Ctrl-C`)
  await untilStopped(
    ({ signal }) => {
      signal.addEventListener('abort', close)
      return stay()
    },
    () => {},
    () => {},
  )
}
