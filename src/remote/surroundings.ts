/** What coordinator and workers have around them: a clock, and a queue. A simulation has others. */
import { type Clock, realClock } from './clock.js'
import { openQueue } from './open-queue.js'
import type { QueueSettings } from './settings.js'
import type { Transport } from './transport.js'

export interface Surroundings {
  readonly clock: Clock
  /** @param warn takes what a person has to know of the server. */
  open(settings: QueueSettings, warn: (message: string) => void): Promise<Transport>
}

export const realSurroundings: Surroundings = { clock: realClock, open: openQueue }
