/** The record of one trial, with its steps and output as they grow. */
import type { ChildRun, Histories, MetricHistory } from '../../tracking/index.js'
import type { FurtherSteps } from '../data/index.js'
import { messageOf, type TrialsEvent } from './open-sweep.js'
import type { Source } from './source.js'
import type { SweepDisplay } from './sweep-display.js'

/** Calls back with the record, and again with what comes of it. Returns how to stop. */
export function followTrial(
  source: Source,
  display: Pick<SweepDisplay, 'id' | 'listen' | 'loaded'>,
  trial: number,
  onRun: (run: ChildRun) => void,
  onProblem: (problem: string) => void,
): () => void {
  let run: ChildRun | null = null
  let stopped = false
  const show = (next: ChildRun) => {
    run = next
    if (!stopped) onRun(next)
  }
  const ask = () => {
    source.trial(display.id, trial).then(show, (error) => {
      if (!stopped) onProblem(messageOf(error))
    })
  }
  const stop = display.listen((event) => {
    // A trial that has begun anew, ended, or been tagged: its record says it whole.
    if (event.rows.some((row) => row.trial === trial)) ask()
    else if (run !== null) {
      const next = withNews(run, event)
      if (next !== run) show(next)
    }
  })
  // At once, and again with each table: what was not told of one by one is in the next.
  const stopLoading = display.loaded.subscribe(ask)
  return () => {
    stopped = true
    stopLoading()
    stop()
  }
}

/** The run with further steps and output; itself where there are none of it. */
function withNews(run: ChildRun, { steps, output }: TrialsEvent): ChildRun {
  const further = steps.find(({ trial }) => trial === run.trial)
  const printed = output.find(({ trial }) => trial === run.trial)
  if (further === undefined && printed === undefined) return run
  return {
    ...run,
    ...(further === undefined ? {} : { history: grown(run.history, further) }),
    ...(printed === undefined ? {} : { output: printed.lines }),
  } as ChildRun
}

/** Steps from `from` on are replaced, so that to be told of them twice does no harm. */
export function grown(history: Histories, { history: further, from }: FurtherSteps): Histories {
  // Not by assigning to an object: a metric may be called `__proto__`.
  const all = new Map(Object.entries(history))
  for (const [name, series] of Object.entries(further)) {
    const at = Object.hasOwn(from, name) ? from[name] : 0
    const before: MetricHistory = all.get(name) ?? { steps: [], values: [] }
    all.set(name, {
      steps: [...before.steps.slice(0, at), ...series.steps],
      values: [...before.values.slice(0, at), ...series.values],
      ...(series.times && { times: [...(before.times ?? []).slice(0, at), ...series.times] }),
    })
  }
  return Object.fromEntries(all)
}
