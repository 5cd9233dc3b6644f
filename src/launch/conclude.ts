/** The end of a sweep: what is said of it, measured and recorded when its trials have ended, and its result. */
import { tagNames } from '../names.js'
import { type SweepEnd, type SweepEvent, settledMessage } from '../sweep/index.js'
import { experimentIdOf, type ParentRun, type RunStore, type SessionConditions } from '../tracking/index.js'
import type { Baseline } from '../training/index.js'
import { correctedEstimate } from './corrected.js'
import { familiesOf } from './families.js'
import { recordCorrected, withdrawFigures } from './figures.js'
import { type Judging, judgingOfBest, recordJudging } from './judged.js'
import type { PreparedSweep } from './prepare.js'
import type { OpenedRecord } from './session.js'
import type { SweepSpec } from './spec/types.js'
import type { CorrectedEstimate, EnsembleResult, LaunchHooks, SweepResult } from './types.js'

export interface Ended {
  readonly prepared: PreparedSweep
  readonly store: RunStore
  readonly experiment: string
  readonly opened: OpenedRecord
  readonly end: SweepEnd
  readonly began: { readonly at: number; readonly processor: NodeJS.CpuUsage }
  /** Grows by what is said at the end. */
  readonly notes: readonly string[]
  readonly hooks: Pick<LaunchHooks, 'onEvent'>
  /** ms it had in this session, in place of a number of trials. */
  readonly budget: number | null
  readonly ensemble: EnsembleResult | null
  /** By a metric of one's own. */
  readonly ownBaseline: Baseline | null
}

/** Ends the record. */
export async function conclude(ended: Ended): Promise<SweepResult> {
  const { prepared, store, experiment, end, began, notes } = ended
  const { spec } = prepared
  const { writer } = ended.opened
  const note = (message: string) => ended.hooks.onEvent?.({ type: 'note', message } satisfies SweepEvent)
  for (const message of reasonsToStop(end, spec, ended.budget)) note(message)
  const corrected = await figuresOf(ended, note)
  const judged = await judgedBest(ended, note)
  await writer.annotate(null, { conditions: resourcesUsed(began.processor) })
  await writer.finish({
    status: end.status,
    error: end.error,
    // null: not the reason of an earlier end either.
    tags: { [tagNames.stopped]: end.stopped },
  })
  const childId = writer.childId.bind(writer)
  const families =
    spec.trainer.kind === 'choice'
      ? familiesOf((await store.run(writer.id)) as ParentRun, await store.trials(writer.id))
      : null
  return {
    experiment: { id: experimentIdOf(experiment), name: experiment },
    run: writer.id,
    status: end.status,
    seed: spec.search.seed,
    trials: end.counts,
    best: end.best && {
      run: childId(end.best.trial),
      trial: end.best.trial,
      value: end.best.values[spec.objective.metric],
      params: end.best.params,
      metrics: end.best.metrics,
    },
    seconds: (performance.now() - began.at) / 1000,
    holdout: end.holdout,
    corrected,
    baseline: judged?.baseline ?? null,
    objective: spec.objective,
    failures: end.failures.map((one) => ({ ...one, run: childId(one.trial) })),
    stopped: end.stopped,
    notes,
    ensemble: ended.ensemble,
    families,
    store: store.directory,
  }
}

/** Sets the best beside its baseline, and says where that is nothing to be glad of. */
async function judgedBest(
  { prepared, store, opened: { writer }, end, ownBaseline }: Ended,
  note: (message: string) => void,
): Promise<Judging | null> {
  if (end.status !== 'finished' || end.best === null) return null
  const judging = await judgingOfBest(prepared, store, writer.id, end.best, ownBaseline)
  if (judging === null) return null
  await recordJudging(writer, judging)
  for (const sentence of judging.said) note(sentence)
  return judging
}

/** Measures what belongs to the best of all trials, and takes away what an earlier end said of another one. */
async function figuresOf(
  { prepared, store, opened, end }: Ended,
  note: (message: string) => void,
): Promise<CorrectedEstimate | null> {
  if (end.status !== 'finished' || end.best === null) return null
  const { writer, record } = opened
  const corrected = await correctedEstimate(prepared, store, writer.id, note)
  if (corrected) await recordCorrected(writer, end.best.trial, corrected)
  if (prepared.plan.data !== null) {
    const kept = { holdout: end.holdout !== null, corrected: corrected !== null }
    await withdrawFigures(writer, record, end.best.trial, prepared.spec.objective.metric, kept)
  }
  return corrected
}

function reasonsToStop(end: SweepEnd, spec: SweepSpec, budget: number | null): string[] {
  const { finished, pruned, failed } = end.counts
  const trials = finished + pruned + failed
  const isBudget = end.stopped === 'max-time' && budget !== null
  const why = isBudget
    ? `the time for the sweep (${budget / 1000} s) is used, for ${trials} trials; \`resume\` goes on for as long again`
    : whyStopped(end, trials, spec)
  const failure =
    end.error && end.stopped === 'same-failure'
      ? `the first trials all failed for the same reason, so the sweep stopped early: ${end.error.code}: ${end.error.message}`
      : null
  return [why, failure].filter((reason) => reason !== null)
}

function whyStopped(end: SweepEnd, trials: number, { search, objective }: SweepSpec): string | null {
  switch (end.stopped) {
    case 'exhausted':
      return `the space is exhausted: each of its ${trials} different params has been tried`
    case 'stop-at':
      return `the value asked for (${search.stopAt}) is reached, after ${trials} trials`
    case 'settled':
      return `${settledMessage(end.settled!, objective.metric)}; the sweep ended after ${trials} trials`
    case 'max-time':
      return `the time for the sweep (--max-time) is over, after ${trials} of ${end.trials} trials; \`resume\` goes on with the others`
    default:
      return null
  }
}

/** What this session took of the machine: processor seconds of all threads, and the most memory the process held. */
function resourcesUsed(before: NodeJS.CpuUsage): SessionConditions {
  const { user, system } = process.cpuUsage(before)
  return {
    cpuSeconds: (user + system) / 1e6,
    // maxRSS is in kibibytes on every platform.
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  }
}
