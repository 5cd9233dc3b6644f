/**
 * From what is asked of a sweep (its file, and what stands beside it) to its spec, and back.
 *
 * Both ways name every key, and the compiler holds them to it: `specFrom` must use up each key of a file
 * (nothingLeft) and give each of a spec, and `askedOf` the other way round (EveryKey). So a new key is mapped both ways
 * or nothing compiles. What `askedOf` gives, asked again, comes to the same spec.
 */
import type { PrunerSettings, SearchSettings } from '../../search/index.js'
import type {
  AdviceName,
  DataJson,
  LimitsJson,
  OwnMetricJson,
  ProgramJson,
  PrunerJson,
  SweepFile,
  SweepFileJson,
  ThresholdJson,
  ValidationJson,
  WarmStartJson,
} from '../../space/index.js'
import type { TrialObjective } from '../../sweep/index.js'
import { defaultArtifactsMB, defaultSharedMemory } from '../../training/index.js'
import { betterSide, type Direction, type JsonObject } from '../../values.js'
import { modulesOf } from '../choice.js'
import { type EveryKey, nothingLeft, stated } from './keys.js'
import {
  type Asked,
  type BesideFile,
  type DataSpec,
  type MetricSpec,
  type SearchSpec,
  type SweepSpec,
  specVersion,
  type ThresholdSpec,
  type TrainerSpec,
  type ValidationSpec,
  type WarmStartSpec,
} from './types.js'

/** Megabytes of all checkpoints of a sweep. */
const defaultCheckpointsMB = 10_240
/** Trials where neither the file nor the caller says how many. */
const defaultTrials = 50
/** The same where they say how long. */
const mostInBudget = 1000
export const defaultAlgorithm: SearchSettings['algorithm'] = 'bayesian'
/** Trials in flight where the file does not say how many. */
export const defaultParallel = 4

/** What must be looked up before what is asked can be written out: trainer and data themselves. */
export interface Found {
  readonly trainer: TrainerSpec
  readonly defaults: SweepSpec['defaults']
  /** The name of the sweep where nobody states one. */
  readonly name: string
  readonly data: DataSpec | null
  readonly objective: TrialObjective
  readonly metrics: readonly MetricSpec[]
  readonly threshold: ThresholdSpec | null
  readonly validation: ValidationSpec | null
  readonly pruner: PrunerSettings
  readonly advice: AdviceName
  readonly warmStart: WarmStartSpec | null
}

/** What is asked, written out: nothing is left to defaults, which later versions may have others of. */
export function specFrom({ file, source, beside }: Asked<SweepFile>, found: Found): SweepSpec {
  const {
    // For editors; and what was looked up (`found`, `seedOf`).
    $schema: _$schema,
    space: _space,
    choice: _choice,
    trainer: _trainer,
    data: _data,
    objective: _objective,
    metrics: _metrics,
    threshold: _threshold,
    validation: _validation,
    name,
    description,
    search = {},
    limits = {},
    resources = {},
    keepCheckpoints = false,
    parameters,
    ...left
  } = file
  nothingLeft(left)
  const {
    seed: _seed,
    pruner: _pruner,
    warmStart: _warmStart,
    advice: _advice,
    algorithm = defaultAlgorithm,
    trials = trialsOf(file, algorithm, beside.budget),
    parallel = defaultParallel,
    enqueue = [],
    replicates = 1,
    stopAt = null,
    ...leftOfSearch
  } = search
  nothingLeft(leftOfSearch)
  const { artifactsMB = defaultArtifactsMB, checkpointsMB = defaultCheckpointsMB, ...leftOfLimits } = limits
  nothingLeft(leftOfLimits)
  const { devices = 0, ...leftOfResources } = resources
  nothingLeft(leftOfResources)
  return {
    version: specVersion,
    name: name ?? found.name,
    description: description ?? null,
    source,
    trainer: found.trainer,
    defaults: found.defaults,
    data: found.data,
    objective: found.objective,
    metrics: found.metrics,
    threshold: found.threshold,
    validation: found.validation,
    search: {
      algorithm,
      trials,
      parallel,
      seed: seedOf(file),
      enqueue,
      warmStart: found.warmStart,
      replicates,
      pruner: found.pruner,
      stopAt,
      advice: found.advice,
    },
    trials: beside.extendedTo ?? trials,
    budget: beside.budget ?? null,
    order: beside.order ?? 'trial',
    retries: beside.retries ?? 0,
    retryTimeouts: beside.retryTimeouts ?? false,
    bestAtTimeLimit: beside.bestAtTimeLimit ?? true,
    trialTimeout: beside.trialTimeout ?? null,
    memoryLimit: beside.memoryLimit ?? null,
    sharedMemory: beside.sharedMemory ?? defaultSharedMemory,
    // An objective without a data set leaves no model behind.
    keepModels: found.data ? (beside.keepModels ?? 'best') : 'none',
    ensemble: beside.ensemble ?? null,
    resources: { devices },
    checkpoints: { keep: keepCheckpoints, limitMB: checkpointsMB },
    limits: { artifactsMB },
    parameters: parameters as JsonObject,
  }
}

