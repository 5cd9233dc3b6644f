/**
 * The help of argparse, click, typer, absl, fire, tyro, commander, yargs and whoever writes like them: a list of options, each with
 * its names, what it takes and what it is for.
 *
 *     -b N, --batch-size N   rows of a step (default: 32)           argparse
 *     --layers INTEGER RANGE [default: 2; 1<=x<=10]                 click
 *     │ *  --name   -n   TEXT   [required] │                        typer: a table in a box
 *     --[no]amp: mixed precision                                    absl, with (default: 'false') on a line of its own
 *
 * Columns are two blanks apart; what is wrapped goes on further in than its option.
 */
import { declarationOf } from './declaration.js'
import { described } from './described.js'
import type { ScriptHelp, ScriptOption } from './types.js'

interface Line {
  readonly indent: number
  readonly text: string
  readonly isBoxed: boolean
  /** Marked by typer as one that must be given. */
  readonly isStarred: boolean
}

interface Block {
  readonly first: Line
  readonly rest: readonly string[]
}

/** How much further in than the leftmost option others begin: room for a short name, or a star. */
const mostIndent = 8

export function readOptionList(text: string): ScriptHelp {
  const lines = text.split('\n').map(lineOf)
  const { usage, rest } = withoutUsage(lines)
  const outside = outsideBrackets(usage)
  const options = blocksOf(rest)
    .map((block) => optionOf(block, outside))
    .filter((option): option is ScriptOption => option !== null)
  const unique = options.filter((option, i) => options.findIndex((other) => other.flag === option.flag) === i)
  return {
    style: 'options',
    options: unique,
    positionals: positionalsOf(rest, usage, outside),
    commands: commandsOf(rest, outside),
    groups: {},
  }
}

function lineOf(written: string): Line {
  const box = /^\s*[│┃|](.*?)[│┃|]\s*$/.exec(written)
  const inside = box === null ? written.trimEnd() : ` ${box[1]}`.trimEnd()
  const starred = /^(\s*)\*(\s+)(?=-|\w)/.exec(inside)
  const shown = box !== null && starred !== null ? inside.replace('*', ' ') : inside
  const text = shown.trimStart()
  return {
    indent: shown.length - text.length,
    text,
    isBoxed: box !== null,
    isStarred: box !== null && starred !== null,
  }
}

/** The usage, on one line, and what is left. It ends at a blank line, or where the options begin. */
function withoutUsage(lines: readonly Line[]): { usage: string; rest: readonly Line[] } {
  const at = lines.findIndex(({ text }) => /^usage:/i.test(text))
  if (at < 0) return { usage: '', rest: lines }
  let end = at + 1
  while (end < lines.length && lines[end].text !== '' && !/^[\w ]+:$/.test(lines[end].text)) end++
  const usage = lines.slice(at, end).map(({ text }) => text)
  return {
    usage: usage.join(' ').replace(/^usage:\s*/i, ''),
    rest: [...lines.slice(0, at), ...lines.slice(end)],
  }
}

/** What of a usage is not optional. */
function outsideBrackets(usage: string): string {
  let depth = 0
  let outside = ''
  for (const letter of usage) {
    if (letter === '[') depth++
    if (depth === 0) outside += letter
    if (letter === ']') depth = Math.max(0, depth - 1)
  }
  return outside
}

function isOption({ text }: Line): boolean {
  return /^--?(\[no-?\])?[A-Za-z0-9]/.test(text)
}

function blocksOf(lines: readonly Line[]): Block[] {
  const least = Math.min(...lines.filter(isOption).map(({ indent }) => indent))
  const blocks: { first: Line; rest: string[] }[] = []
  let open: { first: Line; rest: string[] } | null = null
  for (const line of lines) {
    if (isOption(line) && line.indent <= least + mostIndent) {
      open = { first: line, rest: [] }
      blocks.push(open)
    } else if (line.text === '' || (open !== null && line.indent <= open.first.indent)) open = null
    else open?.rest.push(line.text)
  }
  return blocks
}

function optionOf({ first, rest }: Block, outside: string): ScriptOption | null {
  const declaration = declarationOf(first.text, first.isBoxed)
  if (declaration === null) return null
  const says = [declaration.says, ...rest].join(' ').replace(/\s+/g, ' ').trim()
  const option = described(declaration, says)
  const isAsked = option.names.some((name) =>
    new RegExp(`(^|\\s)${name.replace(/[.[\]]/g, '\\$&')}(\\s|=|$)`).test(outside),
  )
  return { ...option, required: option.required || first.isStarred || isAsked }
}

/** The entries of a section: the first column of its least indented lines. */
function entriesOf(lines: readonly Line[], title: RegExp): string[] {
  const at = lines.findIndex(({ text }) => title.test(text))
  if (at < 0) return []
  const section: Line[] = []
  for (const line of lines.slice(at + 1)) {
    if (line.text === '' && section.length === 0) continue
    if (line.text === '' || (!line.isBoxed && line.indent === 0) || /^[╰╭]/.test(line.text)) break
    section.push(line)
  }
  const least = Math.min(...section.map(({ indent }) => indent))
  return section.filter(({ indent }) => indent === least).map(({ text }) => text.split(/\s{2,}/)[0])
}

const argumentsTitle = /^(positional arguments|arguments|╭─+ *(positional )?arguments *─.*):?$/i
const commandsTitle = /^(commands|subcommands|╭─+ *(sub)?commands *─.*):?$/i

/** Those that must be given: named in their section, else in the usage behind `[OPTIONS]`. */
function positionalsOf(lines: readonly Line[], usage: string, outside: string): string[] {
  const listed = entriesOf(lines, argumentsTitle)
    .map((entry) => entry.split(/\s/)[0])
    .filter((entry) => /^[\w<{]/.test(entry))
  if (listed.length > 0) {
    return listed
      .filter(
        (name) => !new RegExp(`\\[${escaped(name)}[ .\\]]`).test(usage) && !isSubcommands(name, outside),
      )
      .map(bare)
  }
  const behind = /\[options\]\s+(.*)$/i.exec(usage)?.[1]
  if (behind === undefined) return []
  return outsideBrackets(behind)
    .split(/\s+/)
    .filter((word) => /^(<.+>|\{.+\}|[A-Z][A-Z0-9_]*)(\.\.\.)?$/.test(word) && !/^(COMMAND|ARGS)/.test(word))
    .map(bare)
}

/** argparse lists them in braces with three dots behind, click in a section of their own. */
function commandsOf(lines: readonly Line[], outside: string): string[] {
  const braces = /\{([^{}]+)\}\s+\.\.\./.exec(outside)?.[1]
  if (braces !== undefined) return braces.split(',')
  if (!/\bCOMMAND\b|\[?command\]?/i.test(outside) && !lines.some(({ text }) => commandsTitle.test(text)))
    return []
  return entriesOf(lines, commandsTitle)
    .map((entry) => entry.split(/[\s|[]/)[0])
    .filter((name) => name !== '' && name !== 'help')
}

function isSubcommands(name: string, outside: string): boolean {
  return name.startsWith('{') && outside.includes(`${name} ...`)
}

function bare(name: string): string {
  return name.replace(/\.\.\.$/, '').replace(/^[<{](.*)[>}]$/, '$1')
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
