/** A sweep file with comments, as JSON (with comments: JSONC) or as YAML. */
import { isJsonObject, type JsonValue } from '../../values.js'

/** An entry of a file: a value on its own line, or entries within it. `comment`: lines that stand above it. */
export interface Entry {
  readonly key: string
  readonly comment?: readonly string[]
  readonly value?: JsonValue
  readonly entries?: readonly Entry[]
  /** A list, each of whose items has a line. */
  readonly items?: readonly JsonValue[]
  /** It is only suggested: its line is a comment. */
  readonly suggested?: boolean
}

const width = 118

/** The file, with lines at its top that say what it is. */
export function sweepText(top: readonly string[], entries: readonly Entry[], isYaml: boolean): string {
  return isYaml
    ? [...top.map((line) => `# ${line}`.trimEnd()), '', ...yamlLines(entries, '')].join('\n').concat('\n')
    : ['{', ...commented(top, '//', '  '), ...jsonLines(entries, '  '), '}'].join('\n').concat('\n')
}

function commented(lines: readonly string[], mark: string, indent: string): string[] {
  return lines
    .flatMap((line) => wrapped(onOneLine(line), width - indent.length - 3))
    .map((line) => `${indent}${mark} ${line}`.trimEnd())
}

function jsonLines(entries: readonly Entry[], indent: string): string[] {
  return entries.flatMap(({ key, comment = [], value, entries: inner, items, suggested }) => {
    const name = JSON.stringify(key)
    const body =
      inner !== undefined
        ? [`${indent}${name}: {`, ...jsonLines(inner, `${indent}  `), `${indent}},`]
        : items !== undefined
          ? [`${indent}${name}: [`, ...items.map((item) => `${indent}  ${flow(item)},`), `${indent}],`]
          : [`${indent}${name}: ${flow(value!)},`]
    const shown = suggested ? body.map((line) => `${indent}// ${line.slice(indent.length)}`) : body
    return [...commented(comment, '//', indent), ...shown]
  })
}

function yamlLines(entries: readonly Entry[], indent: string): string[] {
  return entries.flatMap(({ key, comment = [], value, entries: inner, items, suggested }) => {
    const name = /^[A-Za-z][\w.-]*$/.test(key) ? key : JSON.stringify(key)
    const body =
      inner !== undefined
        ? [`${indent}${name}:`, ...yamlLines(inner, `${indent}  `)]
        : items !== undefined
          ? [`${indent}${name}:`, ...items.map((item) => `${indent}  - ${flow(item)}`)]
          : [`${indent}${name}: ${flow(value!)}`]
    const shown = suggested ? body.map((line) => `${indent}# ${line.slice(indent.length)}`) : body
    return [...commented(comment, '#', indent), ...shown]
  })
}

/** On one line, with room to read: JSON, which is YAML too. */
function flow(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const entries = Object.entries(value).map(
    ([key, one]) => `${JSON.stringify(key)}: ${flow(one as JsonValue)}`,
  )
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

/** Names of columns and classes hold what they like, and what follows the end of a line is no comment. */
function onOneLine(line: string): string {
  return line.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
}

/** Broken between words. */
function wrapped(line: string, room: number): string[] {
  const lines: string[] = ['']
  for (const word of line.split(' ')) {
    const last = lines[lines.length - 1]
    if (last !== '' && last.length + 1 + word.length > room) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}
