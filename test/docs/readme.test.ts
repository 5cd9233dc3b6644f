/** The README does what it says. */
import { describe, expect, it } from 'vitest'
import { blocksOf, runPage } from './blocks.js'

describe('the README', () => {
  it('does what it says, block by block', async () => {
    const run = await runPage('README.md')
    expect(run).toBe(blocksOf('README.md').length)
    expect(run).toBeGreaterThan(4)
  }, 120_000)
})
