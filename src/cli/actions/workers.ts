/** `workers`: who serves a queue, as a table. */
import type { QueueWorker, QueueWorkers, WorkerFit } from '../../remote/index.js'
import * as format from '../format.js'
import { plain, print, printJson, say } from '../output.js'
import { table } from '../table.js'
import { called } from './common.js'

export interface WorkersTyped {
  queue?: string
  json?: boolean
}

export async function showWorkers({ queue, json }: WorkersTyped): Promise<void> {
  const { listWorkers } = await import('../../remote/index.js')
  const found = await listWorkers({ queue, onWarning: warn })
  if (json) return printJson(found)
  if (found.workers.length === 0)
    say(`nobody serves ${plain(found.queue)}; on each machine: ${called} worker --queue ADDRESS`)
  else print(workerTable(found.workers))
  for (const line of remarks(found)) say(line)
}

export function warn(message: string): void {
  say(`warning: ${plain(message)}`)
}

function workerTable(workers: readonly QueueWorker[]): string {
  return table(
    [
      { title: 'worker', whole: true },
      { title: 'machine' },
      { title: 'seats', align: 'right', spare: 4 },
      { title: 'devices', spare: 3 },
      { title: 'at' },
      { title: 'here for', align: 'right', whole: true, spare: 2 },
      { title: 'fits', align: 'right', whole: true, spare: 1 },
      { title: 'version', spare: 5 },
    ],
    workers.flatMap((worker) => {
      const [first = '', ...more] = whatItDoes(worker)
      const { worker: name, user, host, pid, seats, seconds, done, espalier } = worker
      return [
        [
          plain(name),
          plain(`${user}@${host} ${pid}`),
          String(seats.length),
          devicesOf(worker),
          first,
          format.seconds(seconds),
          String(done),
          plain(espalier),
        ],
        ...more.map((line) => ['', '', '', '', line, '', '', '']),
      ]
    }),
  )
}

/** A line each. */
function whatItDoes({ fits, silentSeconds }: QueueWorker): string[] {
  if (silentSeconds !== null) return ['silent']
  return fits.length === 0 ? ['idle'] : fits.map(fitInWords)
}

function fitInWords({ trial, seat, sweep, seconds }: WorkerFit): string {
  const of = sweep === null ? 'a sweep that is not there any more' : plain(sweep.name ?? sweep.id ?? '?')
  const id = sweep?.name && sweep.id ? ` ${plain(sweep.id.slice(0, 8))}` : ''
  return `trial ${trial} of ${of}${id} at seat ${seat}, ${format.seconds(seconds)}`
}

/** Those of all seats, by their model: `0, 1 NVIDIA A100`. */
function devicesOf({ seats }: QueueWorker): string {
  const models = new Map<string, Set<string>>()
  for (const { id, name } of seats.flatMap(({ devices }) => devices)) {
    const ids = models.get(name ?? '') ?? new Set()
    models.set(name ?? '', ids.add(id))
  }
  return plain([...models].map(([name, ids]) => `${[...ids].join(', ')} ${name}`.trim()).join('; '))
}

function* remarks({ workers, unread }: QueueWorkers): Iterable<string> {
  const silent = workers.filter(({ silentSeconds }) => silentSeconds !== null)
  if (silent.length > 0) {
    const names = silent.map(({ worker }) => plain(worker)).join(', ')
    yield `silent for the ${format.seconds(Math.max(...silent.map(({ silentSeconds }) => silentSeconds!)))} of looking, and so gone, frozen, or cut off: ${names}. Off the list: ${called} workers stop ${plain(silent[0].worker)}`
  }
  for (const { worker, message } of unread) yield `not believed: ${plain(worker)}: ${plain(message)}`
}
