/**
 * The command of a W&B sweep as a program of Espalier: `python -m espalier_wandb … -- COMMAND` does what W&B's agent does. It puts in
 * the parameters as Python writes them, gives them to `wandb.config`, and hands on what the script logs (training/command/python).
 *
 * W&B's macro `${args}` becomes `$(args)`, which Espalier leaves to it: its own `${args}` writes values as JSON does.
 */
import { escapedArgument } from '../../../training/index.js'
import { found, type Told } from '../told.js'
import type { WandbParameter } from './parameters.js'

/** W&B's: `${env}` and so on. */
const macro = (name: string) => `\${${name}}`
const usualCommand = ['env', 'interpreter', 'program', 'args'].map(macro)
const usualInterpreter = 'python'
const ofParameters = [
  ...['args', 'args_no_equals', 'args_no_hyphens', 'args_no_boolean_flags'],
  ...['args_json', 'args_json_file', 'args_append_hydra', 'args_override_hydra'],
]

export interface WandbProgram {
  readonly program: unknown
  readonly command: unknown
  readonly interpreter: string | undefined
  readonly metric: string
  readonly parameters: readonly WandbParameter[]
}

/** null where the file names no program. */
export function wandbCommand(written: WandbProgram, told: Told): string[] | null {
  const { metric, parameters } = written
  const interpreter = (written.interpreter ?? usualInterpreter).trim().split(/\s+/)
  const runs = commandOf(written, interpreter, told)
  if (runs === null) return null
  const floats = parameters.filter((one) => one.floats).flatMap(({ name }) => ['--float', name])
  const nested = parameters
    .filter(({ name, way }) => way.length > 1 || way[0] !== name)
    .flatMap(({ name, way }) => ['--nested', `${name}=${way.join('/')}`])
  // A Python for the module itself: any will do, and that of the script is there.
  const python = runs.includes(interpreter[0]) ? interpreter : [runs.find(isPython) ?? interpreter[0]]
  const names = parameters.map(({ name }) => name)
  const words = ['-m', 'espalier_wandb', '--metric', metric, ...floats, ...nested, '--', ...runs]
  return [...python, ...words.map((word) => escapedArgument(word, names))]
}

function isPython(word: string): boolean {
  return /(^|[/\\])python[\d.]*(\.exe)?$/.test(word)
}

function commandOf(
  { program, command }: WandbProgram,
  interpreter: readonly string[],
  told: Told,
): string[] | null {
  if (program !== undefined && (typeof program !== 'string' || program === '')) {
    told.wrong(['program'], `"program" must be the path of a script (${found(program)})`)
    return null
  }
  if (command !== undefined && command !== null && !Array.isArray(command)) {
    told.wrong(['command'], `"command" must be a list of words (${found(command)})`)
    return null
  }
  const isUsual = !Array.isArray(command) || command.length === 0
  if (isUsual && program === undefined) return null
  const words = (isUsual ? usualCommand : command).map(String)
  const runs = words.flatMap((word, i): readonly string[] => {
    const name = /^\$\{(\w+)\}$/.exec(word)?.[1]
    if (name === 'env') return /^-|=/.test(words[i + 1] ?? '') ? ['/usr/bin/env'] : []
    if (name === 'interpreter') return interpreter
    if (name === 'program') {
      if (typeof program === 'string') return [program]
      told.wrong(['command', i], `${word} must stand for a script (there is no "program"); add it`)
      return []
    }
    if (name !== undefined && ofParameters.includes(name)) return [`$(${name})`]
    const put = word.replaceAll(/\$\{envvar:([A-Z0-9_]*)\}/g, '$(envvar:$1)')
    if (/^\$\{.*\}$/.test(put)) {
      told.warn(['command', i], `there is no macro ${word}; it is left out, as W&B does`)
      return []
    }
    return [put]
  })
  if (!runs.some((word) => word.startsWith('$(args')))
    told.warn(
      ['command'],
      `it has no ${macro('args')}, so that the script is given its parameters by wandb.config alone, as under W&B`,
    )
  return runs
}
