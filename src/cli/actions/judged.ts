/**
 * What a sweep's record says of how its best trial was judged, and how much the features had to do with a kept model: read from its
 * files, which anybody may have written, and shown as far as they are what they should be.
 */
import type { ChosenThreshold, Judging } from '../../launch/index.js'
import { artifactNames } from '../../names.js'
import type { ChildRun, ParentRun, Store } from '../../tracking/index.js'
import { isJsonObject, type JsonValue } from '../../values.js'
import * as format from '../format.js'
import { plain } from '../output.js'
import { indented, pairs, table } from '../table.js'

/** More classes than these make no table on a terminal; `--json` has them. */
const mostShown = 12
const mostFeatures = 10

export interface Importance {
  readonly feature: string
  readonly importance: number
}

/** How the best trial was judged; null where nothing is recorded of it. */
export async function judgingOf(
  store: Pick<Store, 'readArtifact'>,
  sweep: ParentRun,
): Promise<Judging | null> {
  const found = await readJson(store, sweep, artifactNames.judging)
  return isJsonObject(found) && isJudging(found) ? (found as unknown as Judging) : null
}

/** Greatest first; null where the model has none, or none was kept. */
export async function importancesOf(
  store: Pick<Store, 'readArtifact'>,
  run: ChildRun,
): Promise<readonly Importance[] | null> {
  const found = await readJson(store, run, artifactNames.importances)
  const fine = (one: unknown): one is Importance =>
    isJsonObject(one) && typeof one.feature === 'string' && isNumber(one.importance)
  return Array.isArray(found) && found.every(fine) ? found : null
}

async function readJson(
  store: Pick<Store, 'readArtifact'>,
  run: ParentRun | ChildRun,
  name: string,
): Promise<JsonValue | null> {
  if (!run.artifacts.some((one) => one.name === name)) return null
  try {
    return JSON.parse(new TextDecoder().decode(await store.readArtifact(run, name)))
  } catch {
    return null
  }
}

function isJudging(found: Readonly<Record<string, unknown>>): boolean {
  const { trial, metric, value, baseline, said, classes, residuals, threshold } = found
  return (
    isNumber(trial) &&
    typeof metric === 'string' &&
    isNumber(value) &&
    (baseline === null || hasNumbers(baseline, ['value'], ['name'])) &&
    isListOf(said, (one) => typeof one === 'string') &&
    (classes === null || isClassTable(classes)) &&
    (residuals === null || isResiduals(residuals)) &&
    (threshold === null || hasNumbers(threshold, ['value', 'score', 'before'], ['metric', 'positive']))
  )
}

function isClassTable(found: unknown): boolean {
  if (!isJsonObject(found)) return false
  const { classes, confusion, perClass } = found
  return (
    isListOf(classes, (one) => typeof one === 'string') &&
    (confusion === null || isListOf(confusion, (row) => isListOf(row, isNumber))) &&
    isListOf(perClass, (one) => hasNumbers(one, ['precision', 'recall', 'f1', 'rows'], ['class']))
  )
}

const quantileNames = ['min', 'q05', 'q25', 'median', 'q75', 'q95', 'max'] as const

function isResiduals(found: unknown): boolean {
  if (!isJsonObject(found)) return false
  return (
    hasNumbers(found.quantiles, quantileNames, []) &&
    isNumber(found.bias) &&
    isListOf(found.largest, (one) => hasNumbers(one, ['truth', 'predicted'], []))
  )
}

function hasNumbers(found: unknown, numbers: readonly string[], texts: readonly string[]): boolean {
  return (
    isJsonObject(found) &&
    numbers.every((name) => isNumber(found[name])) &&
    texts.every((name) => typeof found[name] === 'string')
  )
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isListOf(value: unknown, is: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is)
}

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
