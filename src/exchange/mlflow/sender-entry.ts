/** The thread that sends a sweep while it runs, so that the sweep is not held up by any of it. */
import { constants, getPriority, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { describeError, EspalierError, isEspalierError } from '../../errors.js'
import { openStore } from '../../tracking/index.js'
import { openSender } from './sender.js'
import type { FromSender, SenderData, ToSender } from './sender-messages.js'

const port = parentPort!
const { store: directory, ...options } = workerData as SenderData
const left = new AbortController()

function say(message: FromSender): void {
  port.postMessage(message)
}

/** Where processors are short, fits come first. Elsewhere than on Linux this would be the priority of the whole process. */
function giveWay(): void {
  if (process.platform !== 'linux') return
  const { PRIORITY_BELOW_NORMAL: lower, PRIORITY_LOW: least } = constants.priority
  try {
    setPriority(Math.min(least, getPriority() + lower))
  } catch {
    // Where that is not allowed, it is one thread among the others.
  }
}

try {
  const store = await openStore(directory, { onWarning: () => {} })
  const sender = await openSender({ ...options, store, say: (message) => say({ kind: 'said', message }) })
  port.on('message', async (message: ToSender) => {
    switch (message.kind) {
      case 'asked': {
        const { id, trial, attempt } = message
        say({ kind: 'answer', id, environment: await sender.environmentOf(trial, attempt) })
        break
      }
      case 'ended':
        await sender.end(message.ms, left.signal)
        say({ kind: 'done' })
        port.close()
        break
      case 'leave':
        left.abort()
    }
  })
  say({ kind: 'ready' })
  giveWay()
} catch (error) {
  const { code, message, problems } = isEspalierError(error)
    ? error
    : new EspalierError('INTERNAL', describeError(error).message)
  say({ kind: 'refused', code, message, problems })
}
