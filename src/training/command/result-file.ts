/**
 * The file in which a program leaves its result. One that was there before the program started is none of this trial's: it is
 * left where it is, and known again by what the system says of it.
 */
import { type BigIntStats, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { FitFailure } from '../failures.js'
import { readBounded } from './read-bounded.js'

/** Bytes of such a file: larger things are artifacts. */
const largest = 16 * 2 ** 20

export class ResultFile {
  /** Absolute. */
  readonly path: string
  readonly #before: string | null
  /** What this trial had written before an interruption: it counts where nothing else is written. */
  readonly #kept: Uint8Array | null

  private constructor(path: string, before: string | null, kept: Uint8Array | null) {
    this.path = path
    this.#before = before
    this.#kept = kept
  }

  /** To be called before the program starts. `kept`: what it wrote before it goes on. */
  static async expected(path: string, kept: Uint8Array | null = null): Promise<ResultFile> {
    return new ResultFile(path, await markOf(path), kept)
  }

  /** What was written so far, or the path of a file that holds it; null where nothing was. */
  get left(): Uint8Array | string | null {
    const found = statSync(this.path, { bigint: true, throwIfNoEntry: false })
    const isWritten = found?.isFile() && found.size <= largest && markIn(found) !== this.#before
    return isWritten ? this.path : this.#kept
  }

  /** Its text, once the program has ended; null where the signal aborts. Throws FitFailure RESULT_INVALID. */
  async read(program: string, signal: AbortSignal): Promise<string | null> {
    const mark = await markOf(this.path)
    if (mark === this.#before && this.#kept !== null) return textOf(this.#kept)
    if (mark !== null && mark === this.#before)
      throw new FitFailure(
        'RESULT_INVALID',
        `a program must write its result before it ends (${this.path} was there before ${program} started, and ${program} has not written it); see that it writes this file in every trial`,
      )
    const content = await readBounded(this.path, largest, signal, 'the result of a program')
    if (content !== null) return textOf(content)
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
  return found && markIn(found)
}

const markIn = ({ dev, ino, size, mtimeNs }: BigIntStats) => [dev, ino, size, mtimeNs].join(' ')

const textOf = (content: Uint8Array) =>
  Buffer.from(content)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
