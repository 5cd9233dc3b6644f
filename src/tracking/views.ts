/** Turns recorded states into the runs that callers see: fresh objects, with what depends on the moment. */
import type { ChildState, ParentState } from './events.js'
import { childIdOf } from './ids.js'
import type { ChildRun, ParentRun, Run } from './types.js'

/** @param live whether a process that lives is writing the sweep: without one, what runs was interrupted. */
export function parentRun(state: ParentState, live: boolean): ParentRun {
  return {
    id: state.id,
    experiment: state.experiment,
    name: state.name,
    status: state.status === 'running' && !live ? 'interrupted' : state.status,
    started: state.started,
    ended: state.ended,
    objective: state.objective,
    trials: {
      finished: state.finished,
      pruned: state.pruned,
      failed: state.failed,
      running: live ? state.open.length : 0,
    },
    best:
      state.best === null
        ? null
        : { run: childIdOf(state.id, state.best.trial), trial: state.best.trial, value: state.best.value },
    metrics: state.metrics,
    tags: state.tags,
    artifacts: state.artifacts,
    error: state.error,
    spec: state.spec,
    sessions: state.sessions,
    deleted: state.deleted ?? [],
  }
}

export function childRun(state: ChildState, parent: ParentState, live: boolean): ChildRun {
  return {
    id: state.id,
    parent: parent.id,
    experiment: parent.experiment,
    name: `trial ${state.trial}`,
    trial: state.trial,
    status: state.status === 'running' && !live ? 'interrupted' : state.status,
    started: state.started,
    ended: state.ended,
    params: state.params,
    value: state.value,
    metrics: state.metrics,
    history: state.history,
    tags: state.tags,
    artifacts: state.artifacts,
    error: state.error,
    attempts: state.attempts,
    conditions: state.conditions,
  }
}

/** Seconds from a run's start to its end; null while it has none. */
export function secondsOf(run: Run): number | null {
  return run.ended === null ? null : (Date.parse(run.ended) - Date.parse(run.started)) / 1000
}
