/**
 * From feature columns to a matrix of numbers: imputation, encoding of text, scaling. Fitted on training rows
 * alone; the state is plain JSON.
 *
 *   imputation      numbers missing: mean | median of the training rows, or zero. A column without any value: 0. 'none' (for
 *                   learners that take missing values): they stay NaN.
 *   textImputation  texts missing: 'category' (they are a category of their own, if the training rows have any
 *                   missing) | 'most-frequent' (the most frequent text; of equally frequent ones the first by code unit).
 *   encoding        texts: 'one-hot' (a 0/1 column for every text of the training rows) | 'ordinal' (one column
 *                   with the text's place among them, sorted by code unit) | 'category' (for learners that take categories: as
 *                   ordinal, but the learner knows that the places have no order; never scaled) | 'target' (the mean of the
 *                   target in the rows with the text) | 'hash' (+1 or −1 in one of `hashColumns` columns): category-encoding.ts.
 *   dates           'days' (since 1970-01-01, one number) | 'parts' (year, month, day, weekday, day of the year, and the hour where
 *                   training rows have one: date-parts.ts). Imputed part by part.
 *   scaling         every resulting column: 'none' | 'standard' (mean 0, deviation 1, population formula) | 'minmax' (to 0 … 1
 *                   over the training rows; other rows may lie outside). A constant column becomes 0.
 *
 * A text the training rows do not have is unknown: all zeros one-hot, −1 as ordinal (before scaling), missing (NaN) as category. Of more than 100
 * texts, one-hot keeps the 100 most frequent (of equally frequent ones the first by code unit), and the others are
 * unknown too.
 * Categories are kept as texts, never as codes, so that a table with other codes is read the same.
 */
import {
  type Column,
  type Dataset,
  mostOneHot,
  type Signature,
  type SignatureColumn,
  type Table,
} from '../data/index.js'
import { EspalierError } from '../errors.js'
import {
  crossFitted,
  encodingParts,
  hashedText,
  type TargetColumns,
  type TargetMeans,
  targetColumns,
  targetMeans,
} from './category-encoding.js'
import { dateParts, datePartsInto } from './date-parts.js'
import { columnsInto, type Matrix, valuesAt } from './matrix.js'
import { selectWeights } from './row-weights.js'
import {
  broken,
  differentTexts,
  finite,
  list,
  numbers,
  object,
  oneOf,
  positive,
  whole,
} from './state-check.js'
import type { Hyperparameter } from './types.js'

const imputations = ['mean', 'median', 'zero', 'none'] as const
const textImputations = ['category', 'most-frequent'] as const
const encodings = ['one-hot', 'ordinal', 'category', 'target', 'hash'] as const
const dateEncodings = ['days', 'parts'] as const
/** More columns for one column of texts would only fill the memory. */
const mostHashColumns = 1024
const scalings = ['none', 'standard', 'minmax'] as const

export interface PreprocessingParams {
  readonly imputation: (typeof imputations)[number]
  readonly textImputation: (typeof textImputations)[number]
  readonly encoding: (typeof encodings)[number]
  readonly scaling: (typeof scalings)[number]
  readonly dates?: (typeof dateEncodings)[number]
  /** Of each column of texts, with the encoding 'hash'. */
  readonly hashColumns?: number
  /** How many rows' worth of the overall mean a text's own mean is drawn by, with the encoding 'target'. */
  readonly targetSmoothing?: number
}

/** What a learner takes as it is, so that it has a value of its own among the preprocessing, which is the default. */
export interface TakesAsIs {
  /** Missing values: NaN in the matrix. */
  readonly missing?: boolean
  /** Texts: a column of places, with the number of categories in the matrix. */
  readonly categories?: boolean
}

