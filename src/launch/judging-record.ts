/**
 * What a sweep's record says of how its best trial was judged, and how much the features had to do with a kept model: read from its
 * files, which anybody may have written, as far as they are what they should be.
 */
import { artifactNames } from '../names.js'
import type { ChildRun, ParentRun, Store } from '../tracking/index.js'
import { isJsonObject, type JsonValue } from '../values.js'
import type { Judging } from './judged.js'

export interface Importance {
  readonly feature: string
  readonly importance: number
}

/** How the best trial was judged; null where nothing is recorded of it. */
export async function judgingOf(
  store: Pick<Store, 'readArtifact'>,
  sweep: ParentRun,
): Promise<Judging | null> {
  const found = await readJson(store, sweep, artifactNames.judging)
  return isJsonObject(found) && isJudging(found) ? (found as unknown as Judging) : null
}

/** Greatest first; null where the model has none, or none was kept. */
export async function importancesOf(
  store: Pick<Store, 'readArtifact'>,
  run: ChildRun,
): Promise<readonly Importance[] | null> {
  const found = await readJson(store, run, artifactNames.importances)
  const fine = (one: unknown): one is Importance =>
    isJsonObject(one) && typeof one.feature === 'string' && isNumber(one.importance)
  return Array.isArray(found) && found.every(fine) ? found : null
}

async function readJson(
  store: Pick<Store, 'readArtifact'>,
  run: ParentRun | ChildRun,
  name: string,
): Promise<JsonValue | null> {
  if (!run.artifacts.some((one) => one.name === name)) return null
  try {
    return JSON.parse(new TextDecoder().decode(await store.readArtifact(run, name)))
  } catch {
    return null
  }
}

function isJudging(found: Readonly<Record<string, unknown>>): boolean {
  const { trial, metric, value, baseline, said, classes, residuals, threshold } = found
  return (
    isNumber(trial) &&
    typeof metric === 'string' &&
    isNumber(value) &&
    (baseline === null || hasNumbers(baseline, ['value'], ['name'])) &&
    isListOf(said, (one) => typeof one === 'string') &&
    (classes === null || isClassTable(classes)) &&
    (residuals === null || isResiduals(residuals)) &&
    (threshold === null || hasNumbers(threshold, ['value', 'score', 'before'], ['metric', 'positive']))
  )
}

function isClassTable(found: unknown): boolean {
  if (!isJsonObject(found)) return false
  const { classes, confusion, perClass } = found
  return (
    isListOf(classes, (one) => typeof one === 'string') &&
    (confusion === null || isListOf(confusion, (row) => isListOf(row, isNumber))) &&
    isListOf(perClass, (one) => hasNumbers(one, ['precision', 'recall', 'f1', 'rows'], ['class']))
  )
}

/** Of the residuals, least first. */
export const quantileNames = ['min', 'q05', 'q25', 'median', 'q75', 'q95', 'max'] as const

function isResiduals(found: unknown): boolean {
  if (!isJsonObject(found)) return false
  return (
    hasNumbers(found.quantiles, quantileNames, []) &&
    isNumber(found.bias) &&
    isListOf(found.largest, (one) => hasNumbers(one, ['truth', 'predicted'], []))
  )
}

function hasNumbers(found: unknown, numbers: readonly string[], texts: readonly string[]): boolean {
  return (
    isJsonObject(found) &&
    numbers.every((name) => isNumber(found[name])) &&
    texts.every((name) => typeof found[name] === 'string')
  )
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isListOf(value: unknown, is: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is)
}
