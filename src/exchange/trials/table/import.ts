/** Trials in a table (CSV, TSV, JSON lines, Parquet), a row each → trials as they are recorded. */
import { open, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import {
  type FileColumn,
  type FileTable,
  findingNotes,
  isInfinite,
  parseNumber,
  type ReadOptions,
  readTableFile,
} from '../../../data/index.js'
import { EspalierError } from '../../../errors.js'
import { count } from '../../../format.js'
import type { SweepFile } from '../../../space/index.js'
import type { Histories, RunError } from '../../../tracking/index.js'
import { betterSide, type Direction, isJsonObject, type Params } from '../../../values.js'
import { isSqlite } from '../optuna/sqlite.js'
import { countedTime, utcTime } from '../time.js'
import type { ForeignSweep, ForeignTrial } from '../types.js'
import { cellOf, nestedIn, textOfCell, unguarded } from './cells.js'
import { bare, columnsOf, type TableImportOptions, type TrialColumns } from './columns.js'
import { checkNames, inferredSpace, readerIn, readerOf } from './space.js'

export interface TrialTableOptions extends TableImportOptions {
  /** Needed where the name of the metric does not say it. */
  readonly direction?: Direction
  /** What the objective is called; as its column unless stated. */
  readonly metric?: string
  /** The sweep file whose space the trials were taken from; made up from their values unless given. */
  readonly space?: SweepFile
  /** How the file is written, where that is not to be found out. */
  readonly reading?: ReadOptions['reading']
}

/**
 * Reads them.
 * @throws EspalierError FILE_NOT_READABLE, DATA_INVALID; USAGE where a column is not there, or nobody says which values are better.
 */
export async function readTrialTable(path: string, options: TrialTableOptions): Promise<ForeignSweep> {
  const file = basename(path)
  if (await isStudy(path))
    throw new EspalierError(
      'DATA_INVALID',
      `a table has a row a trial, and ${file} is a file of Optuna's; espalier import optuna ${file}`,
    )
  let columns: TrialColumns | undefined
  const isText = ({ status, started, ended, error, history, tags }: TrialColumns, name: string) =>
    [status, started, ended, error, history, ...tags.values()].includes(name)
  const table = await readTableFile(path, {
    notation: {},
    reading: options.reading,
    header: (names) => {
      columns = columnsOf(names, options, path)
    },
    // Asked for before the header is known, too: where the decimal mark is found out.
    kindOf: (name) =>
      columns === undefined
        ? 'infer'
        : isText(columns, name)
          ? 'text'
          : columns.left.includes(name)
            ? 'skip'
            : 'infer',
  })
  const found = columns!
  const rows = new Rows(table, found)
  const metric = options.metric ?? rows.metricName(options.value)
  const { objective } = options.space ?? {}
  const direction =
    options.direction ??
    (objective?.metric === metric ? objective.direction : undefined) ??
    betterSide(metric)
  if (direction === undefined)
    throw new EspalierError(
      'USAGE',
      `an import needs to know which values are better, and of "${metric}" nobody says so; add --direction minimize or --direction maximize`,
    )
  // A column without a name is among those that are told as left out.
  const warnings = findingNotes(
    file,
    table.findings.filter(({ what }) => what !== 'nameless column'),
  )
  if (found.left.length > 0)
    warnings.push(
      `columns that no option names are left out: ${found.left.join(', ')} (--metrics takes numbers)`,
    )
  const names = [...found.params.keys()]
  if (options.space !== undefined) checkNames(names, options.space)
  const trials = rows.trials(metric, options.space, warnings)
  const made =
    options.space === undefined
      ? inferredSpace(
          names,
          trials.map(({ params }) => params),
        )
      : { parameters: options.space.parameters, notes: [] }
  return {
    tool: 'csv',
    study: file.replace(/\.(?:csv|tsv|jsonl|parquet)(?:\.gz)?$/i, ''),
    file: resolve(path),
    objective: { metric, direction },
    parameters: made.parameters,
    trials,
    tags: {},
    warnings: [...warnings, ...made.notes],
  }
}

/** Words for how a trial ended, of several tools; `left`: it has not begun. */
const words: Readonly<Record<ForeignTrial['status'] | 'left', readonly string[]>> = {
  finished: ['finished', 'complete', 'completed', 'done', 'success', 'succeeded', 'ok', 'terminated'],
  pruned: ['pruned', 'stopped', 'early_stopped', 'earlystopped', 'early-stopped'],
  failed: ['failed', 'fail', 'error', 'errored', 'crashed'],
  interrupted: [
    'interrupted',
    'running',
    'killed',
    'preempted',
    'preempting',
    'user_canceled',
    'canceled',
    'cancelled',
  ],
  left: ['waiting', 'pending', 'scheduled', 'queued'],
}

/** Whether it is what `import optuna` takes. One that cannot be read is left to whoever reads it. */
async function isStudy(path: string): Promise<boolean> {
  // A pipe would lose what is read of it.
  if (!(await stat(path).catch(() => null))?.isFile()) return false
  const file = await open(path).catch(() => null)
  if (file === null) return false
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0)
    const begin = buffer.subarray(0, bytesRead)
    return isSqlite(begin) || /^\s*\{"op_code"/.test(begin.toString())
  } catch {
    return false
  } finally {
    await file.close()
  }
}

