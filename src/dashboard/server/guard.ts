/**
 * Who may ask: whoever was given the printed link, from a page of this server. Three things hold strangers off.
 *
 * - The link bears a random token, which is changed for a cookie that scripts cannot read and other sites cannot send.
 * - A request names this server by a name that it answers to, so that a name of a stranger that leads here (DNS rebinding) is none.
 * - A browser that says where a request comes from says that it comes from here.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { answersTo, nameIn } from '../../listening.js'
import { Refusal } from './answers.js'

export class Guard {
  /** In the printed link. */
  readonly token = randomBytes(24).toString('base64url')
  readonly #session = randomBytes(24).toString('base64url')
  readonly #host: string

  /** @param host where the server listens. */
  constructor(host: string) {
    this.#host = host
  }

  /** @throws Refusal where the request is not meant for this server. */
  checkHost({ headers: { host } }: IncomingMessage): void {
    const name = nameIn(host)
    if (name !== null && answersTo(this.#host, name)) return
    throw new Refusal(
      421,
      'HOST_REFUSED',
      `This server answers to the name in the link that was printed, and not to ${JSON.stringify(host ?? '')}. Open that link.`,
    )
  }

  /** @throws Refusal where a browser says that another site asks. */
  checkOrigin({ headers }: IncomingMessage): void {
    const site = headers['sec-fetch-site']
    const isOther = site !== undefined && site !== 'same-origin' && site !== 'none'
    const { origin, host } = headers
    if (!isOther && (origin === undefined || origin === `http://${host}`)) return
    throw new Refusal(
      403,
      'ORIGIN_REFUSED',
      'This server is asked by its own page only, and another site asks.',
    )
  }

  /** @throws Refusal unless the request has the cookie. */
  checkSession({ headers: { cookie = '' }, socket }: IncomingMessage): void {
    const name = this.#cookieName(socket.localPort)
    const given = cookie
      .split(';')
      .map((one) => one.trim())
      .find((one) => one.startsWith(`${name}=`))
    if (given !== undefined && isSame(given.slice(name.length + 1), this.#session)) return
    throw new Refusal(401, 'TOKEN_MISSING', 'Open the link that was printed where the dashboard was started.')
  }

  isToken(given: string): boolean {
    return isSame(given, this.token)
  }

  /** The cookie that stands for the token. */
  cookie({ socket }: IncomingMessage): string {
    return `${this.#cookieName(socket.localPort)}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`
  }

  /** Servers on several ports of one machine share their cookies. */
  #cookieName(port: number | undefined): string {
    return `espalier-${port}`
  }
}

/** In a time that says nothing of how much of it is right. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}