/** The seed a file states, or the one that goes unsaid. */
export function seedOf({ search }: Pick<SweepFileJson, 'search'>): number {
  return search?.seed ?? 0
}

function trialsOf(
  { space }: SweepFile,
  algorithm: SearchSettings['algorithm'],
  budget: number | undefined,
): number {
  if (algorithm === 'grid') return Math.min(space.gridSize, Number.MAX_SAFE_INTEGER)
  return budget === undefined ? defaultTrials : mostInBudget
}

/** What asks for the recorded sweep again. A trainer that was passed in code is named, and has to be passed again. */
export function askedOf(spec: SweepSpec): Asked {
  const {
    version: _,
    name,
    description,
    source,
    trainer,
    // Of the record alone: whoever asks for it again hands the record over with it.
    defaults: _defaults,
    data,
    objective,
    metrics,
    threshold,
    validation,
    search,
    trials,
    budget,
    order,
    retries,
    retryTimeouts,
    bestAtTimeLimit,
    trialTimeout,
    memoryLimit,
    sharedMemory,
    keepModels,
    ensemble,
    resources,
    checkpoints,
    limits,
    parameters,
    ...left
  } = spec
  nothingLeft(left)
  const file: EveryKey<SweepFileJson> = {
    // For editors: no part of the sweep.
    $schema: undefined,
    name,
    description: description ?? undefined,
    trainer: trainerAsWritten(trainer),
    data: data === null ? undefined : dataAsWritten(data),
    objective: objectiveAsWritten(objective, search.pruner),
    metrics: metrics.length === 0 ? undefined : metrics.map(metricAsWritten),
    threshold: threshold === null ? undefined : thresholdAsWritten(threshold),
    validation: validation === null ? undefined : validationAsWritten(validation),
    search: searchAsWritten(search),
    limits: limitsAsWritten(limits, checkpoints),
    resources,
    keepCheckpoints: checkpoints.keep,
    parameters: parameters as SweepFileJson['parameters'],
  }
  const beside: EveryKey<BesideFile> = {
    // The name is in the file.
    experiment: undefined,
    retries,
    retryTimeouts,
    bestAtTimeLimit,
    trialTimeout: trialTimeout ?? undefined,
    memoryLimit: memoryLimit ?? undefined,
    sharedMemory,
    keepModels,
    order,
    ensemble: ensemble ?? undefined,
    budget: budget ?? undefined,
    extendedTo: trials === search.trials ? undefined : trials,
  }
  const directory = trainer.kind === 'command' ? trainer.directory : undefined
  return { file: stated(file), source, directory, modules: modulesNamed(trainer), beside: stated(beside) }
}

function trainerAsWritten(trainer: TrainerSpec): SweepFileJson['trainer'] {
  switch (trainer.kind) {
    case 'module':
      return trainer.file
    case 'command':
      return programAsWritten(trainer)
    case 'choice':
      // Its parameter says it.
      return undefined
    case 'elsewhere':
      // What ran it is not known.
      return undefined
    default:
      return trainer.name
  }
}

/** Its folder is told beside the file. */
function programAsWritten({
  kind: _,
  directory: __,
  digest: ___,
  digests: ____,
  command,
  environment,
  files,
  grace,
  metrics,
  result,
  ...left
}: TrainerSpec & { kind: 'command' }): ProgramJson {
  nothingLeft(left)
  const written: EveryKey<ProgramJson> = {
    command,
    directory: undefined,
    environment,
    files,
    grace,
    metrics,
    result,
  }
  return stated(written)
}

