/** The process of the live page beside a sweep (beside.ts): serves until the process that started it is gone. */
import { EspalierError } from '../../errors.js'
import type { BesideOptions, Said } from './beside.js'
import { startDashboard } from './server.js'

// Ctrl-C in a terminal reaches both processes: it is the sweep's to stop first.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())

function say(said: Said): void {
  if (process.connected) process.send?.(said)
}

process.once('message', async (options: BesideOptions) => {
  try {
    const { link } = await startDashboard({ ...options, onWarning: (warning) => say({ warning }) })
    say({ link })
  } catch (error) {
    const { code, message } =
      error instanceof EspalierError ? error : new EspalierError('INTERNAL', (error as Error).message)
    say({ error: { code, message } })
    process.disconnect()
  }
})
