/** What a failing file system means for a store, in words. */
import { EspalierError } from '../errors.js'
import { moreFilesRemedy } from '../too-many-files.js'
import { errorCode } from './file-system.js'

/** As a sentence begins. */
const filesRemedy = moreFilesRemedy.replace('r', 'R')

const causes: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EIO: 'the disk reports an input/output error',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EFBIG: 'the file would become too large',
}

const remedies: Record<string, string> = {
  ENOSPC: 'Free some space',
  EDQUOT: 'Free some space',
  EROFS:
    'What it holds can still be listed, shown, exported and predicted with. To write, choose a store on a writable file system (--store)',
  EACCES:
    'What it holds can still be listed, shown, exported and predicted with. To write, make the store writable for this user, or choose another (--store)',
  EPERM:
    'What it holds can still be listed, shown, exported and predicted with. To write, make the store writable for this user, or choose another (--store)',
  EIO: 'Check the disk',
  EMFILE: filesRemedy,
  ENFILE: filesRemedy,
}

export function writeFailed(file: string, cause: unknown): EspalierError {
  if (cause instanceof EspalierError) return cause
  const code = errorCode(cause) ?? 'unknown error'
  const remedy = remedies[code] ?? 'See to the cause'
  return new EspalierError(
    'STORE_WRITE_FAILED',
    `A record must reach the disk before the search goes on, but ${file} could not be written: ${causes[code] ?? (cause instanceof Error ? cause.message : String(cause))} (${code}). What was recorded before is safe. ${remedy}, then resume the sweep.`,
    { cause },
  )
}

export function readFailed(file: string, cause: unknown): EspalierError {
  if (cause instanceof EspalierError) return cause
  const code = errorCode(cause) ?? 'unknown error'
  return new EspalierError(
    'FILE_NOT_READABLE',
    `${file} must be readable, but: ${causes[code] ?? (cause instanceof Error ? cause.message : String(cause))} (${code}).`,
    { cause },
  )
}

/**
 * A journal that is not as it was written.
 * @param whole what of it is.
 */
export function corrupt(
  file: string,
  { line, what }: { line: number; what: string },
  whole: string,
  sweep: string,
): EspalierError {
  return new EspalierError(
    'STORE_CORRUPT',
    `A journal holds every record as it was written, one after the other, but ${file} line ${line} ${what}. ${whole}. Nothing was changed. Put the sweep's folder back from a copy, or keep what is whole: espalier store check --mend ${sweep}`,
    { problems: [{ path: `${file}:${line}`, message: what }] },
  )
}

export function journalMissing(file: string, sweep: string): EspalierError {
  const what = 'is gone, but the sweep had one'
  return new EspalierError(
    'STORE_CORRUPT',
    `Every sweep has a journal, but ${file} ${what}. Nothing was changed. Put it back from a copy, or delete what is left: espalier runs delete ${sweep}`,
    { problems: [{ path: file, message: what }] },
  )
}

export function linkInStore(path: string): EspalierError {
  return new EspalierError(
    'STORE_INVALID',
    `Nothing in a store is followed through a link, but ${path} is one. Nothing was read or changed behind it. Put the file or folder itself in its place, or remove the link (a store as a whole may be a link to a directory).`,
  )
}

export function notPlain(path: string): EspalierError {
  return new EspalierError(
    'STORE_INVALID',
    `A store holds plain files and folders, but ${path} is a device, a pipe or a socket. Nothing was read of it. Put the file itself in its place, or remove it.`,
  )
}
