/**
 * What a model gives as its state, as JSON text: refused where reading it back would give something else.
 */

/** The JSON text of a value. Throws a TypeError naming the first place where something would be lost. */
export function exactJson(value: unknown): string {
  const text = JSON.stringify(value, function check(this: unknown, key: string, found: unknown) {
    const what = lost(found, Array.isArray(this))
    if (what !== null) throw new TypeError(`it holds ${what}${key === '' ? '' : ` at "${key}"`}`)
    return found
  })
  if (text === undefined) throw new TypeError('it is undefined')
  return text
}

function lost(value: unknown, inArray: boolean): string | null {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? null : `the number ${value}, which JSON does not have`
    case 'function':
    case 'symbol':
    case 'bigint':
      return `a ${typeof value}`
    case 'undefined':
      // An entry that is undefined is one that is absent; in a list it would turn into null.
      return inArray ? 'undefined in a list' : null
    case 'object': {
      if (value === null || Array.isArray(value)) return null
      if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}; use Array.from`
      if (value instanceof Map || value instanceof Set) return `a ${value.constructor.name}`
      return null
    }
    default:
      return null
  }
}
