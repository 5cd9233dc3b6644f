/** Journals as somebody writes them who knows the checksums. */
import { checksumIn, encodeLine } from '../../src/tracking/line.js'
import type { JsonObject } from '../../src/values.js'

/** The text of a journal with its entries changed, line by line; null leaves a line out. */
export function rewritten(text: string, change: (entries: JsonObject) => JsonObject | null): Buffer {
  const lines: Buffer[] = []
  for (const line of text.trimEnd().split('\n')) {
    const { crc, after, ...entries } = JSON.parse(line)
    const changed = change(entries)
    if (changed === null) continue
    lines.push(encodeLine(changed, lines.length === 0 ? undefined : checksumIn(lines[lines.length - 1])))
  }
  return Buffer.concat(lines)
}
