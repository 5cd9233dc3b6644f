/**
 * One journal line: a JSON object whose first entry is the checksum of the rest of the line,
 *
 *     {"crc":"1f0a93c2","after":"c3d4e5f6","event":"ended","trial":12,…}⏎
 *
 * so that people and `jq` can read it, and the checksum sits at a place that need not be searched for: the
 * CRC-32, in 8 hexadecimal digits, of all bytes after the first comma up to the line end, which does not count.
 * `after` is the checksum of the line before, so that a line that is missing, there twice or out of its place is
 * noticed, while each line can still be judged by itself.
 */

import { isJsonObject } from '../values.js'
import { crc32 } from './checksum.js'
import { exactJson } from './json.js'

const head = '{"crc":"'
const headBytes = Buffer.from(head)
/** Where the checked part begins: after `{"crc":"xxxxxxxx",`. */
const checkedFrom = head.length + 8 + 2

/** @param after the checksum of the line before, where it follows one. */
export function encodeLine(entries: object, after?: string): Buffer {
  const rest = (after === undefined ? '' : `"after":"${after}",`) + exactJson(entries).slice(1)
  const line = Buffer.from(`${head}00000000",${rest}\n`)
  const crc = crc32(line, checkedFrom, line.length - 1)
  line.write(crc.toString(16).padStart(8, '0'), head.length, 8, 'latin1')
  return line
}

/** The checksum that a whole line carries. */
export function checksumIn(line: Buffer): string {
  return line.toString('latin1', head.length, head.length + 8)
}

export type DecodedLine =
  | { state: 'good'; entries: { [key: string]: unknown } }
  /** Not a line of this format: half of one, or another file. */
  | { state: 'unreadable' }
  /** Readable, but not as it was written. */
  | { state: 'changed'; recorded: string; found: string }

/** Decodes bytes[start … end), without the line end. */
export function decodeLine(bytes: Buffer, start: number, end: number): DecodedLine {
  if (end - start <= checkedFrom || bytes[start] !== 123) return { state: 'unreadable' }
  const from = start + checkedFrom
  const found = crc32(bytes, from, end)
  if (found !== hexAt(bytes, start + head.length) || !hasHead(bytes, start)) {
    const recorded = bytes.toString('latin1', start + head.length, from - 2)
    try {
      const entries = JSON.parse(bytes.toString('utf8', start, end))
      if (isJsonObject(entries)) {
        return { state: 'changed', recorded, found: found.toString(16).padStart(8, '0') }
      }
    } catch {}
    return { state: 'unreadable' }
  }
  try {
    return { state: 'good', entries: JSON.parse(bytes.toString('utf8', start, end)) }
  } catch {
    return { state: 'unreadable' }
  }
}

function hasHead(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < headBytes.length; i++) if (bytes[start + i] !== headBytes[i]) return false
  return bytes[start + checkedFrom - 2] === 34 && bytes[start + checkedFrom - 1] === 44
}

/** The number that 8 hexadecimal digits stand for, -1 if they are not. */
function hexAt(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let i = at; i < at + 8; i++) {
    const c = bytes[i]
    const digit = c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : -1
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}
