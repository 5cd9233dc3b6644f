/** The help of a Hydra application: its configuration as YAML, whose keys are given as `optimizer.lr=0.1`. */
import { isMap, isScalar, type Node, parseDocument } from 'yaml'
import type { ScriptHelp, ScriptOption } from './types.js'

export function isHydra(text: string): boolean {
  return /^== Config ==\s*$/m.test(text)
}

export function readHydra(text: string): ScriptHelp {
  return {
    style: 'overrides',
    options: keysOf(parseDocument(sectionOf(text, 'Config')).contents, ''),
    positionals: [],
    commands: [],
    groups: groupsOf(sectionOf(text, 'Configuration groups')),
  }
}

/** What stands under a title, from the first blank line behind its sentence to the next title or the last lines of the help. */
function sectionOf(text: string, title: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd())
  const at = lines.indexOf(`== ${title} ==`)
  if (at < 0) return ''
  const begin = lines.indexOf('', at) + 1
  const length = lines.slice(begin).findIndex((line) => /^== .* ==$|^Powered by Hydra\b/.test(line))
  return lines.slice(begin, length < 0 ? undefined : begin + length).join('\n')
}

function groupsOf(section: string): Record<string, string[]> {
  const groups = section.split('\n').flatMap((line) => {
    const [, name, options] = /^([\w/@.-]+):\s*(.+)$/.exec(line) ?? []
    return name === undefined ? [] : [[name, options.split(/,\s*/)] as const]
  })
  return Object.fromEntries(groups.filter(([, options]) => options.length > 1))
}

function keysOf(node: unknown, before: string): ScriptOption[] {
  if (!isMap(node)) return []
  return node.items.flatMap(({ key, value }): ScriptOption[] => {
    const name = `${before}${isScalar(key) ? String(key.value) : ''}`
    // What else keys are made of would have to be quoted.
    if (!/^[\w.-]+$/.test(name)) return []
    if (isMap(value)) return keysOf(value, `${name}.`)
    return [optionOf(name, value as Node | null)]
  })
}

function optionOf(name: string, node: Node | null): ScriptOption {
  const value = isScalar(node) ? node.value : undefined
  const written = value === null ? 'null' : isScalar(node) ? (node.source ?? String(node.value)) : null
  return {
    ...{ flag: name, names: [name], off: null, choices: null, min: null, max: null, above: false, says: '' },
    takes: isScalar(node) || node === null ? 'one' : 'several',
    type: typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'text' : null,
    default: value === undefined || value === '???' ? null : written,
    required: value === '???',
    source: null,
  }
}
