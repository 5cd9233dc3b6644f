/**
 * Keeps a store to itself: nothing below its directory is read, written, listed or deleted through a link, and only
 * plain files are opened. The store as a whole may be a link to a directory.
 */
import { lstatSync, type Stats } from 'node:fs'
import { sep } from 'node:path'
import { linkInStore, notPlain } from './failures.js'
import type { FileSystem } from './file-system.js'

/** The file system of one store. What lies outside of `store` is not looked at. */
export function withoutLinks(files: FileSystem, store: string): FileSystem {
  return {
    async open(path, how) {
      mustBePlain(store, path)
      return files.open(path, how)
    },
    async readFile(path) {
      mustBePlain(store, path)
      return files.readFile(path)
    },
    async list(path) {
      mustNotBeLinked(store, path)
      return files.list(path)
    },
    async stat(path) {
      mustNotBeLinked(store, path)
      return files.stat(path)
    },
    async makeDirectory(path) {
      mustNotBeLinked(store, path)
      return files.makeDirectory(path)
    },
    async rename(from, to) {
      mustNotBeLinked(store, above(from))
      mustNotBeLinked(store, above(to))
      return files.rename(from, to)
    },
    // A link that is itself to be removed goes, and not what it leads to.
    async remove(path) {
      mustNotBeLinked(store, above(path))
      return files.remove(path)
    },
    async syncDirectory(path) {
      mustNotBeLinked(store, path)
      return files.syncDirectory(path)
    },
  }
}

/**
 * @throws STORE_INVALID where a part of `path` below `store` is a link.
 * @returns what is there, undefined where nothing is, or outside the store.
 */
export function mustNotBeLinked(store: string, path: string): Stats | undefined {
  // Both are absolute, and made by join.
  if (!path.startsWith(store) || path[store.length] !== sep) return undefined
  let found: Stats | undefined
  for (let end = store.length; end < path.length; ) {
    end = path.indexOf(sep, end + 1)
    if (end < 0) end = path.length
    const at = path.slice(0, end)
    found = look(at)
    if (found === undefined) return undefined
    if (found.isSymbolicLink()) throw linkInStore(at)
  }
  return found
}

function mustBePlain(store: string, path: string): void {
  const found = mustNotBeLinked(store, path)
  if (found !== undefined && !found.isFile() && !found.isDirectory()) throw notPlain(path)
}

/** What cannot be looked at will fail with its own words when it is used. */
function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

const above = (path: string) => path.slice(0, path.lastIndexOf(sep))
