/** The settings of resampling, checked against the data set they are for. */
import type { Dataset, RowLayout } from '../../data/index.js'
import { EspalierError } from '../../errors.js'

export const schemes = ['k-fold', 'repeated-k-fold', 'group-k-fold', 'split', 'time-series'] as const
export type Scheme = (typeof schemes)[number]

export interface ResamplingOptions {
  /** Unless stated: time-series where the data set has a time, group-k-fold where it has groups, else k-fold. */
  readonly scheme?: Scheme
  /** At least 2; 5 unless stated. Not for `split`. */
  readonly folds?: number | null
  /** For repeated-k-fold: at least 1; 3 unless stated. */
  readonly repeats?: number | null
  /** For `split`: the share of rows held out, above 0 and below 1; 0.2 unless stated. */
  readonly fraction?: number | null
  /** Keep the share of every class in every part. Unless stated: for classes yes, but not with groups or in order of time. */
  readonly stratified?: boolean
  /** The share of rows held back from every trial, above 0 and below 1; null for none. */
  readonly holdout?: number | null
  readonly seed: number
}

/** The settings complete. */
export interface ResamplingPlan {
  readonly scheme: Scheme
  /** Blocks that are held out in one repeat: 1 for `split`. */
  readonly perRepeat: number
  readonly repeats: number
  /** Share of rows held out by `split`, else null. */
  readonly fraction: number | null
  readonly stratified: boolean
  /** Whether rows are divided in their order. */
  readonly ordered: boolean
  /** Rows that are dealt: those of a test file are not. */
  readonly rows: number
  /** How many of them go to the holdout part. */
  readonly heldBack: number
  readonly seed: number
}

/** The scheme that the columns of a data set ask for. */
export function defaultScheme({ groups, times }: Pick<RowLayout, 'groups' | 'times'>): Scheme {
  return times !== null ? 'time-series' : groups !== null ? 'group-k-fold' : 'k-fold'
}

export const noLayout: RowLayout = { groups: null, times: null, testRows: 0 }

/** The settings for this data set, defaults filled in. Throws DATA_INVALID where it cannot be divided so. */
export function planResampling(
  data: Dataset,
  options: ResamplingOptions,
  { groups, times, testRows }: RowLayout = noLayout,
): ResamplingPlan {
  // The rows of a test file are the last ones; the schemes deal those before them.
  const rows = data.rows - testRows
  const { scheme = defaultScheme({ groups, times }), seed } = options
  const folds = options.folds ?? 5
  const repeats = options.repeats ?? 3
  const share = options.fraction ?? 0.2
  const holdout = options.holdout ?? null
  const ordered = scheme === 'time-series' || (scheme === 'split' && times !== null)
  const classes = data.target.kind === 'classes'
  const stratified = options.stratified ?? (classes && !ordered && groups === null)
  if (scheme !== 'split' && !(Number.isInteger(folds) && folds >= 2)) {
    refuse('validation.folds', `cross-validation needs a whole number of folds, 2 or more (got ${folds})`)
  }
  if (!(Number.isInteger(repeats) && repeats >= 1)) {
    refuse('validation.repeats', `repeats are a whole number, 1 or more (got ${repeats})`)
  }
  if (!(share > 0 && share < 1)) {
    refuse('validation.fraction', `the fraction is a share of the rows above 0 and below 1 (got ${share})`)
  }
  if (stratified && !classes) {
    refuse(
      'validation.stratified',
      `only classes can be stratified, and the target "${data.target.name}" is numbers; leave the entry out`,
    )
  }
  if (stratified && ordered) {
    refuse('validation.stratified', 'rows in order of time cannot be stratified; leave the entry out')
  }
  if (scheme === 'group-k-fold' && groups === null) {
    refuse('data.group', 'group-k-fold needs groups, and no column is named; add "group" to "data"')
  }
  if (ordered && groups !== null) {
    refuse(
      'data.group',
      'rows are divided by time or by group, and not by both; leave out "group" (and exclude its column), or choose another scheme',
    )
  }
  if (holdout !== null && testRows > 0) {
    refuse(
      'validation.holdout',
      'the test file is the holdout part, and a share is asked for too; leave one out',
    )
  }
  if (holdout !== null && !(holdout > 0 && holdout < 1)) {
    refuse('validation.holdout', `the holdout is a share of the rows above 0 and below 1 (got ${holdout})`)
  }
  const heldBack = holdout === null ? 0 : Math.round(rows * holdout)
  if (holdout !== null && heldBack === 0) {
    refuse('validation.holdout', `the holdout must have a row, and ${holdout} of ${rows} rows is none`)
  }
  const left = rows - heldBack
  const without = heldBack > 0 ? ` (${rows} without the holdout of ${heldBack})` : ''
  const blocks = scheme === 'time-series' ? folds + 1 : folds
  if (scheme !== 'split' && left < blocks) {
    const asked = scheme === 'time-series' ? `${folds} folds and the rows before them` : `${folds} folds`
    refuse('validation.folds', `every fold needs a row: ${asked} of ${left} rows${without} are too many`)
  }
  if (scheme === 'split' && (Math.round(left * share) === 0 || Math.round(left * share) === left)) {
    refuse(
      'validation.fraction',
      `both parts of the split need a row: ${share} of ${left} rows${without} is ${Math.round(left * share) === 0 ? 'none' : 'all'}`,
    )
  }
  return {
    scheme,
    perRepeat: scheme === 'split' ? 1 : folds,
    repeats: scheme === 'repeated-k-fold' ? repeats : 1,
    fraction: scheme === 'split' ? share : null,
    stratified,
    ordered,
    rows,
    heldBack,
    seed,
  }
}

export function refuse(path: string, message: string): never {
  throw new EspalierError('DATA_INVALID', `${path}: ${message}`, { problems: [{ path, message }] })
}
