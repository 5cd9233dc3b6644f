/**
 * The words of a mistake: where it is, what was found, what would be right.
 */
import { EspalierError, type Problem } from '../errors.js'
import { canonicalJson, deepestJson, type ParamValue, textOf } from '../values.js'
import { unusable } from './json.js'
import { nearest } from './synonyms.js'
import type { Parameter } from './types.js'

/** `parameters.k.values[2]`; names that are no plain words are quoted: `parameters."learning rate"`. */
export function pathOf(...segments: readonly (string | number)[]): string {
  return segments
    .map((segment, i) => {
      if (typeof segment === 'number') return `[${segment}]`
      const name = /^[\p{L}\p{N}_$-]+$/u.test(segment) ? segment : JSON.stringify(segment)
      return i === 0 ? name : `.${name}`
    })
    .join('')
}

/** What was found, short and unmistakable: a string in quotes, a list or an object by its beginning. */
export function show(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value)
  if (value === undefined) return 'nothing'
  if (typeof value !== 'object' && typeof value !== 'string' && typeof value !== 'boolean')
    return `a ${typeof value}`
  let text: string
  try {
    text = JSON.stringify(value, (_, inner) => (isTold(inner) ? inner : `${inner}`))
  } catch {
    return Array.isArray(value) ? 'a list' : 'an object'
  }
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** What JSON.stringify tells as it is. */
function isTold(inner: unknown): boolean {
  return typeof inner === 'number' ? Number.isFinite(inner) : typeof inner !== 'bigint'
}

/** A list of values, bounded: `"gini", "entropy" or "none"`. */
export function showList(values: readonly unknown[], link: 'or' | 'and' = 'or', most = 12): string {
  const texts = values.slice(0, most).map(show)
  if (values.length > most) return `${texts.join(', ')} … (${values.length} in all)`
  return texts.length < 2
    ? texts.join('')
    : `${texts.slice(0, -1).join(', ')} ${link} ${texts[texts.length - 1]}`
}

/** How many mistakes of one kind are told with a spelling that may have been meant: the search is long among many names. */
export const mostHints = 20

/** `; did you mean "k"?`, or what there is to choose from. */
export function hint(word: unknown, known: readonly string[], what: string): string {
  if (known.length === 0) return ''
  const near = typeof word === 'string' ? nearest(word, known) : null
  return near === null ? `; ${what} ${showList(known, 'and')}` : `; did you mean ${show(near)}?`
}

/** What values a parameter takes: `a whole number from 1 to 40`. */
export function describeValues(parameter: Parameter): string {
  switch (parameter.type) {
    case 'constant':
      return show(parameter.value)
    case 'float':
      return parameter.step === null
        ? `a number from ${parameter.min} to ${parameter.max}`
        : `one of the numbers from ${parameter.min} to ${parameter.max} in steps of ${parameter.step}`
    case 'int':
      return `a whole number from ${parameter.min} to ${parameter.max}${parameter.step === 1 ? '' : ` in steps of ${parameter.step}`}`
    default:
      return parameter.values.length === 1
        ? show(parameter.values[0])
        : `one of ${showList(parameter.values)}`
  }
}

/** What to do about a value that is none of the parameter's: the nearest right one where it can be told. */
export function suggestValue(parameter: Parameter, value: unknown): string {
  if (parameter.type === 'constant') return ''
  if (parameter.type === 'categorical' || parameter.type === 'ordinal') {
    const same = parameter.values.find((one) => isMeantBy(one, value))
    if (same !== undefined)
      return `; write ${show(same)}${typeof same === 'string' ? ' in quotes' : ' without quotes'}`
    const texts = parameter.values.filter((one) => typeof one === 'string')
    const near = typeof value === 'string' ? nearest(value, texts) : null
    return near === null ? '' : `; did you mean ${show(near)}?`
  }
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) {
    return `; write ${Number(value)} without quotes`
  }
  return ''
}

/** Whether a text is another value, put into quotes, or the other way about. */
function isMeantBy(one: ParamValue, value: unknown): boolean {
  if (typeof value === 'string') return typeof one !== 'string' && textOf(one) === value.replace(/\s+/g, '')
  return typeof one === 'string' && canonicalJson(value) === one
}

/** The mistake that keeps all others from being looked for, at a path below `at`; null where there is none. */
export function unusableProblem(json: unknown, ...at: readonly string[]): Problem | null {
  const found = unusable(json)
  if (found === null) return null
  if (!found.isDeep) {
    const message = 'a name must be usable (got "__proto__", which JavaScript keeps for itself); rename it'
    return { path: pathOf(...at, ...found.path), message }
  }
  const message = `lists and objects may stand in one another at most ${deepestJson} levels deep (a circular value?)`
  return { path: pathOf(...at, ...found.path.slice(0, 5)), message }
}

/** One error for all of these mistakes; the message tells the first and how many there are. */
export function spaceError(problems: readonly Problem[]): EspalierError {
  const [{ path, message }] = problems
  const where = path === '' ? '' : ` at ${path}`
  const more = problems.length - 1
  const rest = more === 0 ? '' : ` (and ${more} more mistake${more === 1 ? '' : 's'})`
  return new EspalierError('SPACE_INVALID', `${message}${where}${rest}`, { problems })
}
