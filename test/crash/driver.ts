/**
 * Runs a sweep of the compiled program and kills it, with SIGKILL, at random instants, resuming it each time,
 * until it is through. What it checks on the way: the store opens after every kill, and every trial whose end
 * was reported before the kill is in it.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { isEspalierError } from '../../src/errors.js'
import { type RandomStream, randomStream } from '../../src/numeric/index.js'
import { type ChildRun, openStore } from '../../src/tracking/index.js'
import { steady } from '../laws/store.js'

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Scenario {
  readonly name: string
  /** What the sweep file says, data and trainer by absolute path. */
  readonly file: string
  readonly args: readonly string[]
}

/** Everything of a sweep that must be the same after crashes: trials with their origins, the best, SHA-256 of files. */
export interface Essence {
  readonly trials: unknown[]
  readonly best: unknown
  readonly models: Record<string, string>
}

export async function essenceOf(directory: string, sweep: string): Promise<Essence> {
  const store = await openStore(directory)
  const parent = (await store.sweeps()).find(({ id }) => id === sweep)!
  const trials = await store.trials(sweep)
  const models: Record<string, string> = {}
  for (const run of trials) {
    for (const { name } of run.artifacts)
      models[`${run.trial}/${name}`] = createHash('sha256')
        .update(await readFile(store.artifactPath(run.id, name)))
        .digest('hex')
  }
  return {
    trials: trials.map((run) => ({
      ...steady(run),
      failures: run.attempts.filter((attempt) => attempt.error).map((attempt) => attempt.error),
    })),
    best: parent.best && { trial: parent.best.trial, value: parent.best.value },
    models,
  }
}

/** Runs it without interruption. */
export async function wholeSweep(scenario: Scenario, directory: string): Promise<Essence> {
  const { code, errors } = await finish(
    start(['sweep', scenario.file, ...scenario.args, '--store', directory]),
  )
  if (code !== 0) throw new Error(`the sweep ended with ${code}: ${errors}`)
  const [sweep] = await (await openStore(directory)).sweeps()
  return essenceOf(directory, sweep.id)
}

/** Kills it `kills` times at the most; fewer where it gets through before. Resolves with how many there were. */
export async function killedSweep(
  scenario: Scenario,
  directory: string,
  kills: number,
  seed: number,
): Promise<{ essence: Essence; kills: number; cutOff: number }> {
  const random = randomStream(seed, 'crash-test', scenario.name)
  let done = 0
  for (;;) {
    const sweep = await existingSweep(directory)
    const workers = String(1 + random.integer(3))
    const command =
      sweep === null
        ? ['sweep', scenario.file, ...scenario.args, '--store', directory, '--workers', workers]
        : ['resume', sweep, '--store', directory, '--workers', workers]
    const child = start(command)
    if (done >= kills) {
      const { code, errors } = await finish(child)
      if (code !== 0)
        throw new Error(`after ${done} kills (seed ${seed}), resuming ended with ${code}: ${errors}`)
      break
    }
    const { code, signal, reported } = await killAtRandom(child, random)
    if (signal === 'SIGKILL') done++
    else if (code !== 0)
      throw new Error(
        `after ${done} kills (seed ${seed}), ${command[0]} ended with ${code}: ${child.errors()}`,
      )
    await checkStore(directory, reported, seed, done)
    if (code === 0) break
  }
  const sweep = (await existingSweep(directory))!
  const trials = await (await openStore(directory)).trials(sweep)
  const cutOff = trials.reduce((sum, { attempts }) => sum + attempts.length, 0)
  return { essence: await essenceOf(directory, sweep), kills: done, cutOff }
}

async function existingSweep(directory: string): Promise<string | null> {
  try {
    return (await (await openStore(directory)).sweeps())[0]?.id ?? null
  } catch (error) {
    // Killed before anything was recorded.
    if (isEspalierError(error) && error.code === 'STORE_MISSING') return null
    throw error
  }
}

async function checkStore(
  directory: string,
  reported: readonly number[],
  seed: number,
  kills: number,
): Promise<void> {
  const sweep = await existingSweep(directory)
  const trials: readonly ChildRun[] = sweep === null ? [] : await (await openStore(directory)).trials(sweep)
  const ended = new Set(
    trials.filter(({ status }) => status === 'finished' || status === 'failed').map(({ trial }) => trial),
  )
  const lost = reported.filter((trial) => !ended.has(trial))
  expect(lost, `reported and lost, seed ${seed}, kill ${kills}`).toEqual([])
}

