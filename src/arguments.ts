/**
 * What a program passes to the library, checked at the border: a misspelt option that nobody reads would otherwise
 * change a result in silence. Open to all rooms.
 */
import { EspalierError, type Problem } from './errors.js'
import { nearestHint } from './spelling.js'
import { isJsonObject } from './values.js'

/** What one option must be. `undefined` is always allowed: it means that the option is not given. */
export interface Rule {
  /** `a whole number of at least 1`. */
  readonly law: string
  keeps(value: unknown): boolean
}

/** One rule for each option that there is, so that the compiler misses none. */
export type Rules<T> = { readonly [K in keyof Required<T>]: Rule }

export const anything: Rule = { law: 'anything', keeps: () => true }
export const text: Rule = {
  law: 'a text that is not empty',
  keeps: (value) => typeof value === 'string' && value.trim() !== '',
}
export const textOrTexts: Rule = {
  law: 'a text that is not empty, or a list of such texts',
  keeps: (value) =>
    text.keeps(value) || (Array.isArray(value) && value.length > 0 && value.every(text.keeps)),
}
export const truth: Rule = { law: 'true or false', keeps: (value) => typeof value === 'boolean' }
export const callback: Rule = { law: 'a function', keeps: (value) => typeof value === 'function' }
export const abortSignal: Rule = {
  law: 'an AbortSignal',
  keeps: (value) => value instanceof AbortSignal,
}
export const milliseconds: Rule = {
  law: 'a time in milliseconds, above 0',
  keeps: (value) => typeof value === 'number' && value > 0,
}

export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): Rule {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  return {
    law: `a whole number ${range}`,
    keeps: (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  }
}

export function oneOf(...values: readonly string[]): Rule {
  return {
    law: `one of ${values.join(', ')}`,
    keeps: (value) => values.includes(value as string),
  }
}

/**
 * Throws USAGE with every option that breaks its rule or that there is not.
 * @param what whose options they are, as in "the options of a sweep".
 */
export function checkOptions<T extends object>(
  what: string,
  given: unknown,
  rules: Rules<T>,
): asserts given is T {
  const law = `the options of ${what} must`
  if (!isJsonObject(given)) {
    throw new EspalierError('USAGE', `${law} be an object (got ${show(given)}); write { name: value }`)
  }
  const names = Object.keys(rules)
  const problems: Problem[] = []
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    if (!Object.hasOwn(rules, name)) {
      problems.push({ path: name, message: `is no option${nearestHint(name, names, 'there are')}` })
      continue
    }
    const rule = rules[name as keyof T]
    if (!rule.keeps(value)) problems.push({ path: name, message: `must be ${rule.law} (got ${show(value)})` })
  }
  if (problems.length === 0) return
  const all = problems.map(({ path, message }) => `"${path}" ${message}`).join('; ')
  throw new EspalierError('USAGE', `${law} keep their rules: ${all}`, { problems })
}

/** Throws USAGE where a value breaks its rule. `name` is what it is called: `the id of a run`. */
export function checkArgument(name: string, value: unknown, rule: Rule): void {
  if (rule.keeps(value)) return
  throw new EspalierError('USAGE', `${name} must be ${rule.law} (got ${show(value)})`)
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'function') return 'a function'
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value)).slice(0, 80)
}
