/**
 * A folder of its own for each trial of a program, among the temporary files. Its name says whose it is, so that those
 * of an Espalier that died are cleared away by the next one, together with programs of theirs that still run: a folder
 * names its owner by number and birth, on this machine, since it was started. Nobody else's folder is touched, and no
 * link is followed.
 */
import { createHash, randomBytes } from 'node:crypto'
import { lstat, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive, processSpace, thisProcess } from '../../processes.js'
import { endMarked } from './marked.js'

/** Where numbers of processes mean the same: this machine since it was started, this container. */
async function placeOfNumbers(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  const told = JSON.stringify([hostname(), processSpace(), boot])
  return createHash('sha256').update(told).digest('hex').slice(0, 8)
}

/** What the names of all folders of this process begin with, as a path. */
let prefix: Promise<string> | undefined

/** Clears up after dead ones, once a process, before it makes its first folder. */
export function scratchPrefix(): Promise<string> {
  prefix ??= (async () => {
    const [folder, place] = [tmpdir(), await placeOfNumbers()]
    await clearDead(folder, place).catch(() => {})
    const { pid, born } = thisProcess()
    // Another copy of this library in the process has folders of its own.
    const copy = randomBytes(3).toString('hex')
    return join(folder, `espalier-trial-${place}-${pid}-${born ?? 0}-${copy}-`)
  })()
  return prefix
}

export async function makeScratch(): Promise<string> {
  return mkdtemp(await scratchPrefix())
}

export async function removeScratch(scratch: string): Promise<void> {
  await rm(scratch, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
}

/** Removes what dead processes of this place left in a folder of temporary files. */
export async function clearDead(folder: string, place?: string): Promise<void> {
  const here = place ?? (await placeOfNumbers())
  for (const name of await readdir(folder)) {
    const [, where, pid, born] =
      /^espalier-trial-([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]{6}-\w{6}$/.exec(name) ?? []
    if (where !== here || isAlive({ pid: Number(pid), born: born === '0' ? null : born })) continue
    const path = join(folder, name)
    const found = await lstat(path).catch(() => null)
    if (!found?.isDirectory() || found.uid !== process.getuid?.()) continue
    await endMarked(path)
    await removeScratch(path)
  }
}
