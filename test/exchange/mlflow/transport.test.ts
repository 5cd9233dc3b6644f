/** The way to a server: certificates of one's own authority, a certificate of one's own, proxies; what stands in the way is said with what helps. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import {
  createServer as createPlain,
  type IncomingMessage,
  request as requestPlain,
  type Server,
} from 'node:http'
import { createServer as createTls, type ServerOptions } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openClient } from '../../../src/exchange/mlflow/client.js'
import { proxyFor } from '../../../src/exchange/mlflow/transport.js'
import { temporaryFolder } from '../../temporary.js'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

const open: Server[] = []
/** Those that a server gave away as tunnels. */
const tunnels: Duplex[] = []
afterEach(async () => {
  for (const socket of tunnels.splice(0)) socket.destroy()
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listening(server: Server): Promise<number> {
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function plainServer(): Promise<string> {
  const server = createPlain((request, response) => {
    request.resume()
    response.end('{}')
  })
  return `http://127.0.0.1:${await listening(server)}`
}

/** What came of asking: nothing, or the message. */
async function told(url: string, env: NodeJS.ProcessEnv, timeout = 5000): Promise<string | null> {
  try {
    const client = await openClient({ url, env, retries: 3, pause: 1, timeout })
    try {
      await client.request('GET', 'experiments/get')
      return null
    } finally {
      await client.close()
    }
  } catch (error) {
    return (error as Error).message
  }
}

describe.skipIf(!hasOpenssl)(`a server of TLS${hasOpenssl ? '' : ' (openssl is not there)'}`, () => {
  const folder = temporaryFolder()
  const at = (name: string) => join(folder, name)
  const text = (name: string) => readFileSync(at(name), 'utf8')
  const openssl = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`)
  }
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  function authority(name: string): void {
    openssl('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`)
  }
  /** `dates`: from, to; as now unless given. */
  function signed(name: string, by: string, names: string, dates: readonly string[] = []): void {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    mkdirSync(at(`${name}.d`))
    writeFileSync(at(`${name}.d/index`), '')
    const lines = ['[ca]', 'default_ca = d', '[d]', `database = ${name}.d/index`, `new_certs_dir = ${name}.d`]
    lines.push(
      'rand_serial = yes',
      'default_md = sha256',
      'default_days = 30',
      'policy = p',
      'x509_extensions = x',
    )
    lines.push('[p]', 'commonName = supplied', '[x]', `subjectAltName = ${names}`)
    writeFileSync(at(`${name}.cnf`), lines.join('\n'))
    const parties = [
      '-cert',
      `${by}.crt`,
      '-keyfile',
      `${by}.key`,
      '-in',
      `${name}.csr`,
      '-out',
      `${name}.crt`,
    ]
    openssl('ca', '-batch', '-notext', '-config', `${name}.cnf`, ...parties, ...dates)
    writeFileSync(at(`${name}.pem`), text(`${name}.crt`) + text(`${name}.key`))
  }
  async function server(name: string, options: ServerOptions = {}): Promise<string> {
    const made = createTls(
      { cert: text(`${name}.crt`), key: text(`${name}.key`), ...options },
      (asked, answer) => {
        asked.resume()
        answer.end('{}')
      },
    )
    made.on('tlsClientError', () => {})
    return `https://127.0.0.1:${await listening(made as unknown as Server)}`
  }
  let byRoot: NodeJS.ProcessEnv

  beforeAll(() => {
    authority('root')
    authority('other')
    signed('good', 'root', 'IP:127.0.0.1')
    signed('elsewhere', 'root', 'DNS:elsewhere.example')
    signed('old', 'root', 'IP:127.0.0.1', ['-startdate', '20200101000000Z', '-enddate', '20210101000000Z'])
    signed('me', 'root', 'DNS:me')
    byRoot = { MLFLOW_TRACKING_SERVER_CERT_PATH: at('root.crt') }
  })

  it('is believed by the certificate of who signed its own, in a file or in a folder with the names of OpenSSL', async () => {
    const url = await server('good')
    expect(await told(url, byRoot)).toBeNull()
    expect(await told(url, { REQUESTS_CA_BUNDLE: at('root.crt') })).toBeNull()
    mkdirSync(at('folder'))
    copyFileSync(at('root.crt'), at('folder/root.crt'))
    const env = { MLFLOW_TRACKING_SERVER_CERT_PATH: at('folder') }
    expect(await told(url, env)).toMatch(/has none by the names that OpenSSL looks for.*openssl rehash/)
    openssl('rehash', at('folder'))
    expect(await told(url, env)).toBeNull()
  })

  it('is not believed without it, by another one, in another name, or when it has expired', async () => {
    const url = await server('good')
    expect(await told(url, {})).toMatch(
      /signed by nobody who is known here.*MLFLOW_TRACKING_SERVER_CERT_PATH$/,
    )
    expect(await told(url, { MLFLOW_TRACKING_SERVER_CERT_PATH: at('other.crt') })).toMatch(
      /signed by none of those in .*other\.crt, which MLFLOW_TRACKING_SERVER_CERT_PATH names/,
    )
    expect(await told(await server('elsewhere'), byRoot)).toMatch(
      /that of another name.*name the server as its certificate does/,
    )
    expect(await told(await server('old'), byRoot)).toMatch(/has expired.*have it renewed/)
  })

  it('is asked whatever it shows where MLFLOW_TRACKING_INSECURE_TLS says so, which stands alone', async () => {
    const env = { MLFLOW_TRACKING_INSECURE_TLS: 'True' }
    expect(await told(await server('old'), env)).toBeNull()
    expect(await told('https://127.0.0.1:1', { ...env, ...byRoot })).toMatch(/are both set; unset one/)
    expect(await told('https://127.0.0.1:1', { MLFLOW_TRACKING_INSECURE_TLS: 'yes' })).toMatch(
      /must be true, false, 1 or 0 \(got "yes"\)/,
    )
  })

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`that asks for a certificate of one's own gets it (${version})`, async () => {
      const guard = { ca: text('root.crt'), requestCert: true, minVersion: version, maxVersion: version }
      const url = await server('good', guard)
      expect(await told(url, byRoot)).toMatch(
        /asks for a certificate of yours.*MLFLOW_TRACKING_CLIENT_CERT_PATH/,
      )
      const mine = { ...byRoot, MLFLOW_TRACKING_CLIENT_CERT_PATH: at('me.pem') }
      expect(await told(url, mine)).toBeNull()
    })
  }

  it('is asked by nothing where a file is not what it should be', async () => {
    const cases = [
      ['SERVER', 'nowhere', /\(.*nowhere is not there\)/],
      ['SERVER', 'root.key', /has none in PEM form/],
      ['CLIENT', 'nowhere', /\(.*nowhere is not there\)/],
      ['CLIENT', 'me.crt', /has a certificate without its key\); .*cat client\.crt client\.key/],
      ['CLIENT', 'mixed.pem', /has another certificate's key/],
      ['CLIENT', 'locked.pem', /a key behind a password.*openssl pkey/],
    ] as const
    writeFileSync(at('mixed.pem'), text('me.crt') + text('good.key'))
    openssl('pkey', '-in', 'me.key', '-aes256', '-passout', 'pass:x', '-out', 'locked.key')
    writeFileSync(at('locked.pem'), text('me.crt') + text('locked.key'))
    for (const [whose, name, law] of cases)
      expect(await told('https://127.0.0.1:1', { [`MLFLOW_TRACKING_${whose}_CERT_PATH`]: at(name) })).toMatch(
        law,
      )
  })

  it('that is named http://, and a plain one that is named https://, are told apart', async () => {
    const tls = await server('good')
    expect(await told(tls.replace('https', 'http'), {})).toContain(`where it speaks TLS, name it ${tls}`)
    const plain = await plainServer()
    expect(await told(plain.replace('http', 'https'), {})).toContain(
      `does not speak TLS there); name it ${plain}`,
    )
  })

  it('is reached by a tunnel of HTTPS_PROXY, whose certificate is checked as without', async () => {
    const url = await server('good')
    const { at: by, through } = await proxy()
    expect(await told(url, { ...byRoot, HTTPS_PROXY: by })).toBeNull()
    expect(through).toEqual([`CONNECT ${new URL(url).host}`])
    expect(await told(url, { HTTPS_PROXY: by })).toMatch(/signed by nobody who is known here/)
    expect(await told(await server('elsewhere'), { ...byRoot, HTTPS_PROXY: by })).toMatch(/another name/)
    through.length = 0
    expect(await told(url, { ...byRoot, HTTP_PROXY: by })).toBeNull()
    expect(await told(url, { ...byRoot, HTTPS_PROXY: by, NO_PROXY: '127.0.0.0/8' })).toBeNull()
    expect(through).toEqual([])
  })

  it('of a cloud is not shown what is for the server', async () => {
    const cloud = await server('elsewhere', { requestCert: true, rejectUnauthorized: false })
    const answers = createTls({ cert: text('good.crt'), key: text('good.key') }, (asked, answer) => {
      asked.resume()
      answer.end(JSON.stringify({ presigned_url: `${cloud}/x` }))
    })
    const url = `https://127.0.0.1:${await listening(answers as unknown as Server)}`
    const client = await openClient({ url, env: byRoot, retries: 0 })
    // The server's authority vouches for the server, and for nobody else.
    await expect(client.uploadArtifact('s3://bucket/1', 'x', 'y', { run_id: 'r' })).rejects.toThrow(
      /signed by nobody who is known here/,
    )
    await client.close()
  })
})

