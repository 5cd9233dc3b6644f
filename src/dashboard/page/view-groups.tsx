/** The views of a sweep, in the order in which one asks: how it went, what mattered, where it is good, and the rest. */
import type { ComponentType } from 'preact'
import type { SweepHead } from '../data/index.js'
import type { LoadedSweep } from './loaded.js'
import {
  ContourView,
  DistributionView,
  FailuresView,
  HistoryView,
  ImportanceView,
  ParallelView,
  ScatterView,
  SliceView,
  StepsView,
  TimelineView,
} from './views/index.js'

export interface View {
  readonly name: string
  readonly component: ComponentType<{ sweep: LoadedSweep }>
  /** px it takes at least. */
  readonly height: number
  /** Across the whole width, not beside another. */
  readonly wide: boolean
  /** Where there is something to see; else it is always there. */
  readonly shown?: (head: SweepHead) => boolean
}

export interface ViewGroup {
  readonly id: string
  readonly title: string
  readonly views: readonly View[]
}

const searched = (head: SweepHead) => head.parameters.length > 0
const several = (head: SweepHead) => head.parameters.length > 1
const measured = ({ metrics }: SweepHead) => metrics.length > 0
const failed = ({ run }: SweepHead) => run.trials.failed > 0

export const viewGroups: readonly ViewGroup[] = [
  {
    id: 'course',
    title: 'How it went',
    views: [
      { name: 'history', component: HistoryView, height: 440, wide: false },
      { name: 'importance', component: ImportanceView, height: 440, wide: false, shown: searched },
    ],
  },
  {
    id: 'parameters',
    title: 'Parameters',
    views: [
      { name: 'parallel', component: ParallelView, height: 480, wide: true, shown: searched },
      { name: 'slice', component: SliceView, height: 420, wide: true, shown: searched },
      { name: 'contour', component: ContourView, height: 480, wide: true, shown: several },
    ],
  },
  {
    id: 'metrics',
    title: 'Metrics',
    views: [
      { name: 'steps', component: StepsView, height: 440, wide: true },
      { name: 'scatter', component: ScatterView, height: 440, wide: false, shown: measured },
      { name: 'distribution', component: DistributionView, height: 440, wide: false, shown: measured },
    ],
  },
  {
    id: 'seats',
    title: 'Time and failures',
    views: [
      { name: 'timeline', component: TimelineView, height: 360, wide: true },
      { name: 'failures', component: FailuresView, height: 300, wide: true, shown: failed },
    ],
  },
]
