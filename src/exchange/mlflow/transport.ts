/**
 * The way to an MLflow server: certificates and proxies by the variables that MLflow's own client heeds, and in plain words what stands
 * in the way. Proxies' passwords are in no message.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { BlockList, isIP } from 'node:net'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { Dispatcher, ProxyAgent } from 'undici'
import { EspalierError } from '../../errors.js'
import { plain } from '../../shown.js'
import { basic, type ServerAddress } from './address.js'

export interface Transport {
  /** By which something is asked of this URL: of the server, or of a store in a cloud that is none of its certificates' business. */
  dispatcherFor(url: string): Promise<Dispatcher>
  /** Why there was no answer from this URL, what to do about it, and whether it stays so however often it is asked. */
  explain(error: unknown, url: string): Obstacle
  close(): Promise<void>
}

export interface Obstacle {
  readonly why: string
  readonly remedy: string
  readonly lasts: boolean
}

interface Proxy {
  /** Without user and password. */
  readonly url: string
  readonly token: string | null
  readonly variable: string
}

type Tls = Readonly<Record<string, unknown>>

/** Where nothing more is known of what stands in the way. */
export const usualRemedy = 'check its URL, that it runs, and that it can be reached from here'

/** @throws EspalierError USAGE for variables that contradict each other; FILE_NOT_READABLE for certificates that cannot be used. */
export async function openTransport(
  server: ServerAddress,
  env: NodeJS.ProcessEnv,
  timeout: number,
): Promise<Transport> {
  const { origin, protocol } = new URL(server.base)
  const isInsecure = flagOf(env, 'MLFLOW_TRACKING_INSECURE_TLS')
  if (isInsecure && env.MLFLOW_TRACKING_SERVER_CERT_PATH)
    throw new EspalierError(
      'USAGE',
      'a server is checked by a certificate or not at all, but MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH are both set; unset one',
    )
  const authority = namedFirst(env, [
    'MLFLOW_TRACKING_SERVER_CERT_PATH',
    'REQUESTS_CA_BUNDLE',
    'CURL_CA_BUNDLE',
  ])
  const isTls = protocol === 'https:'
  const ownTls: Tls = isTls
    ? {
        ...(isInsecure ? { rejectUnauthorized: false } : await authorityTls(authority)),
        ...(await clientTls(env.MLFLOW_TRACKING_CLIENT_CERT_PATH)),
      }
    : {}
  // What is wrong with it is said before anything begins.
  proxyFor(server.base, env)
  const agents = new Map<string, Promise<Dispatcher>>()

  /** A store in a cloud has neither the server's certificates, nor is it shown one's own. */
  async function cloudTls(): Promise<Tls> {
    return authorityTls(namedFirst(env, ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE']))
  }

  async function agentFor(url: string): Promise<Dispatcher> {
    const { Agent, Pool, ProxyAgent } = await import('undici')
    const tls = new URL(url).origin === origin ? ownTls : await cloudTls()
    const limits = { headersTimeout: timeout, bodyTimeout: timeout, connections: 4 }
    const proxy = proxyFor(url, env)
    if (proxy === null) return new Agent({ ...limits, connect: tls })
    const options = {
      ...limits,
      uri: proxy.url,
      ...(proxy.token !== null && { token: proxy.token }),
      requestTls: tls,
      proxyTls: isInsecure ? { rejectUnauthorized: false } : await authorityTls(authority),
      // As MLflow's client: proxies often open tunnels to ports of TLS only.
      proxyTunnel: false,
      // One that takes a connection and says nothing.
      clientFactory: (to: URL, given: object) => new Pool(to, { ...given, ...limits }),
    }
    return new ProxyAgent(options as ProxyAgent.Options)
  }

  return {
    dispatcherFor(url) {
      const key = new URL(url).origin
      const known = agents.get(key) ?? agentFor(url)
      agents.set(key, known)
      return known
    },
    explain: (error, url) =>
      obstacleOf(error, {
        url,
        proxy: proxyFor(url, env),
        authority: new URL(url).origin === origin ? authority : null,
        hasOwn: Boolean(env.MLFLOW_TRACKING_CLIENT_CERT_PATH),
      }),
    async close() {
      // What is under way has been waited for, or was broken off: a tunnel that is being opened must not be waited for.
      for (const agent of agents.values()) await (await agent).destroy().catch(() => {})
    },
  }
}

interface Named {
  readonly variable: string
  readonly path: string
}

function namedFirst(env: NodeJS.ProcessEnv, variables: readonly string[]): Named | null {
  for (const variable of variables) {
    const path = env[variable]
    if (path) return { variable, path }
  }
  return null
}

/** As MLflow reads it. */
function flagOf(env: NodeJS.ProcessEnv, variable: string): boolean {
  const text = env[variable] ?? ''
  if (/^(true|1)$/i.test(text)) return true
  if (/^(false|0)?$/i.test(text)) return false
  throw new EspalierError(
    'USAGE',
    `${variable} must be true, false, 1 or 0 (got ${JSON.stringify(plain(text))}); set it so, or unset it`,
  )
}

/** A file with certificates, or a folder in which they have the names that OpenSSL looks for. */
async function authorityTls(named: Named | null): Promise<Tls> {
  if (named === null) return {}
  const { variable, path } = named
  const isFolder = (await readable(variable, path, stat)).isDirectory()
  let ca: string
  if (isFolder) {
    const hashed = (await readable(variable, path, (folder) => readdir(folder))).filter((name) =>
      /^[0-9a-f]{8}\.\d+$/.test(name),
    )
    if (hashed.length === 0)
      throw unusable(
        variable,
        path,
        'has none by the names that OpenSSL looks for, as 9d66eef0.0',
        'openssl rehash FOLDER gives them these names',
      )
    const texts = hashed.map((name) => readable(variable, join(path, name), (file) => readFile(file, 'utf8')))
    ca = (await Promise.all(texts)).join('\n')
  } else ca = await readable(variable, path, (file) => readFile(file, 'utf8'))
  if (!hasCertificate(ca))
    throw unusable(
      variable,
      path,
      'has none in PEM form',
      'name a file that begins -----BEGIN CERTIFICATE-----',
    )
  try {
    createSecureContext({ ca })
  } catch (error) {
    throw unusable(variable, path, `cannot be read as such: ${wordsOf(error)}`, 'name another', error)
  }
  return { ca }
}

/** One file with certificate and key, as MLflow takes it. */
async function clientTls(path: string | undefined): Promise<Tls> {
  if (!path) return {}
  const variable = 'MLFLOW_TRACKING_CLIENT_CERT_PATH'
  const pem = await readable(variable, path, (file) => readFile(file, 'utf8'))
  const both = 'put certificate and key into one PEM file: cat client.crt client.key > client.pem'
  if (!hasCertificate(pem)) throw unusable(variable, path, 'has none in PEM form', both)
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem))
    throw unusable(variable, path, 'has a certificate without its key', both)
  if (/-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(pem))
    throw unusable(
      variable,
      path,
      'has a key behind a password, which cannot be asked for here',
      'take it off: openssl pkey -in client.key -out plain.key',
    )
  try {
    createSecureContext({ cert: pem, key: pem })
  } catch (error) {
    const isOther = /KEY_VALUES_MISMATCH/.test(String((error as { code?: unknown }).code))
    const why = isOther ? "has another certificate's key" : `cannot be read as such: ${wordsOf(error)}`
    throw unusable(variable, path, why, both, error)
  }
  return { cert: pem, key: pem }
}

