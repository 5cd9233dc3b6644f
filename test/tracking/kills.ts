/**
 * Each task of a store, killed after each of its operations on files in turn: what was there is there, as it was or as it
 * was to be, and done again, the task leaves nothing behind that should not be.
 */
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { isEspalierError } from '../../src/errors.js'
import { openStore, type RunStore, type SweepWriter } from '../../src/tracking/index.js'
import { runTrials, sweepOf } from '../laws/store.js'
import { temporaryDirectory } from '../temporary.js'
import { DyingFiles } from './dying-files.js'

interface Task {
  /** The run that it is about. */
  of(sweep: string, child: (trial: number) => string): string
  work(store: RunStore, id: string): Promise<unknown>
  /** Trials of the sweep afterwards; null where it is gone. */
  readonly trials: readonly number[] | null
}

export const tasks: Record<string, Task> = {
  'a trial deleted': {
    of: (_, child) => child(2),
    work: (store, id) => store.delete(id),
    trials: [0, 1, 3],
  },
  'a sweep deleted': {
    of: (sweep) => sweep,
    work: (store, id) => store.delete(id),
    trials: null,
  },
  'a tag set': {
    of: (_, child) => child(1),
    work: (store, id) => store.tag(id, { good: 'yes' }),
    trials: [0, 1, 2, 3],
  },
  'a journal that grew without need compacted': {
    of: (sweep) => sweep,
    async work(store, id) {
      const writer = await store.resumeSweep(id, { conditions: {} })
      const annotate = (_: unknown, i: number) => writer.annotate(1, { tags: { count: String(i) } })
      await finishing(writer, () => Promise.all(Array.from({ length: 150 }, annotate)))
    },
    trials: [0, 1, 2, 3],
  },
  'files and trials added': {
    of: (sweep) => sweep,
    async work(store, id) {
      const writer = await store.resumeSweep(id, { conditions: {} })
      await finishing(writer, async () => {
        const ended = (await store.trials(id)).filter(({ status }) => status === 'finished')
        await runTrials(writer, ended.length, 6)
        await writer.artifact(0, 'model.json', JSON.stringify({ trial: 0 }))
        await writer.artifact(3, 'notes/one.txt', 'one')
      })
    },
    trials: [0, 1, 2, 3, 4, 5],
  },
}

async function finishing(writer: SweepWriter, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } finally {
    await writer.finish({ status: 'finished' })
  }
}

async function makeStore(files: DyingFiles, directory: string) {
  const store = await openStore(directory, { files })
  const writer = await store.createSweep(sweepOf())
  await runTrials(writer, 0, 4)
  for (const trial of [0, 2]) await writer.artifact(trial, 'model.json', JSON.stringify({ trial }))
  await writer.finish({ status: 'finished' })
  return { store, id: writer.id, child: (trial: number) => writer.childId(trial) }
}

/** Everything a store says of a sweep, every file read; null where there is none. */
async function readAll(store: RunStore, id: string) {
  const parent = (await store.sweeps()).find((run) => run.id === id)
  if (parent === undefined) return null
  const trials = await store.trials(id)
  const files: Record<string, string> = {}
  for (const run of trials)
    for (const { name } of run.artifacts)
      files[`${run.trial}/${name}`] = Buffer.from(await store.readArtifact(run.id, name)).toString()
  return { parent, trials, files }
}

const unlessDead = (error: unknown) => {
  if (!/is dead/.test(String((error as Error).message))) throw error
}
const unlessGone = (error: unknown) => {
  if (!isEspalierError(error) || error.code !== 'RUN_UNKNOWN') throw error
}

/** Kills it after the `first` operation, and after each `every`-th from there on. */
export async function expectSurvived(
  { of, work, trials }: Task,
  first: number,
  every: number,
): Promise<void> {
  const top = await temporaryDirectory()
  for (let last = first; ; last += every) {
    const at = join(top, String(last))
    await mkdir(at)
    const files = new DyingFiles(at)
    const { store, id, child } = await makeStore(files, join(at, 'runs'))
    const before = await readAll(await openStore(join(at, 'runs')), id)
    files.last = files.operations + last
    await work(store, of(id, child)).catch(unlessDead)
    const places = [join(at, 'runs')]
    for (const names of ['all', 'synced'] as const) {
      if (!files.dead) break
      await files.afterPowerCut(join(at, names), names)
      places.push(join(at, names, 'runs'))
    }
    for (const place of places) {
      const where = `${place} after ${last} operations`
      const again = await openStore(place)
      const found = await readAll(again, id)
      if (found === null) expect(trials, where).toBe(null)
      else
        for (const run of before!.trials) {
          const now = found.trials.find(({ trial }) => trial === run.trial)
          if (now) expect(now.value, where).toBe(run.value)
          else expect(trials, where).not.toContain(run.trial)
        }
      if (files.dead) await work(again, of(id, child)).catch(unlessGone)
      // Whoever writes next clears up.
      if (trials !== null) await again.tag(id, { seen: 'yes' })
      else await (await again.createSweep(sweepOf())).finish({ status: 'finished' })
      const after = await readAll(again, id)
      expect(after?.trials.map(({ trial }) => trial) ?? null, where).toEqual(trials)
      const left = (await readdir(join(place, 'sweeps'), { recursive: true })).filter(
        (file) => /(^|[\\/])\./.test(file) || /[\\/]lock/.test(file),
      )
      expect(left, where).toEqual([])
      if (trials === null) continue
      const journal = await readFile(join(place, 'sweeps', id, 'journal.jsonl'), 'utf8')
      expect(journal.includes(child(2)), where).toBe(trials.includes(2))
      const folders = await readdir(join(place, 'sweeps', id, 'artifacts'))
      expect(folders.includes('2'), where).toBe(trials.includes(2))
    }
    if (!files.dead) {
      expect(last).toBeGreaterThan(2)
      break
    }
  }
}
