/** What a store's record of a sweep tells, for programs and for the command line. What works it out is loaded when it is asked for. */
import type { AnalysedTrials, Insight, InsightOptions } from '../analysis/index.js'
import { checkOptions, oneOf, type Rules, text, wholeNumber } from '../arguments.js'
import { EspalierError } from '../errors.js'
import { nearestHint } from '../spelling.js'
import type { ParentRun, Store } from '../tracking/index.js'
import type { Judging } from './judged.js'
import { judgingOf } from './judging-record.js'
import type { NarrowedSweep } from './narrow.js'

export interface ImportanceOptions extends Pick<InsightOptions, 'metric' | 'direction' | 'resamples'> {}

const optionRules: Rules<ImportanceOptions> = {
  metric: text,
  direction: oneOf('minimize', 'maximize'),
  resamples: wholeNumber(0, 1000),
}

/**
 * Which parameters of a sweep mattered, where it is good, and whether something is wrong with it. `sweep` is its id or a unique
 * beginning of it, `latest`, or its record.
 * @throws EspalierError USAGE where no finished trial has the metric, or nobody says which of its values are better; RUN_UNKNOWN
 *   where there is no such sweep.
 */
export async function importance(
  store: Pick<Store, 'run' | 'sweeps' | 'trials' | 'readArtifact' | 'directory'>,
  sweep: string | ParentRun = 'latest',
  options: ImportanceOptions = {},
): Promise<Insight> {
  checkOptions('an importance', options, optionRules)
  const parent = typeof sweep === 'string' ? await sweepNamed(store, sweep, 'importance is') : sweep
  const trials = await store.trials(parent.id)
  return insightWith({ run: parent, trials, judging: await judgingOf(store, parent) }, options)
}

/** A sweep with its trials. */
export interface AnalysedSweep {
  readonly run: ParentRun
  readonly trials: AnalysedTrials
  readonly judging: Judging | null
}

/** The same of what was read already. */
export async function insightWith(
  { run, trials, judging }: AnalysedSweep,
  options: ImportanceOptions = {},
): Promise<Insight> {
  const { metric = run.objective.metric } = options
  refuseUnknown(run, trials, metric)
  const judged = metric === run.objective.metric ? judging : null
  const { insightOf } = await import('../analysis/index.js')
  return insightOf(run, trials, {
    ...options,
    baseline: judged?.baseline ?? null,
    // Of the trial that was the best when the sweep ended.
    beatsBaseline: judged?.trial === run.best?.trial ? (judged?.beatsBaseline ?? null) : null,
  })
}

/** The sweep file that searches on where an earlier sweep was good. See narrow.ts. */
export async function narrowed(sweep: ParentRun, insight: Insight, out: string): Promise<NarrowedSweep> {
  const { narrowedSweep } = await import('./narrow.js')
  return narrowedSweep(sweep, insight, out)
}

/**
 * A sweep by its id or a unique beginning of it, or the `latest`.
 * @param what the words before "of a sweep" where a trial is named.
 * @throws EspalierError RUN_UNKNOWN, RUN_AMBIGUOUS, USAGE
 */
export async function sweepNamed(
  store: Pick<Store, 'run' | 'sweeps' | 'directory'>,
  id: string,
  what: string,
): Promise<ParentRun> {
  if (id === 'latest') {
    const [latest] = await store.sweeps()
    if (latest !== undefined) return latest
    throw new EspalierError(
      'RUN_UNKNOWN',
      `there is no sweep in ${store.directory} yet; run one: espalier sweep SPACE.json`,
    )
  }
  const run = await store.run(id)
  if (run.kind === 'sweep') return run
  throw new EspalierError('USAGE', `${what} of a sweep, and ${run.id} is a trial; its sweep is ${run.parent}`)
}

function refuseUnknown(sweep: ParentRun, trials: AnalysedTrials, metric: string): void {
  if (metric === sweep.objective.metric) return
  const names = new Set<string>()
  for (const { status, metrics } of trials)
    if (status === 'finished') for (const name of Object.keys(metrics)) names.add(name)
  if (names.has(metric) || names.size === 0) return
  throw new EspalierError(
    'USAGE',
    `importance is for a metric that trials have, and none has "${metric}"${nearestHint(metric, [...names], 'they have')}`,
  )
}
