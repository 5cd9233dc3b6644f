/** Every block of code in docs/ is run, in order, as a reader would; docs/api.md is what typedoc makes today. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { libraryReference } from '../../docs/generator/reference.js'
import { blocksOf, runPage } from '../docs/blocks.js'
import { writtenPages } from '../docs/pages.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('the documentation', () => {
  it.each(writtenPages())('%s does what it says', async (page) => {
    expect(await runPage(page)).toBe(blocksOf(page).length)
  })

  it('docs/api.md is up to date (else: npm run docs)', async () => {
    const made = await libraryReference()
    expect(made === readFileSync(join(root, 'docs', 'api.md'), 'utf8'), 'run `npm run docs`').toBe(true)
  })
})
