/** What is allowed in the division of rows but worth knowing before anything is trained. */
import type { Dataset } from '../../data/index.js'
import type { Resampling } from '../plan.js'
import { holdoutMark } from './marks.js'

/** Classes with fewer rows than there are folds: some folds hold none of them. */
export function foldWarnings(data: Dataset, resampling: Resampling, file: string): string[] {
  const { target } = data
  const { assignment, folds, repeats = 1, trainsOn = 'others' } = resampling
  const parts = folds / repeats
  if (target.kind === 'numbers' || trainsOn === 'earlier' || parts === 1) return []
  const counts = new Int32Array(target.classes.length)
  data.index.forEach((row, i) => {
    if (assignment[i] !== holdoutMark) counts[target.codes[row]]++
  })
  const rare = target.classes.flatMap((name, code) =>
    counts[code] > 0 && counts[code] < parts ? [`${JSON.stringify(name)} (${counts[code]})`] : [],
  )
  // Where most classes are rare, that the target has too many of them is said already.
  if (rare.length === 0 || rare.length > target.classes.length / 2) return []
  const named =
    rare.length > 5 ? `${rare.slice(0, 5).join(', ')} and ${rare.length - 5} more` : rare.join(', ')
  return [
    `${file}: classes with fewer rows than the ${parts} folds: ${named}; some folds hold none of them, so their metrics say little about them`,
  ]
}
