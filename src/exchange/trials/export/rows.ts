/** Trials as rows of named columns, the same in every table that is written. */
import type { ChildRun, ParentRun } from '../../../tracking/index.js'
import { type JsonValue, secondsBetween } from '../../../values.js'

/** A column of a table: by trial, null where one has nothing there. */
export interface TableColumn {
  readonly name: string
  readonly cells: readonly JsonValue[]
}

/** What a trial is, its params, metrics and tags, then its steps as JSON. The names are those of `runs export`. */
export function columnsFor(_: ParentRun, trials: readonly ChildRun[]): TableColumn[] {
  const fact = (name: string, of: (trial: ChildRun) => JsonValue): TableColumn => ({
    name,
    cells: trials.map(of),
  })
  const family = (
    prefix: string,
    of: (trial: ChildRun) => Readonly<Record<string, JsonValue>>,
  ): TableColumn[] => {
    const names = new Set(trials.flatMap((trial) => Object.keys(of(trial))))
    return [...names].map((name) =>
      fact(prefix + name, (trial) => (Object.hasOwn(of(trial), name) ? of(trial)[name] : null)),
    )
  }
  return [
    fact('run', ({ id }) => id),
    fact('parent', ({ parent }) => parent),
    fact('experiment', ({ experiment }) => experiment),
    fact('trial', ({ trial }) => trial),
    fact('status', ({ status }) => status),
    fact('value', ({ value }) => value),
    fact('started', ({ started }) => started),
    fact('ended', ({ ended }) => ended),
    fact('seconds', ({ started, ended }) => (ended === null ? null : secondsBetween(started, ended))),
    fact('error', ({ error }) => (error === null ? null : `${error.code}: ${error.message}`)),
    ...family('params.', ({ params }) => params),
    ...family('metrics.', ({ metrics }) => metrics),
    ...family('tags.', ({ tags }) => tags),
    fact('history', ({ history }) =>
      Object.keys(history).length === 0 ? null : (history as unknown as JsonValue),
    ),
  ]
}
