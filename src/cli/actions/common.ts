/** What several commands need: the store, the runs a user means, ids as short as they may be. */
import { writeFile } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { EspalierError } from '../../errors.js'
import { nearestHint } from '../../spelling.js'
import type { ChildRun, ParentRun, Run, RunStore, Store } from '../../tracking/index.js'
import { storeDirectory } from '../options.js'
import { plain, say } from '../output.js'

/** Without the entries that are undefined. */
export function defined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}

/** The store of `--store`, the environment or the default. */
export async function openStoreOf(options: { store?: string }): Promise<RunStore> {
  const { openStore } = await import('../../tracking/index.js')
  return openStore(storeDirectory(options.store), {
    onWarning: (warning) => say(`warning: ${plain(warning)}`),
  })
}

export function isSweep(run: Run): run is ParentRun {
  return run.kind === 'sweep'
}

/** The sweep meant by an id, or by nothing or `latest`: the newest one. */
export async function findSweep(store: Store, id: string | undefined): Promise<ParentRun> {
  if (id !== undefined && id !== 'latest') {
    const run = await store.run(id)
    if (isSweep(run)) return run
    throw new EspalierError(
      'USAGE',
      `a sweep is meant here, and ${run.id} is a trial; its sweep is ${(run as ChildRun).parent}`,
    )
  }
  const [latest] = await store.sweeps()
  if (latest) return latest
  throw new EspalierError(
    'USAGE',
    `there is no sweep in ${store.directory} yet; run one: espalier sweep SPACE.json`,
  )
}

/** Beginnings of ids, long enough to tell these apart, and no shorter than 8. */
export function shortIds(ids: readonly string[]): (id: string) => string {
  let length = 8
  while (length < 16 && new Set(ids.map((id) => id.slice(0, length))).size < new Set(ids).size) length++
  return (id) => id.slice(0, length)
}

/** ` --store DIR` where a command typed next would otherwise look elsewhere. */
export function storeArgument(directory: string): string {
  return directory === storeDirectory(undefined) ? '' : ` --store ${shellWord(plain(directory))}`
}

/** A word as a shell reads it back. */
export function shellWord(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** A file as it is typed: relative where it lies in the working directory. */
export function shortest(file: string): string {
  const short = relative(process.cwd(), file)
  return short.startsWith('..') ? file : short
}

/** Writes a file the user named. */
export async function writeOut(file: string, text: string | Uint8Array): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (error) {
    throw new EspalierError('USAGE', `${file} cannot be written: ${whyUnwritable(error, file)}`, {
      cause: error,
    })
  }
}

function whyUnwritable(error: unknown, file: string): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return `there is no directory ${dirname(file)}; make it first`
    case 'EISDIR':
      return 'it is a directory; name a file in it'
    case 'EACCES':
      return 'permission denied; name another file'
    default:
      return (error as Error).message
  }
}

/** The experiment of this name. Throws where there is none, with the nearest name. */
export async function checkExperiment(store: Store, name: string): Promise<void> {
  const problem = await unknownExperiment(store, name)
  if (problem !== null) throw new EspalierError('RUN_UNKNOWN', problem)
}

/** What is wrong with the name of an experiment; null where there is one of this name. */
export async function unknownExperiment(store: Store, name: string): Promise<string | null> {
  const names = (await store.experiments()).map((experiment) => experiment.name)
  if (names.includes(name)) return null
  return `there is no experiment "${name}" in ${store.directory}${nearestHint(name, names, 'there are')}`
}

/** How the program was called, for commands to try next: not everybody has it on the PATH by itself. */
export const called =
  process.env.npm_lifecycle_event === 'espalier'
    ? 'npm run espalier --'
    : process.env.npm_command === 'exec'
      ? 'npx espalier'
      : 'espalier'
