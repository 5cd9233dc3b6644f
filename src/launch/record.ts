/** From a parent run's record back to a sweep that is ready to run. */
import { type PrunerJson, parseSweepFile, type SweepFileJson } from '../space/index.js'
import type { ParentRun } from '../tracking/index.js'
import { dataAsWritten, validationAsWritten } from './data.js'
import { type PreparedSweep, prepareSweep } from './prepare.js'
import type { SweepSpec } from './types.js'

/** Prepares the recorded sweep as it would be prepared today. */
export async function prepareFromRecord(parent: ParentRun): Promise<PreparedSweep> {
  const spec = parent.spec as unknown as SweepSpec
  const { trainer, data, validation, search } = spec
  const file = await parseSweepFile({
    name: spec.name,
    trainer: statedTrainer(trainer),
    ...(data && { data: dataAsWritten(data) }),
    ...(validation && { validation: validationAsWritten(validation) }),
    objective: spec.objective,
    search: {
      algorithm: search.algorithm,
      trials: search.trials,
      parallel: search.parallel,
      seed: search.seed,
      enqueue: search.enqueue,
      replicates: search.replicates,
      pruner: stated(search.pruner ?? { name: 'none' }),
      ...(search.stopAt === null ? {} : { stopAt: search.stopAt }),
      advice: search.advice ?? 'off',
    },
    parameters: spec.parameters,
  })
  const prepared = await prepareSweep({
    file,
    source: null,
    directory: trainer.kind === 'command' ? trainer.directory : undefined,
    warmStart: search.warmStart,
    overrides: {
      trialTimeout: spec.trialTimeout ?? undefined,
      memoryLimit: spec.memoryLimit ?? undefined,
      retries: spec.retries,
      keepModels: spec.keepModels,
      order: spec.order,
    },
  })
  return {
    ...prepared,
    spec: { ...prepared.spec, description: spec.description, source: spec.source, trials: spec.trials },
  }
}

/** A recorded trainer as a file names it. */
function statedTrainer(trainer: SweepSpec['trainer']): SweepFileJson['trainer'] {
  switch (trainer.kind) {
    case 'module':
      return trainer.file
    case 'command':
      return { command: trainer.command }
    default:
      return trainer.name
  }
}

/** Recorded settings as a file writes them: what is null there is left out here. */
function stated(pruner: SweepSpec['search']['pruner']): PrunerJson {
  const entries = Object.entries(pruner).filter(([, value]) => value !== null)
  return Object.fromEntries(entries) as unknown as PrunerJson
}
