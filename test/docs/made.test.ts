/** Pages that are made from the code are as the code is now. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { madePages } from '../../docs/generator/pages.js'
import { codes } from '../../src/errors.js'

const onDisk = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

describe('the pages made from the code', async () => {
  const pages = await madePages()

  it.each([...pages.keys()])('docs/%s is up to date (else: npm run docs)', (name) => {
    expect(onDisk(name) === pages.get(name), `docs/${name} is out of date: run \`npm run docs\``).toBe(true)
  })

  it('list every code', () => {
    const page = onDisk('errors.md')
    for (const code of [...Object.keys(codes.errors), ...Object.keys(codes.failures)])
      expect(page).toContain(`\`${code}\``)
  })
})
