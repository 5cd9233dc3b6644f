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
const stampIn = (project: string) => join(project, 'node_modules', '.cache', 'espalier', 'built')

function filesIn(directory: string): string[] {
  return (
    readdirSync(directory, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      // What Python keeps of the module that programs import from there.
      .filter((file) => !file.endsWith('.pyc'))
      .sort()
  )
}

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

/** What is built, from what, and with what. */
function state(project: string): string {
  const from = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']
  const sources = digestOf([...filesIn(join(project, 'src')), ...from.map((file) => join(project, file))])
  const built = join(project, 'dist')
  return `${sources} ${existsSync(built) ? digestOf(filesIn(built)) : 'nothing'}`
}

/** Whether what is built was built from what is there now, and nobody has touched it since. */
export function isBuilt(project: string): boolean {
  const stamp = stampIn(project)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === state(project)
}

/** What is there now has been built from what is there now. */
export function rememberBuilt(project: string): void {
  const stamp = stampIn(project)
  mkdirSync(join(stamp, '..'), { recursive: true })
  writeFileSync(stamp, state(project))
}

export default function build(): void {
  if (isBuilt(root)) return
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  try {
    execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'pipe', encoding: 'utf8' })
  } catch (error) {
    const { stdout = '', stderr = '', signal = null } = error as Record<string, string | null>
    const ended = signal === null ? '' : ` (the build was ended by ${signal})`
    throw new Error(`the sources do not build${ended}:\n${stdout}${stderr}`)
  }
  rememberBuilt(root)
}
