/** The address of a queue: which kind of server, and what it is called in messages, without its password. */

import { EspalierError } from '../../errors.js'

export interface QueueAddress {
  readonly kind: 'redis' | 'postgres'
  readonly url: URL
  /** Without password and query. */
  readonly name: string
}

const kinds: Readonly<Record<string, QueueAddress['kind']>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
}

/** Throws USAGE for anything but an address of Redis or PostgreSQL. */
export function queueAddress(text: string): QueueAddress {
  const law =
    'the address of a queue must begin with redis://, rediss://, postgres:// or postgresql://, as in redis://queue.example:6379'
  let url: URL
  try {
    url = new URL(text)
  } catch {
    // The text is not repeated: what cannot be read cannot be cleared of its password.
    throw new EspalierError('USAGE', `${law} (what was given is no address); write it so`)
  }
  const kind = kinds[url.protocol]
  if (kind === undefined) throw new EspalierError('USAGE', `${law} (got ${url.protocol}//…); write it so`)
  // A "/" or "#" that ends what was meant as a password: the rest of it would stand in every message.
  if (url.pathname.includes('@') || url.hash.includes('@'))
    throw new EspalierError(
      'USAGE',
      `${law} (what was given has "@" behind its host); write "/" in a password as %2F, "#" as %23, "@" as %40`,
    )
  if (![url.username, url.password, url.pathname].every(isEncoded))
    throw new EspalierError('USAGE', `${law} (what was given has "%" before no code); write "%" as %25`)
  const named = new URL(url)
  named.password = ''
  named.search = ''
  named.hash = ''
  return { kind, url, name: named.href }
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
