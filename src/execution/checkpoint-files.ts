/**
 * Checkpoints on the disk. Below the folder of a sweep's checkpoints:
 *
 *     <trial>/<part>/work-…/               what the fit itself uses; made anew whenever it starts
 *     <trial>/<part>/kept-<n>-<bytes>/     the last whole checkpoint: manifest.json and files/, in which are
 *                                          folder/, as the working folder was, and left/, what the fit left for its trial
 *     <trial>/<part>/making-<n>-<bytes>/   one that is not whole yet, and what it will take
 *     ended/<trial>/<part>/kept-…/         of trials that have ended, where checkpoints are to stay
 *
 * A checkpoint becomes whole by one rename, when all of it is on the disk. Of two, the later one counts.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { EspalierError } from '../errors.js'
import { syncPath } from '../sync-path.js'
import type { CheckpointPlan, FitJob, KeptReport, LeftFile } from '../training/index.js'
import { isJsonObject, type Metrics, type Params } from '../values.js'

/** Whose checkpoint it is. */
export type CheckpointOwner = Pick<FitJob, 'trial' | 'part'>

export interface CheckpointFile {
  /** From `files/`, with `/` between folders. */
  readonly name: string
  readonly bytes: number
  readonly sha256: string
  /** Last changed, ms since 1970. */
  readonly modified: number
}

/** Everything of a whole checkpoint but the content of its files. Plain JSON. */
export interface Checkpoint {
  readonly trial: number
  readonly part: string
  readonly params: Params
  /** The sweep's seed. */
  readonly seed: number
  /** All steps so far; metrics that are not finite as text. */
  readonly reports: readonly {
    readonly step: number
    readonly metrics: Readonly<Record<string, number | string>>
  }[]
  /** Where earlier attempts went on. */
  readonly continued: readonly CheckpointStart[]
  /** What it has left so far for its trial; `file` is one of the files, null where nothing was there yet. */
  readonly left: readonly (Omit<LeftFile, 'content'> & { readonly file: string | null })[]
  /** Empty folders and all others, in an order in which they can be made. */
  readonly folders: readonly string[]
  readonly files: readonly CheckpointFile[]
}

/** An attempt that began with a checkpoint, and the last step that was in it. */
export interface CheckpointStart {
  readonly attempt: number
  readonly step: number
}

const version = 1
/** In the folder of files: that of the working folder, and that of what the fit left for its trial. */
const ofWork = 'folder'
const ofLeft = 'left'
const keptName = /^kept-(\d+)-(\d+)$/
const makingName = /^making-\d+-(\d+)$/

/** Fits after the end of a trial. */
export const laterParts: readonly string[] = ['final', 'holdout']

export function partName({ part }: CheckpointOwner): string {
  switch (part.kind) {
    case 'fold':
      return `fold-${part.fold}`
    case 'baseline':
      return `baseline-${part.fold}-${part.answer}`
    default:
      return part.kind
  }
}

/** The fold of a part by its name, null for a trial without folds; undefined for what comes after a trial. */
export function foldOf(part: string): number | null | undefined {
  if (part === 'whole') return null
  const [, fold] = /^fold-(\d+)$/.exec(part) ?? []
  return fold === undefined ? undefined : Number(fold)
}

/** The folder of everything that is kept of one fit. */
export function partFolder({ folder }: Pick<CheckpointPlan, 'folder'>, owner: CheckpointOwner): string {
  return join(folder, String(owner.trial), partName(owner))
}

export interface KeptName {
  readonly name: string
  readonly number: number
  readonly bytes: number
}

/** The whole checkpoints among names, the latest first. */
export function keptAmong(names: readonly string[]): KeptName[] {
  return names
    .flatMap((name) => {
      const [, number, bytes] = keptName.exec(name) ?? []
      return number === undefined ? [] : [{ name, number: Number(number), bytes: Number(bytes) }]
    })
    .sort((a, b) => b.number - a.number)
}

/** Bytes of the one among names that is being made; 0 where none is. */
export function makingAmong(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => Number(makingName.exec(name)?.[1] ?? 0)))
}

export const nameOfMaking = (number: number, bytes: number) => `making-${number}-${bytes}`

