/** Whether fits are done elsewhere: by the workers of a queue that is named here or by the environment. */
import { EspalierError } from '../../errors.js'
import type { AskedDevices, ExecutorFactory } from '../../execution/index.js'
import type { QueueTyped } from '../options.js'

/** @throws EspalierError USAGE where devices of this machine are named for fits of others. */
export async function executorFor({
  queue,
  devices,
}: QueueTyped & { readonly devices?: AskedDevices }): Promise<ExecutorFactory | undefined> {
  const address = queue ?? (process.env.ESPALIER_QUEUE || false)
  if (address === false) return undefined
  if (devices !== undefined && devices !== 'none')
    throw new EspalierError(
      'USAGE',
      `devices are of the machine where a fit runs (--devices is given here, and ${queue === undefined ? 'ESPALIER_QUEUE names a queue' : '--queue has fits run elsewhere'}); name them where they are: espalier worker --devices auto`,
    )
  const { remoteExecutor } = await import('../../remote/index.js')
  return remoteExecutor({ queue: address })
}
