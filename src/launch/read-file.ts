/** Reads the files of JSON or YAML that a user names, with errors that say which file and where in it. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { EspalierError } from '../errors.js'
import type { JsonValue } from '../values.js'
import { readJsonText, writtenInJson } from './json-text.js'
import { type Place, type ReadText, TextMistake, type Written } from './read-text.js'

/** How many repeated keys a message names. */
const mostNamed = 10

/**
 * The value of a JSON file, comments and trailing commas allowed, or of a YAML file where its name ends in `.yaml` or
 * `.yml`. Throws FILE_NOT_READABLE or JSON_INVALID.
 */
export async function readJsonFile(file: string): Promise<JsonValue> {
  return valueIn(file, await textOfFile(file))
}

/** The same, with its numbers (in YAML bare words too) as they are written. */
export async function readWrittenFile(
  file: string,
): Promise<{ readonly value: JsonValue; readonly written: Written }> {
  const text = await textOfFile(file)
  const value = await valueIn(file, text)
  const written = isYaml(file)
    ? await (await import('./yaml-text.js')).writtenInYaml(text)
    : writtenInJson(text)
  return { value, written }
}

/** Whether a file is read as YAML, by its name. */
export function isYaml(file: string): boolean {
  return /^\.ya?ml$/i.test(extname(file))
}

async function textOfFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '')
  } catch (error) {
    throw new EspalierError('FILE_NOT_READABLE', `${file} cannot be read: ${whyUnreadable(error)}`, {
      cause: error,
    })
  }
}

async function valueIn(file: string, text: string): Promise<JsonValue> {
  const { value, repeated } = await readText(file, text)
  refuseRepeated(file, repeated)
  return value
}

async function readText(file: string, text: string): Promise<ReadText> {
  try {
    return isYaml(file) ? await (await import('./yaml-text.js')).readYamlText(text) : readJsonText(text)
  } catch (error) {
    if (!(error instanceof TextMistake)) throw error
    const message = `${file} must be ${isYaml(file) ? 'YAML' : 'JSON'}: ${error.message}, at ${placeText(error.place)}`
    throw new EspalierError('JSON_INVALID', message, { cause: error })
  }
}

/** A parameter written twice would silently be the last one only. */
function refuseRepeated(file: string, repeated: ReadText['repeated']): void {
  if (repeated.length === 0) return
  const named = repeated.slice(0, mostNamed).map(({ path, place }) => `${path} again at ${placeText(place)}`)
  const rest = repeated.length > mostNamed ? ` and ${repeated.length - mostNamed} others` : ''
  throw new EspalierError(
    'JSON_INVALID',
    `the keys of an object must be different (${file} has ${named.join(', ')}${rest}); rename or remove all but one`,
    {
      problems: repeated.map(({ path, place }) => ({
        path,
        message: `is there more than once, again at ${placeText(place)}`,
      })),
    },
  )
}

function placeText({ line, column }: Place): string {
  return `line ${line}, column ${column}`
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
      return 'it is a directory; name the file in it'
    case 'EACCES':
      return 'permission denied; make it readable'
    default:
      return (error as Error).message
  }
}
