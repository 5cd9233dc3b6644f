/** How rows as people write them are read, and how they become what a learner sees. */
import type { Signature, SignatureColumn } from '../../data/index.js'
import type { PreprocessedColumn, PreprocessingFile } from '../model-file/types.js'
import {
  call,
  double,
  doubles,
  type Expression,
  keyword,
  list,
  none,
  text,
  texts,
  tuple,
  whole,
} from './expressions.js'

/** What a cell of a column means. */
export const kindOf = (column: SignatureColumn): 'number' | 'boolean' | 'date' | 'text' =>
  column.kind === 'text' ? 'text' : (column.as ?? 'number')

/** The columns with what reads their cells. `rules`: how cells are written. */
export function columnsOf({ columns, dateFormat }: Signature, rules: Expression): Expression {
  return list(
    columns.map((column) => {
      const { name } = column
      const kind = kindOf(column)
      if (kind !== 'date') {
        const reader = { number: '_number_cell', boolean: '_truth_cell', text: '_text_cell' }[kind]
        return tuple(text(name), call(reader, rules))
      }
      const stated = typeof dateFormat === 'object' ? ownFormat(dateFormat, name) : dateFormat
      return tuple(text(name), call('_date_cell', rules, stated === undefined ? none : text(stated)))
    }),
  )
}

function ownFormat(formats: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(formats, name) ? formats[name] : undefined
}

/** How cells are written, where it is not as in a plain file. */
export function rulesOf({
  missing,
  decimal,
  thousands,
  units,
  trueValues,
  falseValues,
}: Signature): Expression {
  const given: [string, Expression | undefined][] = [
    ['missing', missing && texts(missing)],
    ['decimal', decimal && text(decimal)],
    ['thousands', thousands === undefined ? undefined : text(thousands)],
    ['units', units && texts(units)],
    ['true_values', trueValues && texts(trueValues)],
    ['false_values', falseValues && texts(falseValues)],
  ]
  return call(
    '_Rules',
    ...given.flatMap(([name, value]) => (value === undefined ? [] : [keyword(name, value)])),
  )
}

export function preparation({ columns, shift, scale }: PreprocessingFile): Expression {
  const scaling = shift === null || scale === null ? [] : [doubles(shift), doubles(scale)]
  return call('_prepared', list(columns.map(encoder)), ...scaling)
}

function encoder(column: PreprocessedColumn): Expression {
  switch (column.kind) {
    case 'number':
      return call('_number', filled(column.fill))
    case 'date-parts':
      return call('_date_parts', list(column.fills.map(filled)))
    case 'hash':
      return call('_hashed', whole(column.columns), textOrNone(column.missing))
    case 'target':
      return call(
        '_target_means',
        ...categories(column),
        list(column.values.map(doubles)),
        doubles(column.prior),
      )
    case 'one-hot':
      return call('_one_hot', ...categories(column))
    case 'ordinal':
      return call('_ordinal', ...categories(column))
    case 'category':
      return call('_category', ...categories(column))
  }
}

/** A missing number that stays missing is NaN. */
const filled = (fill: number | null): Expression =>
  fill === null ? { text: 'float("nan")', uses: new Set() } : double(fill)

const textOrNone = (value: string | null) => (value === null ? none : text(value))

const categories = (column: { categories: readonly (string | null)[]; missing: string | null }) => [
  texts(column.categories),
  textOrNone(column.missing),
]
