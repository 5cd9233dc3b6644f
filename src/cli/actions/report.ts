/** `report`: sweeps in one HTML file, or the data of it as JSON. */
import { stat } from 'node:fs/promises'
import { EspalierError } from '../../errors.js'
import type { ParentRun } from '../../tracking/index.js'
import * as format from '../format.js'
import { plain, print, printJson, say } from '../output.js'
import { findSweep, openStoreOf, shortest, writeOut } from './common.js'

interface ReportTyped {
  readonly out?: string
  readonly force?: boolean
  readonly json?: boolean
  readonly store?: string
}

export async function writeReport(ids: readonly string[], options: ReportTyped): Promise<void> {
  const { out, force = false, json = false } = options
  if (out === undefined && !json)
    throw new EspalierError(
      'USAGE',
      'a report is written to a file, but none is named; name one: --out report.html',
    )
  const store = await openStoreOf(options)
  const sweeps: ParentRun[] = []
  for (const id of ids.length === 0 ? [undefined] : ids) sweeps.push(await findSweep(store, id))
  if (out !== undefined) {
    const { refuseOverwriting } = await import('../../launch/index.js')
    await refuseOverwriting(out, force, '--out')
  }
  const { gatherReport, meantSweeps, reportHtml, rowsOf } = await import('../../dashboard/report/index.js')
  const gathered = await gatherReport(store, await meantSweeps(store, sweeps))
  if (out !== undefined) await writeOut(out, await reportHtml(gathered))
  if (json) {
    const { data, tables } = gathered
    return printJson({
      ...data,
      sweeps: data.sweeps.map((sweep, i) => ({ ...sweep, rows: rowsOf(tables[i], sweep) })),
    })
  }
  for (const { head, leftOut } of gathered.data.sweeps)
    if (leftOut !== null) say(`${plain(head.run.name)}: ${leftOut}`)
  print(`written to ${plain(shortest(out!))} (${format.bytes((await stat(out!)).size)})`)
}
