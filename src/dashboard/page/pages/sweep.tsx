/** One sweep: what one most wants to know first, then what may be wrong with it, its views, its trials, its record. */
import type { ReadonlySignal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { plain } from '../../../shown.js'
import { useApp } from '../context.js'
import type { OpenSweep } from '../open-sweep.js'
import { MetricChoice } from '../parts/metric-choice.js'
import { Near } from '../parts/near.js'
import { SweepRecord } from '../parts/record.js'
import { SelectionBar } from '../parts/selection-bar.js'
import { SweepHeadView } from '../parts/sweep-head.js'
import { TrialTableView } from '../parts/trial-table.js'
import { Workers } from '../parts/workers.js'
import type { SweepDisplay } from '../sweep-display.js'
import { type ViewGroup, viewGroups } from '../view-groups.js'
import { HealthView } from '../views/index.js'
import { NotFound, Outdated } from './wrong.js'

interface SweepPageProps {
  readonly display: SweepDisplay
  readonly onOpen: (trial: number) => void
}

export function SweepPage({ display, onOpen }: SweepPageProps) {
  const head = display.head.value
  if (head === null) {
    const problem = display.failure.value
    return problem === null ? (
      <p class="muted coming">coming …</p>
    ) : (
      <NotFound what="This sweep" problem={problem} />
    )
  }
  return (
    <>
      <Outdated display={display} />
      <SweepHeadView head={head} loaded={display.loaded} onOpen={onOpen} />
      <LeftOut sweep={display.id} />
      <Workers head={head} onOpen={onOpen} />
      <Contents loaded={display.loaded} failure={display.failure} />
      <SweepRecord head={head} />
    </>
  )
}

/** What a report does not hold is said before anything is looked for in vain. */
function LeftOut({ sweep }: { readonly sweep: string }) {
  const { source } = useApp()
  const [words, setWords] = useState<string | null>(null)
  useEffect(() => {
    source.leftOut(sweep).then(setWords, () => {})
  }, [source, sweep])
  return words === null ? null : <p class="muted block">{`In this report ${plain(words)}.`}</p>
}

interface ContentsProps {
  readonly loaded: ReadonlySignal<OpenSweep | null>
  readonly failure: ReadonlySignal<string | null>
}

function Contents({ loaded, failure }: ContentsProps) {
  const sweep = loaded.value
  if (sweep === null) return failure.value === null ? <p class="muted coming">trials are coming …</p> : null
  const head = sweep.head.value
  sweep.version.value
  const groups = (sweep.table.length === 0 ? [] : viewGroups)
    .map((group) => ({ ...group, views: group.views.filter(({ shown }) => shown?.(head) ?? true) }))
    .filter(({ views }) => views.length > 0)
  return (
    <>
      {sweep.table.length === 0 ? (
        <p class="coming muted">No trial has begun yet.</p>
      ) : (
        <div class="health">
          <HealthView sweep={sweep} />
        </div>
      )}
      <div class="sticky">
        <SelectionBar sweep={sweep} />
        <nav class="contents" aria-label="On this page">
          {[...groups, { id: 'trials', title: 'Trials' }, { id: 'record', title: 'Record' }].map(
            ({ id, title }) => (
              <button key={id} type="button" class="quiet" onClick={() => goTo(`${id}-title`)}>
                {title}
              </button>
            ),
          )}
          <MetricChoice sweep={sweep} />
        </nav>
      </div>
      {/* Another table is another sweep to the views. */}
      <div key={sweep.table}>
        {groups.map((group) => (
          <Group key={group.id} group={group} sweep={sweep} />
        ))}
        <section aria-labelledby="trials-title">
          <h2 id="trials-title" tabIndex={-1}>
            Trials
          </h2>
          <Near name={`${sweep.id} trials`} height={480}>
            <TrialTableView sweep={sweep} />
          </Near>
        </section>
      </div>
    </>
  )
}

function Group({
  group: { id, title, views },
  sweep,
}: {
  readonly group: ViewGroup
  readonly sweep: OpenSweep
}) {
  return (
    <section aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} tabIndex={-1}>
        {title}
      </h2>
      <div class="views">
        {views.map(({ name, component: View, height, wide }) => (
          <div key={name} id={`${name}-view`} class={wide ? 'view wide' : 'view'}>
            <Near name={`${sweep.id} ${name}`} height={height}>
              <View sweep={sweep} />
            </Near>
          </div>
        ))}
      </div>
    </section>
  )
}

/** As a link within a page would; those are taken by the addresses of pages. */
function goTo(id: string): void {
  const heading = document.getElementById(id)
  heading?.scrollIntoView()
  heading?.focus({ preventScroll: true })
}
