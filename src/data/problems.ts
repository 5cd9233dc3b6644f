/**
 * Collects the mistakes of one input, so that they are all told at once, up to a bound. One that cells of a column (or
 * rows) have in common is told once: where it is first, and how often it is.
 */
import { type ErrorCode, EspalierError, type Problem } from '../errors.js'

const atMost = 20

/** Where a row is in a file. */
export interface Place {
  /** `wine.csv`; empty for rows that are in none. */
  readonly file: string
  /** `line 12`, `row 3` */
  readonly row: string
}

interface Told {
  readonly path: string
  readonly message: string
  /** Further places of the same mistake, the first ones of `count`. */
  readonly further: string[]
  readonly unit: 'cells' | 'rows'
  count: number
}

export class ProblemList {
  readonly #told: Told[] = []
  readonly #shared = new Map<string, Told>()

  get problems(): Problem[] {
    return this.#told.map(({ path, message, further, unit, count }) => {
      if (count === 0) return { path, message }
      const cells = count === 1 ? unit.slice(0, -1) : unit
      return {
        path,
        message: `${message} (so it is with ${count} further ${cells}: ${listed(further, count)})`,
      }
    })
  }

  get empty(): boolean {
    return this.#told.length === 0
  }

  /** Whether more would not be listed: the reader can stop looking. */
  get full(): boolean {
    return this.#told.length >= atMost
  }

  add(path: string, message: string): void {
    if (!this.full) this.#told.push({ path, message, further: [], unit: 'cells', count: 0 })
  }

  /**
   * A mistake in a cell of this column (or in a row as a whole, where that is null). Cells of one column that break the
   * same law are told as one; `found`: the text of this cell, for the further ones.
   */
  addShared(place: Place, column: string | null, law: string, message: string, found?: string): void {
    const key = JSON.stringify([place.file, column, law])
    const told = this.#shared.get(key)
    if (told !== undefined) {
      told.count++
      if (told.further.length < mostListed)
        told.further.push(found === undefined ? place.row : `${place.row} (${JSON.stringify(found)})`)
      return
    }
    if (this.full) return
    const unit = column === null ? 'rows' : 'cells'
    const first: Told = { path: pathOf(place, column), message, further: [], unit, count: 0 }
    this.#shared.set(key, first)
    this.#told.push(first)
  }

  /** Throws when there is any: the message is the first one with a count of the others. */
  throwIfAny(code: ErrorCode): void {
    if (this.#told.length > 0) throw errorOf(code, this.problems)
  }
}

const mostListed = 5

/** `line 3, line 8 and 12 more`: `count` places in all, of which these are the first. */
export function listed(places: readonly string[], count: number): string {
  const shown = places.slice(0, mostListed)
  const more = count - shown.length
  if (more > 0) return `${shown.join(', ')} and ${more} more`
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}

/** `wine.csv line 12, column "alcohol"` */
export function pathOf({ file, row }: Place, column: string | null): string {
  const at = file === '' ? row : `${file} ${row}`
  return column === null ? at : `${at}, column "${column}"`
}

/** One error for all of these problems. */
function errorOf(code: ErrorCode, problems: readonly Problem[]): EspalierError {
  const [first] = problems
  const more = problems.length - 1
  const where = first.path === '' ? '' : `${first.path}: `
  return new EspalierError(
    code,
    `${where}${first.message}${more > 0 ? ` (and ${more} more problem${more > 1 ? 's' : ''})` : ''}`,
    { problems },
  )
}
