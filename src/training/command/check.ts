/** What can be known to be wrong with a program as a sweep file writes it, before it runs. */
import { EspalierError, type Problem } from '../../errors.js'
import { placeholderProblems, sharedVariables } from './placeholders.js'
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
