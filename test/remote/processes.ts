/** Workers and coordinators as processes of their own, by the compiled program, and what their sweep came to. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { isEspalierError } from '../../src/errors.js'
import { numbersIn, stayingCheckpoints } from '../../src/execution/index.js'
import { checkpointNames } from '../../src/names.js'
import { openStore } from '../../src/tracking/index.js'
import { type Essence, essenceOf } from '../crash/driver.js'
import { temporaryFolder } from '../temporary.js'

export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
export const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url))

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

export async function until(what: string, holds: () => Promise<boolean> | boolean, ms = 60_000) {
  const deadline = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${ms / 1000} s for ${what}`)
    await pause(10)
  }
}

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
}

const alive = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/** A process of `espalier`. */
export class Espalier {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  stderr = ''
  stdout = ''
  over = false

  constructor(
    args: readonly string[],
    cwd: string,
    env: Readonly<Record<string, string>>,
    program = main,
    before: readonly string[] = [],
  ) {
    const { ESPALIER_STORE: _, NO_COLOR: __, FORCE_COLOR: ___, ...clean } = process.env
    const [file, ...rest] = [...before, process.execPath, program, ...args]
    this.process = spawn(file, rest, {
      cwd,
      env: { ...clean, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    alive.add(this.process)
    this.process.stderr!.setEncoding('utf8').on('data', (text) => {
      this.stderr += text
    })
    this.process.stdout!.setEncoding('utf8').on('data', (text) => {
      this.stdout += text
    })
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code, signal) => {
        this.over = true
        alive.delete(this.process)
        resolve({ code, signal })
      })
    })
  }

  /** Resolves when its stderr has this; throws where it ends without. */
  async saw(text: string | RegExp, ms?: number): Promise<void> {
    const has = () => (typeof text === 'string' ? this.stderr.includes(text) : text.test(this.stderr))
    await until(
      `"${text}" on stderr (${this.process.spawnargs.slice(2, 4).join(' ')})`,
      () => has() || this.over,
      ms,
    )
    if (!has()) throw new Error(`it ended without "${text}": ${this.stderr}`)
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name)
  }

  async kill(): Promise<void> {
    // One that is frozen is killed too.
    this.signal('SIGKILL')
    await this.ended
  }

  /** Trials whose end it has told of; of one that "failed and is tried again" it is not the end. */
  get told(): number[] {
    return [...this.stderr.matchAll(/^trial (\d+) (?:finished|failed|pruned) in /gm)].map((match) =>
      Number(match[1]),
    )
  }
}

/** What is common to all processes of a sweep. */
export interface Cast {
  /** A folder of its own, with a cache and a store in it. */
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
}

let casts = 0

/** A queue of its own on the server of the environment; `env` adds to what all its processes have. */
export function castOf(claimMs: number, env: Readonly<Record<string, string>> = {}): Cast {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'running'))
  return {
    folder,
    env: {
      ESPALIER_QUEUE_NAME: `cast${process.pid}_${casts++}`,
      ESPALIER_QUEUE_CLAIM_MS: String(claimMs),
      ESPALIER_CACHE: join(folder, 'cache'),
      ESPALIER_PROGRESS: 'lines',
      XDG_STATE_HOME: join(folder, 'state'),
      PLACE: folder,
      ...env,
    },
  }
}

/** `own`: of its environment; `before`: the command that starts it. */
export function worker(
  { folder, env }: Cast,
  url: string,
  more: readonly string[] = [],
  own = {},
  before: readonly string[] = [],
): Espalier {
  return new Espalier(['worker', '--queue', url, ...more], folder, { ...env, ...own }, main, before)
}

const storeIn = (folder: string) => join(folder, 'store')

/** A process that coordinates the sweep of `sweep.json`: its beginning, or its continuation where there is one already. */
export async function coordinator({ folder, env }: Cast, url: string, args: readonly string[] = []) {
  const id = await sweepIn(storeIn(folder))
  const what = id === null ? ['sweep', 'sweep.json'] : ['resume', id]
  return new Espalier(
    [...what, '--queue', url, '--store', storeIn(folder), ...(id === null ? args : [])],
    folder,
    env,
  )
}

