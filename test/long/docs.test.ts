/** Every block of code in docs/ is run, in order, as a reader would; docs/api.md is what typedoc makes today. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { blocksOf, runPage } from '../docs/blocks.js'
import { writtenPages } from '../docs/pages.js'
import { temporaryDirectory } from '../launch/support.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('the documentation', () => {
  it.each(writtenPages())('%s does what it says', async (page) => {
    expect(await runPage(page)).toBe(blocksOf(page).length)
  })

  it('docs/api.md is up to date (else: npm run docs)', async () => {
    const directory = await temporaryDirectory()
    const { status, stderr } = spawnSync(
      'npx',
      ['typedoc', '--options', 'docs/generator/typedoc.json', '--out', directory],
      { cwd: root, encoding: 'utf8' },
    )
    expect(status, stderr).toBe(0)
    const made = readFileSync(join(directory, 'README.md'), 'utf8')
    expect(made === readFileSync(join(root, 'docs', 'api.md'), 'utf8'), 'run `npm run docs`').toBe(true)
  })
})
