/** What every display can do. */
import type { SweepEvent } from '../../sweep/index.js'

export interface Progress {
  event(event: SweepEvent): void
  /** A line that stays. */
  line(text: string): void
  /** Leaves the screen clean. */
  end(): void
}
