/**
 * The arguments of a program: what is written in the sweep file, with `{name}` where a trial's own values go.
 *
 * `{name}` is a parameter; where no parameter has that name, `{params}` is the path of a JSON file with all of them,
 * `{trial}` the trial's number, `{seed}` its seed and `{directory}` a folder of its own. `{{name}}` stands for the
 * text `{name}`; braces around anything but a name are left as they are, so that JSON and awk need no escapes.
 */
import { EspalierError, type Problem } from '../../errors.js'
import { nearestHint } from '../../spelling.js'
import type { Params } from '../../values.js'
import { environmentName, textOf } from './environment.js'

/** What can stand in braces beside the parameters. */
const own = ['params', 'trial', 'seed', 'directory'] as const

export type OwnValues = Readonly<Record<(typeof own)[number], string>>

const name = String.raw`[\p{L}_][\p{L}\p{N}_.-]*`
const placeholder = new RegExp(String.raw`\{\{(${name})\}\}|\{(${name})\}`, 'gu')

/** The names in braces, in their order. */
export function placeholdersIn(argument: string): string[] {
  return [...argument.matchAll(placeholder)].flatMap(([, , inside]) => (inside === undefined ? [] : [inside]))
}

/** Throws SPACE_INVALID with everything wrong with a command for a space with these parameters. */
export function checkCommand(command: readonly string[], parameters: readonly string[]): void {
  const problems = [...placeholderProblems(command, parameters), ...sharedVariables(parameters)]
  if (problems.length === 0) return
  throw new EspalierError('SPACE_INVALID', 'the command of a trainer must fit the parameters of the sweep', {
    problems,
  })
}

function placeholderProblems(command: readonly string[], parameters: readonly string[]): Problem[] {
  const problems: Problem[] = []
  const known = new Set<string>([...parameters, ...own])
  command.forEach((argument, i) => {
    const path = `trainer.command[${i}]`
    const found = placeholdersIn(argument)
    if (i === 0 && found.length > 0) {
      const message = `the program is the same for every trial, so its name has no placeholder (got "${argument}"); start a shell or an interpreter that chooses`
      problems.push({ path, message })
    }
    for (const inside of i === 0 ? [] : found) {
      if (known.has(inside)) continue
      const hint = nearestHint(inside, [...known], 'there are')
      problems.push({
        path,
        message: `{${inside}} must be a parameter of the sweep${hint} (for the text itself write {{${inside}}})`,
      })
    }
  })
  return problems
}

/** Two parameters cannot be told to a program by one environment variable. */
function sharedVariables(parameters: readonly string[]): Problem[] {
  const first = new Map<string, string>()
  return parameters.flatMap((parameter) => {
    const variable = environmentName(parameter)
    const other = first.get(variable)
    if (other === undefined) {
      first.set(variable, parameter)
      return []
    }
    const message = `parameters of a program differ in more than case and punctuation, because the environment variable ${variable} would be both "${other}" and "${parameter}"; rename one`
    return [{ path: `parameters.${parameter}`, message }]
  })
}

/**
 * The arguments for one trial. One with a parameter that is inactive in this trial is left out; where it is nothing
 * but that placeholder, the option before it (`--momentum`) goes with it.
 */
export function fillArguments(command: readonly string[], params: Params, values: OwnValues): string[] {
  const filled: string[] = []
  command.forEach((argument, i) => {
    const names = placeholdersIn(argument)
    const inactive = names.find((inside) => !Object.hasOwn(params, inside) && !Object.hasOwn(values, inside))
    if (inactive !== undefined) {
      const alone = argument === `{${inactive}}`
      if (alone && i > 1 && isOption(command[i - 1])) filled.pop()
      return
    }
    filled.push(
      argument.replace(placeholder, (_, escaped?: string, inside?: string) => {
        if (inside === undefined) return `{${escaped}}`
        return Object.hasOwn(params, inside) ? textOf(params[inside]) : values[inside as keyof OwnValues]
      }),
    )
  })
  return filled
}

function isOption(argument: string): boolean {
  return /^-+[^-=]/.test(argument) && !argument.includes('=') && placeholdersIn(argument).length === 0
}
