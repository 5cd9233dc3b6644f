/** Commands that the pages show are such as the program takes; files in YAML can be read, and name such commands too. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { buildProgram, commandNames } from '../../src/cli/program.js'
import { blocksOf } from './blocks.js'
import { writtenPages } from './pages.js'

const pages = ['README.md', ...writtenPages()]
const text = (page: string) => readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')

/** What is wrong with the words behind `espalier`; null where nothing is. */
async function wrongIn(words: readonly string[]): Promise<string | null> {
  const [name = '', second = ''] = words
  const program = await buildProgram([name])
  const command = program.commands.find((one) => one.name() === name)
  if (command === undefined) return `there is no command ${name}`
  const own = command.commands.find((one) => one.name() === second) ?? command
  if (command.commands.length > 0 && own === command && /^[a-z]/.test(second))
    return `${name} has no ${second}`
  // What stands behind `--` is not the command's own.
  const end = words.indexOf('--')
  const wrong = words
    .slice(0, end < 0 ? undefined : end)
    .find((word) => /^--?[a-z]/.test(word) && !takes(own, word.replace(/=.*/, '')))
  return wrong === undefined ? null : `${own.name()} has no ${wrong}`
}

function takes({ options }: Command, option: string): boolean {
  return (
    ['--help', '-h'].includes(option) ||
    options.some(({ long, short }) => option === long || option === short)
  )
}

/** The words behind each `espalier` on the command lines of a text, up to what is no longer its arguments. */
function commandsIn(lines: string): string[][] {
  const joined = lines.replace(/\\\n\s*/g, ' ')
  return [...joined.matchAll(/\bespalier(?:@[\d.]+)? ([a-z][^\n`|&#;<>…'"(]*)/g)].map(([, rest]) =>
    rest.trim().split(/\s+/),
  )
}

/** All lists of texts of a document in YAML that begin with the name of a command. */
function commandLists(value: unknown): string[][] {
  if (Array.isArray(value))
    return commandNames.includes(value[0]) ? [value.map(String)] : value.flatMap(commandLists)
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(commandLists) : []
}

describe('the commands that pages show', () => {
  it.each(pages)('%s names commands and options that there are', async (page) => {
    const wrong: string[] = []
    for (const words of commandsIn(text(page))) {
      // Prose may go on with any word.
      if (!commandNames.includes(words[0]!)) continue
      const found = await wrongIn(words)
      if (found !== null) wrong.push(`${found}: espalier ${words.join(' ')}`)
    }
    expect(wrong).toEqual([])
  })

  it('are looked at: one that is wrong is found', async () => {
    expect(await wrongIn(['worker', '--seats', '2'])).toBeNull()
    expect(await wrongIn(['worker', '--seat', '2'])).toBe('worker has no --seat')
    expect(await wrongIn(['init', 'train.py', '--', 'fit', '--data', 'images'])).toBeNull()
    expect(await wrongIn(['runs', 'lst'])).toBe('runs has no lst')
    const [words] = commandsIn('$ npx espalier@0.1.0 worker \\\n  --seats 2   # both of them')
    expect(words).toEqual(['worker', '--seats', '2'])
  })

  it('in YAML are such too, in files that can be read', async () => {
    let found = 0
    for (const page of pages)
      for (const { language, code, line } of blocksOf(page)) {
        if (language !== 'yaml') continue
        for (const document of parseAllDocuments(code)) {
          expect(document.errors, `${page} line ${line}`).toEqual([])
          for (const words of commandLists(document.toJS())) {
            found++
            expect(await wrongIn(words), `${page} line ${line}: ${words.join(' ')}`).toBeNull()
          }
        }
      }
    expect(found).toBeGreaterThanOrEqual(5)
  })
})

describe('docs/kubernetes.md', () => {
  it('has volumes, secrets and ports that go together', () => {
    const [file] = blocksOf('docs/kubernetes.md').filter(({ language }) => language === 'yaml')
    const documents = parseAllDocuments(file!.code).map((document) => document.toJS())
    const names = (kind: string) =>
      documents.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name)
    for (const { kind, spec } of documents) {
      if (kind === 'Service') continue
      const pod = spec.template?.spec
      if (pod === undefined) continue
      const volumes = [
        ...(pod.volumes ?? []),
        ...(spec.volumeClaimTemplates ?? []).map((one: Named) => one.metadata),
      ]
      for (const container of pod.containers)
        for (const { name } of container.volumeMounts ?? [])
          expect(volumes.map((one: { name: string }) => one.name)).toContain(name)
      for (const { persistentVolumeClaim: claim } of pod.volumes ?? [])
        if (claim !== undefined) expect(names('PersistentVolumeClaim')).toContain(claim.claimName)
      for (const container of pod.containers)
        for (const { name, value } of container.env ?? [])
          if (name === 'ESPALIER_QUEUE') expect(names('Service')).toContain(new URL(value).hostname)
    }
    expect(names('Job')).toHaveLength(2)
  })
})

describe('docs/slurm.md', () => {
  const [script] = blocksOf('docs/slurm.md').filter(({ language }) => language === 'bash')

  it('has a batch script in which the worker is the first process, which alone Slurm tells to end', () => {
    execFileSync('bash', ['-n'], { input: script!.code })
    const last = script!.code.trim().split('\n').at(-1)
    expect(last).toMatch(/^exec node_modules\/\.bin\/espalier worker /)
    const asked = script!.code.split('\n').filter((line) => line.includes('SBATCH'))
    // Slurm reads them up to the first command.
    expect(script!.code.split('\n').slice(1, asked.length + 1)).toEqual(asked)
  })
})

interface Named {
  readonly metadata: { readonly name: string }
}
