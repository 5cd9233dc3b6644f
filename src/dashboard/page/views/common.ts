/** What several views ask of a sweep. */
import type { Insight } from '../../../analysis/index.js'
import type { SweepHead } from '../../data/index.js'

/** The column that a metric is in: the objective's is the value. */
export function metricColumn(head: SweepHead, metric: string): string {
  return metric === head.entry.objective.metric ? 'value' : `metrics.${metric}`
}

/** Names of the searched parameters: as they mattered, the most first, where that is known; else as in the file. */
export function orderedParameters(head: SweepHead, insight: Insight | null): string[] {
  const known = (insight?.parameters ?? []).map(({ name }) => name)
  const all = head.parameters.map(({ name }) => name)
  return [...known.filter((name) => all.includes(name)), ...all.filter((name) => !known.includes(name))]
}
