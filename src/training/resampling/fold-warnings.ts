/** What is allowed in the division of rows but worth knowing before anything is trained. */
import { type Dataset, hasManyClasses } from '../../data/index.js'
import type { Resampling } from '../plan.js'
import { holdoutMark } from './marks.js'

/**
 * Classes with fewer rows than there are folds, and classes that groups keep in a few folds: some folds hold none of them.
 * Of a split, classes of a single row: they are fitted on or held out, and never both.
 */
export function foldWarnings(data: Dataset, resampling: Resampling, file: string): string[] {
  const { target } = data
  const { assignment, folds, repeats = 1, trainsOn = 'others' } = resampling
  const parts = folds / repeats
  if (target.kind === 'numbers' || trainsOn === 'earlier') return []
  const needed = Math.max(parts, 2)
  const counts = new Int32Array(target.classes.length)
  /** The folds of the first repeat that hold some of each class. */
  const held = target.classes.map(() => new Set<number>())
  data.index.forEach((row, i) => {
    if (assignment[i] === holdoutMark) return
    counts[target.codes[row]]++
    if (assignment[i] >= 0) held[target.codes[row]].add(assignment[i])
  })
  const rare = target.classes.flatMap((name, code) =>
    counts[code] > 0 && counts[code] < needed ? [`${JSON.stringify(name)} (${counts[code]})`] : [],
  )
  // Groups stay together, and rows that are dealt without regard to their classes fall as they fall.
  const gathered = target.classes.flatMap((name, code) =>
    parts > 1 && counts[code] >= needed && held[code].size < parts
      ? [`${JSON.stringify(name)} (${held[code].size})`]
      : [],
  )
  // That a measured target was taken for classes is said already.
  if (hasManyClasses(target.classes.length, data.rows)) return []
  const warnings: string[] = []
  if (rare.length > 0) {
    warnings.push(
      parts === 1
        ? `${file}: classes with a single row: ${listed(rare)}; they are either fitted on or held out, so metrics say little about them`
        : `${file}: classes with fewer rows than the ${parts} folds: ${listed(rare)}; some folds hold none of them, so their metrics say little about them`,
    )
  }
  if (gathered.length > 0) {
    warnings.push(
      `${file}: classes whose rows all lie in fewer than the ${parts} folds: ${listed(gathered)}; the other folds hold none of them, so their metrics say little about them`,
    )
  }
  return warnings
}

function listed(classes: readonly string[]): string {
  const rest = classes.length > 5 ? ` and ${classes.length - 5} more` : ''
  return classes.slice(0, 5).join(', ') + rest
}
