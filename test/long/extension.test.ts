/** Sweeps of every kind, extended twice. */
import { describe, expect, it } from 'vitest'
import { expectExtended, extendedSweeps } from '../launch/extension.js'

describe('a sweep extended from 10 to 20 to 40 trials ends as if all had been asked for at once', () => {
  for (const [name, one] of Object.entries(extendedSweeps)) {
    it(name, async () => {
      const { told } = await expectExtended(one, [10, 20, 40])
      const { finished, pruned, failed } = told.counts
      if (name.includes('ended by')) {
        expect(finished).toBeGreaterThan(10)
        expect(finished).toBeLessThan(40)
      } else expect(finished + pruned + failed).toBe(40)
    })
  }
})
