/** Checkpoints of modules and functions: in threads and in line, of every fold, of replicates, and when an attempt is made again. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openStore, resumeSweep, type SweepEvent, sweep } from '../../src/index.js'
import { essenceOf, sweepFile, temporaryDirectory } from './support.js'

const module = (name: string) => fileURLToPath(new URL(`modules/${name}`, import.meta.url))
const { default: counting } = await import(module('counting.mjs'))

/** How often each line of a file is in it. */
function counted(path: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of readFileSync(path, 'utf8').trim().split('\n'))
    counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}

/** What is more than once. */
const again = (counts: ReadonlyMap<string, number>) => [...counts].filter(([, count]) => count > 1)

async function countingSweep(more: Record<string, unknown> = {}, search: object = {}) {
  const directory = await temporaryDirectory()
  const trained = join(directory, 'trained.log')
  const json = {
    name: 'counting',
    objective: { metric: 'loss', direction: 'minimize' },
    search: { algorithm: 'random', trials: 4, seed: 5, ...search },
    parameters: { x: { type: 'int', min: 0, max: 1000 }, trained, ...more },
  } as const
  return { json, directory, trained, store: join(directory, 'runs') }
}

/** Stops it, running trials too, when this step of this trial is reported: it is cut off before it is kept. */
function cutOffAt(trial: number, step: number) {
  const stop = new AbortController()
  const onEvent = (event: SweepEvent) => {
    if (event.type === 'step' && event.trial === trial && event.step === step) stop.abort()
  }
  return { signal: stop.signal, killSignal: stop.signal, onEvent, workers: 1 }
}

describe('an objective that goes on from its checkpoint', () => {
  it.each([
    ['in a thread', { trainer: module('counting.mjs') }],
    ['in line', { run: counting.objective }],
  ])('%s trains no step twice, and keeps what it logged and handed in', async (where, trained) => {
    const whole = await countingSweep()
    const result = await sweep(whole.json, { store: whole.store, workers: 1, ...trained })
    expect(result).toMatchObject({ trials: { finished: 4 } })
    const cut = await countingSweep()
    const options = { store: cut.store, ...trained }
    const stopped = await sweep(cut.json, { ...options, ...cutOffAt(1, 3) })
    expect(stopped.status).toBe('interrupted')
    const trust = where === 'in line' ? trained : { trustModule: true }
    const resumed = await resumeSweep(stopped.run, { store: cut.store, workers: 2, ...trust } as never)
    expect(resumed).toMatchObject({ status: 'finished', trials: { finished: 4 } })
    expect(again(counted(cut.trained))).toEqual([['1 3', 2]])
    const strip = (text: string) =>
      JSON.stringify(text).replaceAll(cut.directory, '').replaceAll(whole.directory, '')
    const [one, other] = [
      await essenceOf(cut.store, cut.store && stopped.run),
      await essenceOf(whole.store, result.run),
    ]
    expect(strip(one as never)).toEqual(strip(other as never))
    const store = await openStore(cut.store)
    const [, trial] = await store.trials(stopped.run)
    expect(trial.conditions.continued).toEqual([{ attempt: 1, step: 2 }])
    const textOf = async (name: string) => new TextDecoder().decode(await store.readArtifact(trial.id, name))
    expect(await textOf('first.txt')).toMatch(/^\d+\n$/)
    const lines = (await textOf('log.txt')).trim().split('\n')
    expect(lines.filter((line) => line.startsWith('step'))).toEqual(
      [0, 1, 2, 3, 4, 5].map((n) => `step ${n}`),
    )
  })

  it('goes on from it where an attempt is made again', async () => {
    const { json, trained, store } = await countingSweep({ throwsAt: 3 })
    const result = await sweep(json, { store, trainer: module('counting.mjs'), retries: 1, workers: 2 })
    expect(result).toMatchObject({ trials: { finished: 4 } })
    expect(
      again(counted(trained))
        .map(([step]) => step)
        .sort(),
    ).toEqual(['0 3', '1 3', '2 3', '3 3'])
    const trials = await (await openStore(store)).trials(result.run)
    for (const { conditions } of trials) expect(conditions.continued).toEqual([{ attempt: 1, step: 2 }])
  })

  it('has one of its own for each replicate of the same params', async () => {
    const { json, trained, store } = await countingSweep({ x: 7 }, { replicates: 2, trials: 2 })
    const result = await sweep(json, {
      store,
      trainer: module('counting.mjs'),
      workers: 1,
      keepCheckpoints: true,
    })
    const opened = await openStore(store)
    const kept = opened.checkpointsOf(result.run)
    expect(readdirSync(join(kept, 'ended'))).toEqual(['0', '1'])
    expect([...counted(trained).values()]).toEqual(Array(12).fill(1))
  })
})

describe('a trainer that goes on from its checkpoint', () => {
  it('has one for each fold, and one for its last model, which is gone when that is fitted', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i},${(i * 7) % 11}`)
    const log = join(await temporaryDirectory(), 'trained.log')
    process.env.TRAINED_LOG = log
    const json = {
      name: 'averaging',
      trainer: module('averaging.mjs'),
      data: { file: 'data.csv', target: 'y' },
      objective: { metric: 'rmse', direction: 'minimize' },
      validation: { folds: 3 },
      search: { algorithm: 'random', trials: 2, seed: 5, parallel: 1 },
      parameters: { rate: { type: 'float', min: 0.1, max: 0.9 } },
    }
    const made = await sweepFile(json)
    writeFileSync(join(made.directory, 'data.csv'), ['x,y', ...rows].join('\n'))
    const whole = await sweep(made.file, { store: join(made.directory, 'whole'), workers: 1 })
    const steps = counted(log)
    writeFileSync(log, '')
    const stop = new AbortController()
    const stopped = await sweep(made.file, {
      ...{ store: made.store, workers: 1, signal: stop.signal, killSignal: stop.signal },
      onEvent: (event) => {
        if (event.type === 'step' && event.trial === 1 && event.fold === 1 && event.step === 4) stop.abort()
      },
    })
    expect(stopped.status).toBe('interrupted')
    const resumed = await resumeSweep(stopped.run, {
      store: made.store,
      workers: 2,
      trustModule: true,
    } as never)
    expect(resumed.status).toBe('finished')
    expect(await essenceOf(made.store, stopped.run)).toEqual(
      await essenceOf(join(made.directory, 'whole'), whole.run),
    )
    const trials = await (await openStore(made.store)).trials(stopped.run)
    // The fold that had ended had its last step in its checkpoint; the other one goes on where it was cut off.
    expect(trials[1].conditions.continued).toEqual([
      { attempt: 1, step: 5, fold: 0 },
      { attempt: 1, step: 3, fold: 1 },
    ])
    expect(again(counted(log)).map(([, count]) => count)).toEqual([2])
    expect([...counted(log).keys()].sort()).toEqual([...steps.keys()].sort())
    expect(existsSync((await openStore(made.store)).checkpointsOf(stopped.run))).toBe(false)
  })
})
