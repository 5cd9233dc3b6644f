/** This package of Espalier: where it is installed, and which version it is. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'

let file: string | undefined

function packageFile(): string {
  file ??= createRequire(import.meta.url).resolve('espalier/package.json')
  return file
}

export function packageRoot(): string {
  return dirname(packageFile())
}

let version: string | undefined

export function espalierVersion(): string {
  version ??= (JSON.parse(readFileSync(packageFile(), 'utf8')) as { version: string }).version
  return version
}
