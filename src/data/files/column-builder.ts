/**
 * Builds one column cell by cell, turning each into a number or a code as it comes, so that the texts of a large
 * file are never all in memory.
 *
 * An inferred column takes the kind of its first cell that is not missing, and becomes text at the first cell that is
 * not of that kind. The texts above that cell are gone by then ("1.0" must stay "1.0" in a column of texts): the reader
 * sees `lostTexts` and reads the file once more with the column known to be text.
 *
 * `None`, `#N/A`, `-` and the like are missing in a column of numbers or dates and values in any other: until its kind
 * is known they are taken for missing, and where it turns out to be another kind they are lost texts too.
 */
import {
  byCodeUnit,
  type CellRules,
  cellText,
  dateIn,
  isInfinite,
  isLooseMark,
  isTruthWord,
  numberIn,
  rulesOf,
  short,
  truthIn,
} from './cells.js'
import type { ColumnKind, FileColumn, InferredKind } from './types.js'

/** A cell that its column cannot hold: which law it breaks, in words, and its text. */
export interface BrokenCell {
  readonly law: string
  readonly message: string
  readonly found: string
}

/** Loosely marked cells that are remembered, to be told of. */
const mostRemembered = 5

export class ColumnBuilder {
  readonly name: string
  readonly #rules: CellRules
  readonly #inferred: 'no' | 'plain' | 'any'
  readonly #takesLoose: boolean
  readonly #capacity: number
  readonly #dictionary = new Map<string, number>()
  readonly #loose: { count: number; cells: { row: number; cell: string }[] } = { count: 0, cells: [] }
  #kind: ColumnKind | null
  #lostTexts = false
  #numbers: Float64Array
  #codes: Int32Array | null = null
  #firstText: { row: number; cell: string } | null = null

  /** `capacity`: rows at most. Every cell is missing until it is set. */
  constructor(name: string, kind: ColumnKind | InferredKind, capacity: number, rules: CellRules) {
    this.name = name
    this.#rules = rulesOf(name, rules)
    this.#capacity = capacity
    const inferred = kind === 'infer' || kind === 'infer-strict' || kind === 'infer-plain'
    this.#inferred = kind === 'infer-plain' ? 'plain' : inferred ? 'any' : 'no'
    this.#takesLoose = kind !== 'infer-plain' && kind !== 'infer-strict'
    this.#kind = inferred ? null : kind
    this.#numbers = new Float64Array(new SharedArrayBuffer(kind === 'text' ? 0 : 8 * capacity))
    if (kind === 'text') this.#codes = this.#newCodes()
    else this.#numbers.fill(Number.NaN)
  }

  /** Whether a number can be set without its text. */
  get takesNumbers(): boolean {
    return this.#kind === 'number' || (this.#kind === null && this.#inferred !== 'no')
  }

  /** Whether the column turned out to be text after cells whose texts are gone. */
  get lostTexts(): boolean {
    return this.#lostTexts || (this.#kind === null && this.#loose.count > 0)
  }

