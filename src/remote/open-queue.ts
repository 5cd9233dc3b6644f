/** The queue of these settings, opened. BullMQ is loaded only here. */
import type { QueueSettings } from './settings.js'
import type { Transport } from './transport.js'

/** @param warn takes what a person has to know of the server. */
export async function openQueue(
  { url, prefix, claimMs }: QueueSettings,
  warn: (message: string) => void,
): Promise<Transport> {
  const { openTransport } = await import('./bull/open.js')
  const transport = await openTransport(url, { prefix, claimMs })
  for (const warning of transport.warnings) warn(warning)
  return transport
}
