/** Sweeps in one HTML file, to be sent and kept. */
import type { ParentRun } from '../../tracking/index.js'
import type { SweepReport, TrialRow, TrialTable } from '../data/index.js'
import { searchedParameters } from '../gather/parameters.js'
import { rowAt } from '../gather/rows.js'
import { type Gathered, gatherReport, type ReportStore } from './data.js'
import { reportHtml } from './html.js'
import { meantSweeps } from './meant.js'

export type { Gathered, ReportStore }
export { gatherReport, meantSweeps, reportHtml }

/** The trials of a sweep as rows, for programs that read the data of a report. */
export function rowsOf(table: TrialTable, { head }: SweepReport): TrialRow[] {
  const searched = searchedParameters(head.run.spec)
  return Array.from({ length: table.length }, (_, row) => rowAt(table, row, searched))
}

/**
 * The text of one HTML file that shows sweeps as the live page does, and compares several: what mattered, where it is good, and every
 * trial. It opens from a disk or a mail without a network. Of large sweeps the table of trials is whole, and the best trials, failed
 * ones and those that run are there with their steps and files; the page says what was left out.
 *
 * @param sweeps their ids or unique beginnings of them, `latest`, or their records; the latest sweep unless stated.
 * @throws EspalierError RUN_UNKNOWN, RUN_AMBIGUOUS, USAGE
 */
export async function report(
  store: ReportStore,
  sweeps: string | ParentRun | readonly (string | ParentRun)[] = 'latest',
): Promise<string> {
  return reportHtml(await gatherReport(store, await meantSweeps(store, sweeps)))
}
