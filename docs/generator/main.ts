/** `npm run docs`: makes the pages of docs/ that are made from the code. */
import { writeFile } from 'node:fs/promises'
import { modelSchema } from '../../src/exchange/model-json/schema.js'
import { madePages } from './pages.js'
import { libraryReference } from './reference.js'

const docs = new URL('../', import.meta.url)

for (const [name, text] of await madePages()) await writeFile(new URL(name, docs), text)
await writeFile(new URL('api.md', docs), await libraryReference())
await writeFile(new URL('model.schema.json', docs), `${JSON.stringify(modelSchema(), null, 2)}\n`)
