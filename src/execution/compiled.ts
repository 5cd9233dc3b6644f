/** The files that threads begin with: compiled, whatever loads the rest. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { EspalierError } from '../errors.js'

/** @param name as in the `imports` of package.json. Throws INTERNAL where the file is not there. */
export function compiledFile(name: `#${string}`): string {
  try {
    const file = createRequire(import.meta.url).resolve(name)
    if (existsSync(file)) return file
  } catch {
    // Said below.
  }
  throw new EspalierError('INTERNAL', 'the compiled worker must exist (dist is missing); run `npm run build`')
}
