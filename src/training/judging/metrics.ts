/**
 * The metrics there are, and how they are named.
 *
 *   name     = [ "pooled:" ] word [ ":" argument ]
 *   argument = a class (recall:yes), how many (topK:3), or a quantile (pinball:0.9), as the word takes it
 *
 * A plain name is worked out on the rows held out by each fold, and a trial's value is the mean over its folds. `pooled:` works it
 * out once, over the predictions of all folds together: for metrics that are not defined on a few rows, or mislead there. Which of
 * both a figure is stands in its name, wherever it is shown.
 *
 * Of two classes the one that is counted, where none is named, is the second in their order (`1` of 0 and 1, `true`, `yes` of no
 * and yes), as in scikit-learn. Metrics stay defined in folds that lack a class wherever that has a meaning; where it has none they
 * are NaN, and `undefinedWhere` says when.
 */
import type { Task } from '../../data/index.js'
import { EspalierError } from '../../errors.js'
import { nearestHint } from '../../spelling.js'
import { betterSides, type Direction } from '../../values.js'
import * as labels from './labels.js'
import type { ClassifiedRows, EstimatedRows } from './metric-types.js'
import * as numbers from './numbers.js'
import * as probabilities from './probabilities.js'
import * as ranking from './ranking.js'

export type { ClassifiedRows, EstimatedRows } from './metric-types.js'

export interface MetricDescription {
  /** Its word. */
  readonly name: string
  readonly task: Task
  readonly direction: Direction
  readonly needsProbabilities: boolean
  /** Whether it is recorded with every trial, asked for or not. */
  readonly always: boolean
  /** What may stand behind its name; null for nothing. */
  readonly argument: 'class' | 'count' | 'quantile' | null
  readonly description: string
}

/** Rows with what every metric of labels is made from. */
export interface CountedRows extends ClassifiedRows {
  readonly counts: labels.Counts
}

interface Entry extends Omit<MetricDescription, 'name' | 'direction'> {
  readonly range: readonly [low: number, high: number]
  /** When it is NaN. */
  readonly undefinedWhere?: string
  /** Whether it cannot do without its argument: always, or where there are more than two classes. */
  readonly needsArgument?: 'always' | 'beyond two classes'
  /** What it is on labels of two classes alone, where it is made of counts: what a threshold can be chosen by. */
  readonly ofCounts?: (counts: labels.Counts, argument: number) => number
  /** Whether it is the mean over rows of what it is on each row alone. */
  readonly isMean?: boolean
  /** Where it is a mean over classes of what follows from the order of their probabilities. */
  readonly ranked?: RankedMean
  ofClasses(rows: CountedRows, argument: number): number
  ofNumbers(rows: EstimatedRows, argument: number): number
}

/** A metric of each class against the rest, by the order of the class's probabilities, and how it is averaged. */
export interface RankedMean {
  readonly ofRanking: ranking.OfRanking
  /** Each class by its rows. */
  readonly weighted: boolean
}

type Word = keyof typeof betterSides

const none = () => Number.NaN

function label(
  description: string,
  ofCounts: NonNullable<Entry['ofCounts']>,
  more: Partial<Entry> = {},
): Entry {
  return {
    task: 'classification',
    needsProbabilities: false,
    always: false,
    argument: null,
    description,
    range: [0, 1],
    ofCounts,
    ofClasses: ({ counts }, argument) => ofCounts(counts, argument),
    ofNumbers: none,
    ...more,
  }
}

function probability(description: string, ofClasses: Entry['ofClasses'], more: Partial<Entry> = {}): Entry {
  return {
    task: 'classification',
    needsProbabilities: true,
    always: false,
    argument: null,
    description,
    range: [0, 1],
    ofClasses,
    ofNumbers: none,
    ...more,
  }
}

function number(description: string, ofNumbers: Entry['ofNumbers'], more: Partial<Entry> = {}): Entry {
  return {
    task: 'regression',
    needsProbabilities: false,
    always: false,
    argument: null,
    description,
    range: [0, Number.POSITIVE_INFINITY],
    ofClasses: none,
    ofNumbers,
    ...more,
  }
}

/** Of a class: the one named, else the second of two. */
const ofClass = (of: labels.OfClass, description: string) =>
  label(
    `${description} of a class: of the second of two unless one is named (\`WORD:yes\`)`,
    (counts, c) => of(counts, Number.isNaN(c) ? 1 : c),
    { argument: 'class', needsArgument: 'beyond two classes' },
  )
