/** A journal that breaks off anywhere in its last records. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openStore, type ParentRun } from '../../src/tracking/index.js'
import { runTrials, startOf, sweepOf } from '../laws/store.js'
import { temporaryDirectory } from '../temporary.js'

export interface RecordedSweep {
  readonly directory: string
  readonly sweep: string
  /** The journal, and what is in it. */
  readonly path: string
  readonly whole: Buffer
  readonly snapshotFile: string
  readonly snapshot: Buffer
}

/** A journal of 10 trials; the eleventh was running when its process went away. */
export async function recordedSweep(): Promise<RecordedSweep> {
  const directory = join(await temporaryDirectory(), 'runs')
  const store = await openStore(directory)
  const writer = await store.createSweep(sweepOf())
  await runTrials(writer, 0, 10)
  await writer.trialStarted(startOf(10))
  await writer.finish({ status: 'interrupted' })
  const sweep = writer.id
  const path = join(directory, 'sweeps', sweep, 'journal.jsonl')
  const snapshotFile = join(directory, 'sweeps', sweep, 'snapshot.json')
  const [whole, snapshot] = [await readFile(path), await readFile(snapshotFile)]
  return { directory, sweep, path, whole, snapshotFile, snapshot }
}

/** Cut off at every `step`-th byte of the last three records it loses only what was cut, and is taken up again. */
export async function expectCutsRead(recorded: RecordedSweep, step: number): Promise<void> {
  const { directory, sweep, path, whole, snapshotFile } = recorded
  /** The lines whole before byte `at`, as events. */
  const linesBefore = (at: number) =>
    whole
      .subarray(0, whole.lastIndexOf(10, at - 1) + 1)
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))

  const from =
    whole.lastIndexOf(10, whole.lastIndexOf(10, whole.lastIndexOf(10, whole.length - 2) - 1) - 1) + 1
  expect(whole.length - from).toBeGreaterThan(400)
  for (let at = from; at <= whole.length; at++) {
    // The ends of records in any case.
    if ((at - from) % step !== 0 && whole[at - 1] !== 10) continue
    await writeFile(path, whole.subarray(0, at))
    // As it is before a process that is killed has written one.
    await rm(snapshotFile, { force: true })
    const events = linesBefore(at)
    const ended = events.filter(({ event }) => event === 'ended').length
    const torn = whole[at - 1] !== 10

    const reader = await openStore(directory)
    const runs = await reader.trials(sweep)
    expect(runs.filter((run) => run.status === 'finished').length).toBe(ended)
    expect(((await reader.run(sweep)) as ParentRun).trials.finished).toBe(ended)
    expect(reader.warnings.length > 0).toBe(torn)
    // A reader repairs nothing.
    expect((await readFile(path)).length).toBe(at)

    // The writing side, at every 23rd byte and at the ends of records.
    if (at % 23 !== 0 && torn) continue
    const store = await openStore(directory)
    const writer = await store.resumeSweep(sweep, { conditions: {} })
    expect(store.warnings.some((warning) => warning.includes('cut it off'))).toBe(torn)
    await runTrials(writer, 20, 21)
    await writer.finish({ status: 'finished' })
    const after = await openStore(directory)
    const finished = (await after.trials(sweep)).filter((run) => run.status === 'finished')
    expect(finished.map((run) => run.trial)).toEqual([...Array(ended).keys(), 20])
    expect(((await after.run(sweep)) as ParentRun).trials.finished).toBe(ended + 1)
    expect(after.warnings).toEqual([])
  }
}
