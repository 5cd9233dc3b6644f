/** The numbered seats of an executor, 0 … count − 1: who needs one gets the lowest that is free. */
export class Seats {
  readonly #taken: boolean[]

  constructor(count: number) {
    this.#taken = Array<boolean>(count).fill(false)
  }

  /** A free seat, which is then taken; null where there is none. */
  take(): number | null {
    const seat = this.#taken.indexOf(false)
    if (seat === -1) return null
    this.#taken[seat] = true
    return seat
  }

  free(seat: number): void {
    this.#taken[seat] = false
  }
}
