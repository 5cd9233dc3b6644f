/** How a server is asked: tries, refusals, who asks, proxies; and nothing secret in what is said. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { serverAddress } from '../../../src/exchange/mlflow/address.js'
import { ArtifactsClosed, MlflowRefusal, openClient } from '../../../src/exchange/mlflow/client.js'
import { logModel } from '../../../src/exchange/mlflow/logged-model.js'
import type { ChildRun } from '../../../src/tracking/index.js'
import { temporaryFolder } from '../../temporary.js'

const open: Server[] = []
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

type Answer = (request: IncomingMessage, response: ServerResponse, number: number) => void

/** A server of which every request gets its own answer; the requests are kept. */
async function serverOf(answer: Answer) {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => answer(request, response, asked.push(request) - 1))
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server }
}

const json = (response: ServerResponse, status: number, value: object, headers = {}) =>
  response.writeHead(status, headers).end(JSON.stringify(value))

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('it should have failed')
    },
    (error: Error) => error,
  )
}

describe('a request', () => {
  for (const status of [408, 429, 500, 502, 503, 504]) {
    it(`is tried again after status ${status}`, async () => {
      const { url, asked } = await serverOf((_, response, number) =>
        number < 2
          ? json(response, status, { error_code: 'TEMPORARILY_UNAVAILABLE' })
          : json(response, 200, { run: 1 }),
      )
      const client = await openClient({ url, env: {}, pause: 1 })
      expect(await client.request('POST', 'runs/update', {})).toEqual({ run: 1 })
      expect(asked).toHaveLength(3)
      await client.close()
    })
  }

  it('is tried again where the connection breaks, and waits as long as Retry-After says', async () => {
    const { url, asked } = await serverOf((request, response, number) => {
      if (number === 0) return void request.socket.destroy()
      if (number === 1) return void response.writeHead(429, { 'retry-after': '1' }).end()
      json(response, 200, {})
    })
    const client = await openClient({ url, env: {}, pause: 1 })
    const began = performance.now()
    await client.request('POST', 'runs/update', {})
    expect(performance.now() - began).toBeGreaterThan(950)
    expect(asked).toHaveLength(3)
    await client.close()
  })

  it('that must not be done twice is tried once', async () => {
    const { url, asked } = await serverOf((request) => request.socket.destroy())
    const client = await openClient({ url, env: {}, pause: 1 })
    const error = await failure(client.request('POST', 'runs/create', {}, { once: true }))
    expect(error).toMatchObject({ code: 'MLFLOW_UNREACHABLE' })
    expect(asked).toHaveLength(1)
    await client.close()
  })

  it('is given up after as many tries as MLFLOW_HTTP_REQUEST_MAX_RETRIES says', async () => {
    const { url, asked } = await serverOf((_, response) =>
      json(response, 503, { error_code: 'TEMPORARILY_UNAVAILABLE' }),
    )
    const client = await openClient({ url, env: { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '2' }, pause: 1 })
    const error = await failure(client.request('GET', 'experiments/get'))
    expect(error.message).toMatch(
      /does not answer as one \(experiments\/get: status 503: TEMPORARILY_UNAVAILABLE\)/,
    )
    expect(asked).toHaveLength(3)
    await client.close()
  })

  it('is given up after MLFLOW_HTTP_REQUEST_TIMEOUT', async () => {
    const { url } = await serverOf(() => {})
    const client = await openClient({ url, env: { MLFLOW_HTTP_REQUEST_TIMEOUT: '0.2' }, retries: 0 })
    expect(await failure(client.request('GET', 'experiments/get'))).toMatchObject({
      code: 'MLFLOW_UNREACHABLE',
    })
    await client.close()
  })

  it('that is refused is not tried again, and tells the code of MLflow', async () => {
    const { url, asked } = await serverOf((_, response) =>
      json(response, 500, { error_code: 'INVALID_STATE', message: 'the run is deleted' }),
    )
    const client = await openClient({ url, env: {}, pause: 1 })
    const error = await failure(client.request('POST', 'runs/update', {}))
    expect(error).toBeInstanceOf(MlflowRefusal)
    expect(error).toMatchObject({
      code: 'MLFLOW_REFUSED',
      mlflowCode: 'INVALID_STATE',
      said: 'the run is deleted',
    })
    expect(asked).toHaveLength(1)
    await client.close()
  })

  it('of somebody without the right, and one by a name that the server does not take, are told apart', async () => {
    const texts = [
      ['Permission denied', /for the right to write there \(EDIT\), or name another experiment or model$/],
      [
        'Invalid Host header - possible DNS rebinding attack detected',
        /add this host name: .*--allowed-hosts$/,
      ],
    ] as const
    for (const [text, law] of texts) {
      const { url } = await serverOf((_, response) => response.writeHead(403).end(text))
      const client = await openClient({ url, env: {} })
      expect((await failure(client.request('POST', 'runs/create'))).message).toMatch(law)
      await client.close()
    }
  })

  it('that something else answers is told of', async () => {
    const { url } = await serverOf((_, response) => response.end('<html>a page</html>'))
    const client = await openClient({ url, env: {} })
    expect((await failure(client.request('GET', 'experiments/get'))).message).toMatch(
      /answers with JSON, but .*a page/,
    )
    await client.close()
  })
})

