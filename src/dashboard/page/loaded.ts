/** A sweep that is open in the page: what all its views read, and how they say what is selected. */
import type { ReadonlySignal, Signal } from '@preact/signals'
import type { Insight } from '../../analysis/index.js'
import type { SweepHead, TrialTable } from '../data/index.js'
import type { AxesView } from './axes-view.js'
import type { Selection } from './selection.js'
import type { Source } from './source.js'

export interface LoadedSweep {
  readonly id: string
  readonly source: Source
  readonly head: ReadonlySignal<SweepHead>
  /** Grows while the sweep runs: read `version` to be told. */
  readonly table: TrialTable
  /** One more with every change of the table. */
  readonly version: ReadonlySignal<number>
  /** One more with further steps of trials that run: ask the source for them again. */
  readonly stepped: ReadonlySignal<number>
  readonly selection: Signal<Selection>
  /** By row: 1 where it is selected. Follows the table and the selection. */
  readonly mask: ReadonlySignal<Uint8Array>
  /** How many rows are. */
  readonly selected: ReadonlySignal<number>
  /** How the axes of parallel coordinates stand. */
  readonly axes: Signal<AxesView>
  /** The metric that is looked at: the objective's unless another was chosen. */
  readonly metric: Signal<string>
  /** Of that metric; null until it has come. */
  readonly insight: ReadonlySignal<Insight | null>
  /** Why nothing is told of that metric; null where it is, or is still to come. */
  readonly insightProblem: ReadonlySignal<string | null>
  /** The trial under the pointer, in any view. */
  readonly hovered: Signal<number | null>
  /** Opens the page of a trial. */
  open(trial: number): void
}
