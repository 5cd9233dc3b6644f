/**
 * YAML 1.2: `no` and `on` are texts, 2026-01-31 is a text, 010 is ten, 1e-5 is a number. Of what YAML has beyond JSON,
 * anchors with aliases and merge keys (`<<`) are read; tags, keys that are no texts and a second document are refused.
 */
import type { CST } from 'yaml'
import { deepestJson, type JsonValue } from '../values.js'
import { type Place, type ReadText, TextMistake, type Written, writtenKey } from './read-text.js'

/** How many nodes the aliases of a file may stand for: more is a file made to exhaust memory. */
const mostAliased = 10_000

const language = { version: '1.2', schema: 'core', merge: true, stringKeys: true, uniqueKeys: true } as const

/** Throws TextMistake for the first mistake. */
export async function readYamlText(text: string): Promise<ReadText> {
  const { Composer, LineCounter, Parser } = await import('yaml')
  const lines = new LineCounter()
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const tokens = [...new Parser(lines.addNewLine).parse(text)]
  refuseDepth(tokens, placeAt)
  const composer = new Composer(language)
  const [document, second] = [...composer.compose(tokens, true, text.length)]
  if (second) {
    throw new TextMistake('a file is one document (found a second one)', placeAt(second.range[0]))
  }
  const isRepeated = (code: string) => code === 'DUPLICATE_KEY'
  const [mistake] = [...document.errors, ...document.warnings].filter(({ code }) => !isRepeated(code))
  if (mistake) {
    const tag = /^Unresolved tag: (.*)$/s.exec(mistake.message)?.[1]
    const message = tag === undefined ? mistake.message : `a value has no tag (found ${tag})`
    throw new TextMistake(message, placeAt(mistake.pos[0]))
  }
  const repeated = document.errors.map(({ pos }) => {
    const key = /^[^\s:,}\]]+/.exec(text.slice(pos[0], pos[0] + 200))?.[0] ?? 'a key'
    return { path: key, place: placeAt(pos[0]) }
  })
  if (repeated.length > 0) return { value: null, repeated }
  try {
    return { value: document.toJS({ maxAliasCount: mostAliased }) as JsonValue, repeated }
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    const tooMany = error.message.startsWith('Excessive')
    const message = tooMany ? `aliases may stand for at most ${mostAliased} nodes in all` : error.message
    const name = /: (\S+)$/.exec(error.message)?.[1]
    throw new TextMistake(message, placeAt(tooMany ? 0 : Math.max(text.indexOf(`*${name}`), 0)))
  }
}

/** Before the tree is made of the tokens, which would need a call for each level. */
function refuseDepth(tokens: readonly CST.Token[], placeAt: (offset: number) => Place): void {
  let level: (CST.Token | null | undefined)[] = tokens.map((token) =>
    token.type === 'document' ? token.value : undefined,
  )
  for (let depth = 0; level.length > 0; depth++) {
    const inside: (CST.Token | null | undefined)[] = []
    for (const token of level) {
      if (!token || !('items' in token)) continue
      if (depth === deepestJson) {
        const message = `lists and objects may stand in one another at most ${deepestJson} levels deep`
        throw new TextMistake(message, placeAt(token.offset))
      }
      for (const { key, value } of token.items) inside.push(key, value)
    }
    level = inside
  }
}

/**
 * The plain scalars of a text that `readYamlText` takes, as they are written. What an alias or a merge key stands for is found where it
 * is used.
 */
export async function writtenInYaml(text: string): Promise<Written> {
  const { isAlias, isMap, isScalar, isSeq, parseDocument } = await import('yaml')
  const document = parseDocument(text, language)
  const written = new Map<string, string>()
  const resolved = (node: unknown) => (isAlias(node) ? node.resolve(document) : node)
  const look = (node: unknown, path: readonly (string | number)[]): void => {
    const one = resolved(node)
    if (isScalar(one)) {
      if (one.type === 'PLAIN' && one.source !== undefined) written.set(writtenKey(path), one.source)
    } else if (isSeq(one)) one.items.forEach((item, i) => void look(item, [...path, i]))
    else if (isMap(one)) {
      const isMerge = (key: unknown) => isScalar(key) && key.value === '<<'
      // What stands in the object itself goes before what is merged into it, and the first of several before the others.
      for (const { value } of one.items.filter(({ key }) => isMerge(key))) {
        const sources = resolved(value)
        for (const source of isSeq(sources) ? [...sources.items].reverse() : [sources]) look(source, path)
      }
      for (const { key, value } of one.items)
        if (!isMerge(key)) look(value, [...path, String(isScalar(key) ? key.value : key)])
    }
  }
  look(document.contents, [])
  return written
}
