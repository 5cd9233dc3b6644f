/** `runs compare A B…`: what they are, their params and metrics side by side, what differs marked. */
import { createColors } from 'picocolors'
import { EspalierError } from '../../errors.js'
import type { ComparedField } from '../../tracking/index.js'
import type { JsonValue } from '../../values.js'
import * as format from '../format.js'
import { plain, print, printJson, say, wantsColour } from '../output.js'
import { table } from '../table.js'
import { openStoreOf, shortIds } from './common.js'
import { findRun } from './meant.js'

export async function compareRuns(
  given: readonly string[],
  options: { store?: string; json?: boolean; differences?: boolean },
): Promise<void> {
  if (given.length < 2) {
    throw new EspalierError('USAGE', `a comparison takes two runs or more (got ${given.length})`)
  }
  const store = await openStoreOf(options)
  const ids: string[] = []
  for (const id of given) ids.push((await findRun(store, id)).id)
  const fields = (await store.compare(ids)).fields.filter(({ differs }) => differs || !options.differences)
  if (options.json) {
    const rows = fields.map((row) => ({ ...row, values: row.values.map((one) => one ?? null) }))
    return printJson({ runs: ids, fields: rows })
  }
  const rows = tableRows(fields)
  if (rows.length === 0) return say('nothing differs')
  const short = shortIds(ids)
  const style = createColors(wantsColour(process.stdout)).yellow
  print(
    table(
      [{ title: '' }, { title: 'run' }, ...ids.map((id) => ({ title: short(id) }))],
      rows.map(({ field, cells, differs }) => [
        differs ? '*' : '',
        plain(field),
        ...(differs ? cells.map((text) => ({ text, style })) : cells),
      ]),
    ),
  )
}

/** Without what says nothing (the ids are the titles), and each deviation beside its metric. */
function tableRows(fields: readonly ComparedField[]): { field: string; cells: string[]; differs: boolean }[] {
  const byName = new Map(fields.map((row) => [row.field, row]))
  return fields
    .filter(({ field, values }) => {
      const mean = /^(metrics\..+)Std$/.exec(field)?.[1]
      const beside = mean !== undefined && byName.has(mean)
      return field !== 'run' && field !== 'ended' && !beside && values.some((one) => (one ?? null) !== null)
    })
    .map(({ field, values, differs }) => {
      const deviation = byName.get(`${field}Std`)
      const cells = values.map((one, i) => {
        const beside = deviation?.values[i]
        return `${cell(field, one)}${typeof beside === 'number' ? ` ± ${format.deviation(beside)}` : ''}`
      })
      return { field, cells, differs: differs || deviation?.differs === true }
    })
}

function cell(field: ComparedField['field'], value: JsonValue | undefined): string {
  if (value === undefined || value === null) return ''
  if (field === 'started' || field === 'ended') return format.instant(String(value))
  if (typeof value === 'number' && (field === 'seconds' || field.endsWith('Seconds')))
    return format.seconds(value)
  if (field === 'parent') return String(value).slice(0, 8)
  return format.value(value)
}
