/**
 * The system lets a process hold only so many files open (`ulimit -n`), and threads, programs and modules take some.
 * Whoever meets that limit says it in the same words. Open to all rooms.
 */
import { EspalierError } from './errors.js'

/** What is to be done about it. */
export const moreFilesRemedy = 'raise the limit (ulimit -n 4096), or take fewer --workers or less "parallel"'

const told = /\b(EMFILE|ENFILE)\b/

/** How many causes of causes are looked at. */
const deepest = 8

/**
 * The error that says so where something failed because no more files can be opened; null where it failed of anything
 * else, or says the remedy already. An error that has come from a thread or a program as text is known by its words.
 */
export function tooManyFiles(error: unknown): EspalierError | null {
  if (error instanceof Error && error.message.includes(moreFilesRemedy.slice(1))) return null
  let at: unknown = error
  for (let depth = 0; depth < deepest && at instanceof Error; depth++, at = at.cause) {
    const code = told.exec(`${(at as NodeJS.ErrnoException).code} ${at.message}`)?.[0]
    if (code === undefined) continue
    return new EspalierError(
      'FILES_EXHAUSTED',
      `a process needs as many open files as it has work at the same time, and the system allows no more (${code}: ${at.message.replace(/^E[MN]FILE: /, '')}); ${moreFilesRemedy}`,
      { cause: error },
    )
  }
  return null
}

/** The reason of a failed trial, with the remedy where it is this. */
export function withFilesRemedy(reason: string): string {
  return told.test(reason) && !reason.includes(moreFilesRemedy) ? `${reason}; ${moreFilesRemedy}` : reason
}
