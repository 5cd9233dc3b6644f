/** Sweeps on a real MLflow server, read back by its Python client: every value, each run once, whatever was killed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { createServer as createTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { syncMlflow } from '../../src/exchange/index.js'
import { openStore, type ParentRun } from '../../src/tracking/index.js'
import { data, type Folder, foldersOfFile, main } from '../cli/run.js'
import { expectedTrial, sorted } from '../exchange/mlflow/expected.js'
import { temporaryFolder } from '../temporary.js'
import { able, type MlflowServer, mlflowServer, runsThere, type ThereRun, why } from './mlflow-server.js'

const makeFolder = foldersOfFile()
const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** Runs a program that reports by step; where x is 4 it fails. */
const program = `
import json, os, sys, time
x = int(sys.argv[1])
print("run", os.environ.get("MLFLOW_RUN_ID"), os.environ.get("MLFLOW_EXPERIMENT_ID"), flush=True)
for step in range(4):
    print("espalier:", json.dumps({"metric": {"loss": (step + x) / 10}, "step": step}), flush=True)
    time.sleep(0.05)
if x == 4:
    print("espalier:", json.dumps({"failed": "x is 4"}))
else:
    open("result.txt", "w").write(str(x))
    print("espalier:", json.dumps({"final": {"loss": x / 10, "cost": x}}))
`
const programSweep = {
  name: 'program',
  trainer: { command: ['python3', 'train.py', '{x}'] },
  objective: { metric: 'loss', direction: 'minimize' },
  parameters: { x: { type: 'int', min: 1, max: 6 } },
  search: { algorithm: 'grid', trials: 6, parallel: 2 },
}
const foldsSweep = {
  name: 'folds',
  data: { file: join(data, 'wine.csv'), target: 'cultivar' },
  trainer: 'knn-classifier',
  validation: { folds: 4, holdout: 0.2 },
  parameters: {
    k: { type: 'int', min: 1, max: 90 },
    scaling: { type: 'categorical', values: ['none', 'standard'] },
  },
  search: { algorithm: 'random', trials: 25, seed: 5, pruner: 'folds' },
}

async function sweepOf(folder: Folder, ...args: readonly string[]): Promise<string> {
  return (await folder.json('sweep', ...args, '--store', 'store', '--quiet')).run
}

/** Compares all that is there of a sweep with the record. `more`: files and metrics that a program added itself. */
async function expectThere(
  server: { url: string },
  folder: Folder,
  sweep: string,
  there?: ThereRun[],
): Promise<ThereRun[]> {
  const store = await openStore(join(folder.path, 'store'))
  const parent = (await store.run(sweep)) as ParentRun
  const trials = await store.trials(sweep)
  const runs = there ?? runsThere(server.url, sweep)
  expect(runs.map(({ tags }) => tags['espalier.run']).sort()).toEqual(
    [sweep, ...trials.map(({ id }) => id)].sort(),
  )
  const byId = new Map(runs.map((run) => [run.tags['espalier.run'], run]))
  const top = byId.get(sweep)!
  for (const trial of trials) {
    const run = byId.get(trial.id)!
    const { tags, ...expected } = expectedTrial(trial, parent)
    expect({
      status: run.status,
      started: run.start,
      ended: run.end,
      params: run.params,
      metrics: sorted(run.metrics),
      files: Object.keys(run.files).sort(),
    }).toEqual(expected)
    expect(run.tags).toMatchObject({ ...tags, 'mlflow.parentRunId': top.id })
    for (const { name, sha256 } of trial.artifacts) expect(run.files[name]).toBe(sha256)
  }
  expect(top.status).toBe(
    { finished: 'FINISHED', failed: 'FAILED', interrupted: 'KILLED', running: 'RUNNING' }[
      parent.status as string
    ],
  )
  expect(top.start).toBe(Date.parse(parent.started))
  if (parent.best) {
    expect(top.tags).toMatchObject({
      'espalier.bestRun': parent.best.run,
      'espalier.bestMlflowRun': byId.get(parent.best.run)!.id,
      'espalier.bestValue': String(parent.best.value),
    })
    const rows = top.metrics
      .filter(([key]) => key === `objective/${parent.objective.metric}`)
      .sort((a, b) => a[1] - b[1])
    expect(rows.at(-1)![3]).toBe(parent.best.value)
    expect(new Set(rows.map((row) => row[1])).size).toBe(rows.length)
  }
  for (const [name, value] of Object.entries(parent.metrics))
    expect(top.metrics.filter(([key]) => key === name).map((row) => row[3])).toEqual([value])
  for (const { name, sha256 } of parent.artifacts) expect(top.files[name]).toBe(sha256)
  expect(Object.keys(top.files)).toContain('espalier/spec.json')
  return runs
}

