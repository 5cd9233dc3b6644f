/**
 * What a sweep's record says of how its best trial was judged, and how much the features had to do with a kept model, in words and
 * tables.
 */
import type { ChosenThreshold, Judging } from '../../launch/index.js'
import type { Importance, quantileNames } from '../../launch/judging-record.js'
import * as format from '../format.js'
import { plain } from '../output.js'
import { indented, pairs, table } from '../table.js'

/** More classes than these make no table on a terminal; `--json` has them. */
const mostShown = 12
const mostFeatures = 10

/** `0.61 by the commonest class`. */
export function baselineInWords({ name, value }: { readonly name: string; readonly value: number }): string {
  return `${format.number(value)} by ${plain(name)}`
}

/** The baseline and the threshold, as pairs. */
export function judgedPairs({ baseline, threshold }: Judging): [string, string][] {
  return [
    ...(baseline === null ? [] : [['baseline', baselineInWords(baseline)] as [string, string]]),
    ...(threshold === null ? [] : [['threshold', thresholdInWords(threshold)] as [string, string]]),
  ]
}

/** `yes from a probability of 0.3 on: f1 0.7, 0.6 without it, on the predictions it was chosen on`. */
export function thresholdInWords({ metric, positive, value, score, before }: ChosenThreshold): string {
  return `${plain(positive)} from a probability of ${format.number(value)} on: ${plain(metric)} ${format.number(score)}, ${format.number(before)} without it, on the predictions it was chosen on`
}

/** What the out-of-fold predictions are like, each part with its title. */
export function judgedTables({ classes, residuals, said }: Judging): [title: string, body: string][] {
  const parts: [string, string][] = []
  if (said.length > 0) parts.push(['to be said', said.map((one) => `  ${plain(one)}`).join('\n')])
  if (classes !== null && classes.classes.length <= mostShown) {
    parts.push(['classes, by out-of-fold predictions', indented(perClass(classes))])
    if (classes.confusion !== null)
      parts.push(['rows of each class, by the class they were taken for', indented(confusion(classes))])
  } else if (classes !== null)
    parts.push(['classes', `  ${classes.classes.length} of them: --json has the tables`])
  if (residuals !== null)
    parts.push(['truth − prediction, by out-of-fold predictions', pairs(residualPairs(residuals))])
  return parts
}

function perClass({ perClass }: NonNullable<Judging['classes']>): string {
  return table(
    [{ title: 'class', whole: true }, ...['precision', 'recall', 'F1', 'rows'].map(right)],
    perClass.map((one) => [
      plain(one.class),
      ...[one.precision, one.recall, one.f1].map((value) => value.toFixed(3)),
      format.number(one.rows),
    ]),
  )
}

function confusion({ classes, confusion }: NonNullable<Judging['classes']>): string {
  return table(
    [{ title: '' }, ...classes.map((name) => right(plain(name)))],
    confusion!.map((row, c) => [plain(classes[c] ?? ''), ...row.map(format.number)]),
  )
}

function right(title: string) {
  return { title, align: 'right' as const }
}

function residualPairs({ quantiles, bias, largest }: NonNullable<Judging['residuals']>): [string, string][] {
  const of = (...names: (typeof quantileNames)[number][]) =>
    names.map((name) => format.number(quantiles[name])).join(' … ')
  return [
    ['median', of('median')],
    ['half of them', of('q25', 'q75')],
    ['nine in ten', of('q05', 'q95')],
    ['all', of('min', 'max')],
    ['bias', `${format.number(bias)} (mean of prediction − truth)`],
    [
      'largest',
      largest
        .map(({ truth, predicted }) => `${format.number(predicted)} for ${format.number(truth)}`)
        .join(', '),
    ],
  ]
}

/** The features that had most to do with a model. */
export function importancesTable(importances: readonly Importance[]): [title: string, body: string] {
  const shown = importances.slice(0, mostFeatures)
  const title =
    importances.length > mostFeatures
      ? `importance of features (the first ${mostFeatures} of ${importances.length})`
      : 'importance of features'
  return [title, pairs(shown.map(({ feature, importance }) => [plain(feature), importance.toFixed(3)]))]
}
