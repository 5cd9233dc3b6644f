/**
 * Lines out of a stream of bytes that may be cut anywhere, and hold no line feed at all. A carriage return ends a line
 * too, as progress bars write it before they begin again; blank lines are passed over.
 */
import { StringDecoder } from 'node:string_decoder'
import { longestLine } from './protocol.js'

export class Lines {
  readonly #decoder = new StringDecoder('utf8')
  readonly #onLine: (line: string) => void
  #rest = ''
  /** The line under way is longer than any report: the rest of it is not kept. */
  #cut = false

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(chunk: Buffer): void {
    const parts = this.#decoder.write(chunk).split(/[\r\n]/)
    for (let i = 0; i < parts.length; i++) {
      if (!this.#cut) this.#rest += parts[i]
      if (this.#rest.length > longestLine) {
        this.#rest = this.#rest.slice(0, longestLine)
        this.#cut = true
      }
      if (i < parts.length - 1) this.#flush()
    }
  }

  /** What stands behind the last line feed is a line too. */
  end(): void {
    this.#rest += this.#decoder.end()
    this.#flush()
  }

  #flush(): void {
    const line = this.#rest
    this.#rest = ''
    this.#cut = false
    if (line.trim() !== '') this.#onLine(line)
  }
}
