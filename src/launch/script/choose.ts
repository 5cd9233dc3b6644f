/** Which options of a script are searched, and how they are passed. */
import { environmentName } from '../../training/index.js'
import type { JsonObject, ParamValue } from '../../values.js'
import { guessOf, isOnByDefault } from './guess.js'
import { outputOf, outputOfArgument } from './outputs.js'
import { roleOf } from './roles.js'
import type { ScriptHelp, ScriptOption } from './types.js'

export interface Searched {
  /** The parameter's name: the option's without hyphens before it. */
  readonly name: string
  readonly option: ScriptOption
  readonly parameter: JsonObject
  /** Its default, where that is among what is searched. */
  readonly first: ParamValue | null
  readonly note: string | null
}

export interface Kept {
  /** The option, or an argument without a name. */
  readonly option: string
  readonly why: string
}

/** What a script is to be given and nobody knows: `value` stands for it. */
export interface Missing {
  readonly option: string | null
  readonly value: string
}

/** Where a trial's own place to write to is named. */
export interface Written {
  /** The option, or an argument without a name. */
  readonly option: string
  readonly value: string
}

export interface Choice {
  readonly searched: readonly Searched[]
  readonly kept: readonly Kept[]
  readonly missing: readonly Missing[]
  /** What each trial writes to a place of its own, which the command names. */
  readonly written: readonly Written[]
  /** What comes behind the script and the words its user typed. */
  readonly arguments: readonly string[]
}

interface Passing {
  readonly style: ScriptHelp['style']
  /** Flags can be passed: by a macro, as all else is then. */
  readonly withMacro: boolean
}

/**
 * @param typed words that its user passes in every trial.
 * @param plainWords whether it must be given `--lr 0.1`, and not `--lr=0.1`.
 */
export function choose(help: ScriptHelp, typed: readonly string[], plainWords: boolean): Choice {
  const { style, options } = help
  // The macro writes two hyphens before a name, and an equals sign behind it.
  const withMacro =
    style === 'options' &&
    !plainWords &&
    options.every(
      (option) =>
        option.takes === 'nothing' || option.flag.startsWith('--') || roleOf(option).kind !== 'searched',
    )
  const searched: Searched[] = []
  const kept: Kept[] = []
  const missing: Missing[] = []
  const written: Written[] = []
  const fixed: string[] = []
  const variables = new Set<string>()
  for (const option of options) {
    const role = roleOf(option)
    if (role.kind === 'none') continue
    if (isTyped(option, typed)) {
      kept.push({ option: option.flag, why: 'it was given' })
      continue
    }
    if (role.kind === 'seed' && option.takes === 'one') {
      fixed.push(...passed(option.flag, '{seed}', style, false))
      kept.push({ option: option.flag, why: 'each trial has a seed of its own: {seed}' })
      continue
    }
    const output = outputOf(option, style)
    if (output !== null && !('leftOut' in output)) {
      fixed.push(...passed(option.flag, output.value, style, false))
      written.push({ option: option.flag, value: output.value })
      kept.push({
        option: option.flag,
        why: `it writes, and each trial has a place of its own: ${output.value}`,
      })
      continue
    }
    const found =
      output !== null
        ? [output.leftOut, ...ownPlace(option.flag, output.value, style)].join('; ')
        : role.kind === 'searched'
          ? searchedBy(option, { style, withMacro })
          : role.kind === 'kept'
            ? role.why
            : 'it is no one value'
    const clash = typeof found !== 'string' && variables.has(environmentName(found.name))
    if (typeof found !== 'string' && !clash) {
      variables.add(environmentName(found.name))
      searched.push(found)
    } else {
      const why = typeof found === 'string' ? found : 'another option has nearly the same name'
      kept.push({ option: option.flag, why })
      if (option.required) missing.push({ option: option.flag, value: valueFor(option.flag) })
    }
  }
  const given = typed.filter((word, i) => !word.startsWith('-') && !isValue(typed, i, options)).length
  const bareWords = help.positionals.slice(given).map((name) => {
    const value = outputOfArgument(name)
    if (value === null) missing.push({ option: null, value: valueFor(name) })
    else written.push({ option: name, value })
    return value ?? valueFor(name)
  })
  if (style === 'overrides' && !typed.some((word) => word.startsWith(`${hydraFolder}=`))) {
    fixed.push(`${hydraFolder}={directory}`)
    written.push({ option: hydraFolder, value: '{directory}' })
    kept.push({
      option: hydraFolder,
      why: 'each trial has a folder of its own: {directory}',
    })
  }
  const named = missing.filter(({ option }) => option !== null)
  const words = [
    ...bareWords,
    ...argumentsFor(searched, style),
    ...named.flatMap(({ option, value }) => passed(option!, value, style, false)),
    ...fixed,
  ]
  return { searched, kept, missing, written, arguments: words }
}

/** Hydra names its folder of a run by the second: trials that begin in the same one would share it. */
const hydraFolder = 'hydra.run.dir'

/** How to give each trial a place of its own. */
function ownPlace(flag: string, value: string | null, style: ScriptHelp['style']): string[] {
  if (value === null) return []
  const words = passed(flag, value, style, false).map((word) => JSON.stringify(word))
  return [`${words.join(', ')} in "command" gives each trial a place of its own`]
}

function searchedBy(option: ScriptOption, { style, withMacro }: Passing): Searched | string {
  const guess = guessOf(option, style)
  if ('leftOut' in guess) return guess.leftOut
  const flag = option.takes === 'nothing' && isOnByDefault(option) ? option.off! : option.flag
  const name = flag.replace(/^-+/, '')
  // What else a name is made of would be read by somebody on its way.
  if (!/^[A-Za-z_][\w./@-]*$/.test(name)) return 'its name cannot be that of a parameter'
  if (name === 'trainer') return 'in a sweep file the parameter "trainer" is the trainer itself'
  if (option.takes === 'nothing' && (!withMacro || !flag.startsWith('--')))
    return 'it is a flag, and there are no words to pass one or not: a script around it can'
  return { name, option, parameter: guess.parameter, first: guess.first, note: guess.note ?? null }
}

/** A placeholder for each, unless flags are among them: then one argument stands for all. */
function argumentsFor(searched: readonly Searched[], style: ScriptHelp['style']): string[] {
  if (searched.some(({ option }) => option.takes === 'nothing')) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a macro of commands.
    return ['${args_no_boolean_flags}']
  }
  return searched.flatMap(({ name, option, parameter }) =>
    passed(option.flag, `{${name}}`, style, typeof parameter.min === 'number' && parameter.min < 0),
  )
}

/** `--lr {lr}`, `lr={lr}`; with an equals sign where the value may begin with a hyphen. */
function passed(flag: string, value: string, style: ScriptHelp['style'], isSigned: boolean): string[] {
  return style === 'overrides' || isSigned ? [`${flag}=${value}`] : [flag, value]
}

/** What stands where a value has to be put in. */
function valueFor(name: string): string {
  return `<${name.replace(/^-+/, '')}>`
}

function isTyped({ names, off }: ScriptOption, typed: readonly string[]): boolean {
  return [...names, ...(off === null ? [] : [off])].some((name) =>
    typed.some((word) => word === name || word.startsWith(`${name}=`)),
  )
}

/** Whether a word is the value of the option before it. */
function isValue(typed: readonly string[], at: number, options: readonly ScriptOption[]): boolean {
  const before = options.find(({ names }) => names.includes(typed[at - 1]))
  return before !== undefined && before.takes !== 'nothing'
}
