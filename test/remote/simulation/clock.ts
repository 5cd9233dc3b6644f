/**
 * A clock whose time passes as fast as what happens in it can be worked through: it goes on to the next moment at which something is
 * due when nothing else is left to do. What reads and writes files is waited for; timers of Node are not.
 */
import type { Clock } from '../../../src/remote/clock.js'

interface Due {
  readonly at: number
  /** What is due at the same moment goes in the order in which it was asked for. */
  readonly order: number
  run: (() => void) | null
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

export class FakeClock implements Clock {
  /** A binary heap: the soonest first. */
  readonly #heap: Due[] = []
  #now = 0
  #order = 0
  #running = false

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const due: Due = { at: this.#now + Math.max(0, ms), order: this.#order++, run }
    this.#push(due)
    return () => {
      due.run = null
    }
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  /** Lets time pass until it is stopped. */
  start(): void {
    if (this.#running) return
    this.#running = true
    void this.#drive()
  }

  stop(): void {
    this.#running = false
  }

  async #drive(): Promise<void> {
    while (this.#running) {
      await settled()
      const next = this.#pop()
      if (next === undefined) continue
      this.#now = next.at
      for (let due: Due | undefined = next; due !== undefined; due = this.#popAt(next.at)) due.run?.()
    }
  }

  #popAt(at: number): Due | undefined {
    return this.#heap.length > 0 && this.#heap[0]!.at === at ? this.#pop() : undefined
  }

  #push(due: Due): void {
    const heap = this.#heap
    let at = heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(due, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = due
  }

  #pop(): Due | undefined {
    const heap = this.#heap
    for (;;) {
      const first = heap[0]
      const last = heap.pop()
      if (first === undefined || last === undefined) return undefined
      if (heap.length > 0) this.#sink(last)
      // What was called off is passed over, and no moment of its own.
      if (first.run !== null) return first
    }
  }

  #sink(due: Due): void {
    const heap = this.#heap
    let at = 0
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, due)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = due
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** Nothing is left that would happen by itself: promises, turns of the loop, files. */
async function settled(): Promise<void> {
  do {
    await turn()
    await turn()
  } while (process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq')))
}
