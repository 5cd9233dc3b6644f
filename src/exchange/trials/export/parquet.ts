/** Trials as Parquet: a row each, columns typed by what is in them, and the steps of a trial as JSON text. */
import type { JsonValue } from '../../../values.js'
import { textOf } from '../../../values.js'
import { columnsFor, type TableColumn } from './rows.js'
import type { TrialExporter } from './types.js'

export const exportParquet: TrialExporter = async (sweep, trials) => {
  const { parquetWriteBuffer } = await import('hyparquet-writer')
  const warnings: string[] = []
  const columnData = columnsFor(sweep, trials).map((column) => typed(column, warnings))
  const kvMetadata = [
    { key: 'espalier.sweep', value: JSON.stringify({ id: sweep.id, objective: sweep.objective }) },
  ]
  return { bytes: new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata })), warnings }
}

const times = new Set(['started', 'ended'])

/** Numbers as doubles (whole ones that fit, in 64 bits), truth values, times to the millisecond; everything else is text. */
function typed({ name, cells }: TableColumn, warnings: string[]) {
  const present = cells.filter((cell) => cell !== null)
  if (times.has(name))
    return {
      name,
      type: 'TIMESTAMP' as const,
      data: cells.map((cell) => (cell === null ? null : new Date(String(cell)))),
    }
  if (present.length > 0 && present.every((cell) => typeof cell === 'boolean'))
    return { name, type: 'BOOLEAN' as const, data: [...cells] }
  if (present.length > 0 && present.every((cell) => typeof cell === 'number')) {
    const isWhole =
      !isMeasured(name) && present.every((cell) => Number.isSafeInteger(cell) && !Object.is(cell, -0))
    return isWhole
      ? {
          name,
          type: 'INT64' as const,
          data: cells.map((cell) => (cell === null ? null : BigInt(cell as number))),
        }
      : { name, type: 'DOUBLE' as const, data: [...cells] }
  }
  const isMixed = present.some((cell) => typeof cell !== 'string') && name !== 'history'
  if (isMixed) warnings.push(`a column of Parquet has one type: the values of ${name} are written as texts`)
  return { name, type: 'STRING' as const, data: cells.map(textOfCell) }
}

/** What is a measurement stays a double where it happens to be whole. */
function isMeasured(name: string): boolean {
  return name === 'value' || name === 'seconds' || name.startsWith('metrics.')
}

function textOfCell(cell: JsonValue): string | null {
  return cell === null ? null : textOf(cell)
}