describe('who asks', () => {
  const cases = [
    [{ MLFLOW_TRACKING_TOKEN: 'tok' }, '', 'Bearer tok'],
    [
      { MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: 'pä', MLFLOW_TRACKING_TOKEN: 'tok' },
      '',
      `Basic ${Buffer.from('me:pä').toString('base64')}`,
    ],
    [{ MLFLOW_TRACKING_USERNAME: 'me' }, 'you:p%2Fw@', `Basic ${Buffer.from('you:p/w').toString('base64')}`],
    [{}, '', undefined],
  ] as const
  for (const [env, user, header] of cases) {
    it(`is ${header ?? 'nobody'}`, async () => {
      const { url, asked } = await serverOf((_, response) => json(response, 200, {}))
      const client = await openClient({ url: url.replace('//', `//${user}`), env })
      await client.request('GET', 'experiments/get')
      expect(asked[0].headers.authorization).toBe(header)
      expect(client.server.name).toBe(url)
      await client.close()
    })
  }

  it("stands in MLflow's file of credentials where the environment does not say, each half by itself", async () => {
    const HOME = temporaryFolder()
    mkdirSync(join(HOME, '.mlflow'))
    const lines = ['[other]', 'mlflow_tracking_username = nobody', '# who asks', '[mlflow]']
    lines.push('MLFLOW_TRACKING_USERNAME = filed', 'mlflow_tracking_password: 50%%=x')
    writeFileSync(join(HOME, '.mlflow', 'credentials'), lines.join('\n'))
    const asks = [
      [{ HOME }, '', 'filed:50%=x'],
      [{ HOME, MLFLOW_TRACKING_USERNAME: 'me' }, '', 'me:50%=x'],
      [{ HOME, MLFLOW_TRACKING_TOKEN: 'tok' }, '', 'filed:50%=x'],
      [{ HOME }, 'you:pw@', 'you:pw'],
    ] as const
    const { url, asked } = await serverOf((_, response) => json(response, 200, {}))
    for (const [env, user, pair] of asks) {
      const client = await openClient({ url: url.replace('//', `//${user}`), env })
      await client.request('GET', 'experiments/get')
      await client.close()
      expect(asked.at(-1)!.headers.authorization).toBe(`Basic ${Buffer.from(pair).toString('base64')}`)
    }
    // A user without a password is nobody to MLflow's client, which takes the token then.
    const client = await openClient({
      url,
      env: { MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_TOKEN: 'tok' },
    })
    await client.request('GET', 'experiments/get')
    await client.close()
    expect(asked.at(-1)!.headers.authorization).toBe('Bearer tok')
  })

  it('stands in the URL of the environment where a record names the same server', async () => {
    const env = { MLFLOW_TRACKING_URI: 'http://me:word@mlflow.example:5000/' }
    expect(serverAddress('http://mlflow.example:5000', env).authorization).toMatch(/^Basic /)
    expect(serverAddress('http://other.example:5000', env).authorization).toBeNull()
  })

  it('is in no message', async () => {
    const { url } = await serverOf((_, response) =>
      json(response, 403, { error_code: 'PERMISSION_DENIED', message: 'no' }),
    )
    const client = await openClient({ url: url.replace('//', '//me:s3cret@'), env: {} })
    const error = await failure(client.request('POST', 'runs/create', {}))
    expect(error.message).toMatch(/PERMISSION_DENIED: no; ask whoever runs the server/)
    expect(error.message).not.toContain('s3cret')
    await client.close()
    const away = await openClient({ url: 'http://me:s3cret@127.0.0.1:1', env: {}, retries: 0 })
    expect((await failure(away.request('GET', 'x'))).message).not.toContain('s3cret')
    await away.close()
  })
})

