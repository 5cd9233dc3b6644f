/** Turns recorded states into the runs that callers see: fresh objects, with what depends on the moment. */

import { recordedRequest } from './acts.js'
import { sessionConditions, trialConditions } from './conditions.js'
import type { ChildState, ParentState } from './events.js'
import { childIdOf } from './ids.js'
import type { ChildRun, EndedTrial, ParentRun } from './types.js'

/** @param live whether a process that lives is writing the sweep: without one, what runs was interrupted. */
export function parentRun(state: ParentState, live: boolean): ParentRun {
  const { metric } = state.objectives[0]
  return {
    kind: 'sweep',
    id: state.id,
    experiment: state.experiment,
    name: state.name,
    status: state.status === 'running' && !live ? 'interrupted' : state.status,
    started: state.started,
    ended: state.ended,
    objectives: state.objectives,
    objective: state.objectives[0],
    trials: {
      finished: state.finished,
      pruned: state.pruned,
      failed: state.failed,
      running: live ? state.open.length : 0,
    },
    best:
      state.best === null
        ? null
        : {
            run: childIdOf(state.id, state.best.trial),
            trial: state.best.trial,
            value: state.best.values[metric],
          },
    metrics: state.metrics,
    tags: state.tags,
    artifacts: state.artifacts,
    error: state.error,
    spec: state.spec,
    sessions: state.sessions.map(({ started, conditions, done = null }) => ({
      started,
      done,
      conditions: sessionConditions(conditions, state.id),
    })),
    deleted: state.deleted ?? [],
    requests: (state.requests ?? []).map((request) => recordedRequest(request, state.id)),
  }
}

export function childRun(state: ChildState, parent: ParentState, live: boolean): ChildRun {
  const { metric } = parent.objectives[0]
  const facts = {
    kind: 'trial' as const,
    id: state.id,
    parent: parent.id,
    experiment: parent.experiment,
    name: `trial ${state.trial}`,
    trial: state.trial,
    status: state.status === 'running' && !live ? 'interrupted' : state.status,
    started: state.started,
    ended: state.ended,
    params: state.params,
    value: Object.hasOwn(state.values, metric) ? state.values[metric] : null,
    values: state.values,
    metrics: state.metrics,
    history: state.history,
    tags: state.tags,
    artifacts: state.artifacts,
    error: state.error,
    attempts: state.attempts,
    conditions: trialConditions(state.conditions, state.id),
    ...('seats' in state && {
      seats: live ? state.seats : [],
      ...(live && state.workers && { workers: state.workers }),
      ...(live && state.lost && { lost: state.lost }),
      output: state.output,
    }),
  }
  // A union is not seen through its single entries; the states were made of outcomes.
  return facts as ChildRun
}

/** Whether a trial has an outcome. */
export function hasEnded(run: ChildRun): run is EndedTrial {
  return run.status !== 'running' && run.status !== 'interrupted'
}
