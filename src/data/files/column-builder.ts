/**
 * Builds one column cell by cell, turning each into a number or a code as it comes, so that the texts of a large
 * file are never all in memory.
 *
 * An inferred column takes the kind of its first cell that is not missing, and becomes text at the first cell that is
 * not of that kind. The texts above that cell are gone by then ("1.0" must stay "1.0" in a column of texts): the reader
 * sees `lostTexts` and reads the file once more with the column known to be text.
 */
import { byCodeUnit, cellText, isPlainBoolean, parseBoolean, parseDate, parseNumber, short } from './cells.js'
import type { ColumnKind, FileColumn } from './types.js'

export class ColumnBuilder {
  readonly name: string
  /** Text came after cells whose texts are gone. */
  lostTexts = false
  private readonly inferred: 'no' | 'plain' | 'any'
  private kind: ColumnKind | null
  private readonly capacity: number
  private numbers: Float64Array
  private codes: Int32Array | null = null
  private readonly dictionary = new Map<string, number>()
  private firstText: { row: number; cell: string } | null = null

  /** `capacity`: rows at most. Every cell is missing until it is set. */
  constructor(name: string, kind: ColumnKind | 'infer' | 'infer-plain', capacity: number) {
    this.name = name
    this.capacity = capacity
    this.inferred = kind === 'infer' ? 'any' : kind === 'infer-plain' ? 'plain' : 'no'
    this.kind = kind === 'infer' || kind === 'infer-plain' ? null : kind
    this.numbers = new Float64Array(new SharedArrayBuffer(kind === 'text' ? 0 : 8 * capacity))
    if (kind === 'text') this.codes = this.newCodes()
    else this.numbers.fill(Number.NaN)
  }

  /** Whether a number can be set without its text. */
  get takesNumbers(): boolean {
    return this.kind === 'number' || (this.kind === null && this.inferred !== 'no')
  }

  /** A cell of a column that takes numbers. */
  setNumber(row: number, value: number): void {
    this.kind ??= 'number'
    this.numbers[row] = value
  }

  /** A cell as text. Answers why it breaks the rule of a column whose kind is given, else null. */
  setText(row: number, cell: string): string | null {
    const text = cellText(cell)
    if (text === null) return null
    if (this.kind === null) this.kind = this.kindOf(text)
    if (this.kind !== 'text') {
      const value = numberFor(this.kind, text, this.inferred !== 'no')
      if (!Number.isNaN(value)) {
        this.numbers[row] = value
        return null
      }
      if (this.inferred === 'no') return lawOf(this.kind, text)
      this.lostTexts = true
      this.kind = 'text'
    }
    this.setCategory(row, text)
    return null
  }

  /** A cell of a format that knows a text from a number: a text is text, unless it is a date or the kind is given. */
  setString(row: number, cell: string): string | null {
    if (this.inferred === 'no' || this.kind === 'date') return this.setText(row, cell)
    const text = cellText(cell)
    if (text === null) return null
    if (this.kind === null && this.inferred === 'any' && !Number.isNaN(parseDate(text))) {
      return this.setText(row, cell)
    }
    if (this.kind !== null && this.kind !== 'text') this.lostTexts = true
    this.kind = 'text'
    this.setCategory(row, text)
    return null
  }

  /** A truth value (`kind` 'boolean': 1 or 0) or a date (days) of a format that has them; `text` is how it is written. */
  setTyped(row: number, kind: 'boolean' | 'date', value: number, text: () => string): string | null {
    if (this.kind === null && this.inferred === 'any') this.kind = kind
    if (this.kind !== kind)
      return this.inferred === 'no' ? this.setText(row, text()) : this.setString(row, text())
    this.numbers[row] = value
    return null
  }

  finish(rows: number): FileColumn {
    const { name } = this
    if (this.kind !== 'text') {
      const values = this.numbers.subarray(0, rows)
      return this.kind === 'boolean' || this.kind === 'date'
        ? { name, kind: 'number', values, as: this.kind }
        : { name, kind: 'number', values }
    }
    const codes = (this.codes ?? this.newCodes()).subarray(0, rows)
    const seen = [...this.dictionary.keys()]
    const categories = [...seen].sort(byCodeUnit)
    const rank = new Map(categories.map((text, i) => [text, i]))
    const newCode = Int32Array.from(seen, (text) => rank.get(text)!)
    for (let i = 0; i < rows; i++) if (codes[i] >= 0) codes[i] = newCode[codes[i]]
    return { name, kind: 'text', codes, categories, firstText: this.firstText }
  }

  private kindOf(text: string): ColumnKind {
    if (!Number.isNaN(parseNumber(text))) return 'number'
    if (this.inferred === 'any' && isPlainBoolean(text)) return 'boolean'
    if (this.inferred === 'any' && !Number.isNaN(parseDate(text))) return 'date'
    return 'text'
  }

  private setCategory(row: number, text: string): void {
    this.codes ??= this.newCodes()
    if (this.firstText === null && Number.isNaN(parseNumber(text)))
      this.firstText = { row, cell: short(text) }
    let code = this.dictionary.get(text)
    if (code === undefined) {
      code = this.dictionary.size
      this.dictionary.set(text, code)
    }
    this.codes[row] = code
  }

  private newCodes(): Int32Array {
    this.numbers = new Float64Array(0)
    return new Int32Array(new SharedArrayBuffer(4 * this.capacity)).fill(-1)
  }
}

/** The number that stands for a text in a column of this kind, else NaN. */
export function numberFor(kind: 'number' | 'boolean' | 'date', text: string, plain = false): number {
  if (kind === 'number') return parseNumber(text)
  if (kind === 'date') return parseDate(text)
  return plain && !isPlainBoolean(text) ? Number.NaN : parseBoolean(text)
}

/** Why a text is refused in a column of this kind. */
export function lawOf(kind: 'number' | 'boolean' | 'date', text: string): string {
  const found = `${JSON.stringify(short(text))} is none`
  switch (kind) {
    case 'number':
      return `this column holds numbers, and ${found}`
    case 'boolean':
      return `this column holds truth values (true, false, yes, no, t, f, y, n, 1, 0), and ${found}`
    case 'date':
      return `this column holds dates, written 2024-03-31 or 2024-03-31T13:45:00Z, and ${found}`
  }
}
