/** How servers of Espalier listen, and by which names they are called. Open to all rooms, like values.ts. */
import type { Server } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import { hostname } from 'node:os'
import { EspalierError } from './errors.js'

/** Names of this machine that no other can reach. */
export const loopback: readonly string[] = ['127.0.0.1', 'localhost', '::1']
const everywhere: readonly string[] = ['0.0.0.0', '::']

/** As it stands in a link: an address of everywhere is none to go to. */
export function hostInLink(host: string): string {
  if (everywhere.includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

/** The name in a Host header, without port and brackets; null where there is none. Forwarded ports are others than the server's own. */
export function nameIn(host: string | undefined): string | null {
  const [, inBrackets, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host ?? '') ?? []
  return (inBrackets ?? plain)?.toLowerCase() ?? null
}

/** Whether a server that listens at `host` answers to a name; a name of a stranger can lead to it, too. */
export function answersTo(host: string, name: string): boolean {
  if (loopback.includes(name) || name === host.toLowerCase()) return true
  // No name of a stranger is an address.
  return everywhere.includes(host) && (isIP(name) !== 0 || name === hostname().toLowerCase())
}

/**
 * Lets a server listen; the port it has then.
 * @param what it is, for the error: `the dashboard`.
 * @param ports are tried one after the other while another program listens there.
 * @throws EspalierError USAGE where it cannot listen.
 */
export async function listen(
  server: Server,
  what: string,
  host: string,
  ports: readonly number[],
): Promise<number> {
  for (let i = 0; ; i++) {
    const port = ports[i]
    try {
      await listenAt(server, host, port)
      return (server.address() as AddressInfo).port
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'EADDRINUSE' && i < ports.length - 1) continue
      throw new EspalierError('USAGE', `${what} cannot listen at ${host}:${port}: ${whyNot(code, message)}`, {
        cause: error,
      })
    }
  }
}

function listenAt(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function whyNot(code: string | undefined, message: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another program listens there; state another port, or 0 for any that is free'
    case 'EACCES':
      return 'this user may not; state a port above 1023'
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address; leave --host out for this machine alone'
    default:
      return message
  }
}
