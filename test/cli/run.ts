/** Runs the compiled program in a child process, as a user does: a folder of its own, no terminal. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
export const main = join(root, 'dist/cli/main.js')
export const fixtures = join(root, 'test/cli/fixtures')
export const data = join(root, 'search-spaces/data')

/** A document whose shape the test goes on to check: what JSON.parse gives. */
export type Document = ReturnType<typeof JSON.parse>

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly ended: Promise<Ended>
  /** Resolves when stderr has this text; rejects when the process ends without. */
  saw(text: string): Promise<void>
  signal(name: NodeJS.Signals): void
}

export interface Folder {
  readonly path: string
  start(args: readonly string[], options?: { env?: Record<string, string>; input?: string }): Running
  run(...args: readonly string[]): Promise<Ended>
  /** Runs with --json and reads the document. */
  json(...args: readonly string[]): Promise<Document>
  /** Writes a file of JSON; gives its name. */
  write(name: string, file: object): string
  remove(): void
}

/** Makes folders that are removed when the tests of the file are over. */
export function foldersOfFile(): () => Folder {
  const folders: Folder[] = []
  afterAll(() => {
    for (const made of folders) made.remove()
  })
  return () => {
    const made = makeFolder()
    folders.push(made)
    return made
  }
}

export function makeFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'espalier-cli-'))
  // The caller's own settings, and how the tests themselves were started, are left out.
  const { ESPALIER_STORE: _, NO_COLOR: __, FORCE_COLOR: ___, npm_command: ____, ...clean } = process.env
  const start: Folder['start'] = (args, { env = {}, input } = {}) => {
    const child = spawn(process.execPath, [main, ...args], { cwd: path, env: { ...clean, ...env } })
    let stdout = ''
    let stderr = ''
    const waiting = new Set<() => void>()
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
      for (const look of waiting) look()
    })
    child.stdin.end(input)
    return {
      ended: new Promise((resolve, reject) => {
        child.on('error', reject)
        child.on('close', (code) => resolve({ code, stdout, stderr }))
      }),
      saw: (text) =>
        new Promise((resolve, reject) => {
          const look = () => {
            if (stderr.includes(text)) resolve()
          }
          waiting.add(look)
          look()
          child.on('close', () => reject(new Error(`it ended without "${text}": ${stderr}`)))
        }),
      signal: (name) => child.kill(name),
    }
  }
  const run: Folder['run'] = (...args) => start(args).ended
  return {
    path,
    start,
    run,
    async json(...args) {
      const { stdout, stderr } = await run(...args, '--json')
      try {
        return JSON.parse(stdout)
      } catch {
        throw new Error(`espalier ${args.join(' ')} printed no JSON document: ${stdout}\n${stderr}`)
      }
    },
    write(name, file) {
      writeFileSync(join(path, name), JSON.stringify(file))
      return name
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** A small sweep over a data set. */
export const irisKnn = {
  name: 'iris-knn',
  trainer: 'knn-classifier',
  data: { file: join(data, 'iris.csv'), target: 'species' },
  search: { algorithm: 'random', trials: 8, seed: 3 },
  validation: { folds: 3, holdout: 0.2 },
  parameters: {
    k: { type: 'int', min: 1, max: 30, scale: 'log' },
    scaling: { type: 'categorical', values: ['none', 'standard'] },
  },
}