/** The hyperparameters of preprocessing, which every trainer that uses it has. */
export function preprocessingHyperparameters(
  defaultScaling: PreprocessingParams['scaling'],
  { missing = false, categories = false }: TakesAsIs = {},
): Hyperparameter[] {
  return [
    {
      name: 'scaling',
      description: 'scaling of every column: none, to mean 0 and deviation 1, or to 0 … 1',
      type: 'categorical',
      default: defaultScaling,
      values: scalings,
    },
    {
      name: 'imputation',
      description: missing
        ? 'what stands in for a missing number: nothing, the mean or median of its column, or zero'
        : 'what stands in for a missing number: the mean or median of its column, or zero',
      type: 'categorical',
      default: missing ? 'none' : 'mean',
      values: imputations.filter((one) => missing || one !== 'none'),
    },
    {
      name: 'textImputation',
      description: 'a missing text is a category of its own, or the most frequent one',
      type: 'categorical',
      default: 'category',
      values: textImputations,
    },
    {
      name: 'encoding',
      description: categories
        ? "text columns as categories, as one 0/1 column for each text, as one column of their places in order, as the target's mean for each text, or hashed"
        : "text columns as one 0/1 column for each text, as one column of their places in order, as the target's mean for each text, or hashed",
      type: 'categorical',
      default: categories ? 'category' : 'one-hot',
      values: encodings.filter((one) => categories || one !== 'category'),
    },
    {
      name: 'hashColumns',
      description: 'columns for each column of texts that is hashed (encoding hash)',
      type: 'int',
      default: defaultHashColumns,
      min: 1,
      max: mostHashColumns,
    },
    {
      name: 'targetSmoothing',
      description: "rows of the overall mean that go into a text's own (encoding target)",
      type: 'float',
      default: defaultSmoothing,
      min: 0,
    },
    {
      name: 'dates',
      description: 'dates as the days since 1970, or as year, month, day, weekday, day of the year and hour',
      type: 'categorical',
      default: 'days',
      values: dateEncodings,
    },
  ]
}

const defaultHashColumns = 16
const defaultSmoothing = 10

/** Without the params that make no difference beside the others: the same matrix has the same key. */
export function tellingParams(params: PreprocessingParams): PreprocessingParams {
  const { hashColumns, targetSmoothing, dates, ...others } = params
  return {
    ...others,
    ...(params.encoding === 'hash' && { hashColumns }),
    ...(params.encoding === 'target' && { targetSmoothing }),
    ...(dates === 'parts' && { dates }),
  }
}

/** How one feature column becomes columns of the matrix. */
type ColumnState =
  /** `fill`: null where a missing number stays missing. */
  | { name: string; kind: 'number'; fill: number | null }
  /** `missing`: the category a missing text stands for: one of `categories`, or null for a category of its own. */
  | { name: string; kind: 'one-hot'; categories: (string | null)[]; missing: string | null }
  | { name: string; kind: 'ordinal' | 'category'; categories: (string | null)[]; missing: string | null }
  /** `values`: by column of the matrix, then by category; `prior`: by column, for what is unknown. */
  | ({ name: string; kind: 'target'; categories: (string | null)[]; missing: string | null } & TargetMeans)
  /** `missing`: the text that a missing one stands for; null for none, which is all zeros. */
  | { name: string; kind: 'hash'; columns: number; missing: string | null }
  /** `fills`: one a part, in the order of dateParts, of which the last may be absent; null where a missing part stays missing. */
  | { name: string; kind: 'date-parts'; fills: (number | null)[] }

export type PreprocessingState = {
  columns: ColumnState[]
  /** Each matrix column becomes (value − shift) / scale; null where nothing is scaled. */
  shift: number[] | null
  scale: number[] | null
}

/** Rows to learn preprocessing from; the encoding by the target needs that too. */
export type PreprocessedRows = Table & Partial<Omit<Dataset, keyof Table>>

/** Learns imputation, categories and scaling from these rows (at least one). */
export function fitPreprocessing(rows: PreprocessedRows, params: PreprocessingParams): PreprocessingState {
  const target = params.encoding === 'target' ? targetColumns(withTarget(rows)) : null
  const columns = rows.columns.map((column) => fitColumn(column, rows, params, target))
  const unscaled: PreprocessingState = { columns, shift: null, scale: null }
  if (params.scaling === 'none') return unscaled
  return { columns, ...fitScaling(trainingMatrix(unscaled, rows, params), params.scaling) }
}

/**
 * The matrix of the rows that preprocessing was learned from. It is that of `applyPreprocessing`, but for texts encoded by the target: no
 * row has its own target in it.
 */
