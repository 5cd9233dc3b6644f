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
    id: 'steps',
    title: 'Steps and time',
    views: [
      { name: 'steps', component: StepsView, height: 440, wide: true },
      { name: 'timeline', component: TimelineView, height: 260, wide: true },
    ],
  },
  {
    id: 'metrics',
    title: 'Metrics',
    views: [
      { name: 'scatter', component: ScatterView, height: 500, wide: false },
      { name: 'distribution', component: DistributionView, height: 500, wide: false },
    ],
  },
  {
    id: 'failures',
    title: 'Failures',
    views: [
      {
        name: 'failures',
        component: FailuresView,
        height: 200,
        wide: true,
        shown: ({ entry }) => entry.trials.failed > 0,
      },
    ],
  },
]
