/**
 * A metric of one's own: a module whose default export is a function `(truth, predicted, probabilities, rows) => number`. It may say
 * which of its values are better: `export const direction = 'minimize'`.
 */
import { basename } from 'node:path'
import type { Row } from '../../data/index.js'
import { EspalierError } from '../../errors.js'
import type { Direction } from '../../values.js'
import { defaultExport, importChecked, moduleKinds } from '../open-trainer.js'

/**
 * What a metric of one's own is given, one entry a row: labels or numbers; of each class its probability, or null where the model has
 * none; the features as people write them. All of it belongs to the metric, which may change it.
 */
export type MetricFunction = (
  truth: readonly string[] | readonly number[],
  predicted: readonly string[] | readonly number[],
  probabilities: readonly Readonly<Record<string, number>>[] | null,
  rows: readonly Row[],
) => number

/** A module's metric, imported. */
export interface OwnMetric {
  readonly measure: MetricFunction
  /** null where the module does not say. */
  readonly direction: Direction | null
}

/** @throws EspalierError METRIC_INVALID, FILE_NOT_READABLE. */
export async function openMetric(file: string): Promise<OwnMetric> {
  const module = (await importChecked(file, moduleKinds.metric)) as { readonly direction?: unknown }
  const measure = defaultExport(module)
  const found = typeof measure === 'function' ? null : measure === undefined ? 'it has none' : typeof measure
  if (found !== null) {
    throw new EspalierError(
      'METRIC_INVALID',
      `the default export of a metric module is a function (truth, predicted, probabilities, rows) => number (${basename(file)}: ${found})`,
    )
  }
  // CommonJS that was compiled from ESM has its exports one level further down.
  const inner = (module as { default?: { direction?: unknown } }).default
  const direction = module.direction ?? inner?.direction ?? null
  if (direction !== null && direction !== 'minimize' && direction !== 'maximize') {
    throw new EspalierError(
      'METRIC_INVALID',
      `"direction" of a metric module is "minimize" or "maximize" (${basename(file)} exports ${JSON.stringify(direction) ?? typeof direction})`,
    )
  }
  return { measure: measure as MetricFunction, direction }
}
