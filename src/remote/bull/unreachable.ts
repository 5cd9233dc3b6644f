/**
 * Telling a queue that cannot be reached now, and may be again, from one that refuses what it is asked; and what is said where it
 * cannot be reached as it is opened.
 */

import { EspalierError } from '../../errors.js'

/** Codes of sockets and of DNS, and of PostgreSQL while it starts, stops, or has no room for one more connection. */
const passing = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '08000',
  '08003',
  '08006',
  '08001',
  '08004',
  '40001',
  '40P01',
])

const passingWords =
  /connection is closed|connection terminated|connection ended|timeout exceeded when trying to connect|timeout expired|query read timeout|socket timeout|not queryable|client was closed|LOADING|READONLY|CLUSTERDOWN|TRYAGAIN/i

/** Whether it is the way to the queue that failed, so that the same asked again may well be answered. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isPassing)
  const code = (error as { code?: unknown }).code
  return (typeof code === 'string' && passing.has(code)) || passingWords.test(error.message)
}

/** What a server of another kind is known by, in the words of whoever speaks to it. */
const strangers: readonly (readonly [words: RegExp, reason: string])[] = [
  [/wrong version number|packet length too long|record layer failure/i, 'what answers does not speak TLS'],
  [/^Protocol error, got/, 'what answers is no Redis'],
]

/** The reason in words, of errors that have none too (several addresses of one host refused). */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  const text = error instanceof Error && error.message !== '' ? error.message : String(error)
  const stranger = strangers.find(([words]) => words.test(text))
  return stranger?.[1] ?? text.replace(/\s+/g, ' ').trim()
}

/** An error of a server that is silent. */
export function silence(): Error {
  return Object.assign(new Error('it did not answer'), { code: 'ETIMEDOUT' })
}

/** A Redis that takes connections and closes each before it answers: it does so without a word that could be read for certain. */
export class TurnedAway extends Error {
  constructor() {
    super('it takes connections and closes them before it answers')
  }
}

/** Whether it is the certificate of the server that is not believed. */
function isUntrusted(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' && /CERT|UNABLE_TO_VERIFY|^ERR_TLS/.test(code)
}

const writable = 'name the server that takes writes, not a copy of it'

/** What helps where a server says no, by its code (PostgreSQL) or by how what it says begins (Redis). */
const remedies: readonly (readonly [says: RegExp, remedy: string])[] = [
  [/^(NOAUTH|WRONGPASS|28P01|28000)\b/, 'see that the user and the password of the address are right'],
  [
    /^(NOPERM|42501)\b/,
    'give the user of the address the rights that it needs (docs/machines.md, "The queue")',
  ],
  [/^(READONLY|25006)\b/, writable],
  [/^MASTERDOWN\b/, writable],
  [
    /^53300\b/,
    'end what holds its connections, raise max_connections, or have more seats a worker and fewer workers',
  ],
  [/^(OOM|MISCONF|53100|53200)\b/, 'give it more memory or disk, or take what is not needed out of it'],
]

function remedyOf(error: unknown): string | null {
  const { code } = (error ?? {}) as { code?: unknown }
  const said = `${typeof code === 'string' ? code : ''} ${reasonOf(error)}`.trim()
  return remedies.find(([says]) => says.test(said))?.[1] ?? null
}

/** What opening says when nothing answered in time, or what did let nobody in. */
export function unreachable(name: string, error: unknown): EspalierError {
  const remedy = isUntrusted(error)
    ? 'name the file of the authority that signed it in NODE_EXTRA_CA_CERTS, and see that the address has the name it was made out to'
    : error instanceof TurnedAway
      ? 'a Redis without a password lets in only its own machine: give it one (requirepass) and put it into the address; one with TLS wants rediss://; behind a tunnel see that the server runs'
      : isPassing(error)
        ? 'see that the server runs, that it is what the address says (Redis or PostgreSQL, with TLS or without), and that this machine may reach it'
        : 'see that the user, password, database and TLS of the address are right'
  return new EspalierError(
    'QUEUE_UNREACHABLE',
    `the queue must answer before work can go through it (${name}: ${reasonOf(error)}); ${remedyOf(error) ?? remedy}`,
    { cause: error },
  )
}

/** What is said where a queue does not take what is put into it, and will not if it is asked again. */
export function refused(name: string, error: unknown): EspalierError {
  return new EspalierError(
    'QUEUE_REFUSED',
    `the queue must take what is put into it (${name}: ${reasonOf(error)}); ${remedyOf(error) ?? 'see to its memory, disk and rights'}`,
    { cause: error },
  )
}

/** Of a server that can be read, and not written to. */
export function readOnly(name: string, what: string): EspalierError {
  return new EspalierError(
    'QUEUE_REFUSED',
    `the queue must take what is put into it (${name} is ${what}); ${writable}`,
  )
}
