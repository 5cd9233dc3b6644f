/**
 * The options both executors share, checked once.
 */
import { EspalierError } from '../errors.js'
import type { ExecutorOptions } from './types.js'

/** ms a fit may go on after it was asked to stop. */
export const usualGrace = 500
/** ms a worker may take to import the trainer. */
export const usualStartLimit = 30_000

export function checkedWorkers({ workers }: ExecutorOptions): number {
  if (Number.isSafeInteger(workers) && workers >= 1) return workers
  throw new EspalierError('USAGE', `"workers" must be a whole number from 1 (got ${String(workers)})`)
}
