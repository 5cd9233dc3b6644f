/**
 * Parameters as a file writes them → parameters the program works with, or every mistake in them.
 *
 * Three steps: the structure of each (its keys and the kinds of their values) against the definition, the laws
 * between its keys, the conditions between parameters. A mistake in one place does not hide those in others.
 */
import type { Problem } from '../errors.js'
import { isJsonObject } from '../values.js'
import type { Checkable } from './check.js'
import { sweepFileDefinition } from './definition.js'
import { codecOf, conditionsOf } from './derive.js'
import { frozenValue, isScalar, type Json } from './json.js'
import { checkLaws } from './laws.js'
import { structuralProblems } from './structure.js'
import { nearest } from './synonyms.js'
import type { Condition, Parameter } from './types.js'
import { checkReachable, checkWhen } from './when.js'
import { describeValues, hint, pathOf, show, showList, suggestValue, unusableProblem } from './wording.js'

type ParameterType = Parameter['type']
const types: readonly ParameterType[] = ['float', 'int', 'categorical', 'ordinal', 'constant']

export interface ReadParameters {
  /** In the order of the file; those with mistakes are missing. */
  readonly parameters: readonly Parameter[]
  readonly problems: readonly Problem[]
  /** For checking params against what could be read; of a space with mistakes, only a part is known. */
  readonly checkable: Checkable
}

export function readParameters(json: unknown): ReadParameters {
  const unusable = unusableProblem(json, 'parameters')
  if (unusable !== null) {
    const checkable = { parameters: [], codecs: [], conditions: [] }
    return { parameters: [], problems: [unusable], checkable }
  }
  const problems: Problem[] = []
  const parameters: Parameter[] = []
  const entries = isJsonObject(json) ? Object.entries(json) : []
  if (!isJsonObject(json)) {
    const message = `"parameters" must be an object in curly brackets, a name and what it can be for each (got ${show(json)})`
    problems.push({ path: 'parameters', message })
  } else if (entries.length === 0) {
    const message = '"parameters" must have at least one parameter (got none); there is nothing to search'
    problems.push({ path: 'parameters', message })
  }
  for (const [name, entry] of entries) {
    const found = readParameter(name, entry)
    problems.push(...found.problems)
    if (found.parameter) parameters.push(found.parameter)
  }

  const codecs = parameters.map(codecOf)
  const when = checkWhen(new Map(entries), parameters, codecs)
  // Conditions with a mistake are left aside, so that what the others lead to is told in the same go.
  const sound = parameters.map((parameter) => ({
    ...parameter,
    when: parameter.when.filter(({ parent }) => when.isSound(parameter.name, parent)),
  }))
  const conditions = conditionsOf(sound, codecs)
  problems.push(...when.problems, ...checkReachable(sound, conditions))
  const read = new Set(parameters.map(({ name }) => name))
  const broken = entries.map(([name]) => name).filter((name) => !read.has(name))
  return { parameters, problems, checkable: { parameters, codecs, conditions, broken } }
}

function readParameter(name: string, entry: unknown): { parameter?: Parameter; problems: Problem[] } {
  const at = ['parameters', name]
  const path = pathOf(...at)
  if (name === '')
    return { problems: [{ path, message: 'a parameter must have a usable name (got an empty text)' }] }
  if (!isJsonObject(entry)) {
    if (isScalar(entry)) return { parameter: constant(name, { value: entry }), problems: [] }
    if (typeof entry === 'number') {
      const message = `a fixed value must be a finite number (got ${show(entry)}); JSON beyond 1.8e308, like 1e999, is not`
      return { problems: [{ path, message }] }
    }
    const remedy = Array.isArray(entry)
      ? `; write {"type": "categorical", "values": ${show(entry)}}, or {"type": "constant", "value": ${show(entry)}}`
      : ''
    const message = `a parameter must be a fixed value or an object with a "type" (got ${show(entry)})${remedy}`
    return { problems: [{ path, message }] }
  }

  const problems: Problem[] = []
  const known = types.find((type) => type === entry.type)
  const type = known ?? likelyType(entry)
  // Where the key itself is misspelt, that is the mistake, and told as one of structure.
  if (known === undefined && !(type !== undefined && misspeltType(entry) !== undefined)) {
    const message =
      entry.type === undefined
        ? `"type" is required: ${showList(types)}`
        : `"type" must be ${showList(types)} (got ${show(entry.type)})${hint(entry.type, types, 'choose from')}`
    problems.push({ path: pathOf(...at, 'type'), message })
  }
  if (type === undefined) return { problems }
  const schema = sweepFileDefinition().parameterTypes[type]
  const structure = structuralProblems(schema, { ...entry, type }, at, (inside) =>
    inside.length === 0 ? schema : undefined,
  )
  problems.push(...structure.problems)

  // The laws look only at keys whose own value is right.
  const right = Object.fromEntries(Object.entries(entry).filter(([key]) => !structure.keys.has(key)))
  const lawful = checkLaws(type, right, at)
  problems.push(...lawful)
  if (problems.length > 0) return { problems }

  const parameter = makeParameter(name, type, right)
  if (parameter.default === undefined) return { parameter, problems }
  const own = codecOf(parameter).own(parameter.default)
  if (own === undefined) {
    const message = `"default" must be ${describeValues(parameter)} (got ${show(right.default)})${suggestValue(parameter, right.default)}`
    return { problems: [{ path: pathOf(...at, 'default'), message }] }
  }
  return { parameter: { ...parameter, default: own } as Parameter, problems }
}

/** The type that was probably meant, so that the other keys can be checked in the same go. */
function likelyType(entry: Json): ParameterType | undefined {
  const named = entry.type ?? entry[misspeltType(entry) ?? 'type']
  if (typeof named === 'string') {
    const meant = nearest(named, types)
    return types.find((type) => type === meant)
  }
  if ('values' in entry) return 'categorical'
  if ('value' in entry) return 'constant'
  return 'min' in entry || 'max' in entry ? 'float' : undefined
}

/** The key that stands where "type" should. */
function misspeltType(entry: Json): string | undefined {
  return 'type' in entry ? undefined : Object.keys(entry).find((key) => nearest(key, ['type']) !== null)
}

function makeParameter(name: string, type: ParameterType, entry: Json): Parameter {
  if (type === 'constant') return constant(name, entry)
  const base = {
    ...baseOf(name, entry),
    ...(entry.default === undefined ? {} : { default: frozenValue(entry.default) }),
  }
  if (type === 'categorical' || type === 'ordinal') {
    return { ...base, type, values: (entry.values as unknown[]).map(frozenValue) }
  }
  const range = {
    min: frozenValue(entry.min) as number,
    max: frozenValue(entry.max) as number,
    scale: entry.scale === 'log' ? ('log' as const) : ('linear' as const),
    grid: (entry.grid as number | undefined) ?? null,
  }
  const step = entry.step as number | undefined
  return type === 'int'
    ? { ...base, type, ...range, step: step ?? 1 }
    : { ...base, type, ...range, step: step ?? null }
}

function constant(name: string, entry: Json): Parameter {
  return { ...baseOf(name, entry), type: 'constant', value: frozenValue(entry.value) }
}

function baseOf(name: string, entry: Json) {
  const when: Condition = Object.entries((entry.when ?? {}) as Record<string, unknown[]>).map(
    ([parent, values]) => ({ parent, values: values.map(frozenValue) }),
  )
  return {
    name,
    when,
    ...(entry.description === undefined ? {} : { description: entry.description as string }),
  }
}
