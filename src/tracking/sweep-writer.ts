/** Writes one sweep's record: each call becomes an event, is added to the record in memory and to the journal. */
import { join } from 'node:path'
import { Low } from 'lowdb'
import { EspalierError } from '../errors.js'
import type { JsonObject } from '../values.js'
import { labelsOf } from './acts.js'
import { artifactFile, artifactFolder, artifactsDirectory, writeArtifact } from './artifacts.js'
import {
  applyEvent,
  better,
  type ChildState,
  emptyRecord,
  type ParentState,
  type SweepEvent,
  type SweepRecord,
  statusOf,
} from './events.js'
import { writeFailed } from './failures.js'
import { type FileSystem, isTemporary } from './file-system.js'
import { childIdOf } from './ids.js'
import { JournalAdapter } from './journal.js'
import { plainJson } from './json.js'
import { type Lock, removeDeadLocks } from './lock.js'
import { ProgressBuffer } from './progress.js'
import { RequestBox } from './request-box.js'
import { newRequestId, RequestFolder } from './requests.js'
import { writeSnapshot } from './snapshot.js'
import { journalPath, readSweep } from './sweep-reader.js'
import type {
  AnsweredRequest,
  Artifact,
  AskedRequest,
  Ruling,
  SessionConditions,
  SweepWriter,
  TrialOutcome,
  TrialProgress,
} from './types.js'
import { whoIsThis } from './who.js'

/** Trials between two snapshots of a sweep that is running. */
const snapshotEvery = 512

/** A journal with more lines than this is compacted at its end: tags set over and over, attempts without end. */
const linesPerRecord = 8
const fewLines = 100

export interface SweepPlace {
  readonly files: FileSystem
  readonly sweep: string
  readonly directory: string
  readonly lock: Lock
  readonly warn: (warning: string) => void
  /** Called when the writer has let go of the sweep. */
  readonly onClosed: () => void
}

export class SweepRecorder implements SweepWriter {
  readonly id: string
  readonly #place: SweepPlace
  readonly #journal: JournalAdapter
  readonly #database: Low<SweepRecord>
  readonly #progress = new ProgressBuffer((trial, progress) => this.#recordProgress(trial, progress))
  /** Of the trials that run: asked for at their start and at their end. */
  readonly #ids = new Map<number, string>()
  #ended = 0
  #snapshot: Promise<void> | null = null
  #box: RequestBox | null = null
  #closed = false

