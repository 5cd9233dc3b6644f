/** `runs export`: the trials of sweeps as flat rows, CSV or JSON, for other programs. */
import { extname } from 'node:path'
import { EspalierError } from '../../errors.js'
import { plain, printRows, say } from '../output.js'
import { findSweep, openStoreOf, writeOut } from './common.js'

export interface ExportOptions {
  experiment?: string
  where?: string
  sort?: string
  limit?: number
  format?: 'csv' | 'json'
  out?: string
  store?: string
}

export async function exportRuns(id: string | undefined, options: ExportOptions): Promise<void> {
  const { experiment, where, sort, limit, out } = options
  if (id !== undefined && experiment !== undefined) {
    throw new EspalierError('USAGE', 'an export takes the id of a sweep, or --experiment, not both')
  }
  const store = await openStoreOf(options)
  const of = experiment === undefined ? { sweep: (await findSweep(store, id)).id } : { experiment }
  const kind = options.format ?? (out !== undefined && extname(out) === '.json' ? 'json' : 'csv')
  const text = await store.exportRuns({ ...of, where, orderBy: sort, limit }, kind)
  if (out === undefined) return printRows(text)
  await writeOut(out, text)
  say(`written to ${plain(out)}`)
}
