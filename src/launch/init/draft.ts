/** From what a data file looks like to a sweep over it: metric, folds, holdout part, families of trainers. */

import type { ValidationJson } from '../../space/index.js'
import { trainerParameter } from '../../trainer-choice.js'
import { metricsFor } from '../../training/index.js'
import type { JsonObject, JsonValue, Params } from '../../values.js'
import { type Division, seedOfDrafts } from './division.js'
import { type Family, familiesFor } from './families.js'
import type { Reading } from './reading.js'
import type { LeftOut, Survey, Suspicion } from './survey.js'
import type { Entry } from './text.js'

/** What a sweep is drafted for, besides the data. */
export interface DraftOptions {
  readonly name: string
  /** As the file will name it. */
  readonly data: string
  readonly group?: string
  readonly time?: string
  /** How the file is read where it has to be said. */
  readonly reading: Reading
  /** What of it nobody stated. */
  readonly found: Reading
  /** How rows can be divided that belong together or follow each other, where that is known. */
  readonly division?: Division
  readonly known: (trainer: string) => boolean
  /** Trials of the sweep. */
  readonly trials: number
  /** The path of the JSON Schema, for editors; null without one. */
  readonly schema: string | null
}

export interface Draft {
  readonly metric: string
  readonly validation: ValidationJson
  readonly trainers: readonly string[]
  readonly leftOut: readonly LeftOut[]
  readonly suspicions: readonly Suspicion[]
  readonly top: readonly string[]
  readonly entries: readonly Entry[]
}

/** Fewer rows are too few to set some of them apart. */
const leastForHoldout = 500
/** With fewer rows one division into folds says little. */
const leastForOneRepeat = 300
const mostForFiveFolds = 20_000
/** Beyond that one part held out is as good as folds. */
const mostForFolds = 200_000

export function draft(survey: Survey, options: DraftOptions): Draft {
  const { group, time, data, name, known, trials, schema, reading, found } = options
  const { validation, comment } = validationFor(survey, options)
  const { metric, why } = metricFor(survey, options.division?.pooled ?? isTooRare(survey, validation))
  const needsProbabilities = metricsFor(survey.target.task).some(
    (one) => one.name === metric.replace(/^pooled:/, '') && one.needsProbabilities,
  )
  const families = familiesFor(
    survey.target.task,
    {
      rows: Math.floor(survey.rows * 0.8),
      features: survey.numbers + survey.texts,
      width: survey.width,
      unbalanced: isUnbalanced(survey),
      needsProbabilities,
    },
    known,
  )
  const { leftOut, suspicions } = survey
  const trainers = families.map(({ trainer }) => trainer)
  const entries: Entry[] = [
    ...(schema === null ? [] : [{ key: '$schema', value: schema }]),
    { key: 'name', value: name },
    {
      key: 'data',
      comment: sentencesOf(survey),
      entries: [
        { key: 'file', value: data },
        { key: 'target', value: survey.target.name },
        ...readingEntries(reading, found),
        ...(survey.withoutTarget === 0
          ? []
          : [
              {
                key: 'dropRows',
                comment: [`${survey.withoutTarget} rows have no value of the target, and are left out.`],
                value: 'missing-target',
              },
            ]),
        ...(leftOut.length === 0
          ? []
          : [
              {
                key: 'exclude',
                comment: [
                  'Left out; take a name out of the list to have it back:',
                  ...leftOutLines(leftOut).map((line) => `- ${line}`),
                ],
                value: leftOut.map(({ column }) => column),
              },
            ]),
        ...(group === undefined ? [] : [{ key: 'group', value: group }]),
        ...(time === undefined ? [] : [{ key: 'time', value: time }]),
        ...suspicions.map(suggestion),
      ],
    },
    { key: 'objective', comment: [why], value: { metric } },
    { key: 'validation', comment, value: { ...validation } as JsonObject },
    {
      key: 'search',
      comment: ['Begins with params that are known to be good, one or two of each family.'],
      entries: [
        { key: 'trials', value: trials },
        { key: 'seed', value: seedOfDrafts },
        { key: 'enqueue', items: enqueued(families) },
      ],
    },
    { key: 'parameters', entries: parametersOf(families) },
  ]
  const top = [
    `A sweep over ${data}, drafted by \`espalier init\`. Everything in it may be changed; \`espalier space check\` tells what does not fit.`,
  ]
  return { metric, validation, trainers, leftOut, suspicions, top, entries }
}