  private constructor(place: SweepPlace) {
    this.id = place.sweep
    this.#place = place
    this.#journal = new JournalAdapter(
      place.files,
      journalPath(place.directory),
      place.sweep,
      place.warn,
      () => place.lock.mustHold(),
    )
    this.#database = new Low(this.#journal, emptyRecord())
  }

  static async create(place: SweepPlace, created: SweepEvent): Promise<SweepRecorder> {
    const recorder = new SweepRecorder(place)
    try {
      await recorder.#journal.create()
      await recorder.#record(created)
      await place.files.syncDirectory(place.directory)
      await recorder.#takeSnapshot(Promise.resolve())
      return recorder
    } catch (error) {
      await recorder.#journal.close()
      throw writeFailed(journalPath(place.directory), error)
    }
  }

  /** Opens the journal of a sweep that exists. Nothing is written but what repairs a torn end. */
  static async open(place: SweepPlace): Promise<SweepRecorder> {
    const recorder = new SweepRecorder(place)
    try {
      await recorder.#database.read()
      await recorder.#tidy()
      await recorder.#bringUp()
    } catch (error) {
      await recorder.#journal.close()
      throw error
    }
    return recorder
  }

  /** A journal of an earlier version becomes one of this, in one step: readers find the one or the other. */
  async #bringUp(): Promise<void> {
    if (this.#journal.isOld) await this.#journal.compact(this.record.parent!, await this.#readChildren())
  }

  /** Clears away what a crash left. */
  async #tidy(): Promise<void> {
    const { files, directory, sweep } = this.#place
    if (this.#database.data.parent === null) {
      throw new EspalierError(
        'STORE_CORRUPT',
        `${journalPath(directory)} must begin with the record of its sweep, but ends before it. Delete the sweep: espalier runs delete ${sweep}`,
      )
    }
    for (const { name } of await files.list(directory)) {
      if (isTemporary(name)) await files.remove(join(directory, name))
    }
    await this.#removeOrphans()
    removeDeadLocks(directory)
  }

  /** Artifacts of trials that were deleted, where a crash came before theirs. */
  async #removeOrphans(): Promise<void> {
    const { files, directory } = this.#place
    const folder = artifactsDirectory(directory)
    const deleted = new Set(this.record.parent!.deleted?.map(({ trial }) => String(trial)))
    if (deleted.size === 0 || (await files.stat(folder)) === null) return
    for (const { name } of await files.list(folder)) {
      // Only what the record says was deleted, so that what lies here by mistake stays.
      if (deleted.has(name) && statusOf(this.record, Number(name)) === undefined)
        await files.remove(artifactFolder(directory, Number(name)))
    }
  }

  get record(): SweepRecord {
    return this.#database.data
  }

  childId(trial: number): string {
    return this.#ids.get(trial) ?? childIdOf(this.id, trial)
  }

  async session(session: { conditions: SessionConditions; spec?: JsonObject }): Promise<void> {
    const { conditions, spec } = plainJson(session, 'session')
    await this.#record({ event: 'session', at: now(), conditions, ...(spec === undefined ? {} : { spec }) })
  }

  trialStarted(start: Parameters<SweepWriter['trialStarted']>[0]): Promise<void> {
    const done = this.#trialStarted(start)
    // Nobody need wait for it: if it fails, so does the trial's end, for which somebody waits.
    done.catch(() => {})
    return done
  }

  async #trialStarted(start: Parameters<SweepWriter['trialStarted']>[0]): Promise<void> {
    const { trial, attempt, params, conditions, at = now() } = plainJson(start, `trial ${start.trial}`)
    if (!Number.isSafeInteger(trial) || trial < 0) {
      throw new EspalierError('RECORD_INVALID', `Trials are numbered 0, 1, 2 … (got ${trial}).`)
    }
    const status = statusOf(this.record, trial)
    if (status !== undefined && status !== 'running' && status !== 'interrupted') {
      throw new EspalierError('RECORD_INVALID', `A trial begins once; trial ${trial} is ${status} already.`)
    }
    const run = this.childId(trial)
    this.#ids.set(trial, run)
    await this.#record({ event: 'started', trial, run, at, attempt, params, conditions }, 'soon')
  }

  trialProgress(trial: number, progress: TrialProgress): void {
    if (!this.#closed && statusOf(this.record, trial) === 'running') this.#progress.add(trial, progress)
  }

  #recordProgress(trial: number, progress: TrialProgress): void {
    const event: SweepEvent = { event: 'progress', trial, at: now(), ...progress }
    // Nobody waits for it: if it fails, so does the trial's end, for which somebody waits.
    this.#record(event, 'soon').catch(() => {})
  }

  async attemptFailed(failure: Parameters<SweepWriter['attemptFailed']>[0]): Promise<void> {
    const { trial, attempt, error, inVain } = plainJson(failure, `trial ${failure.trial}`)
    this.#mustRun(trial)
    this.#progress.drop(trial)
    await this.#record({
      event: 'attempt failed',
      trial,
      at: now(),
      attempt,
      error,
      ...(inVain && { inVain }),
    })
  }

  async trialEnded(end: Parameters<SweepWriter['trialEnded']>[0]): Promise<void> {
    const { trial } = end
    const ended = plainJson(end, `trial ${trial}`)
    this.#mustRun(trial)
    this.#mustHaveValues(ended)
    this.#progress.drop(trial)
    this.#ids.delete(trial)
    await this.#record({ event: 'ended', at: now(), ...ended })
  }

  async artifact(trial: number | null, name: string, content: Uint8Array | string): Promise<Artifact> {
    this.#mustBeOpen()
    this.#mustExist(trial)
    const { files, directory } = this.#place
    artifactFile(directory, trial, name)
    const artifact = await writeArtifact(files, directory, trial, name, content)
    await this.#record({ event: 'artifact', trial, artifact })
    return artifact
  }

  async annotate(
    trial: number | null,
    what: Omit<Extract<SweepEvent, { event: 'annotated' }>, 'event' | 'trial'>,
  ): Promise<void> {
    this.#mustExist(trial)
    await this.#record({ event: 'annotated', trial, ...plainJson(what, 'annotation') })
  }

  heed(decide: (request: AskedRequest, before: boolean) => Ruling): void {
    const { files, directory, warn } = this.#place
    this.#box ??= new RequestBox({
      folder: new RequestFolder(files, directory),
      isAnswered: (id) => this.record.parent!.requests?.some((request) => request.id === id) === true,
      take: async (request, before) => {
        await this.#answer(request, () => decide(request, before))
      },
      warn,
    })
  }

  /** Does and records at once what is asked by whoever holds the sweep for it: a tag or a note. */
  answerLabel(request: Omit<AskedRequest, 'id'>): Promise<AnsweredRequest> {
    return this.#answer({ id: newRequestId(), ...request }, () => {
      throw new EspalierError('INTERNAL', 'only labels are put on a sweep that does not run')
    })
  }

  /** Puts a request on record with what becomes of it; tags and notes with what they change. */
  async #answer(request: AskedRequest, decide: () => Ruling): Promise<AnsweredRequest> {
    const changes = labelsOf(request.act)
    const ruling = changes === null ? decide() : this.#labelRuling(changes.trial)
    const { act = request.act, spec, onRecorded, ...rest } = ruling
    const answered: AnsweredRequest = plainJson({ ...request, at: now(), act, ...rest }, 'request')
    // One after the other in one turn, so that they reach the disk together.
    const labelled =
      changes !== null && ruling.outcome === 'done'
        ? this.annotate(changes.trial, { tags: changes.tags })
        : null
    const recorded = this.#record({
      event: 'asked',
      ...answered,
      ...(spec && { spec: plainJson(spec, 'spec') }),
    })
    await Promise.all([labelled, recorded])
    onRecorded?.(answered)
    return answered
  }

  #labelRuling(trial: number | null): Ruling {
    if (trial === null || statusOf(this.record, trial) !== undefined)
      return { outcome: 'done', message: 'it is on the record', trial }
    return { outcome: 'refused', message: `there is no trial ${trial} yet`, trial: null }
  }

  /** Takes a trial out of the record, and out of the file. */
  async deleteTrial(trial: number): Promise<void> {
    this.#mustExist(trial)
    const children = await this.#readChildren()
    children.delete(trial)
    let best: ParentState['best'] = null
    for (const child of children.values())
      if (child.status === 'finished') best = better(best, child, this.record.parent!.objectives)
    const status = this.record.ended.get(trial) ?? 'open'
    await this.#record({ event: 'deleted', trial, status, best, at: now(), by: whoIsThis() })
    await this.#compact(children)
  }

  async finish(end: Parameters<SweepWriter['finish']>[0]): Promise<void> {
    const { status, error = null, metrics, tags, at = now() } = plainJson(end, 'end')
    await this.#box?.close()
    this.#progress.flush()
    try {
      await this.#record({
        event: 'finished',
        at,
        status,
        error,
        ...(metrics === undefined ? {} : { metrics }),
        ...(tags === undefined ? {} : { tags }),
      })
    } finally {
      await this.close()
    }
  }

  /** Lets go of the sweep without recording an end. */
  async close(): Promise<void> {
    if (this.#closed) return
    await this.#box?.close()
    this.#progress.flush()
    this.#closed = true
    await this.#snapshot
    await this.#journal.settled()
    const records = 1 + this.record.open.size + this.record.ended.size
    const { lines } = this.#journal.place
    if (this.record.stale || lines > fewLines + linesPerRecord * records) await this.#compact()
    await this.#takeSnapshot(this.#journal.synced())
    await this.#journal.close()
    await this.#place.lock.release()
    this.#place.onClosed()
  }

  /** The lock was lost: somebody else may be writing. */
  fail(error: EspalierError): void {
    this.#journal.fail(error)
  }

  async #record(event: SweepEvent, when: 'now' | 'soon' = 'now'): Promise<void> {
    this.#mustBeOpen()
    this.#journal.push(event, when)
    applyEvent(this.record, this.id, event)
    const written = this.#database.write()
    if (event.event === 'ended' && ++this.#ended % snapshotEvery === 0)
      this.#snapshot ??= this.#takeSnapshot(written)
    await written
  }

  async #readChildren(): Promise<Map<number, ChildState>> {
    const { files, directory, warn } = this.#place
    await this.#journal.settled()
    return (await readSweep(files, directory, this.id, true, warn))!.children
  }

  async #compact(children?: Map<number, ChildState>): Promise<void> {
    if (this.#journal.failed) return
    try {
      await this.#journal.compact(this.record.parent!, children ?? (await this.#readChildren()))
      this.record.stale = false
    } catch (error) {
      this.#place.warn(
        `the journal of sweep ${this.id} stays longer than need be: ${error instanceof Error ? error.message : error}`,
      )
    }
  }

  /**
   * Of the record as it is now. Never fails: it is a shortcut only.
   * @param written when all of that is on the disk: what a snapshot knows must not be lost after it.
   */
  async #takeSnapshot(written: Promise<void>): Promise<void> {
    const { files, directory, warn } = this.#place
    const parent = structuredClone(this.record.parent!)
    const { generation, place } = this.#journal
    try {
      await written
      if (this.#journal.failed) return
      this.#place.lock.mustHold()
      await writeSnapshot(files, directory, { generation, place, parent })
    } catch (error) {
      warn(
        `the snapshot of sweep ${this.id} was not written: ${error instanceof Error ? error.message : error}`,
      )
    } finally {
      this.#snapshot = null
    }
  }

  #mustRun(trial: number): void {
    const status = statusOf(this.record, trial)
    if (status === 'running') return
    throw new EspalierError(
      'RECORD_INVALID',
      `Only a running trial can end; trial ${trial} ${status === undefined ? 'never began' : `is ${status}`}.`,
    )
  }

  #mustHaveValues({ status, values }: TrialOutcome): void {
    if (status !== 'finished') return
    const { objectives } = this.record.parent!
    const missing = objectives.find(({ metric }) => !Object.hasOwn(values, metric))
    if (missing === undefined) return
    throw new EspalierError(
      'RECORD_INVALID',
      `A finished trial has a value of every objective (got none of ${JSON.stringify(missing.metric)}).`,
    )
  }

  #mustExist(trial: number | null): void {
    if (trial === null || statusOf(this.record, trial) !== undefined) return
    throw new EspalierError(
      'RECORD_INVALID',
      `Trial ${trial} must have begun before anything is added to it.`,
    )
  }

  #mustBeOpen(): void {
    if (!this.#closed) return
    throw new EspalierError(
      'RECORD_INVALID',
      `Sweep ${this.id} was finished; resume it to write to it again.`,
    )
  }
}

let lastNow = { ms: Number.NaN, text: '' }

/** Within a millisecond the text is worked out once: many trials start and end in one. */
function now(): string {
  const ms = Date.now()
  if (ms !== lastNow.ms) lastNow = { ms, text: new Date(ms).toISOString() }
  return lastNow.text
}
