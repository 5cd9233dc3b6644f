/** What out-of-fold predictions are like beyond one number: which classes are taken for which, and how errors are spread. */
import type { Truth } from './bias-types.js'
import { countsOf, f1, precision, recall } from './labels.js'
import { quantile } from './numbers.js'

export interface ClassTable {
  readonly classes: readonly string[]
  /** Rows of each class in the truth by the class they were taken for; null where there are more than 100 classes. */
  readonly confusion: readonly (readonly number[])[] | null
  readonly perClass: readonly {
    readonly class: string
    readonly precision: number
    readonly recall: number
    readonly f1: number
    readonly rows: number
  }[]
}

export interface ResidualSummary {
  /** Of truth − prediction. */
  readonly quantiles: {
    readonly min: number
    readonly q05: number
    readonly q25: number
    readonly median: number
    readonly q75: number
    readonly q95: number
    readonly max: number
  }
  /** Mean of prediction − truth: above 0 where too much is predicted. */
  readonly bias: number
  /** The largest errors, the largest first. */
  readonly largest: readonly { readonly truth: number; readonly predicted: number }[]
}

const mostClasses = 100
const mostErrors = 3

export function classTable(
  { codes }: Truth & { kind: 'classes' },
  values: ArrayLike<number>,
  classes: readonly string[],
): ClassTable {
  const predicted = Int32Array.from(values)
  const counts = countsOf({ truth: codes, predicted, classes: classes.length })
  const perClass = classes.map((name, c) => ({
    class: name,
    precision: precision(counts, c),
    recall: recall(counts, c),
    f1: f1(counts, c),
    rows: counts.inTruth[c],
  }))
  if (classes.length > mostClasses) return { classes, confusion: null, perClass }
  const confusion = classes.map(() => classes.map(() => 0))
  codes.forEach((code, i) => {
    confusion[code][predicted[i]]++
  })
  return { classes, confusion, perClass }
}

export function residualSummary(
  { values: truth }: Truth & { kind: 'numbers' },
  predicted: ArrayLike<number>,
): ResidualSummary {
  const errors = truth.map((value, i) => value - predicted[i])
  const sorted = errors.slice().sort()
  const order = Array.from(truth.keys()).sort((a, b) => Math.abs(errors[b]) - Math.abs(errors[a]) || a - b)
  return {
    quantiles: {
      min: sorted[0],
      q05: quantile(sorted, 0.05),
      q25: quantile(sorted, 0.25),
      median: quantile(sorted, 0.5),
      q75: quantile(sorted, 0.75),
      q95: quantile(sorted, 0.95),
      max: sorted[sorted.length - 1],
    },
    bias: -errors.reduce((sum, error) => sum + error, 0) / errors.length,
    largest: order.slice(0, mostErrors).map((i) => ({ truth: truth[i], predicted: predicted[i] })),
  }
}