export function trainingMatrix(
  state: PreprocessingState,
  rows: PreprocessedRows,
  params: PreprocessingParams,
): Matrix {
  if (!state.columns.some(({ kind }) => kind === 'target')) return applyPreprocessing(state, rows)
  const data = withTarget(rows)
  const target = targetColumns(data)
  const parts = encodingParts(data)
  return applyPreprocessing(state, rows, (column, places) =>
    crossFitted(
      places,
      column.categories.length,
      target,
      weightsOf(rows),
      params.targetSmoothing ?? defaultSmoothing,
      parts,
    ),
  )
}

function withTarget({ target, ...rows }: PreprocessedRows): Dataset {
  if (target === undefined) throw new Error('the encoding by the target needs a target')
  return { ...rows, target }
}

function weightsOf({ weights, index }: PreprocessedRows): Float64Array | null {
  return weights ? selectWeights(weights, index) : null
}

function fitColumn(
  column: Column,
  rows: PreprocessedRows,
  params: PreprocessingParams,
  target: TargetColumns | null,
): ColumnState {
  const { name } = column
  const { index } = rows
  if (column.kind === 'number') {
    if (column.as === 'date' && params.dates === 'parts') return fitDates(name, column.values, index, params)
    return { name, kind: 'number', fill: fillValue(column.values, index, params.imputation) }
  }
  const counts = new Int32Array(column.categories.length)
  let missingRows = 0
  for (const row of index) {
    if (column.codes[row] < 0) missingRows++
    else counts[column.codes[row]]++
  }
  const present = column.categories.map((_, code) => code).filter((code) => counts[code] > 0)
  // By text: the order of a user's own categories array says nothing.
  present.sort((a, b) => (column.categories[a] < column.categories[b] ? -1 : 1))
  const kept = params.encoding === 'one-hot' ? mostFrequent(present, counts) : present
  const categories: (string | null)[] = kept.map((code) => column.categories[code])
  let missing: string | null = null
  if (params.textImputation === 'most-frequent' && present.length > 0) {
    missing = column.categories[present.reduce((best, code) => (counts[code] > counts[best] ? code : best))]
  } else if (missingRows > 0) categories.push(null)
  if (params.encoding === 'hash')
    return { name, kind: 'hash', columns: params.hashColumns ?? defaultHashColumns, missing }
  if (target === null || params.encoding !== 'target')
    return { name, kind: params.encoding as 'one-hot', categories, missing }
  const places = placesOf({ categories, missing }, column, index)
  const smoothing = params.targetSmoothing ?? defaultSmoothing
  const means = targetMeans(places, categories.length, target, weightsOf(rows), smoothing)
  return { name, kind: 'target', categories, missing, ...means }
}

function fitDates(
  name: string,
  values: Float64Array,
  index: Int32Array,
  { imputation }: PreprocessingParams,
): ColumnState {
  const parts = dateParts.map(() => new Float64Array(index.length))
  const of = new Float64Array(dateParts.length)
  let hasTime = false
  index.forEach((row, i) => {
    datePartsInto(of, values[row])
    if (of[dateParts.length - 1] > 0) hasTime = true
    for (let j = 0; j < parts.length; j++) parts[j][i] = of[j]
  })
  const all = Int32Array.from(index, (_, i) => i)
  const used = hasTime ? parts : parts.slice(0, -1)
  return { name, kind: 'date-parts', fills: used.map((part) => fillValue(part, all, imputation)) }
}

/** The place of each row's text among the categories; −1 where it is unknown, or missing without a category for that. */
function placesOf(
  state: { readonly categories: readonly (string | null)[]; readonly missing: string | null },
  { codes, categories }: Column & { kind: 'text' },
  index: Int32Array,
): Int32Array {
  const places = new Map(state.categories.map((text, place) => [text, place]))
  const placeOf = Int32Array.from(categories, (text) => places.get(text) ?? -1)
  const ofMissing = places.get(state.missing) ?? -1
  return Int32Array.from(index, (row) => (codes[row] < 0 ? ofMissing : placeOf[codes[row]]))
}

/** The codes with the highest counts, at most `mostOneHot`, in the order given. */
function mostFrequent(codes: readonly number[], counts: Int32Array): readonly number[] {
  if (codes.length <= mostOneHot) return codes
  // Stable: of equal counts the first in order are kept.
  const kept = new Set([...codes].sort((a, b) => counts[b] - counts[a]).slice(0, mostOneHot))
  return codes.filter((code) => kept.has(code))
}

