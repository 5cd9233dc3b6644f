/** What of a fit is left out of its record, and why: it costs neither the fit nor its trial, but is told. */

export interface FitNote {
  /** What it is about (`metric auc`): of a sweep's notes about the same thing the first is shown. */
  readonly about: string
  readonly message: string
}

/** Things that a fit's notes can be about: a trainer may make up names without end. */
const mostNotes = 100

/** The notes of one fit, one for each thing. */
export class FitNotes {
  readonly #others = new Map<string, string>()
  readonly #metrics = new Map<string, { readonly first: string; count: number }>()

  /** A metric that is no finite number at some place (`step 3`, `its end`). */
  metric(name: string, value: number | null, place: string): void {
    const known = this.#metrics.get(name)
    if (known !== undefined) known.count++
    else if (this.#metrics.size < mostNotes)
      this.#metrics.set(name, { first: `${value} at ${place}`, count: 1 })
  }

  add(about: string, message: string): void {
    if (this.#others.has(about) || this.#others.size < mostNotes) this.#others.set(about, message)
  }

  list(): FitNote[] {
    const metrics = [...this.#metrics].map(([name, { first, count }]) => {
      const more = count === 1 ? '' : `, and ${count - 1} more time${count === 2 ? '' : 's'}`
      return {
        about: `metric ${name}`,
        message: `metrics on record are finite, and "${name}" was ${first}${more}: left out there`,
      }
    })
    return [...metrics, ...[...this.#others].map(([about, message]) => ({ about, message }))]
  }
}
