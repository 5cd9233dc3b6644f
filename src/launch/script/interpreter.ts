/** What runs a script: by the ending of its name, by its first line, or itself. */
import { constants } from 'node:fs'
import { access, open } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { EspalierError } from '../../errors.js'
import { isOnPath } from '../../training/index.js'

interface Language {
  /** The first that is on the PATH. */
  readonly programs: readonly string[]
  /** What names it in a first line. */
  readonly family: RegExp
}

const python: Language = { programs: ['python3', 'python'], family: /python/ }
const node: Language = { programs: ['node'], family: /\bnode\b/ }
const typescript: Language = { programs: ['tsx'], family: /\btsx\b/ }

const languages: Readonly<Record<string, Language>> = {
  ...{ '.py': python, '.js': node, '.mjs': node, '.cjs': node, '.ts': typescript, '.mts': typescript },
  '.sh': { programs: ['sh'], family: /\bsh\b/ },
  '.bash': { programs: ['bash'], family: /\bbash\b/ },
  '.r': { programs: ['Rscript'], family: /Rscript/ },
  '.jl': { programs: ['julia'], family: /julia/ },
  '.rb': { programs: ['ruby'], family: /ruby/ },
  '.pl': { programs: ['perl'], family: /perl/ },
  '.lua': { programs: ['lua'], family: /lua/ },
}

/** Whether a file is a script or a program, and not data. */
export async function isScript(file: string): Promise<boolean> {
  if (extname(file).toLowerCase() in languages) return true
  const first = await beginningOf(file).catch(() => null)
  if (first === null || !(await isExecutable(file))) return false
  // What systems start: a first line that names an interpreter, ELF, Mach-O, Windows.
  return /^(#!|\u007fELF|\ufffd{4}|MZ)/.test(first)
}

/** Whether it is one for a shell, whose options are mostly read word by word: `--lr 0.1`, and not `--lr=0.1`. */
export function isShell(file: string): boolean {
  return /^\.(sh|bash)$/i.test(extname(file))
}

/**
 * The command that runs a script, as a sweep file writes it.
 * @param script as the command is to name it.
 * @param file where it is.
 * @throws EspalierError FILE_NOT_READABLE, TRAINER_INVALID where nothing is known to run it.
 */
export async function commandFor(script: string, file: string): Promise<string[]> {
  const first = (await beginningOf(file)).split('\n')[0]
  const shebang = first.startsWith('#!') ? first.slice(2).trim() : null
  const language: Language | undefined = languages[extname(file).toLowerCase()]
  const itself = script.includes('/') || script.includes('\\') ? script : `./${script}`
  if (shebang !== null && !language?.family.test(shebang))
    return (await isExecutable(file)) ? [itself] : [...interpreterIn(shebang), script]
  if (language !== undefined) {
    for (const program of language.programs) if (await isOnPath(program)) return [program, script]
    throw new EspalierError(
      'TRAINER_INVALID',
      `what runs a script must be on the PATH (${language.programs.join(' and ')} are not, for ${script}); name it with --interpreter`,
    )
  }
  if (await isExecutable(file)) return [itself]
  throw new EspalierError(
    'TRAINER_INVALID',
    `a script must be known by its ending, begin with #!, or be executable (${script} is none of it); chmod +x it, or name what runs it with --interpreter`,
  )
}

/** `/usr/bin/env -S uv run` → `uv run`, `/bin/bash` → `bash`. */
function interpreterIn(shebang: string): string[] {
  const [program, ...rest] = shebang.split(/\s+/)
  if (basename(program) !== 'env') return [basename(program), ...rest]
  return rest[0] === '-S' ? rest.slice(1) : rest
}

async function beginningOf(file: string): Promise<string> {
  try {
    const opened = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!(await opened.stat()).isFile()) throw new Error('it is no file')
      const { buffer, bytesRead } = await opened.read(Buffer.alloc(1024), 0, 1024, 0)
      return buffer.subarray(0, bytesRead).toString('utf8')
    } finally {
      await opened.close()
    }
  } catch (error) {
    throw new EspalierError(
      'FILE_NOT_READABLE',
      `a script must be a file that can be read (${file}: ${(error as Error).message})`,
      { cause: error },
    )
  }
}

async function isExecutable(file: string): Promise<boolean> {
  // On Windows that is by the ending, and the system says yes of every file.
  if (process.platform === 'win32') return extname(file).toLowerCase() === '.exe'
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}
