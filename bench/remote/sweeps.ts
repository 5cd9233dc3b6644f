/** Sweeps that are measured, here and through a queue. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sweep } from '../../src/index.js'
import { remoteExecutor } from '../../src/remote/index.js'

export interface Measured {
  /** Trials a second, without those that were in flight first: until then threads start. */
  readonly perSecond: number
  /** ms of processor time a trial in the process that runs the sweep. */
  readonly processor: number
  /** Seconds from the first outcome to the last. */
  readonly seconds: number
}

export interface Asked {
  readonly trainer: string
  readonly trials: number
  readonly parallel: number
  /** Threads here; with a queue, none. */
  readonly workers?: number
  readonly queue?: string
}

export function fixture(name: string): string {
  return fileURLToPath(new URL(`../speed/fixtures/${name}.mjs`, import.meta.url))
}

export async function measure({ trainer, trials, parallel, workers = 1, queue }: Asked): Promise<Measured> {
  const store = mkdtempSync(join(tmpdir(), 'espalier-bench-'))
  let [ended, began, last] = [0, 0, 0]
  let [before, after] = [process.cpuUsage(), process.cpuUsage()]
  const first = Math.min(parallel, trials >> 1)
  const result = await sweep(
    {
      name: 'remote',
      parameters: { x: { type: 'float', min: -1, max: 1 }, y: { type: 'int', min: 1, max: 1000 } },
    },
    {
      trainer: fixture(trainer),
      algorithm: 'random',
      trials,
      parallel,
      store,
      ...(queue === undefined ? { workers } : { executor: remoteExecutor({ queue }) }),
      onEvent({ type }) {
        if (type !== 'trial-ended') return
        ended++
        if (ended === first) {
          began = performance.now()
          before = process.cpuUsage()
        }
        last = performance.now()
        if (ended === trials) after = process.cpuUsage(before)
      },
    },
  )
  rmSync(store, { recursive: true })
  if (result.trials.finished !== trials)
    throw new Error(`${result.trials.finished} of ${trials} trials finished`)
  const counted = trials - first
  const seconds = (last - began) / 1000
  return { perSecond: counted / seconds, processor: (after.user + after.system) / 1000 / counted, seconds }
}
