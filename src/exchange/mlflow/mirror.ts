/**
 * A sweep of the store, and the same on an MLflow server: what is new on the record is read, and what of it the server lacks is sent.
 *
 * Each run of ours has a page (page.ts), which follows from the record alone. A page is sent in an order that bears being broken off
 * anywhere: what is made is tagged with our id and looked for before it is made again, and all else may be sent twice. A metric's row
 * (key, step, time, value) is the same each time, and the server keeps equal rows once.
 */
import { createHash } from 'node:crypto'
import { describeError, EspalierError, isEspalierError } from '../../errors.js'
import { artifactNames } from '../../names.js'
import {
  type Artifact,
  type ChildRun,
  childIdOf,
  type ParentRun,
  type Run,
  type RunStore,
  type SweepUpdate,
} from '../../tracking/index.js'
import { isJsonObject, type JsonObject } from '../../values.js'
import { ArtifactsClosed, type MlflowClient, MlflowRefusal } from './client.js'
import { openCursor, type SentRun } from './cursor.js'
import { batchesOf, type MetricRow } from './limits.js'
import { type EndedValue, type Page, serverTags, specName, sweepPage, trialPage, wholeName } from './page.js'
import {
  createRun,
  experimentNamed,
  historyOn,
  readRun,
  retireRun,
  runsTagged,
  type ServerRun,
} from './server-runs.js'

export interface Mirror {
  readonly sweep: string
  /** Reads on in the record: whether a process that lives is writing it; null where the sweep is gone. */
  pull(): Promise<{ readonly live: boolean } | null>
  /**
   * Sends of what waits as much as takes a moment; runs that are to be begun first.
   * @throws EspalierError MLFLOW_UNREACHABLE, and MLFLOW_REFUSED for what concerns all runs.
   */
  push(): Promise<void>
  /** Runs of which something waits to be sent, those that somebody deleted there, and all of them, the sweep itself counted. */
  counts(): { readonly waiting: number; readonly gone: number; readonly runs: number }
  /** Whether another `push` would send more. */
  hasMore(): boolean
  /** The server's ids of a trial's run, where it is there for this attempt (from 0). */
  idsOf(trial: number, attempt: number): { readonly run: string; readonly experiment: string } | null
  /** What is not as it should be, by the run it is about. */
  readonly problems: ReadonlyMap<string, EspalierError>
  /** Whether `resume` goes on with it by itself. */
  keepLive(live: boolean): void
  save(): Promise<void>
  close(): Promise<void>
}

/** What is known of a trial without its record. */
interface Trial extends EndedValue {
  /** Of its last start; null where the record was written anew since. */
  readonly attempt: number | null
  readonly isOpen: boolean
}

type Key = number | 'sweep'

/** Trials of which the record is read at a time, and sent before somebody may look up. */
const mostAtOnce = 32
/** Requests under way at a time. */
const inFlight = 4
/** ms between two times that it is written down how far it was sent. */
const saveEvery = 1000

/**
 * Takes up a sweep for sending.
 * @param said told once of each thing that the server has otherwise than the record.
 * @param onSent called when the server has taken what there is of a run.
 * @throws EspalierError SWEEP_LOCKED while another process sends it there.
 */
