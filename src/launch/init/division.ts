/** How many folds a data set can have whose rows belong together or follow each other: found by dividing it. */
import { basename } from 'node:path'
import { type DatasetOptions, readDataset } from '../../data/index.js'
import { type EspalierError, isEspalierError } from '../../errors.js'
import { metricNamed } from '../../training/index.js'
import { divideRows } from '../data.js'
import { refuseUndefinedFolds, undefinedFold } from '../judging.js'

/** The seed that drafted sweeps have, by which their rows are dealt. */
export const seedOfDrafts = 0

export interface Division {
  readonly folds: number
  readonly holdout: number | null
  /** Whether some fold has no value of the metric, so that it is worked out over all of them together. */
  readonly pooled: boolean
}

/**
 * The most folds that there can be, at most those wanted; without a holdout part where there are none with it.
 * @throws EspalierError DATA_INVALID where the rows cannot be divided at all.
 */
export async function divisionOf(
  file: string,
  options: DatasetOptions,
  metric: string,
  wanted: Omit<Division, 'pooled'>,
): Promise<Division> {
  const loaded = await readDataset(file, options)
  const { target } = loaded.dataset
  const [task, classes] =
    target.kind === 'classes'
      ? (['classification', target.classes] as const)
      : (['regression', null] as const)
  const judge = metricNamed(metric, task, classes)
  let refused: EspalierError | null = null
  for (const holdout of wanted.holdout === null ? [null] : [wanted.holdout, null])
    for (let folds = wanted.folds; folds >= 2; folds--) {
      const validation = { folds, ...(holdout !== null && { holdout }) }
      try {
        const { dataset, resampling } = divideRows(loaded, validation, seedOfDrafts, basename(file))
        const pooled = undefinedFold(judge, dataset, resampling) !== -1
        if (pooled) refuseUndefinedFolds({ ...judge, pooled }, dataset, resampling)
        return { folds, holdout, pooled }
      } catch (error) {
        if (!isEspalierError(error)) throw error
        refused = error
      }
    }
  throw refused!
}
