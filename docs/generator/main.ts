/** `npm run docs`: makes the pages of docs/ that are made from the code. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { madePages } from './pages.js'

const docs = new URL('../', import.meta.url)

for (const [name, text] of await madePages()) await writeFile(new URL(name, docs), text)

const directory = await mkdtemp(join(tmpdir(), 'espalier-docs-'))
const options = fileURLToPath(new URL('generator/typedoc.json', docs))
const { status } = spawnSync('npx', ['typedoc', '--options', options, '--out', directory], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(1)
await writeFile(new URL('api.md', docs), await readFile(join(directory, 'README.md'), 'utf8'))
await rm(directory, { recursive: true })
