/**
 * The trials of a sweep as columns: what plots, filters and the table of the page work on. 50,000 trials of 20 parameters are
 * 50,000 × 30 numbers, not 50,000 objects. Grows row by row while a sweep runs; goes over a wire as bytes.
 *
 * Rows stand in the order of their trials. Columns are called as fields of queries are: `trial`, `status`, `value`, `seconds`,
 * `params.k`, `metrics.accuracy`, `tags.kind`, and `predicted`, `deviation`, `rule`, `error`, `started`, `ended`, `run`.
 */
import { textOf } from '../../values.js'
import type { FitSpan, ParameterFacts, TrialRow } from './types.js'

/** NaN: none. */
export interface NumberColumn {
  readonly kind: 'number'
  values: Float64Array
}

/** Codes are places in `names`; −1: none. */
export interface CategoryColumn {
  readonly kind: 'category'
  codes: Int32Array
  readonly names: string[]
}

export type Column = NumberColumn | CategoryColumn

interface Header {
  readonly rows: number
  readonly columns: readonly {
    readonly name: string
    readonly kind: Column['kind']
    readonly names?: readonly string[]
  }[]
  /** By row that has some. */
  readonly fits: readonly (readonly [row: number, spans: readonly FitSpan[]])[]
}

const first = 64

