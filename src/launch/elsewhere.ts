/**
 * Sweeps that another tool ran and that were imported: how their spec stands on record, and what cannot be done with them. They are looked
 * at, compared and started from like any other; what ran them is not known here, so they do not go on, and nothing of them is trained again.
 */
import { EspalierError } from '../errors.js'
import type { ParametersJson } from '../space/index.js'
import type { ParentRun } from '../tracking/index.js'
import type { JsonObject, MetricObjective } from '../values.js'
import { type ElsewhereSpec, type SweepSpec, specVersion } from './spec/types.js'
import { recordedSpec } from './spec/version.js'

/** What an import knows of a sweep. */
export interface ImportedSweep {
  readonly name: string
  readonly description?: string | null
  readonly from: Omit<ElsewhereSpec, 'kind'>
  readonly objective: MetricObjective
  readonly trials: number
  readonly parameters: ParametersJson
}

/** Its spec, as it is recorded. */
export function specOfImported(sweep: ImportedSweep): JsonObject {
  const { name, description = null, from, objective, trials, parameters } = sweep
  const spec: SweepSpec = {
    version: specVersion,
    name,
    description,
    source: null,
    trainer: { kind: 'elsewhere', ...from },
    defaults: {},
    data: null,
    objective,
    metrics: [],
    threshold: null,
    validation: null,
    search: {
      algorithm: 'elsewhere',
      trials,
      parallel: 1,
      seed: 0,
      enqueue: [],
      warmStart: null,
      replicates: 1,
      pruner: { name: 'none' },
      stopAt: null,
      advice: 'off',
    },
    trials,
    budget: null,
    order: 'trial',
    retries: 0,
    retryTimeouts: false,
    bestAtTimeLimit: false,
    trialTimeout: null,
    memoryLimit: null,
    sharedMemory: 0,
    keepModels: 'none',
    ensemble: null,
    resources: { devices: 0 },
    checkpoints: { keep: false, limitMB: 0 },
    limits: { artifactsMB: 0 },
    parameters: parameters as JsonObject,
  }
  return recordedSpec(spec)
}

export function isFromElsewhere(spec: SweepSpec): spec is SweepSpec & { readonly trainer: ElsewhereSpec } {
  return spec.trainer.kind === 'elsewhere'
}

const whyNot = {
  RESUME_REFUSED: [
    'a sweep goes on where what runs its trials is on record',
    'a new sweep can start from it',
  ],
  REPRODUCE_REFUSED: [
    'a run is trained again from what its record says ran it',
    'a new sweep can start from it',
  ],
  MODEL_MISSING: ['a model is kept by the trainer that fitted it', 'its models are where it ran'],
} as const

/** @throws EspalierError of this code where the sweep was imported. */
export function refuseElsewhere({ id }: ParentRun, spec: SweepSpec, code: keyof typeof whyNot): void {
  if (!isFromElsewhere(spec)) return
  const [law, remedy] = whyNot[code]
  const how = code === 'MODEL_MISSING' ? '' : `: espalier sweep FILE --warm-start ${id}`
  throw new EspalierError(code, `${law} (sweep ${id} was imported: ${spec.trainer.name}); ${remedy}${how}`)
}
