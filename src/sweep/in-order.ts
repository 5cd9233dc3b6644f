/** Things that come in any order and are let out in the order of their places: 0, 1, 2 … */
export class InOrder<T> {
  /** What has been let out. */
  readonly out: T[] = []
  readonly #waiting = new Map<number, T>()

  /** Takes what has this place; gives what can be let out now, which is already in `out`. */
  put(place: number, thing: T): T[] {
    this.#waiting.set(place, thing)
    const before = this.out.length
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.out.push(next)
    return this.out.slice(before)
  }

  /** What waits for an earlier place that is empty, in order. */
  rest(): T[] {
    return [...this.#waiting].sort(([a], [b]) => a - b).map(([, thing]) => thing)
  }

  #next(): T | undefined {
    const place = this.out.length
    const thing = this.#waiting.get(place)
    this.#waiting.delete(place)
    return thing
  }
}
