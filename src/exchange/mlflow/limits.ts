/** What an MLflow server takes: names, lengths, how much at a time. What is too long is cut, and that is said. */
import { createHash } from 'node:crypto'
import type { JsonObject } from '../../values.js'

/** Of a tag 8,000 in the newest servers. */
export const longest = {
  key: 250,
  param: 6000,
  tag: 5000,
  runName: 250,
  experiment: 500,
  dataset: 500,
  digest: 36,
} as const

/** Of one `runs/log-batch`. The bytes leave room below MLflow's 1 MB. */
const most = { metrics: 1000, params: 100, tags: 100, entries: 1000, bytes: 900_000 } as const

const digits = (text: string, count: number) =>
  createHash('sha256').update(text).digest('hex').slice(0, count)

/**
 * A name as every server takes it: letters, digits, `_`, `-`, `.`, blanks and slashes. A colon becomes a slash, by which MLflow's page
 * groups; what else is not taken becomes `_`. One that is too long ends with digits of its own.
 */
export function serverName(name: string): string {
  const segments = name
    .replaceAll(':', '/')
    .replace(/[^/\p{L}\p{N}_.\- ]/gu, '_')
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => (/^\.+$/.test(segment) ? segment.replaceAll('.', '_') : segment))
  const whole = segments.join('/') || '_'
  return whole.length <= longest.key ? whole : `${whole.slice(0, longest.key - 9)}-${digits(name, 8)}`
}

/** What each of these names is called there. No two get the same: one that had to be changed gets digits of its own then. */
export function serverNames(names: Iterable<string>): Map<string, string> {
  const all = [...new Set(names)]
  const unchanged = new Set(all.filter((name) => serverName(name) === name))
  const counts = new Map<string, number>()
  for (const name of all) counts.set(serverName(name), (counts.get(serverName(name)) ?? 0) + 1)
  return new Map(
    all.map((name) => {
      const plain = serverName(name)
      if (unchanged.has(name) || counts.get(plain) === 1) return [name, plain]
      return [name, `${plain.slice(0, longest.key - 9)}-${digits(name, 8)}`]
    }),
  )
}

/** A value no longer than this: what is cut ends with `…`. */
export function cutTo(text: string, length: number): string {
  if (text.length <= length) return text
  // Not in the middle of a pair.
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/** A metric's value at a step. */
export interface MetricRow {
  readonly key: string
  readonly value: number
  /** Whole. */
  readonly step: number
  /** ms since 1970. */
  readonly timestamp: number
  readonly dataset_name?: string
  readonly dataset_digest?: string
}

export interface Logged {
  readonly metrics: readonly MetricRow[]
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
}

/** The bodies of as many `runs/log-batch` as it takes. Tags and params first, which a list shows. */
export function batchesOf(runId: string, { metrics, params, tags }: Logged): JsonObject[] {
  const pairs = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).map(([key, value]) => ({ key, value }))
  const queue = [
    ...pairs(tags).map((entry) => ['tags', entry] as const),
    ...pairs(params).map((entry) => ['params', entry] as const),
    ...metrics.map((entry) => ['metrics', entry] as const),
  ]
  const bodies: JsonObject[] = []
  let body = { tags: [] as object[], params: [] as object[], metrics: [] as object[] }
  let [entries, bytes] = [0, 0]
  const close = () => {
    if (entries > 0) bodies.push({ run_id: runId, ...body } as unknown as JsonObject)
    body = { tags: [], params: [], metrics: [] }
    entries = 0
    bytes = 0
  }
  for (const [kind, entry] of queue) {
    const size = Buffer.byteLength(JSON.stringify(entry)) + 1
    if (body[kind].length >= most[kind] || entries >= most.entries || bytes + size > most.bytes) close()
    body[kind].push(entry)
    entries++
    bytes += size
  }
  close()
  return bodies
}
