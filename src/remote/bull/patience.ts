/** Asking a queue until it answers, from the time it is opened to the time it is closed; and knowing whether it answers now. */

import { setMaxListeners } from 'node:events'
import { EspalierError } from '../../errors.js'
import { isPassing, refused } from './unreachable.js'

/** ms between two tries of the same, at first and at most. */
const pauses = { first: 50, most: 1_000 }
/** ms between two looks whether the queue still answers, and how long it may take to. */
const pulse = { every: 2_000, patience: 4_000 }

export class Patience {
  readonly #name: string
  readonly #closed = new AbortController()
  readonly #beat: () => Promise<unknown>
  #timer: NodeJS.Timeout | null = null
  #reachable = true

  constructor(name: string, beat: () => Promise<unknown>) {
    this.#name = name
    this.#beat = beat
    // One for each question under way.
    setMaxListeners(0, this.#closed.signal)
    this.#schedule()
  }

  get reachable(): boolean {
    return this.#reachable
  }

  get closed(): boolean {
    return this.#closed.signal.aborted
  }

  lost(): void {
    this.#reachable = false
  }

  found(): void {
    this.#reachable = true
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#closed.abort()
  }

  async ask<T>(question: () => Promise<T>): Promise<T> {
    for (let pause = pauses.first; ; pause = Math.min(pause * 2, pauses.most)) {
      if (this.closed) throw this.#closedError()
      try {
        const answer = await this.#orClosed(question())
        this.#reachable = true
        return answer
      } catch (error) {
        if (this.closed) throw this.#closedError()
        if (error instanceof EspalierError) throw error
        if (!isPassing(error)) throw refused(this.#name, error)
        this.#reachable = false
        await this.#orClosed(new Promise((resolve) => setTimeout(resolve, pause)))
      }
    }
  }

  #closedError(): EspalierError {
    return new EspalierError('INTERRUPTED', `the queue was closed before it answered (${this.#name})`)
  }

  #orClosed<T>(answer: Promise<T>): Promise<T> {
    const signal = this.#closed.signal
    return new Promise<T>((resolve, reject) => {
      const close = () => reject(this.#closedError())
      if (signal.aborted) close()
      else signal.addEventListener('abort', close, { once: true })
      answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', close))
    })
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#look(), pulse.every)
    this.#timer.unref()
  }

  async #look(): Promise<void> {
    const late = setTimeout(() => this.lost(), pulse.patience)
    late.unref()
    try {
      await this.#orClosed(this.#beat())
      this.#reachable = true
    } catch {
      this.#reachable = false
    } finally {
      clearTimeout(late)
    }
    if (!this.closed) this.#schedule()
  }
}
