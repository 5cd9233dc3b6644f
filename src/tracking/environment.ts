/**
 * The conditions of a session: everything about the machine, the program and its source that may matter when
 * the sweep is looked at, or trained again, later. No environment variables are recorded but a few that are named here, and
 * no secrets in command lines or addresses.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, availableParallelism, cpus, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '../values.js'
import type { SessionConditions } from './conditions.js'
import { redactArguments } from './redact.js'
import { redactDiff } from './redact-diff.js'
import { redactUrl } from './redact-text.js'
import { whoIsThis } from './who.js'

/** Variables that say how many threads numeric libraries may take, and how Node was set up. Nothing else is recorded. */
const recordedVariables = [
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'VECLIB_MAXIMUM_THREADS',
  'NUMEXPR_NUM_THREADS',
  'UV_THREADPOOL_SIZE',
  'NODE_ENV',
  'TZ',
  'LANG',
]

const gitTime = 2_000
/** Bytes of the diff that are kept. */
const diffLimit = 1 << 20
/** Lines of the diff that are named for what was taken out of them. */
const mostPlaces = 20

export interface ConditionsRequest {
  /** Where the user's project is: its git repository and lockfile. The working directory unless stated. */
  directory?: string
  /** Aborted: nobody waits for it, and git is not asked any longer. */
  signal?: AbortSignal
}

export interface Conditions {
  readonly conditions: SessionConditions
  /**
   * `git diff HEAD` where the tree is dirty, cut at 1 MiB and without what looks like a secret; to be kept as an
   * artifact. null where there is none.
   */
  readonly diff: string | null
}

