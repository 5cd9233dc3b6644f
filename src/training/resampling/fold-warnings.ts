/** What is allowed in the division of rows but worth knowing before anything is trained. */
import { type Dataset, hasManyClasses } from '../../data/index.js'
import type { Resampling } from '../plan.js'
import { holdoutMark } from './marks.js'

/**
 * Classes with fewer rows than there are folds: some folds hold none of them. Of a split, classes of a single row: they are
 * fitted on or held out, and never both.
 */
export function foldWarnings(data: Dataset, resampling: Resampling, file: string): string[] {
  const { target } = data
  const { assignment, folds, repeats = 1, trainsOn = 'others' } = resampling
  const parts = folds / repeats
  if (target.kind === 'numbers' || trainsOn === 'earlier') return []
  const needed = Math.max(parts, 2)
  const counts = new Int32Array(target.classes.length)
  data.index.forEach((row, i) => {
    if (assignment[i] !== holdoutMark) counts[target.codes[row]]++
  })
  const rare = target.classes.flatMap((name, code) =>
    counts[code] > 0 && counts[code] < needed ? [`${JSON.stringify(name)} (${counts[code]})`] : [],
  )
  // That a measured target was taken for classes is said already.
  if (rare.length === 0 || hasManyClasses(target.classes.length, data.rows)) return []
  const named =
    rare.length > 5 ? `${rare.slice(0, 5).join(', ')} and ${rare.length - 5} more` : rare.join(', ')
  if (parts === 1) {
    return [
      `${file}: classes with a single row: ${named}; they are either fitted on or held out, so metrics say little about them`,
    ]
  }
  return [
    `${file}: classes with fewer rows than the ${parts} folds: ${named}; some folds hold none of them, so their metrics say little about them`,
  ]
}
