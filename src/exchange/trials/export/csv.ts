/** Trials as CSV: a row each, and the steps of a trial as JSON in the last column. */
import { csvText } from '../../../csv-cell.js'
import { columnsFor } from './rows.js'
import type { TrialExporter } from './types.js'

export const exportCsv: TrialExporter = async (sweep, trials) => {
  const columns = columnsFor(sweep, trials)
  const rows = trials.map((_, i) => columns.map(({ cells }) => cells[i]))
  const text = csvText([columns.map(({ name }) => name), ...rows])
  const isGuarded = columns.some(({ cells }) =>
    cells.some((cell) => typeof cell === 'string' && /^\s*[=+\-@]./.test(cell) && Number.isNaN(Number(cell))),
  )
  return {
    bytes: new TextEncoder().encode(text),
    warnings: isGuarded
      ? [
          "texts that a spreadsheet would take for formulas have a ' before them; --format json or parquet has them as they are",
        ]
      : [],
  }
}
