/**
 * The arguments of a program: what is written in the sweep file, with `{name}` where a trial's own values go.
 *
 * `{name}` is a parameter, whatever its name is made of; where no parameter has that name, `{params}` is the path of
 * a JSON file with all of them, `{trial}` the trial's number, `{seed}` its seed, `{directory}` a folder of its own,
 * `{seat}` the seat it runs at, `{device}` the ids of its devices between commas and `{checkpoint}` a folder that
 * outlives interruptions; `{device}` is empty where nobody has dealt out devices. `${args}` and the like are in macros.ts.
 * `{{name}}` stands for the text `{name}`. Braces around something else are left as they are, so that JSON and awk
 * need no escapes, unless a name was meant: where it is a single word, where it is nearly a parameter's name, and
 * where it is all of an argument (or all of it behind the equals sign of an option) and words.
 */
import type { Problem } from '../../errors.js'
import { nearestHint, nearestName } from '../../spelling.js'
import { type Params, textOf } from '../../values.js'
import { environmentName } from './environment.js'
import { expandMacro, macroProblem } from './macros.js'

/** What can stand in braces beside the parameters. */
const own = ['params', 'trial', 'seed', 'directory', 'seat', 'device', 'checkpoint'] as const

export type OwnValues = Readonly<Record<(typeof own)[number], string>>

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }
  /** A name was meant, and there is none like it. */
  | { readonly kind: 'unknown'; readonly name: string }

