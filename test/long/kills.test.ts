/** Sweeps killed after every single operation on files. */
import { describe, expect, it } from 'vitest'
import { expectKillsResumed, killedSweeps } from '../crash/kills.js'

describe('a sweep killed after any of its operations on files, or cut off by a loss of power, is resumed to the same sweep', () => {
  for (const [name, sweep] of Object.entries(killedSweeps)) {
    it(name, async () => {
      const { operations } = await expectKillsResumed(sweep)
      expect(operations).toBeGreaterThan(60)
    })
  }
})
