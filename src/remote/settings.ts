/** What both sides go by. Times in ms. */
import { EspalierError } from '../errors.js'

export interface QueueOptions {
  /** `redis://`, `rediss://`, `postgres://`; `ESPALIER_QUEUE` unless given. */
  readonly queue?: string
  /** What messages are signed with; `ESPALIER_QUEUE_SECRET` unless given, null: nothing. */
  readonly secret?: string | null
  /** What the names of all queues begin with; `ESPALIER_QUEUE_NAME`, else `espalier`. Those with another one do not see each other. */
  readonly name?: string
  /**
   * After which a claim that its worker did not renew is given up, and its fit done by another; `ESPALIER_QUEUE_CLAIM_MS`, else 15,000.
   * All who share a queue should have the same.
   */
  readonly claimMs?: number
}

export interface QueueSettings {
  readonly url: string
  readonly secret: string | null
  readonly prefix: string
  readonly claimMs: number
}

const usualClaim = 15_000

/** Throws USAGE where no queue is named. */
export function queueSettings({ queue, secret, name, claimMs = claimOf() }: QueueOptions): QueueSettings {
  const { ESPALIER_QUEUE, ESPALIER_QUEUE_SECRET, ESPALIER_QUEUE_NAME } = process.env
  const url = queue ?? (ESPALIER_QUEUE || undefined)
  if (url === undefined)
    throw new EspalierError(
      'USAGE',
      'work that is done elsewhere needs the address of a queue (none is named); pass --queue redis://HOST:6379 or postgres://HOST/DATABASE, or set ESPALIER_QUEUE',
    )
  if (!(claimMs >= 100))
    throw new EspalierError('USAGE', `the time of a claim must be at least 100 ms (got ${claimMs}); raise it`)
  const prefix = name ?? (ESPALIER_QUEUE_NAME || 'espalier')
  return { url, secret: secret === undefined ? ESPALIER_QUEUE_SECRET || null : secret, prefix, claimMs }
}

function claimOf(): number {
  const { ESPALIER_QUEUE_CLAIM_MS: stated = '' } = process.env
  if (stated === '') return usualClaim
  if (/^\d{1,9}$/.test(stated)) return Number(stated)
  throw new EspalierError(
    'USAGE',
    `ESPALIER_QUEUE_CLAIM_MS must be a whole number of ms (got ${JSON.stringify(stated)}); set it to 15000, say`,
  )
}
