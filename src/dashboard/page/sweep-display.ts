/**
 * A sweep as it is on display: its head at once, its trials when they have come, and read again where the record was written anew.
 */
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals'
import type { LiveEvent, SweepHead } from '../data/index.js'
import { type Looks, messageOf, type OpenSweep, openSweep, type TrialsEvent } from './open-sweep.js'
import type { SweepView } from './routes.js'
import type { Source } from './source.js'

export interface SweepDisplay {
  readonly id: string
  readonly head: ReadonlySignal<SweepHead | null>
  /** Another one after the record was written anew. */
  readonly loaded: ReadonlySignal<OpenSweep | null>
  /** Why it cannot be shown, or is shown as it was. */
  readonly failure: ReadonlySignal<string | null>
  /** How it is looked at. */
  readonly view: ReadonlySignal<SweepView>
  look(view: SweepView): void
  /** Reads its trials again, where nobody is told of what is new. */
  reload(): void
  /** Goes to the page of a trial. */
  readonly open: (trial: number) => void
  /** Told of all that is new; returns how to stop. */
  listen(listener: (event: TrialsEvent) => void): () => void
  close(): void
}

/**
 * @param watch tells of what is new from this place on: the page holds one stream for all of it. Returns how to stop.
 * @param open goes to the page of a trial.
 */
export function displaySweep(
  source: Source,
  id: string,
  view: SweepView,
  watch: (place: string, listener: (event: LiveEvent) => void) => () => void,
  open: (trial: number) => void,
): SweepDisplay {
  const head = signal<SweepHead | null>(null)
  const loaded = signal<OpenSweep | null>(null)
  const failure = signal<string | null>(null)
  const looks: Looks = {
    selection: signal(view.selection),
    metric: signal(view.metric),
    sort: signal(view.sort),
    columns: signal(view.columns),
    axes: signal(view.axes),
  }
  const listeners = new Set<(event: TrialsEvent) => void>()
  let stopWatching = () => {}
  let closed = false

  const load = async () => {
    const table = await source.table(id)
    if (closed) return
    stopWatching()
    loaded.peek()?.dispose()
    batch(() => {
      failure.value = null
      head.value = table.head
      loaded.value = openSweep(source, table, head, looks, open)
    })
    if (table.place !== null) stopWatching = watch(table.place, hear)
  }
  const hear = (event: LiveEvent) => {
    if (closed) return
    if (event.type === 'sweeps') {
      if (isGone(event)) failure.value = 'It is not in the store any more: this is how it was.'
      return
    }
    if (event.sweep !== id) return
    if (event.type === 'again') load().catch(fail)
    else {
      loaded.peek()?.take(event)
      for (const listener of listeners) listener(event)
    }
  }
  const isGone = ({ gone, changed, whole }: Extract<LiveEvent, { type: 'sweeps' }>) =>
    gone.includes(id) || (whole && changed.every((one) => one.id !== id))
  const fail = (error: unknown) => {
    failure.value ??= messageOf(error)
  }
  source.head(id).then((first) => {
    head.value ??= first
  }, fail)
  load().catch(fail)

  return {
    id,
    open,
    head,
    loaded,
    failure,
    view: computed(() => ({
      selection: looks.selection.value,
      metric: looks.metric.value,
      sort: looks.sort.value,
      columns: looks.columns.value,
      axes: looks.axes.value,
    })),
    look(to) {
      batch(() => {
        looks.selection.value = to.selection
        looks.sort.value = to.sort
        looks.columns.value = to.columns
        looks.axes.value = to.axes
        const open = loaded.peek()
        if (open === null) looks.metric.value = to.metric
        else open.metric.value = to.metric ?? open.head.peek().run.objective.metric
      })
    },
    reload: () => void load().catch(fail),
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      closed = true
      stopWatching()
      loaded.peek()?.dispose()
    },
  }
}
