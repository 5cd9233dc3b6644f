/** What of a sweep goes into a report whole, where all of it would be too much: the best trials, failed ones, and those that run. */
import { count, number } from '../../format.js'
import type { ChildRun, ParentRun } from '../../tracking/index.js'
import { isBetterTrial } from '../../values.js'

/** Characters of JSON of the whole trials and their steps, of one report. */
const mostCharacters = 6_000_000
/** Of a sweep that is too much, so many of the failed and running ones come before the best. */
const mostFailed = 50

/** Trials in the order in which they are wanted. */
export function wantedFirst({ objectives }: ParentRun, trials: readonly ChildRun[]): ChildRun[] {
  const running = trials.filter(({ status }) => status === 'running' || status === 'interrupted')
  const failed = trials.filter(({ status }) => status === 'failed')
  const best = trials
    .filter(({ status }) => status === 'finished')
    .sort((a, b) => (isBetterTrial(a, b, objectives) ? -1 : 1))
  const first = [...running, ...best.slice(0, 1), ...failed.slice(0, mostFailed), ...best.slice(1)]
  const pruned = trials.filter(({ status }) => status === 'pruned')
  return [...first, ...pruned, ...failed.slice(mostFailed)]
}

/** As many of the first as there is room for, in their own order again. @param share of a report, 0 … 1. */
export function fitting(wanted: readonly ChildRun[], share: number): ChildRun[] {
  let left = mostCharacters * share
  const taken: ChildRun[] = []
  for (const trial of wanted) {
    left -= JSON.stringify(trial).length
    if (left < 0) break
    taken.push(trial)
  }
  return taken.sort((a, b) => a.trial - b.trial)
}

/** What was left out, in words; null where it is whole. */
export function leftOutWords(trials: number, taken: number, files: number): string | null {
  const said: string[] = []
  if (taken < trials)
    said.push(
      `of ${count(trials, 'trial')} all are in the table and the plots, and ${number(taken)} with steps and details: the best, failed ones and those that ran`,
    )
  if (files > 0)
    said.push(
      `${count(files, 'file')} of trials ${files === 1 ? 'is' : 'are'} left out, as too large or of a kind that is not shown`,
    )
  return said.length === 0 ? null : said.join('; ')
}
