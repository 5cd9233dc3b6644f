/**
 * The blocks of code of a page, run in their order in one folder, as a reader would:
 *
 *     ```json file=mine.json    is written to a file; a sweep file is checked (jsonc, yaml, csv, dockerfile and bash are only written)
 *     ```sh                     is run; `exit=2` says that it ends with that code, `needs=redis-server` that it is passed over without that
 *     ```text                   after it: what it prints, line by line, but for figures and ids; … stands for lines left out
 *     ```text drawing          is no output
 *     ```ts  ```js  ```python   without file: is run
 *
 * In that folder `espalier` and `npx espalier` are the program of this checkout, `npm run espalier --` too, search-spaces is
 * there, and 'espalier' can be imported. `npm ci`, `npm install` and `npm test` do nothing: whoever runs this has done them.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseSweepFile } from '../../src/space/index.js'
import { writeExecutable } from '../executable.js'
import { temporaryDirectory } from '../launch/support.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = join(root, 'dist', 'cli', 'main.js')
const tsx = pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'esm', 'index.mjs')).href

export const python = spawnSync('python3', ['--version']).status === 0

function isThere(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined
}

export interface Block {
  readonly language: string
  /** `file=mine.json exit=2` as an object. */
  readonly attributes: Readonly<Record<string, string>>
  readonly code: string
  /** In the page, for messages. */
  readonly line: number
}

export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, language, info, code] = match
    const attributes = Object.fromEntries(
      info
        .trim()
        .split(/\s+/)
        .filter(Boolean)
        .map((part) => part.split('=')),
    )
    return { language, attributes, code, line: text.slice(0, match.index).split('\n').length }
  })
}

/** A folder to run a page in, and the environment of its commands. */
async function placeToRun(): Promise<{ directory: string; env: NodeJS.ProcessEnv }> {
  const directory = await temporaryDirectory()
  const bin = join(directory, '.bin')
  mkdirSync(bin)
  const shim = (name: string, body: string) => writeExecutable(join(bin, name), `#!/bin/sh\n${body}\n`)
  const espalier = `exec "${process.execPath}" "${program}" "$@"`
  shim('espalier', espalier)
  shim('npx', `[ "$1" = espalier ] || exit 97\nshift\n${espalier}`)
  shim(
    'npm',
    `case "$1 $2" in
  "run espalier") shift 3; ${espalier} ;;
  "run "*) exec "${process.execPath}" -e 'process.exit(require(process.argv[1]).scripts[process.argv[2]] ? 0 : 98)' "${join(root, 'package.json')}" "$2" ;;
  "ci "*|"install "*|"test "*|"link "*|"init "*) exit 0 ;;
esac
exit 99`,
  )
  cpSync(join(root, 'search-spaces'), join(directory, 'search-spaces'), { recursive: true })
  mkdirSync(join(directory, 'node_modules'))
  symlinkSync(root, join(directory, 'node_modules', 'espalier'))
  writeFileSync(join(directory, 'package.json'), '{ "type": "module", "private": true }')
  const { ESPALIER_STORE: _, ...inherited } = process.env
  return { directory, env: { ...inherited, PATH: `${bin}${delimiter}${process.env.PATH}`, NO_COLOR: '1' } }
}

/** What stays of a printed line when figures, ids and spacing are taken out. */
function shape(line: string): string {
  return line
    .replace(/\b[0-9a-f]{8,}\b/g, '#')
    .replace(/[-−+]?\d+(\.\d+)?(e[-+]?\d+)?/g, '#')
    .replace(/[\s─═]+/g, ' ')
    .trim()
}

/** What a program in Python prints, in such a folder; throws where it fails. */
export async function runPython(code: string): Promise<string> {
  const { directory, env } = await placeToRun()
  const { status, stdout, stderr } = spawnSync('python3', ['-c', code], {
    cwd: directory,
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

/** Runs the blocks of a page; throws for the first that does not do what the page says. */
export async function runPage(page: string): Promise<number> {
  const { directory, env } = await placeToRun()
  let printed = ''
  let run = 0
  for (const { language, attributes, code, line } of blocksOf(page)) {
    const where = `${page} line ${line}`
    const command = (name: string, args: string[], expected = 0) => {
      const { status, stdout, stderr, error } = spawnSync(name, args, {
        cwd: directory,
        env,
        encoding: 'utf8',
      })
      printed = `${stdout}\n${stderr}`
      if (error || status !== expected)
        throw new Error(`${where} ended with ${error ?? status} instead of ${expected}:\n${printed}`)
    }
    const { file } = attributes
    if (file !== undefined) {
      mkdirSync(join(directory, file, '..'), { recursive: true })
      writeFileSync(join(directory, file), code)
    }
    switch (language) {
      case 'sh':
        if (attributes.needs === undefined || isThere(attributes.needs))
          command('bash', ['-euo', 'pipefail', '-c', code], Number(attributes.exit ?? 0))
        break
      case 'text': {
        if ('drawing' in attributes) break
        const found = new Set(printed.split('\n').map(shape))
        for (const shown of code.trimEnd().split('\n'))
          if (shown.trim() !== '…' && !found.has(shape(shown)))
            throw new Error(`${where} shows a line that was not printed:\n${shown}\nprinted:\n${printed}`)
        break
      }
      case 'json':
        await checkJson(code, where)
        break
      case 'yaml':
      case 'jsonc':
      case 'diff':
      case 'csv':
      case 'dockerfile':
      case 'bash':
        if (file === undefined) throw new Error(`${where}: a ${language} block is a file (file=…)`)
        break
      case 'js':
      case 'ts':
        if (file !== undefined) break
        writeFileSync(join(directory, `block-${line}.${language}`), code)
        command(process.execPath, ['--import', tsx, `block-${line}.${language}`])
        break
      case 'python':
        if (file === undefined && python) command('python3', ['-c', code])
        break
      default:
        throw new Error(`${where}: nobody runs a block of ${language}`)
    }
    run++
  }
  return run
}

/** A whole sweep file is validated; a part of one (`"data": {…}`) is put into brackets, and must be JSON. */
async function checkJson(code: string, where: string): Promise<void> {
  let json: unknown
  try {
    json = JSON.parse(/^\s*"/.test(code) ? `{${code}}` : code)
  } catch (error) {
    throw new Error(`${where} is not JSON: ${error}`)
  }
  if (typeof json === 'object' && json !== null && 'parameters' in json) await parseSweepFile(json)
}
