/**
 * Where in the journal of a sweep each of its trials is told of, so that a few of many are read without the others: numbers that
 * are kept while the journal is read for something else.
 */
import { applyToChildren, type ChildState, type SweepEvent } from './events.js'
import { errorCode, type FileSystem, type OpenFile } from './file-system.js'
import { readHead } from './journal-reader.js'
import { decodeLine } from './line.js'
import { journalPath } from './sweep-reader.js'
import type { Upgrade } from './upgrade.js'

/** First byte and bytes of one line, of the next, and so on. */
type Lines = number[]

export class TrialPlaces {
  readonly #lines = new Map<number, Lines>()
  /** What trials reported since they began: their end takes the place of it. */
  readonly #reported = new Map<number, Lines>()
  readonly #open = new Set<number>()
  /** Bytes of the journal that are known. */
  #end = 0

  /** Takes the next event of the journal, with the place of its line. Those that were taken before are passed over. */
  take(event: SweepEvent, from: number, bytes: number): void {
    if (event.event === 'created' || event.event === 'parent') this.#forget()
    if (from < this.#end) return
    this.#end = from + bytes
    switch (event.event) {
      case 'child':
        this.#lines.set(event.child.trial, [from, bytes])
        if (event.child.ended === null) this.#open.add(event.child.trial)
        break
      case 'started':
        if (!this.#lines.has(event.trial)) this.#lines.set(event.trial, [])
        this.#lines.get(event.trial)!.push(from, bytes)
        this.#reported.delete(event.trial)
        this.#open.add(event.trial)
        break
      case 'progress':
        if (!this.#reported.has(event.trial)) this.#reported.set(event.trial, [])
        this.#reported.get(event.trial)!.push(from, bytes)
        break
      case 'ended':
        this.#lines.get(event.trial)?.push(from, bytes)
        this.#reported.delete(event.trial)
        this.#open.delete(event.trial)
        break
      case 'session':
        for (const trial of this.#open) this.#lines.get(trial)?.push(from, bytes)
        break
      case 'deleted':
        this.#lines.delete(event.trial)
        this.#reported.delete(event.trial)
        this.#open.delete(event.trial)
        break
      case 'attempt failed':
      case 'artifact':
      case 'annotated':
        if (event.trial !== null) this.#lines.get(event.trial)?.push(from, bytes)
        break
    }
  }

  /** The lines that tell of a trial, in their order; none where there is no such trial. */
  of(trial: number): readonly { readonly from: number; readonly bytes: number }[] {
    const numbers = [...(this.#lines.get(trial) ?? []), ...(this.#reported.get(trial) ?? [])]
    return Array.from({ length: numbers.length / 2 }, (_, i) => ({
      from: numbers[2 * i],
      bytes: numbers[2 * i + 1],
    })).sort((a, b) => a.from - b.from)
  }

  #forget(): void {
    this.#lines.clear()
    this.#reported.clear()
    this.#open.clear()
    this.#end = 0
  }
}

/** Of a journal that has been read: each line was checked against those before it then. */
export interface ReadJournal {
  readonly directory: string
  readonly sweep: string
  readonly generation: number
  readonly upgrade: Upgrade
}

/**
 * These trials, from the lines that tell of them; those that have none are left out.
 * @returns null where the journal is no longer the one that was read: gone, compacted since, or damaged.
 */
export async function readPlaces(
  files: FileSystem,
  { directory, sweep, generation, upgrade }: ReadJournal,
  trials: readonly (readonly [trial: number, lines: ReturnType<TrialPlaces['of']>])[],
): Promise<ChildState[] | null> {
  const path = journalPath(directory)
  let file: OpenFile
  try {
    file = await files.open(path, 'read')
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null
    throw error
  }
  try {
    if ((await readHead(file, path, sweep))?.generation !== generation) return null
    const read: ChildState[] = []
    for (const [trial, lines] of trials) {
      const children = new Map<number, ChildState>()
      for (const { from, bytes } of lines) {
        const line = Buffer.allocUnsafe(bytes)
        if ((await file.read(line, from)) < bytes) return null
        const decoded = decodeLine(line, 0, bytes - 1)
        if (decoded.state !== 'good') return null
        applyToChildren(children, upgrade.event(decoded.entries as unknown as SweepEvent))
      }
      const child = children.get(trial)
      if (child !== undefined) read.push(child)
    }
    return read
  } finally {
    await file.close()
  }
}
