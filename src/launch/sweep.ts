/** A sweep from code: the function `sweep` of the library. */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkOptions, type Rules } from '../arguments.js'
import { EspalierError } from '../errors.js'
import {
  type NoStrangers,
  type ParametersJson,
  type ParamsFrom,
  type SweepFileJson,
  type TypedSpace,
  withPlainParameters,
} from '../space/index.js'
import { openStore } from '../tracking/index.js'
import type { ObjectiveContext, ObjectiveResult, Trainer } from '../training/index.js'
import { isJsonObject, type Params } from '../values.js'
import { defaultStore } from './default-store.js'
import { inCodeRules, openedFromCode, type TrainedInCode } from './in-code.js'
import { launch } from './launch.js'
import { readJsonFile } from './read-file.js'
import { hookRules, overrideRules, withOverrides } from './spec/overrides.js'
import type { LaunchHooks, NewSweepHooks, SweepOverrides, SweepResult } from './types.js'

/** What is stated beside a sweep file, who listens and who may stop it, and what is trained where that is passed in code. */
export interface SweepOptions<P = Params> extends Omit<SweepOverrides, 'trainer'>, LaunchHooks {
  /** A built-in trainer's name, a module's path, or a Trainer (which trains in this thread). */
  trainer?: string | Trainer
  /** The objective of a sweep without a data set; runs in this thread. Returns a number, or metrics by name. */
  run?: (params: P, context: ObjectiveContext) => ObjectiveResult | Promise<ObjectiveResult>
}

/** What a sweep file holds, written in code; `parameters` may be a space from `defineSpace`. */
export interface SweepDefinition<P extends ParametersJson = ParametersJson>
  extends Omit<SweepFileJson, 'parameters'> {
  readonly parameters: (P & NoStrangers<P>) | TypedSpace<P>
}

const optionRules: Rules<SweepOptions> = { ...overrideRules, ...hookRules, ...inCodeRules }

/**
 * Runs a sweep and resolves with its result.
 *
 * @param source A sweep file's path or file URL, or what such a file holds, as an object (relative file names in it
 *   start from the working directory).
 * @throws EspalierError of kind `request` for whatever is wrong with what was asked, with every problem listed. What
 *   a trial does never throws: see `result.failures`.
 */
export function sweep(source: string | URL, options?: SweepOptions): Promise<SweepResult>
export function sweep<const P extends ParametersJson>(
  source: SweepDefinition<P>,
  options?: SweepOptions<ParamsFrom<P>>,
): Promise<SweepResult<ParamsFrom<P>>>
export async function sweep(
  source: string | URL | SweepDefinition<ParametersJson>,
  options: SweepOptions = {},
): Promise<SweepResult> {
  checkOptions('a sweep', options, optionRules)
  const { run, trainer, onEvent, signal, killSignal, executor, ...rest } = options
  const hooks = { onEvent, signal, killSignal, executor }
  const overrides: SweepOverrides = typeof trainer === 'string' ? { ...rest, trainer } : rest
  const code = { run, trainer }
  if (typeof source === 'string') return launchSweep(source, overrides, hooks, code)
  if (source instanceof URL) return launchSweep(fileOf(source), overrides, hooks, code)
  return launchNew(withPlainParameters(source), null, overrides, hooks, code)
}

function fileOf(url: URL): string {
  if (url.protocol === 'file:') return fileURLToPath(url)
  throw new EspalierError('USAGE', `a sweep file is on this machine (got ${url}); download it first`)
}

/** The sweep that a file describes. */
export async function launchSweep(
  file: string,
  overrides: SweepOverrides = {},
  hooks: NewSweepHooks = {},
  code: TrainedInCode = {},
): Promise<SweepResult> {
  return launchNew(await readJsonFile(file), resolve(file), overrides, hooks, code)
}

/** @param source the file it comes from, absolute; null: relative file names start from the working directory. */
async function launchNew(
  definition: unknown,
  source: string | null,
  overrides: SweepOverrides,
  { id, ...hooks }: NewSweepHooks,
  inCode: TrainedInCode,
): Promise<SweepResult> {
  checkOptions('a sweep', overrides, overrideRules)
  const { definition: file, beside } = withOverrides(definition, overrides)
  const name = isJsonObject(file) && typeof file.name === 'string' ? file.name : 'objective'
  return launch({
    asked: { file, beside, source, code: openedFromCode(inCode, name) },
    store: await openStore(overrides.store ?? defaultStore()),
    record: ({ spec }) => ({ kind: 'new', experiment: overrides.experiment ?? spec.name, id }),
    session: overrides,
    hooks,
  })
}
