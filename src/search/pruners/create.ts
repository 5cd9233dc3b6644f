/** The door to the pruners: a name or settings → a pruner. */
import { EspalierError, type Problem } from '../../errors.js'
import type { PrunerJson, PrunerName } from '../../space/index.js'
import { betterSide, type Direction } from '../../values.js'
import type { Curve, Pruner, PrunerSettings } from '../types.js'
import { foldsRule } from './folds.js'
import { halvingRule } from './halving.js'
import { medianRule } from './median.js'
import type { Rule } from './rule.js'

/**
 * Settings as written, completed by their defaults. Throws USAGE, with every mistake, where one is not what it
 * should be.
 */
export function prunerSettings(written: PrunerName | PrunerJson): PrunerSettings {
  const stated: PrunerJson = typeof written === 'string' ? { name: written } : written
  const settings = completed(stated)
  const problems = mistakes(settings)
  if (problems.length === 0) return settings
  throw new EspalierError(
    'USAGE',
    `the settings of a pruner must keep its rules: ${problems.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
    { problems },
  )
}

/** The pruner of these settings. Throws as `prunerSettings` does. */
export function createPruner(written: PrunerName | PrunerJson | PrunerSettings): Pruner {
  const settings = prunerSettings(written as PrunerName | PrunerJson)
  switch (settings.name) {
    case 'none':
      return pruner(settings, 'nothing', () => null)
    case 'median':
      return pruner(settings, 'steps', medianRule(settings))
    case 'halving':
      return pruner(settings, 'steps', halvingRule(settings))
    case 'folds':
      return pruner(settings, 'folds', foldsRule(settings))
  }
}

function pruner(settings: PrunerSettings, judges: Pruner['judges'], rule: Rule): Pruner {
  const steps = settings.name === 'median' || settings.name === 'halving' ? settings : null
  const explain = (history: readonly Curve[], current: Curve, direction: Direction) => {
    const reason = rule(history, current, (steps?.direction ?? direction) === 'maximize' ? -1 : 1)
    // JSON knows no −0, which a loss of 0 turns into.
    return reason && { ...reason, value: reason.value + 0, bound: reason.bound + 0 }
  }
  return {
    settings,
    judges,
    metric: steps?.metric ?? null,
    explain,
    decide: (history, current, direction) =>
      explain(history, current, direction) === null ? 'continue' : 'prune',
  }
}

function completed(stated: PrunerJson): PrunerSettings {
  switch (stated.name) {
    case 'median': {
      const { name, minSteps = 1, minTrials = 5, metric = null, direction = sideOf(metric) } = stated
      return { name, minSteps, minTrials, metric, direction }
    }
    case 'halving': {
      const { name, minSteps = 3, factor = 3, metric = null, direction = sideOf(metric) } = stated
      return { name, minSteps, factor, metric, direction }
    }
    case 'folds':
      return { name: 'folds', minFolds: stated.minFolds ?? 1 }
    default:
      return { name: stated.name }
  }
}

/** The better side of a pruner's own metric; null where it goes by the objective, and so by its direction. */
function sideOf(metric: string | null): Direction | null {
  return metric === null ? null : (betterSide(metric) ?? null)
}

const names: readonly string[] = ['none', 'median', 'halving', 'folds']

function mistakes(settings: PrunerSettings): Problem[] {
  const problems: Problem[] = []
  const law = (holds: boolean, path: string, message: string) => {
    if (!holds) problems.push({ path, message })
  }
  law(
    names.includes(settings.name),
    'name',
    `must be one of ${names.join(', ')} (got ${JSON.stringify(settings.name)})`,
  )
  for (const [path, least] of [
    ['minSteps', 1],
    ['minTrials', 1],
    ['factor', 2],
    ['minFolds', 1],
  ] as const) {
    const value = (settings as Record<string, unknown>)[path]
    if (value === undefined) continue
    law(
      Number.isSafeInteger(value) && (value as number) >= least,
      path,
      `must be a whole number of at least ${least} (got ${String(value)})`,
    )
  }
  return problems
}
