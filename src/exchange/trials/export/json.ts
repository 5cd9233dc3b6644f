/** Trials as one JSON document: what the record holds, whole (docs/trials.md says what each entry is). */
import { hasEnded } from '../../../tracking/index.js'
import type { TrialExporter } from './types.js'

export const exportJson: TrialExporter = async (sweep, trials) => {
  const { id, experiment, name, status, started, ended, objective, tags, metrics, spec } = sweep
  const document = {
    format: 'espalier-trials',
    version: 1,
    sweep: { run: id, experiment, name, status, started, ended, objective, tags, metrics },
    space: spec.parameters,
    trials: trials.map((trial) => ({
      run: trial.id,
      trial: trial.trial,
      status: trial.status,
      value: trial.value,
      started: trial.started,
      ended: trial.ended,
      params: trial.params,
      metrics: trial.metrics,
      history: trial.history,
      tags: trial.tags,
      error: trial.error,
      ...(hasEnded(trial) && trial.conditions.pruned && { pruned: trial.conditions.pruned }),
    })),
  }
  return { bytes: new TextEncoder().encode(`${JSON.stringify(document, null, 1)}\n`), warnings: [] }
}
