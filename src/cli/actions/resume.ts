/** `resume [SWEEP]`: goes on with a sweep, and ends as a sweep ends. */
import type { ResumeOptions } from '../../launch/index.js'
import type { QueueTyped } from '../options.js'
import { findSweep, openStoreOf } from './common.js'
import { executorFor } from './queue.js'
import { conductSweep } from './sweep.js'

export async function resume(
  id: string | undefined,
  options: ResumeOptions & QueueTyped & { json?: boolean; quiet?: boolean; dashboard?: boolean },
): Promise<void> {
  const { json, quiet, dashboard, queue, ...rest } = options
  const { resumeSweep } = await import('../../launch/index.js')
  const meant = id === 'latest' ? (await findSweep(await openStoreOf(options), id)).id : id
  const executor = await executorFor({ queue, devices: options.devices })
  await conductSweep((hooks) => resumeSweep(meant, { ...rest, executor, ...hooks }), {
    json,
    quiet,
    dashboard,
    store: options.store,
    place:
      dashboard && meant !== undefined
        ? { sweep: (await findSweep(await openStoreOf(options), meant)).id, begins: false }
        : null,
  })
}
