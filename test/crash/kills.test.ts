/** Nothing depends on which of its operations on files was a sweep's last: some of them here, each one in test/long. */
import { describe, expect, it } from 'vitest'
import { expectKillsResumed, killedSweeps } from './kills.js'

describe('a sweep killed after an operation on files, or cut off by a loss of power, is resumed to the same sweep', () => {
  for (const [name, sweep] of Object.entries(killedSweeps)) {
    it(name, { timeout: 120_000 }, async () => {
      const { operations } = await expectKillsResumed(sweep, { first: 3, every: 16 })
      expect(operations).toBeGreaterThan(60)
    })
  }
})
