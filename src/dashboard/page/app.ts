/** What the whole page shares: the source, all sweeps, the sweep on display, the connection, what was last said. */
import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from '@preact/signals'
import type { LiveEvent, PageFacts, SweepEntry } from '../data/index.js'
import { correct, go, route } from './address.js'
import { messageOf } from './open-sweep.js'
import { formatRoute, plainView, type Route, type SweepView } from './routes.js'
import type { Source } from './source.js'
import { displaySweep, type SweepDisplay } from './sweep-display.js'

export interface App {
  readonly source: Source
  readonly facts: ReadonlySignal<PageFacts | null>
  /** null until they have come. */
  readonly sweeps: ReadonlySignal<readonly SweepEntry[] | null>
  /** The sweep of the address; null where it names none. */
  readonly display: ReadonlySignal<SweepDisplay | null>
  /** Why nothing new comes: null while it does. */
  readonly lost: ReadonlySignal<string | null>
  /** Why nothing can be shown. */
  readonly failure: ReadonlySignal<string | null>
  /** Read out by screen readers, and shown for a while. */
  readonly said: Signal<string>
}

export function startApp(source: Source): App {
  const facts = signal<PageFacts | null>(null)
  const sweeps = signal<readonly SweepEntry[] | null>(null)
  const lost = signal<string | null>(null)
  const failure = signal<string | null>(null)
  const display = signal<SweepDisplay | null>(null)
  let stop = () => {}

  const hear = (event: LiveEvent) => {
    if (event.type === 'sweeps') sweeps.value = withNews(sweeps.peek() ?? [], event)
  }
  /** The one stream: of all sweeps, and of one from its place on. */
  const watch = (watched: { sweep: string; place: string } | null, listener?: (event: LiveEvent) => void) => {
    stop()
    stop = source.watch(
      watched,
      (event) => {
        hear(event)
        listener?.(event)
      },
      (connected) => {
        if (connected && lost.peek() === null) return
        lost.value = connected ? null : ''
        // The server may be another by now, and say what is wrong or act otherwise.
        source.facts().then(
          (answer) => {
            facts.value = answer
          },
          (error) => {
            if (lost.peek() !== null) lost.value = messageOf(error)
          },
        )
      },
    )
  }
  const fail = (error: unknown) => {
    failure.value = messageOf(error)
  }
  source.facts().then((answer) => {
    facts.value = answer
  }, fail)
  source.sweeps().then((answer) => {
    sweeps.value = answer
    // A list of one says nothing; it is there for whoever asks for it.
    if (!source.live && answer.length === 1 && location.hash === '')
      correct({ page: 'sweep', sweep: answer[0].id, view: plainView })
    if (display.peek() === null) watch(null)
  }, fail)

  const sweepOfAddress = computed(() => ('sweep' in route.value ? route.value.sweep : null))
  effect(() => {
    const id = sweepOfAddress.value
    untracked(() => {
      display.peek()?.close()
      if (id === null) {
        display.value = null
        if (sweeps.peek() !== null) watch(null)
        return
      }
      const watchOne = (place: string, listener: (event: LiveEvent) => void) => {
        watch({ sweep: id, place }, listener)
        return () => {}
      }
      display.value = displaySweep(source, id, viewOf(route.peek()), watchOne, (trial) => {
        go({ page: 'trial', sweep: id, trial, view: display.peek()!.view.peek() })
      })
    })
  })
  followViews(display)
  return { source, facts, sweeps, display, lost, failure, said: signal('') }
}

function viewOf(at: Route): SweepView {
  return 'view' in at ? at.view : plainView
}

/** ms between two changes of the address while a brush is drawn: browsers refuse too many. */
const addressPace = 250

/** The address says how the sweep is looked at, and the sweep is looked at as the address says. */
function followViews(display: ReadonlySignal<SweepDisplay | null>): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  effect(() => {
    const at = route.value
    if (!('view' in at)) return
    clearTimeout(timer)
    const shown = untracked(() => display.peek()?.view.peek())
    if (shown !== undefined && !isSame(shown, at.view)) display.peek()?.look(at.view)
  })
  effect(() => {
    const view = display.value?.view.value
    const at = route.peek()
    if (view === undefined || !('view' in at) || at.sweep !== display.peek()?.id || isSame(view, at.view))
      return
    clearTimeout(timer)
    const to = { ...at, view }
    if (isStep(at.view, view)) go(to)
    else timer = setTimeout(() => correct(to), addressPace)
  })
}

/** What one would want to come back from: another query, share or metric; not each place of a brush that is drawn. */
function isStep(before: SweepView, after: SweepView): boolean {
  return (
    before.selection.where !== after.selection.where ||
    before.selection.top !== after.selection.top ||
    before.metric !== after.metric
  )
}

function isSame(a: SweepView, b: SweepView): boolean {
  const address = (view: SweepView) => formatRoute({ page: 'sweep', sweep: '', view })
  return a === b || address(a) === address(b)
}

function withNews(
  known: readonly SweepEntry[],
  { changed, gone, whole }: Extract<LiveEvent, { type: 'sweeps' }>,
): readonly SweepEntry[] {
  const byId = new Map(whole ? [] : known.map((entry) => [entry.id, entry]))
  for (const id of gone) byId.delete(id)
  for (const entry of changed) byId.set(entry.id, entry)
  return [...byId.values()].sort((a, b) => b.started - a.started)
}
