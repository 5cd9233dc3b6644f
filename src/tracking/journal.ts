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
import {
  applyEvent,
  type ChildState,
  emptyRecord,
  type ParentState,
  type SweepEvent,
  type SweepRecord,
} from './events.js'
import { writeFailed } from './failures.js'
import { appendAll, type FileSystem, type OpenFile } from './file-system.js'
import {
  type JournalHead,
  type JournalPlace,
  journalStart,
  journalVersion,
  readEvents,
  tornWarning,
} from './journal-reader.js'
import { checksumIn, encodeLine } from './line.js'
import { readSnapshot } from './snapshot.js'
import { Upgrade } from './upgrade.js'

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
  #version = journalVersion
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
    this.#add(journalHead(this.#sweep, 0))
    this.#freshMustSync = true
  }

  /**
   * Opens the journal for writing and reads all of it. A torn end is cut off.
   * @throws STORE_CORRUPT where it is damaged: then nothing is written.
   */
  async read(): Promise<SweepRecord | null> {
    try {
      this.#file = await this.#files.open(this.#path, 'append')
    } catch (error) {
      throw writeFailed(this.#path, error)
    }
    const record = emptyRecord()
    const upgrade = new Upgrade()
    const known = await readSnapshot(this.#files, dirname(this.#path), this.#sweep)
    const read = await readEvents(
      this.#file,
      { path: this.#path, sweep: this.#sweep, from: journalStart, known },
      (event) => applyEvent(record, this.#sweep, upgrade.event(event)),
    )
    this.#version = read.version
    this.#generation = read.generation
    this.#length = read.place.bytes
    this.#pushed = read.place
    if (read.torn > 0) {
      try {
        await this.#file.truncate(read.place.bytes)
        await this.#file.datasync()
      } catch (error) {
        throw writeFailed(this.#path, error)
      }
      this.#warn(tornWarning(this.#path, read.place.lines + 1, read.torn, 'cut it off'))
    }
    return record
  }

  /** Whether it was written by an earlier version: it must be compacted before anything is added to it. */
  get isOld(): boolean {
    return this.#version < journalVersion
  }

  /**
   * Takes an event to append at the next `write`. With `soon`, it need not be on the disk when that write's
   * promise resolves: it goes there with the next event that must.
   */
  push(event: SweepEvent, when: 'now' | 'soon' = 'now'): void {
    this.#add(event)
    if (when === 'now') this.#freshMustSync = true
  }

  #add(event: SweepEvent | JournalHead): void {
    const line = lineAfter(this.#pushed, event)
    this.#fresh.push(line)
    this.#pushed = placeAfter(this.#pushed, line)
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
        const line = lineAfter(place, event)
        chunk.push(line)
        chunkSize += line.length
        place = placeAfter(place, line)
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
    this.#version = journalVersion
    this.#generation = generation
    this.#pushed = place
    this.#length = place.bytes
    this.#unsynced = false
    await this.#files.syncDirectory(dirname(this.#path))
  }

  /** Puts a record in the place of a journal that cannot be read as it is, and closes it. */
  async replace(
    generation: number,
    parent: ParentState,
    children: ReadonlyMap<number, ChildState>,
  ): Promise<void> {
    this.#generation = generation
    await this.compact(parent, children)
    await this.close()
  }

  /** Resolves when nothing is on its way to the disk. */
  async settled(): Promise<void> {
    while (this.#pumping) await this.#pumping
  }

  /** Resolves when everything written so far is on the disk, also what could wait. Throws where it cannot be. */
  async synced(): Promise<void> {
    await this.settled()
    if (!this.#unsynced || this.#failure !== null || this.#file === null) return
    await this.#file.datasync()
    this.#unsynced = false
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

const chunkBytes = 1 << 20

function lineAfter({ lines, crc }: JournalPlace, event: SweepEvent | JournalHead): Buffer {
  return encodeLine(event, lines === 0 ? undefined : crc)
}

function placeAfter(place: JournalPlace, line: Buffer): JournalPlace {
  return { bytes: place.bytes + line.length, lines: place.lines + 1, crc: checksumIn(line) }
}