export const nameOfKept = (number: number, bytes: number) => `kept-${number}-${bytes}`

/** The folder of the last whole checkpoint of a fit; null where there is none. */
export async function checkpointOf(plan: CheckpointPlan, owner: CheckpointOwner): Promise<string | null> {
  const folder = partFolder(plan, owner)
  const [last] = keptAmong(await readdir(folder).catch(() => []))
  return last === undefined ? null : join(folder, last.name)
}

/** That of the next checkpoint of a fit. */
export async function nextNumber(plan: CheckpointPlan, owner: CheckpointOwner): Promise<number> {
  const [last] = keptAmong(await readdir(partFolder(plan, owner)).catch(() => []))
  return (last?.number ?? 0) + 1
}

/** All folders of a checkpoint, by those of the working folder. */
export const foldersKept = (folders: readonly string[]) => [ofWork, ofLeft, ...folders.map(nameInKept)]

/** The name in a checkpoint of what has this one in the working folder. */
export const nameInKept = (name: string) => `${ofWork}/${name}`

/** The other way round; null where it is nothing of the working folder. */
export const nameInWork = (name: string) =>
  name.startsWith(`${ofWork}/`) ? name.slice(ofWork.length + 1) : null

export const nameOfLeft = (number: number) => `${ofLeft}/${number}`

/** Where what was in the working folder lies in a whole checkpoint. */
export const workKept = (folder: string) => checkpointFile(folder, ofWork)

/** Nothing is kept of this fit any more. */
export async function clearCheckpoint(plan: CheckpointPlan, owner: CheckpointOwner): Promise<void> {
  await rm(partFolder(plan, owner), { recursive: true, force: true, maxRetries: 3 })
}

/** Where a file of a whole checkpoint lies. */
export function checkpointFile(folder: string, name: string): string {
  return join(folder, 'files', ...name.split('/'))
}

/**
 * What a whole checkpoint is, by its folder.
 * @throws EspalierError CHECKPOINT_DAMAGED where its manifest is not as it was written.
 */
export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const path = join(folder, 'manifest.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw damaged(path, `cannot be read: ${(error as Error).message}`)
  }
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    throw damaged(path, 'breaks off')
  }
  const { sha256, checkpoint, version: found } = isJsonObject(read) ? read : {}
  if (found !== version || !isJsonObject(checkpoint) || sha256 !== digestOf(JSON.stringify(checkpoint)))
    throw damaged(path, 'is another')
  return checkCheckpoint(checkpoint, path)
}

/**
 * The checkpoint that somebody else may have written.
 * @param where it is from, for the error.
 * @throws EspalierError CHECKPOINT_DAMAGED where it is not as agreed.
 */
export function checkCheckpoint(given: unknown, where: string): Checkpoint {
  const read: Readonly<Record<string, unknown>> = isJsonObject(given) ? given : {}
  const { trial, part, params, seed, reports, continued, left, folders, files } = read
  const isWhole =
    typeof trial === 'number' &&
    typeof part === 'string' &&
    isJsonObject(params) &&
    typeof seed === 'number' &&
    areAll(reports, ({ step, metrics }) => Number.isFinite(step) && isJsonObject(metrics)) &&
    areAll(continued, ({ attempt, step }) => Number.isFinite(attempt) && Number.isFinite(step)) &&
    areAll(
      left,
      ({ name, file }) => typeof name === 'string' && (file === null || typeof file === 'string'),
    ) &&
    Array.isArray(folders) &&
    folders.every((name) => typeof name === 'string') &&
    areAll(
      files,
      ({ name, bytes, sha256, modified }) =>
        typeof name === 'string' &&
        Number.isSafeInteger(bytes) &&
        (bytes as number) >= 0 &&
        typeof sha256 === 'string' &&
        Number.isFinite(modified),
    )
  if (!isWhole) throw damaged(where, 'is none')
  return given as Checkpoint
}

function areAll(list: unknown, holds: (one: Readonly<Record<string, unknown>>) => boolean): boolean {
  return Array.isArray(list) && list.every((one) => isJsonObject(one) && holds(one))
}

