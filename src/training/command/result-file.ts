/**
 * The file in which a program leaves its result. One that was there before the program started is none of this trial's: it is
 * left where it is, and known again by what the system says of it.
 */
import { stat } from 'node:fs/promises'
import { FitFailure } from '../failures.js'
import { readBounded } from './read-bounded.js'

/** Bytes of such a file: larger things are artifacts. */
const largest = 16 * 2 ** 20

export class ResultFile {
  /** Absolute. */
  readonly path: string
  readonly #before: string | null

  private constructor(path: string, before: string | null) {
    this.path = path
    this.#before = before
  }

  /** To be called before the program starts. */
  static async expected(path: string): Promise<ResultFile> {
    return new ResultFile(path, await markOf(path))
  }

  /** Its text, once the program has ended; null where the signal aborts. Throws FitFailure RESULT_INVALID. */
  async read(program: string, signal: AbortSignal): Promise<string | null> {
    const mark = await markOf(this.path)
    if (mark !== null && mark === this.#before)
      throw new FitFailure(
        'RESULT_INVALID',
        `a program must write its result before it ends (${this.path} was there before ${program} started, and ${program} has not written it); see that it writes this file in every trial`,
      )
    const content = await readBounded(this.path, largest, signal, 'the result of a program')
    if (content !== null)
      return Buffer.from(content)
        .toString('utf8')
        .replace(/^\uFEFF/, '')
    if (signal.aborted) return null
    throw new FitFailure(
      'RESULT_INVALID',
      `the result of a program is a file of at most ${largest / 2 ** 20} MB (${this.path} is larger); keep larger things as artifacts`,
    )
  }
}

/** Another one for another file of this name, and for one that was written again; null where there is none. */
async function markOf(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(() => null)
  return found && [found.dev, found.ino, found.size, found.mtimeNs].join(' ')
}
