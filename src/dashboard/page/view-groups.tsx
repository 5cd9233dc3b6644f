/** The views of a sweep, in the order in which one asks: how it went, what mattered, where it is good, and the rest. */
import type { ComponentType } from 'preact'
import type { SweepHead } from '../data/index.js'
import type { LoadedSweep } from './loaded.js'

export interface View {
  readonly name: string
  readonly component: ComponentType<{ sweep: LoadedSweep }>
  /** px it takes at least. */
  readonly height: number
  /** Across the whole width, not beside another. */
  readonly wide: boolean
  /** Where there is something to see. */
  readonly shown?: (head: SweepHead) => boolean
}

export interface ViewGroup {
  readonly id: string
  readonly title: string
  readonly views: readonly View[]
}

export const viewGroups: readonly ViewGroup[] = []
