/** All trials of a sweep, with their steps, for other tools: `espalier export SWEEP --format optuna|csv|json|parquet`. */
import { EspalierError } from '../../../errors.js'
import type { ParentRun, Store } from '../../../tracking/index.js'
import { type ExportedTrials, type TrialExporter, type TrialFormat, trialFormats } from './types.js'

export { type ExportedTrials, type TrialFormat, trialFormats } from './types.js'

const exporters: Readonly<Record<TrialFormat, () => Promise<TrialExporter>>> = {
  optuna: async () => (await import('./optuna.js')).exportOptuna,
  csv: async () => (await import('./csv.js')).exportCsv,
  json: async () => (await import('./json.js')).exportJson,
  parquet: async () => (await import('./parquet.js')).exportParquet,
}

/**
 * The trials of a sweep in a format.
 * @throws EspalierError USAGE where there is no such format.
 */
export async function exportTrials(
  store: Store,
  sweep: ParentRun,
  format: TrialFormat,
): Promise<ExportedTrials> {
  if (!trialFormats.includes(format))
    throw new EspalierError(
      'USAGE',
      `trials are exported as ${trialFormats.join(', ')} (got ${JSON.stringify(format)}); choose one of them`,
    )
  const exporter = await exporters[format]()
  return { format, ...(await exporter(sweep, await store.trials(sweep.id))) }
}
