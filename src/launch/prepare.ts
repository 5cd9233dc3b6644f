/**
 * From what was asked to a sweep that is ready to run: every check that can be made is made here, before
 * anything is recorded.
 */
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename, dirname, parse, resolve } from 'node:path'
import { EspalierError } from '../errors.js'
import { describeTrainer, type Errand } from '../execution/index.js'
import { type PrunerSettings, prunerSettings, type SearchSettings } from '../search/index.js'
import { type AdviceName, parseSweepFile, type Space, type SweepFile } from '../space/index.js'
import type { TrialObjective } from '../sweep/index.js'
import { secretsIn } from '../tracking/index.js'
import { choiceIn } from '../trainer-choice.js'
import {
  type ChoiceReference,
  type CommandReference,
  checkProgram,
  checkReadings,
  commandFiles,
  type DescribedTrainer,
  defaultsOf,
  type FitPlan,
  type OpenTrainer,
  openTrainer,
  programFiles,
  referenceTo,
  type TrainerReference,
  trainerAmong,
  unknownParameters,
} from '../training/index.js'
import type { Params } from '../values.js'
import { choiceReference, problemsOfChoice, refuseTwoTasks } from './choice.js'
import { divideRows, loadSweepData } from './data.js'
import { noDevicesWarnings } from './devices.js'
import {
  askedMetrics,
  checkAgainstData,
  type JudgingPlan,
  judgingOf,
  refuseEnsemble,
  refusePooled,
  refuseUndefinedFolds,
  thresholdOf,
} from './judging.js'
import { objectiveOf, refuseWorseSide } from './objective.js'
import { digestOf, readJsonFile } from './read-file.js'
import { passedOverWarnings, refuseManyDimensions } from './search-checks.js'
import { defaultParallel, seedOf, specFrom } from './spec/file.js'
import type { Asked, SweepSpec, TrainerSpec, ValidationSpec, WarmStartSpec } from './spec/types.js'

export interface SweepRequest extends Asked<SweepFile> {
  /** A trainer or an objective passed in code. */
  readonly code?: OpenTrainer
  /** Known results to start from, read from another sweep. */
  readonly warmStart?: WarmStartSpec | null
  /** The sweep as it was recorded, where it is one already: what was taken for right then is taken for right now. */
  readonly recorded?: SweepSpec
  /** Aborted: nobody waits for it any more, not even for a module that is being imported. */
  readonly signal?: AbortSignal
  /** The thread that imports a module, where one was made ahead. */
  readonly errand?: Errand
}

export interface PreparedSweep {
  readonly spec: SweepSpec
  readonly space: Space
  readonly plan: FitPlan
  /** What the predictions of all folds are worked out by, and which are kept for. */
  readonly judging: JudgingPlan
  /** What is said of the trainer or the objective. */
  readonly trainer: DescribedTrainer
  /** Itself, where this process has it: what was passed in code, and a program. A module is never imported here. */
  readonly code: OpenTrainer | undefined
  readonly warnings: readonly string[]
  /** What is to be told of it, and is no warning. */
  readonly notes: readonly string[]
}

async function openRequested(
  request: SweepRequest,
): Promise<{ reference: TrainerReference; opened: DescribedTrainer; code: OpenTrainer | undefined }> {
  const { file, beside, signal, errand } = request
  const reference = trainerReference(request)
  let { code } = request
  if (reference.kind === 'command') {
    const parameters = file.space.parameters.map(({ name }) => name)
    checkProgram(reference, parameters)
    code = await openTrainer(reference, { parameters })
  }
  const { memoryLimit } = beside
  const limits = { memoryLimit, signal }
  if (reference.kind === 'choice') return { reference, opened: await describeChoice(reference, limits), code }
  return { reference, opened: code ?? (await describeTrainer(reference, { ...limits, errand })), code }
}

async function describeChoice(
  { trainers }: ChoiceReference,
  limits: { readonly memoryLimit?: number; readonly signal?: AbortSignal },
): Promise<DescribedTrainer> {
  const candidates = await Promise.all(
    Object.entries(trainers).map(async ([value, reference]) => {
      const { trainer } = trainerAmong(await describeTrainer(reference, limits), value)
      return { value, reference, trainer }
    }),
  )
  refuseTwoTasks(candidates)
  return { kind: 'choice', candidates }
}

/**
 * Everything that can be said of a sweep file without running it: throws as `prepareSweep` does, but lets a trainer
 * and data be missing, which the command line can name.
 */
