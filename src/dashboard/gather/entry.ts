/** A sweep in the list of all, from its record and the table of its trials. */
import { correctedNames, holdoutName } from '../../launch/figures.js'
import type { Judging } from '../../launch/index.js'
import { tagNames } from '../../names.js'
import { type ParentRun, progressOf } from '../../tracking/index.js'
import { isBetter } from '../../values.js'
import type { SweepEntry, TrialTable } from '../data/index.js'

/** Places of a spark line. */
const sparkPlaces = 40

/** @param table null: not read yet, and what needs it is left out. */
export function entryOf(
  run: ParentRun,
  table: TrialTable | null,
  judging: Judging | null,
  now = Date.now(),
): SweepEntry {
  const { id, experiment, name, status, started, ended, objective, trials, best, tags } = run
  const { metric } = objective
  const row = best === null ? undefined : table?.rowOf(best.trial)
  const holdout = row === undefined ? null : (table?.cell(`metrics.${holdoutName(metric)}`, row) ?? null)
  return {
    id,
    experiment,
    name,
    status,
    started: Date.parse(started),
    ended: ended === null ? null : Date.parse(ended),
    objective: { metric, direction: objective.direction },
    trials,
    planned: plannedOf(run),
    best,
    holdout: typeof holdout === 'number' ? holdout : null,
    corrected: correctedOf(run),
    baseline: judging?.baseline ?? null,
    reproduced: table === null ? null : reproducedOf(run, table, row),
    spark: table === null ? [] : sparkOf(table, objective),
    ...paceOf(run, now),
    tags,
  }
}

/** Trials it is to come to; null where it has a time in place of a number, or does not say. */
function plannedOf({ spec: { trials, budget = null } }: ParentRun): number | null {
  return budget === null && typeof trials === 'number' ? trials : null
}

function correctedOf({ metrics, objective }: ParentRun): SweepEntry['corrected'] {
  const [mean, low, high] = correctedNames(objective.metric).map((name) => metrics[name])
  return mean === undefined || low === undefined || high === undefined ? null : { mean, low, high }
}

/** What was said last of the best, by itself or with its whole sweep, since it ended: of another trial it would say nothing. */
function reproducedOf(run: ParentRun, table: TrialTable, best: number | undefined): SweepEntry['reproduced'] {
  if (best === undefined) return null
  const own = markIn((tag) => table.cell(`tags.${tag}`, best))
  const whole = markIn((tag) => (Object.hasOwn(run.tags, tag) ? run.tags[tag] : null))
  const ended = Number(table.cell('ended', best))
  const marks = [own, ...(whole !== null && whole.at >= ended ? [whole] : [])].filter((mark) => mark !== null)
  return marks.sort((a, b) => b.at - a.at)[0]?.said ?? null
}

/** What tags say of a reproduction; null where nothing. `at`: ms since 1970, 0 where they do not say it. */
function markIn(
  tag: (name: string) => number | string | null,
): { readonly said: 'equal' | 'different'; readonly at: number } | null {
  const said = tag(tagNames.reproduced)
  if (said !== 'equal' && said !== 'different') return null
  return { said, at: Date.parse(String(tag(tagNames.reproducedAt))) || 0 }
}

/** Best finished value so far, at places evenly over the trials from the first that has one on. */
export function sparkOf(table: TrialTable, { direction }: SweepEntry['objective']): number[] {
  const values = table.numbers('value')
  const sofar: number[] = []
  for (let row = 0; row < table.length; row++) {
    const last = sofar.at(-1)
    const value = table.cell('status', row) === 'finished' ? values[row] : Number.NaN
    if (Number.isNaN(value)) {
      if (last !== undefined) sofar.push(last)
    } else sofar.push(last === undefined || isBetter(value, last, direction) ? value : last)
  }
  if (sofar.length <= sparkPlaces) return sofar
  const step = (sofar.length - 1) / (sparkPlaces - 1)
  return Array.from({ length: sparkPlaces }, (_, i) => sofar[Math.round(i * step)])
}

function paceOf(run: ParentRun, now: number): Pick<SweepEntry, 'trialsPerMinute' | 'secondsLeft'> {
  const progress = progressOf(run, now)
  if (progress === null) return { trialsPerMinute: null, secondsLeft: null }
  const { rate, done } = progress
  return { trialsPerMinute: rate === null ? null : 60 * rate, secondsLeft: secondsLeft(run, done, rate, now) }
}

function secondsLeft(run: ParentRun, done: number, rate: number | null, now: number): number | null {
  const { budget } = run.spec
  const session = run.sessions.at(-1)
  if (typeof budget === 'number' && session !== undefined)
    return Math.max(0, (budget - (now - Date.parse(session.started))) / 1000)
  const planned = plannedOf(run)
  return planned === null || rate === null ? null : Math.max(0, planned - done) / rate
}
