/** A sweep from code: the function `sweep` of the library. */
import { EspalierError } from '../errors.js'
import type { ParameterJson, ParamsFrom, SweepFileJson, TypedSpace } from '../space/index.js'
import type { ObjectiveContext, ObjectiveResult, Trainer } from '../training/index.js'
import type { Params } from '../values.js'
import { launchFromCode, launchSweep } from './launch.js'
import type { LaunchHooks, SweepOverrides, SweepResult } from './types.js'

export interface SweepOptions<P = Params> extends Omit<SweepOverrides, 'trainer'>, LaunchHooks {
  /** A built-in trainer's name, a module's path, or a Trainer (which trains in this thread). */
  trainer?: string | Trainer
  /** The objective of a sweep without a data set; runs in this thread. Returns a number, or metrics by name. */
  run?: (params: P, context: ObjectiveContext) => ObjectiveResult | Promise<ObjectiveResult>
}

/** What a sweep file holds, written in code; `parameters` may be a space from `defineSpace`. */
export interface SweepDefinition<P extends Readonly<Record<string, ParameterJson>>>
  extends Omit<SweepFileJson, 'parameters'> {
  readonly parameters: P | TypedSpace<P>
}

/**
 * Runs a sweep and resolves with its result.
 *
 * @param source A sweep file's path, or what such a file holds, as an object (relative file names in it start from
 *   the working directory).
 * @throws EspalierError of kind `request` for whatever is wrong with what was asked, with every problem listed. What
 *   a trial does never throws: see `result.failures`.
 */
export function sweep(source: string, options?: SweepOptions): Promise<SweepResult>
export function sweep<const P extends Readonly<Record<string, ParameterJson>>>(
  source: SweepDefinition<P>,
  options?: SweepOptions<ParamsFrom<P>>,
): Promise<SweepResult>
export async function sweep(
  source: string | SweepDefinition<Readonly<Record<string, ParameterJson>>>,
  options: SweepOptions = {},
): Promise<SweepResult> {
  const { run, trainer, onEvent, signal, killSignal, ...rest } = options
  const hooks = { onEvent, signal, killSignal }
  if (run !== undefined && trainer !== undefined) {
    throw new EspalierError(
      'USAGE',
      'a sweep trains either a trainer or the function "run" (got both); leave one out',
    )
  }
  const overrides: SweepOverrides = typeof trainer === 'string' ? { ...rest, trainer } : rest
  const code = run ? { run } : trainer && typeof trainer !== 'string' ? { trainer } : undefined
  if (typeof source === 'string') return launchSweep(source, overrides, hooks, code)
  return launchFromCode(plainDefinition(source), overrides, hooks, code)
}

function plainDefinition(source: SweepDefinition<Readonly<Record<string, ParameterJson>>>): unknown {
  const definition = (source?.parameters as Partial<TypedSpace<never>> | undefined)?.definition
  const isSpace = definition !== undefined && 'decode' in source.parameters
  return isSpace ? { ...source, parameters: definition } : source
}
