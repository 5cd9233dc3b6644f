/** `--mlflow` of `sweep` and `resume`: the sweep is sent to a server while it runs. */
import type { ExecutorFactory } from '../../execution/index.js'
import type { LaunchHooks } from '../../launch/index.js'
import type { MlflowTyped } from '../options.js'
import { plain, say } from '../output.js'
import { openStoreOf } from './common.js'

export interface MirroredTyped extends MlflowTyped {
  readonly store?: string
  /** Its id, also where it has not begun; null where it is not known which one is meant. */
  readonly sweep: string | null
  readonly executor: ExecutorFactory | undefined
}

/** ms after which it is told what is waited for. */
const silence = 1000

/**
 * Runs a sweep and shows its result, and sends it where that is asked for, or was when it began. What is left of that is sent when the
 * result has been shown, and Ctrl-C leaves it for later.
 */
export async function withMlflow(
  { mlflow, store: directory, sweep, executor }: MirroredTyped,
  conduct: (hooks: Pick<LaunchHooks, 'executor'>) => Promise<void>,
): Promise<void> {
  if (mlflow === false || sweep === null) return conduct({ executor })
  const store = await openStoreOf({ store: directory })
  const { mirroredTo, mirrorLive } = await import('../../exchange/index.js')
  const url = await meantServer(mlflow, () => mirroredTo(store, sweep))
  if (url === null) return conduct({ executor })
  const mirror = await mirrorLive({ store, sweep, executor, url, say: (message) => say(plain(message)) })
  try {
    await conduct({ executor: mirror.executor })
  } finally {
    const left = new AbortController()
    const leave = () => left.abort()
    const told = setTimeout(
      () => say('what is left of the sweep is sent to the MLflow server; Ctrl-C leaves it for later'),
      silence,
    )
    process.on('SIGINT', leave).on('SIGTERM', leave)
    await mirror.end(undefined, left.signal)
    process.off('SIGINT', leave).off('SIGTERM', leave)
    clearTimeout(told)
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