export async function checkSweepFile(
  path: string,
): Promise<{ file: SweepFile; warnings: readonly string[] }> {
  return checkSweep(await readJsonFile(path), path)
}

/** The same of what is to be written to `path`. */
export async function checkSweep(
  json: unknown,
  path: string,
): Promise<{ file: SweepFile; warnings: readonly string[] }> {
  const file = await parseSweepFile(json)
  const request: SweepRequest = { file, source: resolve(path), beside: {} }
  refuseManyDimensions(file.space, file.search?.algorithm)
  if (file.trainer === undefined && file.choice === null) {
    refuseWorseSide(file)
    return { file, warnings: [] }
  }
  if (file.data !== undefined) return { file, warnings: (await prepareSweep(request)).warnings }
  const { reference, opened } = await openRequested(request)
  refuseUnknownParameters(opened, file)
  const asked = await askedMetrics(file, opened, directoryOf(request), { recorded: false })
  refuseUnread(reference, file, objectiveOf(opened, file, asked))
  thresholdOf(file, opened, null, false)
  const parameters = file.space.parameters.map(({ name }) => name)
  const isDealt = (file.resources?.devices ?? 0) > 0
  return { file, warnings: isDealt ? [] : noDevicesWarnings({ trainer: reference, parameters }) }
}

/** Reads and validates a sweep file; trainer and data are not looked at. */
export async function readSweepFile(path: string): Promise<SweepFile> {
  return parseSweepFile(await readJsonFile(path))
}

/** Throws an EspalierError of kind `request` for whatever is wrong with it. */
export async function prepareSweep(request: SweepRequest): Promise<PreparedSweep> {
  const { file, beside, recorded } = request
  if (recorded === undefined) refuseManyDimensions(file.space, file.search?.algorithm)
  const { reference, opened, code } = await openRequested(request)
  const warnings: string[] = []

  const wasRecorded = recorded !== undefined
  const { memoryLimit } = beside
  const limits = { memoryLimit, signal: request.signal, recorded: wasRecorded }
  const asked = await askedMetrics(file, opened, directoryOf(request), limits)
  const objective = objectiveOf(opened, file, asked, wasRecorded)
  if (!wasRecorded) refuseUnread(reference, file, objective)
  const data = await loadSweepData(opened, file.data, directoryOf(request), recorded?.data)
  refuseUnknownParameters(opened, file)
  warnings.push(...(data?.loaded.warnings ?? []))

  if (reference.kind === 'command' && beside.memoryLimit !== undefined)
    warnings.push('the memory limit holds for worker threads, and a program runs in a process of its own')
  if (reference.kind === 'command') warnings.push(...secretWarnings(reference))

  const seed = seedOf(file)
  const validated = data && divideRows(data.loaded, file.validation, seed, basename(data.spec.file))
  warnings.push(...(validated?.warnings ?? []))
  const judged = data && checkAgainstData(asked, objective, data.loaded.dataset, wasRecorded)
  if (data && validated && !wasRecorded)
    refuseUndefinedFolds(judged, data.loaded.dataset, validated.resampling)
  warnings.push(...(await passedOverWarnings(file, request.warmStart?.trials)))

  const defaults = recorded?.defaults ?? defaultsOfBuiltIn(reference, opened)
  const spec = specFrom(request, {
    trainer: await withDigest(reference),
    defaults,
    name: beside.experiment ?? (request.source && parse(request.source).name) ?? nameOf(opened),
    data: data?.spec ?? null,
    objective,
    metrics: asked.map(({ name, module, digest }) => ({ name, module, digest })),
    threshold: thresholdOf(file, opened, data?.loaded.dataset ?? null, wasRecorded),
    validation: validated?.spec ?? null,
    pruner: prunerOf(opened, file, objective),
    advice: adviceOf(opened, file, validated?.spec ?? null, objective),
    warmStart: request.warmStart ?? null,
  })
  const plan: FitPlan = {
    trainer: reference,
    ...(reference.kind === 'command' && { parameters: file.space.parameters.map(({ name }) => name) }),
    data: validated?.dataset ?? null,
    resampling: validated?.resampling ?? null,
    seed,
    artifactsMB: spec.limits.artifactsMB,
    sharedMemory: spec.sharedMemory,
    defaults,
    objectiveMetric: objective.metric,
    ...(asked.length > 0 && { metrics: asked.map(({ name, module }) => ({ name, module })) }),
  }
  const judging = judgingOf(plan, spec)
  refuseEnsemble(spec, plan, judging)
  return {
    spec,
    space: file.space,
    plan,
    judging,
    trainer: opened,
    code,
    warnings,
    notes: data?.loaded.notes ?? [],
  }
}

