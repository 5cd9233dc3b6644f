/**
 * The journal of one sweep, as a lowdb adapter: `write` appends what changed since the last write, instead of
 * the whole record, so that a trial costs the same at any size.
 *
 * Appends that come together share one write and one fdatasync ("group commit"): while one batch is on its way
 * to the disk the next one gathers. A promise of `write` resolves when its events are on the disk, or, where
 * only events were pushed that may wait (`soon`), when they are in the file.
 *
 * When a write fails, the file is cut back to the last whole batch, everybody waiting is told, and the journal
 * takes no more: a later success would hide that something is missing.
 */
import { dirname, join } from 'node:path'
import type { Adapter } from 'lowdb'
import { EspalierError } from '../errors.js'
import {
  applyEvent,
  type ChildState,
  emptyRecord,
  type ParentState,
  type SweepEvent,
  type SweepRecord,
} from './events.js'
import { corrupt, readFailed, writeFailed } from './failures.js'
import { appendAll, type FileSystem, type OpenFile } from './file-system.js'
import { decodeLine, encodeLine } from './line.js'

const journalVersion = 1

/** The first line of every journal. `generation` grows when the journal is compacted. */
interface JournalHead {
  event: 'journal'
  version: number
  sweep: string
  generation: number
}

interface Waiter {
  resolve: () => void
  reject: (error: unknown) => void
}

class Batch {
  readonly lines: Buffer[] = []
  readonly onWritten: Waiter[] = []
  readonly onSynced: Waiter[] = []
}

export class JournalAdapter implements Adapter<SweepRecord> {
  readonly #files: FileSystem
  readonly #path: string
  readonly #sweep: string
  readonly #warn: (warning: string) => void
  readonly #mayWrite: () => void
  #file: OpenFile | null = null
  #generation = 0
  /** Bytes of whole batches in the file. */
  #length = 0
  /** Everything pushed so far, in the file or not. */
  #pushed: JournalPlace = journalStart
  #unsynced = false
  #fresh: Buffer[] = []
  #freshMustSync = false
  #next: Batch | null = null
  #pumping: Promise<void> | null = null
  #failure: unknown = null

  /** @param mayWrite asked before every write; throws where the right to write was lost. */
  constructor(
    files: FileSystem,
    path: string,
    sweep: string,
    warn: (warning: string) => void,
    mayWrite: () => void,
  ) {
    this.#files = files
    this.#path = path
    this.#sweep = sweep
    this.#warn = warn
    this.#mayWrite = mayWrite
  }

  /** The end of everything pushed so far. In the file once the next `write` resolves. */
  get place(): JournalPlace {
    return this.#pushed
  }

  get failed(): boolean {
    return this.#failure !== null
  }

  get generation(): number {
    return this.#generation
  }

