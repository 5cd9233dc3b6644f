/**
 * One writer a sweep. The lock is a directory `lock` inside the sweep's, holding one file named after its
 * holder's token, which says who that is.
 *
 * proper-lockfile takes, refreshes (by the directory's modification time) and releases it. Two things are done
 * for it here, through the file functions that it lets one replace:
 *
 * - The directory appears together with the file in it: it is prepared under another name and renamed, which
 *   fails where a lock that is held is in the way. So a lock always tells whose it is.
 * - A dead holder's lock is taken over at once. A lock is broken by unlinking the file of the very holder that
 *   was found dead, which succeeds for one of several that try, and never hits a lock taken in the meantime.
 *
 * A holder is dead when its process is gone from this machine, or its number is now another process's. One on another
 * machine or in another container cannot be asked: whoever wants its lock watches whether it is refreshed, by a
 * clock of its own, as long as a living one would never go without; what the other's clock says does not count. Age
 * says nothing about a process that can be asked either: it may have been suspended, or busy.
 *
 * A lock holds for the store it was taken in. In a copy of that store, which has another place on another part of the
 * disk, it says nothing.
 */

import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { EspalierError } from '../errors.js'
import { isAlive, type ProcessName, processSpace, thisProcess } from '../processes.js'
import { linkInStore, readFailed, writeFailed } from './failures.js'
import { errorCode } from './file-system.js'

export interface Holder extends ProcessName {
  readonly token: string
  readonly host: string
  /** ISO 8601: when the lock was taken. */
  readonly since: string
  /** The space in which `pid` means something (Linux; containers have their own). */
  readonly space: string | null
  /** Where it was taken, and the number the file system gave it; null of locks of earlier versions. */
  readonly place: { readonly directory: string; readonly inode: string } | null
}

/** `elsewhere`: it runs where it cannot be asked. */
type Liveness = 'alive' | 'dead' | 'elsewhere'

export interface LockOptions {
  /** Called before a lock of another machine is watched, with why. */
  onWatch?: (why: string) => void
  /** ms without a sign of life after which a holder elsewhere is dead. */
  watchFor?: number
}

export interface Lock {
  readonly holder: Holder
  /** @throws SWEEP_LOCKED where somebody else removed or took the lock meanwhile. Takes microseconds. */
  mustHold(): void
  release(): Promise<void>
}

const refreshEvery = 2_000
/** How long one elsewhere is watched: fifteen times as long as a refresh takes to come. */
const watchFor = 30_000
const lookEvery = 250
/** For lists, which do not wait: one elsewhere that was refreshed within this time, by either's clock, is alive. */
const seemsDeadAfter = 120_000
/** A lock in the making that does not say whose it is, after this time, is left over. */
const unsaidFor = 30_000
/** A lock directory that is being prepared is called so, and after its holder's token. */
const preparedMark = '.lock-'
/** proper-lockfile never breaks a lock by itself: it would judge by age alone. */
const never = 2 ** 40

/**
 * Takes the lock of a sweep.
 * @param onLost called if somebody else removed or took the lock while it was held.
 * @throws SWEEP_LOCKED naming the holder, if it is alive.
 */
