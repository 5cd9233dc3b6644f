/** The reference part of docs/sweep-files.md, from the JSON Schema of a sweep file. */
import { sweepFileSchema } from '../../src/space/index.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/values.js'
import { code, madeFrom, table } from './text.js'

const asObject = (value: JsonValue | undefined): JsonObject =>
  value !== undefined && isJsonObject(value) ? value : {}
const asList = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : [])
const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')

/** What a schema allows, in a few words. */
function typeOf(schema: JsonObject, definitions: JsonObject): string {
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.split('/').at(-1)!
    const named = asObject(definitions[name])
    return isJsonObject(named.properties ?? null) ? name : typeOf(named, definitions)
  }
  if (schema.const !== undefined) return code(JSON.stringify(schema.const))
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => code(JSON.stringify(value))).join(', ')
  const options = [...asList(schema.anyOf), ...asList(schema.oneOf)]
  if (options.length > 0)
    return [...new Set(options.map((option) => typeOf(asObject(option), definitions)))].join(' or ')
  if (schema.type === 'array') return `list of ${typeOf(asObject(schema.items), definitions)}`
  if (schema.type === 'integer' || schema.type === 'number') {
    const what = schema.type === 'integer' ? 'whole number' : 'number'
    const least = schema.minimum ?? schema.exclusiveMinimum
    const most = schema.maximum ?? schema.exclusiveMaximum
    const bounded = typeof most === 'number' && Math.abs(most) < Number.MAX_SAFE_INTEGER
    const low =
      typeof least === 'number' && Math.abs(least) < Number.MAX_SAFE_INTEGER
        ? ` ${schema.minimum === undefined ? 'above' : 'from'} ${least}`
        : ''
    const high = bounded ? ` ${schema.maximum === undefined ? 'below' : 'to'} ${most}` : ''
    return `${what}${low}${high}`
  }
  if (schema.type === 'string') return 'text'
  if (schema.type === 'boolean') return '`true` or `false`'
  if (schema.type === 'object') return 'object'
  if (schema.type === 'null') return '`null`'
  return 'any JSON'
}

function keys(schema: JsonObject, definitions: JsonObject): string {
  const required = asList(schema.required)
  const rows = Object.entries(asObject(schema.properties)).map(([name, value]) => {
    const entry = asObject(value)
    const ref = typeof entry.$ref === 'string' ? asObject(definitions[entry.$ref.split('/').at(-1)!]) : {}
    const description = textOf(entry.description) || textOf(ref.description)
    return [
      `${code(name)}${required.includes(name) ? ' (required)' : ''}`,
      typeOf(entry, definitions),
      description,
    ]
  })
  return table(['key', 'takes', 'what it says'], rows)
}

/** A schema's objects with keys of their own, whether it is one or offers several. */
function objectsIn(schema: JsonObject, definitions: JsonObject): JsonObject[] {
  const referred =
    typeof schema.$ref === 'string' ? asObject(definitions[schema.$ref.split('/').at(-1)!]) : schema
  if (isJsonObject(referred.properties ?? null)) return [referred]
  return [...asList(referred.anyOf), ...asList(referred.oneOf)].flatMap((option) =>
    objectsIn(asObject(option), definitions),
  )
}

export async function sweepFileReference(): Promise<string> {
  const schema = await sweepFileSchema()
  const definitions = asObject(schema.definitions ?? schema.$defs)
  const parts = [
    `## Reference\n\n${madeFrom('the definition that also validates')}\n${keys(schema, definitions)}\n`,
  ]
  for (const [name, value] of Object.entries(asObject(schema.properties))) {
    const entry = asObject(value)
    for (const object of objectsIn(entry, definitions)) {
      const about = textOf(object.description) || textOf(entry.description)
      parts.push(`### ${code(name)}\n\n${about}\n\n${keys(object, definitions)}\n`)
    }
  }
  const parameters = asObject(asObject(schema.properties).parameters)
  for (const object of objectsIn(asObject(parameters.additionalProperties), definitions)) {
    const type = asObject(asObject(object.properties).type)
    const named = JSON.stringify(type.const ?? asList(type.enum)[0] ?? '')
    parts.push(
      `### A parameter of type ${code(named)}\n\n${textOf(object.description)}\n\n${keys(object, definitions)}\n`,
    )
  }
  return parts.join('\n')
}
