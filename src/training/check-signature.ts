/** The signature of a model file, if it is one: whoever wrote the file, rows are then read as for any other model. */
import { type Signature, type SignatureColumn, statedFormatProblem } from '../data/index.js'
import { thousandsMarks } from '../values.js'
import { broken, differentTexts, list, object, oneOf } from './state-check.js'

/** Throws MODEL_INVALID. */
export function checkSignature(found: unknown): Signature {
  const { columns, task, target, classes, ...others } = object(found, 'signature')
  const of = oneOf(task, 'signature.task', ['classification', 'regression'])
  const checked = list(columns, 'signature.columns').map((column, i) =>
    checkColumn(column, `signature.columns[${i}]`),
  )
  if (checked.length === 0) broken('signature.columns', 'a list of columns', checked)
  if (new Set(checked.map(({ name }) => name)).size !== checked.length)
    broken('signature.columns', 'a list of columns with different names', checked)
  if (of === 'regression' && classes !== null) broken('signature.classes', 'null for regression', classes)
  const named = of === 'regression' ? null : differentTexts(classes, 'signature.classes')
  if (named?.length === 0) broken('signature.classes', 'a list of classes', named)
  return {
    columns: checked,
    task: of,
    target: text(target, 'signature.target'),
    classes: named,
    ...checkNotation(others),
  }
}

/** How cells are written, where the signature says anything of it. */
function checkNotation(found: Readonly<Record<string, unknown>>): Partial<Signature> {
  const { missing, decimal, thousands, units, dateFormat, trueValues, falseValues } = found
  const texts = (name: string, list: unknown) =>
    list === undefined ? {} : { [name]: differentTexts(list, `signature.${name}`) }
  return {
    ...texts('missing', missing),
    ...(decimal !== undefined && { decimal: oneOf<','>(decimal, 'signature.decimal', [',']) }),
    ...(thousands !== undefined && {
      thousands: oneOf(thousands, 'signature.thousands', thousandsMarks),
    }),
    ...texts('units', units),
    ...(dateFormat !== undefined && { dateFormat: checkDateFormat(dateFormat) }),
    ...texts('trueValues', trueValues),
    ...texts('falseValues', falseValues),
  }
}

function checkDateFormat(found: unknown): string | Record<string, string> {
  const where = 'signature.dateFormat'
  const formats =
    typeof found === 'string'
      ? found
      : Object.fromEntries(
          Object.entries(object(found, where)).map(([name, one]) => [name, text(one, `${where}.${name}`)]),
        )
  if (statedFormatProblem(formats) !== null) broken(where, 'a date format, or one for each column', found)
  return formats
}

function checkColumn(found: unknown, where: string): SignatureColumn {
  const { name, kind, as, categories } = object(found, where)
  const named = text(name, `${where}.name`)
  if (oneOf(kind, `${where}.kind`, ['number', 'text']) === 'text')
    return { name: named, kind: 'text', categories: differentTexts(categories, `${where}.categories`) }
  if (as === undefined) return { name: named, kind: 'number' }
  return {
    name: named,
    kind: 'number',
    as: oneOf<'boolean' | 'date'>(as, `${where}.as`, ['boolean', 'date']),
  }
}

function text(found: unknown, where: string): string {
  if (typeof found !== 'string') broken(where, 'a text', found ?? null)
  return found
}
