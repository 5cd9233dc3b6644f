/**
 * The checkpoint of one fit: its working folder, and what is kept of that at each report (checkpoint-files.ts says where).
 *
 * Whether a file has changed is told by its size, number and times. A file system tells times in ticks of some ms, so nothing is
 * copied before the tick in which it was changed is over, and what changed while it was copied is not kept.
 */
import { constants, type Dirent, existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import {
  copyFile,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { syncPath } from '../sync-path.js'
import type {
  CheckpointPlan,
  FitCheckpoint,
  FitJob,
  FitNotes,
  FitPlan,
  KeptReport,
  LeftFile,
} from '../training/index.js'
import {
  type Checkpoint,
  type CheckpointFile,
  type CheckpointStart,
  checkpointFile,
  damaged,
  digestOf,
  digestOfFile,
  foldersKept,
  isCheckpointOf,
  keptAmong,
  makeWhole,
  nameInKept,
  nameInWork,
  nameOfKept,
  nameOfLeft,
  packReport,
  partFolder,
  partName,
  readCheckpoint,
  unpackReport,
  writeManifest,
} from './checkpoint-files.js'
import { reserveRoom } from './checkpoint-upkeep.js'

/** ms after which a file that is changed again has another time: ticks of a hundredth of a second are the longest in use. */
const tick = 12
/** Files that are copied or linked at the same time. */
const atOnce = 16

interface FoundFile {
  readonly name: string
  readonly bytes: number
  readonly modified: number
  /** Another one where the file was changed. */
  readonly mark: string
}

/** A file of a checkpoint that is being made. */
interface Source {
  readonly name: string
  /** Its content, or the file that is copied. */
  readonly from: Uint8Array | string
  readonly bytes: number
  readonly modified: number
  readonly mark: string | null
}

interface Found {
  readonly folders: readonly string[]
  readonly files: readonly FoundFile[]
  readonly mark: string
  /** What is neither a file nor a folder. */
  readonly strange: readonly string[]
}

export interface CheckpointRequest {
  readonly plan: FitPlan
  readonly checkpoints: CheckpointPlan
  readonly job: FitJob
  readonly notes: FitNotes
  readonly signal?: AbortSignal
  /** Told the name of each whole checkpoint's folder. */
  readonly onKept?: (name: string) => void
}

/** The checkpoint of a fit that starts, with what an earlier start of it left. */
export async function openCheckpoint(request: CheckpointRequest): Promise<FolderCheckpoint> {
  const checkpoint = new FolderCheckpoint(request)
  if (existsSync(checkpoint.part)) await checkpoint.restore()
  return checkpoint
}

export class FolderCheckpoint implements FitCheckpoint {
  readonly part: string
  readonly #request: CheckpointRequest
  reports: readonly KeptReport[] = []
  left: readonly LeftFile[] = []
  /** Where this attempt and those before it went on. */
  continued: readonly CheckpointStart[] = []
  readonly #reported: KeptReport[] = []
  #work: string | null = null
  /** The last whole one, and what the working folder was like then. */
  #kept: { readonly name: string; readonly number: number; readonly checkpoint: Checkpoint } | null = null
  #mark = ''
  /** Of each of its files, what tells whether that has changed since. */
  #marks: ReadonlyMap<string, unknown> = new Map()
  #keeping: Promise<void> = Promise.resolve()
  #ended = false

  constructor(request: CheckpointRequest) {
    this.#request = request
    this.part = partFolder(request.checkpoints, request.job)
  }

  get folder(): string {
    if (this.#work === null) {
      mkdirSync(this.part, { recursive: true })
      // One of its own: a program of an interrupted session may still write into that of before.
      this.#work = mkdtempSync(join(this.part, 'work-'))
    }
    return this.#work
  }

  /** Takes up what is whole, and clears away the rest. */
  async restore(): Promise<void> {
    const { job, plan, notes } = this.#request
    try {
      const names = await readdir(this.part)
      const [last] = keptAmong(names)
      for (const name of names)
        if (name !== last?.name) await rm(join(this.part, name), { recursive: true, force: true })
      if (last === undefined) return
      const folder = join(this.part, last.name)
      const checkpoint = await readCheckpoint(folder)
      if (!isCheckpointOf(checkpoint, job, plan.seed)) throw damaged(folder, 'is of another fit')
      await this.#unpack(folder, checkpoint)
      const left = await readLeft(folder, checkpoint)
      this.#kept = { ...last, checkpoint }
      this.left = left
      this.reports = checkpoint.reports.map(unpackReport)
      this.#reported.push(...this.reports)
      const step = this.reports.at(-1)?.step
      this.continued =
        step === undefined ? checkpoint.continued : [...checkpoint.continued, { attempt: job.attempt, step }]
    } catch (error) {
      notes.add('checkpoint', (error as Error).message)
      this.#work = null
      await this.clear()
    }
  }

  async #unpack(folder: string, checkpoint: Checkpoint): Promise<void> {
    const work = this.folder
    for (const name of checkpoint.folders.map(nameInWork))
      if (name !== null) await mkdir(join(work, name), { recursive: true })
    for (const { name, bytes, sha256, modified } of checkpoint.files) {
      const nameThere = nameInWork(name)
      if (nameThere === null) continue
      const kept = checkpointFile(folder, name)
      const path = join(work, nameThere)
      await copyFile(kept, path, constants.COPYFILE_FICLONE).catch((error: Error) => {
        throw damaged(kept, error.message)
      })
      if ((await lstat(path)).size !== bytes || (await digestOfFile(path)) !== sha256)
        throw damaged(kept, 'is not the file that was kept')
      // Programs take the latest of several for the one to go on from.
      await utimes(path, modified / 1000, modified / 1000)
    }
    const found = await look(work)
    this.#mark = found.mark
    this.#marks = new Map(found.files.map(({ name, mark }) => [nameInKept(name), mark]))
  }

  keep(report: KeptReport | null, goesOn: () => boolean, left: () => readonly LeftFile[]): Promise<void> {
    if (report !== null) this.#reported.push(report)
    const reported = this.#reported.length
    this.#keeping = this.#keeping
      .then(() => this.#keep(reported, goesOn, left))
      .catch((error: Error) =>
        this.#leaveOut(
          'checkpoint not written',
          `a checkpoint is kept at each report (one was not: ${error.message})`,
        ),
      )
    return this.#keeping
  }

  async end(): Promise<void> {
    this.#ended = true
    await this.#keeping
  }

  /** Nothing goes on from it any more. */
  async clear(): Promise<void> {
    await rm(this.part, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
  }

  /** Whether what was reported since the last checkpoint is of its step: a fit that goes on from that does not report it again. */
  #isMoreOfStep(reported: number): boolean {
    const kept = this.#kept?.checkpoint.reports ?? []
    const since = this.#reported.slice(kept.length, reported)
    return since.length > 0 && since.every(({ step }) => step === kept.at(-1)?.step)
  }

  get #isOver(): boolean {
    return this.#ended || this.#request.signal?.aborted === true
  }

  async #keep(reported: number, goesOn: () => boolean, leftSoFar: () => readonly LeftFile[]): Promise<void> {
    const work = this.#work
    if (work === null || this.#isOver) return
    const found = await look(work)
    if (found.strange.length > 0)
      this.#leaveOut(
        'checkpoint links',
        `a checkpoint has files and folders (it has "${found.strange[0]}", which is neither): that is left out`,
      )
    // Nothing to go on from: what was there before still belongs to the reports that it was kept with.
    if (found.mark === '' || (found.mark === this.#mark && !this.#isMoreOfStep(reported))) return
    // Meanwhile what was printed before the report is heard too: in a turn of its own, where this thread was busy until now.
    await sleep(tick)
    await nextTurn()
    const { sources, left } = await sourcesOf(found, work, leftSoFar())
    const bytes = sources.reduce((sum, source) => sum + source.bytes, 0)
    const { checkpoints: plan, job: owner } = this.#request
    const { limitMB } = plan
    const number = (this.#kept?.number ?? 0) + 1
    const making = await reserveRoom({ plan, owner, number, bytes })
    if (making === null) {
      this.#leaveOut(
        'checkpoint limit',
        `the checkpoints of a sweep may take ${limitMB} MB together (with one of ${Math.ceil(bytes / 2 ** 20)} MB they take more): it is not kept, and the one before stays; "limits": {"checkpointsMB": …} in the sweep file allows more`,
      )
      return
    }
    try {
      await mkdir(join(making, 'files'))
      const folders = foldersKept(found.folders)
      for (const name of folders) await mkdir(checkpointFile(making, name))
      const before = new Map(this.#kept?.checkpoint.files.map((file) => [file.name, file]))
      const files: CheckpointFile[] = []
      for (let from = 0; from < sources.length; from += atOnce) {
        const some = sources.slice(from, from + atOnce)
        const work = some.map((one) => this.#keepFile(making, one, before.get(one.name)))
        // Nothing is written into the folder any more when it is cleared away.
        await Promise.allSettled(work)
        files.push(...(await Promise.all(work)))
      }
      const isStill = (await look(work)).mark === found.mark
      if (!isStill || goesOn()) {
        this.#leaveOut(
          'checkpoint changed',
          'what is in the checkpoint folder at a report is kept with that report (it was changed before the report was answered): it is not kept, and the one before stays; wait for the answer before the folder is changed',
        )
        return
      }
      if (this.#isOver) return
      const { plan, job } = this.#request
      const checkpoint: Checkpoint = {
        trial: job.trial,
        part: partName(job),
        params: job.params,
        seed: plan.seed,
        reports: this.#reported.slice(0, reported).map(packReport),
        continued: this.continued,
        left,
        folders,
        files,
      }
      await writeManifest(making, checkpoint)
      const name = nameOfKept(number, bytes)
      await makeWhole(making, join(this.part, name), folders)
      this.#kept = { name, number, checkpoint }
      this.#mark = found.mark
      this.#marks = new Map(sources.map(({ name, mark }) => [name, mark]))
      this.#request.onKept?.(name)
    } finally {
      await rm(making, { recursive: true, force: true }).catch(() => {})
    }
  }

  /** A file that has not changed is the same file as in the checkpoint before, and never that of the working folder. */
  async #keepFile(
    making: string,
    { name, from, bytes, modified, mark }: Source,
    before: CheckpointFile | undefined,
  ): Promise<CheckpointFile> {
    const path = checkpointFile(making, name)
    const given = typeof from === 'string' ? null : digestOf(from)
    const isSame =
      before !== undefined && (given === null ? this.#marks.get(name) === mark : before.sha256 === given)
    if (isSame) {
      const kept = checkpointFile(join(this.part, this.#kept!.name), name)
      const isLinked = await link(kept, path).then(
        () => true,
        () => false,
      )
      if (isLinked) return before
    }
    if (typeof from === 'string') await copyFile(from, path, constants.COPYFILE_FICLONE)
    else await writeFile(path, from)
    const [sha256] = await Promise.all([given ?? digestOfFile(path), syncPath(path)])
    return { name, bytes, modified, sha256 }
  }

  #leaveOut(about: string, message: string): void {
    if (!this.#isOver) this.#request.notes.add(about, message)
  }
}

/** All that goes into a checkpoint, and the manifest's list of what the fit has left for its trial. */
async function sourcesOf(
  found: Found,
  work: string,
  leftSoFar: readonly LeftFile[],
): Promise<{ sources: readonly Source[]; left: Checkpoint['left'] }> {
  const sources: Source[] = found.files.map(({ name, bytes, modified, mark }) => ({
    ...{ name: nameInKept(name), from: join(work, name), bytes, modified, mark },
  }))
  const left: Checkpoint['left'][number][] = []
  for (const { content, ...one } of leftSoFar) {
    const name = nameOfLeft(left.length)
    const source = content === null ? null : await sourceOf(name, content)
    if (source !== null) sources.push(source)
    left.push({ ...one, file: source === null ? null : name })
  }
  return { sources, left }
}

async function sourceOf(name: string, from: Uint8Array | string): Promise<Source | null> {
  if (typeof from !== 'string') return { name, from, bytes: from.length, modified: 0, mark: null }
  // A link leads to what is meant.
  const path = await realpath(from).catch(() => null)
  if (path === null) return null
  const { bytes, modified, mark } = await markOf(path)
  return { name, from: path, bytes, modified, mark: `${mark} ${path}` }
}

/** What the fit had left for its trial, as it was written. */
async function readLeft(folder: string, { left, files }: Checkpoint): Promise<LeftFile[]> {
  const all: LeftFile[] = []
  for (const { file, ...one } of left) {
    if (file === null) {
      all.push({ ...one, content: null })
      continue
    }
    const path = checkpointFile(folder, file)
    const content = await readFile(path).catch((error: Error) => {
      throw damaged(path, error.message)
    })
    if (digestOf(content) !== files.find(({ name }) => name === file)?.sha256)
      throw damaged(path, 'is not the file that was kept')
    all.push({ ...one, content })
  }
  return all
}

/** A file as it is now; its mark is another one where it was changed. */
async function markOf(path: string): Promise<Omit<FoundFile, 'name'>> {
  const { size, mtimeMs, mtimeNs, ctimeNs, ino } = await lstat(path, { bigint: true })
  return { bytes: Number(size), modified: Number(mtimeMs), mark: `${size} ${mtimeNs} ${ctimeNs} ${ino}` }
}

/** What is in a folder, in one order. No link is followed. */
async function look(folder: string): Promise<Found> {
  const folders: string[] = []
  const files: FoundFile[] = []
  const strange: string[] = []
  const visit = async (below: string): Promise<void> => {
    const entries: Dirent[] = await readdir(join(folder, below), { withFileTypes: true })
    const nameOf = (entry: Dirent) => (below === '' ? entry.name : `${below}/${entry.name}`)
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    const marked = entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const name = nameOf(entry)
        return { name, ...(await markOf(join(folder, name))) }
      })
    files.push(...(await Promise.all(marked)))
    for (const entry of entries) {
      const name = nameOf(entry)
      if (entry.isDirectory()) {
        folders.push(name)
        await visit(name)
      } else if (!entry.isFile()) strange.push(name)
    }
  }
  if (!(await lstat(folder)).isDirectory()) throw new Error(`${folder} is no folder any more`)
  await visit('')
  const mark =
    folders.length + files.length === 0
      ? ''
      : JSON.stringify([folders, files.map(({ name, mark }) => [name, mark])])
  return { folders, files, mark, strange }
}