  /** A cell of a column that takes numbers. */
  setNumber(row: number, value: number): void {
    if (this.#rules.missingNumbers.size > 0 && this.#rules.missingNumbers.has(value)) return
    this.#kind ??= 'number'
    this.#numbers[row] = value
  }

  /** A cell as text. Answers why it breaks the rule of a column whose kind is given, else null. */
  setText(row: number, cell: string): BrokenCell | null {
    const text = cellText(cell, this.#rules)
    if (text === null || this.#isLoose(row, text)) return null
    if (this.#kind === null) this.#settle(this.#kindOf(text))
    if (this.#kind !== 'text') {
      const value = numberFor(this.#kind!, text, this.#rules, this.#inferred !== 'no')
      if (!Number.isNaN(value)) {
        if (this.#kind !== 'number' || !this.#rules.missingNumbers.has(value)) this.#numbers[row] = value
        return null
      }
      if (this.#inferred === 'no') return brokenCell(this.#kind!, text, this.#rules)
      this.#lostTexts = true
      this.#kind = 'text'
    }
    this.#setCategory(row, text)
    return null
  }

  /** A cell of a format that knows a text from a number: a text is text, unless it is a date or the kind is given. */
  setString(row: number, cell: string): BrokenCell | null {
    if (this.#inferred === 'no' || this.#kind === 'date') return this.setText(row, cell)
    const text = cellText(cell, this.#rules)
    if (text === null || this.#isLoose(row, text)) return null
    if (this.#kind === null && this.#inferred === 'any' && !Number.isNaN(dateIn(text, this.#rules))) {
      return this.setText(row, cell)
    }
    if (this.#kind === null) this.#settle('text')
    else if (this.#kind !== 'text') this.#lostTexts = true
    this.#kind = 'text'
    this.#setCategory(row, text)
    return null
  }

  /** A truth value (`kind` 'boolean': 1 or 0) or a date (days) of a format that has them; `text` is how it is written. */
  setTyped(row: number, kind: 'boolean' | 'date', value: number, text: () => string): BrokenCell | null {
    if (this.#kind === null && this.#inferred === 'any') this.#settle(kind)
    if (this.#kind !== kind)
      return this.#inferred === 'no' ? this.setText(row, text()) : this.setString(row, text())
    this.#numbers[row] = value
    return null
  }

  finish(rows: number): FileColumn {
    const { name } = this
    const loose = this.#loose
    if (this.#kind !== 'text') {
      const values = this.#numbers.subarray(0, rows)
      const column = { name, kind: 'number', values, ...(loose.count > 0 && { loose }) } as const
      return this.#kind === 'boolean' || this.#kind === 'date' ? { ...column, as: this.#kind } : column
    }
    const codes = (this.#codes ?? this.#newCodes()).subarray(0, rows)
    const seen = [...this.#dictionary.keys()]
    const categories = [...seen].sort(byCodeUnit)
    const rank = new Map(categories.map((text, i) => [text, i]))
    const newCode = Int32Array.from(seen, (text) => rank.get(text)!)
    for (let i = 0; i < rows; i++) if (codes[i] >= 0) codes[i] = newCode[codes[i]]
    return { name, kind: 'text', codes, categories, firstText: this.#firstText }
  }

  /** The kind of an inferred column, which was open until now. */
  #settle(kind: ColumnKind): void {
    const isLost = this.#loose.count > 0 && kind !== 'number' && kind !== 'date'
    if (isLost) this.#lostTexts = true
    this.#kind = isLost ? 'text' : kind
  }

  /** Takes note of a loosely marked cell, where the column can have such. */
  #isLoose(row: number, text: string): boolean {
    if (!this.#takesLoose || this.#kind === 'text' || !isLooseMark(text)) return false
    if (this.#kind === 'boolean' && this.#inferred !== 'no') return false
    if (this.#loose.cells.length < mostRemembered) this.#loose.cells.push({ row, cell: text })
    this.#loose.count++
    return true
  }

  #kindOf(text: string): ColumnKind {
    if (!Number.isNaN(numberIn(text, this.#rules))) return 'number'
    if (this.#inferred === 'any' && isTruthWord(text, this.#rules)) return 'boolean'
    if (this.#inferred === 'any' && !Number.isNaN(dateIn(text, this.#rules))) return 'date'
    return 'text'
  }

  #setCategory(row: number, text: string): void {
    this.#codes ??= this.#newCodes()
    if (this.#firstText === null && Number.isNaN(numberIn(text, this.#rules)))
      this.#firstText = { row, cell: short(text) }
    let code = this.#dictionary.get(text)
    if (code === undefined) {
      code = this.#dictionary.size
      this.#dictionary.set(text, code)
    }
    this.#codes[row] = code
  }

  #newCodes(): Int32Array {
    this.#numbers = new Float64Array(0)
    return new Int32Array(new SharedArrayBuffer(4 * this.#capacity)).fill(-1)
  }
}

/** The number that stands for a text in a column of this kind, else NaN. */
export function numberFor(kind: ColumnKind, text: string, rules: CellRules, plain = false): number {
  if (kind === 'number') return numberIn(text, rules)
  if (kind === 'date') return dateIn(text, rules)
  return plain && !isTruthWord(text, rules) ? Number.NaN : truthIn(text, rules)
}

/** Why a text is refused in a column of this kind. */
export function brokenCell(kind: ColumnKind, text: string, rules: CellRules): BrokenCell {
  const found = short(text)
  const is = `${JSON.stringify(found)} is none`
  switch (kind) {
    case 'boolean':
      return {
        law: kind,
        found,
        message: `this column holds truth values (${[...rules.truth.keys(), 'true, false, yes, no, t, f, y, n, 1, 0'].join(', ')}), and ${is}`,
      }
    case 'date':
      return {
        law: kind,
        found,
        message: `this column holds dates, written 2024-03-31 or 2024-03-31T13:45:00Z${rules.dateFormat === null ? '' : ' or as "dateFormat" says'}, and ${is}`,
      }
    default:
      return isInfinite(text)
        ? {
            law: 'finite',
            found,
            message: `numbers are finite, and ${JSON.stringify(found)} is not; mend it, or say "missing": [${JSON.stringify(found)}] where it means that there is no value`,
          }
        : { law: kind, found, message: `this column holds numbers, and ${is}` }
  }
}
