/**
 * The part of an MLflow tracking server that the mirror speaks to, in memory, with its laws (checked against the real one in
 * test/long/exchange-mirror.test.ts), which fails where it is told to: before an act is done, or after, so that its answer is lost.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeRun {
  readonly id: string
  readonly experiment: string
  readonly started: number
  name: string
  status: string
  ended: number | null
  isDeleted: boolean
  readonly params: Map<string, string>
  readonly tags: Map<string, string>
  /** Rows by the server's own key of them. */
  readonly metrics: Map<string, { key: string; value: number | string; step: number; timestamp: number }>
  readonly inputs: Map<string, unknown>
  readonly files: Map<string, string>
}

export type Fault = 'drop before' | 'drop after' | 'unavailable' | 'refuse' | 'silence'

export interface FakeServer {
  readonly url: string
  readonly runs: Map<string, FakeRun>
  readonly experiments: Map<string, { id: string; isDeleted: boolean }>
  /** All requests so far: `runs/create`. */
  readonly asked: string[]
  /** What happens to the request of this number (from 0), and of this path. */
  fault: ((number: number, path: string) => Fault | null) | null
  takesFiles: boolean
  /** ms that each request takes. */
  delay: number
  close(): Promise<void>
}

class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message)
  }
}

type Body = ReturnType<typeof JSON.parse>

