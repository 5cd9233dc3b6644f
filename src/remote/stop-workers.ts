/** Asking workers of a queue to leave: they give their fits back, and end. */
import { EspalierError } from '../errors.js'
import { nearestHint } from '../spelling.js'
import { whoIsThis } from '../tracking/index.js'
import { boxOf } from './protocol.js'
import { type LookOptions, lookInto, type QueueLook, shortly } from './queue-look.js'
import { queueSettings } from './settings.js'
import type { WorkersWatch } from './workers-watch.js'

export interface StopOptions extends LookOptions {
  /** ms that they have to give back their fits and end: 60,000 unless given. */
  readonly timeLimit?: number
  /** Told of each as it has left, or has not. */
  onStopped?(worker: StoppedWorker): void
}

/** How a worker took it that it was asked to leave: `stays` while a fit of it does not end, `silent` where it said nothing at all. */
export interface StoppedWorker {
  readonly worker: string
  readonly host: string
  readonly pid: number
  readonly how: 'left' | 'stays' | 'silent'
}

const usualTimeLimit = 60_000

/**
 * Asks workers to leave, by their names or by what no other name begins with, and waits until they have: they give their fits back,
 * which others take up. One that says nothing for long is taken off the list; should it come back, it finds that it is to leave.
 * @throws EspalierError USAGE where no queue is named, and for a name that nobody has, before anybody is asked; QUEUE_UNREACHABLE;
 *   MESSAGE_UNSIGNED for workers that heed only what is signed, where there is no secret to sign with.
 */
export async function stopWorkers(
  names: readonly string[] | 'all',
  options: StopOptions = {},
): Promise<StoppedWorker[]> {
  const { timeLimit = usualTimeLimit, onStopped } = options
  const { secret, claimMs } = queueSettings(options)
  return lookInto(options, async (look) => {
    const { watch } = look
    await look.answered(watch.look())
    const meant = names === 'all' ? [...watch.workers.keys()] : meantBy(names, watch)
    if (secret === null) refuseDeaf(meant, watch)
    const waiting = new Map(meant.map((id) => [id, watch.workers.get(id)!.announcement]))
    await tell(meant, look)
    const stopped: StoppedWorker[] = []
    for (;;) {
      const late = look.elapsed() >= timeLimit
      for (const [id, { worker, host, pid }] of waiting) {
        const how = howItTookIt(id, watch, { late, silent: late || look.elapsed() >= 2 * claimMs })
        if (how === null) continue
        if (how === 'silent') await look.answered(look.transport.unannounce('worker', id))
        waiting.delete(id)
        stopped.push({ worker, host, pid, how })
        onStopped?.(stopped.at(-1)!)
      }
      if (waiting.size === 0) return stopped
      await shortly()
      await look.answered(watch.look())
    }
  })
}

/** null while that is open. */
function howItTookIt(
  id: string,
  watch: WorkersWatch,
  { late, silent }: { readonly late: boolean; readonly silent: boolean },
): StoppedWorker['how'] | null {
  const there = watch.workers.get(id)
  if (there === undefined) return 'left'
  if (!there.spoke) return silent ? 'silent' : null
  return late ? 'stays' : null
}

async function tell(workers: readonly string[], { transport, letters, answered }: QueueLook): Promise<void> {
  const { user, host } = whoIsThis()
  for (const worker of workers) {
    const message = letters.toWorker(worker, { kind: 'leave', by: `${user}@${host}` })
    await answered(transport.send(boxOf.worker(worker), message))
  }
}

/** The workers that are meant, each once. */
function meantBy(names: readonly string[], watch: WorkersWatch): string[] {
  const there = [...watch.workers.keys()]
  return [...new Set(names.map((name) => nameOf(name, there, watch)))]
}

function nameOf(name: string, there: readonly string[], watch: WorkersWatch): string {
  if (there.includes(name)) return name
  const unread = watch.unread.get(name)
  if (unread !== undefined)
    throw new EspalierError(unread.code, `${name} is not believed to be a worker: ${unread.message}`)
  const alike = there.filter((id) => name !== '' && id.startsWith(name))
  if (alike.length === 1) return alike[0]
  const law = 'a worker is meant by its name, or by what no other name begins with'
  if (alike.length > 1)
    throw new EspalierError('USAGE', `${law} (${name} begins ${alike.join(', ')}); type more of it`)
  const hint =
    there.length === 0 ? '; nobody serves this queue' : nearestHint(name, there, 'those that serve it')
  throw new EspalierError('USAGE', `${law} (none is called ${JSON.stringify(name)})${hint}`)
}

function refuseDeaf(meant: readonly string[], watch: WorkersWatch): void {
  const deaf = meant.filter((id) => watch.workers.get(id)?.signed)
  if (deaf.length === 0) return
  throw new EspalierError(
    'MESSAGE_UNSIGNED',
    `workers that have a secret heed only what is signed with it (${deaf.join(', ')} ${deaf.length === 1 ? 'has' : 'have'} one, and there is none here); set ESPALIER_QUEUE_SECRET to theirs`,
  )
}
