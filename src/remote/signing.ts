/**
 * Messages signed with a secret that all who may speak have (HMAC-SHA-256): `<signature or ->.<body>`. What a message is for is
 * part of what is signed, so that one cannot be passed off as another, or put into another mailbox.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { EspalierError } from '../errors.js'

const remedy = 'give all of them the same ESPALIER_QUEUE_SECRET'

export function sign(purpose: string, body: string, secret: string | null): string {
  return secret === null ? `-.${body}` : `${signatureOf(purpose, body, secret)}.${body}`
}

/** Whether somebody signed it, whoever that is. */
export function isSigned(text: string): boolean {
  return /^[0-9a-f]{64}\./.test(text)
}

/** The body. Throws MESSAGE_UNSIGNED where a secret is set and the signature is not of it; MESSAGE_INVALID where it is no message. */
export function open(purpose: string, text: string, secret: string | null): string {
  const at = text.indexOf('.')
  const [signature, body] = [text.slice(0, at), text.slice(at + 1)]
  if (at < 1 || !/^(-|[0-9a-f]{64})$/.test(signature))
    throw new EspalierError('MESSAGE_INVALID', 'a message begins with its signature (this one does not)')
  if (secret === null) return body
  if (signature === '-')
    throw new EspalierError(
      'MESSAGE_UNSIGNED',
      `messages in this queue are signed (one is not, and it is not heeded); ${remedy}`,
    )
  const expected = Buffer.from(signatureOf(purpose, body, secret))
  if (timingSafeEqual(expected, Buffer.from(signature))) return body
  throw new EspalierError(
    'MESSAGE_UNSIGNED',
    `messages in this queue are signed with one secret (one is signed with another, and it is not heeded); ${remedy}`,
  )
}

function signatureOf(purpose: string, body: string, secret: string): string {
  return createHmac('sha256', secret).update(`${purpose}\n${body}`).digest('hex')
}