const always = { always: true } as const
const unbounded = [0, Number.POSITIVE_INFINITY] as const
const aboveZero = [Number.NEGATIVE_INFINITY, 1] as const
const oneClass = 'the rows that are judged are of one class alone, and it compares rows of different ones'
const noSuchRow = 'none of the rows that are judged is of the class'
const right = labels.accuracy

const entries: { readonly [W in Word]: Entry } = {
  accuracy: label('share of rows predicted right', labels.accuracy, always),
  balancedAccuracy: label(
    'mean over classes of the share of their rows predicted right',
    labels.balancedAccuracy,
    always,
  ),
  macroF1: label('mean over classes of F1', labels.macro(labels.f1), always),
  logLoss: probability(
    'mean of −log of the probability given to the true class, clipped at 1e-15',
    probabilities.logLoss,
    { always: true, range: unbounded, isMean: true },
  ),
  f1: ofClass(labels.f1, 'F1 = 2·precision·recall/(precision + recall)'),
  microF1: label('F1 over all classes at once: the accuracy, where every row has one label', right),
  weightedF1: label('F1 of each class, weighted by its rows', labels.weighted(labels.f1)),
  precision: ofClass(labels.precision, 'share of right ones among the rows predicted as it'),
  macroPrecision: label('mean over classes of precision', labels.macro(labels.precision)),
  microPrecision: label('precision over all classes at once: the accuracy', right),
  weightedPrecision: label(
    'precision of each class, weighted by its rows',
    labels.weighted(labels.precision),
  ),
  recall: ofClass(labels.recall, 'share of its rows that were found'),
  macroRecall: label('mean over classes of recall', labels.macro(labels.recall)),
  microRecall: label('recall over all classes at once: the accuracy', right),
  weightedRecall: label(
    'recall of each class, weighted by its rows: the accuracy',
    labels.weighted(labels.recall),
  ),
  matthews: label('Matthews’ correlation of truth and predictions, −1 … 1; 0 is chance', labels.matthews, {
    range: [-1, 1],
  }),
  kappa: label('Cohen’s kappa: agreement beyond chance, −1 … 1; 0 is chance', labels.kappa, {
    range: [-1, 1],
  }),
  rocAuc: probability(
    'area under the ROC curve, 0.5 is chance: of two classes; of more the mean of each against the rest; or of the class named against the rest',
    (rows, c) => {
      if (!Number.isNaN(c)) return ranking.rocAucOfClass(rows, c)
      return rows.classes === 2 ? ranking.rocAucOfClass(rows, 1) : aucOvr(rows)
    },
    {
      argument: 'class',
      undefinedWhere: oneClass,
      ranked: { ofRanking: ranking.rocAucOfRanking, weighted: false },
    },
  ),
  weightedRocAuc: probability(
    'area under the ROC curve of each class against the rest, weighted by its rows',
    ranking.overClasses(ranking.rocAucOfClass, true),
    { undefinedWhere: oneClass, ranked: { ofRanking: ranking.rocAucOfRanking, weighted: true } },
  ),
  rocAucOvo: probability(
    'area under the ROC curve of one class against another, mean over all pairs (Hand and Till)',
    ranking.rocAucOvo(false),
    { undefinedWhere: oneClass },
  ),
  weightedRocAucOvo: probability('the same, each pair weighted by its rows', ranking.rocAucOvo(true), {
    undefinedWhere: oneClass,
  }),
  averagePrecision: probability(
    'mean precision over the rows of a class, in the order of its probability: of the second of two classes; of more the mean over them; or of the class named',
    (rows, c) => {
      if (!Number.isNaN(c)) return ranking.averagePrecisionOfClass(rows, c)
      return rows.classes === 2 ? ranking.averagePrecisionOfClass(rows, 1) : averagePrecisionOvr(rows)
    },
    {
      argument: 'class',
      undefinedWhere: noSuchRow,
      ranked: { ofRanking: ranking.averagePrecisionOfRanking, weighted: false },
    },
  ),
  weightedAveragePrecision: probability(
    'average precision of each class, weighted by its rows',
    ranking.overClasses(ranking.averagePrecisionOfClass, true),
    { ranked: { ofRanking: ranking.averagePrecisionOfRanking, weighted: true } },
  ),
  brier: probability(
    'mean squared error of the probabilities: of one of two classes, summed over more, or of the class named',
    (rows, c) => (Number.isNaN(c) ? probabilities.brier(rows) : probabilities.brierOfClass(rows, c)),
    { argument: 'class', range: [0, 2], isMean: true },
  ),
  balancedLogLoss: probability(
    'mean over classes of the log loss of their rows',
    probabilities.balancedLogLoss,
    {
      range: unbounded,
    },
  ),
  topK: probability(
    'share of rows whose class is among the k of highest probability (`topK:3`)',
    probabilities.topK,
    { argument: 'count', needsArgument: 'always', isMean: true },
  ),
  rmse: number('root mean squared error, in units of the target', numbers.rmse, always),
  mae: number('mean absolute error, in units of the target', numbers.mae, { always: true, isMean: true }),
  r2: number('share of the variance explained; 0 is the mean, 1 is perfect', numbers.r2, {
    always: true,
    range: aboveZero,
  }),
  medianAbsoluteError: number(
    'median of the absolute errors, in units of the target',
    numbers.medianAbsoluteError,
  ),
  mape: number(
    'mean absolute error as a share of the truth: 0.1 is 10 %; enormous where a truth is 0',
    numbers.mape,
    { isMean: true },
  ),
  maxError: number('the largest absolute error', numbers.maxError),
  explainedVariance: number(
    'as r2, but an error that is the same everywhere costs nothing',
    numbers.explainedVariance,
    { range: aboveZero },
  ),
  pinball: number(
    'error of a quantile, what is predicted too low weighing q and too high 1 − q (`pinball:0.9`; 0.5 unless stated)',
    (rows, q) => numbers.pinball(rows, Number.isNaN(q) ? 0.5 : q),
    { argument: 'quantile', isMean: true },
  ),
  poissonDeviance: number('deviance of counts', numbers.poissonDeviance, {
    undefinedWhere: 'a truth is below 0, or a prediction is not above it',
    isMean: true,
  }),
  gammaDeviance: number('deviance of amounts above 0', numbers.gammaDeviance, {
    undefinedWhere: 'a truth or a prediction is not above 0',
    isMean: true,
  }),
}

