/** The pages that are written by hand, whose blocks are run. */
import { readdirSync } from 'node:fs'

const made = ['errors.md', 'trainers.md', 'command-line.md', 'api.md']

export function writtenPages(): string[] {
  return readdirSync(new URL('../../docs', import.meta.url))
    .filter((name) => name.endsWith('.md') && !made.includes(name))
    .map((name) => `docs/${name}`)
}
