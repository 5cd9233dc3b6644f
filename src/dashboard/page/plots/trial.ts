/** What is said of a trial where it is pointed at, and what a plot has to know of its sweep. */
import { number, visible } from '../../../shown.js'
import type { RunStatus } from '../../../tracking/index.js'
import type { CategoryColumn, SweepHead, TrialTable } from '../../data/index.js'
import { labelOf } from './fields.js'
import { cellText } from './numbers.js'
import type { Hit } from './picture.js'

export interface SweepData {
  readonly head: SweepHead
  readonly table: TrialTable
}

/** Params that are shown of a trial that is pointed at. */
const shownParams = 8

function statusAt(table: TrialTable, row: number): RunStatus | null {
  return table.cell('status', row) as RunStatus | null
}

/** By row, whether it stands so. */
export function statusTest(table: TrialTable, status: RunStatus): (row: number) => boolean {
  const column = table.columns.get('status') as CategoryColumn
  const code = column.names.indexOf(status)
  return code < 0 ? () => false : (row) => column.codes[row] === code
}

export function trialAt(table: TrialTable, row: number): number {
  return table.cell('trial', row) as number
}

/** A cell in words; null where it is empty. */
function wordsOf(table: TrialTable, column: string, row: number): string | null {
  const cell = table.cell(column, row)
  if (cell === null) return null
  return typeof cell === 'number' ? cellText(column, cell) : visible(cell).slice(0, 80)
}

/** @param columns what is told besides the value and the params, first. */
export function trialHit(
  { head, table }: SweepData,
  row: number,
  x: number,
  y: number,
  columns: readonly string[] = [],
): Hit {
  const trial = trialAt(table, row)
  const status = statusAt(table, row)
  const lines: [string, string][] = []
  const tell = (column: string) => {
    const text = wordsOf(table, column, row)
    if (text !== null && lines.every(([name]) => name !== labelOf(head, column)))
      lines.push([labelOf(head, column), text])
  }
  for (const column of ['value', ...columns]) tell(column)
  const [predicted, deviation] = [table.cell('predicted', row), table.cell('deviation', row)]
  if (typeof predicted === 'number' && typeof deviation === 'number')
    lines.push(['predicted', `${number(predicted)} ± ${number(Number(deviation.toPrecision(2)))}`])
  tell('error')
  const before = lines.length
  for (const { name } of head.parameters) if (lines.length < before + shownParams) tell(`params.${name}`)
  return {
    trial,
    x,
    y,
    title: `trial ${trial}${status === 'finished' || status === null ? '' : `, ${status}`}`,
    lines,
  }
}

/** The best finished trial's row; −1 where there is none. */
export function bestRow({ head, table }: SweepData): number {
  const trial = head.entry.best?.trial
  return trial === undefined ? -1 : (table.rowOf(trial) ?? -1)
}

/** `higher is better`. */
export function sideWords(direction: 'maximize' | 'minimize'): string {
  return direction === 'maximize' ? 'higher is better' : 'lower is better'
}