function aucOvr(rows: ClassifiedRows): number {
  return ranking.overClasses(ranking.rocAucOfClass, false)(rows)
}

function averagePrecisionOvr(rows: ClassifiedRows): number {
  return ranking.overClasses(ranking.averagePrecisionOfClass, false)(rows)
}

const words = Object.keys(entries) as Word[]

/** The metrics of a task (or of both), the usual objective first. */
export function metricsFor(task?: Task): readonly MetricDescription[] {
  return words.filter((word) => task === undefined || entries[word].task === task).map(describe)
}

function describe(word: Word): MetricDescription {
  const { task, needsProbabilities, always, argument, description } = entries[word]
  const direction = betterSides[word]
  const said = description.replace('WORD', word)
  return { name: word, task, direction, needsProbabilities, always, argument, description: said }
}

/** A metric as somebody named it. */
export interface NamedMetric extends MetricDescription {
  /** The whole name: it is recorded under this one. */
  readonly name: string
  readonly word: string
  readonly pooled: boolean
  /** The name without `pooled:`. */
  readonly plain: string
  /** When it is not defined; null where it always is. */
  readonly undefinedWhere: string | null
  readonly range: readonly [low: number, high: number]
  readonly ofCounts: ((counts: labels.Counts) => number) | null
  readonly isMean: boolean
  /** `only`: the class, by its code, where it is of one alone. */
  readonly ranked: (RankedMean & { only(classes: number): number | null }) | null
  ofClasses(rows: ClassifiedRows): number
  ofNumbers(rows: EstimatedRows): number
}

/** Whose name it is, for messages: `the objective's metric`, and where it stands in the sweep file. */
export interface NamedWhere {
  readonly what: string
  readonly path: string
}

/**
 * The metric of this name. `classes`: of the target, where they are known; null where not, or where the target has none: the class
 * that a name names is then not looked at, and the metric cannot be worked out.
 * @throws EspalierError USAGE where there is none.
 */
