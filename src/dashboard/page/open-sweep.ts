/**
 * The trials of a sweep that is open: what the query and the brushes select of them, what the record tells of a metric, and what
 * is new while it runs.
 */
import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Insight } from '../../analysis/index.js'
import type { LiveEvent, SweepHead } from '../data/index.js'
import type { AxesView } from './axes-view.js'
import type { LoadedSweep } from './loaded.js'
import type { SortKey } from './routes.js'
import { rowsWhere } from './rows.js'
import { everything, type Selection, selectRows } from './selection.js'
import type { LoadedTable, Source } from './source.js'

export type TrialsEvent = Extract<LiveEvent, { type: 'trials' }>

/** How a sweep is looked at: outlives the table, which can be read anew. */
export interface Looks {
  readonly selection: Signal<Selection>
  /** null: the objective's metric. */
  readonly metric: Signal<string | null>
  /** Of the table; empty: by trial. */
  readonly sort: Signal<readonly SortKey[]>
  /** Of the table; null: those that are shown at first. */
  readonly columns: Signal<readonly string[] | null>
  /** Of parallel coordinates. */
  readonly axes: Signal<AxesView>
}

export interface OpenSweep extends LoadedSweep, Pick<Looks, 'sort' | 'columns'> {
  /** What is wrong with the query, in a sentence. */
  readonly problem: ReadonlySignal<string | null>
  /** By row: 1 where query, brushes and share of the best let it through, whatever is picked. */
  readonly candidates: ReadonlySignal<Uint8Array>
  /** Takes in what is new; it is shown together with what else comes soon. */
  take(event: TrialsEvent): void
  dispose(): void
}

/** ms between two changes of what is shown, however fast trials end. */
const pace = 200
/** ms between two words of further steps: views ask for them by the hundred. */
const stepsPace = 1000
/** What mattered is asked for again when this many times as many trials have finished. */
const growth = 1.25

export function openSweep(
  source: Source,
  { table, head: { run } }: LoadedTable,
  head: Signal<SweepHead | null>,
  { selection, metric: chosen, sort, columns, axes }: Looks,
  open: (trial: number) => void,
): OpenSweep {
  const known = computed(() => head.value!)
  const version = signal(0)
  const stepped = signal(0)
  const metric = signal(chosen.peek() ?? run.objective.metric)
  const where = computed(() => selection.value.where)
  const asked = computed(() => {
    version.value
    return matching(table, known.peek(), where.value)
  })
  const candidates = computed(() => {
    version.value
    return selectRows(known.peek(), table, { ...selection.value, picked: [] }, asked.value.mask)
  })
  const mask = computed(() => {
    const { picked } = selection.value
    return picked.length === 0
      ? candidates.value
      : selectRows(known.peek(), table, { ...everything, picked }, candidates.value)
  })
  const selected = computed(() => {
    let count = 0
    for (const one of mask.value) count += one
    return count
  })
  const insights = followInsight(source, run.id, metric, known)
  const queue = followEvents(
    table,
    head,
    () => {
      version.value++
    },
    () => {
      stepped.value++
    },
  )
  const stop = effect(() => {
    chosen.value = metric.value === run.objective.metric ? null : metric.value
  })
  return {
    id: run.id,
    source,
    head: known,
    table,
    version,
    stepped,
    selection,
    metric,
    sort,
    columns,
    axes,
    problem: computed(() => asked.value.problem),
    candidates,
    mask,
    selected,
    insight: insights.insight,
    insightProblem: insights.problem,
    hovered: signal(null),
    open,
    take: queue.take,
    dispose() {
      stop()
      insights.stop()
      queue.stop()
    },
  }
}

/** The same sweep, with one trial selected, whatever is selected in it. */
export function withOnly(sweep: LoadedSweep, trial: number): LoadedSweep {
  const mask = computed(() => {
    sweep.version.value
    const rows = new Uint8Array(sweep.table.length)
    const row = sweep.table.rowOf(trial)
    if (row !== undefined) rows[row] = 1
    return rows
  })
  return { ...sweep, selection: signal({ ...everything, picked: [trial] }), mask, selected: signal(1) }
}

interface Matching {
  /** null where there is no query. */
  readonly mask: Uint8Array | null
  readonly problem: string | null
}

function matching(table: LoadedTable['table'], head: SweepHead, where: string): Matching {
  if (where.trim() === '') return { mask: null, problem: null }
  try {
    return { mask: rowsWhere(table, head, where), problem: null }
  } catch (error) {
    return { mask: new Uint8Array(table.length), problem: messageOf(error) }
  }
}

/** Events as they come, taken into the table at most every `pace` ms. */
function followEvents(
  table: LoadedTable['table'],
  head: Signal<SweepHead | null>,
  onRows: () => void,
  onSteps: () => void,
) {
  let waiting: TrialsEvent[] = []
  let timer: ReturnType<typeof setTimeout> | null = null
  let last = Number.NEGATIVE_INFINITY
  let lastSteps = Number.NEGATIVE_INFINITY
  const show = () => {
    timer = null
    last = performance.now()
    const events = waiting
    waiting = []
    batch(() => {
      for (const event of events) {
        if (event.head !== null) head.value = event.head
        for (const trial of event.deleted) table.delete(trial)
        for (const row of event.rows) table.upsert(row)
      }
      if (events.some(({ rows, deleted }) => rows.length + deleted.length > 0)) onRows()
      // The last ones come with the row of their trial when it ends.
      if (events.some(({ steps }) => steps.length > 0) && last >= lastSteps + stepsPace) {
        lastSteps = last
        onSteps()
      }
    })
  }
  return {
    take(event: TrialsEvent) {
      waiting.push(event)
      timer ??= setTimeout(show, Math.max(0, last + pace - performance.now()))
    },
    stop() {
      if (timer !== null) clearTimeout(timer)
    },
  }
}

/** What the record tells of the metric that is looked at; asked for again as the sweep grows, and when it ends. */
function followInsight(
  source: Source,
  sweep: string,
  metric: ReadonlySignal<string>,
  head: ReadonlySignal<SweepHead>,
) {
  const insight = signal<Insight | null>(null)
  const problem = signal<string | null>(null)
  let asked = ''
  let finishedThen = 0
  let underway = false
  const stop = effect(() => {
    const { status, trials } = head.value.run
    const wanted = `${metric.value} ${status}`
    const isOld = wanted !== asked || trials.finished > finishedThen * growth
    if (!isOld || (underway && wanted === asked)) return
    const of = metric.value
    if (insight.peek()?.metric !== of) {
      insight.value = null
      problem.value = null
    }
    asked = wanted
    finishedThen = Math.max(8, trials.finished)
    underway = true
    source
      .insight(sweep, of)
      .then(
        (answer) => {
          if (metric.peek() !== of) return
          batch(() => {
            insight.value = answer
            problem.value = null
          })
        },
        (error) => {
          if (metric.peek() === of) problem.value = messageOf(error)
        },
      )
      .finally(() => {
        underway = false
      })
  })
  return { insight, problem, stop }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
