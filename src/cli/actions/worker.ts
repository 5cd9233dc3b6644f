/** `worker`: serves a queue, and says what it does. */
import type { WorkerEvent } from '../../remote/index.js'
import { untilStopped } from '../interrupt.js'
import { plain, say } from '../output.js'

export interface WorkerTyped {
  queue?: string
  seats?: number
  count?: number
  idleExit?: number
  directory?: string
  quiet?: boolean
}

export async function worker({ seats = 1, quiet = false, ...rest }: WorkerTyped): Promise<void> {
  const { runWorker } = await import('../../remote/index.js')
  const places = Array.from({ length: seats }, () => ({ devices: [] }))
  const tell = (event: WorkerEvent) => {
    const words = inWords(event)
    if (words !== null && (!quiet || event.type === 'warning')) say(plain(words))
  }
  const end = await untilStopped(
    ({ signal }) => runWorker({ ...rest, seats: places, signal, onEvent: tell }),
    () => {},
    () => {},
  )
  if (!quiet) say(`${end.done} ${end.done === 1 ? 'fit' : 'fits'} done`)
}

function inWords(event: WorkerEvent): string | null {
  switch (event.type) {
    case 'ready':
      return `worker ${event.worker} serves ${event.queue} with ${event.seats.length} ${event.seats.length === 1 ? 'seat' : 'seats'}; Ctrl-C gives its fits back`
    case 'fit-started':
      return null
    case 'fit-ended':
      return `trial ${event.trial} at seat ${event.seat}: ${event.how}`
    case 'warning':
      return `warning: ${event.message}`
    case 'leaving':
      return `leaving: ${event.reason}`
  }
}
