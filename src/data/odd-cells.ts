/**
 * Text columns that are numbers (or dates) but for some cells: one `k.A.`, `$5` or `inf` makes text of a whole column,
 * which a trainer then takes for labels. That is told, with the cells and what to do about them.
 */
import {
  type CellRules,
  dateIn,
  isInfinite,
  isLooseMark,
  isNumberOtherwise,
  numberIn,
  rulesOf,
  short,
} from './files/cells.js'
import type { FileColumn, FileTable } from './files/types.js'
import { isBelowOne, numberHint, saidOf } from './hints.js'
import { listed } from './problems.js'

type TextColumn = Extract<FileColumn, { kind: 'text' }>

interface OddCells {
  /** What the column holds but for them. */
  readonly of: 'numbers' | 'dates'
  readonly count: number
  /** Cells with a value, these included. */
  readonly present: number
  /** By code: whether its cells are odd ones. */
  readonly isOdd: readonly boolean[]
  /** What is to be done, in words. */
  readonly remedy: string
}

/** At most so many cells of a column of numbers are something else altogether. */
const fewest = 1 / 5
/** One text over and over is a mark of its own where the column has so many different numbers, and more of them. */
const manyNumbers = 10

/** The cells that make text of a column of numbers; null where it is a column of texts. */
export function oddCells(column: TextColumn, fileRules: CellRules): OddCells | null {
  const rules = rulesOf(column.name, fileRules)
  const { categories, codes, name } = column
  const counts = new Int32Array(categories.length)
  for (const code of codes) if (code >= 0) counts[code]++
  const sorts = categories.map((text) => sortOf(text, rules))
  const total = (...wanted: Sort[]) =>
    sorts.reduce((sum, sort, code) => sum + (wanted.includes(sort) ? counts[code] : 0), 0)
  const present = counts.reduce((sum, count) => sum + count, 0)
  const numbers = total('number')
  const dates = total('date')
  const of = dates > numbers ? 'dates' : 'numbers'
  const right = of === 'dates' ? 'date' : 'number'
  const odd = categories.filter((_, code) => sorts[code] !== right && counts[code] > 0)
  const count = present - total(right)
  if (count === 0) return null
  const alike = of === 'dates' ? total('date', 'loose') : total('number', 'otherwise', 'infinite', 'loose')
  const meant = of === 'dates' ? dates : total('number', 'otherwise')
  const different = sorts.filter((sort) => sort === right).length
  const isMark = odd.length === 1 && different >= manyNumbers
  if (2 * meant <= present || (!isMark && present - alike > fewest * present)) return null

  const hint = of === 'numbers' ? numberHint(column, fileRules) : null
  const marks = hint === null ? odd.filter((text) => !isNumberOtherwise(text)) : []
  const remedies = [
    ...(odd.some(isInfinite) ? ['an infinite number is none to train on: mend it'] : []),
    ...(marks.length < odd.length
      ? [hint === null ? plainly(odd, rules) : `say ${saidOf(hint)} in "data"`]
      : []),
    ...(marks.length > 0
      ? [`say "missing": [${marks.slice(0, 3).map(quoted).join(', ')}] in "data" where there is no value`]
      : []),
    `say "types": {${JSON.stringify(name)}: "text"} where this is right`,
  ]
  const isOdd = sorts.map((sort) => sort !== right)
  return { of, count, present, isOdd, remedy: remedies.join('; ') }
}

/** The first odd cells of a column, with their places, and how many there are. */
export function oddPlaces(
  { codes, categories }: TextColumn,
  { isOdd, count }: OddCells,
  table: FileTable,
): string {
  const cells: { row: number; cell: string }[] = []
  for (let row = 0; row < table.rows && cells.length < mostShown; row++)
    if (codes[row] >= 0 && isOdd[codes[row]]) cells.push({ row, cell: categories[codes[row]] })
  return placesOf(cells, count, table)
}

const mostShown = 5

/** `line 202`, with the file where it is another one than the first. */
export function placeText(row: number, table: FileTable): string {
  const { file, row: line } = table.place(row)
  return file === table.place(0).file ? line : `${file} ${line}`
}

/** `line 202 ("None") and line 305 ("-")`, for the first cells of `count`. */
export function placesOf(
  cells: readonly { readonly row: number; readonly cell: string }[],
  count: number,
  table: FileTable,
): string {
  return listed(
    cells.map(({ row, cell }) => `${placeText(row, table)} (${quoted(cell)})`),
    count,
  )
}

type Sort = 'number' | 'date' | 'loose' | 'infinite' | 'otherwise' | 'other'

function sortOf(text: string, rules: CellRules): Sort {
  if (!Number.isNaN(numberIn(text, rules))) return 'number'
  if (!Number.isNaN(dateIn(text, rules))) return 'date'
  if (isLooseMark(text)) return 'loose'
  if (isInfinite(text)) return 'infinite'
  return isNumberOtherwise(text) ? 'otherwise' : 'other'
}

/** What to do about numbers that are written otherwise. */
function plainly(odd: readonly string[], { decimal, thousands }: CellRules): string {
  const [plain, mark] = decimal === '.' ? ['1005, 0.05, -5', ','] : ['1005, 0,05, -5', '.']
  const grouped = new RegExp(`\\d[${mark}' ]\\d{3}(?!\\d)`)
  const isMarked = thousands === null && !odd.some(isBelowOne)
  const marked = isMarked ? odd.map((text) => grouped.exec(text)?.[0][1]).find(Boolean) : undefined
  const hint = marked ? `, or say "thousands": ${JSON.stringify(marked)} in "data"` : ''
  return `write numbers plainly (${plain})${hint}`
}

const quoted = (text: string) => JSON.stringify(short(text))
