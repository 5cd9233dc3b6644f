/** How trials are told apart by how they stand: a colour and a mark, and the words for them above a picture. */
import type { TrialTable } from '../../data/index.js'
import { circle, cross, type Drawing, type Theme, write } from './drawing.js'
import type { Frame } from './picture.js'
import { statusTest } from './trial.js'

export interface Statuses {
  colourOf(row: number): string
  /** Whether its mark is not filled: it did not come to its end. */
  hollow(row: number): boolean
  failed(row: number): boolean
}

export function statusesOf(theme: Theme, table: TrialTable): Statuses {
  const failed = statusTest(table, 'failed')
  const pruned = statusTest(table, 'pruned')
  const running = statusTest(table, 'running')
  const interrupted = statusTest(table, 'interrupted')
  return {
    failed,
    hollow: (row) => pruned(row) || running(row) || interrupted(row),
    colourOf: (row) =>
      failed(row)
        ? theme.failed
        : pruned(row)
          ? theme.pruned
          : running(row)
            ? theme.running
            : interrupted(row)
              ? theme.interrupted
              : theme.finished,
  }
}

const kinds = ['finished', 'pruned', 'failed', 'running', 'interrupted'] as const

/** The marks of trials, in words, right-aligned; none where there is but one kind. */
export function drawStatusLegend(
  on: Drawing,
  { theme, measure }: Frame,
  table: TrialTable,
  right: number,
  y: number,
): void {
  const present = kinds.filter((kind) => {
    const is = statusTest(table, kind)
    for (let row = 0; row < table.length; row++) if (is(row)) return true
    return false
  })
  if (present.length < 2) return
  let x = right
  for (const kind of present.reverse()) {
    x -= measure(kind)
    write(on, theme, kind, x, y)
    x -= 9
    on.strokeStyle = theme[kind]
    on.fillStyle = theme[kind]
    on.lineWidth = 1.25
    if (kind === 'failed') cross(on, x, y - 4, 3)
    else {
      circle(on, x, y - 4, 3.25)
      if (kind === 'finished') on.fill()
      else on.stroke()
    }
    x -= 16
  }
}
