/**
 * What a journal says, and what it adds up to. A journal is a list of events; the record of a sweep is those
 * events applied in order, by the two functions here, whether they are being written or read back.
 *
 * The parent's state is kept apart from the children's, so that a list of sweeps need not hold every trial.
 */
import {
  isBetterTrial,
  type JsonObject,
  type Metrics,
  type Objectives,
  type OutcomeStatus,
  type Params,
  type RankedTrial,
} from '../values.js'
import { type AnsweredRequest, answeredRequest } from './acts.js'
import { lastReported } from './outcome.js'
import type {
  Artifact,
  Attempt,
  ChildRun,
  DeletedTrial,
  Histories,
  MetricHistory,
  Person,
  RunError,
  SessionConditions,
  StartConditions,
  TrialConditions,
  TrialOutcome,
  TrialProgress,
} from './types.js'

type Tags = Readonly<Record<string, string>>

export type SweepEvent =
  | {
      event: 'created'
      at: string
      experiment: string
      name: string
      objectives: Objectives
      tags: Tags
      spec: JsonObject
      conditions: SessionConditions
    }
  /** Taken up again. Trials that were running then had been cut off. */
  | { event: 'session'; at: string; conditions: SessionConditions; spec?: JsonObject }
  | {
      event: 'started'
      trial: number
      /** The child's id: it follows from the trial, and stands here so that a search for it finds the line. */
      run: string
      at: string
      attempt: number
      params: Params
      conditions: StartConditions
    }
  /** What a running trial has come to since the last one; its end takes the place of all of them. */
  | ({ event: 'progress'; trial: number; at: string } & TrialProgress)
  | { event: 'attempt failed'; trial: number; at: string; attempt: number; error: RunError; inVain?: boolean }
  | ({ event: 'ended'; trial: number; at: string; tags?: Tags } & TrialOutcome)
  | { event: 'artifact'; trial: number | null; artifact: Artifact }
  | {
      event: 'annotated'
      trial: number | null
      /** null takes a metric away, here and in the tags. */
      metrics?: Readonly<Record<string, number | null>>
      tags?: Readonly<Record<string, string | null>>
      conditions?: TrialConditions | SessionConditions
    }
  /** A child run taken out. `status`: as it counted until then; `best`: the best of those left. */
  | {
      event: 'deleted'
      trial: number
      status: OutcomeStatus | 'open'
      best: ParentState['best']
      /** When and by whom; unknown of journals of version 1. */
      at?: string
      by?: Person
    }
  /** Somebody asked something of the sweep while it ran. `spec`: entries of its spec that are others from then on. */
  | ({ event: 'asked'; spec?: JsonObject } & AnsweredRequest)
  | {
      event: 'finished'
      at: string
      status: 'finished' | 'failed' | 'interrupted'
      error: RunError | null
      metrics?: Metrics
      tags?: Readonly<Record<string, string | null>>
    }
  /** Written in place of all that came before when a journal is compacted: the parent, then each child. */
  | { event: 'parent'; state: ParentState }
  | { event: 'child'; child: ChildState }

type Kept<T> = T extends ChildRun ? Omit<T, 'kind' | 'parent' | 'experiment' | 'name' | 'value'> : never

/** A child run without what follows from its parent. `attempt`: the latest one's number. */
export type ChildState = Kept<ChildRun> & { readonly attempt: number }

type ChildUnderway = Extract<ChildState, { status: 'running' | 'interrupted' }>

/** A parent run as recorded: plain JSON. Nothing in it depends on whether its writer is alive. */
export interface ParentState {
  id: string
  experiment: string
  name: string
  status: 'running' | 'finished' | 'failed' | 'interrupted'
  started: string
  ended: string | null
  objectives: Objectives
  tags: Tags
  metrics: Metrics
  artifacts: readonly Artifact[]
  error: RunError | null
  spec: JsonObject
  /** `done`: trials that had ended when it began; missing where an earlier version compacted the journal. */
  sessions: readonly { started: string; conditions: SessionConditions; done?: number }[]
  finished: number
  pruned: number
  failed: number
  /** Trials that began in the latest session and did not end. */
  open: readonly number[]
  best: RankedTrial | null
  /** One more than the highest trial number there ever was. */
  trials: number
  /** Trials that were taken out, in that order; none where it is missing. */
  deleted?: readonly DeletedTrial[]
  /** What was asked of it while it ran, in the order in which it was answered; none where it is missing. */
  requests?: readonly AnsweredRequest[]
}

/**
 * What a writer keeps of its sweep, and lowdb as `data`: what may still change. Trials that have ended are in the
 * journal; keeping them here as well would cost twice their length in memory.
 */
