/** What a program prints, bounded: its beginning and its end. */
import { stripVTControlCharacters } from 'node:util'

/** Bytes kept of a stream. */
export const mostBytes = 1024 * 1024

/** Marks under the line before, as Python's traces have them; alone on one line with others they only hide the reason. */
const marksAlone = /^\s*[~^][\s~^]*$/

export class Capture {
  readonly #head: Buffer[] = []
  #tail: Buffer[] = []
  #headBytes = 0
  #tailBytes = 0
  #dropped = 0
  readonly #half: number

  constructor(most = mostBytes) {
    this.#half = Math.floor(most / 2)
  }

  add(chunk: Buffer): void {
    const room = Math.min(this.#half - this.#headBytes, chunk.length)
    if (room > 0) {
      this.#head.push(chunk.subarray(0, room))
      this.#headBytes += room
    }
    if (room === chunk.length) return
    this.#tail.push(chunk.subarray(room))
    this.#tailBytes += chunk.length - room
    // Joined from time to time, so that many small pieces cost no more than their bytes.
    if (this.#tailBytes > 2 * this.#half || this.#tail.length > 4096) this.#shorten()
  }

  /** Bytes that are left out of the content by now. */
  get dropped(): number {
    this.#shorten()
    return this.#dropped
  }

  /** Takes up, before anything else, the content of another one that had left out so many bytes. */
  takeUp(content: Buffer, dropped: number): void {
    const gap = dropped === 0 ? 0 : gapOf(dropped).length
    const tail = content.subarray(this.#half + gap)
    if (dropped === 0 || tail.length !== this.#half) this.add(content)
    else {
      this.add(content.subarray(0, this.#half))
      this.add(tail)
      this.#dropped = dropped
    }
  }

  content(): Buffer {
    this.#shorten()
    if (this.#dropped === 0) return Buffer.concat([...this.#head, ...this.#tail])
    return Buffer.concat([...this.#head, gapOf(this.#dropped), ...this.#tail])
  }

  /**
   * The last lines that are not blank, out of so many bytes at the end, as a terminal leaves them: without colours, and of a bar that
   * was drawn anew on its line the last one.
   */
  lastLines(count: number, bytes = 8192): string[] {
    const text = this.content().subarray(-bytes).toString('utf8')
    return stripVTControlCharacters(text)
      .split('\n')
      .flatMap((line) => line.split('\r').findLast((drawn) => drawn.trim() !== '') ?? [])
      .filter((line) => !marksAlone.test(line))
      .slice(-count)
  }

  #shorten(): void {
    const all = Buffer.concat(this.#tail)
    const kept = all.subarray(Math.max(0, all.length - this.#half))
    this.#dropped += all.length - kept.length
    this.#tail = kept.length === 0 ? [] : [kept]
    this.#tailBytes = kept.length
  }
}

const gapOf = (dropped: number) => Buffer.from(`\n… ${dropped} bytes are left out …\n`)