function fillValue(
  values: Float64Array,
  index: Int32Array,
  imputation: PreprocessingParams['imputation'],
): number | null {
  if (imputation === 'none') return null
  if (imputation === 'zero') return 0
  const all = valuesAt(values, index)
  let count = 0
  for (let i = 0; i < all.length; i++) if (!Number.isNaN(all[i])) all[count++] = all[i]
  const present = all.subarray(0, count)
  if (count === 0) return 0
  return imputation === 'mean' ? mean(present) : median(present)
}

/** Without overflow where the sum of the values would. */
function mean(values: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  if (Number.isFinite(sum)) return sum / values.length
  return values.reduce((total, value) => total + value / values.length, 0)
}

function median(values: Float64Array): number {
  values.sort()
  const middle = values.length >> 1
  return values.length % 2 === 1 ? values[middle] : values[middle - 1] / 2 + values[middle] / 2
}

/** Moves the values that are not missing to the front, in their order. */
function gathered(cells: Float64Array): { present: number; least: number; most: number } {
  let least = Infinity
  let most = -Infinity
  let present = 0
  for (let i = 0; i < cells.length; i++) {
    const value = cells[i]
    if (Number.isNaN(value)) continue
    cells[present++] = value
    if (value < least) least = value
    if (value > most) most = value
  }
  return { present, least, most }
}

function squaresAround(values: Float64Array, centre: number): number {
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (values[i] - centre) * (values[i] - centre)
  return squares
}

function fitScaling(matrix: Matrix, scaling: 'standard' | 'minmax'): { shift: number[]; scale: number[] } {
  const shift: number[] = []
  const scale: number[] = []
  const together = 8
  const taken = new Float64Array(together * matrix.rows)
  for (let j = 0; j < matrix.columns; j++) {
    if (j % together === 0) columnsInto(taken, matrix, j, together)
    const cells = taken.subarray((j % together) * matrix.rows, ((j % together) + 1) * matrix.rows)
    const { present, least, most } = gathered(cells)
    const column = cells.subarray(0, present)
    if (present === 0 || (matrix.categories !== undefined && matrix.categories[j] > 0)) {
      shift.push(0)
      scale.push(1)
    } else if (least === most) {
      // Exactly constant: by its range, because a deviation of rounding errors would blow other rows up.
      shift.push(least)
      scale.push(1)
    } else if (most - least === Infinity) {
      // The range itself overflows, and with it every distance from a centre.
      shift.push(0)
      scale.push(Number.MAX_VALUE)
    } else if (scaling === 'minmax') {
      shift.push(least)
      scale.push(most - least)
    } else {
      const centre = mean(column)
      const deviation = Math.sqrt(squaresAround(column, centre) / present)
      shift.push(centre)
      // Squares of values near 1e-160 or 1e160 under- or overflow: the range serves as scale then.
      scale.push(deviation > 0 && deviation < Infinity ? deviation : most - least)
    }
  }
  return { shift, scale }
}

/** A column of a table, and where in the matrix it goes. */
interface NumberColumn {
  readonly from: Float64Array
  readonly at: number
  readonly fill: number
}

/** Copies columns into a row-major matrix, some rows of all columns at a time, which stay in the processor's cache. */
function fillNumbers(
  values: Float64Array,
  width: number,
  columns: readonly NumberColumn[],
  index: Int32Array,
): void {
  const block = Math.max(1, Math.min(64, Math.floor(4096 / width)))
  for (let first = 0; first < index.length; first += block) {
    const end = Math.min(index.length, first + block)
    for (let c = 0; c < columns.length; c++) {
      const { from, at, fill } = columns[c]
      for (let i = first, to = first * width + at; i < end; i++, to += width) {
        const value = from[index[i]]
        values[to] = Number.isNaN(value) ? fill : value
      }
    }
  }
}

function scaleColumns(values: Float64Array, shift: Float64Array, scale: Float64Array): void {
  const width = shift.length
  for (let k = 0; k < values.length; k += width)
    for (let j = 0; j < width; j++) values[k + j] = (values[k + j] - shift[j]) / scale[j]
}