/** `answer`: how it answers all: a status, or not at all. */
async function proxy({ password, answer }: { password?: string; answer?: number | 'nothing' } = {}) {
  const through: string[] = []
  const isKnown = ({ headers }: IncomingMessage) =>
    password === undefined ||
    headers['proxy-authorization'] === `Basic ${Buffer.from(password).toString('base64')}`
  const server = createPlain((asked, response) => {
    asked.resume()
    const status = isKnown(asked) ? answer : 407
    if (status === 'nothing') return
    if (status !== undefined) return void response.writeHead(status).end()
    through.push(`${asked.method} ${asked.url}`)
    const onward = requestPlain(asked.url!, { method: asked.method, headers: asked.headers }, (from) => {
      response.writeHead(from.statusCode!, from.headers)
      from.pipe(response)
    })
    onward.end()
  })
  server.on('connect', (asked, socket) => {
    socket.on('error', () => {})
    tunnels.push(socket)
    const status = isKnown(asked) ? answer : 407
    if (status === 'nothing') return
    if (status !== undefined) return void socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
    through.push(`CONNECT ${asked.url}`)
    const [host, port] = asked.url!.split(':')
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      target.pipe(socket)
      socket.pipe(target)
    })
    target.on('error', () => socket.destroy())
  })
  return { at: `http://127.0.0.1:${await listening(server)}`, through }
}

