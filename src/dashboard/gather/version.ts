/** The version of the program, for pages and reports. */
import { createRequire } from 'node:module'

export function programVersion(): string {
  return createRequire(import.meta.url)('espalier/package.json').version
}
