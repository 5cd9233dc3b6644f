/**
 * Kills a sweep, in this process, after each of its operations on files in turn, resumes what is left, and compares it
 * with the whole one. What kills at random instants meet by luck, this meets every time.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { isEspalierError } from '../../src/errors.js'
import { conduct } from '../../src/launch/conduct.js'
import { type PreparedSweep, prepareSweep } from '../../src/launch/prepare.js'
import { recordedTrial } from '../../src/launch/recorded-trial.js'
import type { LaunchHooks, SweepOverrides } from '../../src/launch/types.js'
import { parseSweepFile } from '../../src/space/index.js'
import { newSweepId, openStore, type RunStore } from '../../src/tracking/index.js'
import { type OpenTrainer, openTrainer } from '../../src/training/index.js'
import type { JsonObject } from '../../src/values.js'
import { temporaryDirectory, wineKnn } from '../launch/support.js'
import { DyingFiles } from '../tracking/dying-files.js'
import { essenceOf } from './driver.js'

export interface KilledSweep {
  /** What a sweep file says. */
  readonly file: object
  readonly beside?: Pick<SweepOverrides, 'retries' | 'keepModels' | 'order'>
  /** Trains in this thread; else the file's trainer, which is a built-in one. */
  readonly trainer?: OpenTrainer
}

/** In this thread, so that a kill costs no start of threads. */
async function prepared({ file, beside = {}, trainer }: KilledSweep): Promise<PreparedSweep> {
  const parsed = await parseSweepFile(file)
  const code = trainer ?? (await openTrainer({ kind: 'built-in', name: parsed.trainer as string }))
  return prepareSweep({ file: parsed, source: null, beside, code })
}

function start(sweep: PreparedSweep, store: RunStore, workers: number, hooks: LaunchHooks = {}) {
  const id = newSweepId()
  return conduct({
    sweep: id,
    prepared: sweep,
    store,
    session: { workers },
    experiment: 'killed',
    hooks,
    open: async () => {
      const writer = await store.createSweep({
        id,
        experiment: 'killed',
        name: 'killed',
        objectives: [sweep.spec.objective],
        spec: sweep.spec as unknown as JsonObject,
        conditions: {},
      })
      return { writer, record: [] }
    },
  })
}

function resume(
  sweep: PreparedSweep,
  store: RunStore,
  run: string,
  workers: number,
  hooks: LaunchHooks = {},
) {
  return conduct({
    sweep: run,
    prepared: sweep,
    store,
    session: { workers },
    experiment: 'killed',
    hooks,
    open: async () => {
      const writer = await store.resumeSweep(run, { conditions: {} })
      return { writer, record: (await store.trials(run)).map(recordedTrial) }
    },
  })
}

/** All of a sweep that must not depend on how often it was killed. */
export async function wholeEssence(directory: string, run: string) {
  const store = await openStore(directory)
  const { status, trials, metrics, tags, artifacts, error } = (await store.sweeps()).find(
    ({ id }) => id === run,
  )!
  const essence = await essenceOf(directory, run)
  // By arrival, what ran again arrived when it did.
  const inOrder = (essence.trials as { conditions: JsonObject }[]).map(({ conditions, ...trial }) => ({
    ...trial,
    conditions: { ...conditions, arrival: null },
  }))
  const parent = { status, trials, metrics, tags, artifacts, error }
  return { ...essence, trials: inOrder, parent, arrivals: arrivalsOf(essence.trials) }
}

/** How many different numbers there are: none comes twice. */
function arrivalsOf(trials: readonly unknown[]): number {
  return new Set((trials as { conditions: JsonObject }[]).map(({ conditions }) => conditions.arrival)).size
}

const isDead = (error: unknown): boolean => /EDEAD|is dead/.test(String((error as Error)?.message))

async function sweepIn(directory: string): Promise<string | null> {
  try {
    return (await (await openStore(directory)).sweeps())[0]?.id ?? null
  } catch (error) {
    if (isEspalierError(error) && error.code === 'STORE_MISSING') return null
    throw error
  }
}

/** Expects everything reported to be in the store in `directory`, and resumes it to the whole sweep. */
async function expectResumed(
  definition: PreparedSweep,
  directory: string,
  reported: readonly number[],
  whole: unknown,
  workers: number,
  where: string,
): Promise<void> {
  const run = await sweepIn(directory)
  const store = await openStore(directory)
  const trials = run === null ? [] : await store.trials(run)
  const ended = trials.filter(({ status }) => ['finished', 'failed', 'pruned'].includes(status))
  const lost = reported.filter((trial) => !ended.some((run) => run.trial === trial))
  expect(lost, `reported and lost, ${where}`).toEqual([])
  const id = run ?? (await start(definition, store, workers)).run
  if (run !== null) await resume(definition, store, run, workers)
  expect(await wholeEssence(directory, id), where).toEqual(whole)
}

export interface KillsOptions {
  /** Every so many-th operation is the last of a process. */
  readonly every?: number
  readonly first?: number
}

/** Resolves with the whole sweep and how many operations it took, for the caller to see that it is a fair test. */
export async function expectKillsResumed(sweep: KilledSweep, { every = 1, first = 1 }: KillsOptions = {}) {
  const definition = await prepared(sweep)
  const top = await temporaryDirectory()
  const home = join(top, 'whole')
  await mkdir(home)
  const files = new DyingFiles(home)
  const { run } = await start(definition, await openStore(join(home, 'runs'), { files }), 2)
  const whole = await wholeEssence(join(home, 'runs'), run)
  for (let last = first; ; last += every) {
    const at = join(top, `killed-${last}`)
    await mkdir(at)
    const workers = 1 + (last % 3)
    const dying = new DyingFiles(at, last)
    const reported: number[] = []
    const hooks: LaunchHooks = {
      onEvent: (event) => {
        if (event.type === 'trial-ended') reported.push(event.trial)
      },
    }
    const began = openStore(join(at, 'runs'), { files: dying }).then((store) =>
      start(definition, store, workers, hooks),
    )
    await began.catch((error) => {
      if (!isDead(error)) throw error
    })
    if (!dying.dead) {
      await rm(at, { recursive: true })
      return { whole, operations: files.operations }
    }
    for (const names of ['all', 'synced'] as const) {
      const after = join(top, `cut-${last}-${names}`)
      await dying.afterPowerCut(after, names)
      const where = `power cut after operation ${last}, ${names} names`
      await expectResumed(definition, join(after, 'runs'), reported, whole, workers, where)
      await rm(after, { recursive: true })
    }
    await expectResumed(
      definition,
      join(at, 'runs'),
      reported,
      whole,
      workers,
      `killed after operation ${last}`,
    )
    await rm(at, { recursive: true })
  }
}

export const killedSweeps: Record<string, KilledSweep> = {
  'with models of the best, a holdout part and an estimate': {
    file: {
      ...wineKnn,
      validation: { folds: 3, holdout: 0.2 },
      search: { algorithm: 'sobol', trials: 4, seed: 5, parallel: 2 },
    },
  },
  'by arrival, with failures, retries and files of the trials': {
    file: {
      name: 'fails-for-some',
      search: { algorithm: 'random', trials: 5, seed: 2, parallel: 2 },
      parameters: { x: { type: 'float', min: -1, max: 1 } },
    },
    beside: { retries: 1, order: 'arrival' },
    trainer: {
      kind: 'objective',
      objective: {
        name: 'fails-for-some',
        objective({ x }, context) {
          context.artifact('x.txt', String(x))
          if (Number(x) < -0.2) throw new Error('too far to the left')
          return Number(x) ** 2
        },
      },
    },
  },
}
