/** From a trainer as a person names it to the reference that `openTrainer` takes. */
import { resolve } from 'node:path'
import type { NamedReference } from './types.js'

/** Whether a trainer is named by the path of a module: anything else is the name of a built-in one. */
export function isModulePath(named: string): boolean {
  return /^\.{0,2}[/\\]/.test(named) || /^[a-zA-Z]:[/\\]/.test(named) || /\.[cm]?[jt]s$/.test(named)
}

/** @param directory where a relative path starts. */
export function referenceTo(named: string, directory: string): NamedReference {
  return isModulePath(named)
    ? { kind: 'module', file: resolve(directory, named) }
    : { kind: 'built-in', name: named }
}