const whyRead: Readonly<Partial<Record<keyof Reading, string>>> = {
  skipLines: 'A line under the header without a number, as one of units.',
  units: 'Taken off numbers that have them beside.',
  thousands: 'The mark between thousands.',
  dateFormat: 'The one way in which all dates of a column can be read.',
}

function readingEntries(reading: Reading, found: Reading): Entry[] {
  return Object.entries(reading).flatMap(([key, value]): Entry[] => {
    if (value === undefined) return []
    const why = key in found ? whyRead[key as keyof Reading] : undefined
    return [{ key, value: value as JsonValue, ...(why !== undefined && { comment: [why] }) }]
  })
}

/** What is told of that was found out and written down. */
export function foundSentence(found: Reading): string[] {
  const said = Object.entries(found).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`)
  return said.length === 0
    ? []
    : [`Written into the file, so that numbers and dates are read as such: ${said.join(', ')}.`]
}

function suggestion({ column, role, why }: Suspicion): Entry {
  const meaning =
    role === 'group'
      ? 'Where rows of one belong together, they must not be divided between folds, or the score is too good'
      : 'Where what came later is to be predicted from what came before, folds must go by it, or the score is too good'
  return {
    key: role,
    comment: [`${column}: ${why}. ${meaning}: then take the slashes or the # away.`],
    value: column,
    suggested: true,
  }
}

function isUnbalanced({ target }: Survey): boolean {
  if (target.task !== 'classification') return false
  const { classes } = target
  return classes[0].rows > 3 * classes[classes.length - 1].rows
}

/** Whether some fold has no row of the rarest class, where each class is dealt evenly. */
function isTooRare({ target }: Survey, { folds, holdout }: ValidationJson): boolean {
  if (target.task !== 'classification') return false
  const { rows } = target.classes[target.classes.length - 1]
  return rows - Math.ceil(rows * (holdout ?? 0)) < (folds ?? 1)
}

/** `pooled`: some fold has no rows of one of the classes. */
function metricFor(survey: Survey, pooled: boolean): { metric: string; why: string } {
  const { target } = survey
  if (target.task === 'regression')
    return {
      metric: 'rmse',
      why: 'rmse: the usual error, in units of the target. Others: mae (outliers count less), r2.',
    }
  const { classes } = target
  const has = (name: string) => metricsFor('classification').some((one) => one.name === name)
  if (!isUnbalanced(survey))
    return {
      metric: 'accuracy',
      why: 'The classes are of about equal size: the share of rows predicted right.',
    }
  const share = Math.round((100 * classes[0].rows) / survey.rows)
  if (classes.length === 2 && has('rocAuc')) {
    const asks = `The classes are of unequal size, and ${share} % would be right without looking: rocAuc asks how well rows of one come before those of the other.`
    if (!pooled) return { metric: 'rocAuc', why: asks }
    return {
      metric: 'pooled:rocAuc',
      why: `${asks} Some fold has rows of one class alone, so it is worked out over the predictions of all folds together.`,
    }
  }
  return {
    metric: 'balancedAccuracy',
    why: `The classes are of unequal size, and ${share} % would be right without looking: balancedAccuracy counts every class the same.`,
  }
}

