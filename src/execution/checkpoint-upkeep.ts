/** The checkpoints of a sweep as a whole: what they take, and what becomes of them when trials end. */
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkpointNames } from '../names.js'
import type { CheckpointPlan } from '../training/index.js'
import { type CheckpointOwner, keptAmong, laterParts, partFolder, workKept } from './checkpoint-files.js'

const { ended } = checkpointNames

/**
 * Whether a checkpoint of so many bytes fits in beside those of other fits; those that stay of trials that have ended go for
 * it, that of the earliest trial first. Counted anew each time: the fits of other threads are known by their folders alone.
 */
export async function makeRoom(folder: string, part: string, bytes: number, limit: number): Promise<boolean> {
  if (bytes > limit) return false
  let running = 0
  for (const trial of await numbersIn(folder)) running += await bytesIn(join(folder, String(trial)), part)
  if (running + bytes > limit) return false
  const endedFolder = join(folder, ended)
  const stay: { readonly path: string; readonly bytes: number }[] = []
  for (const trial of await numbersIn(endedFolder)) {
    const path = join(endedFolder, String(trial))
    stay.push({ path, bytes: await bytesIn(path) })
  }
  let total = running + bytes + stay.reduce((sum, one) => sum + one.bytes, 0)
  for (const one of stay) {
    if (total <= limit) break
    await rm(one.path, { recursive: true, force: true })
    total -= one.bytes
  }
  return true
}

/** Whether a fit may keep a checkpoint of so many bytes, as `makeRoom`. */
export function roomFor(plan: CheckpointPlan, owner: CheckpointOwner, bytes: number): Promise<boolean> {
  return makeRoom(plan.folder, partFolder(plan, owner), bytes, plan.limitMB * 2 ** 20)
}

/** Bytes of whole checkpoints of one trial, but for those of a part. */
async function bytesIn(trial: string, except?: string): Promise<number> {
  let bytes = 0
  for (const part of await namesIn(trial)) {
    const path = join(trial, part)
    if (path !== except) bytes += keptAmong(await namesIn(path))[0]?.bytes ?? 0
  }
  return bytes
}

/** A trial has ended, and its outcome is on record: its checkpoints go, or the last whole ones stay. */
export async function endCheckpoints(folder: string, trial: number, keep: boolean): Promise<void> {
  const from = join(folder, String(trial))
  for (const part of (await namesIn(from)).filter((name) => !laterParts.includes(name))) {
    const path = join(from, part)
    const [last] = keep ? keptAmong(await namesIn(path)) : []
    if (last !== undefined) {
      const to = join(folder, ended, String(trial), part)
      await mkdir(to, { recursive: true })
      await rename(join(path, last.name), join(to, last.name))
    }
    await rm(path, { recursive: true, force: true, maxRetries: 3 })
  }
  await rmdir(from).catch(() => {})
}

/** A checkpoint that stays of a trial that has ended. */
export interface StayingCheckpoint {
  /** `whole`, or `fold-0`. */
  readonly part: string
  /** What was in its folder lies here. */
  readonly folder: string
  readonly bytes: number
}

/** What stays of a trial that has ended: folds in their order. */
export async function stayingCheckpoints(folder: string, trial: number): Promise<StayingCheckpoint[]> {
  const all: StayingCheckpoint[] = []
  const path = join(folder, ended, String(trial))
  for (const part of await namesIn(path)) {
    const [last] = keptAmong(await namesIn(join(path, part)))
    if (last !== undefined)
      all.push({ part, folder: workKept(join(path, part, last.name)), bytes: last.bytes })
  }
  return all.sort((a, b) => a.part.localeCompare(b.part, 'en', { numeric: true }))
}

/** The sweep has ended: only what is to stay does. */
export async function clearCheckpoints(folder: string): Promise<void> {
  for (const name of await namesIn(folder))
    if (name !== ended) await rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 })
  await rmdir(folder).catch(() => {})
}

/** Trials that have left checkpoints, the first one first. */
export async function numbersIn(folder: string): Promise<number[]> {
  return (await namesIn(folder))
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])
