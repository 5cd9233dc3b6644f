/**
 * Before any test: dist/ is what src/ says now. Tests run the built program, and one that was built from other sources would
 * pass or fail for what is not there any more.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Outside dist/, which is published. */
const stamp = join(root, 'node_modules', '.cache', 'espalier', 'built')

function filesIn(directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

/** What is built, from what, and with what. */
function state(): string {
  const from = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']
  const sources = digestOf([...filesIn('src'), ...from.map((file) => join(root, file))])
  return `${sources} ${existsSync(join(root, 'dist')) ? digestOf(filesIn('dist')) : 'nothing'}`
}

export default function build(): void {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state()) return
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  try {
    execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'pipe', encoding: 'utf8' })
  } catch (error) {
    const { stdout = '', stderr = '', signal = null } = error as Record<string, string | null>
    const ended = signal === null ? '' : ` (the build was ended by ${signal})`
    throw new Error(`the sources do not build${ended}:\n${stdout}${stderr}`)
  }
  mkdirSync(join(stamp, '..'), { recursive: true })
  writeFileSync(stamp, state())
}
