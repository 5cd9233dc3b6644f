/** The Pythons of this machine, by version: where one is installed beside others, as `python3.8` or by pyenv. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface Python {
  /** `3.8` */
  readonly version: string
  /** null: none that starts. */
  readonly program: string | null
}

/** Those that espalier.py is written for, and later ones. */
const versions = ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14']

function starts(program: string, version: string): boolean {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return status === 0 && stdout.startsWith(`Python ${version}.`)
}

/** Shims of pyenv answer for the chosen version only: the others stand in its folder. */
function pyenvPrograms(): Readonly<Record<string, string>> {
  const { status, stdout } = spawnSync('pyenv', ['root'], { encoding: 'utf8' })
  const folder = join(status === 0 ? stdout.trim() : '', 'versions')
  if (status !== 0 || !existsSync(folder)) return {}
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      name.split('.').slice(0, 2).join('.'),
      join(folder, name, 'bin', 'python'),
    ]),
  )
}

export function findPythons(): Python[] {
  const managed = pyenvPrograms()
  return versions.map((version) => ({
    version,
    program:
      [`python${version}`, 'python3', managed[version]].find(
        (program) => program !== undefined && starts(program, version),
      ) ?? null,
  }))
}
