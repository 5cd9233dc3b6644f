/**
 * What the command line or a caller states beside a sweep file: what the file could say too is put into it, so
 * that one definition validates both; the rest has its rules here.
 */
import { resolve } from 'node:path'
import {
  abortSignal,
  anything,
  callback,
  milliseconds,
  oneOf,
  type Rules,
  text,
  textOrTexts,
  truth,
  wholeNumber,
} from '../../arguments.js'
import { EspalierError } from '../../errors.js'
import { nearestHint } from '../../spelling.js'
import { isModulePath } from '../../training/index.js'
import { betterSide, betterSides, isJsonObject } from '../../values.js'
import type { LaunchHooks, SweepOverrides } from '../types.js'
import { type EveryKey, nothingLeft, stated } from './keys.js'
import type { BesideFile } from './types.js'

/** The file with the overrides in their places, not validated, and what stands beside it. */
export interface Merged {
  readonly definition: unknown
  readonly beside: BesideFile
}

/**
 * Puts every override in its place. Paths in overrides start from the working directory, those in the file from the
 * file's.
 */
export function withOverrides(definition: unknown, overrides: SweepOverrides): Merged {
  const {
    algorithm,
    trials,
    parallel,
    seed,
    stopAt,
    advice,
    pruner,
    warmStart,
    data,
    target,
    separator,
    decimal,
    encoding,
    trainer,
    metric,
    direction,
    folds,
    stratified,
    holdout,
    experiment,
    retries,
    retryTimeouts,
    trialTimeout,
    memoryLimit,
    sharedMemory,
    keepModels,
    keepCheckpoints,
    order,
    budget,
    ensemble,
    devicesPerFit,
    // Of the session, not of the sweep.
    devices: ____,
    store: _,
    workers: __,
    maxTime,
    maxTimeGrace: ___,
    ...left
  } = overrides
  nothingLeft(left)
  if (budget !== undefined && maxTime !== undefined)
    throw new EspalierError(
      'USAGE',
      '--budget is the time for as many trials as fit into it, --max-time the time after which none is begun of those asked for (got both); leave one out',
    )
  const beside: EveryKey<BesideFile> = {
    experiment,
    retries,
    retryTimeouts,
    // What sweeps on record alone may say otherwise.
    bestAtTimeLimit: undefined,
    trialTimeout,
    memoryLimit,
    sharedMemory,
    keepModels,
    order,
    budget,
    ensemble,
    // A new sweep is no longer than its search.
    extendedTo: undefined,
  }
  if (!isJsonObject(definition)) return { definition, beside: stated(beside) }
  const file: Record<string, unknown> = { ...definition }
  const objective = section(file.objective)
  const isOther = metric !== undefined && metric !== objective?.metric
  // Another metric than the file's has a side of its own.
  if (isOther) refuseUnknownSide(metric, direction, objective)
  const ownDirection = isOther ? { direction: undefined, directionIsMeant: undefined } : {}
  put(file, 'search', { algorithm, trials, parallel, seed, stopAt, advice, pruner, warmStart })
  const files = typeof data === 'string' ? resolve(data) : data?.map((one) => resolve(one))
  put(file, 'data', { file: files, target, separator, decimal, encoding })
  put(file, 'objective', { metric, direction }, ownDirection)
  put(file, 'resources', { devices: devicesPerFit })
  if (keepCheckpoints !== undefined) file.keepCheckpoints = keepCheckpoints
  // 0 takes away the holdout part that the file asks for.
  put(
    file,
    'validation',
    { folds, stratified, holdout: holdout === 0 ? undefined : holdout },
    holdout === 0 ? { holdout: undefined } : {},
  )
  if (trainer !== undefined) file.trainer = isModulePath(trainer) ? resolve(trainer) : trainer
  return { definition: file, beside: stated(beside) }
}

/** Throws where the file's direction is dropped with its metric, and nothing says which side of the other one is better. */
function refuseUnknownSide(
  metric: string,
  direction: SweepOverrides['direction'],
  before: Record<string, unknown> | null,
): void {
  if (direction !== undefined || before?.direction === undefined || betterSide(metric) !== undefined) return
  const known = Object.keys(betterSides)
  const message = `the direction belongs to its metric ("${before.direction}" is that of ${before.metric === undefined ? "the file's" : `"${before.metric}"`}, and the metric is now "${metric}", of which nobody knows which values are better); state the direction too (--direction)${nearestHint(metric, known, 'known are')}`
  throw new EspalierError('USAGE', message, { problems: [{ path: 'objective.direction', message }] })
}

/** What a caller states of a sweep. Rules are here for what a file cannot say; the rest is validated with the file. */
export const overrideRules: Rules<SweepOverrides> = {
  algorithm: anything,
  pruner: anything,
  warmStart: anything,
  trials: anything,
  parallel: anything,
  seed: anything,
  target: anything,
  metric: anything,
  direction: anything,
  folds: anything,
  stratified: anything,
  holdout: anything,
  stopAt: anything,
  advice: anything,
  separator: anything,
  decimal: anything,
  encoding: anything,
  data: textOrTexts,
  trainer: text,
  store: text,
  experiment: text,
  // More threads than that only bring a machine down.
  workers: wholeNumber(1, 256),
  devices: textOrTexts,
  devicesPerFit: {
    law: 'a number of devices, or a share of one',
    keeps: (value) => typeof value === 'number' && value >= 0,
  },
  retries: wholeNumber(0),
  retryTimeouts: truth,
  memoryLimit: wholeNumber(16),
  sharedMemory: wholeNumber(0),
  trialTimeout: milliseconds,
  budget: milliseconds,
  ensemble: wholeNumber(1, 1000),
  maxTime: milliseconds,
  maxTimeGrace: milliseconds,
  keepCheckpoints: anything,
  keepModels: oneOf('all', 'best', 'none'),
  order: oneOf('trial', 'arrival'),
}

export const hookRules: Rules<LaunchHooks> = {
  onEvent: callback,
  signal: abortSignal,
  killSignal: abortSignal,
  executor: callback,
}

function section(value: unknown): Readonly<Record<string, unknown>> | null {
  return isJsonObject(value) ? value : null
}

/** Merges what is stated into a section of the file; a section that is no object is left for the validation to refuse. */
function put(file: Record<string, unknown>, name: string, stated: object, removed: object = {}): void {
  const entries = Object.entries(stated).filter(([, value]) => value !== undefined)
  if (entries.length === 0 && Object.keys(removed).length === 0) return
  const before = file[name] === undefined ? {} : section(file[name])
  if (before === null) return
  const merged = { ...before, ...removed, ...Object.fromEntries(entries) }
  file[name] = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined))
}
