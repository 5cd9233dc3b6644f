/** What a sweep was asked to do, read from its spec as far as another sweep is compared with it. */
import { basename } from 'node:path'
import { isJsonObject, type JsonObject, type JsonValue } from '../values.js'

/** What is trained, in a word: a trainer's name, a module's file, a program's command; of several, all of them. */
export function trainerName({ trainer }: JsonObject): string {
  if (trainer === undefined || !isJsonObject(trainer)) return ''
  const { kind, name, file, command, trainers } = trainer
  if (kind === 'choice') return isJsonObject(trainers) ? Object.keys(trainers).join(', ') : ''
  if (kind === 'module') return basename(String(file))
  if (kind === 'command') return Array.isArray(command) ? command.map(String).join(' ') : ''
  return String(name ?? '')
}

/** Trainer, data, validation and space of a sweep as flat fields: `trainer`, `data`, `validation.folds`, `space.k`. */
export function settingsOf(spec: JsonObject): Record<string, JsonValue> {
  const { data, validation, parameters } = spec
  const settings: Record<string, JsonValue> = { trainer: trainerName(spec) }
  if (data !== undefined && isJsonObject(data)) {
    settings.data = basename(String(data.file))
    settings['data.digest'] = data.digest ?? null
    settings['data.target'] = data.target ?? null
  }
  if (validation !== undefined && isJsonObject(validation))
    for (const [name, value] of Object.entries(validation))
      if (value !== null) settings[`validation.${name}`] = value
  if (parameters !== undefined && isJsonObject(parameters))
    for (const [name, value] of Object.entries(parameters)) settings[`space.${name}`] = value
  return settings
}