function modulesNamed(trainer: TrainerSpec): Record<string, string> | undefined {
  if (trainer.kind !== 'choice') return undefined
  const modules = modulesOf(trainer).map(({ value, file }) => [value!, file])
  return modules.length === 0 ? undefined : Object.fromEntries(modules)
}

function dataAsWritten({
  file,
  files,
  target,
  settings,
  testFile,
  digest: _,
  testDigest: __,
  rows: ___,
  columns: ____,
  // How the files are read, which is no matter of the file's.
  looseMissing: _____,
  readings: ______,
  ...left
}: DataSpec): DataJson {
  nothingLeft(left)
  return {
    file: files ? files.map((one) => one.file) : file,
    target,
    ...settings,
    ...(testFile && { testFile }),
  }
}

function metricAsWritten({ name, module, digest: _, ...left }: MetricSpec): string | OwnMetricJson {
  nothingLeft(left)
  return module === null ? name : { name, module }
}

function thresholdAsWritten({ metric, positive, ...left }: ThresholdSpec): ThresholdJson {
  nothingLeft(left)
  const written: EveryKey<ThresholdJson> = { metric, positive }
  return stated(written)
}

function objectiveAsWritten(
  { metric, direction, at, ...left }: TrialObjective,
  pruner: PrunerSettings,
): NonNullable<SweepFileJson['objective']> {
  nothingLeft(left)
  const own = 'metric' in pruner ? pruner : null
  const written: EveryKey<NonNullable<SweepFileJson['objective']>> = {
    metric,
    direction,
    directionIsMeant:
      isWorse(metric, direction) || (own && isWorse(own.metric, own.direction)) ? true : undefined,
    at,
  }
  return stated(written)
}

function isWorse(metric: string | null, direction: Direction | null): boolean {
  const better = metric === null ? undefined : betterSide(metric)
  return better !== undefined && better !== direction
}

function validationAsWritten({
  scheme,
  folds,
  repeats,
  fraction,
  stratified,
  holdout,
  fits: _,
  ...left
}: ValidationSpec): ValidationJson {
  nothingLeft(left)
  const written: EveryKey<ValidationJson> = {
    scheme,
    folds: folds ?? undefined,
    repeats: repeats ?? undefined,
    fraction: fraction ?? undefined,
    stratified,
    holdout: holdout ?? undefined,
  }
  return stated(written)
}

function limitsAsWritten(
  { artifactsMB, ...left }: SweepSpec['limits'],
  { limitMB }: SweepSpec['checkpoints'],
): LimitsJson {
  nothingLeft(left)
  const written: EveryKey<LimitsJson> = { artifactsMB, checkpointsMB: limitMB }
  return stated(written)
}

function searchAsWritten({
  algorithm,
  trials,
  parallel,
  seed,
  enqueue,
  warmStart,
  replicates,
  pruner,
  stopAt,
  advice,
  ...left
}: SearchSpec): NonNullable<SweepFileJson['search']> {
  nothingLeft(left)
  const written: EveryKey<NonNullable<SweepFileJson['search']>> = {
    algorithm: algorithm === 'elsewhere' ? undefined : algorithm,
    trials,
    parallel,
    seed,
    pruner: prunerAsWritten(pruner),
    enqueue,
    warmStart: warmStart === null ? undefined : warmStartAsWritten(warmStart),
    replicates,
    stopAt: stopAt ?? undefined,
    advice,
  }
  return stated(written)
}

/** Its trials stand in the record: a sweep that goes on needs no other one. */
function warmStartAsWritten({ sweep, despite, trials: _, ...left }: WarmStartSpec): WarmStartJson {
  nothingLeft(left)
  const written: EveryKey<WarmStartJson> = { sweep, despite }
  return stated(written)
}

/** What is null in the settings goes unsaid in a file. */
function prunerAsWritten(pruner: PrunerSettings): PrunerJson {
  const entries = Object.entries(pruner).filter(([, value]) => value !== null)
  return Object.fromEntries(entries) as unknown as PrunerJson
}
