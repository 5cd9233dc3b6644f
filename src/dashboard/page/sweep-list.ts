/** Which sweeps the list shows, in which order and groups. */
import type { SweepEntry } from '../data/index.js'

export const listColumns = [
  { name: 'name', title: 'sweep', number: false },
  { name: 'status', title: 'status', number: false },
  { name: 'progress', title: 'progress', number: false },
  { name: 'best', title: 'best', number: true },
  { name: 'besides', title: 'beside it', number: false },
  { name: 'spark', title: 'so far', number: false },
  { name: 'pace', title: 'trials a minute', number: true },
  { name: 'started', title: 'started', number: true },
] as const

export type ListColumn = (typeof listColumns)[number]['name']

export interface ListOrder {
  readonly by: ListColumn
  readonly descending: boolean
}

export interface ListWishes {
  /** Found in name, experiment, id or tags, in any case. */
  readonly text: string
  /** Empty: any. */
  readonly status: string
  /** By experiment. */
  readonly grouped: boolean
  readonly order: ListOrder
}

export const plainWishes: ListWishes = {
  text: '',
  status: '',
  grouped: true,
  order: { by: 'started', descending: true },
}

export interface SweepGroup {
  /** null: all of them together. */
  readonly experiment: string | null
  readonly entries: readonly SweepEntry[]
}

/** Groups come in the order of their first sweeps. */
export function listedSweeps(
  sweeps: readonly SweepEntry[],
  { text, status, grouped, order }: ListWishes,
): SweepGroup[] {
  const wanted = text.trim().toLowerCase()
  const found = sweeps
    .filter((entry) => (status === '' || entry.status === status) && wordsOf(entry).includes(wanted))
    .sort((a, b) => compareSweeps(a, b, order))
  if (!grouped) return [{ experiment: null, entries: found }]
  const groups = new Map<string, SweepEntry[]>()
  for (const entry of found) {
    const group = groups.get(entry.experiment)
    if (group === undefined) groups.set(entry.experiment, [entry])
    else group.push(entry)
  }
  return [...groups].map(([experiment, entries]) => ({ experiment, entries }))
}

/** Trials that have ended. */
export function doneOf({ trials: { finished, pruned, failed } }: Pick<SweepEntry, 'trials'>): number {
  return finished + pruned + failed
}

function wordsOf({ name, experiment, id, tags }: SweepEntry): string {
  return [name, experiment, id, ...Object.entries(tags).flat()].join('\n').toLowerCase()
}

/** What is missing comes last in either direction; of equal ones the newer first. */
function compareSweeps(a: SweepEntry, b: SweepEntry, { by, descending }: ListOrder): number {
  const [x, y] = [keyOf(a, by), keyOf(b, by)]
  if (x !== y) {
    if (x === null) return 1
    if (y === null) return -1
    return (x < y ? -1 : 1) * (descending ? -1 : 1)
  }
  return b.started - a.started
}

function keyOf(entry: SweepEntry, by: ListColumn): string | number | null {
  switch (by) {
    case 'name':
      return entry.name
    case 'status':
      return entry.status
    case 'progress':
      return doneOf(entry)
    case 'best':
    case 'spark':
      return entry.best?.value ?? null
    case 'besides':
      return entry.holdout ?? entry.corrected?.mean ?? entry.baseline?.value ?? null
    case 'pace':
      return entry.trialsPerMinute
    case 'started':
      return entry.started
  }
}