export async function takeLock(
  sweepDirectory: string,
  sweep: string,
  onLost: (error: EspalierError) => void,
  options: LockOptions = {},
): Promise<Lock> {
  const { default: lockfile } = await import('proper-lockfile')
  const path = join(sweepDirectory, 'lock')
  if (fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw linkInStore(path)
  const lost = (cause?: unknown) =>
    new EspalierError(
      'SWEEP_LOCKED',
      `A sweep has one writer, but the lock ${path} was removed or taken by another process while this one held it. Resume the sweep.`,
      { cause },
    )
  const holder: Holder = {
    token: randomBytes(8).toString('hex'),
    ...thisProcess(),
    host: hostname(),
    since: new Date().toISOString(),
    space: processSpace(),
    place: null,
  }
  for (let tries = 0; ; tries++) {
    try {
      const release = await lockfile.lock(sweepDirectory, {
        lockfilePath: path,
        realpath: false,
        stale: never,
        update: refreshEvery,
        retries: 0,
        fs: lockFileFunctions(holder),
        onCompromised: (cause) => onLost(lost(cause)),
      })
      const mustHold = () => {
        if (!fs.existsSync(join(path, `${holder.token}.json`))) throw lost()
      }
      return { holder, mustHold, release: () => release().catch(() => {}) }
    } catch (error) {
      if (errorCode(error) !== 'ELOCKED') throw writeFailed(path, error)
    }
    const other = readHolder(sweepDirectory)
    if (other === null) {
      if (tries < 100) continue
      throw writeFailed(path, Object.assign(new Error('the lock cannot be taken'), { code: 'EBUSY' }))
    }
    if (other.liveness === 'alive') throw lockedBy(sweep, other.holder)
    if (other.liveness === 'elsewhere') {
      options.onWatch?.(
        `sweep ${sweep} was last written by process ${other.holder.pid} on ${other.holder.host}, which cannot be asked whether it lives; it is watched for ${(options.watchFor ?? watchFor) / 1000} s`,
      )
      const seen = await watch(path, other.holder.token, options.watchFor ?? watchFor)
      if (seen === 'refreshed') throw lockedBy(sweep, other.holder)
      if (seen === 'gone') continue
    }
    breakLock(path, other.holder.token)
  }
}

/** Whether a lock is refreshed within some time, measured by this process's own steady clock. */
async function watch(path: string, token: string, ms: number): Promise<'refreshed' | 'gone' | 'still'> {
  const began = performance.now()
  const before = signOfLife(path, token)
  while (performance.now() - began < ms) {
    await wait(Math.min(lookEvery, ms))
    const now = signOfLife(path, token)
    if (now === null) return 'gone'
    if (now !== before) return 'refreshed'
  }
  return before === null ? 'gone' : 'still'
}

/** Something that changes with each refresh; null where this holder has the lock no more. */
function signOfLife(path: string, token: string): string | null {
  try {
    // Opening it makes a network file system ask its server anew.
    fs.readdirSync(path)
    fs.accessSync(join(path, `${token}.json`))
    return String(fs.statSync(path, { bigint: true }).mtimeNs)
  } catch {
    return null
  }
}

function lockedBy(sweep: string, holder: Holder): EspalierError {
  return new EspalierError(
    'SWEEP_LOCKED',
    `A sweep has one writer, and sweep ${sweep} is being written by process ${holder.pid} on ${holder.host} since ${holder.since}. Wait for it to end, or end it.`,
  )
}

interface Held {
  readonly holder: Holder
  readonly liveness: Liveness
  /** As far as can be said at once. */
  readonly alive: boolean
}

/** Who holds a sweep's lock; null where nobody does. */
export function readHolder(sweepDirectory: string): Held | null {
  return readHolderIn(join(sweepDirectory, 'lock'))
}

function readHolderIn(path: string): Held | null {
  try {
    // Breaking the lock would delete a file where it leads.
    if (fs.lstatSync(path).isSymbolicLink()) throw linkInStore(path)
    const name = fs.readdirSync(path).find((entry) => entry.endsWith('.json'))
    if (name === undefined) return null
    const file = join(path, name)
    const holder = parseHolder(name, fs.lstatSync(file).isFile() ? fs.readFileSync(file, 'utf8') : '')
    const liveness = livenessOf(holder, path)
    const alive = liveness === 'alive' || (liveness === 'elsewhere' && ageOf(path) < seemsDeadAfter)
    return { holder, liveness, alive }
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null
    throw readFailed(path, error)
  }
}

/** ms since it was made or refreshed; a thing that is gone is as good as new. */
function ageOf(path: string): number {
  const found = fs.statSync(path, { throwIfNoEntry: false })
  return found === undefined ? 0 : Date.now() - found.mtimeMs
}

/** After a power cut the file may be empty: then only the lock's age tells. */
function parseHolder(name: string, text: string): Holder {
  const unknown = { pid: 0, host: 'an unknown machine', since: 'an unknown time' }
  const nowhere = { born: null, space: null, place: null }
  try {
    return { ...unknown, ...nowhere, ...JSON.parse(text), token: name.slice(0, -'.json'.length) }
  } catch {
    return { ...unknown, ...nowhere, token: name.slice(0, -'.json'.length) }
  }
}

function livenessOf(holder: Holder, path: string): Liveness {
  if (isCopy(holder, path)) return 'dead'
  if (holder.host !== hostname() || holder.space !== processSpace()) return 'elsewhere'
  return isAlive(holder) ? 'alive' : 'dead'
}

/**
 * Whether a lock was copied with its store. One store may be reached by several paths, and some file systems number
 * anew what they hold: only both together tell a copy.
 */
function isCopy({ place }: Holder, path: string): boolean {
  if (place === null) return false
  return place.directory !== realDirectory(path) && place.inode !== inodeOf(path)
}

/** The sweep's directory, as it is called without links. */
function realDirectory(lockPath: string): string {
  return fs.realpathSync.native(dirname(lockPath))
}

const inodeOf = (path: string) => String(fs.statSync(path, { bigint: true }).ino)

/** Removes the lock if it is still the one with this token. */
function breakLock(path: string, token: string): void {
  ignoring(['ENOENT'], () => fs.unlinkSync(join(path, `${token}.json`)))
  ignoring(['ENOENT', 'ENOTEMPTY', 'EEXIST'], () => fs.rmdirSync(path))
}

/** Removes what processes left that died in the middle of taking the lock. */
export function removeDeadLocks(sweepDirectory: string): void {
  for (const name of fs.readdirSync(sweepDirectory)) {
    if (!name.startsWith(preparedMark)) continue
    const path = join(sweepDirectory, name)
    if (fs.lstatSync(path).isSymbolicLink()) continue
    // One that is alive, or has yet to say whose it is, is at work this moment, and clears up itself.
    const found = readHolderIn(path)
    if (found ? found.alive : ageOf(path) < unsaidFor) continue
    fs.rmSync(path, { recursive: true, force: true })
  }
}

/** proper-lockfile's file functions, with a lock directory that is born full. */
function lockFileFunctions(holder: Holder): object {
  const make = (path: string) => {
    const prepared = join(dirname(path), `${preparedMark}${holder.token}`)
    fs.rmSync(prepared, { recursive: true, force: true })
    fs.mkdirSync(prepared)
    const place = { directory: realDirectory(prepared), inode: inodeOf(prepared) }
    fs.writeFileSync(join(prepared, `${holder.token}.json`), JSON.stringify({ ...holder, place }))
    try {
      // Where rename refuses any directory in its way, an empty one (a lock half broken) is cleared first.
      ignoring(['ENOENT', 'ENOTEMPTY', 'EEXIST'], () => fs.rmdirSync(path))
      fs.renameSync(prepared, path)
    } catch (error) {
      fs.rmSync(prepared, { recursive: true, force: true })
      const taken = ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(errorCode(error) ?? '') && fs.existsSync(path)
      throw taken ? Object.assign(new Error('locked'), { code: 'EEXIST' }) : error
    }
  }
  const remove = (path: string) => breakLock(path, holder.token)
  return {
    ...fs,
    mkdir: (path: string, done: (error: unknown) => void) => answer(done, () => make(path)),
    mkdirSync: make,
    rmdir: (path: string, done: (error: unknown) => void) => answer(done, () => remove(path)),
    rmdirSync: remove,
  }
}

function answer(done: (error: unknown) => void, act: () => void): void {
  let failure: unknown = null
  try {
    act()
  } catch (error) {
    failure = error
  }
  setImmediate(done, failure)
}

function ignoring(codes: readonly string[], act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!codes.includes(errorCode(error) ?? '')) throw error
  }
}
