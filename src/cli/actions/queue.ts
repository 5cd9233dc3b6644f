/** Whether fits are done elsewhere: by the workers of a queue that is named here or by the environment. */
import type { ExecutorFactory } from '../../execution/index.js'
import type { QueueTyped } from '../options.js'

export async function executorFor({ queue }: QueueTyped): Promise<ExecutorFactory | undefined> {
  const address = queue ?? (process.env.ESPALIER_QUEUE || false)
  if (address === false) return undefined
  const { remoteExecutor } = await import('../../remote/index.js')
  return remoteExecutor({ queue: address })
}
