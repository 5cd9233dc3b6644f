/** `register RUN`: its model in MLflow's registry. */
import { plain, print, printJson, say } from '../output.js'
import type { Filters } from './best.js'
import { openStoreOf } from './common.js'
import { findModelRun } from './meant.js'

export interface RegisterTyped extends Filters {
  readonly name: string
  readonly alias?: string
  readonly newVersion?: boolean
  readonly ensemble?: boolean
  readonly url?: string
  readonly json?: boolean
}

export async function register(id: string, options: RegisterTyped): Promise<void> {
  const { name, alias, newVersion, url } = options
  const store = await openStoreOf(options)
  const { experiment, sweep, metric, direction, ensemble } = options
  const run = await findModelRun(store, id, { experiment, sweep, metric, direction, ensemble })
  const { registerModel } = await import('../../exchange/index.js')
  const registered = await registerModel(store, run.id, {
    name,
    alias,
    newVersion,
    url,
    onWarning: (warning) => say(`warning: ${plain(warning)}`),
  })
  if (options.json) return printJson({ run: run.id, ...registered })
  const { version, isNew, uri, registry } = registered
  print(
    `run ${run.id} is version ${version} of ${plain(name)}${alias === undefined ? '' : `, ${plain(alias)}`}${isNew ? '' : ' (it was already)'}: ${plain(uri)} on ${plain(registry)}`,
  )
}
