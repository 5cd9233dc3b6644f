/** Rows of the table in the order that is asked for. */
import type { TrialTable } from '../data/index.js'
import type { SortKey } from './routes.js'

/**
 * Rows where the mask is 1, sorted by the keys, the first of them first; at equal cells by trial. What has no value comes last in
 * either direction.
 */
export function orderedRows(table: TrialTable, mask: Uint8Array, keys: readonly SortKey[]): Int32Array {
  const chosen = new Int32Array(table.length)
  let count = 0
  for (let row = 0; row < table.length; row++) if (mask[row] === 1) chosen[count++] = row
  const rows = chosen.subarray(0, count)
  const ranks = keys.flatMap(({ column, descending }) => {
    const values = ranksOf(table, column)
    return values === null ? [] : [{ values, sign: descending ? -1 : 1 }]
  })
  if (ranks.length === 0) return rows
  return rows.sort((a, b) => {
    for (const { values, sign } of ranks) {
      const [x, y] = [values[a], values[b]]
      if (x === y) continue
      if (Number.isNaN(x)) {
        if (Number.isNaN(y)) continue
        return 1
      }
      if (Number.isNaN(y)) return -1
      return sign * (x - y)
    }
    return a - b
  })
}

/** Numbers that are in order as the cells are; NaN: none. Listed values of a parameter are in the order of the file. */
function ranksOf(table: TrialTable, name: string): Float64Array | null {
  const column = table.columns.get(name)
  if (column === undefined) return null
  if (column.kind === 'number') return column.values
  const { names, codes } = column
  const places = names.map((_, code) => code)
  if (!name.startsWith('params.')) places.sort((a, b) => (names[a] < names[b] ? -1 : 1))
  const rank = new Float64Array(names.length)
  for (let place = 0; place < places.length; place++) rank[places[place]] = place
  return Float64Array.from({ length: table.length }, (_, row) => rank[codes[row]] ?? Number.NaN)
}

/** What a click on a heading makes of the order: up, down, none; `more`: beside what it is sorted by already. */
export function toggled(keys: readonly SortKey[], column: string, more: boolean): readonly SortKey[] {
  const before = keys.find((key) => key.column === column)
  const others = more ? keys : []
  if (before === undefined) return [...others, { column, descending: false }]
  const rest = others.filter((key) => key !== before)
  if (before.descending) return rest
  const turned = { column, descending: true }
  return more ? keys.map((key) => (key === before ? turned : key)) : [turned]
}