/** Throws SPACE_INVALID where what is read of a program is not what the sweep goes by. */
function refuseUnread(
  reference: TrainerReference,
  { search = {}, space }: SweepFile,
  { metric }: TrialObjective,
): void {
  if (reference.kind !== 'command') return
  const { pruner, parallel = defaultParallel } = search
  const prunerMetric = typeof pruner === 'object' && 'metric' in pruner ? (pruner.metric ?? null) : null
  checkReadings(reference, { objectiveMetric: metric, prunerMetric, parallel, parameters: space.parameters })
}

function secretWarnings({ command, environment = {} }: CommandReference): string[] {
  const inCommand = secretsIn(command)
  // As options, whose names tell what their values are.
  const inEnvironment = Object.entries(environment).flatMap(([name, value]) =>
    secretsIn([`--${name}=${value}`]).length > 0 ? [name] : [],
  )
  const remedy = 'let the program read it from the environment it inherits, which is not recorded'
  return [
    ...(inCommand.length > 0
      ? [
          `the command of a program is recorded as it stands, to be run again, and it seems to hold a secret (${inCommand.join(', ')}); ${remedy}`,
        ]
      : []),
    ...(inEnvironment.length > 0
      ? [
          `the "environment" of a program is recorded as it stands, to be run again, and it seems to hold a secret (${inEnvironment.join(', ')}); ${remedy}`,
        ]
      : []),
  ]
}

/** A module's own defaults are part of its code, whose digest is on record. */
function defaultsOfBuiltIn(
  { kind }: TrainerReference,
  opened: DescribedTrainer,
): Readonly<Record<string, Params>> {
  const trainers =
    opened.kind === 'choice'
      ? opened.candidates.filter(({ reference }) => reference.kind === 'built-in')
      : opened.kind === 'trainer' && kind === 'built-in'
        ? [opened]
        : []
  return Object.fromEntries(trainers.map(({ trainer }) => [trainer.name, defaultsOf(trainer)]))
}

/** The searcher's settings as recorded. */
export function searchSettings(spec: SweepSpec): SearchSettings {
  const { warmStart, pruner: _, algorithm, ...search } = spec.search
  // Refused where it is asked for again (elsewhere.ts).
  if (algorithm === 'elsewhere') throw new EspalierError('INTERNAL', 'an imported sweep is not searched here')
  return { ...search, algorithm, warmStart: warmStart?.trials }
}

/** The name of a trainer or an objective, or of all that are chosen among. */
export function nameOf(opened: DescribedTrainer): string {
  if (opened.kind === 'choice') return opened.candidates.map(({ value }) => value).join(' or ')
  return opened.kind === 'trainer' ? opened.trainer.name : opened.objective.name
}

/**
 * How many threads there are: those asked for, else the machine's cores, but no more than can ever be at work: the fits
 * of the trials in flight, and one for a final model beside them.
 */
export function threadsFor(
  asked: number | undefined,
  inFlight: number,
  { validation }: Pick<SweepSpec, 'validation'>,
): number {
  return Math.min(asked ?? availableParallelism(), inFlight * (validation?.fits ?? 1) + 1)
}

function directoryOf({ source, directory }: SweepRequest): string {
  if (directory !== undefined) return directory
  return source === null ? process.cwd() : dirname(source)
}

function trainerReference(request: SweepRequest): TrainerReference {
  const { file, code } = request
  if (code) return { kind: 'function', name: nameOf(code) }
  if (typeof file.trainer === 'string') return referenceTo(file.trainer, directoryOf(request))
  if (file.trainer !== undefined) {
    const { command, directory = '.', ...more } = file.trainer
    return {
      kind: 'command',
      command: [...command],
      directory: resolve(directoryOf(request), directory),
      ...more,
    }
  }
  if (file.choice !== null) return choiceReference(file.choice, directoryOf(request), request.modules)
  throw new EspalierError(
    'USAGE',
    'a sweep needs a trainer (none is named); add "trainer" to the file or pass --trainer, or search over several: a parameter "trainer" with their names as its values; `espalier trainers` lists those that are built in',
    { problems: [{ path: 'trainer', message: 'is missing' }] },
  )
}

async function withDigest(reference: TrainerReference): Promise<TrainerSpec> {
  if (reference.kind === 'command') return { ...reference, digests: await commandDigests(reference) }
  if (reference.kind === 'choice') {
    const trainers = Object.entries(reference.trainers).map(async ([value, one]) => [
      value,
      await digested(one),
    ])
    return { kind: 'choice', trainers: Object.fromEntries(await Promise.all(trainers)) }
  }
  return digested(reference)
}