  /** Makes the file, with its head. */
  async create(): Promise<void> {
    try {
      this.#file = await this.#files.open(this.#path, 'create')
    } catch (error) {
      throw writeFailed(this.#path, error)
    }
    this.#add(encodeLine(journalHead(this.#sweep, 0)))
    this.#freshMustSync = true
  }

  /** Opens the journal for writing and reads all of it. A torn end is cut off. */
  async read(): Promise<SweepRecord | null> {
    try {
      this.#file = await this.#files.open(this.#path, 'append')
    } catch (error) {
      throw writeFailed(this.#path, error)
    }
    const record = emptyRecord()
    const read = await readEvents(this.#file, this.#path, this.#sweep, journalStart, (event) =>
      applyEvent(record, this.#sweep, event),
    )
    this.#generation = read.generation
    this.#length = read.length
    this.#pushed = { bytes: read.length, lines: read.lines }
    if (read.torn > 0) {
      try {
        await this.#file.truncate(read.length)
        await this.#file.datasync()
      } catch (error) {
        throw writeFailed(this.#path, error)
      }
      this.#warn(tornWarning(this.#path, read.lines + 1, read.torn, 'cut it off'))
    }
    return record
  }

  /**
   * Takes an event to append at the next `write`. With `soon`, it need not be on the disk when that write's
   * promise resolves: it goes there with the next event that must.
   */
  push(event: SweepEvent, when: 'now' | 'soon' = 'now'): void {
    this.#add(encodeLine(event))
    if (when === 'now') this.#freshMustSync = true
  }

  #add(line: Buffer): void {
    this.#fresh.push(line)
    this.#pushed = after(this.#pushed, line)
  }

  /** Appends what was pushed since the last write. */
  write(): Promise<void> {
    if (this.#failure !== null) {
      this.#fresh = []
      return Promise.reject(this.#failure)
    }
    if (this.#fresh.length === 0) return Promise.resolve()
    this.#next ??= new Batch()
    const batch = this.#next
    batch.lines.push(...this.#fresh)
    const waiters = this.#freshMustSync ? batch.onSynced : batch.onWritten
    this.#fresh = []
    this.#freshMustSync = false
    const done = new Promise<void>((resolve, reject) => waiters.push({ resolve, reject }))
    this.#pumping ??= this.#pump()
    return done
  }

  /**
   * Writes the record anew as it is now, in place of all the events that led to it, so that nothing is left of
   * what was deleted or replaced. Readers find the old journal or the new one, each whole. Nothing may be
   * written meanwhile.
   */
  async compact(parent: ParentState, children: ReadonlyMap<number, ChildState>): Promise<void> {
    await this.settled()
    if (this.#failure !== null) return
    const temporary = join(dirname(this.#path), `.journal-${process.pid}.tmp`)
    await this.#files.remove(temporary)
    const file = await this.#files.open(temporary, 'create')
    const generation = this.#generation + 1
    let place = journalStart
    try {
      let chunk: Buffer[] = []
      let chunkSize = 0
      const flush = async () => {
        await appendAll(file, Buffer.concat(chunk))
        chunk = []
        chunkSize = 0
      }
      for (const event of compacted(journalHead(this.#sweep, generation), parent, children)) {
        const line = encodeLine(event)
        chunk.push(line)
        chunkSize += line.length
        place = after(place, line)
        if (chunkSize >= chunkBytes) await flush()
      }
      await flush()
      await file.datasync()
      this.#mayWrite()
      await this.#files.rename(temporary, this.#path)
    } catch (error) {
      await file.close().catch(() => {})
      await this.#files.remove(temporary).catch(() => {})
      throw writeFailed(temporary, error)
    }
    // From here on the new file is the journal.
    await this.#file?.close().catch(() => {})
    this.#file = file
    this.#generation = generation
    this.#pushed = place
    this.#length = place.bytes
    this.#unsynced = false
    await this.#files.syncDirectory(dirname(this.#path))
  }

  /** Resolves when nothing is on its way to the disk. */
  async settled(): Promise<void> {
    while (this.#pumping) await this.#pumping
  }

  /** Refuses everything from now on, because the lock was lost for instance. */
  fail(error: unknown): void {
    this.#failure ??= error
  }

  /** Waits for what is under way, syncs what may still wait, closes the file. Does not throw. */
  async close(): Promise<void> {
    await this.settled()
    const file = this.#file
    this.#file = null
    if (file === null) return
    if (this.#unsynced && this.#failure === null) await file.datasync().catch(() => {})
    await file.close().catch(() => {})
    this.#failure ??= new Error('the journal is closed')
  }

  async #pump(): Promise<void> {
    // What is written later in this turn of the event loop joins the first batch.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#next) {
      const batch = this.#next
      this.#next = null
      await this.#commit(batch)
    }
    this.#pumping = null
  }

  async #commit({ lines, onWritten, onSynced }: Batch): Promise<void> {
    const bytes = lines.length === 1 ? lines[0] : Buffer.concat(lines)
    try {
      if (this.#failure !== null) throw this.#failure
      this.#mayWrite()
    } catch (error) {
      this.#failure ??= error
      for (const waiter of [...onWritten, ...onSynced]) waiter.reject(this.#failure)
      return
    }
    try {
      const file = this.#file!
      await appendAll(file, bytes)
      for (const waiter of onWritten) waiter.resolve()
      if (onSynced.length > 0) await file.datasync()
      this.#unsynced = onSynced.length === 0
      this.#length += bytes.length
      for (const waiter of onSynced) waiter.resolve()
    } catch (error) {
      this.#failure ??= writeFailed(this.#path, error)
      await this.#cutBack(bytes.length).catch(() => {})
      for (const waiter of [...onWritten, ...onSynced]) waiter.reject(this.#failure)
    }
  }

  /**
   * Takes off what a failed write of so many bytes left. If this fails as well, the next one to open the journal
   * cuts off what is not whole.
   */
  async #cutBack(bytes: number): Promise<void> {
    const { size } = await this.#file!.stat()
    // More than that is not ours.
    if (size <= this.#length + bytes) await this.#file!.truncate(this.#length)
  }
}

function* compacted(
  head: JournalHead,
  parent: ParentState,
  children: ReadonlyMap<number, ChildState>,
): Generator<SweepEvent | JournalHead> {
  yield head
  yield { event: 'parent', state: parent }
  for (const child of children.values()) yield { event: 'child', child }
}

function journalHead(sweep: string, generation: number): JournalHead {
  return { event: 'journal', version: journalVersion, sweep, generation }
}

export function tornWarning(path: string, line: number, bytes: number, done: string): string {
  return `${path} line ${line}: the last ${bytes} bytes are half a record, left by a crash while it was written; ${done}`
}

const chunkBytes = 1 << 20

interface JournalRead {
  generation: number
  /** Bytes of whole records, from the file's beginning. */
  length: number
  /** Whole lines, from the file's beginning. */
  lines: number
  /** Bytes after the last whole record. */
  torn: number
}

/** A place between two lines: the bytes and lines before it. */
export interface JournalPlace {
  bytes: number
  lines: number
}

export const journalStart: JournalPlace = { bytes: 0, lines: 0 }

function after(place: JournalPlace, line: Uint8Array): JournalPlace {
  return { bytes: place.bytes + line.length, lines: place.lines + 1 }
}

/**
 * Reads the events of a journal from a place on and gives each to `take`.
 * @throws STORE_CORRUPT naming the line, where a record is damaged and others follow it, or was changed.
 */
export async function readEvents(
  file: OpenFile,
  path: string,
  sweep: string,
  from: JournalPlace,
  take: (event: SweepEvent) => void,
): Promise<JournalRead> {
  const { size } = await file.stat()
  let buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(size - from.bytes, 0) + 4096))
  let filled = 0
  let position = from.bytes
  let length = from.bytes
  let lines = from.lines
  let generation = 0
  /** A line that cannot be read: torn if nothing follows it, damage otherwise. */
  let unreadable = 0

  const takeLine = (start: number, end: number) => {
    if (unreadable > 0) throw corrupt(path, unreadable, 'is not a record, but others follow it', sweep)
    const line = decodeLine(buffer, start, end)
    if (line.state === 'changed') {
      const what = `was changed after it was written (its checksum says ${line.recorded}, its text ${line.found})`
      throw corrupt(path, lines + 1, what, sweep)
    }
    if (line.state === 'unreadable') {
      unreadable = lines + 1
      return
    }
    lines++
    length += end + 1 - start
    if (lines === 1) generation = checkHead(line.entries, path, sweep)
    else take(line.entries as unknown as SweepEvent)
  }

  for (;;) {
    let got: number
    try {
      got = await file.read(buffer.subarray(filled), position)
    } catch (error) {
      throw readFailed(path, error)
    }
    const wasFull = got === buffer.length - filled
    position += got
    filled += got
    let start = 0
    for (let end = newlineIn(buffer, 0, filled); end >= 0; end = newlineIn(buffer, start, filled)) {
      takeLine(start, end)
      start = end + 1
    }
    if (!wasFull) break
    if (start === 0) {
      const larger = Buffer.allocUnsafe(buffer.length * 2)
      buffer.copy(larger, 0, 0, filled)
      buffer = larger
    } else {
      buffer.copy(buffer, 0, start, filled)
      filled -= start
    }
  }
  return { generation, length, lines, torn: position - length }
}

/** The generation in a journal's head; null where the head is not whole. */
export async function readGeneration(file: OpenFile, path: string, sweep: string): Promise<number | null> {
  const bytes = Buffer.alloc(256)
  const end = newlineIn(bytes, 0, await file.read(bytes, 0))
  const line = end < 0 ? null : decodeLine(bytes, 0, end)
  return line?.state === 'good' ? checkHead(line.entries, path, sweep) : null
}

function newlineIn(buffer: Buffer, from: number, to: number): number {
  const at = buffer.indexOf(10, from)
  return at < to ? at : -1
}

function checkHead(entries: { [key: string]: unknown }, path: string, sweep: string): number {
  const { event, version, generation } = entries
  if (event !== 'journal' || typeof generation !== 'number') {
    throw corrupt(path, 1, 'is not the head of a journal', sweep)
  }
  if (entries.sweep !== sweep) {
    throw corrupt(path, 1, `belongs to the sweep ${String(entries.sweep)}`, sweep)
  }
  if (typeof version !== 'number' || version > journalVersion) {
    throw new EspalierError(
      'STORE_VERSION',
      `${path} was written by a newer version of Espalier (journal version ${String(version)}, this program knows ${journalVersion}). Update Espalier.`,
    )
  }
  return generation
}