export interface SweepRecord {
  parent: ParentState | null
  /** Trials that run or were interrupted. Child states are replaced, never changed. */
  open: Map<number, ChildState>
  /** How the others ended. */
  ended: Map<number, OutcomeStatus>
  /** The journal still tells of a trial that was deleted. */
  stale: boolean
}

export function emptyRecord(): SweepRecord {
  return { parent: null, open: new Map(), ended: new Map(), stale: false }
}

export function statusOf(record: SweepRecord, trial: number): ChildState['status'] | undefined {
  return record.ended.get(trial) ?? record.open.get(trial)?.status
}

export function applyEvent(record: SweepRecord, sweep: string, event: SweepEvent): void {
  // For readers: a writer has no use for it, and would hold it twice.
  if (event.event === 'progress') return
  const { open, ended } = record
  if (event.event === 'ended') {
    open.delete(event.trial)
    ended.set(event.trial, event.status)
  } else if (event.event === 'child' && isOutcome(event.child.status)) {
    ended.set(event.child.trial, event.child.status)
  } else {
    if (event.event === 'deleted') {
      ended.delete(event.trial)
      record.stale = true
    }
    applyToChildren(open, event)
  }
  record.parent = applyToParent(record.parent, sweep, event)
}

function isOutcome(status: ChildState['status']): status is OutcomeStatus {
  return status === 'finished' || status === 'pruned' || status === 'failed'
}

/** The better of two trials, of which the first may be none yet. */
export function better(
  best: RankedTrial | null,
  { trial, values }: RankedTrial,
  objectives: Objectives,
): RankedTrial {
  return best === null || isBetterTrial({ trial, values }, best, objectives) ? { trial, values } : best
}

/** Changes `state` in place where it can; returns the state to go on with. */
export function applyToParent(
  state: ParentState | null,
  sweep: string,
  event: SweepEvent,
): ParentState | null {
  if (event.event === 'created') {
    return {
      id: sweep,
      experiment: event.experiment,
      name: event.name,
      status: 'running',
      started: event.at,
      ended: null,
      objectives: event.objectives,
      tags: event.tags,
      metrics: {},
      artifacts: [],
      error: null,
      spec: event.spec,
      sessions: [{ started: event.at, conditions: event.conditions, done: 0 }],
      finished: 0,
      pruned: 0,
      failed: 0,
      open: [],
      best: null,
      trials: 0,
    }
  }
  if (event.event === 'parent') return event.state
  if (state === null) return null
  switch (event.event) {
    case 'session':
      state.status = 'running'
      state.ended = null
      state.error = null
      state.open = []
      state.sessions = [
        ...state.sessions,
        {
          started: event.at,
          conditions: event.conditions,
          done: state.finished + state.pruned + state.failed,
        },
      ]
      if (event.spec !== undefined) state.spec = event.spec
      break
    case 'started':
      if (!state.open.includes(event.trial)) state.open = [...state.open, event.trial]
      state.trials = Math.max(state.trials, event.trial + 1)
      break
    case 'ended':
      state.open = state.open.filter((trial) => trial !== event.trial)
      state[event.status]++
      if (event.status === 'finished') state.best = better(state.best, event, state.objectives)
      break
    case 'artifact':
      if (event.trial === null) state.artifacts = withArtifact(state.artifacts, event.artifact)
      break
    case 'annotated':
      if (event.trial === null) {
        state.metrics = withChanges(state.metrics, event.metrics)
        state.tags = withChanges(state.tags, event.tags)
        if (event.conditions !== undefined) {
          const last = state.sessions.at(-1)!
          const conditions = { ...last.conditions, ...event.conditions }
          state.sessions = [...state.sessions.slice(0, -1), { ...last, conditions }]
        }
      }
      break
    case 'deleted': {
      const { status } = event
      if (status === 'open') state.open = state.open.filter((trial) => trial !== event.trial)
      else state[status]--
      state.best = event.best
      state.deleted = [
        ...(state.deleted ?? []),
        { trial: event.trial, at: event.at ?? null, by: event.by ?? null },
      ]
      break
    }
    case 'asked':
      state.requests = [...(state.requests ?? []), answeredRequest(event)]
      if (event.spec !== undefined) state.spec = { ...state.spec, ...event.spec }
      break
    case 'finished':
      state.status = event.status
      state.ended = event.at
      state.error = event.error
      state.metrics = withChanges(state.metrics, event.metrics)
      state.tags = withChanges(state.tags, event.tags)
      break
  }
  return state
}