class Rows {
  readonly #table: FileTable
  readonly #columns: TrialColumns
  readonly #byName: ReadonlyMap<string, FileColumn>

  constructor(table: FileTable, columns: TrialColumns) {
    this.#table = table
    this.#columns = columns
    this.#byName = new Map(table.columns.map((column) => [column.name, column]))
  }

  #column(name: string | null): FileColumn | undefined {
    return name === null ? undefined : this.#byName.get(name)
  }

  /** The name of the objective. Espalier's own tables have it as `value`: it is the metric that is the same wherever there is one. */
  metricName(stated: string | undefined): string {
    const { value, metrics } = this.#columns
    if (stated !== undefined || value !== 'value') return bare(value)
    const own = this.#column(value)!
    for (const [name, column] of metrics) {
      const other = this.#column(column)!
      let isSame = own.kind === 'number' && other.kind === 'number'
      for (let row = 0; isSame && row < this.#table.rows; row++) {
        const cell = cellOf(own, row)
        isSame = cell === undefined || cell === cellOf(other, row)
      }
      if (isSame) return name
    }
    return 'value'
  }

  trials(metric: string, space: SweepFile | undefined, warnings: string[]): ForeignTrial[] {
    const { params, metrics, tags, status, started, ended, error, history, isOwn } = this.#columns
    const readers = [...params].map(([name, column]) => {
      const own = this.#column(column)!
      return [name, space === undefined ? readerOf(own, isOwn) : readerIn(own, space, name, isOwn)] as const
    })
    const numbers = this.#numbers(warnings)
    const text = (column: string | null, row: number) => textOfCell(this.#column(column), row)
    const found: ForeignTrial[] = []
    const failed = { missing: 0, infinite: 0, word: 0 }
    let waiting = 0
    const oddMetrics = new Set<string>()
    for (let row = 0; row < this.#table.rows; row++) {
      const said = status === null ? 'finished' : this.#status(row)
      if (said === 'left') {
        waiting++
        continue
      }
      const given: Record<string, Params[string]> = {}
      for (const [name, read] of readers) {
        const value = read(row)
        if (value !== undefined) given[name] = value
      }
      const all: Record<string, number> = {}
      for (const [name, column] of metrics) {
        const cell = cellOf(this.#column(column)!, row)
        if (typeof cell === 'number' || typeof cell === 'boolean') all[name] = Number(cell)
        else if (cell !== undefined) oddMetrics.add(name)
      }
      const value = this.#value(row)
      const isFailed = said === 'finished' && typeof value.number !== 'number'
      if (isFailed) failed[value.why]++
      const outcome = isFailed ? 'failed' : said
      const reason: RunError | null =
        outcome !== 'failed' ? null : isFailed ? value.error : errorIn(text(error, row), isOwn)
      found.push({
        trial: numbers?.[row] ?? found.length,
        params: given,
        status: outcome,
        value: outcome === 'finished' || outcome === 'pruned' ? value.number : null,
        metrics: withoutValue(all, metric, outcome === 'failed' ? null : value.number),
        history: historyIn(text(history, row), (what) => this.#broken(row, history!, what)),
        error: reason,
        started: this.#time(started, row),
        ended: outcome === 'interrupted' ? null : this.#time(ended, row),
        tags: Object.fromEntries(
          [...tags].flatMap(([name, column]) => {
            const one = text(column, row)
            return one === undefined || name.startsWith('espalier.import')
              ? []
              : [[name, isOwn ? unguarded(one) : one]]
          }),
        ),
      })
    }
    if (found.length === 0)
      throw new EspalierError(
        'DATA_INVALID',
        `${this.#where()} has no trial that has begun; is it the right file?`,
      )
    const { value } = this.#columns
    const sum = failed.missing + failed.infinite + failed.word
    const kinds = [
      [failed.missing, `${failed.missing} empty or NaN`],
      [failed.infinite, `${failed.infinite} infinite`],
      [failed.word, count(failed.word, 'word')],
    ] as const
    if (sum > 0)
      warnings.push(
        `${count(sum, 'row')} without a number in "${value}" (${kinds.flatMap(([many, words]) => (many > 0 ? [words] : [])).join(', ')}): recorded as failed, with the reason`,
      )
    if (waiting > 0)
      warnings.push(
        waiting === 1
          ? '1 trial that had not begun is left out'
          : `${waiting} trials that had not begun are left out`,
      )
    if (oddMetrics.size > 0)
      warnings.push(`cells of metrics that are no numbers are left out: ${[...oddMetrics].join(', ')}`)
    return found.sort((a, b) => a.trial - b.trial)
  }

  /** The numbers of the trials, where the table has one for each; null where they count as they come. */
  #numbers(warnings: string[]): number[] | null {
    const column = this.#column(this.#columns.trial)
    if (column === undefined) return null
    const numbers = Array.from({ length: this.#table.rows }, (_, row) => cellOf(column, row))
    const isWhole = numbers.every((one) => Number.isSafeInteger(one) && (one as number) >= 0)
    if (isWhole && new Set(numbers).size === numbers.length) return numbers as number[]
    warnings.push(
      `"${column.name}" does not number the trials, each by its own: they count as they come in the file`,
    )
    return null
  }

  #status(row: number): ForeignTrial['status'] | 'left' {
    const column = this.#columns.status!
    const word = textOfCell(this.#column(column), row)
    // Nothing said: the value says whether it finished.
    if (word === undefined) return 'finished'
    const plain = word.toLowerCase().replace(/^trialstate\./, '')
    for (const [status, all] of Object.entries(words))
      if (all.includes(plain)) return status as ForeignTrial['status'] | 'left'
    throw this.#broken(
      row,
      column,
      `is ${JSON.stringify(word)}, and how a trial ended is one of ${Object.values(words).flat().join(', ')}; write one of them, or name another column with --status`,
    )
  }

  #value(
    row: number,
  ):
    | { number: number; why?: never; error?: never }
    | { number: null; why: 'missing' | 'infinite' | 'word'; error: RunError } {
    const { value } = this.#columns
    const cell = cellOf(this.#column(value)!, row)
    const number = typeof cell === 'string' ? this.#numberIn(cell) : Number(cell)
    if (cell !== undefined && Number.isFinite(number)) return { number }
    const why = cell === undefined ? 'missing' : isInfinite(String(cell)) ? 'infinite' : 'word'
    const message =
      why === 'missing'
        ? `the table has no value of "${value}"`
        : `the value of "${value}" is ${JSON.stringify(cell)}, which is no finite number`
    return { number: null, why, error: { code: 'METRIC_NOT_FINITE', message } }
  }

  /** By the decimal mark of the file, which a column that has a word among its numbers is read with as well. */
  #numberIn(text: string): number {
    if (this.#table.reading.decimal !== ',') return parseNumber(text)
    return text.includes('.') ? Number.NaN : parseNumber(text.replace(',', '.'))
  }

  #time(column: string | null, row: number): string | null {
    const text = textOfCell(this.#column(column), row)
    if (text === undefined) return null
    const time = utcTime(text, 'local') ?? countedTime(text)
    if (time === null)
      throw this.#broken(
        row,
        column!,
        `is ${JSON.stringify(text)}, and a time is written as 2026-01-31T12:00:00Z, or counted in seconds or milliseconds since 1970; call the column something else to have it left out`,
      )
    return time
  }

  #where(): string {
    return this.#table.place(0).file
  }

  #broken(row: number, column: string, what: string): EspalierError {
    const { file, row: at } = this.#table.place(row)
    return new EspalierError('DATA_INVALID', `${file} ${at}, column "${column}" ${what}`)
  }
}

