/**
 * What one fit logs and prints, kept as lines, bounded: a chatty trainer costs neither memory nor the
 * command line's own output.
 */
const mostLines = 500
const mostCharacters = 64 * 1024
const more = '… and more, which was not kept'

export class FitOutput {
  readonly #onLine: (line: string) => void

  readonly #kept: string[] = []
  #characters = 0
  #dropped = 0
  /** What was printed after the last line break. */
  #rest = ''

  /** @param onLine told of every line that is kept, as it comes. */
  constructor(onLine: (line: string) => void = () => {}) {
    this.#onLine = onLine
  }

  /** One message, of one line or several. */
  log(message: string): void {
    for (const line of message.split('\n', mostLines)) this.#keep(line)
  }

  /** A piece of a stream: lines end where it says so. */
  print(chunk: string): void {
    if (this.#full) {
      this.#dropped++
      return
    }
    const lines = (this.#rest + chunk).split('\n')
    this.#rest = lines.pop()!
    for (const line of lines) this.#keep(line)
    if (this.#rest.length > mostCharacters) {
      this.#keep(this.#rest)
      this.#rest = ''
    }
  }

  /** What there is until now; a line that has not ended yet counts as one. */
  soFar(): readonly string[] {
    const last = this.#rest === '' ? [] : [this.#rest.slice(0, mostCharacters)]
    return [...this.#kept, ...last, ...(this.#dropped === 0 ? [] : [more])]
  }

  lines(): readonly string[] {
    if (this.#rest !== '') this.#keep(this.#rest)
    this.#rest = ''
    return this.#dropped === 0 ? this.#kept : [...this.#kept, more]
  }

  get #full(): boolean {
    return this.#kept.length >= mostLines || this.#characters >= mostCharacters
  }

  #keep(line: string): void {
    if (this.#full) {
      this.#dropped++
      return
    }
    const room = mostCharacters - this.#characters
    if (line.length > room) this.#dropped++
    const shown = line.slice(0, room)
    this.#kept.push(shown)
    this.#onLine(shown)
    this.#characters += line.length
  }
}
