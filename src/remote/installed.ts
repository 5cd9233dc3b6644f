/**
 * The code of a sweep on the machine of a worker: its files in a folder of the worker's own, its packages where they are installed,
 * and the plan that names them there. What is missing is said before the first fit.
 */
import { copyFile, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { EspalierError, type Problem } from '../errors.js'
import { type FitPlan, withModules } from '../training/index.js'
import type { CodeOf } from './code.js'
import { digestOf } from './digest.js'
import { packageRoot } from './package-root.js'
import type { Parcel } from './parcel.js'

export interface Installing {
  /** The worker's folder for this parcel; it is there and empty. */
  readonly folder: string
  /** Where the program is on this machine, and where packages are looked for. */
  readonly directory: string | null
  get(digest: string): Promise<Uint8Array | null>
}

/** The plan as it can be fitted here; null where content is missing. Throws WORKER_UNFIT with all that stands in the way. */
export async function install({ plan, code }: Parcel, place: Installing): Promise<FitPlan | null> {
  const { trainer } = plan
  if (trainer.kind === 'command') {
    const directory = await directoryFor(code, place)
    return directory === null ? null : { ...plan, trainer: { ...trainer, directory } }
  }
  if (code.files.length === 0) return plan
  const wrong = await packagesWrong(code, place.directory)
  if (wrong.length > 0)
    throw new EspalierError(
      'WORKER_UNFIT',
      `a worker must have the packages that the trainer imports (${wrong.map(({ message }) => message).join('; ')}); install them in the folder where the worker runs, or in --directory`,
      { problems: wrong },
    )
  if (!(await write(code, place.folder, place.get))) return null
  await linkPackages(code, place)
  return withModules(plan, (file) => join(place.folder, relative(code.root, file)))
}

/**
 * Where a program runs: the folder that was named; a folder with just what the sweep says it needs; the folder it has on the machine it
 * comes from, where that is here too with the same files; a folder with what its command names.
 */
async function directoryFor(code: CodeOf, { folder, directory, get }: Installing): Promise<string | null> {
  if (directory !== null) {
    const other = await othersIn(directory, code)
    if (other.length === 0) return directory
    throw new EspalierError(
      'WORKER_UNFIT',
      `a worker must run the files that the sweep runs (${other.join(', ')} in ${directory} ${other.length === 1 ? 'is' : 'are'} not the same); bring them up to date, or leave --directory out`,
    )
  }
  if (!code.complete && (await othersIn(code.root, code)).length === 0 && (await isFolder(code.root)))
    return code.root
  return (await write(code, folder, get)) ? folder : null
}

/** Files that are missing in a folder or not the same there. */
async function othersIn(folder: string, { files }: CodeOf): Promise<string[]> {
  const same = await Promise.all(
    files.map(async ({ name, digest }) => {
      const content = await readFile(join(folder, name)).catch(() => null)
      return content !== null && digestOf(content) === digest
    }),
  )
  return files.filter((_, i) => !same[i]).map(({ name }) => name)
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true
}

async function write(
  { files }: CodeOf,
  folder: string,
  get: (digest: string) => Promise<Uint8Array | null>,
): Promise<boolean> {
  for (const { name, digest, executable = false } of files) {
    const path = insideOf(folder, name)
    const content = await get(digest)
    if (content === null) return false
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content, { mode: executable ? 0o755 : 0o644 })
  }
  return true
}

/** Names come from the queue. */
export function insideOf(folder: string, name: string): string {
  const path = resolve(folder, ...name.split('/'))
  if (path.startsWith(resolve(folder) + sep)) return path
  throw new EspalierError(
    'MESSAGE_INVALID',
    `files stay in their folder (got the name ${JSON.stringify(name)})`,
  )
}

async function packagesWrong({ packages }: CodeOf, directory: string | null): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const [name, version] of Object.entries(packages)) {
    const found = await rootOf(name, directory)
    const here = found === null ? null : await versionIn(found)
    if (found === null) problems.push({ path: name, message: `"${name}" is not installed` })
    else if (version !== null && here !== version)
      problems.push({
        path: name,
        message: `"${name}" is ${here ?? 'of no version'} where ${version} is asked for`,
      })
  }
  return problems
}

/** Where a package is, from the folder that was named, the one the worker runs in, or Espalier itself. */
async function rootOf(name: string, directory: string | null): Promise<string | null> {
  if (name === 'espalier') return packageRoot()
  for (const from of [directory ?? process.cwd(), packageRoot()]) {
    const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? []
    for (const modules of places) if (await isFolder(join(modules, name))) return join(modules, name)
  }
  return null
}

async function versionIn(root: string): Promise<string | null> {
  try {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    return typeof version === 'string' ? version : null
  } catch {
    return null
  }
}

async function linkPackages({ packages }: CodeOf, { folder, directory }: Installing): Promise<void> {
  for (const name of Object.keys(packages)) {
    const root = await rootOf(name, directory)
    if (root === null) continue
    const link = join(folder, 'node_modules', ...name.split('/'))
    await mkdir(dirname(link), { recursive: true })
    await symlink(root, link, 'junction').catch(() => copyFile(root, link))
  }
}
