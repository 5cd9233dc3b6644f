/** Lines out of a stream of bytes that may be cut anywhere, and hold no line feed at all. */
import { StringDecoder } from 'node:string_decoder'
import { LONGEST_LINE } from './protocol.js'

export class Lines {
  private readonly decoder = new StringDecoder('utf8')
  private rest = ''
  /** The line under way is longer than any report: the rest of it is not kept. */
  private cut = false

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    const parts = this.decoder.write(chunk).split('\n')
    for (let i = 0; i < parts.length; i++) {
      if (!this.cut) this.rest += parts[i]
      if (this.rest.length > LONGEST_LINE) {
        this.rest = this.rest.slice(0, LONGEST_LINE)
        this.cut = true
      }
      if (i < parts.length - 1) this.flush()
    }
  }

  /** What stands behind the last line feed is a line too. */
  end(): void {
    this.rest += this.decoder.end()
    if (this.rest !== '') this.flush()
  }

  private flush(): void {
    const line = this.rest.endsWith('\r') ? this.rest.slice(0, -1) : this.rest
    this.rest = ''
    this.cut = false
    this.onLine(line)
  }
}
