/**
 * The structural half of validation: a value against its entry in the definition, every mistake told in our words.
 *
 * zod finds what is wrong and where; its messages do not say the remedy, so they are not shown.
 */
import type * as Zod from 'zod'
import type { Problem } from '../errors.js'
import { nearest } from './synonyms.js'
import { hint, pathOf, show, showList } from './wording.js'

type Segments = readonly (string | number)[]

/**
 * The mistakes of `input` against `schema`. `at` is its path; `sectionOf` gives the object schema that holds the
 * keys at a path inside, for the list of its keys and their descriptions.
 */
export function structuralProblems(
  schema: Zod.ZodType,
  input: unknown,
  at: Segments,
  sectionOf: (path: Segments) => Zod.ZodObject | undefined,
): { readonly problems: Problem[]; readonly keys: ReadonlySet<string> } {
  const problems: Problem[] = []
  /** First segments of the paths with a mistake. */
  const keys = new Set<string>()
  /** Paths of keys that are there under a wrong name: that they are missing is no mistake of its own. */
  const misspelt = new Set<string>()
  const missing: Problem[] = []
  const result = schema.safeParse(input)
  for (const issue of result.success ? [] : result.error.issues) {
    const inside = issue.path as Segments
    if (issue.code === 'unrecognized_keys') {
      const known = Object.keys(sectionOf(inside)?.shape ?? {})
      for (const key of issue.keys) {
        misspelt.add(pathOf(...at, ...inside, nearest(key, known) ?? ''))
        const message = `there is no key ${show(key)} here${hint(key, known, 'the keys are')}`
        problems.push({ path: pathOf(...at, ...inside, key), message })
      }
      continue
    }
    if (typeof inside[0] === 'string') keys.add(inside[0])
    const found = valueAt(input, inside)
    const name = [...inside].reverse().find((segment) => typeof segment === 'string')
    const position = typeof inside[inside.length - 1] === 'number' ? 'every entry of ' : ''
    const subject = name === undefined ? 'this' : `${position}${show(name)}`
    if (found === undefined && typeof name === 'string') {
      const described = sectionOf(inside.slice(0, -1))?.shape[name]?.description
      const message = `${subject} is required${described === undefined ? '' : ` (${lowerFirst(described)})`}`
      missing.push({ path: pathOf(...at, ...inside), message })
    } else {
      problems.push({ path: pathOf(...at, ...inside), message: `${subject} ${explain(issue, found)}` })
    }
  }
  problems.unshift(...missing.filter(({ path }) => !misspelt.has(path)))
  return { problems, keys }
}

/** `must be a number (got "5"); write 5 without quotes`. */
function explain(issue: Zod.core.$ZodIssue, found: unknown): string {
  const got = `(got ${show(found)})`
  switch (issue.code) {
    case 'invalid_type': {
      const numeric = issue.expected === 'number' || issue.expected === 'int'
      if (numeric && typeof found === 'number' && !Number.isFinite(found)) return notFinite(got)
      return `${mustBe(issue.expected)} ${got}${unquoted(issue.expected, found)}`
    }
    case 'invalid_value':
      return `must be ${showList(issue.values)} ${got}${hint(found, issue.values.map(String), 'choose from')}`
    case 'too_small':
      if (issue.origin === 'array') return `must not be empty ${got}`
      if (issue.origin === 'string') return `must not be an empty text ${got}`
      return `must be ${issue.inclusive ? 'at least' : 'greater than'} ${issue.minimum} ${got}`
    case 'too_big':
      return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum} ${got}`
    case 'invalid_union':
      return typeof found === 'number' ? notFinite(got) : `${mustBe('value')} ${got}`
    default:
      return `${lowerFirst(issue.message)} ${got}`
  }
}

function notFinite(got: string): string {
  return `must be a finite number ${got}; numbers end at 1.8e308, and JSON beyond that, like 1e999, reads as Infinity`
}

function mustBe(expected: string): string {
  const kinds: Readonly<Record<string, string>> = {
    number: 'a number',
    int: 'a whole number',
    string: 'a text in quotes',
    boolean: 'true or false',
    array: 'a list in square brackets',
    object: 'an object in curly brackets',
    record: 'an object in curly brackets',
    value: 'a text, a number, true, false, null, a list or an object',
  }
  return `must be ${kinds[expected] ?? expected}`
}

/** What to do about a number or a truth value in quotes, or a lone value where a list belongs. */
function unquoted(expected: string, found: unknown): string {
  if (expected === 'array' && (typeof found !== 'object' || found === null)) return `; write [${show(found)}]`
  if (found === null) return '; leave it out instead'
  if (typeof found !== 'string' || found.trim() === '') return ''
  if ((expected === 'number' || expected === 'int') && Number.isFinite(Number(found))) {
    return `; write ${Number(found)} without quotes`
  }
  if (expected !== 'boolean') return ''
  if (/^(true|false)$/i.test(found)) return `; write ${found.toLowerCase()} without quotes`
  // Truth values of older YAML, and of people.
  const meant = /^(yes|on)$/i.test(found) ? 'true' : /^(no|off)$/i.test(found) ? 'false' : null
  return meant === null ? '' : `; write ${meant}`
}

function valueAt(input: unknown, path: Segments): unknown {
  let value = input
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = (value as Record<string | number, unknown>)[segment]
  }
  return value
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '')
}
