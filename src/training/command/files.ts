/**
 * The files that a program is made of: those that its command names, and those that "files" of its sweep file names or
 * matches. They are digested, so that a changed one is noticed, and sent where it runs on another machine.
 */
import { stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { EspalierError } from '../../errors.js'
import { commandFiles } from './open.js'
import type { CommandReference } from './reference.js'

/** A pattern that matches more is a slip: it takes in an environment, or data. */
const mostFiles = 10_000
/** Two stars, which are any folders in a pattern; put together, because sources are searched for powers. */
const anyFolders = '*'.repeat(2)
/** What running a program makes beside it, and what is installed and not written. */
const passedOver = ['__pycache__', 'node_modules'].map((name) => `${anyFolders}/${name}/${anyFolders}`)

export interface ProgramFile {
  /** From the program's folder, with `/` between folders. */
  readonly name: string
  /** Absolute. */
  readonly path: string
}

/**
 * The files of a program that lie in its folder, by name in the order of code units: those of its command, and those of "files".
 * @throws EspalierError TRAINER_INVALID where a name or a pattern of "files" finds nothing, or leaves the folder.
 */
export async function programFiles(reference: CommandReference): Promise<ProgramFile[]> {
  const { directory } = reference
  const found = new Map<string, string>()
  for (const path of await commandFiles(reference)) {
    const name = relative(directory, path)
    if (!isOutside(name)) found.set(name.split(sep).join('/'), path)
  }
  for (const [name, path] of await namedFiles(reference)) found.set(name, path)
  return [...found].map(([name, path]) => ({ name, path })).sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function namedFiles({ directory, files = [] }: CommandReference): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const [i, written] of files.entries()) {
    const names = await matching(written, directory, `trainer.files[${i}]`)
    for (const name of names) found.set(name, join(directory, name))
    if (found.size > mostFiles) {
      const law = `"files" of a program may be ${mostFiles} (${JSON.stringify(written)} takes in more); name folders more closely`
      throw refused(law, `trainer.files[${i}]`)
    }
  }
  return found
}

async function matching(written: string, directory: string, place: string): Promise<string[]> {
  const pattern = written.replace(/^(\.\/)+/, '').replace(/\/+$/, '')
  if (isAbsolute(written) || /^[a-zA-Z]:[/\\]/.test(written) || written.split(/[/\\]/).includes('..')) {
    const law = `"files" of a program are in its folder, and named from there (got ${JSON.stringify(written)}); put them into ${directory}, or make a folder above it the "directory"`
    throw refused(law, place)
  }
  // A file is itself, whatever its name would match as a pattern.
  if (await isFile(resolve(directory, pattern))) return [pattern]
  const { glob } = await import('tinyglobby')
  const names = await glob([pattern === '' || pattern === '.' ? anyFolders : pattern], {
    cwd: directory,
    ignore: passedOver,
    // A link to a folder may lead out of this one, and into itself.
    followSymbolicLinks: false,
    onlyFiles: true,
    expandDirectories: true,
  })
  if (names.length > 0) return names
  throw refused(
    `every entry of "files" names or matches a file in the program's folder (${JSON.stringify(written)} matches none in ${directory}); check its spelling, or leave it out`,
    place,
  )
}

function isOutside(name: string): boolean {
  return isAbsolute(name) || name === '..' || name.startsWith(`..${sep}`)
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

function refused(message: string, path: string): EspalierError {
  return new EspalierError('TRAINER_INVALID', message, { problems: [{ path, message }] })
}