function hasCertificate(pem: string): boolean {
  return /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/.test(pem)
}

async function readable<T>(variable: string, path: string, read: (path: string) => Promise<T>): Promise<T> {
  try {
    return await read(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read: ${code}`
    throw unusable(variable, path, why, 'name one that is, or unset it', error)
  }
}

function unusable(
  variable: string,
  path: string,
  why: string,
  remedy: string,
  cause?: unknown,
): EspalierError {
  const wanted =
    variable === 'MLFLOW_TRACKING_CLIENT_CERT_PATH'
      ? 'a file with a certificate and its key'
      : 'a file of certificates, or a folder of them'
  return new EspalierError(
    'FILE_NOT_READABLE',
    `${variable} must name ${wanted} (${path} ${why}); ${remedy}`,
    {
      cause,
    },
  )
}

/**
 * The proxy that MLflow's client would take to this URL; null for none.
 * @throws EspalierError USAGE for one that is none.
 */
export function proxyFor(url: string, env: NodeJS.ProcessEnv): Proxy | null {
  const target = new URL(url)
  const own = target.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  // In small letters first, as curl and others read them.
  const named = namedFirst(env, [own, own.toUpperCase(), 'all_proxy', 'ALL_PROXY'])
  if (named === null || isSpared(target, env.no_proxy || env.NO_PROXY || '')) return null
  const { variable, path: text } = named
  const law = `${variable} must be the URL of a proxy, as http://proxy.example:3128`
  let proxy: URL
  let token: string | null
  try {
    proxy = new URL(text.includes('://') ? text : `http://${text}`)
    const { username, password } = proxy
    token = username === '' ? null : basic(decodeURIComponent(username), decodeURIComponent(password))
  } catch {
    // The text is not repeated: what cannot be read cannot be cleared of its password.
    throw new EspalierError(
      'USAGE',
      `${law} (it is no URL); write it so, and "%", "/", "#", "@" in a password as %25, %2F, %23, %40`,
    )
  }
  if (!/^https?:$/.test(proxy.protocol))
    throw new EspalierError(
      'USAGE',
      `${law} (it begins with ${proxy.protocol}//, which is not spoken here); name one of HTTP, or the server in NO_PROXY`,
    )
  return { url: `${proxy.protocol}//${proxy.host}`, token, variable }
}

/** Whether NO_PROXY names the host: itself, a domain it lies in, an address or a network, each with or without a port. */
function isSpared({ hostname, protocol, port }: URL, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const family = isIP(host)
  const itsPort = port || (protocol === 'https:' ? '443' : '80')
  for (const entry of list.toLowerCase().split(/[\s,]+/)) {
    if (entry === '') continue
    if (entry === '*') return true
    const [, bits] = /^[^/]+\/(\d{1,3})$/.exec(entry) ?? []
    if (bits !== undefined) {
      if (family !== 0 && isInNetwork(host, family, entry.slice(0, entry.indexOf('/')), Number(bits)))
        return true
      continue
    }
    const [, name, wanted] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [
      null,
      entry,
      undefined,
    ]
    if (wanted !== undefined && wanted !== itsPort) continue
    const bare = (name ?? entry).replace(/^\[|\]$/g, '').replace(/^\*?\./, '')
    if (host === bare || (family === 0 && bare !== '' && host.endsWith(`.${bare}`))) return true
  }
  return false
}

function isInNetwork(host: string, family: number, network: string, bits: number): boolean {
  const kind = family === 6 ? 'ipv6' : 'ipv4'
  if (isIP(network) !== family || bits > (family === 6 ? 128 : 32)) return false
  const list = new BlockList()
  list.addSubnet(network, bits, kind)
  return list.check(host, kind)
}

interface Met {
  readonly url: string
  readonly proxy: Proxy | null
  readonly authority: Named | null
  readonly hasOwn: boolean
}

function obstacleOf(error: unknown, met: Met): Obstacle {
  const { url, proxy, authority, hasOwn } = met
  const words = wordsOf(error)
  const code = codesOf(error).join(' ')
  const all = `${code} ${words}`
  const lasting = (why: string, remedy: string): Obstacle => ({ why, remedy, lasts: true })
  const tunnel = /Proxy response \((\d+)\)|Proxy Authentication Required \((\d+)\)/.exec(words)
  if (proxy !== null && tunnel !== null) {
    const status = tunnel[1] ?? tunnel[2]
    const why = `the proxy ${proxy.url} of ${proxy.variable} answers ${status}`
    if (status === '407')
      return lasting(
        `${why}: it ${proxy.token === null ? 'asks for a user and password' : 'does not take this user and password'}`,
        `write them into ${proxy.variable} as http://user:password@host:port, or name the server in NO_PROXY`,
      )
    return {
      why,
      remedy: `ask whoever runs the proxy, or name the server in NO_PROXY`,
      lasts: /^4/.test(status ?? ''),
    }
  }
  if (/SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE/.test(code))
    return lasting(
      authority === null
        ? `its certificate is signed by nobody who is known here: ${words}`
        : `its certificate is signed by none of those in ${authority.path}, which ${authority.variable} names: ${words}`,
      'name the file with the certificate of who signed it, of its root: MLFLOW_TRACKING_SERVER_CERT_PATH',
    )
  if (/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/.test(code))
    return lasting(
      `its certificate, or that of who signed it, ${/EXPIRED/.test(code) ? 'has expired' : 'is not valid yet'}: ${words}`,
      'have it renewed, or see whether the clock of this machine is right',
    )
  if (/ERR_TLS_CERT_ALTNAME_INVALID/.test(code))
    return lasting(
      `its certificate is that of another name: ${words}`,
      'name the server as its certificate does, or have its name added there',
    )
  if (/^https:/.test(url) && /wrong.version.number|packet.length.too.long|http.request/i.test(all))
    return lasting('it does not speak TLS there', `name it http://${hostOf(url)}, or the port of its TLS`)
  if (/alert|ALERT/.test(all) && /certificate|handshake.failure|unknown.ca/i.test(all))
    return lasting(
      hasOwn
        ? `it does not take the certificate that MLFLOW_TRACKING_CLIENT_CERT_PATH names: ${words}`
        : `it asks for a certificate of yours: ${words}`,
      'name the file with a certificate that it takes, and its key: MLFLOW_TRACKING_CLIENT_CERT_PATH',
    )
  if (/CERT|ERR_TLS|ERR_SSL|ERR_OSSL/.test(code)) return lasting(words, 'check its certificate')
  // One that speaks TLS closes a connection without it, or answers with an alert.
  if (/^http:/.test(url) && proxy === null && /HPE_INVALID|UND_ERR_SOCKET|ECONNRESET|EPIPE/.test(code))
    return {
      why: words,
      remedy: `${usualRemedy}; where it speaks TLS, name it https://${hostOf(url)}`,
      lasts: false,
    }
  // With TLS 1.3 a server that misses a certificate has the handshake ended, and closes.
  if (/^https:/.test(url) && proxy === null && /UND_ERR_SOCKET|ECONNRESET|EPIPE/.test(code))
    return {
      why: words,
      remedy: `${usualRemedy}; where it asks for a certificate of yours, ${hasOwn ? 'see whether it takes the one that' : 'have it named:'} MLFLOW_TRACKING_CLIENT_CERT_PATH${hasOwn ? ' names' : ''}`,
      lasts: false,
    }
  if (proxy !== null)
    return {
      why: `by the proxy ${proxy.url} of ${proxy.variable}: ${words}`,
      remedy: `check that the proxy and the server run, or name the server in NO_PROXY`,
      lasts: false,
    }
  return { why: words, remedy: usualRemedy, lasts: false }
}

function hostOf(url: string): string {
  return new URL(url).host
}

/** Of an error and of what caused it. */
function codesOf(error: unknown): string[] {
  const codes: string[] = []
  for (let one = error, depth = 0; one !== null && typeof one === 'object' && depth < 4; depth++) {
    const { code, cause } = one as { code?: unknown; cause?: unknown }
    if (typeof code === 'string') codes.push(code)
    one = cause
  }
  return codes
}

/** What undici and OpenSSL say, without URLs: a proxy's may hold a password. */
function wordsOf(error: unknown): string {
  const { message } = error as { message?: unknown }
  const words = String(message ?? error)
    .replace(/\b[a-z]+:\/\/\S+/gi, '…')
    // OpenSSL's own place in its source.
    .replace(/[0-9A-F]{6,}:error:[0-9A-F]+:([^:]*):[^:]*:([^:]*):.*/s, '$1: $2')
    .trim()
  const [named] = codesOf(error)
  return plain(named === undefined || words.includes(named) ? words : `${named}: ${words}`).slice(0, 300)
}
