/**
 * YAML as Python's PyYAML reads it, which is of version 1.1: `yes` and `off` are truth values, `1_000` is a number, and `1e-5`, without
 * a point, is a text.
 */
import { type Written, writtenKey } from '../../launch/index.js'
import { isJsonObject, type JsonValue } from '../../values.js'
import type { Path, Told } from './told.js'

const truths = /^(yes|Yes|YES|on|On|ON)$/
const falsehoods = /^(no|No|NO|off|Off|OFF)$/
const grouped = /^[-+]?[1-9][0-9]*(_[0-9_]+)+$/
const pointless = /^[-+]?[0-9]+[eE][-+]?[0-9]+$|^[-+]?[0-9.]+[eE][0-9]+$/

/** The value as PyYAML has it, but that numbers stay numbers: which ones are texts to it is told. */
export function asPythonReads(value: JsonValue, written: Written, told: Told): JsonValue {
  const texts: string[] = []
  const read = (one: JsonValue, path: Path): JsonValue => {
    if (Array.isArray(one)) return one.map((item: JsonValue, i) => read(item, [...path, i]))
    if (isJsonObject(one))
      return Object.fromEntries(
        Object.entries(one).map(([key, inner]) => [key, read(inner as JsonValue, [...path, key])]),
      )
    const source = written.get(writtenKey(path))
    if (source === undefined) return one
    if (typeof one === 'number' && pointless.test(source)) texts.push(source)
    if (typeof one !== 'string') return one
    if (truths.test(source)) return true
    if (falsehoods.test(source)) return false
    return grouped.test(source) ? Number(source.replaceAll('_', '')) : one
  }
  const result = read(value, [])
  if (texts.length > 0)
    told.warn(
      [],
      `${[...new Set(texts)].join(', ')} would be a text to Python's YAML, which wants 1.0e-5 for 1e-5; it is taken as the number`,
    )
  return result
}

/** Whether a number is written as a float, as 1.0 is. */
export function isWrittenAsFloat(written: Written, path: Path): boolean {
  return /[.eE]/.test(written.get(writtenKey(path)) ?? '')
}
