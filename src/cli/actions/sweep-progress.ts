/** How far a running sweep has come, by its record. */
import type { ParentRun } from '../../tracking/index.js'

export interface SweepProgress {
  /** Trials that have ended. */
  readonly done: number
  /** Trials in all. */
  readonly trials: number
  readonly running: number
  /** Trials that ended in a second, since it started or went on; null while none has. */
  readonly rate: number | null
}

/** null where nobody runs it. */
export function progressOf(run: ParentRun, now = Date.now()): SweepProgress | null {
  if (run.status !== 'running') return null
  const { finished, pruned, failed, running } = run.trials
  const done = finished + pruned + failed
  const { started, done: before } = run.sessions[run.sessions.length - 1]
  const seconds = (now - Date.parse(started)) / 1000
  const ended = before === null ? 0 : done - before
  return {
    done,
    trials: typeof run.spec.trials === 'number' ? run.spec.trials : done,
    running,
    rate: ended > 0 && seconds > 0 ? ended / seconds : null,
  }
}

/** `12 of 50, 4 running, 3.2 a minute`. */
export function progressLine({ done, trials, running, rate }: SweepProgress): string {
  return `${done} of ${trials}, ${running} running${rate === null ? '' : `, ${rateInWords(rate)}`}`
}

/** In the unit in which there is at least one. */
function rateInWords(rate: number): string {
  for (const [unit, seconds] of units)
    if (rate * seconds >= 1) return `${Number((rate * seconds).toPrecision(2))} a ${unit}`
  return `one in ${Math.round(1 / rate / 3600)} hours`
}

const units = [
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
] as const
