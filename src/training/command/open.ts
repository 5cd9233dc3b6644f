/** From a command in a sweep file to an objective: what can be known to be wrong is told before the sweep begins. */
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { basename, delimiter, join, resolve } from 'node:path'
import { EspalierError } from '../../errors.js'
import type { OpenTrainer } from '../types.js'
import { placeholdersIn } from './placeholders.js'
import { usualGrace } from './process-group.js'
import type { CommandReference } from './reference.js'
import { type Program, type ProgramContext, runProgram } from './run.js'

/** Programs whose first argument, where it is no option, is the file they run. */
const interpreter =
  /^(python[\d.]*|pypy[\d.]*|node|tsx|sh|bash|dash|zsh|Rscript|julia|perl|ruby|php|lua)(\.exe)?$/

/**
 * Throws TRAINER_INVALID where the program, or the script it runs, is not there.
 * @param parameters names of all parameters of the sweep: what can stand in braces.
 */
export async function openCommand(
  reference: CommandReference,
  parameters?: readonly string[],
): Promise<OpenTrainer> {
  const { command, directory, environment, grace, metrics, result } = reference
  const [program, script] = command
  await refuseNoFolder(directory)
  const found = await findProgram(program, directory, environment?.PATH)
  const runs =
    script !== undefined && interpreter.test(basename(program)) && isFileArgument(script, parameters)
  if (runs && !(await isFile(resolve(directory, script)))) {
    throw new EspalierError(
      'TRAINER_INVALID',
      `${program} must be given a file that is there (${resolve(directory, script)} is not); ${whereNamesStart}`,
    )
  }
  const name = basename(runs ? script : program)
  const started: Program = {
    command: [found, ...command.slice(1)],
    parameters,
    directory,
    name,
    environment: environment ?? {},
    graceMs: grace === undefined ? usualGrace : 1000 * grace,
    metrics,
    result,
  }
  return {
    kind: 'objective',
    objective: {
      name,
      objective: (params, context) => runProgram(started, params, context as ProgramContext),
    },
  }
}

const whereNamesStart =
  'relative names start from the folder of the sweep file, or from its "directory" in there'

async function refuseNoFolder(directory: string): Promise<void> {
  if (await isFolder(directory)) return
  throw new EspalierError(
    'TRAINER_INVALID',
    `a program must have a folder to run in (${directory} is none); name one that is there as "directory" of "trainer"`,
  )
}

/** The files named in a command: its program where it is a path, and every argument that is a file. Absolute paths. */
export async function commandFiles({ command, directory }: CommandReference): Promise<string[]> {
  const [program, ...args] = command
  const named = [
    ...(isPath(program) ? [program] : []),
    ...args.flatMap((argument) => fileArguments(argument)),
  ]
  const files = [...new Set(named.map((name) => resolve(directory, name)))]
  const there = await Promise.all(files.map(isFile))
  return files.filter((_, i) => there[i])
}

function fileArguments(argument: string): string[] {
  const behind = /^-[^=]*=(.+)$/.exec(argument)?.[1]
  return (behind === undefined ? [argument] : [behind]).filter((one) => isFileArgument(one))
}

function isFileArgument(argument: string, parameters?: readonly string[]): boolean {
  return argument !== '' && !argument.startsWith('-') && placeholdersIn(argument, parameters).length === 0
}

function isPath(program: string): boolean {
  return /[/\\]/.test(program)
}

/**
 * A program as the system finds it.
 * @throws EspalierError TRAINER_INVALID where it is not there.
 */
export async function findProgram(
  program: string,
  directory: string,
  searched = process.env.PATH ?? '',
): Promise<string> {
  if (isPath(program)) {
    const path = resolve(directory, program)
    if (await isExecutable(path)) return path
    const there = await isFile(path)
    throw new EspalierError(
      'TRAINER_INVALID',
      there
        ? `the program of a trainer must be executable (${path} is not); chmod +x it, or name its interpreter before it`
        : `the program of a trainer must be there (${path} is not); ${whereNamesStart}`,
    )
  }
  // Windows tries endings of its own.
  if (process.platform === 'win32') return program
  if (await isOnPath(program, searched)) return program
  const hint = (await isFile(join(directory, program)))
    ? `for the file in its folder write "./${program}"`
    : /\s/.test(program)
      ? `write each argument as an entry of its own: ${JSON.stringify(program.trim().split(/\s+/))}`
      : 'check its spelling, or write its whole path'
  throw new EspalierError(
    'TRAINER_INVALID',
    `the program of a trainer must be found on the PATH ("${program}" is not); ${hint}`,
  )
}

/** Whether a name that is no path is found there. */
export async function isOnPath(program: string, searched = process.env.PATH ?? ''): Promise<boolean> {
  for (const folder of searched.split(delimiter))
    if (await isExecutable(join(folder === '' ? '.' : folder, program))) return true
  return false
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

async function isExecutable(path: string): Promise<boolean> {
  if (!(await isFile(path))) return false
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
