/** `--mlflow` of `sweep` and `resume`: the sweep is sent to a server while it runs. */
import type { ExecutorFactory } from '../../execution/index.js'
import type { LaunchHooks, SweepResult } from '../../launch/index.js'
import type { MlflowTyped } from '../options.js'
import { plain, say } from '../output.js'
import { openStoreOf } from './common.js'

export interface MirroredTyped extends MlflowTyped {
  readonly store?: string
  /** Its id, also where it has not begun; null where it is not known which one is meant. */
  readonly sweep: string | null
  readonly executor: ExecutorFactory | undefined
}

/** Runs a sweep, and sends it where that is asked for, or was when it began. */
export async function withMlflow(
  { mlflow, store: directory, sweep, executor }: MirroredTyped,
  launch: (hooks: Pick<LaunchHooks, 'executor'>) => Promise<SweepResult>,
): Promise<SweepResult> {
  if (mlflow === false || sweep === null) return launch({ executor })
  const store = await openStoreOf({ store: directory })
  const { mirroredTo, mirrorLive } = await import('../../exchange/index.js')
  const url = await meantServer(mlflow, () => mirroredTo(store, sweep))
  if (url === null) return launch({ executor })
  const mirror = await mirrorLive({ store, sweep, executor, url, say: (message) => say(plain(message)) })
  try {
    return await launch({ executor: mirror.executor })
  } finally {
    await mirror.end()
  }
}

/** The URL of the server; undefined: the one that the environment names; null: none. */
async function meantServer(
  mlflow: string | true | undefined,
  before: () => Promise<string | null>,
): Promise<string | undefined | null> {
  if (typeof mlflow === 'string') return mlflow
  return mlflow === true ? undefined : await before()
}