describe('an address', () => {
  const refused = [
    ['file:///tmp/mlruns', /folder or a database/],
    ['./mlruns', /folder or a database/],
    ['sqlite:///mlflow.db', /folder or a database/],
    ['127.0.0.1:5000', /has no http:/],
    ['databricks', /says databricks/],
    ['', /none is named/],
    ['ftp://mlflow.example', /begins with ftp:\/\//],
    ['http://me:p%zz@mlflow.example', /"%" before no code/],
  ] as const
  for (const [uri, law] of refused) {
    it(`must be that of a server: ${uri}`, () => {
      expect(() => serverAddress(undefined, { MLFLOW_TRACKING_URI: uri })).toThrow(law)
    })
  }

  it('is the same server however it is written', () => {
    const [one, other] = [
      serverAddress('http://a.example:80/x/', {}),
      serverAddress('http://u:p@a.example/x?y', {}),
    ]
    expect(one.id).toBe(other.id)
    expect(other.name).toBe('http://a.example/x')
  })
})

describe('an artifact', () => {
  it('goes by the server, its name as it is', async () => {
    const { url, asked } = await serverOf((_, response) => json(response, 200, {}))
    const client = await openClient({ url, env: {} })
    await client.uploadArtifact('mlflow-artifacts:/1/abc/artifacts', 'a b/ü%.txt', 'x')
    expect([asked[0].method, asked[0].url]).toEqual([
      'PUT',
      '/api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts/a%20b/%C3%BC%25.txt',
    ])
    await client.close()
  })

  it('is taken by a place in a cloud that the server signs, without what the server is asked by', async () => {
    const cloud = await serverOf((_, response) => response.end())
    const { url, asked } = await serverOf((_, response) =>
      json(response, 200, { presigned_url: `${cloud.url}/bucket/x?sign=1`, headers: { 'x-a': 'b' } }),
    )
    const client = await openClient({ url, env: { MLFLOW_TRACKING_TOKEN: 'tok' } })
    await client.uploadArtifact('s3://bucket/1', 'x', 'content', { run_id: 'r' })
    expect(asked[0].url).toBe('/api/2.0/mlflow/artifacts/presigned-upload-url')
    expect([cloud.asked[0].method, cloud.asked[0].url]).toEqual(['PUT', '/bucket/x?sign=1'])
    expect(cloud.asked[0].headers).toMatchObject({ 'x-a': 'b' })
    expect(cloud.asked[0].headers.authorization).toBeUndefined()
    await client.close()
  })

  it('of a store that an older server does not sign for is told of with why, and what helps', async () => {
    const answers = [
      [404, /to s3:, past it, and it is too old to sign uploads there\); .*made from then on; or update it/],
      [501, /it signs no upload there: no keys\); start it so .*made from then on$/],
    ] as const
    for (const [status, law] of answers) {
      const { url } = await serverOf((_, response) => json(response, status, { message: 'no keys' }))
      const client = await openClient({ url, env: {} })
      const error = await failure(client.uploadArtifact('s3://bucket/1', 'x', '', { run_id: 'r' }))
      expect(error).toBeInstanceOf(ArtifactsClosed)
      expect(error.message).toMatch(law)
      await client.close()
    }
  })

  it('is taken by no server that serves none, which is known at once', async () => {
    const text =
      'Endpoint: /x disabled due to the mlflow server running without `--serve-artifacts`. Enable artifacts'
    const { url, asked } = await serverOf((_, response) => response.writeHead(503).end(text))
    const client = await openClient({ url, env: {}, pause: 1 })
    const error = await failure(client.uploadArtifact('mlflow-artifacts:/1/a', 'x', ''))
    expect(error).toBeInstanceOf(ArtifactsClosed)
    expect(asked).toHaveLength(1)
    expect(await failure(client.uploadArtifact('/srv/mlruns/1/a', 'x', '', { run_id: 'r' }))).toBeInstanceOf(
      ArtifactsClosed,
    )
    await client.close()
  })
})

it('a server of MLflow 2, which has no logged models, is told of as such', async () => {
  const { url } = await serverOf((_, response) => response.writeHead(404).end('<h1>Not Found</h1>'))
  const client = await openClient({ url, env: {} })
  const run = { id: 'ours', kind: 'trial' } as unknown as ChildRun
  const given = { experimentId: '1', runId: 'theirs', run, modelJson: {}, sampleInput: null }
  expect((await failure(logModel(client, given))).message).toMatch(
    /^logged models need a server of MLflow 3, and http.* knows nothing of them; update it/,
  )
  await client.close()
})