interface Started {
  readonly process: ChildProcess
  errors(): string
}

function start(args: readonly string[]): Started {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr!.setEncoding('utf8').on('data', (text) => {
    errors += text
  })
  return { process: child, errors: () => errors }
}

function finish(child: Started): Promise<{ code: number | null; signal: string | null; errors: string }> {
  return new Promise((resolve) => {
    child.process.on('close', (code, signal) => resolve({ code, signal, errors: child.errors() }))
  })
}

/** Most kills come while trials run; some before the first, and some after the last is under way. */
async function killAtRandom(child: Started, random: RandomStream) {
  const ended = finish(child)
  const delay = random.next() < 0.15 ? 400 * random.next() : 0
  if (delay > 0) await wait(delay)
  else {
    await Promise.race([firstReport(child), ended])
    await wait(150 * random.next())
  }
  child.process.kill('SIGKILL')
  const { code, signal, errors } = await ended
  const reported = [...errors.matchAll(/^trial (\d+) (?:finished|failed) in /gm)].map((match) =>
    Number(match[1]),
  )
  return { code, signal, reported }
}

async function firstReport(child: Started): Promise<void> {
  while (!/^trial \d+ /m.test(child.errors()) && child.process.exitCode === null) await wait(2)
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

export function scenarios(directory: string): readonly (Scenario & { readonly json: object })[] {
  const data = fileURLToPath(new URL('../../search-spaces/data/wine.csv', import.meta.url))
  const slow = {
    trainer: fileURLToPath(new URL('./fixtures/slow.mjs', import.meta.url)),
    parameters: { x: { type: 'float', min: -1, max: 1 }, k: { type: 'int', min: 1, max: 20 } },
  }
  const knn = {
    trainer: 'knn-classifier',
    data: { file: data, target: 'cultivar' },
    validation: { folds: 4, holdout: 0.2 },
    parameters: {
      k: { type: 'int', min: 1, max: 40, scale: 'log' },
      scaling: { type: 'categorical', values: ['none', 'standard', 'minmax'] },
      distance: { type: 'categorical', values: ['euclidean', 'manhattan'] },
    },
  }
  const shell = {
    trainer: { command: [fileURLToPath(new URL('./fixtures/steps.sh', import.meta.url)), '{x}'] },
    parameters: { x: { type: 'int', min: 0, max: 999 } },
  }
  const typed = {
    trainer: fileURLToPath(new URL('../launch/modules/ridge.ts', import.meta.url)),
    data: {
      file: fileURLToPath(new URL('../../search-spaces/data/diabetes.csv', import.meta.url)),
      target: 'progression',
    },
    validation: { folds: 3 },
    parameters: {
      rate: { type: 'float', min: 0.001, max: 0.3, scale: 'log' },
      epochs: { type: 'int', min: 1, max: 40 },
    },
  }
  const scenario = (name: string, json: object, ...args: string[]) => ({
    name,
    json: { name, ...json },
    file: join(directory, `${name}.json`),
    args,
  })
  return [
    scenario('objective-sobol', slow, '--search', 'sobol', '--trials', '160', '--seed', '11'),
    scenario(
      'objective-random',
      slow,
      '--search',
      'random',
      '--trials',
      '160',
      '--seed',
      '12',
      '--retries',
      '1',
    ),
    scenario('objective-bayesian', slow, '--search', 'bayesian', '--trials', '70', '--seed', '13'),
    scenario('knn-grid', knn, '--search', 'grid', '--trials', '150', '--keep-models', 'all'),
    scenario(
      'program-median',
      shell,
      '--search',
      'random',
      '--trials',
      '60',
      '--seed',
      '15',
      '--pruner',
      'median',
    ),
    scenario(
      'module-typescript',
      typed,
      '--search',
      'sobol',
      '--trials',
      '60',
      '--seed',
      '16',
      '--keep-models',
      'all',
    ),
    scenario('knn-bayesian', knn, '--search', 'bayesian', '--trials', '60', '--seed', '14'),
  ]
}