/** Asks the machine and git, which takes some tens of milliseconds. Never fails: what is not known is null. */
export async function captureConditions(request: ConditionsRequest = {}): Promise<Conditions> {
  const directory = request.directory ?? process.cwd()
  const [{ git, diff }, lockfile, espalier] = await Promise.all([
    captureGit(directory, request.signal),
    lockfileDigest(directory),
    ownVersion(),
  ])
  const processors = cpus()
  const conditions: SessionConditions = {
    espalier,
    node: process.version,
    v8: process.versions.v8,
    platform: process.platform,
    release: release(),
    arch: arch(),
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cpus: processors.length,
    parallelism: availableParallelism(),
    memoryBytes: totalmem(),
    ...whoIsThis(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    environment: Object.fromEntries(
      recordedVariables.flatMap((name) => {
        const value = process.env[name]
        return value === undefined ? [] : [[name, value]]
      }),
    ),
    git,
    lockfile,
    packages: {},
    commandLine: redactArguments([...process.execArgv, ...process.argv.slice(1)]),
    workingDirectory: directory,
  }
  return { conditions, diff }
}

async function captureGit(
  directory: string,
  signal: AbortSignal | undefined,
): Promise<{ git: JsonObject | null; diff: string | null }> {
  const git = (...args: string[]) => runGit(directory, args, signal)
  // As few as will do: to start a process takes longer than what git does in it.
  const [status, remote] = await Promise.all([
    git('status', '--porcelain=v2', '--branch', '--untracked-files=normal'),
    git('config', '--get', 'remote.origin.url'),
  ])
  // In a very large repository the status may take too long.
  const head = status ? headIn(status.text) : await askHead(git)
  if (status === null && head.commit === null) return { git: null, diff: null }
  const lines = status?.text.split('\n').filter((line) => line !== '' && !line.startsWith('# ')) ?? null
  const untracked = lines?.filter((line) => line.startsWith('? ')).length ?? null
  const isUnchanged = lines !== null && lines.length === untracked
  const diff = isUnchanged ? null : await git('diff', 'HEAD', '--no-ext-diff', '--no-textconv', '--no-color')
  const kept = diff !== null && diff.text !== '' ? diff : null
  const shown = kept === null ? null : redactDiff(kept.text)
  return {
    git: {
      ...head,
      remote: remote === null ? null : redactUrl(remote.text.trim()),
      dirty: lines === null ? null : lines.length > 0,
      untracked,
      ...(kept?.cut ? { diffCut: true } : {}),
      ...(shown !== null && shown.places.length > 0 ? { diffRedacted: toldPlaces(shown.places) } : {}),
    },
    diff: shown?.text ?? null,
  }
}

interface Head {
  /** null where there is none yet. */
  readonly commit: string | null
  /** `HEAD` where no branch is checked out. */
  readonly branch: string | null
}

/** What `git status --porcelain=v2 --branch` says of it. */
function headIn(status: string): Head {
  const of = (key: string) => new RegExp(`^# branch\\.${key} (.*)$`, 'm').exec(status)?.[1] ?? null
  const [commit, branch] = [of('oid'), of('head')]
  if (commit === '(initial)') return { commit: null, branch: null }
  return { commit, branch: branch === '(detached)' ? 'HEAD' : branch }
}

async function askHead(git: (...args: string[]) => ReturnType<typeof runGit>): Promise<Head> {
  const [commit, branch] = await Promise.all([
    git('rev-parse', 'HEAD'),
    git('rev-parse', '--abbrev-ref', 'HEAD'),
  ])
  return { commit: commit?.text.trim() ?? null, branch: branch?.text.trim() ?? null }
}

/** Where the recorded diff says [redacted] in place of what git says. */
function toldPlaces(places: readonly string[]): string[] {
  const more = places.length - mostPlaces
  return more > 0 ? [...places.slice(0, mostPlaces), `and ${more} more`] : [...places]
}

/** What git prints, null where it fails: no git, no repository, too slow. */
function runGit(
  directory: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ text: string; cut: boolean } | null> {
  return new Promise((resolve) => {
    const options = {
      cwd: directory,
      signal,
      timeout: gitTime,
      maxBuffer: diffLimit,
      encoding: 'utf8' as const,
      windowsHide: true,
      // Reading must not take the repository's locks, nor ask anybody for a password.
      env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' },
    }
    execFile('git', [...args], options, (error, text) => {
      const cut = (error as { code?: unknown } | null)?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'
      resolve(error === null || cut ? { text, cut } : null)
    })
  })
}

const lockfiles = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock']

/** The nearest lockfile at or above `directory`, with its digest. */
async function lockfileDigest(directory: string): Promise<JsonObject | null> {
  for (let at = directory; ; at = dirname(at)) {
    for (const name of lockfiles) {
      const bytes = await readFile(join(at, name)).catch(() => null)
      if (bytes !== null) return { name, sha256: createHash('sha256').update(bytes).digest('hex') }
    }
    if (at === dirname(at)) return null
  }
}

async function ownVersion(): Promise<string> {
  return (await versionAbove(dirname(fileURLToPath(import.meta.url)))) ?? 'unknown'
}

/**
 * The resolved versions of npm packages, by name; null for one that is not there.
 * @param directory where the user's project is.
 */
export async function packageVersions(
  names: readonly string[],
  directory = process.cwd(),
): Promise<JsonObject> {
  const places = [createRequire(import.meta.url), createRequire(join(directory, 'package.json'))]
  const versions: JsonObject = {}
  for (const name of names) versions[name] = await versionOf(name, places)
  return versions
}

async function versionOf(name: string, places: readonly NodeJS.Require[]): Promise<string | null> {
  for (const place of places) {
    // Not by resolving `name/package.json`, which a package's `exports` may refuse.
    for (const modules of place.resolve.paths(name) ?? []) {
      const text = await readFile(join(modules, name, 'package.json'), 'utf8').catch(() => null)
      if (text !== null) return versionIn(text)
    }
  }
  return null
}

/** The version of the package that a directory belongs to. */
async function versionAbove(directory: string): Promise<string | null> {
  for (let at = directory; at !== dirname(at); at = dirname(at)) {
    const text = await readFile(join(at, 'package.json'), 'utf8').catch(() => null)
    if (text !== null) return versionIn(text)
  }
  return null
}

function versionIn(text: string): string | null {
  try {
    const { version } = JSON.parse(text)
    return typeof version === 'string' ? version : null
  } catch {
    return null
  }
}
