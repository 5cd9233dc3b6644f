/**
 * Attributes of Optuna's studies and trials as tags, and back: `optuna.user.NAME` and `optuna.system.NAME`. A text stands as it is, any
 * other value as JSON; a text that would read as JSON is written as JSON, too, so that it comes back as a text.
 */
import { parsePython, pythonText } from './python-json.js'

export const tagPrefix = 'optuna.'

/** Of a study with several objectives: the place of the sweep's own among the values. */
export const objectiveTag = `${tagPrefix}objective`

type Kind = 'user' | 'system'

export function attributeTags(
  kind: Kind,
  attributes: Readonly<Record<string, unknown>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [`${tagPrefix}${kind}.${key}`, written(value)]),
  )
}

export function attributesIn(kind: Kind, tags: Readonly<Record<string, string>>): Record<string, unknown> {
  const prefix = `${tagPrefix}${kind}.`
  return Object.fromEntries(
    Object.entries(tags).flatMap(([tag, text]) =>
      tag.startsWith(prefix) ? [[tag.slice(prefix.length), read(text)]] : [],
    ),
  )
}

function written(value: unknown): string {
  return typeof value === 'string' && read(value) === value ? value : pythonText(value)
}

function read(text: string): unknown {
  try {
    return parsePython(text)
  } catch {
    return text
  }
}
