/** What several views show alike: that there is nothing to see, that it is to come, that there is more. */
import { plain } from '../../../shown.js'
import type { LoadedSweep } from '../loaded.js'
import { countText } from '../plots/numbers.js'

/** In place of a plot. */
export function Nothing({ title, why }: { title: string; why: string }) {
  return (
    <section class="plot" aria-label={title}>
      <h3 class="plot-title">{title}</h3>
      <p class="plot-summary">{why}</p>
    </section>
  )
}

/** Until what the record tells has come; or why it does not come. */
export function InsightToCome({ sweep, what }: { sweep: LoadedSweep; what: string }) {
  const problem = sweep.insightProblem.value
  return (
    <p class="plot-note">
      {problem === null ? `${what} is being worked out.` : `${what} cannot be told: ${plain(problem)}`}
    </p>
  )
}

interface MoreProps {
  /** So many are shown at first. */
  readonly few: number
  readonly all: number
  readonly more: boolean
  change(more: boolean): void
}

/** Shows all of many, or the first few again. */
export function More({ few, all, more, change }: MoreProps) {
  if (all <= few) return null
  return (
    <button type="button" onClick={() => change(!more)}>
      {more ? 'Show fewer' : `Show all ${countText(all)}`}
    </button>
  )
}
