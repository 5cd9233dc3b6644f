/**
 * The order in which waiting fits start: folds and whole trials before final models and holdouts, earlier
 * trials first, earlier folds first, and what is still equal in the order it came. A binary heap, so that ten
 * thousand waiting fits cost each of them no more than ten.
 */
import type { FitRequest } from './types.js'

interface Entry<T> {
  readonly request: FitRequest
  readonly arrival: number
  readonly item: T
}

/** Negative when a starts before b. */
export function compareRequests(a: FitRequest, b: FitRequest): number {
  return rank(a) - rank(b) || a.trial - b.trial || within(a) - within(b)
}

/** What the search waits for comes before what it does not. */
function rank({ part }: FitRequest): number {
  return part.kind === 'fold' || part.kind === 'whole' ? 0 : 1
}

function within({ part }: FitRequest): number {
  if (part.kind === 'fold') return part.fold
  return part.kind === 'holdout' ? 1 : 0
}

export class FitQueue<T> {
  readonly #heap: Entry<T>[] = []
  #arrivals = 0

  push(request: FitRequest, item: T): void {
    this.#insert({ request, arrival: this.#arrivals++, item })
  }

  #insert(entry: Entry<T>): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#before(at, parent)) break
      this.#swap(at, parent)
      at = parent
    }
  }

  /**
   * Takes the first; undefined when nothing waits. `isPreferred`: among the folds of the first one's trial, the first that it holds of
   * goes before the others.
   */
  shift(isPreferred?: (request: FitRequest) => boolean): T | undefined {
    const first = this.#shift()
    if (first === undefined) return undefined
    if (isPreferred === undefined || first.request.part.kind !== 'fold' || isPreferred(first.request))
      return first.item
    const { trial } = first.request
    const passed = [first]
    let chosen = first
    for (;;) {
      const next = this.#heap[0]
      if (next === undefined || next.request.trial !== trial || rank(next.request) > 0) break
      this.#shift()
      if (isPreferred(next.request)) {
        chosen = next
        break
      }
      passed.push(next)
    }
    for (const entry of passed) if (entry !== chosen) this.#insert(entry)
    return chosen.item
  }

  #shift(): Entry<T> | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined) return undefined
    if (heap.length > 0) {
      heap[0] = last
      for (let at = 0; ; ) {
        const left = 2 * at + 1
        const right = left + 1
        let least = at
        if (left < heap.length && this.#before(left, least)) least = left
        if (right < heap.length && this.#before(right, least)) least = right
        if (least === at) break
        this.#swap(at, least)
        at = least
      }
    }
    return first
  }

  #before(i: number, j: number): boolean {
    const a = this.#heap[i]
    const b = this.#heap[j]
    return (compareRequests(a.request, b.request) || a.arrival - b.arrival) < 0
  }

  #swap(i: number, j: number): void {
    const kept = this.#heap[i]
    this.#heap[i] = this.#heap[j]
    this.#heap[j] = kept
  }
}