function validationFor(
  { rows, target }: Survey,
  { group, time, division }: Pick<DraftOptions, 'group' | 'time' | 'division'>,
): { validation: ValidationJson; comment: string[] } {
  const comment: string[] = []
  const validation: { -readonly [K in keyof ValidationJson]: ValidationJson[K] } = {}
  if (time !== undefined) {
    validation.folds = division?.folds ?? 5
    comment.push(`Folds in the order of "${time}": each is predicted from what came before it.`)
  } else if (group !== undefined) {
    validation.folds = division?.folds ?? (rows > mostForFiveFolds ? 3 : 5)
    comment.push(`Rows with the same "${group}" stay together.`)
  } else if (rows > mostForFolds) {
    validation.scheme = 'split'
    validation.fraction = 0.2
    comment.push('With so many rows one part held out says as much as folds.')
  } else if (rows < leastForOneRepeat) {
    validation.scheme = 'repeated-k-fold'
    validation.folds = Math.max(2, Math.min(5, rows))
    validation.repeats = 3
    comment.push('With so few rows one division into folds says little: rows are dealt three times.')
  } else {
    validation.folds = rows > mostForFiveFolds ? 3 : 5
  }
  if (target.task === 'classification' && group === undefined && time === undefined)
    validation.stratified = true
  if (rows >= leastForHoldout && division?.holdout !== null) {
    validation.holdout = 0.2
    comment.push('A fifth of the rows is kept apart from all trials, and judges the best at the end.')
  } else if (rows >= leastForHoldout)
    comment.push('There is no holdout part: rows that stay together cannot be divided into so many parts.')
  else comment.push('Too few rows to keep some apart for judging the best ("holdout": 0.2 would).')
  return { validation, comment }
}

/** Columns that can be named of those with one reason. */
const mostNamed = 8

/** The columns that are left out, those with the same reason together. */
export function leftOutLines(leftOut: readonly LeftOut[]): string[] {
  const byReason = new Map<string, string[]>()
  for (const { column, why } of leftOut) {
    const columns = byReason.get(why)
    if (columns === undefined) byReason.set(why, [column])
    else columns.push(column)
  }
  return [...byReason].flatMap(([why, columns]) => {
    if (columns.length === 1) return [`${columns[0]}: ${why}`]
    const more = columns.length - mostNamed
    return [
      `${columns.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}: each ${why.replace(/^it /, '')}`,
    ]
  })
}

/** What there is, in words. */
export function sentencesOf({ rows, target, numbers, texts, missing, warnings }: Survey): string[] {
  const count = (n: number, what: string) => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`
  const columns = [
    numbers > 0 && `${count(numbers, 'column')} of numbers`,
    texts > 0 && `${count(texts, 'column')} of texts`,
  ]
  const gaps = missing === 0 ? 'no cell is missing' : `${count(missing, 'cell')} missing`
  const first = `${count(rows, 'row')}; ${columns.filter(Boolean).join(', ')}; ${gaps}.`
  if (target.task === 'regression') {
    const figure = (value: number) => String(Number(value.toPrecision(4)))
    return [
      first,
      `"${target.name}" holds numbers from ${figure(target.low)} to ${figure(target.high)}.`,
      ...warnings,
    ]
  }
  const { classes } = target
  const most = 6
  const shown = classes.slice(0, most).map((one) => `${one.name} ${one.rows.toLocaleString('en')}`)
  const rest =
    classes.length > most
      ? `, and ${classes.length - most} more down to ${classes[classes.length - 1].rows} rows`
      : ''
  const taken = target.fromNumbers
    ? ' Its whole numbers are taken for classes; --task regression takes them for numbers.'
    : ''
  return [
    first,
    `"${target.name}" has ${classes.length} classes: ${shown.join(', ')}${rest}.${taken}`,
    ...warnings,
  ]
}

function enqueued(families: readonly Family[]): Params[] {
  const most = Math.max(...families.map(({ first }) => first.length))
  // Every family's best guess before anybody's second.
  return Array.from({ length: most }, (_, i) =>
    families.flatMap(({ trainer, first }) => {
      if (i >= first.length) return []
      const own = Object.entries(first[i]).map(([name, value]) => [`${trainer}.${name}`, value])
      return [{ [trainerParameter]: trainer, ...Object.fromEntries(own) }]
    }),
  ).flat()
}

function parametersOf(families: readonly Family[]): Entry[] {
  return [
    {
      key: trainerParameter,
      comment: ['Each trial is trained with one of these; `espalier trainers NAME` says more of one.'],
      value: { type: 'categorical', values: families.map(({ trainer }) => trainer) },
    },
    ...families.flatMap(({ trainer, says, parameters }) =>
      Object.entries(parameters).map(([name, parameter], i) => ({
        key: `${trainer}.${name}`,
        ...(i === 0 && { comment: [`${says[0].toUpperCase()}${says.slice(1)}.`] }),
        value: parameter as JsonValue,
      })),
    ),
  ]
}
