/** The best run among several sweeps. */
import { EspalierError } from '../errors.js'
import { betterSide, type Direction, isBetter } from '../values.js'
import type { BestFilter, ChildRun, ParentRun } from './types.js'

/**
 * Only finished trials count. Of equal values the one of the older sweep is taken, and within a sweep the lower
 * trial number.
 * @param sweeps newest first, as `Store.sweeps` gives them.
 * @param trialsOf reads the children of a sweep.
 */
export async function findBest(
  sweeps: readonly ParentRun[],
  filter: BestFilter,
  trialsOf: (sweep: string) => Promise<readonly ChildRun[]>,
): Promise<ChildRun | null> {
  if (sweeps.length === 0) return null
  const metric = filter.metric ?? commonMetric(sweeps)
  const direction = filter.direction ?? commonDirection(sweeps, metric)

  let best: { value: number; sweep: string; trial: number | ChildRun } | null = null
  for (const sweep of sweeps.toReversed()) {
    if (sweep.objective.metric === metric && sweep.objective.direction === direction) {
      // The record keeps this one: no need to read the trials.
      if (sweep.best !== null && (best === null || isBetter(sweep.best.value, best.value, direction))) {
        best = { value: sweep.best.value, sweep: sweep.id, trial: sweep.best.trial }
      }
      continue
    }
    for (const run of await trialsOf(sweep.id)) {
      if (run.status !== 'finished') continue
      const value = metric === sweep.objective.metric ? run.value : ownValue(run.metrics, metric)
      if (value !== null && (best === null || isBetter(value, best.value, direction))) {
        best = { value, sweep: sweep.id, trial: run }
      }
    }
  }
  if (best === null) return null
  const { sweep, trial } = best
  if (typeof trial !== 'number') return trial
  const found = (await trialsOf(sweep)).find((run) => run.trial === trial)
  // Deleted in this moment, or it cannot be read.
  return found ?? findBest(without(sweep, sweeps), filter, trialsOf)
}

const without = (sweep: string, sweeps: readonly ParentRun[]) => sweeps.filter(({ id }) => id !== sweep)

function ownValue(metrics: Readonly<Record<string, number>>, name: string): number | null {
  return Object.hasOwn(metrics, name) ? metrics[name] : null
}

function commonMetric(sweeps: readonly ParentRun[]): string {
  const metrics = new Set(sweeps.map((sweep) => sweep.objective.metric))
  if (metrics.size === 1) return sweeps[0].objective.metric
  throw new EspalierError(
    'USAGE',
    `The best run is the best in one metric, but these sweeps optimise ${[...metrics].join(', ')}. Choose the metric (--metric), or among the sweeps (--experiment, --sweep).`,
  )
}

function commonDirection(sweeps: readonly ParentRun[], metric: string): Direction {
  const about = sweeps.filter((sweep) => sweep.objective.metric === metric)
  const directions = new Set(about.map((sweep) => sweep.objective.direction))
  if (directions.size === 1) return about[0].objective.direction
  const own = directions.size === 0 ? betterSide(metric) : undefined
  if (own !== undefined) return own
  const found =
    directions.size === 0
      ? `no sweep here optimises ${metric}, so none says which`
      : `some of these sweeps minimize ${metric} and some maximize it`
  throw new EspalierError(
    'USAGE',
    `The best run has the largest or the smallest value of a metric, but ${found}. Give the direction (--direction).`,
  )
}

/** The filter as the end of a sentence. */
export function inWords(filter: BestFilter, store: string): string {
  const parts = [`in ${store}`]
  if (filter.experiment !== undefined) parts.push(`of the experiment ${JSON.stringify(filter.experiment)}`)
  if (filter.sweep !== undefined) parts.push(`of the sweep ${filter.sweep}`)
  if (filter.status !== undefined) parts.push(`in sweeps that are ${filter.status}`)
  return parts.join(' ')
}
