/** A store: a directory of sweeps with their trials. This file is the door; each task has a file of its own. */

import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkArgument, checkOptions, text } from '../arguments.js'
import { EspalierError, isEspalierError } from '../errors.js'
import { checkpointNames, tagNames } from '../names.js'
import type { JsonObject } from '../values.js'
import { checkedAct, checkedPerson } from './acts.js'
import { artifactFile, artifactFolder, findArtifactOwner, readArtifactFile } from './artifacts.js'
import { ask } from './asking.js'
import { findBest, inWords } from './best.js'
import { compareRuns, rowsAsCsv, rowsAsJson } from './compare.js'
import type { ParentState } from './events.js'
import { readFailed, writeFailed } from './failures.js'
import { errorCode, type FileSystem, makeDirectoryDurably, nodeFileSystem } from './file-system.js'
import { readSince } from './follow.js'
import { SweepFollower } from './follower.js'
import { childIdOf, experimentIdOf, isRunId, newSweepId } from './ids.js'
import { plainJson } from './json.js'
import {
  checkpointsDirectory,
  deletedMark,
  findStore,
  ignoreStore,
  isDeletedSweep,
  makeStore,
  mirrorsDirectory,
  sweepDirectory,
  sweepsDirectory,
} from './layout.js'
import { type Lock, readHolder, takeLock } from './lock.js'
import { withoutLinks } from './no-links.js'
import { RequestFolder } from './requests.js'
import {
  askRules,
  bestRules,
  exportFormat,
  idList,
  pruneRules,
  queryRules,
  runId,
  tagValue,
  watchRules,
  wholeRunId,
} from './store-rules.js'
import { journalPath, readSweep, type SweepView } from './sweep-reader.js'
import { type SweepPlace, SweepRecorder } from './sweep-writer.js'
import type {
  Act,
  AskOptions,
  BestFilter,
  ChildRun,
  Comparison,
  Followed,
  FollowPlace,
  ParentRun,
  PrunedSweep,
  PruneFilter,
  RequestAnswer,
  Run,
  RunFilter,
  RunQuery,
  Store,
  SweepWriter,
  WatchOptions,
} from './types.js'
import { backUp, type StoreBackup } from './upkeep/backup.js'
import { checkStore, type StoreCheck } from './upkeep/check.js'
import { type Mended, mendSweep } from './upkeep/mend.js'
import { type SweepSize, sizesOf } from './upkeep/size.js'
import { childRun, parentRun } from './views.js'
import { whoIsThis } from './who.js'

export interface StoreOptions {
  /** Told of what was found and passed over: half a record after a crash, a foreign file. */
  onWarning?: (warning: string) => void
  /** Another file system, for tests. */
  files?: FileSystem
}

/**
 * Opens the store in `directory`. It need not exist: the first sweep makes it.
 * @throws STORE_INVALID where something else is there, STORE_VERSION where a newer version made it.
 */
export async function openStore(directory: string, options: StoreOptions = {}): Promise<RunStore> {
  checkArgument('the directory of a store', directory, text)
  const path = resolve(directory)
  const files = withoutLinks(options.files ?? nodeFileSystem, path)
  await findStore(files, path)
  return new RunStore(path, files, options.onWarning)
}

/** What `openStore` gives. The interface `Store` says what each method does. */
export class RunStore implements Store {
  readonly directory: string
  readonly #files: FileSystem
  readonly #onWarning: ((warning: string) => void) | undefined
  readonly #warnings = new Set<string>()
  readonly #writers = new Map<string, SweepRecorder>()
  /** The last sweep that was read with its trials, if it has ended: runs are often asked for one by one. */
  #lastRead: { key: string; view: WeakRef<SweepView> } | null = null
  /** The last sweep that was asked for: a trial that is asked for next is most often one of its. */
  #lastAsked: string | null = null

  constructor(directory: string, files: FileSystem, onWarning: ((warning: string) => void) | undefined) {
    this.directory = directory
    this.#files = files
    this.#onWarning = onWarning
  }

