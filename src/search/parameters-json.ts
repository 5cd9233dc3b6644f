/** Validated parameters written as JSON again, as `createSpace` reads it: for a space that goes to another thread. */
import type { createSpace, Parameter } from '../space/index.js'
import type { JsonObject, JsonValue } from '../values.js'

export function parametersJson(parameters: readonly Parameter[]): Parameters<typeof createSpace>[0] {
  const json: Record<string, JsonObject> = {}
  for (const parameter of parameters) {
    const { name, when } = parameter
    const entry: JsonObject = { type: parameter.type }
    const put = (key: string, value: JsonValue | undefined) => {
      if (value !== undefined && value !== null) entry[key] = value
    }
    switch (parameter.type) {
      case 'float':
      case 'int':
        put('min', parameter.min)
        put('max', parameter.max)
        put('scale', parameter.scale)
        put('step', parameter.step)
        put('grid', parameter.grid)
        break
      case 'categorical':
      case 'ordinal':
        entry.values = [...parameter.values]
        break
      case 'constant':
        entry.value = parameter.value
        break
    }
    if (parameter.default !== undefined) entry.default = parameter.default
    if (when.length > 0)
      entry.when = Object.fromEntries(when.map(({ parent, values }) => [parent, [...values]]))
    json[name] = entry
  }
  return json as unknown as Parameters<typeof createSpace>[0]
}