export async function fakeServer(): Promise<FakeServer> {
  const fake: Omit<FakeServer, 'url' | 'close'> = {
    runs: new Map(),
    experiments: new Map(),
    asked: [],
    fault: null,
    takesFiles: true,
    delay: 0,
  }
  let count = 0
  const runOf = (id: string): FakeRun => {
    const run = fake.runs.get(id)
    if (run === undefined) throw new Refusal('RESOURCE_DOES_NOT_EXIST', `Run with id=${id} not found`, 404)
    return run
  }
  const active = (id: string): FakeRun => {
    const run = runOf(id)
    if (run.isDeleted)
      throw new Refusal(
        'INVALID_PARAMETER_VALUE',
        `The run ${id} must be in the 'active' state. Current state is deleted.`,
      )
    return run
  }
  const shown = (run: FakeRun) => {
    const latest = new Map<string, { key: string; value: number | string; step: number; timestamp: number }>()
    for (const row of run.metrics.values()) {
      const before = latest.get(row.key)
      const order =
        before &&
        (row.step - before.step ||
          row.timestamp - before.timestamp ||
          Number(row.value) - Number(before.value))
      if (order === undefined || order > 0) latest.set(row.key, row)
    }
    const pairs = (map: Map<string, string>) => [...map].map(([key, value]) => ({ key, value }))
    return {
      info: {
        run_id: run.id,
        experiment_id: run.experiment,
        start_time: run.started,
        status: run.status,
        lifecycle_stage: run.isDeleted ? 'deleted' : 'active',
        artifact_uri: `mlflow-artifacts:/${run.experiment}/${run.id}/artifacts`,
      },
      data: { metrics: [...latest.values()], params: pairs(run.params), tags: pairs(run.tags) },
    }
  }
  const acts: Record<string, (body: Body) => object> = {
    'experiments/get-by-name': ({ experiment_name: name }) => {
      const found = fake.experiments.get(name)
      if (found === undefined) throw new Refusal('RESOURCE_DOES_NOT_EXIST', 'no such experiment', 404)
      return {
        experiment: {
          experiment_id: found.id,
          name,
          lifecycle_stage: found.isDeleted ? 'deleted' : 'active',
        },
      }
    },
    'experiments/get': ({ experiment_id: id }) => {
      for (const [name, one] of fake.experiments)
        if (one.id === id)
          return {
            experiment: { experiment_id: id, name, lifecycle_stage: one.isDeleted ? 'deleted' : 'active' },
          }
      throw new Refusal('RESOURCE_DOES_NOT_EXIST', 'no such experiment', 404)
    },
    'experiments/create': ({ name }) => {
      if (fake.experiments.has(name)) throw new Refusal('RESOURCE_ALREADY_EXISTS', 'there is one')
      const id = String(++count)
      fake.experiments.set(name, { id, isDeleted: false })
      return { experiment_id: id }
    },
    'runs/create': ({ experiment_id: experiment, run_name: name, start_time: started, tags }) => {
      const id = `run${++count}`
      const run: FakeRun = {
        id,
        experiment,
        started,
        name,
        status: 'RUNNING',
        ended: null,
        isDeleted: false,
        params: new Map(),
        tags: new Map(tags.map(({ key, value }: Body) => [key, value])),
        metrics: new Map(),
        inputs: new Map(),
        files: new Map(),
      }
      fake.runs.set(id, run)
      return { run: shown(run) }
    },
    'runs/get': ({ run_id: id }) => ({ run: shown(runOf(id)) }),
    'runs/search': ({ filter, max_results: most, page_token: token = '0' }) => {
      const [, tag, value] = /^tags\.`(.+)` = '(.*)'$/.exec(filter)!
      const found = [...fake.runs.values()].filter(({ tags }) => tags.get(tag) === value)
      // Small pages, so that there are several.
      const size = Math.min(most, 3)
      const from = Number(token)
      return {
        runs: found.slice(from, from + size).map(shown),
        ...(from + size < found.length && { next_page_token: String(from + size) }),
      }
    },
    'runs/log-batch': ({ run_id: id, metrics = [], params = [], tags = [] }) => {
      const run = active(id)
      if (
        metrics.length > 1000 ||
        params.length > 100 ||
        tags.length > 100 ||
        metrics.length + params.length + tags.length > 1000
      )
        throw new Refusal('INVALID_PARAMETER_VALUE', 'too many in a batch')
      for (const { key, value } of params) {
        if (key.length > 250 || value.length > 6000) throw new Refusal('INVALID_PARAMETER_VALUE', 'too long')
        if (run.params.has(key) && run.params.get(key) !== value)
          throw new Refusal('INVALID_PARAMETER_VALUE', `Changing param values is not allowed: ${key}`)
        run.params.set(key, value)
      }
      for (const row of metrics) {
        if (!/^[/\p{L}\p{N}_.\- ]{1,250}$/u.test(row.key))
          throw new Refusal('INVALID_PARAMETER_VALUE', `name ${row.key}`)
        if (!Number.isSafeInteger(row.step) || !Number.isSafeInteger(row.timestamp))
          throw new Refusal('INVALID_PARAMETER_VALUE', 'not whole')
        run.metrics.set(JSON.stringify([row.key, row.timestamp, row.step, row.value]), row)
      }
      for (const { key, value } of tags) {
        if (value.length > 5000) throw new Refusal('INVALID_PARAMETER_VALUE', 'too long')
        run.tags.set(key, value)
      }
      return {}
    },
    'runs/log-inputs': ({ run_id: id, datasets }) => {
      for (const one of datasets) active(id).inputs.set(`${one.dataset.name}:${one.dataset.digest}`, one)
      return {}
    },
    'runs/update': ({ run_id: id, status, end_time: ended, run_name: name }) => {
      const run = active(id)
      run.status = status
      run.name = name ?? run.name
      run.ended = ended ?? run.ended
      return {}
    },
    'runs/set-tag': ({ run_id: id, key, value }) => {
      active(id).tags.set(key, value)
      return {}
    },
    'runs/delete-tag': ({ run_id: id, key }) => {
      if (!active(id).tags.delete(key)) throw new Refusal('RESOURCE_DOES_NOT_EXIST', 'No tag', 404)
      return {}
    },
    'runs/delete': ({ run_id: id }) => {
      runOf(id).isDeleted = true
      return {}
    },
    'metrics/get-history': ({ run_id: id, metric_key: key }) => ({
      metrics: [...runOf(id).metrics.values()].filter((row) => row.key === key),
    }),
  }

  function answer(request: IncomingMessage, content: Buffer, response: ServerResponse): void {
    const url = new URL(request.url!, 'http://fake')
    const path = decodeURIComponent(url.pathname).replace(/^\/api\/2\.0\/(mlflow\/)?/, '')
    const fault = fake.fault?.(fake.asked.length, path) ?? null
    fake.asked.push(path)
    if (fault === 'drop before') return void request.socket.destroy()
    if (fault === 'unavailable')
      return void response.writeHead(503).end('{"error_code":"TEMPORARILY_UNAVAILABLE","message":"later"}')
    if (fault === 'silence') return
    let [status, text] = [200, '']
    try {
      if (fault === 'refuse') throw new Refusal('INVALID_PARAMETER_VALUE', 'as it was told to')
      const put = /^mlflow-artifacts\/artifacts\/[^/]+\/([^/]+)\/artifacts\/(.+)$/.exec(path)
      if (put === null) {
        const act = acts[path]
        if (act === undefined) throw new Refusal('ENDPOINT_NOT_FOUND', path, 404)
        text = JSON.stringify(
          act(content.length > 0 ? JSON.parse(content.toString()) : Object.fromEntries(url.searchParams)),
        )
      } else if (fake.takesFiles) active(put[1]).files.set(put[2], content.toString())
      else
        [status, text] = [
          503,
          'Endpoint disabled due to the mlflow server running without `--serve-artifacts`.',
        ]
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      ;[status, text] = [error.status, JSON.stringify({ error_code: error.code, message: error.message })]
    }
    if (fault === 'drop after') return void request.socket.destroy()
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  }

  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => setTimeout(answer, fake.delay, request, Buffer.concat(parts), response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(fake, {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