describe('a proxy', () => {
  it('with a password gets it, with or without TLS behind, and is told of where it takes it not', async () => {
    const url = await plainServer()
    const { at, through } = await proxy({ password: 'me:s3/cret' })
    const mine = at.replace('//', '//me:s3%2Fcret@')
    expect(await told(url, { HTTP_PROXY: mine })).toBeNull()
    expect(await told(url, { ALL_PROXY: mine })).toBeNull()
    expect(through).toEqual(Array(2).fill(`GET ${url}/api/2.0/mlflow/experiments/get`))
    for (const [variable, to] of [
      ['HTTP_PROXY', url],
      ['HTTPS_PROXY', 'https://mlflow.example'],
    ] as const) {
      expect(await told(to, { [variable]: at })).toMatch(
        new RegExp(`${at} of ${variable} answers 407: it asks for a user and password\\); write them into`),
      )
      const wrong = await told(to, { [variable]: mine.replace('s3%2Fcret', 'wr0ng') })
      expect(wrong).toMatch(/answers 407: it does not take this user and password/)
      expect(wrong).not.toContain('wr0ng')
    }
  })

  it('that lets nobody through, says nothing or is away is named, with NO_PROXY', async () => {
    const https = 'https://mlflow.example'
    const { at: closed } = await proxy({ answer: 403 })
    expect(await told(https, { HTTPS_PROXY: closed })).toMatch(
      /answers 403\); ask whoever runs the proxy.*NO_PROXY/,
    )
    const { at: silent } = await proxy({ answer: 'nothing' })
    for (const env of [{ HTTPS_PROXY: silent }, { HTTPS_PROXY: 'http://me:s3cret@127.0.0.1:1' }]) {
      const began = performance.now()
      const message = await told(https, env, 200)
      expect(message).toMatch(/by the proxy http:\/\/127\.0\.0\.1:\d+ of HTTPS_PROXY: .*NO_PROXY/)
      expect(message).not.toContain('s3cret')
      expect(performance.now() - began).toBeLessThan(10_000)
    }
  })

  it('that is none is refused, without its password', async () => {
    const cases = [
      ['socks5://me:s3cret@127.0.0.1:1080', /begins with socks5:\/\//],
      ['http://me:s3/cret@127.0.0.1:1', /it is no URL/],
    ] as const
    for (const [text, law] of cases) {
      const message = await told('https://mlflow.example', { HTTPS_PROXY: text })
      expect(message).toMatch(law)
      expect(message).not.toMatch(/s3/)
    }
  })

  const by = (url: string, env: NodeJS.ProcessEnv) => proxyFor(url, env)?.url ?? null
  it('is the one of the URL, else that of all', () => {
    const env = {
      https_proxy: 'proxy.example:1',
      HTTPS_PROXY: 'http://x:2',
      HTTP_PROXY: 'http://plain.example:3',
    }
    expect(by('https://a.example', env)).toBe('http://proxy.example:1')
    expect(by('http://a.example', env)).toBe('http://plain.example:3')
    expect(by('https://a.example', { HTTP_PROXY: 'http://plain.example:3' })).toBeNull()
    expect(by('https://a.example', { ALL_PROXY: 'http://all.example:4' })).toBe('http://all.example:4')
  })

  const spared = [
    ['http://mlflow.example.com', 'example.com', true],
    ['http://mlflow.example.com', '.example.com', true],
    ['http://mlflow.example.com', '*.example.com', true],
    ['http://notexample.com', 'example.com', false],
    ['http://a.example', 'b.example, a.example', true],
    ['http://a.example:5000', 'a.example:5000', true],
    ['http://a.example:5001', 'a.example:5000', false],
    ['http://10.1.2.3', '10.0.0.0/8', true],
    ['http://11.1.2.3', '10.0.0.0/8', false],
    ['http://10.1.2.3', '2.3', false],
    ['http://[fd00::1]:5000', 'fd00::/8', true],
    ['http://[::1]:5000', '::1', true],
    ['http://[::1]:5000', '[::1]:5000', true],
    ['http://a.example', '*', true],
    ['http://a.example', '', false],
  ] as const
  for (const [url, list, isSpared] of spared)
    it(`${isSpared ? 'is not' : 'is'} taken to ${url} where NO_PROXY is "${list}"`, () => {
      expect(by(url, { HTTP_PROXY: 'http://proxy.example:3128', NO_PROXY: list }) === null).toBe(isSpared)
    })
})
