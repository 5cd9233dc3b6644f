/** The parameters of a table of trials: from the values in it, or as a sweep file has them. */
import type { FileColumn } from '../../../data/index.js'
import { EspalierError } from '../../../errors.js'
import type { ParameterJson, ParametersJson, SweepFile } from '../../../space/index.js'
import { nearestHint } from '../../../spelling.js'
import { canonicalJson, type Params, type ParamValue, textOf } from '../../../values.js'
import { findConditions } from '../conditions.js'
import { cellOf, nestedIn, unguarded } from './cells.js'

/** How the cells of a parameter's column become values; undefined where a row has none. */
export type ParamReader = (row: number) => ParamValue | undefined

/** Reads the cells by themselves. `isOwn`: the table is one that Espalier wrote. */
export function readerOf(column: FileColumn, isOwn: boolean): ParamReader {
  return (row) => {
    const cell = cellOf(column, row)
    if (typeof cell !== 'string' || !isOwn) return cell
    return nestedIn(cell) ?? unguarded(cell)
  }
}

/** Reads the cells as values of a parameter of a sweep file, which knows a number from a text. */
export function readerIn(
  column: FileColumn,
  { space }: SweepFile,
  name: string,
  isOwn: boolean,
): ParamReader {
  const parameter = space.parameters.find((one) => one.name === name)!
  const plain = readerOf(column, isOwn)
  if (parameter.type === 'float' || parameter.type === 'int') return plain
  const values = parameter.type === 'constant' ? [parameter.value] : parameter.values
  const byText = new Map(
    values.flatMap((value) => [
      [textOf(value), value],
      [textOf(value).toLowerCase(), value],
    ]),
  )
  return (row) => {
    const cell = plain(row)
    if (cell === undefined) return undefined
    const text = textOf(cell)
    return byText.get(text) ?? byText.get(text.toLowerCase()) ?? cell
  }
}

/** @throws EspalierError USAGE where the table and the file do not have the same parameters. */
export function checkNames(names: readonly string[], { space }: SweepFile): void {
  const known = space.parameters.map(({ name }) => name)
  for (const name of names)
    if (!known.includes(name))
      throw new EspalierError(
        'USAGE',
        `the parameters of a table are those of --space (it has no "${name}")${nearestHint(name, known, 'it has')}`,
      )
  const missing = space.parameters.filter(({ name, type }) => type !== 'constant' && !names.includes(name))
  if (missing.length > 0)
    throw new EspalierError(
      'USAGE',
      `the parameters of a table are those of --space (no column is named for ${missing.map(({ name }) => name).join(', ')}); name them all in --params`,
    )
}

export interface InferredSpace {
  readonly parameters: ParametersJson
  /** What was made up, in sentences. */
  readonly notes: readonly string[]
}

/** A space that the values leave room for: numbers from the least to the greatest, and everything else by what there is. */
export function inferredSpace(names: readonly string[], trials: readonly Params[]): InferredSpace {
  const written = new Map(names.map((name) => [name, inferred(name, trials)]))
  const empty = [...written].filter(([, entry]) => entry === null).map(([name]) => name)
  if (empty.length > 0)
    throw new EspalierError(
      'DATA_INVALID',
      `a parameter has a value in some trial, and these columns are empty: ${empty.join(', ')}; leave them out of --params`,
    )
  const entries = written as Map<string, ParameterJson & object>
  const parents = [...entries].flatMap(([name, { type }]) =>
    type === 'categorical' || type === 'int' ? [name] : [],
  )
  const notes: string[] = [
    `the space is made up from the values: ${[...entries].map(([name, entry]) => `${name} ${inWords(entry)}`).join('; ')} (--space FILE says it better)`,
  ]
  for (const [name, condition] of findConditions(names, trials, parents)) {
    const having = trials.filter((params) => Object.hasOwn(params, name)).length
    const of = `${name} is in ${having} of ${trials.length} trials`
    if (condition === null) {
      notes.push(`${of}, and no parameter says which: it is recorded as one that always exists`)
      continue
    }
    entries.set(name, { ...entries.get(name)!, when: condition })
    const words = Object.entries(condition).map(
      ([parent, values]) => `${parent} is ${values.map((value) => JSON.stringify(value)).join(' or ')}`,
    )
    notes.push(`${of}, those in which ${words.join(' and ')}: that is recorded as its condition ("when")`)
  }
  return { parameters: Object.fromEntries(entries) as unknown as ParametersJson, notes }
}

/** null where no trial has it. */
function inferred(name: string, trials: readonly Params[]): ParameterJson | null {
  const different = new Map<string, ParamValue>()
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  let isWhole = true
  let isNumeric = true
  for (const params of trials) {
    if (!Object.hasOwn(params, name)) continue
    const value = params[name]
    if (typeof value === 'number') {
      least = Math.min(least, value)
      most = Math.max(most, value)
      isWhole &&= Number.isSafeInteger(value)
    } else isNumeric = false
    different.set(canonicalJson(value)!, value)
  }
  const values = [...different.values()]
  if (values.length === 0) return null
  if (values.length === 1) return { type: 'constant', value: values[0] }
  if (isNumeric) return { type: isWhole ? 'int' : 'float', min: least, max: most }
  // Their order in the file is by chance.
  const sorted = [...different].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
  return { type: 'categorical', values: sorted }
}

function inWords(entry: ParameterJson & object): string {
  const { type, min, max, value, values } = entry as unknown as Record<string, ParamValue>
  if (type === 'constant') return `always ${JSON.stringify(value)}`
  if (type === 'categorical') return `one of ${(values as ParamValue[]).length} values`
  return `${type === 'int' ? 'whole numbers' : 'numbers'} ${min} … ${max}`
}