const word = /\{([\p{L}_][\p{L}\p{N}_.-]*)\}/uy
/** No code, no JSON: nothing that brackets, quotes or punctuation belong to. */
const words = /^[^{}]*[\p{L}_][^{}]*$/u
const codeLike = /["$;,=<>*&|\\()]/
const inBraces = /\{([^{}]+)\}/y

/** What an argument is made of; `parameters` are the names that a value may have. */
function piecesOf(argument: string, parameters: readonly string[]): Piece[] {
  // The longest first: a name may end with a brace itself.
  const names = [...parameters, ...own].sort((a, b) => b.length - a.length)
  const pieces: Piece[] = []
  let text = ''
  for (let at = 0; at < argument.length; ) {
    const opened = argument[at] === '{'
    const name = opened ? names.find((one) => argument.startsWith(`{${one}}`, at)) : undefined
    const escaped = opened && name === undefined ? escapedAt(argument, at, names) : null
    const unknown = opened && name === undefined && escaped === null ? unknownAt(argument, at, names) : null
    if (escaped !== null) {
      text += `{${escaped}}`
      at += escaped.length + 4
    } else if (name !== undefined || unknown !== null) {
      if (text !== '') pieces.push({ kind: 'text', text })
      text = ''
      pieces.push(name !== undefined ? { kind: 'name', name } : { kind: 'unknown', name: unknown! })
      at += (name ?? unknown!).length + 2
    } else text += argument[at++]
  }
  if (text !== '') pieces.push({ kind: 'text', text })
  return pieces
}

/** What stands in double braces where single ones would be a value or a mistake. */
function escapedAt(argument: string, at: number, names: readonly string[]): string | null {
  if (argument[at + 1] !== '{') return null
  const inside =
    names.find((one) => argument.startsWith(`{${one}}`, at + 1)) ?? unknownAt(argument, at + 1, names, true)
  return inside !== null && argument[at + inside.length + 3] === '}' ? inside : null
}

/** What stands in braces and was meant as a name. */
function unknownAt(argument: string, at: number, names: readonly string[], escaped = false): string | null {
  word.lastIndex = at
  const single = word.exec(argument)
  if (single !== null) return single[1]
  inBraces.lastIndex = at
  const inside = inBraces.exec(argument)?.[1]
  if (inside === undefined) return null
  if (inside.includes('"')) return null
  if (nearestName(inside.trim(), names) !== null) return inside
  const before = argument.slice(0, escaped ? at - 1 : at)
  const behind = argument.slice(at + inside.length + (escaped ? 3 : 2))
  const whole = behind === '' && (before === '' || /^-[^={}]*=$/.test(before))
  return whole && words.test(inside) && !codeLike.test(inside) ? inside : null
}

/** The names in braces, in their order, whether there is such a parameter or not. */
export function placeholdersIn(argument: string, parameters: readonly string[] = []): string[] {
  return piecesOf(argument, parameters).flatMap((piece) => (piece.kind === 'text' ? [] : [piece.name]))
}

/** The argument that stands for this text, in a space with these parameters: braces that would be taken for placeholders are doubled. */
export function escapedArgument(text: string, parameters: readonly string[]): string {
  const doubled = (which: (name: string) => boolean) =>
    text.replaceAll(/\{([^{}]+)\}/g, (written, name: string) => (which(name) ? `{${written}}` : written))
  const named = placeholdersIn(text, parameters)
  const stands = (argument: string) =>
    piecesOf(argument, parameters).every((piece) => piece.kind === 'text') &&
    piecesOf(argument, parameters)
      .map((piece) => (piece.kind === 'text' ? piece.text : ''))
      .join('') === text
  return [text, doubled((name) => named.includes(name)), doubled(() => true)].find(stands) ?? text
}

/** Whether a command is told its devices: `{device}`, where no parameter has that name. */
export function namesDevices(command: readonly string[], parameters: readonly string[]): boolean {
  return (
    !parameters.includes('device') &&
    command.some((argument) => placeholdersIn(argument, parameters).includes('device'))
  )
}

/** What of a command names nothing, in a space with these parameters. */
export function placeholderProblems(command: readonly string[], parameters: readonly string[]): Problem[] {
  const problems: Problem[] = []
  command.forEach((argument, i) => {
    const path = `trainer.command[${i}]`
    const found = piecesOf(argument, parameters).filter(({ kind }) => kind !== 'text')
    if (i === 0 && found.length > 0) {
      const message = `the program is the same for every trial, so its name has no placeholder (got "${argument}"); start a shell or an interpreter that chooses`
      problems.push({ path, message })
    }
    const macro = i === 0 ? null : macroProblem(argument, parameters)
    if (macro !== null) problems.push({ path, message: macro })
    if (i === 0 || macro !== null || expandMacro(argument, {}, '', parameters) !== null) return
    problems.push(...unknownIn(argument, parameters).map((message) => ({ path, message })))
  })
  return problems
}

/** In words, each name in braces that there is none of. */
export function unknownIn(argument: string, parameters: readonly string[]): string[] {
  return piecesOf(argument, parameters).flatMap((piece) => {
    if (piece.kind !== 'unknown') return []
    const { name } = piece
    const hint = nearestHint(name.trim(), [...parameters, ...own], 'there are')
    return [`{${name}} must be a parameter of the sweep${hint} (for the text itself write {{${name}}})`]
  })
}

/** Two parameters cannot be told to a program by one environment variable. */
export function sharedVariables(parameters: readonly string[]): Problem[] {
  const first = new Map<string, string>()
  return parameters.flatMap((parameter) => {
    const variable = environmentName(parameter)
    const other = first.get(variable)
    if (other === undefined) {
      first.set(variable, parameter)
      return []
    }
    const message = `each parameter is told to a program by an environment variable of its own, and ${variable} would be both "${other}" and "${parameter}"; rename one of them`
    return [{ path: `parameters.${parameter}`, message }]
  })
}

/**
 * The arguments for one trial. One with a parameter that is inactive in this trial is left out; where it is nothing
 * but that placeholder, the option before it (`--momentum`) goes with it.
 * @param parameters names of all of them, active or not.
 */
export function fillArguments(
  command: readonly string[],
  params: Params,
  values: OwnValues,
  parameters: readonly string[] = Object.keys(params),
): string[] {
  const filled: string[] = []
  command.forEach((argument, i) => {
    const all = i === 0 ? null : expandMacro(argument, params, values.params, parameters)
    if (all !== null) {
      filled.push(...all)
      return
    }
    const pieces = piecesOf(argument, parameters)
    const inactive = pieces.some(
      (piece) =>
        piece.kind !== 'text' && !Object.hasOwn(params, piece.name) && !isOwn(piece.name, parameters),
    )
    if (inactive) {
      if (pieces.length === 1 && i > 1 && isOption(command[i - 1], parameters)) filled.pop()
      return
    }
    filled.push(
      pieces
        .map((piece) => {
          if (piece.kind === 'text') return piece.text
          const { name } = piece
          return Object.hasOwn(params, name) ? textOf(params[name]) : values[name as keyof OwnValues]
        })
        .join(''),
    )
  })
  return filled
}

/** Whether a name that no parameter has is one of Espalier's own. */
function isOwn(name: string, parameters: readonly string[]): boolean {
  return own.includes(name as keyof OwnValues) && !parameters.includes(name)
}

function isOption(argument: string, parameters: readonly string[]): boolean {
  return (
    /^-+[^-=]/.test(argument) && !argument.includes('=') && placeholdersIn(argument, parameters).length === 0
  )
}
