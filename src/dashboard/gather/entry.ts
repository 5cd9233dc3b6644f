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
    reproduced: table === null ? null : reproducedOf(table, row),
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

/** What was said of the best where it was reproduced; else what was said last of another. */
function reproducedOf(table: TrialTable, best: number | undefined): SweepEntry['reproduced'] {
  if (!table.columns.has(`tags.${tagNames.reproduced}`)) return null
  const saidOf = (row: number) => {
    const said = table.cell(`tags.${tagNames.reproduced}`, row)
    return said === 'equal' || said === 'different' ? said : null
  }
  let last: { said: SweepEntry['reproduced']; at: string } = { said: null, at: '' }
  for (let row = 0; row < table.length; row++) {
    const said = saidOf(row)
    const at = String(table.cell(`tags.${tagNames.reproducedAt}`, row) ?? '')
    if (said !== null && (row === best || at >= last.at)) last = { said, at }
    if (said !== null && row === best) break
  }
  return last.said
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
