/** The pages, and parts of pages, that are made from the code. */
import { readFile } from 'node:fs/promises'
import { commandsPage } from './commands.js'
import { errorsPage } from './errors.js'
import { sweepFileReference } from './sweep-file.js'
import { trainersPage } from './trainers.js'

const docs = new URL('../', import.meta.url)

/** Where in docs/sweep-files.md, which is written by hand, the part begins that is made. */
const reference = '## Reference\n'

/** Each page's text by its name in docs/. docs/api.md is made by typedoc. */
export async function madePages(): Promise<ReadonlyMap<string, string>> {
  const sweepFiles = await readFile(new URL('sweep-files.md', docs), 'utf8')
  const at = sweepFiles.indexOf(reference)
  if (at < 0)
    throw new Error(`docs/sweep-files.md must have a line "${reference.trim()}", where its reference begins`)
  return new Map([
    ['errors.md', errorsPage()],
    ['trainers.md', await trainersPage()],
    ['command-line.md', await commandsPage()],
    ['sweep-files.md', `${sweepFiles.slice(0, at)}${await sweepFileReference()}`],
  ])
}