type TargetState = Extract<ColumnState, { kind: 'target' }>

/**
 * The matrix of these rows. Columns are found by name; a table without one of them is a mistake of the caller.
 * @param encode gives rows × columns in place of the means of a column encoded by the target.
 */
export function applyPreprocessing(
  state: PreprocessingState,
  table: Table,
  encode?: (column: TargetState, places: Int32Array) => Float64Array,
): Matrix {
  const width = matrixWidth(state)
  const values = new Float64Array(table.rows * width)
  const counts = categoriesOf(state)
  const byName = new Map(table.columns.map((column) => [column.name, column]))
  const numbers: NumberColumn[] = []
  let at = 0
  for (const column of state.columns) {
    const source = byName.get(column.name)
    if (source === undefined) {
      throw new EspalierError(
        'DATA_INVALID',
        `the model was fitted on the column "${column.name}", and the table has none of that name`,
      )
    }
    const isNumber = column.kind === 'number' || column.kind === 'date-parts'
    if ((source.kind === 'number') !== isNumber) {
      const expected = isNumber ? 'numbers' : 'text'
      throw new EspalierError(
        'DATA_INVALID',
        `the model was fitted on ${expected} in the column "${column.name}", and the table has ${source.kind} there`,
      )
    }
    if (column.kind === 'number') {
      const { values: from } = source as Column & { kind: 'number' }
      numbers.push({ from, at, fill: column.fill ?? Number.NaN })
    } else if (column.kind === 'date-parts') {
      const { values: days } = source as Column & { kind: 'number' }
      const parts = new Float64Array(dateParts.length)
      for (let i = 0; i < table.rows; i++) {
        datePartsInto(parts, days[table.index[i]])
        for (let j = 0; j < column.fills.length; j++)
          values[i * width + at + j] = Number.isNaN(parts[j]) ? (column.fills[j] ?? Number.NaN) : parts[j]
      }
    } else if (column.kind === 'hash') {
      const { codes, categories } = source as Column & { kind: 'text' }
      const hashed = categories.map((text) => hashedText(text, column.columns))
      const ofMissing = column.missing === null ? null : hashedText(column.missing, column.columns)
      for (let i = 0; i < table.rows; i++) {
        const code = codes[table.index[i]]
        const found = code < 0 ? ofMissing : hashed[code]
        if (found !== null) values[i * width + at + found.column] = found.sign
      }
    } else if (column.kind === 'target') {
      const places = placesOf(column, source as Column & { kind: 'text' }, table.index)
      const columns = column.values.length
      const encoded = encode?.(column, places)
      for (let i = 0; i < table.rows; i++)
        for (let j = 0; j < columns; j++)
          values[i * width + at + j] =
            encoded?.[i * columns + j] ?? (places[i] < 0 ? column.prior[j] : column.values[j][places[i]])
    } else {
      const places = placesOf(column, source as Column & { kind: 'text' }, table.index)
      const unknown = column.kind === 'category' ? Number.NaN : -1
      for (let i = 0; i < table.rows; i++) {
        const place = places[i]
        if (column.kind !== 'one-hot') values[i * width + at] = place < 0 ? unknown : place
        else if (place >= 0) values[i * width + at + place] = 1
      }
    }
    at += widthOf(column)
  }
  fillNumbers(values, width, numbers, table.index)
  const { shift, scale } = state
  if (shift !== null && scale !== null)
    scaleColumns(values, Float64Array.from(shift), Float64Array.from(scale))
  return { rows: table.rows, columns: width, values, ...(counts && { categories: counts }) }
}

function widthOf(column: ColumnState): number {
  switch (column.kind) {
    case 'one-hot':
      // A text column without any text is one column of zeros: a matrix always has columns.
      return Math.max(1, column.categories.length)
    case 'target':
      return column.values.length
    case 'hash':
      return column.columns
    case 'date-parts':
      return column.fills.length
    default:
      return 1
  }
}

