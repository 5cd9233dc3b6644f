/** The metrics of a sweep that code of somebody's works out. */
import type { MetricSpec, SweepSpec } from './spec/types.js'

export type OwnMetricSpec = MetricSpec & { readonly module: string }

export function ownMetrics({ metrics }: Pick<SweepSpec, 'metrics'>): OwnMetricSpec[] {
  return metrics.filter((one): one is OwnMetricSpec => one.module !== null)
}
