/**
 * Figures about the best trial that are measured at the end of a sweep and stand among its metrics: its value on the
 * holdout part, and its value corrected for the choice. They belong to the best of all trials, so where a sweep goes on
 * and ends again they are measured again, and taken away from a trial that is the best no longer.
 */
import type { RecordedTrial } from '../sweep/index.js'
import type { SweepWriter } from '../tracking/index.js'
import type { Metrics } from '../values.js'
import type { CorrectedEstimate } from './types.js'

const figure = /^(holdout|corrected)[A-Z]/

/** Whether a metric of a cross-validated trial is one. (An objective calls its metrics what it likes, and has none.) */
export function isFigure(metric: string): boolean {
  return figure.test(metric)
}

/** Whether a figure is a value on the holdout part. */
export function isOnHoldout(figure: string): boolean {
  return figure.startsWith('holdout')
}

/** The trial as it was when it ended. */
export function withoutFigures(trial: RecordedTrial): RecordedTrial {
  if (trial.outcome === null) return trial
  const metrics: Metrics = Object.fromEntries(
    Object.entries(trial.outcome.metrics).filter(([name]) => !isFigure(name)),
  )
  return { ...trial, outcome: { ...trial.outcome, metrics } }
}

/** Puts the estimate on record: with the sweep, and beside the value of its best trial. */
export async function recordCorrected(
  writer: SweepWriter,
  best: number,
  estimate: CorrectedEstimate,
): Promise<void> {
  const [mean, low, high] = correctedNames(estimate.metric)
  const metrics = { [mean]: estimate.mean, [low]: estimate.low, [high]: estimate.high }
  await writer.annotate(null, { metrics })
  await writer.annotate(best, { metrics })
}

/** Takes away the figures of an earlier end of the sweep which are none of this one's: `kept` are those of the best now. */
export async function withdrawFigures(
  writer: SweepWriter,
  record: readonly RecordedTrial[],
  best: number,
  metric: string,
  kept: { readonly holdout: boolean; readonly corrected: boolean },
): Promise<void> {
  const stays = (trial: number, name: string) =>
    trial === best && (isOnHoldout(name) ? kept.holdout : kept.corrected)
  for (const { trial, outcome } of record) {
    const names = Object.keys(outcome?.metrics ?? {}).filter((name) => isFigure(name) && !stays(trial, name))
    if (names.length > 0) await writer.annotate(trial, { metrics: nothing(names) })
  }
  if (record.length > 0 && !kept.corrected)
    await writer.annotate(null, { metrics: nothing(correctedNames(metric)) })
}

/** What the value of the best on the holdout part is called among its metrics. */
export function holdoutName(metric: string): string {
  const name = metric.replace(/^pooled:/, '')
  return `holdout${name[0].toUpperCase()}${name.slice(1)}`
}

/** What its corrected value and the interval around it are called, there and among those of the sweep. */
export function correctedNames(metric: string): [mean: string, low: string, high: string] {
  const name = `corrected${metric[0].toUpperCase()}${metric.slice(1)}`
  return [name, `${name}Low`, `${name}High`]
}

function nothing(names: readonly string[]): Record<string, null> {
  return Object.fromEntries(names.map((name) => [name, null]))
}
