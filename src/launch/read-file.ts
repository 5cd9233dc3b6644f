/** Reads JSON files named by the user, with errors that say which file and where in it. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { EspalierError } from '../errors.js'
import type { JsonValue } from '../values.js'
import { duplicateKeys } from './duplicate-keys.js'

/** Throws FILE_NOT_READABLE or JSON_INVALID. */
export async function readJsonFile(file: string): Promise<JsonValue> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new EspalierError('FILE_NOT_READABLE', `${file} cannot be read: ${whyUnreadable(error)}`, {
      cause: error,
    })
  }
  let value: JsonValue
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new EspalierError(
      'JSON_INVALID',
      `${file} must be JSON, without comments or trailing commas (${(error as Error).message}${lineOf(text, error)})`,
      { cause: error },
    )
  }
  refuseDuplicateKeys(file, text)
  return value
}

/** A parameter written twice would silently be the last one only. */
function refuseDuplicateKeys(file: string, text: string): void {
  const paths = duplicateKeys(text)
  if (paths.length === 0) return
  throw new EspalierError(
    'JSON_INVALID',
    `the keys of an object must be different (${file} has ${paths.join(', ')} more than once); rename or remove all but one`,
    { problems: paths.map((path) => ({ path, message: 'is there more than once' })) },
  )
}

/** SHA-256 of a file's bytes, in hexadecimal. */
export async function digestOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
}

function whyUnreadable(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'there is no such file; check the path, which is relative to the working directory'
    case 'EISDIR':
      return 'it is a directory; name the JSON file in it'
    case 'EACCES':
      return 'permission denied; make it readable'
    default:
      return (error as Error).message
  }
}

function lineOf(text: string, error: unknown): string {
  const position = /position (\d+)/.exec((error as Error).message)?.[1]
  if (position === undefined || /line \d+/.test((error as Error).message)) return ''
  const before = text.slice(0, Number(position)).split('\n')
  return `, line ${before.length} column ${before[before.length - 1].length + 1}`
}