async function digested<T extends Exclude<TrainerReference, ChoiceReference>>(
  reference: T,
): Promise<T & { readonly digest?: string }> {
  if (reference.kind !== 'module') return reference
  const digest = await digestOf(reference.file)
  return { ...reference, digest }
}

/** Larger files among a program's arguments are data, which takes long to digest and belongs to the program. */
const largestDigested = 64 * 2 ** 20

async function commandDigests(reference: CommandReference): Promise<Record<string, string>> {
  const digests: Record<string, string> = {}
  for (const file of await commandFiles(reference))
    if ((await stat(file)).size <= largestDigested) digests[file] = await digestOf(file)
  // Those that are named as its own, whatever their size.
  for (const { path } of reference.files === undefined ? [] : await programFiles(reference))
    digests[path] ??= await digestOf(path)
  return digests
}

function refuseUnknownParameters(opened: DescribedTrainer, file: SweepFile): void {
  if (opened.kind === 'choice') {
    const found = problemsOfChoice(opened.candidates, file)
    if (found.length === 0) return
    throw new EspalierError(
      'SPACE_INVALID',
      `the parameters must be ones that their trainers have (${found.length} ${found.length === 1 ? 'is' : 'are'} not); \`espalier trainers NAME\` lists those of one`,
      { problems: found },
    )
  }
  const problems = unknownParameters(
    opened.kind === 'trainer' ? opened.trainer : opened.objective,
    file.space.parameters,
  )
  if (problems.length === 0) return
  if (file.trainer !== undefined && choiceIn(file.parameters) !== null) {
    const at = problems.findIndex(({ path }) => path === 'parameters.trainer')
    const message = `a sweep has one trainer, or chooses one by its parameter "trainer" (the file has this parameter, and ${nameOf(opened)} is named beside it); leave the one or the other out`
    if (at !== -1) problems[at] = { path: 'parameters.trainer', message }
  }
  const count = `${problems.length} ${problems.length === 1 ? 'is' : 'are'} not`
  const law =
    opened.kind === 'trainer'
      ? `the parameters must be ones the trainer ${nameOf(opened)} has (${count}); \`espalier trainers ${nameOf(opened)}\` lists them`
      : `the parameters must be ones the objective ${nameOf(opened)} describes (${count})`
  throw new EspalierError('SPACE_INVALID', law, { problems })
}

function prunerOf(opened: DescribedTrainer, file: SweepFile, objective: TrialObjective): PrunerSettings {
  const pruner = prunerSettings(file.search?.pruner ?? 'none')
  if (opened.kind !== 'objective' && pruner.name === 'folds')
    refusePooled(objective, 'search.pruner', 'the pruner "folds"', 'choose another pruner, or none')
  if (
    opened.kind !== 'objective' &&
    'metric' in pruner &&
    pruner.metric === null &&
    objective.metric.startsWith('pooled:')
  )
    // What a fit reports by step is of no other rows than its own.
    return { ...pruner, metric: objective.metric.slice('pooled:'.length), direction: objective.direction }
  if (opened.kind !== 'objective' || pruner.name !== 'folds') return pruner
  throw new EspalierError(
    'USAGE',
    `the pruner "folds" races the folds of a cross-validation ("${nameOf(opened)}" is an objective, which has none); choose "median" or "halving", which go by the steps it reports`,
    { problems: [{ path: 'search.pruner', message: 'an objective has no folds' }] },
  )
}

/** Advice is measured against the noise between folds. */
function adviceOf(
  opened: DescribedTrainer,
  file: SweepFile,
  validation: ValidationSpec | null,
  objective: TrialObjective,
): AdviceName {
  const advice = file.search?.advice ?? 'off'
  if (advice !== 'off' && opened.kind !== 'objective')
    refusePooled(objective, 'search.advice', 'advice', 'leave "advice" out')
  if (advice === 'off' || (validation !== null && validation.fits > 1)) return advice
  const found =
    validation === null
      ? `"${nameOf(opened)}" is an objective, which has no folds`
      : `the scheme "${validation.scheme}" fits a trial once`
  throw new EspalierError(
    'USAGE',
    `advice needs a cross-validated trainer, because it compares what could be gained with the noise between folds (${found}); leave "advice" out, or choose "stopAt" or --max-time to end a sweep`,
    { problems: [{ path: 'search.advice', message: 'there are no folds to go by' }] },
  )
}