/** Without the objective's own, which the value is. */
function withoutValue(
  metrics: Record<string, number>,
  metric: string,
  value: number | null,
): Record<string, number> {
  if (value === null || metrics[metric] !== value) return metrics
  const { [metric]: _, ...others } = metrics
  return others
}

function errorIn(text: string | undefined, isOwn: boolean): RunError {
  const [, code, message] = (isOwn && /^([A-Z_]+): (.*)$/s.exec(text ?? '')) || []
  if (code !== undefined) return { code, message }
  return { code: 'FAILED_ELSEWHERE', message: text ?? 'the table says that it failed, and not why' }
}

/** Steps as Espalier's own tables have them. */
function historyIn(text: string | undefined, broken: (what: string) => EspalierError): Histories {
  if (text === undefined) return {}
  const json = nestedIn(text)
  const isNumbers = (one: unknown) => Array.isArray(one) && one.every((value) => Number.isFinite(value))
  const isHistory = (one: unknown) =>
    isJsonObject(one) &&
    isNumbers(one.steps) &&
    isNumbers(one.values) &&
    (one.times === undefined || isNumbers(one.times)) &&
    (one.steps as unknown[]).length === (one.values as unknown[]).length
  if (isJsonObject(json) && Object.values(json).every(isHistory)) return json as unknown as Histories
  throw broken(
    'is no history: {"loss": {"steps": [0, 1], "values": [0.5, 0.4]}}; call the column something else to have it left out',
  )
}