export async function openMirror(
  store: RunStore,
  sweep: string,
  client: MlflowClient,
  said: (message: string) => void,
  onSent: () => void = () => {},
): Promise<Mirror> {
  const cursor = await openCursor(store.mirrorsOf(sweep), client.server, sweep)
  const { state } = cursor
  let follower = store.follower(sweep)
  const trials = new Map<number, Trial>()
  /** What has changed on the record since it was sent, and of that what the server refused: not again before it has changed again. */
  const dirty = new Set<Key>()
  const refused = new Set<Key>()
  const problems = new Map<string, EspalierError>()
  const told = new Set<string>()
  /** Runs that somebody deleted on the server, by our ids. */
  const goneThere = new Set<string>()
  /** When the server's runs began, by our keys; it is what their attempts are known by. */
  const begun = new Map<string, number>()
  const artifactUris = new Map<string, string>()
  /** Made in this session, and with nothing but what was made of them. */
  const virgin = new Set<string>()
  let parent: ParentRun | null = null
  let wasLive = false
  let marked: number | null = null
  let takesFiles = true
  let bestSent: string | null = null
  let savedAt = 0

  function tell(message: string): void {
    if (told.has(message)) return
    told.add(message)
    said(message)
  }

  function touch(key: Key): void {
    dirty.add(key)
    refused.delete(key)
  }

  async function pull(): Promise<{ live: boolean } | null> {
    for (;;) {
      const read = await follower.next()
      if (read === null) return null
      if (read.again) {
        trials.clear()
        dirty.clear()
      }
      for (const update of read.updates) take(update)
      parent = follower.run
      if (read.more) continue
      if (wasLive !== read.live) touchOpen()
      wasLive = read.live
      mark()
      return { live: read.live }
    }
  }

  /** The best is marked when the sweep has ended, and not while it may yet be another. */
  function mark(): void {
    const best = parent === null || parent.status === 'running' ? null : (parent.best?.trial ?? null)
    if (best === marked) return
    for (const trial of [best, marked]) if (trial !== null && trials.has(trial)) touch(trial)
    marked = best
  }

  function touchOpen(): void {
    touch('sweep')
    for (const [trial, { isOpen }] of trials) if (isOpen) touch(trial)
  }

  /** Takes note of it, and of what is to be sent anew for it. */
  function take(update: SweepUpdate): void {
    switch (update.kind) {
      case 'sweep':
      case 'asked':
        touch('sweep')
        break
      case 'session':
      case 'finished':
        touchOpen()
        break
      case 'trial': {
        const { trial, started, ended } = update.run
        const isOpen = ended === null
        trials.set(trial, {
          trial,
          ended: Date.parse(ended ?? started),
          value: finishedValue(update.run),
          attempt: null,
          isOpen,
        })
        touch(trial)
        break
      }
      case 'started': {
        const { trial, at, attempt } = update
        trials.set(trial, { trial, ended: Date.parse(at), value: null, attempt, isOpen: true })
        touch(trial)
        break
      }
      case 'ended': {
        const { trial, at } = update
        trials.set(trial, {
          trial,
          ended: Date.parse(at),
          value: finishedValue(update),
          attempt: null,
          isOpen: false,
        })
        touch('sweep')
        touch(trial)
        break
      }
      case 'progress':
        if (update.history !== undefined) touch(update.trial)
        break
      case 'deleted':
        trials.delete(update.trial)
        dirty.delete(update.trial)
        touch('sweep')
        break
      default:
        touch(update.trial ?? 'sweep')
    }
  }

  function finishedValue({ status, values }: Pick<ChildRun, 'status' | 'values'>): number | null {
    const metric = follower.run?.objective.metric ?? ''
    return status === 'finished' && Object.hasOwn(values, metric) ? values[metric] : null
  }

  async function push(): Promise<void> {
    if (parent === null || !hasMore()) return
    await meet(parent)
    const chosen = nextTrials()
    // Children are nested by the id of their parent, which is there first.
    if (state.runs.sweep === undefined && !refused.has('sweep'))
      await guarded('sweep', () => sendSweep(parent!))
    const parentRunId = state.runs.sweep?.id
    if (parentRunId !== undefined) {
      await removeDeleted(parent)
      const runs = await follower.trials(chosen)
      // The record was written anew meanwhile: it is read again from its beginning.
      if (runs === null) {
        follower = store.follower(sweep)
        trials.clear()
        dirty.clear()
        return
      }
      await each(runs, (run) => guarded(run.trial, () => sendTrial(run, parent!, parentRunId)))
      if (bestThere() !== bestSent) touch('sweep')
      // What cannot be found on the record any more.
      for (const trial of chosen) if (!runs.some((run) => run.trial === trial)) dirty.delete(trial)
    }
    if (dirty.has('sweep') && !refused.has('sweep')) await guarded('sweep', () => sendSweep(parent!))
    state.place = waiting() === 0 && takesFiles && goneThere.size === 0 ? follower.place : null
    if (!hasMore() || performance.now() - savedAt > saveEvery) await save()
  }

  /** Runs that are not there yet go first: programs wait for theirs. */
  function nextTrials(): number[] {
    const numbers = [...dirty].filter((key): key is number => key !== 'sweep' && !refused.has(key))
    const isNew = (trial: number) => trials.get(trial)?.isOpen === true && state.runs[trial] === undefined
    return [...numbers.filter(isNew), ...numbers.filter((trial) => !isNew(trial))].slice(0, mostAtOnce)
  }

  /** Sends one; what is wrong with it alone is its problem, and the others go on. */
  async function guarded(key: Key, send: () => Promise<void>): Promise<void> {
    dirty.delete(key)
    const run = key === 'sweep' ? sweep : childIdOf(sweep, key)
    try {
      await send()
      problems.delete(run)
      onSent()
    } catch (error) {
      dirty.add(key)
      if (!isOfOne(error)) throw error
      refused.add(key)
      problems.set(run, error)
    }
  }

  let met = false

  /** Once a session: what of the sweep the server has. */
  async function meet(run: ParentRun): Promise<void> {
    if (met) return
    // Until all is there again nothing says that it is: the server may have lost what it had.
    state.place = null
    await save()
    const known = await experimentNamed(client, run.experiment, state.experiment)
    if (state.experiment !== undefined && state.experiment !== known) state.runs = {}
    state.experiment = known
    const there = await runsTagged(client, known, serverTags.sweep, sweep)
    const keys = new Map<string, string>([[sweep, 'sweep']])
    for (const trial of trials.keys()) keys.set(childIdOf(sweep, trial), String(trial))
    for (const { trial } of run.deleted) keys.set(childIdOf(sweep, trial), String(trial))
    const sent = state.runs
    state.runs = {}
    for (const [ours, key] of keys) {
      const runs = there.get(ours) ?? []
      const active = runs.filter(({ isDeleted }) => !isDeleted)
      if (active.length === 0) {
        if (runs.length > 0 && (key === 'sweep' || trials.has(Number(key)))) goneThere.add(ours)
        continue
      }
      const kept = active.find(({ id }) => id === sent[key]?.id) ?? active[0]
      for (const other of active) if (other !== kept) await retireRun(client, other.id, true)
      state.runs[key] = sent[key]?.id === kept.id ? sent[key] : { id: kept.id, page: '' }
      begun.set(key, kept.started)
      artifactUris.set(key, kept.artifactUri)
    }
    if (goneThere.has(sweep)) {
      const gone = `a run that was deleted on the server is left so, and sweep ${sweep} was deleted on ${client.server.name}; restore its run there, or delete it for good (mlflow gc)`
      problems.set(sweep, new EspalierError('MLFLOW_REFUSED', gone))
      refused.add('sweep')
      for (const trial of trials.keys()) refused.add(trial)
    } else if (goneThere.size > 0)
      tell(
        `${goneThere.size} of the runs of sweep ${sweep} were deleted on ${client.server.name}, and are left so; restore them there to have them kept up`,
      )
    met = true
  }

  /** Trials that were deleted here are deleted there. */
  async function removeDeleted(run: ParentRun): Promise<void> {
    for (const { trial } of run.deleted) {
      const key = String(trial)
      if (trials.has(trial) || state.runs[key] === undefined) continue
      await retireRun(client, state.runs[key].id, false)
      delete state.runs[key]
    }
  }

  /** The server's id of the best trial's run; null while there is none. */
  function bestThere(): string | null {
    const best = parent?.best ?? null
    return best === null ? null : (state.runs[best.trial]?.id ?? null)
  }

  async function sendSweep(run: ParentRun): Promise<void> {
    const best = bestThere()
    bestSent = best
    const ended = [...trials.values()].filter(({ isOpen }) => !isOpen)
    const page = sweepPage(run, ended, best)
    await send('sweep', page, run, (seen) => stepsOfSweep(page, run, seen))
  }

  /** Of the best values so far those that come after the last one there; one more where that is not the best any more. */
  function stepsOfSweep(
    { steps }: Page,
    { best, objective }: ParentRun,
    seen: ServerRun | null,
  ): MetricRow[] {
    const key = steps[0]?.key ?? `objective/${objective.metric}`
    const last = seen?.metrics.get(key)
    if (last === undefined) return [...steps]
    const rows = steps.filter(({ step }) => step > last.step)
    const value = rows.at(-1)?.value ?? last.value
    if (best === null || best.value === value) return rows
    const { step, timestamp } = rows.at(-1) ?? last
    return [...rows, { key, value: best.value, step: step + 1, timestamp: timestamp + 1 }]
  }

  async function sendTrial(run: ChildRun, of: ParentRun, parentRunId: string): Promise<void> {
    const key = String(run.trial)
    if (goneThere.has(run.id)) return
    const page = trialPage(run, of, parentRunId)
    const sent = state.runs[key]
    const isOther = sent !== undefined && (begun.get(key) !== page.started || !isContinued(sent, page))
    if (isOther) {
      // What is on a server cannot be taken back: another attempt, whose steps are others, has a run of its own.
      await retireRun(client, sent.id, true)
      delete state.runs[key]
    }
    await send(key, page, run, () => stepsToSend(state.runs[key], page.steps))
  }

  async function send(
    key: string,
    page: Page,
    run: Run,
    stepsFor: (seen: ServerRun | null) => readonly MetricRow[],
  ): Promise<void> {
    const digest = digestOf(page, run.artifacts)
    if (state.runs[key]?.page === digest) return
    for (const sentence of page.said)
      tell(`${run.kind === 'sweep' ? `sweep ${sweep}` : 'trials'}: ${sentence}`)
    if (state.runs[key] === undefined) {
      const made = await createRun(client, state.experiment!, page)
      state.runs[key] = { id: made.id, page: '' }
      begun.set(key, made.started)
      artifactUris.set(key, made.artifactUri)
      virgin.add(key)
    }
    const sent = state.runs[key]
    const isEnd = page.ended !== null || key === 'sweep'
    const isProgram = isProgramOf(parent!)
    const seen = isEnd && (!virgin.has(key) || isProgram) ? await readRun(client, sent.id) : null
    const logged = {
      metrics: [...stepsFor(seen), ...(await figuresToSend(sent.id, page.figures, seen))],
      params: isProgram && key !== 'sweep' && !isEnd ? {} : paramsToSend(page, seen, run),
      tags: virgin.has(key) && seen === null ? changedTags(page, sent) : tagsToSend(page, seen),
    }
    for (const body of batchesOf(sent.id, logged)) await client.request('POST', 'runs/log-batch', body)
    if (isEnd) virgin.delete(key)
    for (const tag of sent.tags ?? []) if (!page.ownTags.includes(tag)) await dropTag(sent.id, tag)
    if (page.ownTags.length > 0 || sent.tags !== undefined) sent.tags = page.ownTags
    if (isEnd) delete sent.steps
    else sent.steps = stepsSent(page.steps)
    if (sent.inputs !== true && page.inputs.length > 0 && (isEnd || key === 'sweep')) {
      await client.request('POST', 'runs/log-inputs', {
        run_id: sent.id,
        datasets: page.inputs as unknown as JsonObject[],
      })
      sent.inputs = true
    }
    const hasFiles = await sendFiles(key, sent, page, run)
    await sendModel(sent, page, run)
    if (!(virgin.has(key) && page.status === 'RUNNING'))
      await client.request('POST', 'runs/update', {
        run_id: sent.id,
        status: page.status,
        run_name: page.name,
        ...(page.ended !== null && { end_time: page.ended }),
      })
    sent.page = hasFiles ? digest : ''
  }

  /** Those that the server lacks, or has another value of: that one is older then. */
  async function figuresToSend(
    id: string,
    figures: readonly MetricRow[],
    seen: ServerRun | null,
  ): Promise<MetricRow[]> {
    const rows: MetricRow[] = []
    for (const figure of figures) {
      const there = seen?.metrics.get(figure.key)
      if (there === undefined) rows.push(figure)
      else if (there.value !== figure.value || there.step !== figure.step) {
        // A program may have written more under this name.
        const own = (await historyOn(client, id, figure.key)).filter(({ step }) => step === figure.step)
        const last = own.sort((a, b) => b.timestamp - a.timestamp || b.value - a.value)[0]
        if (last === undefined) rows.push(figure)
        else if (last.value !== figure.value)
          rows.push({ ...figure, timestamp: Math.max(figure.timestamp, last.timestamp + 1) })
      }
    }
    return rows
  }

  /** Params are written once: what is there stays. */
  function paramsToSend({ params }: Page, seen: ServerRun | null, run: Run): Record<string, string> {
    const missing: Record<string, string> = {}
    for (const [name, value] of Object.entries(params)) {
      const there = seen?.params.get(name)
      if (there === undefined) missing[name] = value
      else if (there !== value)
        tell(
          `the param "${name}" of ${run.kind === 'sweep' ? `sweep ${sweep}` : `trial ${run.trial}`} is "${there}" on ${client.server.name}, where it can be written once; on record it is "${value}"`,
        )
    }
    return missing
  }

  async function dropTag(id: string, key: string): Promise<void> {
    try {
      await client.request('POST', 'runs/delete-tag', { run_id: id, key })
    } catch (error) {
      if (!(error instanceof MlflowRefusal) || error.mlflowCode !== 'RESOURCE_DOES_NOT_EXIST') throw error
    }
  }

  /** Whether the server has all there are now. */
  async function sendFiles(key: string, sent: SentRun, page: Page, run: Run): Promise<boolean> {
    const { whole } = page
    if (!takesFiles) return run.kind === 'trial' && whole === null && run.artifacts.length === 0
    const uri = artifactUris.get(key)!
    const put = async (name: string, sha256: string, content: () => Promise<Uint8Array | string>) => {
      const digest = sha256.slice(0, 16)
      if (sent.files?.[name] === digest) return
      await client.uploadArtifact(uri, name, await content(), { run_id: sent.id })
      sent.files = { ...sent.files, [name]: digest }
    }
    const made = (value: JsonObject) => `${JSON.stringify(value, null, 2)}\n`
    try {
      if (run.kind === 'sweep') await put(specName, hash(made(run.spec)), async () => made(run.spec))
      if (whole !== null) await put(wholeName, hash(made(whole)), async () => made(whole))
      for (const { name, sha256 } of run.artifacts)
        await put(name, sha256, () => store.readArtifact(run, name))
      return true
    } catch (error) {
      if (!(error instanceof ArtifactsClosed)) throw error
      takesFiles = false
      tell(`artifacts are left out: ${error.message}`)
      return false
    }
  }

  /** The model that the sweep came to: that of its best trial, and its ensemble. Others that are kept are artifacts of their trials. */
  async function sendModel(sent: SentRun, page: Page, run: Run): Promise<void> {
    const name = run.kind === 'sweep' ? artifactNames.ensemble : artifactNames.model
    const isMeant = run.kind === 'sweep' || page.tags['espalier.best'] === 'true'
    const file = isMeant ? run.artifacts.find((one) => one.name === name) : undefined
    const digest = file?.sha256.slice(0, 16)
    if (digest === undefined || sent.model === digest || !takesFiles) return
    const whose = run.kind === 'sweep' ? 'the ensemble' : `the model of trial ${run.trial}`
    try {
      const { readModelOf } = await import('../../launch/index.js')
      const { json, sampleInput } = await readModelOf(store, run.id)
      const model = { experimentId: state.experiment!, runId: sent.id, run, modelJson: json, sampleInput }
      const { logModel } = await import('./logged-model.js')
      const { warnings } = await logModel(client, model)
      for (const warning of warnings) tell(`${whose}, as MLflow loads it: ${warning}`)
      sent.model = digest
    } catch (error) {
      if (isEspalierError(error) && !isOfOne(error)) throw error
      // It stays an artifact, and the run is whole without it.
      tell(`${whose} is no logged model there, but an artifact: ${describeError(error).message}`)
    }
  }

  function waiting(): number {
    return dirty.size
  }

  function hasMore(): boolean {
    for (const key of dirty) if (!refused.has(key)) return true
    return false
  }

  async function save(): Promise<void> {
    savedAt = performance.now()
    await cursor.save()
  }

  return {
    sweep,
    pull,
    push,
    counts: () => ({
      waiting: waiting(),
      // Of a sweep that is gone there, every run waits.
      gone: goneThere.has(sweep) ? 0 : goneThere.size,
      runs: trials.size + 1,
    }),
    hasMore,
    idsOf(trial, attempt) {
      const key = String(trial)
      const run = state.runs[key]
      const known = trials.get(trial)
      if (run === undefined || known === undefined || !known.isOpen || known.attempt !== attempt) return null
      return begun.get(key) === known.ended ? { run: run.id, experiment: state.experiment! } : null
    },
    problems,
    keepLive(live) {
      state.live = live
    },
    save,
    async close() {
      await save().catch(() => {})
      await cursor.release()
    },
  }
}

