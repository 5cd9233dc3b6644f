/**
 * What one fit logs and prints, kept as lines, bounded: a chatty trainer costs neither memory nor the
 * command line's own output.
 */
const MOST_LINES = 500
const MOST_CHARACTERS = 64 * 1024

export class FitOutput {
  private readonly kept: string[] = []
  private characters = 0
  private dropped = 0
  /** What was printed after the last line break. */
  private rest = ''

  /** @param onLine told of every line that is kept, as it comes. */
  constructor(private readonly onLine: (line: string) => void = () => {}) {}

  /** One message, of one line or several. */
  log(message: string): void {
    for (const line of message.split('\n', MOST_LINES)) this.keep(line)
  }

  /** A piece of a stream: lines end where it says so. */
  print(chunk: string): void {
    if (this.full) {
      this.dropped++
      return
    }
    const lines = (this.rest + chunk).split('\n')
    this.rest = lines.pop()!
    for (const line of lines) this.keep(line)
    if (this.rest.length > MOST_CHARACTERS) {
      this.keep(this.rest)
      this.rest = ''
    }
  }

  lines(): readonly string[] {
    if (this.rest !== '') this.keep(this.rest)
    this.rest = ''
    return this.dropped === 0 ? this.kept : [...this.kept, `… and more, which was not kept`]
  }

  private get full(): boolean {
    return this.kept.length >= MOST_LINES || this.characters >= MOST_CHARACTERS
  }

  private keep(line: string): void {
    if (this.full) {
      this.dropped++
      return
    }
    const room = MOST_CHARACTERS - this.characters
    if (line.length > room) this.dropped++
    const shown = line.slice(0, room)
    this.kept.push(shown)
    this.onLine(shown)
    this.characters += line.length
  }
}
