/** How long something waited for others, whatever waits overlap. */
export class Waiting {
  #under = 0
  #since = 0
  #ms = 0

  /** ms until now. */
  get ms(): number {
    return this.#ms + (this.#under > 0 ? performance.now() - this.#since : 0)
  }

  /** Counts until this comes; it is the answer as given. */
  for<T>(answer: Promise<T>): Promise<T> {
    if (this.#under++ === 0) this.#since = performance.now()
    const over = () => {
      if (--this.#under === 0) this.#ms += performance.now() - this.#since
    }
    answer.then(over, over)
    return answer
  }
}