describe.skipIf(!able)(`a sweep on an MLflow server${why}`, () => {
  let server: MlflowServer
  beforeAll(async () => {
    server = await mlflowServer(temporaryFolder())
    await server.start()
  })
  afterAll(async () => {
    await server?.kill()
  })

  it('is there with every value: folds, holdout, pruned trials, data sets, as it goes', async () => {
    const folder = makeFolder()
    folder.write('folds.json', foldsSweep)
    const sweep = await sweepOf(folder, 'folds.json', '--mlflow', server.url)
    // On a busy machine a minute after the sweep may not do: the rest goes as the sweep said.
    expect((await folder.run('sync', 'mlflow', '--store', 'store', '--url', server.url)).code).toBe(0)
    const runs = await expectThere(server, folder, sweep)
    const store = await openStore(join(folder.path, 'store'))
    const parent = (await store.run(sweep)) as ParentRun
    expect(parent.trials.pruned).toBeGreaterThan(0)
    const top = runs.find(({ tags }) => tags['espalier.role'] === 'sweep')!
    expect(top.params).toMatchObject({
      trainer: 'knn-classifier',
      'validation.folds': '4',
      'search.seed': '5',
    })
    expect(top.inputs.map(({ name, context }) => `${name} ${context}`).sort()).toEqual([
      'wine.csv fold 0 validation',
      'wine.csv fold 1 validation',
      'wine.csv fold 2 validation',
      'wine.csv fold 3 validation',
      'wine.csv holdout holdout',
      'wine.csv training',
    ])
    const best = runs.find(({ tags }) => tags['espalier.best'] === 'true')!
    expect(best.metrics.map(([key]) => key)).toContain('holdoutAccuracy')
    expect(best.inputs).toHaveLength(5)
    expect(Object.keys(best.files)).toContain('model.json')
  })

  it("is there with a program's steps, failures and files, and the program knows its own run", async () => {
    const folder = makeFolder()
    const { writeFileSync } = await import('node:fs')
    writeFileSync(join(folder.path, 'train.py'), program)
    folder.write('program.json', programSweep)
    const sweep = await sweepOf(folder, 'program.json', '--mlflow', server.url)
    const runs = await expectThere(server, folder, sweep)
    const store = await openStore(join(folder.path, 'store'))
    for (const trial of await store.trials(sweep)) {
      const there = runs.find(({ tags }) => tags['espalier.run'] === trial.id)!
      const printed = Buffer.from(await store.readArtifact(trial, 'stdout.txt')).toString()
      expect(printed).toContain(`run ${there.id} `)
    }
    expect(runs.filter(({ status }) => status === 'FAILED')).toHaveLength(1)
  })

  it('what a program logs itself lands in its run', async () => {
    const folder = makeFolder()
    const { writeFileSync } = await import('node:fs')
    writeFileSync(
      join(folder.path, 'train.py'),
      `
import json, sys, mlflow
with mlflow.start_run():
    mlflow.log_metric("own", 7.0, step=2)
    mlflow.log_param("x", "as the program writes it")
print("espalier:", json.dumps({"final": {"loss": int(sys.argv[1])}}))
`,
    )
    const { python } = await import('./mlflow-server.js')
    folder.write('program.json', {
      ...programSweep,
      trainer: { command: [python, 'train.py', '{x}'] },
      search: { trials: 1 },
    })
    const { code, stderr } = await folder.run(
      'sweep',
      'program.json',
      '--mlflow',
      server.url,
      '--store',
      'store',
    )
    expect(code, stderr).toBe(0)
    const store = await openStore(join(folder.path, 'store'))
    const [{ id }] = await store.sweeps()
    const [trial] = runsThere(server.url, id).filter(({ tags }) => tags['espalier.role'] === 'trial')
    expect(trial.metrics.find(([key]) => key === 'own')?.slice(0, 2)).toEqual(['own', 2])
    expect(trial).toMatchObject({ status: 'FINISHED', params: { x: 'as the program writes it' } })
    expect(stderr).toMatch(/the param "x" of trial 0 is "as the program writes it" on .* on record it is/)
  })

  it('is there once and whole, however often the sender and the server are killed', async () => {
    const folder = makeFolder()
    folder.write('folds.json', { ...foldsSweep, search: { ...foldsSweep.search, trials: 40 } })
    const sweep = await sweepOf(folder, 'folds.json')
    let atOnce = 0
    for (let round = 0; round < 8; round++) {
      const child = spawn(
        process.execPath,
        [main, 'sync', 'mlflow', sweep, '--store', 'store', '--url', server.url],
        {
          cwd: folder.path,
          env: { ...process.env, MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1' },
          stdio: 'ignore',
        },
      )
      // Growing, so that what is killed is at its beginning, in its midst and near its end.
      await wait(400 + 300 * round + Math.floor(200 * Math.random()))
      if (round % 3 === 2) {
        await server.kill()
        await ended(child)
        await server.start()
      } else {
        atOnce += child.exitCode === null ? 1 : 0
        child.kill('SIGKILL')
        await ended(child)
      }
    }
    expect(atOnce).toBeGreaterThan(2)
    const { code, stdout } = await folder.run(
      'sync',
      'mlflow',
      sweep,
      '--store',
      'store',
      '--url',
      server.url,
    )
    expect([code, stdout]).toEqual([0, `1 sweep, 41 runs: all on ${server.url}\n`])
    await expectThere(server, folder, sweep)
  })

  it('goes on by itself where a mirrored sweep was killed and is resumed, and extended', async () => {
    const folder = makeFolder()
    const { writeFileSync } = await import('node:fs')
    writeFileSync(join(folder.path, 'train.py'), program.replace('0.05', '0.4'))
    folder.write('program.json', programSweep)
    const killed = spawn(
      process.execPath,
      [main, 'sweep', 'program.json', '--mlflow', server.url, '--store', 'store'],
      {
        cwd: folder.path,
        stdio: 'ignore',
      },
    )
    await wait(4500)
    killed.kill('SIGKILL')
    await ended(killed)
    const store = await openStore(join(folder.path, 'store'))
    const [{ id }] = await store.sweeps()
    const resumed = await folder.run('resume', '--store', 'store')
    expect(resumed.code, resumed.stderr).toBe(0)
    await expectThere(server, folder, id)
  })

  it('runs to its end where the server is away, says so, and is sent when it is there', async () => {
    const away = await mlflowServer(temporaryFolder())
    const folder = makeFolder()
    const { writeFileSync } = await import('node:fs')
    writeFileSync(join(folder.path, 'train.py'), program)
    folder.write('program.json', programSweep)
    const { code, stderr } = await folder.run(
      'sweep',
      'program.json',
      '--mlflow',
      away.url,
      '--store',
      'store',
    )
    expect(code, stderr).toBe(0)
    expect(stderr.match(/does not answer/g)).toHaveLength(1)
    const store = await openStore(join(folder.path, 'store'))
    const [{ id }] = await store.sweeps()
    expect(stderr).toContain(
      `7 of 7 runs are not on the MLflow server ${away.url} yet; espalier sync mlflow ${id} sends them`,
    )
    const failed = await folder.run('sync', 'mlflow', '--store', 'store', '--url', away.url)
    expect([failed.code, failed.stdout]).toEqual([
      1,
      `1 sweep, 7 runs: 7 not on ${away.url}, see above; the same command goes on with them\n`,
    ])
    try {
      await away.start()
      const { code } = await folder.run('sync', 'mlflow', '--store', 'store', '--url', away.url)
      expect(code).toBe(0)
      await expectThere(away, folder, id)
    } finally {
      await away.kill()
    }
  })

  it.skipIf(!hasOpenssl)(
    "is sent over TLS that is vouched for by a certificate of one's own, and not without it",
    async () => {
      const folder = makeFolder()
      folder.write('folds.json', { ...foldsSweep, search: { ...foldsSweep.search, trials: 3 } })
      const sweep = await sweepOf(folder, 'folds.json')
      const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(folder.path, name))
      const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', key, '-out', cert]
      const named = ['-subj', '/CN=here', '-addext', 'subjectAltName=IP:127.0.0.1']
      spawnSync('openssl', ['req', '-x509', '-nodes', ...made, ...named])
      const target = new URL(server.url)
      const guard = createTls({ cert: readFileSync(cert), key: readFileSync(key) }, (asked, answer) => {
        const { hostname: host, port } = target
        const headers = { ...asked.headers, host: target.host }
        asked.pipe(
          request({ host, port, path: asked.url, method: asked.method, headers }, (from) => {
            answer.writeHead(from.statusCode!, from.headers)
            from.pipe(answer)
          }),
        )
      })
      await new Promise<void>((resolve) => guard.listen(0, '127.0.0.1', resolve))
      const url = `https://127.0.0.1:${(guard.address() as AddressInfo).port}`
      try {
        const store = await openStore(join(folder.path, 'store'))
        const refused = await syncMlflow(store, [sweep], { url, env: {} })
        expect(refused.sweeps[0].problems[0].message).toMatch(/signed by nobody who is known here/)
        const env = { MLFLOW_TRACKING_SERVER_CERT_PATH: cert }
        expect((await syncMlflow(store, [sweep], { url, env })).sweeps[0].problems).toEqual([])
        await expectThere(server, folder, sweep)
      } finally {
        guard.close()
      }
    },
  )

  it('is sent past a proxy that asks for user and password, and says what to set where they are missing', async () => {
    const folder = makeFolder()
    folder.write('folds.json', { ...foldsSweep, search: { ...foldsSweep.search, trials: 3 } })
    const sweep = await sweepOf(folder, 'folds.json')
    const target = new URL(server.url)
    const guard = createServer((asked, answer) => {
      const wanted = `Basic ${Buffer.from('me:s3cret/word').toString('base64')}`
      if (asked.headers.authorization !== wanted) return void answer.writeHead(401).end('who are you?')
      const options = {
        host: target.hostname,
        port: target.port,
        path: asked.url,
        method: asked.method,
        headers: { ...asked.headers, host: target.host },
      }
      asked.pipe(
        request(options, (from) => {
          answer.writeHead(from.statusCode!, from.headers)
          from.pipe(answer)
        }),
      )
    })
    await new Promise<void>((resolve) => guard.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(guard.address() as AddressInfo).port}`
    try {
      const store = await openStore(join(folder.path, 'store'))
      const refused = await syncMlflow(store, [sweep], { url, env: {} })
      expect(refused.sweeps[0].problems[0].message).toMatch(
        /status 401: who are you\?; .*MLFLOW_TRACKING_USERNAME/,
      )
      const wrong = { MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: 'wrong-word' }
      const told = JSON.stringify(await syncMlflow(store, [sweep], { url, env: wrong }))
      expect(told).toContain('401')
      expect(told).not.toContain('wrong-word')
      const env = { MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: 's3cret/word' }
      expect((await syncMlflow(store, [sweep], { url, env })).sweeps[0].problems).toEqual([])
      await expectThere(server, folder, sweep)
    } finally {
      guard.close()
    }
  })
})

function ended(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', resolve))
}