export function writeSweep({ folder }: Cast, file: object): void {
  writeFileSync(join(folder, 'sweep.json'), JSON.stringify(file))
}

async function sweepIn(store: string): Promise<string | null> {
  try {
    return (await (await openStore(store)).sweeps())[0]?.id ?? null
  } catch (error) {
    // Killed before anything was recorded.
    if (isEspalierError(error) && error.code === 'STORE_MISSING') return null
    throw error
  }
}

/** What it came to on one thread of this machine. */
export async function localSweep(cast: Cast, args: readonly string[] = []): Promise<Essence> {
  const store = join(cast.folder, 'local')
  const all = ['sweep', 'sweep.json', '--workers', '1', '--no-queue', '--store', store, ...args]
  const run = new Espalier(all, cast.folder, cast.env)
  const { code } = await run.ended
  expect(code, run.stderr).toBe(0)
  return essenceOf(store, (await sweepIn(store))!)
}

async function remoteSweep({ folder }: Cast): Promise<Essence> {
  const store = storeIn(folder)
  return essenceOf(store, (await sweepIn(store))!)
}

/** All that must not depend on where and how often a sweep was interrupted: trials with their steps and origins, the best, all files. */
export async function expectSame(cast: Cast, local: Essence, where = ''): Promise<void> {
  const remote = await remoteSweep(cast)
  // One by one first, which says more where they differ.
  for (const [i, trial] of local.trials.entries()) expect(remote.trials[i], where).toEqual(trial)
  expect(remote.models, where).toEqual(local.models)
  expect(digestOf(remote), where).toBe(digestOf(local))
}

/** What stays of the checkpoints of its trials, file by file. */
export async function expectSameCheckpoints({ folder }: Cast, where = ''): Promise<void> {
  const [local, remote] = await Promise.all([join(folder, 'local'), storeIn(folder)].map(stayingIn))
  expect(remote, where).toEqual(local)
}

async function stayingIn(directory: string): Promise<Record<string, string>> {
  const checkpoints = (await openStore(directory)).checkpointsOf((await sweepIn(directory))!)
  const digests: Record<string, string> = {}
  for (const trial of await numbersIn(join(checkpoints, checkpointNames.ended)))
    for (const { part, folder } of await stayingCheckpoints(checkpoints, trial))
      for (const name of readdirSync(folder)) {
        const content = readFileSync(join(folder, name))
        digests[`${trial}/${part}/${name}`] = createHash('sha256').update(content).digest('hex')
      }
  return digests
}

/** SHA-256 of it. */
export function digestOf(essence: Essence): string {
  return createHash('sha256').update(JSON.stringify(essence)).digest('hex')
}

/** Every trial that was told of as ended is on record, and none has ended twice. */
export async function expectNothingLost(
  { folder }: Cast,
  told: Iterable<number>,
  where: string,
): Promise<void> {
  const store = storeIn(folder)
  const sweep = await sweepIn(store)
  const trials = sweep === null ? [] : await (await openStore(store)).trials(sweep)
  const ended = new Set(
    trials
      .filter(({ status }) => ['finished', 'failed', 'pruned'].includes(status))
      .map(({ trial }) => trial),
  )
  expect(
    [...new Set(told)].filter((trial) => !ended.has(trial)),
    `told of and lost, ${where}`,
  ).toEqual([])
  expect(new Set(trials.map(({ trial }) => trial)).size, `trials on record twice, ${where}`).toBe(
    trials.length,
  )
  if (sweep === null) return
  const journal = join(store, 'sweeps', sweep, 'journal.jsonl')
  const ends = existsSync(journal)
    ? [...readFileSync(journal, 'utf8').matchAll(/"event":"ended",[^{]*?"trial":(\d+)/g)].map(
        (match) => match[1],
      )
    : []
  expect(ends.length, `ended twice, ${where}`).toBe(new Set(ends).size)
}
