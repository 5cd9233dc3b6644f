/** What can be known to be wrong with a program as a sweep file writes it, before it runs. */
import { EspalierError, type Problem } from '../../errors.js'
import { nearestHint } from '../../spelling.js'
import { placeholderProblems, placeholdersIn, sharedVariables, unknownIn } from './placeholders.js'
import type { CommandReference } from './reference.js'

/** Throws SPACE_INVALID with everything wrong with a program for a space with these parameters. */
export function checkProgram(
  { command, environment = {} }: Omit<CommandReference, 'kind' | 'directory'>,
  parameters: readonly string[],
): void {
  const problems = [
    ...placeholderProblems(command, parameters),
    ...environmentProblems(environment),
    ...sharedVariables(parameters),
  ]
  refuse(problems)
}

/** What a sweep asks of what is read of its program. */
export interface ReadingsAsked {
  readonly objectiveMetric: string
  /** The metric that its pruner names. */
  readonly prunerMetric: string | null
  /** Trials that run side by side. */
  readonly parallel: number
  readonly parameters: readonly { readonly name: string; readonly when: readonly unknown[] }[]
}

/** Throws SPACE_INVALID where what is read of a program cannot be what the sweep asks for. */
export function checkReadings({ metrics, result }: CommandReference, asked: ReadingsAsked): void {
  refuse([
    ...(metrics === undefined ? [] : patternProblems(metrics, result !== undefined, asked)),
    ...(typeof result === 'object' ? fileProblems(result.file, asked) : []),
  ])
}

function patternProblems(
  metrics: Readonly<Record<string, string>>,
  hasResult: boolean,
  { objectiveMetric, prunerMetric }: ReadingsAsked,
): Problem[] {
  const names = Object.keys(metrics)
  const without = (name: string | null): name is string => name !== null && !Object.hasOwn(metrics, name)
  const example = JSON.stringify({ metric: names[0] })
  return [
    ...(without(objectiveMetric) && !hasResult
      ? [
          {
            path: 'objective.metric',
            message: `the objective's metric must be one that the program's "metrics" read (got "${objectiveMetric}")${nearestHint(objectiveMetric, names, 'they read')}; write "objective": ${example}, or add a pattern for it`,
          },
        ]
      : []),
    ...(without(prunerMetric)
      ? [
          {
            path: 'search.pruner.metric',
            message: `the pruner's metric must be one that the program's "metrics" read (got "${prunerMetric}")${nearestHint(prunerMetric, names, 'they read')}`,
          },
        ]
      : []),
  ]
}

/** Each is another one for each of the trials that run at the same time. */
const apart = ['trial', 'seed', 'directory', 'checkpoint', 'params']

function fileProblems(file: string, { parallel, parameters }: ReadingsAsked): Problem[] {
  const path = 'trainer.result.file'
  const names = parameters.map(({ name }) => name)
  const unknown = unknownIn(file, names).map((message) => ({ path, message }))
  if (unknown.length > 0) return unknown
  const found = placeholdersIn(file, names)
  const inactive = parameters.find(({ name, when }) => when.length > 0 && found.includes(name))
  if (inactive !== undefined)
    return [
      {
        path,
        message: `the name of the result's file must be known in every trial (it has {${inactive.name}}, which has a "when"); write {trial} in its place`,
      },
    ]
  if (parallel === 1 || found.some((name) => apart.includes(name) && !names.includes(name))) return []
  return [
    {
      path,
      message: `trials that run side by side must have a result each ("${file}" is one file for all, and "parallel" is ${parallel}); let the program write to a place of the trial, with {trial} or {directory} in its command and here: out/{trial}/metrics.json, or set "parallel" to 1`,
    },
  ]
}

function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return
  throw new EspalierError('SPACE_INVALID', 'the program of a trainer must fit the sweep', { problems })
}

function environmentProblems(environment: Readonly<Record<string, string>>): Problem[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    const law =
      name === '' || /[=\0]/.test(name)
        ? `the name of a variable of the environment is not empty and has no "=" (got ${JSON.stringify(name)}); give it another`
        : /^espalier_/i.test(name)
          ? `variables whose names begin with ESPALIER_ are set by Espalier (got ${name}); give it another name`
          : value.includes('\0')
            ? `the value of a variable of the environment has no zero byte (got ${JSON.stringify(value)}); take it out`
            : null
    return law === null ? [] : [{ path: `trainer.environment.${name}`, message: law }]
  })
}