/** Whether a checkpoint is of this fit, and of no other one. */
export function isCheckpointOf(
  checkpoint: Checkpoint,
  job: CheckpointOwner & Pick<FitJob, 'params'>,
  seed: number,
): boolean {
  return (
    checkpoint.trial === job.trial &&
    checkpoint.part === partName(job) &&
    checkpoint.seed === seed &&
    JSON.stringify(checkpoint.params) === JSON.stringify(job.params)
  )
}

/** Writes a manifest; it is on the disk when the promise resolves. */
export async function writeManifest(folder: string, checkpoint: Checkpoint): Promise<void> {
  const sha256 = digestOf(JSON.stringify(checkpoint))
  const handle = await open(join(folder, 'manifest.json'), 'w')
  try {
    await handle.writeFile(`${JSON.stringify({ version, sha256, checkpoint })}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Puts a checkpoint in its place that came from elsewhere: a fit that starts then goes on from it.
 * @param bring puts the content of one of its files at this path.
 * @param making the folder in which it is made, empty: one of its own unless given.
 * @returns the folder of the whole checkpoint.
 * @throws EspalierError CHECKPOINT_DAMAGED where a file is not the one that the checkpoint names, and whatever `bring` throws.
 */
export async function installCheckpoint(
  plan: CheckpointPlan,
  owner: CheckpointOwner,
  checkpoint: Checkpoint,
  bring: (file: CheckpointFile, path: string) => Promise<void>,
  making?: string,
): Promise<string> {
  const folder = partFolder(plan, owner)
  const number = await nextNumber(plan, owner)
  const bytes = bytesOf(checkpoint)
  if (making === undefined) {
    making = join(folder, nameOfMaking(number, bytes))
    await rm(making, { recursive: true, force: true })
  }
  try {
    await mkdir(join(making, 'files'), { recursive: true })
    for (const name of checkpoint.folders) await mkdir(within(making, name), { recursive: true })
    for (const file of checkpoint.files) {
      const path = within(making, file.name)
      await bring(file, path)
      await syncPath(path)
      if ((await digestOfFile(path)) !== file.sha256) throw damaged(path, 'is not the file that was kept')
    }
    await writeManifest(making, checkpoint)
    const whole = join(folder, nameOfKept(number, bytes))
    await makeWhole(making, whole, checkpoint.folders)
    return whole
  } catch (error) {
    await rm(making, { recursive: true, force: true }).catch(() => {})
    throw error
  }
}

/** A name may come from another machine: it leads nowhere else. */
function within(folder: string, name: string): string {
  const path = checkpointFile(folder, name)
  const isPlain = name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  if (isPlain && path.startsWith(join(folder, 'files') + sep)) return path
  throw damaged(name, 'leads out of the checkpoint')
}

/** One rename, after all below is on the disk. Those before are removed. */
export async function makeWhole(making: string, whole: string, folders: readonly string[]): Promise<void> {
  for (const name of folders) await syncPath(checkpointFile(making, name))
  await syncPath(join(making, 'files'))
  await syncPath(making)
  await rename(making, whole)
  const above = dirname(whole)
  await syncPath(above)
  for (const { name } of keptAmong(await readdir(above)))
    if (join(above, name) !== whole) await rm(join(above, name), { recursive: true, force: true })
}

/** Of all its files. */
export function bytesOf({ files }: Checkpoint): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Metrics as JSON can hold them. */
export function packReport({ step, metrics }: KeptReport): Checkpoint['reports'][number] {
  const packed = Object.entries(metrics).map(([name, value]) => [
    name,
    Number.isFinite(value) ? value : String(value),
  ])
  return { step, metrics: Object.fromEntries(packed) }
}

export function unpackReport({ step, metrics }: Checkpoint['reports'][number]): KeptReport {
  const unpacked = Object.entries(metrics).map(([name, value]) => [name, Number(value)])
  return { step, metrics: Object.fromEntries(unpacked) as Metrics }
}

export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

export function damaged(path: string, found: string): EspalierError {
  return new EspalierError(
    'CHECKPOINT_DAMAGED',
    `a checkpoint is read as it was written (${path} ${found}); its fit starts anew`,
  )
}

export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