/** Whether it is about one run, and says nothing of the others. */
function isOfOne(error: unknown): error is EspalierError {
  if (error instanceof MlflowRefusal) return error.status !== 401 && error.status !== 403
  return isEspalierError(error) && error.code !== 'MLFLOW_UNREACHABLE' && error.code !== 'SWEEP_LOCKED'
}

function isProgramOf({ spec: { trainer } }: ParentRun): boolean {
  return isJsonObject(trainer) && trainer.kind === 'command'
}

/** What was sent of a run's tags at its making need not be sent again. */
function changedTags(page: Page, sent: SentRun): Record<string, string> {
  return sent.page === '' && page.ended === null ? {} : { ...page.tags }
}

function tagsToSend({ tags }: Page, seen: ServerRun | null): Record<string, string> {
  if (seen === null) return { ...tags }
  return Object.fromEntries(Object.entries(tags).filter(([name, value]) => seen.tags.get(name) !== value))
}

function byKey(steps: readonly MetricRow[]): Map<string, MetricRow[]> {
  const series = new Map<string, MetricRow[]>()
  for (const row of steps) {
    const known = series.get(row.key)
    if (known === undefined) series.set(row.key, [row])
    else known.push(row)
  }
  return series
}

const rowsDigest = (rows: readonly MetricRow[]) =>
  hash(JSON.stringify(rows.map(({ value, step, timestamp }) => [value, step, timestamp]))).slice(0, 16)

