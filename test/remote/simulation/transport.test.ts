/** The queue in memory, on its fake clock, keeps the laws of transports: what is simulated on it is what the real ones do. */
import { afterAll, beforeAll, describe } from 'vitest'
import { transportLaws } from '../transport-laws.js'
import { FakeClock } from './clock.js'
import { MemoryQueue } from './queue.js'

const claimMs = 1_500

for (const latency of [0, 2])
  describe(`a transport in memory whose answers take ${latency} ms`, () => {
    const clock = new FakeClock()
    const queue = new MemoryQueue(clock, { claimMs, latency })
    beforeAll(() => clock.start())
    afterAll(() => clock.stop())
    transportLaws(() => ({
      open: async () => queue.open(),
      claimMs,
      wait: (ms) => clock.wait(ms),
    }))
  })
