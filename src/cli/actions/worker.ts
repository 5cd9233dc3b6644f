/** `worker`: serves a queue, and says what it does. */

import { EspalierError } from '../../errors.js'
import type { AskedDevices, Seat } from '../../execution/index.js'
import type { WorkerEvent } from '../../remote/index.js'
import { untilStopped } from '../interrupt.js'
import { plain, say } from '../output.js'
import { seatsLine } from '../progress/state.js'

export interface WorkerTyped {
  queue?: string
  seats?: number
  devices?: AskedDevices
  devicesPerFit?: number
  count?: number
  idleExit?: number
  directory?: string
  quiet?: boolean
}

export async function worker({
  seats: asked,
  devices,
  devicesPerFit,
  quiet = false,
  ...rest
}: WorkerTyped): Promise<void> {
  const { runWorker } = await import('../../remote/index.js')
  const { seats, line } = await seatsOf(asked, { devices, devicesPerFit })
  const tell = (event: WorkerEvent) => {
    const words = inWords(event, line)
    if (words !== null && (!quiet || event.type === 'warning')) say(plain(words))
  }
  const end = await untilStopped(
    ({ signal }) => runWorker({ ...rest, seats, signal, onEvent: tell }),
    () => {},
    () => {},
  )
  if (!quiet) say(`${end.done} ${end.done === 1 ? 'fit' : 'fits'} done`)
}

/** The seats of this worker, and what they are in words: as many as its devices are enough for, unless fewer are asked for. */
async function seatsOf(
  asked: number | undefined,
  given: { devices?: AskedDevices; devicesPerFit?: number },
): Promise<{ seats: readonly Seat[]; line: string }> {
  const { dealDevices } = await import('../../launch/index.js')
  const dealt = await dealDevices({ resources: { devices: 0 } }, given, {})
  if (dealt === null) {
    const seats = Array.from({ length: asked ?? 1 }, () => ({ devices: [] }))
    return { seats, line: `${seats.length} ${seats.length === 1 ? 'seat' : 'seats'}` }
  }
  if (asked !== undefined && asked > dealt.seats.length)
    throw new EspalierError(
      'USAGE',
      `there are as many seats as the devices are enough for, or fewer (got --seats ${asked}, and devices for ${dealt.seats.length}); lower --seats, or --devices-per-fit`,
    )
  for (const warning of dealt.warnings) say(plain(`warning: ${warning}`))
  const seats = dealt.seats.slice(0, asked)
  return { seats, line: seatsLine({ seats, devicesPerFit: dealt.each })! }
}

function inWords(event: WorkerEvent, seats: string): string | null {
  switch (event.type) {
    case 'ready':
      return `worker ${event.worker} serves ${event.queue} with ${seats}; Ctrl-C gives its fits back`
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
