/**
 * The file a program may append its reports to: looked at in short intervals, because a pipe would block a program
 * that opens it before anybody reads, and the notices of file systems cannot be relied on everywhere.
 */
import { open, stat } from 'node:fs/promises'
import { FitFailure } from '../failures.js'
import { Lines } from './lines.js'

/** ms between two looks. */
const INTERVAL = 20

export class ReportsFile {
  private readonly lines: Lines
  private offset = 0
  private timer: NodeJS.Timeout | undefined
  private looking: Promise<void> = Promise.resolve()
  private ended = false

  constructor(
    private readonly path: string,
    onLine: (line: string) => void,
    private readonly onFault: (fault: FitFailure) => void,
  ) {
    this.lines = new Lines(onLine)
    this.wait()
  }

  /** Reads what is still there, and looks no more. */
  async end(): Promise<void> {
    this.ended = true
    clearTimeout(this.timer)
    await this.looking
    await this.look()
    this.lines.end()
  }

  private wait(): void {
    this.timer = setTimeout(() => {
      this.looking = this.look().then(() => {
        if (!this.ended) this.wait()
      })
    }, INTERVAL)
  }

  private async look(): Promise<void> {
    try {
      await this.readOn()
    } catch (error) {
      const why = (error as Error).message
      this.onFault(new FitFailure('RESULT_INVALID', `the reports file must be readable (${why})`))
    }
  }

  private async readOn(): Promise<void> {
    const size = await stat(this.path).then(
      (found) => found.size,
      () => this.offset,
    )
    if (size === this.offset) return
    if (size < this.offset) {
      const law = 'the reports file must be appended to (it has become shorter); open it for appending'
      this.onFault(new FitFailure('RESULT_INVALID', law))
      this.offset = size
      return
    }
    const file = await open(this.path).catch(() => null)
    if (file === null) return
    try {
      const buffer = Buffer.alloc(64 * 1024)
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, this.offset)
        if (bytesRead === 0) return
        this.offset += bytesRead
        this.lines.push(buffer.subarray(0, bytesRead))
      }
    } finally {
      await file.close()
    }
  }
}
