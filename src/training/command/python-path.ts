/** Where programs in Python find `import espalier` (python/espalier.py), whatever they import besides. */
import { createRequire } from 'node:module'
import { delimiter, dirname } from 'node:path'

let folder: string | undefined

/**
 * PYTHONPATH for a program: Espalier's folder, and behind it what stands there already.
 * @param inherited its PYTHONPATH without Espalier.
 */
export function pythonPath(inherited: string | undefined): string {
  folder ??= dirname(createRequire(import.meta.url).resolve('#python/espalier.py'))
  return inherited ? `${folder}${delimiter}${inherited}` : folder
}
