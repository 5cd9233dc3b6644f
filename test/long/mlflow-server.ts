/** A real MLflow server (pip): SQLite and artifacts in a folder of the test. It can be killed, and begun again where it was. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pythonHas } from './oracle.js'

export const python = process.env.ESPALIER_BENCH_PYTHON ?? 'python3'
export const { able, why } = pythonHas('mlflow')

export interface MlflowServer {
  readonly url: string
  readonly folder: string
  start(): Promise<void>
  /** At once, with all its processes. */
  kill(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** One that has not begun yet. `args`: further options of `mlflow server`. */
export async function mlflowServer(
  folder: string,
  { args = [], env = {} }: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<MlflowServer> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const log = join(folder, 'server.log')
  let child: ChildProcess | null = null
  return {
    url,
    folder,
    async start() {
      const out = openSync(log, 'a')
      const command = [
        ...['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
        ...['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`],
        ...['--artifacts-destination', join(folder, 'artifacts'), ...args],
      ]
      child = spawn(python, command, {
        cwd: folder,
        detached: true,
        stdio: ['ignore', out, out],
        env: {
          ...process.env,
          PATH: `${dirname(python)}:${process.env.PATH}`,
          MLFLOW_DISABLE_TELEMETRY: 'true',
          ...env,
        },
      })
      const until = Date.now() + 120_000
      while (Date.now() < until) {
        const answer = await fetch(`${url}/health`).catch(() => null)
        if (answer?.ok) return
        if (child.exitCode !== null) break
        await wait(200)
      }
      throw new Error(`the MLflow server did not begin:\n${readFileSync(log, 'utf8').slice(-3000)}`)
    },
    async kill() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return
      const gone = new Promise((resolve) => child!.once('exit', resolve))
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {}
      await gone
      child = null
    },
  }
}

/** Something of a server, as the Python client tells it: the script prints JSON. */
export function pythonReads<T>(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): T {
  const { status, stdout, stderr } = spawnSync(python, ['-c', script, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    env: { ...process.env, ...env },
  })
  if (status !== 0) throw new Error(`the Python client failed:\n${stderr}`)
  return JSON.parse(stdout) as T
}

/** All that is there of a sweep, by our ids of runs; a list each, as there must not be two. */
export interface ThereRun {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly start: number
  readonly end: number | null
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly metrics: readonly (readonly [string, number, number, number])[]
  readonly inputs: readonly { readonly name: string; readonly digest: string; readonly context: string }[]
  readonly files: Readonly<Record<string, string>>
}

export function runsThere(
  url: string,
  sweep: string,
  env: Readonly<Record<string, string>> = {},
): ThereRun[] {
  return pythonReads(
    `
import hashlib, json, os, sys, tempfile
from mlflow import MlflowClient
url, sweep = sys.argv[1:]
client = MlflowClient(url)
def files(run, path=None):
    for one in client.list_artifacts(run, path):
        if one.is_dir: yield from files(run, one.path)
        else: yield one.path
def digest(run, path):
    with tempfile.TemporaryDirectory() as folder:
        return hashlib.sha256(open(client.download_artifacts(run, path, folder), 'rb').read()).hexdigest()
out, token = [], None
experiments = [one.experiment_id for one in client.search_experiments()]
while True:
    page = client.search_runs(experiments, filter_string="tags.\`espalier.sweep\` = '%s'" % sweep, max_results=1000, page_token=token)
    for run in page:
        id = run.info.run_id
        out.append({
            'id': id, 'name': run.info.run_name, 'status': run.info.status, 'start': run.info.start_time, 'end': run.info.end_time,
            'params': run.data.params, 'tags': run.data.tags,
            'metrics': [[m.key, m.step, m.timestamp, m.value] for key in run.data.metrics for m in client.get_metric_history(id, key)],
            'inputs': [{'name': i.dataset.name, 'digest': i.dataset.digest, 'context': i.tags[0].value} for i in run.inputs.dataset_inputs],
            'files': {path: digest(id, path) for path in files(id)},
        })
    token = page.token
    if not token: break
print(json.dumps(out))
`,
    [url, sweep],
    { MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false', ...env },
  )
}
