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

/** The reason in words, of errors that have none too (several addresses of one host refused). */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return error instanceof Error && error.message !== '' ? error.message : String(error)
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

/** What opening says when nothing answered in time, or what did refused us. */
export function unreachable(name: string, error: unknown): EspalierError {
  const remedy = isUntrusted(error)
    ? 'name the file of the authority that signed it in NODE_EXTRA_CA_CERTS, and see that the address has the name it was made out to'
    : error instanceof TurnedAway
      ? 'a Redis without a password lets in only its own machine: give it one (requirepass) and put it into the address; one with TLS wants rediss://; behind a tunnel see that the server runs'
      : isPassing(error)
        ? 'see that the server runs and that this machine may reach it'
        : 'see that the user, password, database and TLS of the address are right'
  return new EspalierError(
    'QUEUE_UNREACHABLE',
    `the queue must answer before work can go through it (${name}: ${reasonOf(error)}); ${remedy}`,
    { cause: error },
  )
}