/** For each column of the matrix the number of its categories, 0 for numbers; nothing where all are numbers. */
export function categoriesOf({ columns }: Pick<PreprocessingState, 'columns'>): Int32Array | undefined {
  if (!columns.some(({ kind }) => kind === 'category')) return undefined
  return Int32Array.from(
    columns.flatMap((column) =>
      column.kind === 'category' ? [column.categories.length] : new Array<number>(widthOf(column)).fill(0),
    ),
  )
}

/** How many columns the matrix has. */
export function matrixWidth({ columns }: Pick<PreprocessingState, 'columns'>): number {
  return columns.reduce((sum, column) => sum + widthOf(column), 0)
}

/** The feature column that each column of the matrix comes from, by its place among the state's. */
export function featureOfColumn({ columns }: Pick<PreprocessingState, 'columns'>): Int32Array {
  return Int32Array.from(columns.flatMap((column, place) => new Array(widthOf(column)).fill(place)))
}

/**
 * The state found in a model file, if it is one, of this signature, and with nothing that the learner does not take. Throws
 * MODEL_INVALID.
 */
export function checkPreprocessing(
  found: unknown,
  where: string,
  signature: Signature | undefined,
  takes: TakesAsIs = {},
): PreprocessingState {
  const state = object(found, where)
  const expected = signature?.columns
  const columns = list(state.columns, `${where}.columns`, expected?.length ?? null).map((column, i) =>
    checkColumn(column, `${where}.columns[${i}]`, expected?.[i], takes),
  )
  if (new Set(columns.map(({ name }) => name)).size !== columns.length)
    broken(`${where}.columns`, 'a list of columns with different names', columns)
  const { shift, scale } = state
  if (shift === null && scale === null) return { columns, shift, scale }
  const width = matrixWidth({ columns })
  const divisors = numbers(scale, `${where}.scale`, width)
  divisors.forEach((divisor, i) => {
    positive(divisor, `${where}.scale[${i}]`)
  })
  return { columns, shift: numbers(shift, `${where}.shift`, width), scale: divisors }
}

function checkColumn(
  found: unknown,
  where: string,
  expected: SignatureColumn | undefined,
  takes: TakesAsIs,
): ColumnState {
  const state = object(found, where)
  const { name, kind, fill, categories, missing } = state
  if (typeof name !== 'string' || (expected !== undefined && name !== expected.name))
    broken(
      `${where}.name`,
      expected === undefined ? 'a text' : `the signature's ${JSON.stringify(expected.name)}`,
      name,
    )
  const kinds = encodings.filter((one) => takes.categories || one !== 'category')
  const of = oneOf(kind, `${where}.kind`, ['number', 'date-parts', ...kinds])
  const isNumber = of === 'number' || of === 'date-parts'
  if (expected !== undefined && isNumber !== (expected.kind === 'number'))
    broken(`${where}.kind`, `one for the signature's ${expected.kind}`, of)
  const checkFill = (one: unknown, at: string) => (one === null && takes.missing ? one : finite(one, at))
  if (of === 'number') return { name, kind: of, fill: checkFill(fill, `${where}.fill`) }
  if (of === 'date-parts') {
    const fills = list(state.fills, `${where}.fills`)
    if (fills.length !== dateParts.length && fills.length !== dateParts.length - 1)
      broken(`${where}.fills`, `a list of ${dateParts.length - 1} or ${dateParts.length}`, fills)
    return { name, kind: of, fills: fills.map((one, i) => checkFill(one, `${where}.fills[${i}]`)) }
  }
  if (missing !== null && typeof missing !== 'string')
    broken(`${where}.missing`, 'a text or null', missing ?? 'nothing')
  const ofMissing = missing as string | null
  if (of === 'hash') {
    const columns = whole(state.columns, `${where}.columns`, 1, mostHashColumns)
    return { name, kind: of, columns, missing: ofMissing }
  }
  const texts = differentTexts(categories, `${where}.categories`, true)
  if (of !== 'target') return { name, kind: of, categories: texts, missing: ofMissing }
  const prior = numbers(state.prior, `${where}.prior`)
  if (prior.length === 0) broken(`${where}.prior`, 'a list of numbers', prior)
  const values = list(state.values, `${where}.values`, prior.length).map((one, i) =>
    numbers(one, `${where}.values[${i}]`, texts.length),
  )
  return { name, kind: of, categories: texts, missing: ofMissing, values, prior }
}