function stepsSent(steps: readonly MetricRow[]): Record<string, [number, string]> {
  return Object.fromEntries([...byKey(steps)].map(([key, rows]) => [key, [rows.length, rowsDigest(rows)]]))
}

/** Whether what was sent of a run that ran is the beginning of what it has come to. */
function isContinued({ steps = {} }: SentRun, page: Page): boolean {
  const series = byKey(page.steps)
  return Object.entries(steps).every(([key, [count, digest]]) => {
    const rows = series.get(key) ?? []
    return rows.length >= count && rowsDigest(rows.slice(0, count)) === digest
  })
}

function stepsToSend({ steps = {} }: SentRun, rows: readonly MetricRow[]): MetricRow[] {
  return [...byKey(rows)].flatMap(([key, series]) => series.slice(steps[key]?.[0] ?? 0))
}

function digestOf({ said: _, ...page }: Page, artifacts: readonly Artifact[]): string {
  return hash(JSON.stringify([page, artifacts.map(({ name, sha256 }) => [name, sha256])])).slice(0, 24)
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Does something for each, a few at a time; the first error ends it when those under way have ended. */
async function each<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const queue = [...all]
  let failed: unknown = null
  const work = async () => {
    for (let one = queue.shift(); one !== undefined && failed === null; one = queue.shift()) {
      try {
        await act(one)
      } catch (error) {
        failed ??= error
      }
    }
  }
  await Promise.all(Array.from({ length: inFlight }, work))
  if (failed !== null) throw failed
}
