/**
 * The file a program may append its reports to: looked at in short intervals, because a pipe would block a program
 * that opens it before anybody reads, and the notices of file systems cannot be relied on everywhere.
 */
import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { FitFailure } from '../failures.js'
import { Lines } from './lines.js'

/** ms between two looks. */
const interval = 20
/** Bytes that all reports of a trial may have: larger things are artifacts. */
export const mostReported = 256 * 2 ** 20

export class ReportsFile {
  readonly #path: string
  readonly #onFault: (fault: FitFailure) => void
  readonly #ready: () => Promise<boolean>

  readonly #lines: Lines
  #offset = 0
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  #ended = false
  #refused = false

  constructor(
    path: string,
    onLine: (line: string) => void,
    onFault: (fault: FitFailure) => void,
    /** Resolves when there is room for more lines; whether anybody still listens. */
    ready: () => Promise<boolean>,
  ) {
    this.#path = path
    this.#onFault = onFault
    this.#ready = ready

    this.#lines = new Lines(onLine)
    this.#wait()
  }

  /** Reads what is still there, and looks no more. */
  async end(): Promise<void> {
    this.#ended = true
    clearTimeout(this.#timer)
    await this.#looking
    await this.#look()
    this.#lines.end()
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#looking = this.#look().then(() => {
        if (!this.#ended) this.#wait()
      })
    }, interval)
  }

  async #look(): Promise<void> {
    try {
      await this.#readOn()
    } catch (error) {
      const why = (error as Error).message
      this.#onFault(new FitFailure('RESULT_INVALID', `the reports file must be readable (${why})`))
    }
  }

  /** It is not read any more. */
  #refuse(law: string): void {
    this.#refused = true
    this.#onFault(new FitFailure('RESULT_INVALID', law))
  }

  async #readOn(): Promise<void> {
    if (this.#refused) return
    const found = await lstat(this.#path).catch(() => null)
    if (found === null) return
    const { size } = found
    if (!found.isFile()) {
      this.#refuse(
        'the reports file must stay the file it was (it is now a link, a pipe or a device); append to it',
      )
      return
    }
    if (size > mostReported) {
      const law = `the reports of a trial may take ${mostReported / 2 ** 20} MB (the reports file has ${(size / 2 ** 20).toFixed(0)}); larger things are artifacts`
      this.#refuse(law)
      return
    }
    if (size === this.#offset) return
    if (size < this.#offset) {
      this.#refuse('the reports file must be appended to (it has become shorter); open it for appending')
      return
    }
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | (constants.O_NOFOLLOW ?? 0)
    const file = await open(this.#path, flags).catch(() => null)
    if (file === null) return
    try {
      const buffer = Buffer.alloc(64 * 1024)
      while (this.#offset <= mostReported && (await this.#ready())) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#offset)
        // Meanwhile the trial may have been stopped, or the report before it was found to be wrong.
        if (bytesRead === 0 || !(await this.#ready())) return
        this.#offset += bytesRead
        this.#lines.push(buffer.subarray(0, bytesRead))
      }
    } finally {
      await file.close()
    }
  }
}
