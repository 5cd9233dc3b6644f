/**
 * Arguments that stand for all active parameters at once, as sweeps of W&B write them: an argument that is exactly `${args}`
 * becomes one argument a parameter, in the order of the space. Names pass as they are, whatever they are made of. Numbers are as
 * JSON writes them, truth values `true` and `false`, lists and objects JSON.
 */
import { nearestHint } from '../../spelling.js'
import { type Params, type ParamValue, textOf } from '../../values.js'

type Entries = readonly (readonly [name: string, value: ParamValue])[]

/** What each becomes; `file`: the JSON file with all params. */
const expansions = {
  args: (entries: Entries) => entries.map(([name, value]) => `--${name}=${textOf(value)}`),
  args_no_equals: (entries: Entries) => entries.flatMap(([name, value]) => [`--${name}`, textOf(value)]),
  args_no_hyphens: (entries: Entries) => entries.map(([name, value]) => `${name}=${textOf(value)}`),
  args_no_boolean_flags: (entries: Entries) =>
    entries.flatMap(([name, value]) => {
      if (typeof value === 'boolean') return value ? [`--${name}`] : []
      return [`--${name}=${textOf(value)}`]
    }),
  args_json: (entries: Entries) => [JSON.stringify(Object.fromEntries(entries))],
  args_json_file: (_: Entries, file: string) => [file],
} as const

type Macro = keyof typeof expansions

/** Those of W&B that have no meaning here, and what to write. */
const remedies: Readonly<Record<string, string>> = {
  env: 'leave it out: the program is found on the PATH',
  interpreter: 'write the interpreter itself, such as python3',
  program: 'write the path of the script itself, such as train.py',
  envvar:
    'leave it out: a program inherits the environment, and "environment" beside "command" sets variables of its own',
}

const whole = /^\$\{(\w+)\}$/
const meant = /\$\{(args\w*|env|interpreter|program|envvar)(?::[^{}]*)?\}/

/** The macro that an argument is; null where it is none, or a parameter of that name is meant. */
function macroOf(argument: string, parameters: readonly string[]): Macro | null {
  const name = whole.exec(argument)?.[1]
  return name !== undefined && Object.hasOwn(expansions, name) && !parameters.includes(name)
    ? (name as Macro)
    : null
}

/** What is wrong with an argument that looks like a macro; null where it is right, or none. */
export function macroProblem(argument: string, parameters: readonly string[]): string | null {
  const found = meant.exec(argument)
  if (found === null || macroOf(argument, parameters) !== null || parameters.includes(found[1])) return null
  const [written, name] = found
  // Behind another brace it is the text itself.
  if (argument[found.index + 1] === '{' && argument[found.index + 2] === '{') return null
  if (Object.hasOwn(remedies, name))
    return `${written} has no meaning here (W&B puts in what its sweep file says elsewhere); ${remedies[name]}`
  if (Object.hasOwn(expansions, name))
    return `${written} stands for several arguments, so it is an argument of its own (got ${JSON.stringify(argument)}); write it as an entry of its own in "command"`
  return `there is no ${written}${nearestHint(name, Object.keys(expansions), 'there are')}`
}

/**
 * The arguments that a macro becomes in a trial; null where the argument is none.
 * @param parameters names of all parameters in the order of the space, active or not.
 */
export function expandMacro(
  argument: string,
  params: Params,
  file: string,
  parameters: readonly string[],
): readonly string[] | null {
  const macro = macroOf(argument, parameters)
  if (macro === null) return null
  const entries = parameters
    .filter((name) => Object.hasOwn(params, name))
    .map((name) => [name, params[name]] as const)
  return expansions[macro](entries, file)
}
