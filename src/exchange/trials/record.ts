/** Puts trials of another tool on record, as a sweep that has ended. */
import { createHash } from 'node:crypto'
import { EspalierError } from '../../errors.js'
import { specOfImported } from '../../launch/index.js'
import { tagNames } from '../../names.js'
import { elsewhere } from '../../search/index.js'
import { createSpace } from '../../space/index.js'
import {
  captureConditions,
  type RunStore,
  type SessionConditions,
  type SweepWriter,
} from '../../tracking/index.js'
import type { ForeignSweep, ForeignTrial } from './types.js'

export interface RecordOptions {
  /** The experiment: named after the study unless stated. */
  readonly experiment?: string
  /** Record it although it is there already. */
  readonly again?: boolean
}

/** What came of an import. */
export interface Recorded {
  /** The sweep's id. */
  readonly sweep: string
  /** It was on record before, and nothing was written. */
  readonly already: boolean
  readonly experiment: string
  readonly trials: Readonly<Record<ForeignTrial['status'], number>>
  /** What is not as it was, each with what was done instead. */
  readonly warnings: readonly string[]
}

/** Trials that are handed to the disk together. */
const atOnce = 256

/**
 * Records them, unless the same ones are there already.
 * @throws EspalierError SPACE_INVALID where the parameters make no space; STORE_WRITE_FAILED.
 */
export async function recordForeign(
  store: RunStore,
  sweep: ForeignSweep,
  { experiment = sweep.study, again = false }: RecordOptions = {},
): Promise<Recorded> {
  const { tool, study, file, objective, parameters, distributions, trials } = sweep
  const warnings = [...sweep.warnings]
  const outside = outsideOf(sweep)
  if (outside !== null) warnings.push(outside)
  const from = `${tool}:${study}`
  const digest = digestOf(sweep)
  const counts = countsOf(trials)
  const before = (await sweepsIn(store)).filter(({ tags }) => tags[tagNames.importedFrom] === from)
  const same = before.find(({ tags }) => tags[tagNames.importDigest] === digest)
  if (same !== undefined && !again)
    return { sweep: same.id, already: true, experiment: same.experiment, trials: counts, warnings }
  if (same === undefined && before.length > 0)
    warnings.push(
      `a ${tool === 'csv' ? 'table' : 'study'} of this name with other trials was imported before, as sweep ${before[0].id}: this one is a sweep of its own beside it`,
    )
  const times = timesOf(trials)
  if (times.unknown > 0)
    warnings.push(
      times.unknown === trials.length
        ? 'no trial says when it ran: all of them bear the time of the import'
        : `${times.unknown === 1 ? '1 trial does not say when it ran: it bears' : `${times.unknown} trials do not say when they ran: they bear`} the time at which the others began or ended`,
    )
  const writer = await store.createSweep({
    experiment,
    name: study,
    objectives: [objective],
    spec: specOfImported({
      name: study,
      from: { name: `${tool} ${study}`, tool, file, digest, ...(distributions && { distributions }) },
      objective,
      trials: trials.length,
      parameters,
    }),
    conditions: await importConditions(),
    tags: {
      ...sweep.tags,
      [tagNames.importedFrom]: from,
      [tagNames.importDigest]: digest,
      [tagNames.importedAt]: new Date().toISOString(),
    },
    at: times.from,
  })
  for (let first = 0; first < trials.length; first += atOnce) {
    const some = trials
      .slice(first, first + atOnce)
      .map((trial) => record(writer, trial, { tool, metric: objective.metric, times }))
    await Promise.all(some)
  }
  await writer.finish({ status: 'finished', at: times.to })
  return { sweep: writer.id, already: false, experiment, trials: counts, warnings }
}

async function record(
  writer: SweepWriter,
  { trial, params, status, value, metrics, history, error, tags, ...when }: ForeignTrial,
  { tool, metric, times }: { tool: string; metric: string; times: Times },
): Promise<void> {
  const started = when.started ?? times.from
  const conditions = { trial, origin: { rule: elsewhere, tool } }
  // Not waited for: what is written later stands behind it.
  const begun = writer.trialStarted({ trial, params, conditions, attempt: 1, at: started })
  if (status === 'interrupted') {
    await begun
    writer.trialProgress(trial, { history })
    await writer.annotate(trial, { tags, metrics })
    return
  }
  const ended = when.ended ?? (when.started === null ? times.to : started)
  const values = value === null ? {} : { [metric]: value }
  const what = { trial, metrics: { ...metrics, ...values }, history, conditions: {}, tags, at: ended }
  if (status === 'failed') await writer.trialEnded({ ...what, status, values: {}, error: error! })
  else if (status === 'pruned') await writer.trialEnded({ ...what, status, values, error: null })
  else await writer.trialEnded({ ...what, status, values, error: null })
}

async function sweepsIn(store: RunStore) {
  try {
    return await store.sweeps()
  } catch (error) {
    // The first sweep of a store makes it.
    if (error instanceof EspalierError && error.code === 'STORE_MISSING') return []
    throw error
  }
}

interface Times {
  readonly from: string
  readonly to: string
  /** Trials without a start. */
  readonly unknown: number
}

function timesOf(trials: readonly ForeignTrial[]): Times {
  const now = new Date().toISOString()
  const starts = trials.flatMap(({ started }) => started ?? [])
  const ends = trials.flatMap(({ started, ended }) => ended ?? started ?? [])
  const from = starts.reduce((a, b) => (Date.parse(b) < Date.parse(a) ? b : a), starts[0] ?? now)
  const to = ends.reduce((a, b) => (Date.parse(b) > Date.parse(a) ? b : a), ends[0] ?? from)
  return { from, to, unknown: trials.length - starts.length }
}

/** Finished trials that the space does not hold, in a sentence; null where there are none. */
function outsideOf({ parameters, trials }: ForeignSweep): string | null {
  const space = createSpace(parameters)
  const finished = trials.filter(({ status }) => status === 'finished')
  const outside = finished.filter(({ params }) => space.check(params).length > 0)
  if (outside.length === 0) return null
  const [first] = outside
  return `${outside.length} of ${finished.length} finished trials are on record and do not lie in the space, so importance passes over them (trial ${first.trial}: ${space.check(first.params)[0].message})`
}

function countsOf(trials: readonly ForeignTrial[]): Recorded['trials'] {
  const counts = { finished: 0, pruned: 0, failed: 0, interrupted: 0 }
  for (const { status } of trials) counts[status]++
  return counts
}

function digestOf({ objective, parameters, trials }: ForeignSweep): string {
  const hash = createHash('sha256').update(JSON.stringify([objective, parameters]))
  for (const trial of trials) hash.update(JSON.stringify(trial))
  return hash.digest('hex')
}

/** Of the import: the machine on which the trials ran is not known. */
async function importConditions(): Promise<SessionConditions> {
  const { espalier, node, user, host, commandLine, workingDirectory } = (await captureConditions()).conditions
  const all = { espalier, node, user, host, commandLine, workingDirectory }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
