/** What a worker says of one fit: numbered, in order, and of many printed lines no more than a message at a time. */
import type { Clock } from './clock.js'
import { boxOf, type Letters, type ToCoordinator } from './protocol.js'
import type { Transport } from './transport.js'

/** ms that printed lines wait for more. */
const lineWait = 100
const mostLines = 1000

type Unnumbered<T> = T extends ToCoordinator ? Omit<T, 'fit' | 'number'> : never

export class Post {
  readonly #transport: Transport
  readonly #letters: Letters
  readonly #clock: Clock
  readonly #session: string
  readonly #fit: string
  #number = 0
  #lines: string[] = []
  #cancel: (() => void) | null = null
  #closed = false

  constructor(
    { transport, letters, clock }: { transport: Transport; letters: Letters; clock: Clock },
    session: string,
    fit: string,
  ) {
    this.#transport = transport
    this.#letters = letters
    this.#clock = clock
    this.#session = session
    this.#fit = fit
  }

  /** Resolves when the queue has it. */
  async say(message: Unnumbered<ToCoordinator>): Promise<void> {
    this.#flush()
    await this.#send(message)
  }

  print(line: string): void {
    if (this.#closed) return
    this.#lines.push(line)
    if (this.#lines.length >= mostLines) this.#flush()
    else this.#cancel ??= this.#clock.after(lineWait, () => this.#flush())
  }

  /** Nothing is said any more. */
  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  #flush(): void {
    this.#cancel?.()
    this.#cancel = null
    if (this.#lines.length === 0) return
    const lines = this.#lines
    this.#lines = []
    this.#send({ kind: 'output', lines }).catch(() => {})
  }

  async #send(message: Unnumbered<ToCoordinator>): Promise<void> {
    if (this.#closed) return
    const whole = { ...message, fit: this.#fit, number: this.#number++ } as ToCoordinator
    await this.#transport.send(
      boxOf.session(this.#session),
      this.#letters.toCoordinator(this.#session, whole),
    )
  }
}