export function metricNamed(
  name: string,
  task: Task,
  classes: readonly string[] | null,
  where: NamedWhere = { what: 'a metric', path: 'metrics' },
): NamedMetric {
  const refuse = (law: string): never => {
    throw new EspalierError('USAGE', law, { problems: [{ path: where.path, message: law }] })
  }
  const pooled = name.startsWith('pooled:')
  const plain = pooled ? name.slice('pooled:'.length) : name
  const colon = plain.indexOf(':')
  const [word, written] = colon === -1 ? [plain, null] : [plain.slice(0, colon), plain.slice(colon + 1)]
  const ofTask = words.filter((one) => entries[one].task === task)
  if (!ofTask.includes(word as Word)) {
    const own = Object.hasOwn(entries, word) ? `, which is for ${entries[word as Word].task}` : ''
    return refuse(
      `${where.what} must be one of ${task}'s: ${ofTask.join(', ')} (got "${name}"${own})${nearestHint(word, ofTask)}`,
    )
  }
  const entry = entries[word as Word]
  const argument = argumentOf(word as Word, written, classes, { ...where, name }, refuse)
  const counted = (rows: ClassifiedRows): CountedRows => ({ ...rows, counts: labels.countsOf(rows) })
  const { ofCounts, ranked } = entry
  const only = (classes: number) => {
    if (!Number.isNaN(argument)) return argument
    return classes === 2 && !ranked!.weighted ? 1 : null
  }
  return {
    ...describe(word as Word),
    name,
    word,
    pooled,
    plain,
    undefinedWhere: entry.undefinedWhere ?? null,
    range: entry.range,
    ofCounts: ofCounts === undefined ? null : (counts) => ofCounts(counts, argument),
    isMean: entry.isMean ?? false,
    ranked: ranked === undefined ? null : { ...ranked, only },
    ofClasses: (rows) => entry.ofClasses('counts' in rows ? (rows as CountedRows) : counted(rows), argument),
    ofNumbers: (rows) => entry.ofNumbers(rows, argument),
  }
}

/** What stands behind a word, as a number: a class by its code; NaN for nothing. */
function argumentOf(
  word: Word,
  written: string | null,
  classes: readonly string[] | null,
  { what, name }: NamedWhere & { readonly name: string },
  refuse: (law: string) => never,
): number {
  const { argument, needsArgument } = entries[word]
  if (written === null) {
    if (needsArgument === 'always') refuse(`${what} "${word}" says how many: "${word}:3" (got "${name}")`)
    if (needsArgument === 'beyond two classes' && classes !== null && classes.length !== 2)
      refuse(
        `${what} "${word}" is of one class, and the target has ${classes.length}: name it ("${word}:${classes[0]}"), or take the mean over all of them, "macro${word[0].toUpperCase()}${word.slice(1)}"`,
      )
    return Number.NaN
  }
  if (argument === null) refuse(`${what} "${word}" stands alone (got "${name}"); leave ":${written}" out`)
  if (argument === 'class') {
    if (classes === null) return Number.NaN
    const code = classes.indexOf(written)
    if (code === -1)
      refuse(
        `${what} "${word}:…" names a class of the target: ${classes.slice(0, 10).join(', ')}${classes.length > 10 ? ' …' : ''} (got "${written}")${nearestHint(written, classes)}`,
      )
    return code
  }
  const value = Number(written)
  if (argument === 'count') {
    if (!/^[1-9]\d*$/.test(written))
      refuse(`${what} "${word}:…" takes a whole number from 1 on: "${word}:3" (got "${name}")`)
    if (classes !== null && value >= classes.length)
      refuse(
        `${what} "${word}:…" takes fewer than all ${classes.length} classes, among which every row's is (got "${name}")`,
      )
  } else if (!(written.trim() !== '' && value > 0 && value < 1))
    refuse(`${what} "${word}:…" takes a number between 0 and 1: "${word}:0.9" (got "${name}")`)
  return value
}

/** Those that are recorded with every trial. */
export function usualMetrics(task: Task, classes: readonly string[] | null): NamedMetric[] {
  return metricsFor(task)
    .filter(({ always }) => always)
    .map(({ name }) => metricNamed(name, task, classes))
}

/** Every one of these metrics that can be worked out for the rows. At least one row. NaN where it is not defined. */
export function classificationMetrics(
  rows: ClassifiedRows,
  metrics: readonly NamedMetric[],
): Record<string, number> {
  const counted: CountedRows = { ...rows, counts: labels.countsOf(rows) }
  const found: Record<string, number> = {}
  for (const metric of metrics)
    if (rows.probabilities !== null || !metric.needsProbabilities)
      found[metric.name] = metric.ofClasses(counted)
  return found
}

/** The same for numbers. */
export function regressionMetrics(
  rows: EstimatedRows,
  metrics: readonly NamedMetric[],
): Record<string, number> {
  const found: Record<string, number> = {}
  for (const metric of metrics) found[metric.name] = metric.ofNumbers(rows)
  return found
}
