/** Keys that stand twice in one object of a JSON text: `JSON.parse` keeps the last and says nothing. */

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g

/** An object or an array that is being read. */
interface Open {
  readonly path: string
  /** null for an array. */
  readonly keys: Set<string> | null
  /** The key or the index of what is being read in it. */
  at: string | number
}

/** The path of each key that its object has more than once, in the order of the text. The text must be valid JSON. */
export function duplicateKeys(text: string): string[] {
  const found = new Set<string>()
  const open: Open[] = []
  let before = ''
  for (const [token] of text.matchAll(tokens)) {
    const inside = open.at(-1)
    if (token === '{' || token === '[')
      open.push({ path: inside ? pathIn(inside) : '', keys: token === '{' ? new Set() : null, at: 0 })
    else if (token === '}' || token === ']') open.pop()
    else if (token === ',' && inside?.keys === null) inside.at = Number(inside.at) + 1
    else if (token === ':' && inside?.keys) {
      inside.at = JSON.parse(before) as string
      if (inside.keys.has(inside.at)) found.add(pathIn(inside))
      inside.keys.add(inside.at)
    }
    before = token
  }
  return [...found]
}

function pathIn({ path, keys, at }: Open): string {
  if (keys === null) return `${path}[${at}]`
  return path === '' ? String(at) : `${path}.${at}`
}
