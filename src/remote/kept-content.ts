/**
 * Content by digest on this machine's disk, for all workers of this user: fetched once and kept. What nobody has asked for in a month is cleared.
 */
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { digestOf } from './digest.js'

const longestKept = 30 * 24 * 3_600_000

/** `ESPALIER_CACHE`, else `espalier` in $XDG_CACHE_HOME, else ~/.cache/espalier; on Windows in %LOCALAPPDATA%. */
export function cacheFolder(): string {
  const { ESPALIER_CACHE, XDG_CACHE_HOME = '', LOCALAPPDATA = '' } = process.env
  if (ESPALIER_CACHE) return ESPALIER_CACHE
  if (isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, 'espalier')
  if (process.platform === 'win32' && isAbsolute(LOCALAPPDATA)) return join(LOCALAPPDATA, 'espalier', 'cache')
  return join(homedir(), '.cache', 'espalier')
}

export class KeptContent {
  readonly #folder: string
  readonly #fetch: (digest: string) => Promise<Uint8Array | null>

  constructor(folder: string, fetch: (digest: string) => Promise<Uint8Array | null>) {
    this.#folder = join(folder, 'content')
    this.#fetch = fetch
  }

  /** From the disk, else from where it is fetched; null where it is nowhere. */
  async get(digest: string): Promise<Uint8Array | null> {
    if (!/^[0-9a-f]{64}$/.test(digest)) return null
    const path = join(this.#folder, digest)
    const kept = await readFile(path).catch(() => null)
    if (kept !== null && digestOf(kept) === digest) {
      const now = new Date()
      await utimes(path, now, now).catch(() => {})
      return kept
    }
    const fetched = await this.#fetch(digest)
    if (fetched !== null) await this.#keep(path, fetched)
    return fetched
  }

  /** A disk that does not take it costs a fetch the next time, and no more. */
  async #keep(path: string, content: Uint8Array): Promise<void> {
    const under = `${path}.${process.pid}.${performance.now()}`
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      await writeFile(under, content, { mode: 0o600 })
      await rename(under, path)
    } catch {
      await rm(under, { force: true }).catch(() => {})
    }
  }

  async clearOld(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const path = join(this.#folder, name)
      const found = await stat(path).catch(() => null)
      if (found !== null && Date.now() - found.mtimeMs > longestKept)
        await rm(path, { force: true }).catch(() => {})
    }
  }
}
