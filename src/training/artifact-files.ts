/** Files that a fit leaves behind beside its metrics: kept with the trial, whether it finished or failed. */
import { artifactNames } from '../names.js'
import { FitFailure } from './failures.js'
import { FitNotes } from './notes.js'

export interface FitArtifact {
  readonly name: string
  readonly content: Uint8Array
}

/** Megabytes that all the artifacts of one fit may take, unless the sweep says otherwise (`limits.artifactsMB`). */
export const defaultArtifactsMB = 64

/** Names the record itself uses. */
const taken: readonly string[] = [artifactNames.model, artifactNames.sampleInput, artifactNames.outOfFold]

const partOfName = /^[A-Za-z0-9_][A-Za-z0-9._ +@-]*$/

/** The artifacts of one fit, by name: the same name again takes the place of the one before. */
export class ArtifactFiles {
  readonly #files = new Map<string, Uint8Array>()
  readonly #megabytes: number
  readonly #notes: FitNotes

  /** @param megabytes of all artifacts together. */
  constructor(megabytes = defaultArtifactsMB, notes = new FitNotes()) {
    this.#megabytes = megabytes
    this.#notes = notes
  }

  /** Bytes of all of them together. */
  get limit(): number {
    return Math.floor(this.#megabytes * 2 ** 20)
  }

  /** Throws FitFailure RESULT_INVALID for a name no record can have. One that is too large is left out, with a note. */
  add(name: string, content: Uint8Array | string): void {
    const fine =
      typeof name === 'string' && name.length <= 200 && name.split('/').every((part) => partOfName.test(part))
    if (!fine) {
      throw new FitFailure(
        'RESULT_INVALID',
        `the name of an artifact has letters, digits and ". _ + @ -", with "/" between folders (got ${JSON.stringify(name)})`,
      )
    }
    const folder = [...this.#files.keys()].find(
      (one) => one.startsWith(`${name}/`) || name.startsWith(`${one}/`),
    )
    if (taken.includes(name) || folder !== undefined) {
      const why = folder === undefined ? 'the record keeps a file of its own as that' : `there is "${folder}"`
      throw new FitFailure('RESULT_INVALID', `an artifact cannot be named "${name}": ${why}`)
    }
    if (typeof content !== 'string' && !(content instanceof Uint8Array)) {
      throw new FitFailure('RESULT_INVALID', `the artifact "${name}" must be a text or a Uint8Array`)
    }
    // A copy: the caller may go on to use its buffer, and a view would be sent with all of what it is a view of.
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content)
    let total = bytes.length
    for (const [other, { length }] of this.#files) if (other !== name) total += length
    if (total > this.limit) {
      this.leaveOut(name)
      return
    }
    this.#files.set(name, bytes)
  }

  /** It is too large: what stood under its name before is of no use any more. */
  leaveOut(name: string): void {
    this.#files.delete(name)
    this.#notes.add(
      `artifact ${name}`,
      `the artifacts of a trial may take ${this.#megabytes} MB (with "${name}" they take more): it is left out; "limits": {"artifactsMB": …} in the sweep file allows more`,
    )
  }

  list(): FitArtifact[] {
    return [...this.#files].map(([name, content]) => ({ name, content }))
  }
}
