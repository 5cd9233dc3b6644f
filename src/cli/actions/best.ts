/** `best`: the best trial, and which run is meant by `best` elsewhere. */
import type { BestFilter, ChildRun, ParentRun, Store } from '../../tracking/index.js'
import type { Direction } from '../../values.js'
import * as format from '../format.js'
import { plain, print, printJson, say } from '../output.js'
import { pairs } from '../table.js'
import { called, defined, findSweep, openStoreOf, storeArgument } from './common.js'

export interface Filters {
  experiment?: string
  sweep?: string
  metric?: string
  direction?: Direction
  store?: string
}

export async function showBest(options: Filters & { json?: boolean }): Promise<void> {
  const store = await openStoreOf(options)
  const filter = await filterOf(store, options)
  const run = await store.bestRun(filter)
  const sweep = (await store.run(run.parent)) as ParentRun
  const metric = filter.metric ?? sweep.objective.metric
  const direction = filter.direction ?? sweep.objective.direction
  const value = metric === sweep.objective.metric ? run.value! : run.metrics[metric]
  const model = modelFile(run, store)
  if (options.json) {
    const { id, parent, experiment, trial, params, metrics } = run
    return printJson({ run: id, parent, experiment, trial, value, metric, direction, params, metrics, model })
  }
  print(
    pairs(
      [
        ['run', run.id],
        [
          'is',
          `trial ${run.trial} of sweep ${plain(sweep.name)} (${sweep.id}), experiment ${plain(run.experiment)}`,
        ],
        ['value', `${plain(metric)} ${format.number(value)} (${direction})`],
        ['model', model ?? 'not kept'],
      ],
      '',
    ),
  )
  print('\nparams')
  print(pairs(Object.entries(run.params).map(([name, given]) => [plain(name), format.value(given)])))
  print('\nmetrics')
  print(pairs(format.metricRows(run.metrics)))
  if (model) {
    const command = `${called} predict ${run.id.slice(0, 8)} --data FILE.csv${storeArgument(store.directory)}`
    say(`\nPredictions of its model: ${command}`)
  }
}

/**
 * What the options choose among. Without any, the experiment of the latest sweep: values of different experiments
 * are not comparable.
 */
export async function filterOf(store: Store, options: Filters): Promise<BestFilter> {
  const { experiment, sweep, metric, direction } = options
  const filter = defined({ experiment, sweep, metric, direction })
  if (sweep !== undefined) filter.sweep = (await findSweep(store, sweep)).id
  else if (experiment === undefined) {
    filter.experiment = (await findSweep(store, undefined)).experiment
    const others = (await store.experiments()).length - 1
    if (others > 0) {
      say(
        `among the sweeps of "${plain(filter.experiment)}", the experiment of the latest; --experiment chooses another (${others} more)`,
      )
    }
  }
  if (metric !== undefined && direction === undefined)
    filter.direction = await naturalDirection(store, filter, metric)
  return filter
}

/** Whether less or more of a metric is better, where the sweeps do not say it because it is not their objective. */
async function naturalDirection(
  store: Store,
  filter: BestFilter,
  metric: string,
): Promise<Direction | undefined> {
  const sweeps = await store.sweeps(filter)
  if (sweeps.some(({ objective }) => objective.metric === metric)) return undefined
  const { metricsFor } = await import('../../training/index.js')
  const known = [...metricsFor('classification'), ...metricsFor('regression')].find(
    ({ name }) => name === metric,
  )
  return known?.direction
}

/** Where the model of a run is; null where none was kept. */
export function modelFile(run: ChildRun, store: Store): string | null {
  return run.artifacts.some(({ name }) => name === 'model.json')
    ? store.artifactPath(run, 'model.json')
    : null
}
