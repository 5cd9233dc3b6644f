/** `best`: the best trial, and which run is meant by `best` elsewhere. */
import { EspalierError } from '../../errors.js'
import { importancesOf, judgingOf } from '../../launch/judging-record.js'
import { artifactNames } from '../../names.js'
import { isImported } from '../../origin.js'
import { nearestHint } from '../../spelling.js'
import type { BestFilter, ChildRun, ParentRun, Store } from '../../tracking/index.js'
import { betterSide, type Direction, isJsonObject, type JsonObject } from '../../values.js'
import * as format from '../format.js'
import { plain, print, printJson, say } from '../output.js'
import { pairs } from '../table.js'
import { called, checkExperiment, defined, findSweep, openStoreOf, storeArgument } from './common.js'
import { importancesTable, judgedPairs, judgedTables } from './judged.js'
import { familiesText } from './sweep-summary.js'

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
  const direction = filter.direction ?? (await directionOf(store, filter, metric))
  const value = metric === sweep.objective.metric ? run.value! : run.metrics[metric]
  const model = modelFile(run, store)
  const families = await familiesAmong(sweep, store)
  const judged = await judgingOf(store, sweep)
  // Of the trial that was the best when its sweep ended.
  const judging = judged?.trial === run.trial ? judged : null
  const importances = await importancesOf(store, run)
  if (options.json) {
    const { id, parent, experiment, trial, params, metrics } = run
    const shown = { run: id, parent, experiment, trial, value, metric, direction, params, metrics, model }
    const { baseline = null } = judging ?? {}
    return printJson({ ...shown, baseline, judging, importances, ...(families !== null && { families }) })
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
        ...(judging === null ? [] : judgedPairs(judging)),
        ['among', await among(store, filter)],
        ['model', model ?? noModel(sweep)],
      ],
      '',
    ),
  )
  print('\nparams')
  print(pairs(Object.entries(run.params).map(([name, given]) => [plain(name), format.value(given)])))
  print('\nmetrics')
  print(pairs(format.metricRows(run.metrics)))
  if (families !== null) print(familiesText(families, sweep.objective.metric))
  const tables = [
    ...(judging === null ? [] : judgedTables(judging)),
    ...(importances === null ? [] : [importancesTable(importances)]),
  ]
  for (const [title, body] of tables) print(`\n${title}\n${body}`)
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
        `among the sweeps of "${plain(filter.experiment)}", the experiment of the latest; ${called} best --experiment NAME shows that of another (${others} more)`,
      )
    }
  }
  if (experiment !== undefined) await checkExperiment(store, experiment)
  if (filter.sweep === undefined) await warnOfUnlike(store, filter.experiment!)
  if (metric !== undefined) await checkMetric(store, filter, metric)
  return filter
}

/** Each of the trainers that a sweep chose among; null where there was one. */
async function familiesAmong(sweep: ParentRun, store: Store) {
  const { trainer } = sweep.spec
  if (!isJsonObject(trainer) || trainer.kind !== 'choice') return null
  const { familiesOf } = await import('../../launch/index.js')
  return familiesOf(sweep, await store.trials(sweep.id))
}

/** How many trials it was chosen among, in the words in which a sweep ends. */
async function among(store: Store, { experiment, sweep }: BestFilter): Promise<string> {
  const sweeps = await store.sweeps({ experiment, sweep })
  const trials = { finished: 0, pruned: 0, failed: 0, running: 0 }
  for (const one of sweeps)
    for (const name of ['finished', 'pruned', 'failed', 'running'] as const) trials[name] += one.trials[name]
  const total = trials.finished + trials.pruned + trials.failed + trials.running
  const of = sweeps.length === 1 ? '' : ` of ${format.count(sweeps.length, 'sweep')}`
  return `${format.count(total, 'trial')} (${format.counts(trials)})${of}`
}

/** Throws where no trial has the metric, with the nearest name. */
async function checkMetric(store: Store, filter: BestFilter, metric: string): Promise<void> {
  const { experiment, sweep } = filter
  const names = new Set<string>()
  for (const { metrics } of await store.runs({ experiment, sweep })) {
    if (Object.hasOwn(metrics, metric)) return
    for (const name of Object.keys(metrics)) names.add(name)
  }
  // Without any metric, that there is no finished trial is what is to be said.
  if (names.size === 0) return
  throw new EspalierError(
    'USAGE',
    `the best is chosen by a metric that trials have, and none has "${metric}"${nearestHint(metric, [...names], 'they have')}`,
  )
}

/** The side of a metric that was taken for the better one. */
async function directionOf(store: Store, { experiment, sweep }: BestFilter, metric: string) {
  const sweeps = await store.sweeps({ experiment, sweep })
  return (
    sweeps.find(({ objective }) => objective.metric === metric)?.objective.direction ?? betterSide(metric)
  )
}

/** Why a run has no model, and what would give it one. */
function noModel({ spec }: ParentRun): string {
  if (isJsonObject(spec.trainer) && spec.trainer.kind === 'command')
    return 'none: a program keeps its own, as an artifact or a checkpoint (espalier runs show RUN)'
  if (isImported(spec)) return 'none: the trials were imported, and their models are where they ran'
  if (spec.data === null) return 'none: an objective leaves no model'
  if (spec.keepModels === 'none') return 'not kept (--keep-models none)'
  return 'not kept: only trials that were the best when they ended keep theirs; --keep-models all keeps every one'
}

/** Values are compared across the sweeps of an experiment: said where they were not measured alike. */
async function warnOfUnlike(store: Store, experiment: string): Promise<void> {
  const measured = (await store.sweeps({ experiment })).map(({ spec }) => {
    const { digest, target } = (spec.data ?? {}) as JsonObject
    return JSON.stringify([digest, target, spec.validation])
  })
  if (new Set(measured).size > 1) {
    say(
      `the sweeps of "${plain(experiment)}" differ in data or validation, so their values may not compare; --sweep chooses one`,
    )
  }
}

/** Where the model of a run is; null where none was kept. */
export function modelFile(run: ChildRun, store: Store): string | null {
  return run.artifacts.some(({ name }) => name === artifactNames.model)
    ? store.artifactPath(run, artifactNames.model)
    : null
}
