/**
 * What is new on the record of a sweep since a place: for those who watch it, from another process too, and do not want
 * to read again what they have read.
 */
import { answeredRequest } from './acts.js'
import { applyToParent, type ParentState, type SweepEvent } from './events.js'
import { readFailed } from './failures.js'
import { errorCode, type FileSystem } from './file-system.js'
import { childIdOf } from './ids.js'
import { journalStart, readEvents, readHead, type TakeEvent } from './journal-reader.js'
import { readHolder } from './lock.js'
import { journalPath } from './sweep-reader.js'
import type { Followed, FollowPlace, SweepUpdate } from './types.js'
import { Upgrade } from './upgrade.js'
import { childRun, parentRun } from './views.js'

/** What is new, with how far it was read. */
export interface ReadSince extends Followed {
  /** Whether `most` ended the reading before the record did. */
  readonly more: boolean
}

export interface SinceOptions {
  /** Bytes of the record after which reading may stop. */
  readonly most?: number
  /** The sweep as it was at the place that reading begins at. */
  readonly parent?: ParentState | null
  /** Told of each event after that place. */
  readonly onEvent?: TakeEvent
}

/** @returns null where there is no journal, or only the beginning of one. */
export async function readSince(
  files: FileSystem,
  sweepDirectory: string,
  sweep: string,
  since: FollowPlace | null,
  { most, parent = null, onEvent }: SinceOptions = {},
): Promise<ReadSince | null> {
  const path = journalPath(sweepDirectory)
  // Asked first: what a writer says before it goes is read by those who saw it live.
  const live = readHolder(sweepDirectory)?.alive === true
  let file: Awaited<ReturnType<FileSystem['open']>>
  try {
    file = await files.open(path, 'read')
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null
    throw readFailed(path, error)
  }
  try {
    const head = await readHead(file, path, sweep)
    if (head === null) return null
    // A journal that was compacted is another one, whole from its beginning.
    const again =
      since !== null && (since.generation !== head.generation || since.bytes > (await file.stat()).size)
    const after = since === null || again ? journalStart : since
    // Lines of version 1 are known by those before them only: they are read from the first, and all at once.
    const isFirst = head.version === 1
    const source = {
      path,
      sweep,
      from: isFirst ? journalStart : after,
      known: null,
      ...(!isFirst && { most }),
    }
    const updates = new Updates(sweep, parent, onEvent)
    let line = Math.max(1, source.from.lines)
    const { place, more } = await readEvents(file, source, (event, ...where) => {
      updates.take(event, ++line > after.lines, where)
    })
    return { updates: updates.list, again, live, more, place: { generation: head.generation, ...place } }
  } finally {
    await file.close()
  }
}

/** Events of the journal as those see them who stand outside. */
class Updates {
  readonly list: SweepUpdate[] = []
  readonly #sweep: string
  readonly #onEvent: SinceOptions['onEvent']
  readonly #upgrade = new Upgrade()
  /** What children of a compacted journal belong to. */
  #parent: ParentState | null

  constructor(sweep: string, parent: ParentState | null, onEvent: SinceOptions['onEvent']) {
    this.#sweep = sweep
    this.#parent = parent
    this.#onEvent = onEvent
  }

  take(recorded: SweepEvent, isNew: boolean, where: readonly [from: number, bytes: number]): void {
    const event = this.#upgrade.event(recorded)
    if (event.event === 'created' || event.event === 'parent')
      this.#parent = applyToParent(null, this.#sweep, event)
    if (!isNew) return
    this.#onEvent?.(event, ...where)
    this.list.push(this.#updateOf(event))
  }

  #updateOf(event: SweepEvent): SweepUpdate {
    const run = (trial: number) => childIdOf(this.#sweep, trial)
    switch (event.event) {
      case 'created':
      case 'parent':
        return { kind: 'sweep', run: parentRun(this.#parent!, true) }
      case 'child':
        // Journals are compacted when nobody writes them: nothing in them runs.
        return { kind: 'trial', run: childRun(event.child, this.#parent!, false) }
      case 'session':
        return { kind: 'session', at: event.at }
      case 'started': {
        const { trial, run, at, attempt, params, conditions } = event
        return { kind: 'started', trial, run, at, attempt, params, conditions }
      }
      case 'progress': {
        const { event: _, ...progress } = event
        return { kind: 'progress', run: run(event.trial), ...progress }
      }
      case 'attempt failed': {
        const { event: _, ...failed } = event
        return { kind: 'attempt-failed', run: run(event.trial), ...failed }
      }
      case 'ended': {
        const { event: _, ...ended } = event
        return { kind: 'ended', run: run(event.trial), ...ended }
      }
      case 'artifact':
        return { kind: 'artifact', trial: event.trial, artifact: event.artifact }
      case 'annotated': {
        const { event: _, ...added } = event
        return { kind: 'annotated', ...added }
      }
      case 'deleted':
        return { kind: 'deleted', trial: event.trial, run: run(event.trial) }
      case 'asked': {
        const { spec } = event
        return { kind: 'asked', request: answeredRequest(event), ...(spec && { spec }) }
      }
      case 'finished': {
        const { event: _, ...end } = event
        return { kind: 'finished', ...end }
      }
    }
  }
}
