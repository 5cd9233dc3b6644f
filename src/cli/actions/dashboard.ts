/** `dashboard`: the live page of a store, until it is stopped. */
import { loopback } from '../../listening.js'
import { untilStopped } from '../interrupt.js'
import { plain, print, say } from '../output.js'
import { called, openStoreOf, storeArgument } from './common.js'

interface DashboardTyped {
  readonly port?: number
  readonly host?: string
  readonly readOnly?: boolean
  readonly store?: string
}

export async function serveDashboard(options: DashboardTyped): Promise<void> {
  const { host = '127.0.0.1', port = null, readOnly = false } = options
  const store = await openStoreOf(options)
  const { startDashboard } = await import('../../dashboard/server/index.js')
  const warned = new Set<string>()
  const dashboard = await startDashboard({
    store: store.directory,
    host,
    port,
    readOnly,
    called,
    storeArgument: storeArgument(store.directory),
    onWarning: (warning) => {
      if (!warned.has(warning)) say(`warning: ${plain(warning)}`)
      warned.add(warning)
    },
  })
  try {
    print(dashboard.link)
    if ((await store.sweepMarks()).size === 0)
      say(`there is no sweep in ${plain(store.directory)} yet: the page shows the first one when it begins`)
    if (!loopback.includes(host))
      say(
        `whoever reaches this machine and has the link sees ${readOnly ? '' : 'and acts on '}the store; what goes over the network is not encrypted`,
      )
    say('Ctrl-C ends it')
    await untilStopped(
      ({ signal }) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
      () => {},
      () => {},
    )
  } finally {
    await dashboard.close()
  }
}
