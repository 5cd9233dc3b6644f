/** How far a sweep has come. */
import { clock, count, number } from '../../../format.js'
import type { SweepEntry } from '../../data/index.js'
import { doneOf } from '../sweep-list.js'

export function Progress({ entry }: { readonly entry: SweepEntry }) {
  const done = doneOf(entry)
  const { planned, trials } = entry
  const parts = [
    planned === null ? count(done, 'trial') : `${number(done)} of ${count(planned, 'trial')}`,
    ...(trials.pruned > 0 ? [`${number(trials.pruned)} pruned`] : []),
    ...(trials.failed > 0 ? [`${number(trials.failed)} failed`] : []),
    ...(trials.running > 0 ? [`${number(trials.running)} running`] : []),
  ]
  return (
    <div class="progress">
      {planned !== null && (
        <progress
          max={Math.max(1, planned)}
          value={Math.min(done, planned)}
          aria-label="Trials that have ended"
        />
      )}
      <span class="progress-words">{parts.join(', ')}</span>
    </div>
  )
}

/** `about 3m 05s`; nothing where it is not known. */
export function timeLeft({ status, secondsLeft }: SweepEntry): string {
  return status === 'running' && secondsLeft !== null ? `about ${clock(secondsLeft)}` : ''
}