export function applyToChildren(children: Map<number, ChildState>, event: SweepEvent): void {
  switch (event.event) {
    case 'started': {
      const before = children.get(event.trial)
      children.set(event.trial, {
        id: event.run,
        trial: event.trial,
        status: 'running',
        started: event.at,
        ended: null,
        params: event.params,
        values: {},
        metrics: {},
        history: {},
        seats: [],
        output: [],
        tags: before?.tags ?? {},
        artifacts: before?.artifacts ?? [],
        error: null,
        attempts: before?.attempts ?? [],
        conditions: event.conditions,
        attempt: event.attempt,
      })
      break
    }
    case 'progress': {
      const child = children.get(event.trial)
      if (child?.status === 'running') children.set(event.trial, withProgress(child, event))
      break
    }
    case 'attempt failed': {
      const child = children.get(event.trial)
      if (child === undefined) break
      const { attempt, at: ended, error, inVain } = event
      const how = inVain === true ? { error: null, inVain: error } : { error }
      const failed: Attempt = { attempt, started: child.started, ended, ...how }
      children.set(event.trial, { ...child, attempts: [...child.attempts, failed] })
      break
    }
    case 'ended': {
      const child = children.get(event.trial)
      if (child === undefined) break
      const { event: _, at: ended, tags, conditions, ...outcome } = event
      children.set(event.trial, {
        id: child.id,
        started: child.started,
        ended,
        params: child.params,
        ...outcome,
        tags: tags === undefined ? child.tags : { ...child.tags, ...tags },
        artifacts: child.artifacts,
        attempts: child.attempts,
        conditions: { ...child.conditions, ...conditions },
        attempt: child.attempt,
      })
      break
    }
    case 'artifact': {
      const child = event.trial === null ? undefined : children.get(event.trial)
      if (child === undefined) break
      children.set(child.trial, { ...child, artifacts: withArtifact(child.artifacts, event.artifact) })
      break
    }
    case 'annotated': {
      const child = event.trial === null ? undefined : children.get(event.trial)
      if (child === undefined) break
      children.set(child.trial, {
        ...child,
        metrics: withChanges(child.metrics, event.metrics),
        tags: withChanges(child.tags, event.tags),
        conditions: { ...child.conditions, ...event.conditions },
      })
      break
    }
    case 'session':
      for (const child of children.values()) {
        if (child.status === 'running') children.set(child.trial, cutOff(child))
      }
      break
    case 'deleted':
      children.delete(event.trial)
      break
    case 'child':
      children.set(event.child.trial, event.child)
      break
  }
}

/** Lines kept of what a running trial prints. */
export const mostOutput = 100

function withProgress(
  child: ChildUnderway,
  { history, seats, workers, lost, output }: TrialProgress,
): ChildUnderway {
  const longer = history === undefined ? child.history : withSteps(child.history, history)
  return {
    ...child,
    history: longer,
    metrics: history === undefined ? child.metrics : { ...child.metrics, ...lastReported(history) },
    seats: seats ?? child.seats,
    workers: seats === undefined ? child.workers : workers,
    lost: lost === undefined ? child.lost : [...(child.lost ?? []), ...lost],
    output: output === undefined ? child.output : [...child.output, ...output].slice(-mostOutput),
  }
}

/** The same steps, and further ones behind them. */
export function withSteps(before: Histories, more: Histories): Histories {
  const history: Record<string, MetricHistory> = { ...before }
  for (const [name, { steps, values, times }] of Object.entries(more)) {
    const known = Object.hasOwn(before, name) ? before[name] : { steps: [], values: [], times: [] }
    history[name] = {
      steps: [...known.steps, ...steps],
      values: [...known.values, ...values],
      ...(known.times && times && { times: [...known.times, ...times] }),
    }
  }
  return history
}

/** A child whose process ended before it did. An attempt already known to have failed is not listed twice. */
function cutOff(child: ChildUnderway): ChildState {
  const listed = child.attempts.some((attempt) => attempt.attempt === child.attempt)
  const attempts = listed
    ? child.attempts
    : [...child.attempts, { attempt: child.attempt, started: child.started, ended: null, error: null }]
  return { ...child, status: 'interrupted', attempts, seats: [], workers: undefined, lost: undefined }
}

/** These entries with some changed, or taken away (null). */
export function withChanges<T>(
  entries: Readonly<Record<string, T>>,
  changes: Readonly<Record<string, T | null>> | undefined,
): Readonly<Record<string, T>> {
  if (changes === undefined) return entries
  const kept = Object.entries({ ...entries, ...changes }).filter(([, value]) => value !== null)
  return Object.fromEntries(kept) as Record<string, T>
}

/** A newer artifact takes the place of one of the same name. */
function withArtifact(artifacts: readonly Artifact[], added: Artifact): readonly Artifact[] {
  return [...artifacts.filter((artifact) => artifact.name !== added.name), added]
}
