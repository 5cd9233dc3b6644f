/** The first line of an option in a help: its names, what it takes, and where its description begins. */
import type { OptionType, Takes } from './types.js'

export interface Declaration {
  readonly flag: string
  readonly names: readonly string[]
  readonly off: string | null
  readonly takes: Takes
  /** Whether it is sure that it takes what it says: with absl and yargs the description says it. */
  readonly isOpen: boolean
  readonly type: OptionType | null
  readonly choices: readonly string[] | null
  /** The beginning of its description. */
  readonly says: string
}

const nameAtFirst = /^(--?(?:\[no-?\])?[A-Za-z0-9](?:[\w.-]*\w)?)/

/** null: a line that only looks like one. */
export function declarationOf(line: string, isBoxed: boolean): Declaration | null {
  const { declared, says } = divided(line, isBoxed)
  const pieces = declared.split(/\s*,\s+(?=-)|\s+\/\s+(?=-)|\/(?=-)|\s{2,}(?=-)|\s+\|\s+(?=-)/)
  const names: string[] = []
  let spec = ''
  let told: string | null = null
  for (const piece of pieces) {
    const name = nameAtFirst.exec(piece)?.[1]
    if (name === undefined) return null
    names.push(name)
    const behind = piece.slice(name.length)
    // absl: a colon ends the name, and what follows says what it is for.
    if (behind.startsWith(':')) told = behind.slice(1).trim()
    else if (behind.trim() !== '') spec = behind.trim().replace(/^=/, '')
  }
  const [first] = names
  const negated = /^--\[no(-?)\](.+)$/.exec(first)
  if (negated !== null) {
    const [, hyphen, name] = negated
    const own = { flag: `--${name}`, names: [`--${name}`], off: `--no${hyphen}${name}` }
    return { ...own, takes: 'nothing', isOpen: false, type: null, choices: null, says: told ?? says }
  }
  const flag = names.find((name) => name.startsWith('--') && !isOffOf(name, names)) ?? first
  const off = names.find((name) => isOffOf(name, names)) ?? null
  const enumerated = told === null ? null : /^<([^<>]+)>:?\s*/.exec(told)
  const taken = takenBy(told === null ? spec : (enumerated?.[0].replace(/:?\s*$/, '') ?? ''), isBoxed)
  return {
    ...{ flag, names, off },
    ...taken,
    ...(off !== null && { takes: 'nothing' as const }),
    // Without a word of what it takes it may be a flag.
    isOpen: spec === '' && off === null && (told !== null || !isBoxed),
    ...(told !== null && { takes: 'one' as const }),
    says: told === null ? says : `${told.slice(enumerated?.[0].length ?? 0)} ${says}`.trim(),
  }
}

function isOffOf(name: string, names: readonly string[]): boolean {
  const on = /^--no-?(.+)$/.exec(name)?.[1]
  return on !== undefined && names.some((other) => other === `--${on}`)
}

/** Columns are two blanks apart; in a table names and what is taken have columns of their own. */
function divided(line: string, isBoxed: boolean): { declared: string; says: string } {
  const cells = line.split(/\s{2,}/)
  let count = 1
  while (count < cells.length && cells[count].startsWith('-')) count++
  if (isBoxed && count < cells.length && isTaken(cells[count])) {
    const declared = `${cells.slice(0, count).join(', ')} ${cells[count]}`
    return { declared, says: cells.slice(count + 1).join(' ') }
  }
  return { declared: cells.slice(0, count).join(', '), says: cells.slice(count).join(' ') }
}

/** Whether a cell says what an option takes: `FLOAT`, `<int range>`, `[sgd|adam]`, `INTEGER RANGE [1<=x<=10]`. */
function isTaken(cell: string): boolean {
  return /^([A-Z][A-Z0-9_]+( RANGE)?|<[^<>]+>|\[[^[\]]*\|[^[\]]*\])(\.\.\.)?( \[[^[\]]*[<>][^[\]]*\])?$/.test(
    cell,
  )
}

const typeWords: readonly (readonly [RegExp, OptionType])[] = [
  [/^(int|integer|uint|long|number of .*|count)( range)?$/i, 'int'],
  [/^(float|double|real|decimal)( range)?$/i, 'float'],
  [/^(number|num)$/i, 'number'],
  [/^(bool|boolean)$/i, 'bool'],
  [/^(path|file|filename)$/i, 'path'],
  [/^(dir|directory|folder)$/i, 'folder'],
  [/^(str|string|text)$/i, 'text'],
]

export function typeOfWord(word: string): OptionType | null {
  return typeWords.find(([pattern]) => pattern.test(word.trim()))?.[1] ?? null
}

function takenBy(
  written: string,
  isBoxed: boolean,
): { takes: Takes; type: OptionType | null; choices: readonly string[] | null } {
  const none = { takes: 'nothing' as const, type: null, choices: null }
  // Bounds are read with the description.
  const spec = written.replace(/\s*\[[^[\]]*[<>]=?[^[\]]*\]$/, '').trim()
  if (spec === '') return none
  const isSeveral = /\.\.\.|,\.{3}|\*$/.test(spec)
  const inside = /^[[<({=]*([^{}[\]<>()]+)[\]>)}]*$/.exec(spec)?.[1]
  if (inside !== undefined && (spec.startsWith('{') || /\S[|,]/.test(inside))) {
    const values = inside.split(/[|,]/).map((one) => one.trim())
    return { takes: isSeveral ? 'several' : 'one', type: null, choices: values }
  }
  const words = spec
    .replace(/ RANGE\b| range\b/, '')
    .split(/\s+/)
    .filter((word) => word !== '')
  if (isSeveral || words.length > 1) return { takes: 'several', type: null, choices: null }
  const word = words[0].replace(/^[[<{=]+|[\]>}]+$/g, '')
  const type = typeOfWord(word)
  // The flags of typer say that they are true or false.
  if (isBoxed && type === 'bool' && words[0].startsWith('<')) return none
  return { takes: 'one', type, choices: null }
}
