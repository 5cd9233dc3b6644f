/**
 * One run: a method on an instance of a task, with a number of trials in flight. Finished runs are kept in a file of
 * JSON lines, so that a bench can be interrupted, goes on where it was, and never pays twice for a slow peer.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { randomStream } from '../../src/numeric/index.js'
import type { Params } from '../../src/values.js'
import type { Peer } from './peers.js'
import type { Task } from './synthetic.js'

export interface Run {
  readonly task: string
  readonly revision: number
  readonly method: string
  /** The peer's library and its version; absent in runs of our own, and in older ones. */
  readonly version?: string
  /** Seed of the method and instance of the task. */
  readonly seed: number
  readonly parallel: number
  /** What the search was told, trial by trial. */
  readonly told: readonly number[]
  /** The true loss of each trial. */
  readonly losses: readonly number[]
  /** Time of each suggestion. */
  readonly milliseconds: readonly number[]
}

/** Methods that are told how many trials there will be: with another number they do another search. */
const planning: ReadonlySet<string> = new Set(['smac', 'nevergrad'])

/** Runs of one key are one search, the longer ones the shorter ones gone on with. */
export function runKey(
  run: Pick<Run, 'task' | 'revision' | 'method' | 'seed' | 'parallel'>,
  trials: number,
): string {
  const { task, revision, method, seed, parallel } = run
  return [task, revision, method, seed, parallel, ...(planning.has(method) ? [trials] : [])].join(' ')
}

/** Instances are seeds 1, 2 … up to this; random search's k-th run on instance i has the seed i + k · instances. */
export const instances = 10

/** The task and the instance that a run was played on. */
export const cellOf = ({ task, seed }: Pick<Run, 'task' | 'seed'>): string =>
  `${task} ${((seed - 1) % instances) + 1}`

/** A run as it stands in a file: `told` only where it is something else than the losses. */
type WrittenRun = Omit<Run, 'told'> & Partial<Pick<Run, 'told'>>

/** Finished runs of the files that are there (one that ends in .gz is packed), the longest of each key. */
export function readRuns(files: readonly string[]): Map<string, Run> {
  const runs = new Map<string, Run>()
  for (const file of files.filter(existsSync)) {
    const bytes = readFileSync(file)
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
    for (const line of text.split('\n')) {
      if (line === '') continue
      const written = JSON.parse(line) as WrittenRun
      const run = { ...written, told: written.told ?? written.losses }
      const key = runKey(run, run.losses.length)
      const known = runs.get(key)
      if (known === undefined || known.losses.length <= run.losses.length) runs.set(key, run)
    }
  }
  return runs
}

/** Losses count to so many digits: two that differ beyond it, by the order of a sum, are a tie in the tables. */
const digits = 9

/** The run as it counts and as it is packed: of runs with all digits beside packed ones, ties would be won or lost. */
export function rounded(run: Run): Run {
  const short = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(digits)))
  return { ...run, told: short(run.told), losses: short(run.losses) }
}

/** Packs runs into one file, in the order of their keys. */
export function packRuns(file: string, runs: readonly Run[]): void {
  const lines = runs
    .map((run) => {
      const { told, losses, milliseconds, ...rest } = rounded(run)
      const noisy = told.some((value, i) => value !== losses[i])
      const packed = { ...rest, ...(noisy ? { told } : {}), losses }
      const tenths = milliseconds.map((value) => Math.round(10 * value) / 10)
      return { key: runKey(run, losses.length), line: JSON.stringify({ ...packed, milliseconds: tenths }) }
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, gzipSync(`${lines.map(({ line }) => line).join('\n')}\n`, { level: 9 }))
}

export function keepRun(file: string, run: Run): void {
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${JSON.stringify(run)}\n`)
}

/**
 * Trial k is suggested when the values of all trials up to k − parallel are told; to a peer that suggests in batches of
 * `parallel`, when those of all batches before are.
 */
export async function playRun(
  task: Task,
  method: string,
  peer: Peer,
  seed: number,
  parallel: number,
  trials: number,
): Promise<Run> {
  const told: number[] = []
  const losses: number[] = []
  const milliseconds: number[] = []
  const pending: { trial: number; value: number }[] = []
  for (let k = 0; k < trials; k++) {
    const inFlight = peer.batches ? k % parallel : parallel - 1
    while (pending.length > inFlight) {
      const { trial, value } = pending.shift()!
      await peer.tell(trial, value)
    }
    const asked = await peer.ask()
    const loss = await task.loss(asked.params as Params, seed)
    const value =
      loss + (task.noise > 0 ? task.noise * randomStream(seed, 'noise', task.name, k).normal() : 0)
    pending.push({ trial: asked.trial, value })
    losses.push(loss)
    told.push(value)
    milliseconds.push(Math.round(asked.milliseconds * 100) / 100)
  }
  const { version } = peer
  return {
    task: task.name,
    revision: task.revision,
    method,
    version,
    seed,
    parallel,
    told,
    losses,
    milliseconds,
  }
}
