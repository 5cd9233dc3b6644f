/**
 * Brings what journals of earlier formats say to the form of today, so that nobody behind this file knows of them.
 *
 *   version 1  one objective: `objective` of a sweep, `value` of a trial and of the best one
 *   version 2  several:       `objectives`,             `values` by the metric's name
 *   version 3  also what was asked of a sweep while it ran
 *
 * Events are known by their entries, not by the version in the journal's head: one that was begun by an earlier version
 * and goes on under this one holds both.
 */
import type { MetricObjective, Objectives, RankedTrial, Values } from '../values.js'
import type { ChildState, ParentState, SweepEvent } from './events.js'

type Old = { readonly [entry: string]: unknown }
type Valued = Old & { readonly value: number | null }

export class Upgrade {
  #metric: string | undefined

  event(event: SweepEvent): SweepEvent {
    switch (event.event) {
      case 'created':
        return this.#sweep(event)
      case 'parent':
        return { event: 'parent', state: this.parent(event.state) }
      case 'ended':
        return this.#trial(event)
      case 'child':
        return { event: 'child', child: this.#trial<ChildState>(event.child) }
      case 'deleted':
        return { ...event, best: this.#best(event.best) }
      default:
        return event
    }
  }

  /** The state that a snapshot holds: events that follow on it come after this. */
  parent(state: ParentState): ParentState {
    const upgraded = this.#sweep(state)
    return { ...upgraded, best: this.#best(upgraded.best) }
  }

  #sweep<T extends { objectives: Objectives }>(sweep: T): T {
    if (!Object.hasOwn(sweep, 'objectives')) {
      const { objective, ...rest } = sweep as Old
      sweep = { ...rest, objectives: [objective as MetricObjective] } as unknown as T
    }
    this.#metric = sweep.objectives[0].metric
    return sweep
  }

  #best(best: RankedTrial | null): RankedTrial | null {
    return best && this.#trial(best)
  }

  #trial<T extends { values: Values }>(trial: T): T {
    if (Object.hasOwn(trial, 'values')) return trial
    const { value, ...rest } = trial as unknown as Valued
    return { ...rest, values: value === null ? {} : { [this.#metric!]: value } } as unknown as T
  }
}
