/** The laws between the keys of `data`, and of its texts. */
import { isJsonObject } from '../values.js'
import type { DataJson } from './types.js'
import { show } from './wording.js'

/** That of "dateFormat" is told where the files are read. */
export function dataProblems(data: unknown): { path: string; message: string }[] {
  if (!isJsonObject(data)) return []
  const { file, separator, decimal, thousands, trueValues, falseValues } = data as Partial<DataJson>
  const problems: { path: string; message: string }[] = []
  const add = (key: string, message: string) => problems.push({ path: `data.${key}`, message })
  if ('file' in data && !isFile(file) && !(Array.isArray(file) && isListOfFiles(file)))
    add('file', `must be a text, or a list of different texts, that are not empty (got ${show(file)})`)
  if (decimal !== undefined && decimal === thousands)
    add('thousands', `must be another mark than "decimal" (both are ${JSON.stringify(decimal)})`)
  if (separator !== undefined && separator === decimal && decimal === '.')
    add('separator', 'must be another mark than "decimal" (both are ".")')
  if (Array.isArray(trueValues) && Array.isArray(falseValues)) {
    const lower = new Set(trueValues.map((word) => String(word).trim().toLowerCase()))
    const both = falseValues.find((word) => lower.has(String(word).trim().toLowerCase()))
    if (both !== undefined)
      add('falseValues', `must be other words than "trueValues" (${JSON.stringify(both)} is in both)`)
  }
  return problems
}

function isFile(file: unknown): boolean {
  return typeof file === 'string' && file !== ''
}

function isListOfFiles(files: readonly unknown[]): boolean {
  return files.length > 0 && files.every(isFile) && new Set(files).size === files.length
}
