/**
 * The code of a sweep on its way to another machine: a program's files, or a module with what it imports from beside it. Packages do
 * not travel: they are named with their versions, and must be installed there.
 */
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { EspalierError } from '../errors.js'
import { packageVersions } from '../tracking/index.js'
import { type FitPlan, modulesOfPlan, programFiles } from '../training/index.js'
import { digestOf } from './digest.js'
import type { SentFile } from './protocol.js'

export interface CodeOf {
  /** The folder of all files: that of a program, or the nearest one above all modules. Absolute, on the machine they come from. */
  readonly root: string
  readonly files: readonly SentFile[]
  /** Whether the sweep names what its program needs: it then runs in a folder that holds just that. */
  readonly complete: boolean
  /** Packages that modules import, with the versions they have there. */
  readonly packages: Readonly<Record<string, string | null>>
}

/** Larger files among a program's arguments are data, which travel only where "files" names them. */
const largestUnasked = 64 * 2 ** 20

const none: CodeOf = { root: '', files: [], complete: false, packages: {} }

/** What a plan runs that does not come with Espalier, and the contents of its files by digest. */
export async function codeOf(plan: FitPlan): Promise<{ code: CodeOf; files: Map<string, Uint8Array> }> {
  const { trainer } = plan
  if (trainer.kind === 'function')
    throw new EspalierError(
      'USAGE',
      `what is trained on other machines must be found there ("${trainer.name}" was passed in code, and lives in this process); put it into a module, or leave the queue out`,
    )
  const modules = modulesOfPlan(plan)
  if (trainer.kind === 'command') {
    const complete = (trainer.files ?? []).length > 0
    const paths = (await programFiles(trainer)).map(({ path }) => path)
    const sent = complete ? paths : await filesUpTo(largestUnasked, paths)
    return packed(trainer.directory, new Set(sent), { complete, packages: {} })
  }
  if (modules.length === 0) return { code: none, files: new Map() }
  const { files, packages } = await importedBy(modules)
  const root = commonFolder([...files])
  const versions = await packageVersions([...packages], dirname(modules[0]))
  return packed(root, files, { complete: true, packages: versions as Record<string, string | null> })
}

async function packed(
  root: string,
  paths: ReadonlySet<string>,
  more: Pick<CodeOf, 'complete' | 'packages'>,
): Promise<{ code: CodeOf; files: Map<string, Uint8Array> }> {
  const contents = new Map<string, Uint8Array>()
  const files: SentFile[] = []
  for (const path of [...paths].sort()) {
    const content = await readFile(path)
    const digest = digestOf(content)
    contents.set(digest, content)
    const executable = ((await stat(path)).mode & 0o111) !== 0
    files.push({ name: relative(root, path).split(sep).join('/'), digest, ...(executable && { executable }) })
  }
  return { code: { root, files, ...more }, files: contents }
}

async function filesUpTo(most: number, paths: readonly string[]): Promise<string[]> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size))
  return paths.filter((_, i) => sizes[i] <= most)
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '' && !way.startsWith('..') && !isAbsolute(way)
}

function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0])
  while (!paths.every((path) => isInside(folder, path))) folder = dirname(folder)
  return folder
}

/** Names in import and export clauses, in import() and require(), of a text. A name in a comment only makes one file or package too many. */
const imported = /\b(?:from|import|require)\s*\(?\s*(['"])([^'"\n]+)\1/g
const endings = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.json', '/index.js', '/index.ts']

/** All files that modules import from beside them, themselves among these, and the packages. */
async function importedBy(
  modules: readonly string[],
): Promise<{ files: Set<string>; packages: Set<string> }> {
  const files = new Set<string>()
  const packages = new Set<string>()
  const waiting = [...modules]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (files.has(path)) continue
    files.add(path)
    if (extname(path) === '.json') continue
    for (const [, , name] of (await readFile(path, 'utf8')).matchAll(imported)) {
      if (/^\.{1,2}\//.test(name)) {
        const found = await fileNamed(resolve(dirname(path), name))
        if (found !== null) waiting.push(found)
      } else if (!name.startsWith('node:') && !name.startsWith('#') && !isAbsolute(name)) {
        const own = packageOf(name)
        if (own !== null && !isBuiltIn(own)) packages.add(own)
      }
    }
    const beside = await nearestPackageFile(path)
    if (beside !== null) files.add(beside)
  }
  return { files, packages }
}

const builtIn = new Set(createRequire(import.meta.url)('node:module').builtinModules as string[])

function isBuiltIn(name: string): boolean {
  return builtIn.has(name)
}

function packageOf(name: string): string | null {
  const [, own] = /^((?:@[\w.-]+\/)?[\w.-]+)(?:\/|$)/.exec(name) ?? []
  return own ?? null
}

async function fileNamed(path: string): Promise<string | null> {
  // TypeScript's imports name the file that is made of them.
  const written = path.replace(/\.([cm]?)js$/, '.$1ts')
  for (const one of new Set([...endings.map((ending) => path + ending), written])) {
    const found = await stat(one).catch(() => null)
    if (found?.isFile()) return one
  }
  return null
}

/** It says whether .js files are modules. */
async function nearestPackageFile(path: string): Promise<string | null> {
  const beside = join(dirname(path), 'package.json')
  return (await stat(beside).catch(() => null))?.isFile() ? beside : null
}
