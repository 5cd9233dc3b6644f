/**
 * What the command line or a caller states beside a sweep file: what the file could say too is put into it, so
 * that one definition validates both; the rest is checked here.
 */
import { resolve } from 'node:path'
import { EspalierError, type Problem } from '../errors.js'
import type { SweepOverrides } from './types.js'

/**
 * The file with the overrides in their places; not validated. Paths in overrides start from the working
 * directory, those in the file from the file's.
 */
export function withOverrides(definition: unknown, overrides: SweepOverrides): unknown {
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) return definition
  const { algorithm, trials, parallel, seed, stopAt, data, target, trainer, metric, direction } = overrides
  const { folds, stratified, holdout, pruner, advice } = overrides
  const file = definition as Record<string, unknown>
  const result = { ...file }
  // Another metric than the file's has a direction of its own.
  const ownDirection =
    metric !== undefined && metric !== section(file.objective)?.metric ? { direction: undefined } : {}
  put(result, 'search', { algorithm, trials, parallel, seed, stopAt, advice, pruner })
  put(result, 'data', { file: data === undefined ? undefined : resolve(data), target })
  put(result, 'objective', { metric, direction }, ownDirection)
  // 0 takes away the holdout part that the file asks for.
  put(
    result,
    'validation',
    { folds, stratified, holdout: holdout === 0 ? undefined : holdout },
    holdout === 0 ? { holdout: undefined } : {},
  )
  if (trainer !== undefined) result.trainer = looksLikePath(trainer) ? resolve(trainer) : trainer
  return result
}

/** What looks like a path is a module, anything else the name of a built-in trainer. */
export function looksLikePath(trainer: string): boolean {
  return /^\.{0,2}[/\\]/.test(trainer) || /^[a-zA-Z]:[/\\]/.test(trainer) || /\.[cm]?[jt]s$/.test(trainer)
}

/** Throws USAGE with every mistake in what only a caller can state. */
export function checkOverrides(overrides: SweepOverrides): void {
  const problems: Problem[] = []
  const whole = (name: 'workers' | 'retries' | 'memoryLimit', least: number) => {
    const value: unknown = overrides[name]
    if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) >= least))
      problems.push({
        path: name,
        message: `must be a whole number of at least ${least} (got ${show(value)})`,
      })
  }
  const time = (name: 'trialTimeout' | 'maxTime') => {
    const value: unknown = overrides[name]
    if (value !== undefined && !(typeof value === 'number' && value > 0))
      problems.push({ path: name, message: `must be a time in milliseconds, above 0 (got ${show(value)})` })
  }
  const oneOf = (name: 'keepModels' | 'order', values: readonly string[]) => {
    const value: unknown = overrides[name]
    if (value !== undefined && !values.includes(value as string))
      problems.push({ path: name, message: `must be one of ${values.join(', ')} (got ${show(value)})` })
  }
  whole('workers', 1)
  whole('retries', 0)
  whole('memoryLimit', 8)
  time('trialTimeout')
  time('maxTime')
  oneOf('keepModels', ['all', 'best', 'none'])
  oneOf('order', ['trial', 'arrival'])
  const { experiment } = overrides
  if (experiment !== undefined && (typeof experiment !== 'string' || experiment.trim() === ''))
    problems.push({
      path: 'experiment',
      message: `must be a name that is not empty (got ${show(experiment)})`,
    })
  if (problems.length === 0) return
  throw new EspalierError(
    'USAGE',
    `the options of a sweep must keep their rules: ${problems.map(({ path, message }) => `"${path}" ${message}`).join('; ')}`,
    { problems },
  )
}

function section(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
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

function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
}