export class TrialTable {
  /** Rows. */
  length = 0
  readonly columns = new Map<string, Column>()
  /** By row. */
  readonly fits = new Map<number, readonly FitSpan[]>()
  /** Of each column, `length` of them used. */
  #capacity = first
  readonly #rowOf = new Map<number, number>()
  readonly #codes = new Map<CategoryColumn, Map<string, number>>()
  /** Columns by what they are of and its own name: of tens of thousands of rows, names put together for every cell take long. */
  readonly #own = {
    params: new Map<string, Column>(),
    metrics: new Map<string, Column>(),
    tags: new Map<string, Column>(),
  }

  /** @param parameters those of numbers get columns of numbers, the others of categories in the order of their values. */
  constructor(parameters: readonly ParameterFacts[] = []) {
    for (const name of [
      'trial',
      'value',
      'started',
      'ended',
      'seconds',
      'predicted',
      'deviation',
      'attempts',
    ])
      this.#add(name, { kind: 'number', values: this.#numbers() })
    for (const name of ['run', 'status', 'rule', 'error']) this.#addCategory(name, [])
    for (const { name, kind, values } of parameters) {
      if (kind === 'number') this.#add(`params.${name}`, { kind, values: this.#numbers() })
      else this.#addCategory(`params.${name}`, values ?? [])
    }
  }

  /** The row of a trial; undefined where there is none. */
  rowOf(trial: number): number | undefined {
    return this.#rowOf.get(trial)
  }

  numbers(name: string): Float64Array {
    const column = this.columns.get(name)
    if (column?.kind !== 'number') throw new TypeError(`no column of numbers: ${name}`)
    return column.values.subarray(0, this.length)
  }

  /** The value of a cell: a number, a text, or null where there is none. */
  cell(name: string, row: number): number | string | null {
    const column = this.columns.get(name)
    if (column === undefined) return null
    if (column.kind === 'category') return column.names[column.codes[row]] ?? null
    const value = column.values[row]
    return Number.isNaN(value) ? null : value
  }

  /** Puts a trial in, or what is new of it in place of what was there. */
  upsert(row: TrialRow): void {
    const before = this.length
    const at = this.#placeFor(row.trial)
    // Behind the last row all is empty already.
    if (at < before) this.#empty(at)
    const { started, ended, predicted } = row
    this.#set('trial', at, row.trial)
    this.#set('value', at, row.value)
    this.#set('started', at, started)
    this.#set('ended', at, ended)
    // Of a trial that was imported without its times both are that of the import.
    const isTimed = ended !== null && !(row.rule === 'elsewhere' && ended === started)
    this.#set('seconds', at, isTimed ? Math.max(0, ended - started) / 1000 : null)
    this.#set('predicted', at, predicted?.mean ?? null)
    this.#set('deviation', at, predicted?.deviation ?? null)
    this.#set('attempts', at, row.attempts)
    this.#set('run', at, row.run)
    this.#set('status', at, row.status)
    this.#set('rule', at, row.rule)
    this.#set('error', at, row.error)
    for (const [name, value] of Object.entries(row.params))
      this.#setOwn('params', name, at, typeof value === 'number' ? value : textOf(value))
    for (const [name, value] of Object.entries(row.metrics)) this.#setOwn('metrics', name, at, value)
    for (const [name, value] of Object.entries(row.tags)) this.#setOwn('tags', name, at, value)
    if (row.fits.length > 0) this.fits.set(at, row.fits)
    else this.fits.delete(at)
  }

  delete(trial: number): void {
    const at = this.#rowOf.get(trial)
    if (at === undefined) return
    const last = this.length
    for (const column of this.columns.values()) {
      if (column.kind === 'number') column.values.copyWithin(at, at + 1, last)
      else column.codes.copyWithin(at, at + 1, last)
    }
    const spans = [...this.fits].filter(([row]) => row !== at)
    this.fits.clear()
    for (const [row, fits] of spans) this.fits.set(row > at ? row - 1 : row, fits)
    this.length--
    this.#empty(this.length)
    this.#index()
  }

  /** All of it, for `decodeTable`. */
  encode(): Uint8Array<ArrayBuffer> {
    const columns = [...this.columns].map(([name, column]) =>
      column.kind === 'number'
        ? { name, kind: column.kind }
        : { name, kind: column.kind, names: column.names },
    )
    const header: Header = { rows: this.length, columns, fits: [...this.fits] }
    const text = new TextEncoder().encode(JSON.stringify(header))
    // Numbers begin at a multiple of eight bytes.
    const from = 8 + Math.ceil(text.length / 8) * 8
    const bytes = new Uint8Array(from + columns.length * this.length * 8)
    new DataView(bytes.buffer).setUint32(0, text.length, true)
    bytes.set(text, 8)
    let at = from
    for (const column of this.columns.values()) {
      if (column.kind === 'number')
        new Float64Array(bytes.buffer, at, this.length).set(this.#used(column.values))
      else new Int32Array(bytes.buffer, at, this.length).set(column.codes.subarray(0, this.length))
      at += this.length * 8
    }
    return bytes
  }

  /** What `encode` gave; the bytes are the table's from then on. They are little-endian, as every machine that runs Node or a browser is. */
  static decode(bytes: Uint8Array): TrialTable {
    const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
    const size = new DataView(aligned.buffer, aligned.byteOffset).getUint32(0, true)
    const header: Header = JSON.parse(new TextDecoder().decode(aligned.subarray(8, 8 + size)))
    const table = new TrialTable()
    table.columns.clear()
    table.#codes.clear()
    table.length = header.rows
    table.#capacity = header.rows
    let at = aligned.byteOffset + 8 + Math.ceil(size / 8) * 8
    for (const { name, kind, names = [] } of header.columns) {
      if (kind === 'number') {
        table.#add(name, { kind, values: new Float64Array(aligned.buffer, at, header.rows) })
      } else {
        table.#addCategory(name, names, new Int32Array(aligned.buffer, at, header.rows))
      }
      at += header.rows * 8
    }
    for (const [row, fits] of header.fits) table.fits.set(row, fits)
    table.#index()
    return table
  }

  #used(values: Float64Array): Float64Array {
    return values.subarray(0, this.length)
  }

  #numbers(): Float64Array {
    return new Float64Array(this.#capacity).fill(Number.NaN)
  }

  #add(name: string, column: Column): void {
    this.columns.set(name, column)
  }

  #addCategory(
    name: string,
    names: readonly string[],
    codes: Int32Array = new Int32Array(this.#capacity).fill(-1),
  ): void {
    const column: CategoryColumn = { kind: 'category', codes, names: [...names] }
    this.#add(name, column)
    this.#codes.set(column, new Map(names.map((one, code) => [one, code])))
  }

  /** Takes out all that stands at a row. */
  #empty(row: number): void {
    for (const column of this.columns.values()) {
      if (column.kind === 'number') column.values[row] = Number.NaN
      else column.codes[row] = -1
    }
  }

  #set(name: string, row: number, value: number | string | null): void {
    this.#put(this.columns.get(name)!, row, value)
  }

  /** Of a param, a metric or a tag: its column is made where it is the first of it. */
  #setOwn(family: 'params' | 'metrics' | 'tags', own: string, row: number, value: number | string): void {
    let column = this.#own[family].get(own)
    if (column === undefined) {
      const name = `${family}.${own}`
      if (!this.columns.has(name)) {
        if (typeof value === 'number') this.#add(name, { kind: 'number', values: this.#numbers() })
        else this.#addCategory(name, [])
      }
      column = this.columns.get(name)!
      this.#own[family].set(own, column)
    }
    if (column.kind === 'number' && typeof value === 'string') {
      column = this.#withTexts(`${family}.${own}`, column)
      this.#own[family].set(own, column)
    }
    this.#put(column, row, value)
  }

  /** A column that began with numbers and has texts too: nobody said what it holds. Its numbers are texts among them. */
  #withTexts(name: string, { values }: NumberColumn): Column {
    this.#addCategory(name, [])
    const column = this.columns.get(name)!
    for (let row = 0; row < this.length; row++)
      if (!Number.isNaN(values[row])) this.#put(column, row, String(values[row]))
    return column
  }

  #put(column: Column, row: number, value: number | string | null): void {
    if (column.kind === 'number') column.values[row] = typeof value === 'number' ? value : Number.NaN
    else column.codes[row] = value === null ? -1 : this.#codeOf(column, String(value))
  }

  #codeOf(column: CategoryColumn, text: string): number {
    const codes = this.#codes.get(column)!
    let code = codes.get(text)
    if (code === undefined) {
      code = column.names.push(text) - 1
      codes.set(text, code)
    }
    return code
  }

  /** The row of this trial, made where there is none: nearly always behind all others. */
  #placeFor(trial: number): number {
    const known = this.#rowOf.get(trial)
    if (known !== undefined) return known
    if (this.length === this.#capacity) this.#grow()
    const trials = this.columns.get('trial') as NumberColumn
    let at = this.length
    while (at > 0 && trials.values[at - 1] > trial) at--
    this.length++
    if (at < this.length - 1) this.#makeRoom(at)
    else this.#rowOf.set(trial, at)
    trials.values[at] = trial
    if (at < this.length - 1) this.#index()
    return at
  }

  #makeRoom(at: number): void {
    for (const column of this.columns.values()) {
      if (column.kind === 'number') column.values.copyWithin(at + 1, at, this.length - 1)
      else column.codes.copyWithin(at + 1, at, this.length - 1)
    }
    const spans = [...this.fits]
    this.fits.clear()
    for (const [row, fits] of spans) this.fits.set(row >= at ? row + 1 : row, fits)
  }

  #grow(): void {
    this.#capacity = Math.max(first, 2 * this.#capacity)
    for (const column of this.columns.values()) {
      if (column.kind === 'number') {
        const before = column.values
        column.values = this.#numbers()
        column.values.set(before)
      } else {
        const before = column.codes
        column.codes = new Int32Array(this.#capacity).fill(-1)
        column.codes.set(before)
      }
    }
  }

  #index(): void {
    this.#rowOf.clear()
    const trials = (this.columns.get('trial') as NumberColumn).values
    for (let row = 0; row < this.length; row++) this.#rowOf.set(trials[row], row)
  }
}
