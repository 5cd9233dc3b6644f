/** `resume [SWEEP]`: goes on with a sweep, and ends as a sweep ends. */
import type { ResumeOptions } from '../../launch/index.js'
import type { MlflowTyped, QueueTyped } from '../options.js'
import { findSweep, openStoreOf } from './common.js'
import { withMlflow } from './mlflow-beside.js'
import { executorFor } from './queue.js'
import { conductSweep } from './sweep.js'

export async function resume(
  id: string | undefined,
  options: ResumeOptions &
    QueueTyped &
    MlflowTyped & { json?: boolean; quiet?: boolean; dashboard?: boolean },
): Promise<void> {
  const { json, quiet, dashboard, queue, mlflow, ...rest } = options
  const { resumeSweep } = await import('../../launch/index.js')
  const meant = id === 'latest' ? (await findSweep(await openStoreOf(options), id)).id : id
  const executor = await executorFor({ queue, devices: options.devices })
  const sweep = mlflow === false ? null : await mirroredSweep(meant, options)
  const place =
    dashboard && meant !== undefined
      ? { sweep: (await findSweep(await openStoreOf(options), meant)).id, begins: false }
      : null
  await withMlflow({ mlflow, store: options.store, sweep, executor }, (parts) =>
    conductSweep((hooks) => resumeSweep(meant, { ...rest, ...hooks, ...parts }), {
      json,
      quiet,
      dashboard,
      store: options.store,
      place,
    }),
  )
}

/** The id of the sweep that goes on, whose record says whether it is sent anywhere. */
async function mirroredSweep(
  meant: string | undefined,
  { store, trials }: Pick<ResumeOptions, 'store' | 'trials'>,
): Promise<string> {
  const { sweepToResume } = await import('../../launch/index.js')
  return (await sweepToResume(await openStoreOf({ store }), meant, trials)).id
}
