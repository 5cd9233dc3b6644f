/** The checkpoints of a sweep as a whole: what they take, and what becomes of them when trials end. */
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkpointNames } from '../names.js'
import type { CheckpointPlan } from '../training/index.js'
import {
  type CheckpointOwner,
  foldOf,
  keptAmong,
  laterParts,
  makingAmong,
  nameOfMaking,
  partFolder,
  workKept,
} from './checkpoint-files.js'

const { ended } = checkpointNames

/** Times that room is looked for while others make theirs, and ms between two of them. */
const mostTries = 12
const pause = 15

/** Whose checkpoint is to be made, and what it takes. */
export interface RoomRequest {
  readonly plan: CheckpointPlan
  readonly owner: CheckpointOwner
  /** Of the checkpoint among those of its fit. */
  readonly number: number
  readonly bytes: number
}

/**
 * Makes the folder in which a checkpoint is made, where that fits in beside those of other fits; null where it does not. Those that
 * stay of trials that have ended go for it, that of the earliest trial first.
 *
 * What is being made counts as if it were whole: the folder is there, and says how much it will take, before anything is counted.
 * So of two fits of different threads that keep at the same moment one sees the other at least, and both together never take more
 * than there is. Where each sees the other, they try again one after the other.
 */
export async function reserveRoom({ plan, owner, number, bytes }: RoomRequest): Promise<string | null> {
  const { folder } = plan
  const limit = plan.limitMB * 2 ** 20
  if (bytes > limit) return null
  const part = partFolder(plan, owner)
  const making = join(part, nameOfMaking(number, bytes))
  for (let tries = 1; ; tries++) {
    await rm(making, { recursive: true, force: true })
    await mkdir(making, { recursive: true })
    const taken = await takenBesides(folder, part)
    if (taken.total + bytes <= limit) break
    await rm(making, { recursive: true, force: true })
    if (taken.whole + bytes > limit || tries === mostTries) return null
    await sleep(pause * (1 + taken.makingBefore))
  }
  await clearEnded(folder, part, limit - bytes)
  return making
}

interface Taken {
  /** Of whole ones. */
  readonly whole: number
  /** With what is being made in place of those. */
  readonly total: number
  /** Fits in front of this one that make theirs. */
  readonly makingBefore: number
}

/** Bytes that the checkpoints of running trials take, but for those of a part. Counted anew: fits of other threads are known by their folders alone. */
async function takenBesides(folder: string, except: string): Promise<Taken> {
  let whole = 0
  let total = 0
  let makingBefore = 0
  let isBefore = true
  for (const trial of await numbersIn(folder)) {
    const path = join(folder, String(trial))
    for (const part of (await namesIn(path)).sort()) {
      if (join(path, part) === except) {
        isBefore = false
        continue
      }
      const names = await namesIn(join(path, part))
      const kept = keptAmong(names)[0]?.bytes ?? 0
      const making = makingAmong(names)
      whole += kept
      total += Math.max(kept, making)
      if (isBefore && making > 0) makingBefore++
    }
  }
  return { whole, total, makingBefore }
}

/** Of trials that have ended as many go, the first one first, as must for the others to have their room. */
async function clearEnded(folder: string, part: string, limit: number): Promise<void> {
  const endedFolder = join(folder, ended)
  const stay: { readonly path: string; readonly bytes: number }[] = []
  for (const trial of await numbersIn(endedFolder)) {
    const path = join(endedFolder, String(trial))
    stay.push({ path, bytes: await bytesIn(path) })
  }
  if (stay.length === 0) return
  let total = (await takenBesides(folder, part)).total + stay.reduce((sum, one) => sum + one.bytes, 0)
  for (const one of stay) {
    if (total <= limit) break
    await rm(one.path, { recursive: true, force: true })
    total -= one.bytes
  }
}

/** Bytes of whole checkpoints of one trial. */
async function bytesIn(trial: string): Promise<number> {
  let bytes = 0
  for (const part of await namesIn(trial)) bytes += keptAmong(await namesIn(join(trial, part)))[0]?.bytes ?? 0
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

/** Which fits of a trial have a checkpoint to go on from: folds, null for that of a trial without. */
export async function checkpointsLeft(folder: string, trial: number): Promise<ReadonlySet<number | null>> {
  const left = new Set<number | null>()
  const path = join(folder, String(trial))
  for (const part of await namesIn(path)) {
    const fold = foldOf(part)
    if (fold !== undefined && keptAmong(await namesIn(join(path, part))).length > 0) left.add(fold)
  }
  return left
}

/** A fit of a trial starts from the beginning. Whether nothing is left to go on from. */
export async function dropCheckpoint(folder: string, trial: number, fold: number | null): Promise<boolean> {
  const path = partFolder(
    { folder },
    { trial, part: fold === null ? { kind: 'whole' } : { kind: 'fold', fold } },
  )
  await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
  return keptAmong(await namesIn(path)).length === 0
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