  /** Everything found and passed over so far, each once. */
  get warnings(): readonly string[] {
    return [...this.#warnings]
  }

  async createSweep(sweep: Parameters<Store['createSweep']>[0]): Promise<SweepWriter> {
    const { id = newSweepId(), ...of } = plainJson(sweep, 'sweep')
    const { experiment, name, objectives, spec, conditions, tags = {}, at = new Date().toISOString() } = of
    checkArgument('the id of a new sweep', id, wholeRunId)
    if (typeof experiment !== 'string' || experiment === '') {
      throw new EspalierError(
        'RECORD_INVALID',
        `An experiment has a name that is not empty (got ${JSON.stringify(experiment)}).`,
      )
    }
    await makeStore(this.#files, this.directory)
    await this.#clearDeleted().catch(() => {})
    if ((await this.#files.stat(sweepDirectory(this.directory, id))) !== null)
      throw new EspalierError(
        'USAGE',
        `A new sweep has an id of its own, but ${id} is there already in ${this.directory}. Leave the id out for a new one.`,
      )
    try {
      await makeDirectoryDurably(this.#files, sweepDirectory(this.directory, id))
    } catch (error) {
      throw writeFailed(sweepDirectory(this.directory, id), error)
    }
    const created = { event: 'created' as const, at, experiment, name, objectives, tags, spec, conditions }
    try {
      return await this.#hold(id, (place) => SweepRecorder.create(place, created))
    } catch (error) {
      // Nothing of it was promised to anybody.
      await this.#files.remove(sweepDirectory(this.directory, id)).catch(() => {})
      throw error
    }
  }

  async resumeSweep(id: string, session: Parameters<Store['resumeSweep']>[1]): Promise<SweepWriter> {
    const sweep = await this.#sweepId(id)
    const recorder = await this.#hold(sweep, (place) => SweepRecorder.open(place))
    try {
      await recorder.session(session)
    } catch (error) {
      await recorder.close()
      throw error
    }
    return recorder
  }

  async experiments(): Promise<readonly { id: string; name: string; sweeps: number }[]> {
    const counts = new Map<string, number>()
    // Oldest first, so that experiments stand in the order they began.
    for (const { experiment } of (await this.sweeps()).toReversed()) {
      counts.set(experiment, (counts.get(experiment) ?? 0) + 1)
    }
    return [...counts].map(([name, sweeps]) => ({ id: experimentIdOf(name), name, sweeps }))
  }

  async sweeps(query: RunQuery = {}): Promise<readonly ParentRun[]> {
    checkOptions('a choice of sweeps', query, queryRules)
    const views =
      query.sweep === undefined
        ? await this.#viewsOf(await this.#sweepIds())
        : [await this.#view(await this.#sweepId(query.sweep), false)]
    const runs = views
      .map(({ parent, live }) => parentRun(parent, live))
      .filter(({ experiment }) => query.experiment === undefined || experiment === query.experiment)
      .sort((a, b) => compareText(b.started, a.started) || compareText(b.id, a.id))
    return chooseRuns(runs, query)
  }

  async trials(sweep: string): Promise<readonly ChildRun[]> {
    return childrenOf(await this.#view(await this.#sweepId(sweep), true))
  }

  /** None of a sweep that is one of many, where it was deleted in this moment; with a warning, where it cannot be read. */
  async #trialsAmongMany(id: string, { sweep }: RunFilter): Promise<readonly ChildRun[]> {
    try {
      return await this.trials(id)
    } catch (error) {
      if (sweep !== undefined || !isEspalierError(error)) throw error
      if (error.code !== 'RUN_UNKNOWN') this.#warn(error.message)
      return []
    }
  }

  async runs(query: RunQuery = {}): Promise<readonly ChildRun[]> {
    checkOptions('a choice of runs', query, queryRules)
    const sweeps = await this.sweeps({ experiment: query.experiment, sweep: query.sweep })
    const runs: ChildRun[] = []
    for (let from = 0; from < sweeps.length; from += atOnce) {
      const some = sweeps.slice(from, from + atOnce).map(({ id }) => this.#trialsAmongMany(id, query))
      for (const trials of await Promise.all(some)) for (const run of trials) runs.push(run)
    }
    return chooseRuns(runs, query)
  }

  async compare(ids: readonly string[]): Promise<Comparison> {
    checkArgument('what is compared', ids, idList)
    const runs: Run[] = []
    for (const id of ids) runs.push(await this.run(id))
    const specs = new Map<string, JsonObject>()
    for (const run of runs) {
      const sweep = run.kind === 'trial' ? run.parent : run.id
      if (!specs.has(sweep)) specs.set(sweep, ((await this.run(sweep)) as ParentRun).spec)
    }
    return compareRuns(runs, (run) => specs.get(run.kind === 'trial' ? run.parent : run.id)!)
  }

  async exportRuns(query: RunQuery, format: 'csv' | 'json'): Promise<string> {
    checkArgument('the format of an export', format, exportFormat)
    const runs = await this.runs(query)
    return format === 'csv' ? rowsAsCsv(runs) : rowsAsJson(runs)
  }

  async run(id: string): Promise<Run> {
    const { sweep, trial } = await this.#find(id)
    const view = await this.#view(sweep, trial !== null)
    if (trial === null) return parentRun(view.parent, view.live)
    return childRun(view.children.get(trial)!, view.parent, view.live)
  }

  async bestRun(filter: BestFilter = {}): Promise<ChildRun> {
    checkOptions('the best run', filter, bestRules)
    const { experiment, sweep, status } = filter
    const sweeps = (await this.sweeps({ experiment, sweep, status })).filter(
      ({ trials }) => trials.finished > 0,
    )
    const best = await findBest(sweeps, filter, (id) => this.#trialsAmongMany(id, filter))
    if (best !== null) return best
    const asked = filter.metric === undefined ? '' : ` with the metric ${JSON.stringify(filter.metric)}`
    throw new EspalierError(
      'RUN_NONE',
      `The best run is one of the finished trials, but there is none${asked} ${inWords(filter, this.directory)}. espalier runs list shows what there is.`,
    )
  }

  async readArtifact(run: Run | string, name: string): Promise<Uint8Array> {
    const found = typeof run === 'string' ? await this.run(run) : run
    const artifact = found.artifacts.find((candidate) => candidate.name === name)
    if (artifact === undefined) {
      const names = found.artifacts.map((candidate) => candidate.name)
      throw new EspalierError(
        'RUN_NONE',
        `Run ${found.id} has no artifact ${JSON.stringify(name)}${names.length > 0 ? `; it has ${names.join(', ')}` : ': it has none at all'}.`,
      )
    }
    return readArtifactFile(this.#files, this.#artifactPath(found, name), artifact)
  }

  artifactPath(run: Run | string, name: string): string {
    if (typeof run !== 'string') return this.#artifactPath(run, name)
    const { sweep, trial } = findArtifactOwner(this.directory, run)
    return artifactFile(sweepDirectory(this.directory, sweep), trial, name)
  }

  /** Where the checkpoints of a sweep lie, by its whole id; nothing need be there. */
  checkpointsOf(sweep: string): string {
    checkArgument('the whole id of a sweep', sweep, wholeRunId)
    return checkpointsDirectory(sweepDirectory(this.directory, sweep))
  }

  /** Where what servers of other tools have of a sweep is kept, by its whole id; nothing need be there. */
  mirrorsOf(sweep: string): string {
    checkArgument('the whole id of a sweep', sweep, wholeRunId)
    return mirrorsDirectory(sweepDirectory(this.directory, sweep))
  }

  async follow(sweep: string, place: FollowPlace | null = null): Promise<Followed> {
    const id = await this.#sweepId(sweep)
    const followed = await readSince(this.#files, sweepDirectory(this.directory, id), id, place)
    if (followed === null) throw unknownRun(id, this.directory)
    return followed
  }

  async *watch(sweep: string, options: WatchOptions = {}): AsyncGenerator<Followed> {
    checkOptions('how a sweep is watched', options, watchRules)
    const { signal, every = 250 } = options
    let { place = null } = options
    for (let first = true; !signal?.aborted; first = false) {
      const followed = await this.follow(sweep, place)
      if (first || followed.again || followed.updates.length > 0) yield followed
      else if (!followed.live) return
      place = followed.place
      // Whether there is more is asked once more before it ends: a writer says its last words while it lives.
      if (followed.live) await sleep(every, undefined, { signal }).catch(() => {})
    }
  }

  /** Follows a sweep by its whole id, from its beginning, in pieces; it need not be there yet. */
  follower(sweep: string): SweepFollower {
    checkArgument('the whole id of a sweep', sweep, wholeRunId)
    return new SweepFollower(this.#files, sweepDirectory(this.directory, sweep), sweep)
  }

  /**
   * The ids of all sweeps, each with a mark that is another one once its record has grown: for those who look again and again
   * what is new. None where there is no store yet.
   */
  async sweepMarks(): Promise<ReadonlyMap<string, string>> {
    if (!(await findStore(this.#files, this.directory))) return new Map()
    const ids = await this.#sweepIds()
    const marks = new Map<string, string>()
    for (let from = 0; from < ids.length; from += atOnce) {
      const some = ids.slice(from, from + atOnce).map(async (id) => {
        const journal = await this.#files.stat(journalPath(sweepDirectory(this.directory, id)))
        return [id, journal && `${journal.size} ${journal.modified}`] as const
      })
      for (const [id, mark] of await Promise.all(some)) if (mark !== null) marks.set(id, mark)
    }
    return marks
  }

  async delete(id: string): Promise<void> {
    const { sweep, trial } = await this.#find(id)
    if (trial !== null) return this.#deleteTrial(sweep, trial)
    const directory = sweepDirectory(this.directory, sweep)
    const lock = await this.#lock(sweep, () => {})
    // The rename makes it disappear as a whole; what a crash leaves of the rest is cleared the next time.
    const doomed = join(sweepsDirectory(this.directory), `${deletedMark}${sweep}`)
    try {
      // Where one of its name was deleted before, and put back from a copy.
      await this.#files.remove(doomed)
      await this.#files.rename(directory, doomed)
      await this.#files.syncDirectory(sweepsDirectory(this.directory))
      await this.#clearDeleted()
    } catch (error) {
      throw writeFailed(directory, error)
    } finally {
      await lock.release()
    }
  }

  /** Reads everything and compares it with its checksums. Nothing is changed. */
  async check(): Promise<StoreCheck> {
    await this.#mustExist()
    return checkStore(this.#files, this.directory)
  }

  /** Keeps what is whole of a damaged sweep; the damaged journal stays beside it. */
  async mend(id: string): Promise<Mended> {
    const sweep = await this.#sweepId(id)
    const lock = await this.#lock(sweep, () => {})
    try {
      return await mendSweep(this.#files, sweepDirectory(this.directory, sweep), sweep, lock)
    } finally {
      await lock.release()
    }
  }

  /** Copies the store into a new or empty directory, each sweep as it was at one moment, also while it is written. */
  async backup(directory: string): Promise<StoreBackup> {
    checkArgument('the directory of a copy', directory, text)
    return backUp(this.#files, this.directory, await this.#sweepIds(), resolve(directory))
  }

  /** What each sweep takes of the disk, the largest first. */
  async sizes(): Promise<readonly SweepSize[]> {
    return sizesOf(this.#files, this.directory, await this.#sweepIds())
  }

  /**
   * Deletes the sweeps that all entries of `which` choose; none of them is one that runs.
   * @param dryRun only says which.
   */
  async prune(which: PruneFilter, dryRun = false): Promise<readonly PrunedSweep[]> {
    checkOptions('what is pruned', which, pruneRules)
    if (Object.values(which).every((entry) => entry === undefined)) {
      throw new EspalierError(
        'USAGE',
        'What is pruned is chosen by age, status or experiment, but none was given. Give one of them; runs delete takes ids.',
      )
    }
    const pruned: PrunedSweep[] = []
    for (const { run, size } of await this.#chosen(which)) {
      if (!dryRun) await this.delete(run.id)
      pruned.push({ run, bytes: size?.bytes ?? 0 })
    }
    return pruned
  }

  /**
   * Deletes the checkpoints of the sweeps that all entries of `which` choose, and nothing of their records; none of them is one that
   * runs, nor one that was interrupted unless `status` asks for those: their trials would start anew.
   * @param dryRun only says which.
   */
  async pruneCheckpoints(which: PruneFilter = {}, dryRun = false): Promise<readonly PrunedSweep[]> {
    checkOptions('what is pruned', which, pruneRules)
    const pruned: PrunedSweep[] = []
    for (const { run, size } of await this.#chosen(which)) {
      if (!size?.checkpoints || (run.status === 'interrupted' && which.status === undefined)) continue
      if (!dryRun) await this.#removeCheckpoints(run.id)
      pruned.push({ run, bytes: size.checkpoints })
    }
    return pruned
  }

  async #removeCheckpoints(sweep: string): Promise<void> {
    const folder = checkpointsDirectory(sweepDirectory(this.directory, sweep))
    const lock = await this.#lock(sweep, () => {})
    try {
      await this.#files.remove(folder)
    } catch (error) {
      throw writeFailed(folder, error)
    } finally {
      await lock.release()
    }
  }

  /** The sweeps that do not run and are as `which` says, with what they take. */
  async #chosen({
    olderThan,
    sweeps: ids,
    ...query
  }: PruneFilter): Promise<{ readonly run: ParentRun; readonly size: SweepSize | undefined }[]> {
    const now = Date.now()
    const chosen = (await this.sweeps(query)).filter(
      ({ id, status, started, ended }) =>
        status !== 'running' &&
        (ids === undefined || ids.includes(id)) &&
        (olderThan === undefined || now - Date.parse(ended ?? started) > olderThan),
    )
    const sizes = await sizesOf(
      this.#files,
      this.directory,
      chosen.map(({ id }) => id),
    )
    return chosen.map((run) => ({ run, size: sizes.find(({ sweep }) => sweep === run.id) }))
  }

  async #clearDeleted(): Promise<void> {
    for (const { name } of await this.#files.list(sweepsDirectory(this.directory))) {
      if (isDeletedSweep(name)) await this.#files.remove(join(sweepsDirectory(this.directory), name))
    }
  }

  async #deleteTrial(sweep: string, trial: number): Promise<void> {
    const recorder = await this.#hold(sweep, (place) => SweepRecorder.open(place))
    try {
      await recorder.deleteTrial(trial)
    } finally {
      await recorder.close()
    }
    const folder = artifactFolder(sweepDirectory(this.directory, sweep), trial)
    const checkpoints = checkpointsDirectory(sweepDirectory(this.directory, sweep))
    for (const path of [folder, ...(await this.#checkpointsIn(checkpoints, trial))])
      await this.#files.remove(path).catch((error) => {
        throw writeFailed(path, error)
      })
  }

  /** The folders that a trial has there: most have none. */
  async #checkpointsIn(folder: string, trial: number): Promise<string[]> {
    const found: string[] = []
    for (const place of [folder, join(folder, checkpointNames.ended)]) {
      const path = join(place, String(trial))
      if ((await this.#files.stat(path)) !== null) found.push(path)
    }
    return found
  }

  async tag(id: string, tags: Readonly<Record<string, string | null>>): Promise<void> {
    for (const [name, value] of Object.entries(tags))
      checkArgument(`the tag ${JSON.stringify(name)}`, value, tagValue)
    const { sweep, trial } = await this.#find(id)
    const held = this.#writers.get(sweep)
    if (held !== undefined) return held.annotate(trial, { tags })
    const recorder = await this.#hold(sweep, (place) => SweepRecorder.open(place))
    try {
      await recorder.annotate(trial, { tags })
    } finally {
      await recorder.close()
    }
  }

  async ask(id: string, act: Act, options: AskOptions = {}): Promise<RequestAnswer> {
    checkOptions('what is asked of a sweep', options, askRules)
    const { by = whoIsThis(), signal, patience = 10_000 } = options
    const request = { asked: new Date().toISOString(), by: checkedPerson(by), act: checkedAct(act) }
    const sweep = await this.#sweepId(id)
    const directory = sweepDirectory(this.directory, sweep)
    return ask({
      sweep,
      request,
      folder: new RequestFolder(this.#files, directory),
      signal,
      patience,
      holder: () => {
        const held = readHolder(directory)
        return held?.alive ? held.holder : null
      },
      hold: () => this.#hold(sweep, (place) => SweepRecorder.open(place)),
      recorded: async () => (await this.#view(sweep, false)).parent.requests ?? [],
    })
  }

  note(id: string, text: string): Promise<void> {
    return this.tag(id, { [tagNames.note]: text === '' ? null : text })
  }

  #artifactPath(run: Run, name: string): string {
    const [sweep, trial] = run.kind === 'trial' ? [run.parent, run.trial] : [run.id, null]
    return artifactFile(sweepDirectory(this.directory, sweep), trial, name)
  }

  /** @throws RUN_UNKNOWN where the sweep was deleted in this moment, and what `takeLock` throws. */
  async #lock(sweep: string, onLost: (error: EspalierError) => void): Promise<Lock> {
    const directory = sweepDirectory(this.directory, sweep)
    try {
      return await takeLock(directory, sweep, onLost, { onWatch: (why) => this.#warn(why) })
    } catch (error) {
      throw (await this.#files.stat(directory)) === null ? unknownRun(sweep, this.directory) : error
    }
  }

  /** Takes a sweep's lock and opens it for writing. */
  async #hold(sweep: string, open: (place: SweepPlace) => Promise<SweepRecorder>): Promise<SweepRecorder> {
    const directory = sweepDirectory(this.directory, sweep)
    let recorder: SweepRecorder | null = null
    await ignoreStore(this.#files, this.directory)
    const lock = await this.#lock(sweep, (error) => recorder?.fail(error))
    try {
      recorder = await open({
        files: this.#files,
        sweep,
        directory,
        lock,
        warn: (warning) => this.#warn(warning),
        onClosed: () => this.#writers.delete(sweep),
      })
    } catch (error) {
      await lock.release()
      throw error
    }
    this.#writers.set(sweep, recorder)
    return recorder
  }

  #warn(warning: string): void {
    if (this.#warnings.has(warning)) return
    this.#warnings.add(warning)
    this.#onWarning?.(warning)
  }

  async #mustExist(): Promise<void> {
    if (await findStore(this.#files, this.directory)) return
    throw new EspalierError(
      'STORE_MISSING',
      `There is no store in ${this.directory}. Name the one you mean (--store, or ESPALIER_STORE), or make one by running a sweep: espalier sweep SPACE.json`,
    )
  }

  /** The ids of all sweeps. */
  async #sweepIds(): Promise<string[]> {
    await this.#mustExist()
    const directory = sweepsDirectory(this.directory)
    let entries: { name: string; directory: boolean }[]
    try {
      entries = await this.#files.list(directory)
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return []
      throw readFailed(directory, error)
    }
    const ids: string[] = []
    for (const entry of entries) {
      if (entry.directory && isRunId(entry.name)) ids.push(entry.name)
      else if (!entry.name.startsWith('.'))
        this.#warn(`${join(directory, entry.name)} is no sweep; it is left alone`)
    }
    return ids.sort()
  }

  /** The sweep with this id or unique prefix. */
  async #sweepId(id: string): Promise<string> {
    checkArgument('the id of a sweep', id, runId)
    const ids = await this.#sweepIds()
    return theOne(
      id,
      ids
        .filter((candidate) => candidate.startsWith(id.toLowerCase()))
        .map((sweep) => ({ sweep, trial: null })),
      this.directory,
    ).sweep
  }

  /** The run with this id or unique prefix: a sweep, or a trial of one. */
  async #find(id: string): Promise<RunPlace> {
    checkArgument('the id of a run', id, runId)
    const prefix = id.toLowerCase()
    const ids = await this.#sweepIds()
    const found: RunPlace[] = ids
      .filter((sweep) => sweep.startsWith(prefix))
      .map((sweep) => ({ sweep, trial: null }))
    if (found.length === 0 && isRunId(prefix) && this.#lastAsked !== null) {
      const near = await this.#trialsFound(
        [this.#lastAsked].filter((sweep) => ids.includes(sweep)),
        prefix,
      )
      if (near.length > 0) return near[0]
    }
    if (found.length === 0 || !isRunId(prefix)) found.push(...(await this.#trialsFound(ids, prefix)))
    return theOne(id, found, this.directory)
  }

  /** The trials of these sweeps whose ids begin like this. */
  async #trialsFound(sweeps: readonly string[], prefix: string): Promise<RunPlace[]> {
    const found: RunPlace[] = []
    for (const { parent } of await this.#viewsOf(sweeps)) {
      const trials = trialsWithPrefix(parent, prefix)
      if (trials.length === 0) continue
      const { children } = await this.#view(parent.id, true)
      for (const trial of trials) if (children.has(trial)) found.push({ sweep: parent.id, trial })
    }
    return found
  }

  async #view(sweep: string, children: boolean): Promise<SweepView> {
    this.#lastAsked = sweep
    const directory = sweepDirectory(this.directory, sweep)
    // A journal only grows: of one size and time, it says the same.
    const journal = children ? await this.#files.stat(journalPath(directory)) : null
    const key = `${sweep} ${journal?.size} ${journal?.modified}`
    const known = children && this.#lastRead?.key === key ? this.#lastRead.view.deref() : undefined
    if (known !== undefined) return known
    const view = await readSweep(this.#files, directory, sweep, children, (warning) => this.#warn(warning))
    if (view === null) throw unknownRun(sweep, this.directory)
    if (children && !view.live && view.parent.status !== 'running') {
      this.#lastRead = { key, view: new WeakRef(view) }
    }
    return view
  }

  /** The sweeps without their children. One that cannot be read is passed over with a warning. */
  async #viewsOf(sweeps: readonly string[]): Promise<SweepView[]> {
    const views: SweepView[] = []
    for (let from = 0; from < sweeps.length; from += atOnce) {
      const some = sweeps.slice(from, from + atOnce).map(async (sweep) => {
        try {
          const directory = sweepDirectory(this.directory, sweep)
          return await readSweep(this.#files, directory, sweep, false, (warning) => this.#warn(warning))
        } catch (error) {
          if (!isEspalierError(error)) throw error
          this.#warn(error.message)
          return null
        }
      })
      for (const view of await Promise.all(some)) if (view !== null) views.push(view)
    }
    return views
  }
}

/** Sweeps read side by side. */
const atOnce = 8

/** Where a run's record is: in a sweep, and there a trial, or the sweep itself. */
interface RunPlace {
  readonly sweep: string
  readonly trial: number | null
}

function trialsWithPrefix(parent: ParentState, prefix: string): number[] {
  const trials: number[] = []
  for (let trial = 0; trial < parent.trials; trial++) {
    if (childIdOf(parent.id, trial).startsWith(prefix)) trials.push(trial)
  }
  return trials
}

/** @throws RUN_UNKNOWN, RUN_AMBIGUOUS unless exactly one was found. */
function theOne(id: string, found: readonly RunPlace[], store: string): RunPlace {
  if (found.length === 1) return found[0]
  if (found.length === 0) throw unknownRun(id, store)
  const shown = found
    .slice(0, 8)
    .map(({ sweep, trial }) =>
      trial === null ? `${sweep} (a sweep)` : `${childIdOf(sweep, trial)} (trial ${trial} of ${sweep})`,
    )
  throw new EspalierError(
    'RUN_AMBIGUOUS',
    `The beginning of an id must be that of one run only, but ${found.length} begin with ${JSON.stringify(id)}: ${shown.join(', ')}${found.length > shown.length ? ', …' : ''}. Give more of it.`,
  )
}

function unknownRun(id: string, store: string): EspalierError {
  return new EspalierError(
    'RUN_UNKNOWN',
    `A run is named by its id or the beginning of it, but none in ${store} begins with ${JSON.stringify(id)}. espalier runs list shows the ids of sweeps, and with --sweep those of its trials.`,
  )
}

function childrenOf({ parent, children, live }: SweepView): ChildRun[] {
  return [...children.values()]
    .sort((a, b) => a.trial - b.trial)
    .map((child) => childRun(child, parent, live))
}

/** Those that a query wants, in its order. */
async function chooseRuns<R extends Run>(runs: R[], query: RunQuery): Promise<R[]> {
  const { status, where, orderBy, limit } = query
  let chosen = status === undefined ? runs : runs.filter((run) => run.status === status)
  if (where === undefined && orderBy === undefined) return chosen.slice(0, limit)
  const { checkNames, parseCondition, parseOrder } = await import('./query/index.js')
  if (where !== undefined) {
    const condition = parseCondition(where)
    checkNames(condition, chosen)
    chosen = chosen.filter((run) => condition.apply(run))
  }
  if (orderBy !== undefined) {
    const order = parseOrder(orderBy)
    checkNames(order, runs)
    chosen = chosen.toSorted((a, b) => order.apply(a, b))
  }
  return chosen.slice(0, limit)
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
