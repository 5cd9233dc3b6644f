/** What of a sweep is to be on a server, worked out from the record by itself: for comparison with what is there. */
import type { ChildRun, ParentRun } from '../../../src/tracking/index.js'
import { textOf } from '../../../src/values.js'

export interface Found {
  readonly status: string
  readonly started: number
  readonly ended: number | null
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  /** [key, step, timestamp, value], sorted. */
  readonly metrics: readonly (readonly [string, number, number, number])[]
  readonly files: readonly string[]
}

const statuses = {
  running: 'RUNNING',
  finished: 'FINISHED',
  failed: 'FAILED',
  pruned: 'KILLED',
  interrupted: 'KILLED',
}

export const sorted = (rows: readonly (readonly [string, number, number, number])[]) =>
  [...rows].sort(([a, i, s], [b, j, t]) => (a < b ? -1 : a > b ? 1 : i - j || s - t))

/** Of a trial whose names all are as the server takes them. `tags`: those that are known without the server. */
export function expectedTrial(run: ChildRun, parent: ParentRun): Found {
  const folded = parent.spec.validation !== null
  const began = Date.parse(run.started)
  const ended = run.ended === null ? null : Date.parse(run.ended)
  const rows: [string, number, number, number][] = []
  for (const [name, { steps, values, times }] of Object.entries(run.history)) {
    for (let i = 0; i < steps.length; i++) {
      const key = folded && !name.includes('/fold') ? `folds/${name}` : name
      const span = folded ? run.conditions.fits?.to[steps[i]] : undefined
      const at = times !== undefined ? began + times[i] : span !== undefined ? began + span : ended!
      rows.push([key, steps[i], Math.round(at), values[i]])
    }
  }
  for (const [name, value] of Object.entries(run.metrics)) {
    const last = run.history[name]?.values.at(-1)
    if (folded || last === undefined) rows.push([name, 0, ended!, value])
    else if (last !== value) rows.push([`final/${name}`, 0, ended!, value])
  }
  for (const [name, value] of Object.entries(run.values)) rows.push([`objective/${name}`, 0, ended!, value])
  return {
    status: statuses[run.status],
    started: began,
    ended,
    params: Object.fromEntries(Object.entries(run.params).map(([name, value]) => [name, textOf(value)])),
    tags: {
      'espalier.run': run.id,
      'espalier.sweep': parent.id,
      'espalier.role': 'trial',
      'espalier.status': run.status,
      'espalier.trial': String(run.trial),
      'espalier.best': String(parent.best?.run === run.id && parent.status !== 'running'),
      'mlflow.runName': run.name,
      ...(run.error && { 'espalier.error': `${run.error.code}: ${run.error.message}` }),
    },
    metrics: sorted(rows),
    files: run.artifacts.map(({ name }) => name).sort(),
  }
}
