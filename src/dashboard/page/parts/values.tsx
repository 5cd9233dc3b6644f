/** The value of the best, and what it is to be seen beside. */
import { deviation, interval, metric as metricText } from '../../../format.js'
import { plain } from '../../../shown.js'
import type { SweepEntry } from '../../data/index.js'

/** What stands beside the best value: name, value, and a word on it. Only what the record has. */
export function besides(entry: SweepEntry): { name: string; value: string; note: string }[] {
  const { holdout, corrected, baseline, objective } = entry
  const text = (value: number) => metricText(objective.metric, value)
  return [
    ...(holdout === null ? [] : [{ name: 'holdout', value: text(holdout), note: 'rows that no trial saw' }]),
    ...(corrected === null
      ? []
      : [
          {
            name: 'corrected',
            value: text(corrected.mean),
            note: interval(corrected.low, corrected.high).slice(1, -1),
          },
        ]),
    ...(baseline === null
      ? []
      : [{ name: 'baseline', value: text(baseline.value), note: plain(baseline.name) }]),
  ]
}

/** How far the best is from the baseline, in its better direction. */
export function gainOver(entry: SweepEntry): string | null {
  const { best, baseline, objective } = entry
  if (best === null || baseline === null) return null
  const gain = objective.direction === 'maximize' ? best.value - baseline.value : baseline.value - best.value
  if (gain === 0) return 'as good as the baseline'
  return `${deviation(Math.abs(gain))} ${gain > 0 ? 'better' : 'worse'} than the baseline`
}

/** Instants of the list and the table. */
export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
