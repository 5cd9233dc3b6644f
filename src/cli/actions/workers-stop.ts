/** `workers stop`: asks workers to leave, and says how they took it. */
import { EspalierError } from '../../errors.js'
import type { StoppedWorker } from '../../remote/index.js'
import { plain, print, printJson, say } from '../output.js'
import { warn } from './workers.js'

export interface StopTyped {
  queue?: string
  all?: boolean
  timeLimit?: number
  json?: boolean
}

export async function stop(
  names: readonly string[],
  { all = false, json, ...rest }: StopTyped,
): Promise<void> {
  if (all === names.length > 0)
    throw new EspalierError(
      'USAGE',
      `workers that are to leave are named, or all are meant (got ${all ? 'names and --all' : 'neither'}); name them as \`espalier workers\` lists them, or say --all`,
    )
  const { stopWorkers } = await import('../../remote/index.js')
  const stopped = await stopWorkers(all ? 'all' : names, {
    ...rest,
    onWarning: warn,
    onStopped: (worker) => {
      if (!json) print(inWords(worker))
    },
  })
  if (stopped.some(({ how }) => how !== 'left')) process.exitCode = 1
  if (json) printJson(stopped)
  else if (stopped.length === 0) say('nobody serves this queue')
}

function inWords({ worker, host, pid, how }: StoppedWorker): string {
  const who = `worker ${plain(worker)} on ${plain(host)}`
  switch (how) {
    case 'left':
      return `${who} has left`
    case 'stays':
      return `${who} was told, and is still there: a fit of it does not end. Wait, or end it there: kill ${pid}`
    case 'silent':
      return `${who} said nothing, and is off the list now: it is gone, frozen, or cut off. If its process is still there, end it: kill ${pid}`
  }
}
