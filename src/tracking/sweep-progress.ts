/** How far a running sweep has come, by its record. */
import type { ParentRun } from './types.js'

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
