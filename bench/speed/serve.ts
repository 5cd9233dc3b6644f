/**
 * `espalier serve` beside `mlflow models serve` of the same model: requests a second, by rows of a request and requests at once, in turn
 * on one machine. MLflow's takes part where Python has it (`ESPALIER_BENCH_PYTHON`, else `python3`). Needs the built package.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { exportModel, openStore, sweep } from '../../src/index.js'
import { figure, machine, median, table } from '../report.js'

const python = process.env.ESPALIER_BENCH_PYTHON ?? 'python3'
const seconds = Number(process.env.ESPALIER_BENCH_SECONDS ?? 3)
const rounds = Number(process.env.ESPALIER_BENCH_ROUNDS ?? 5)
const root = fileURLToPath(new URL('../../', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'espalier-bench-serve-'))

interface Asked {
  readonly name: string
  readonly port: number
  readonly startSeconds: number
  readonly child: ChildProcess
}

async function begun(name: string, command: string, args: string[], port: number): Promise<Asked> {
  const began = performance.now()
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PATH: `${dirname(python)}:${process.env.PATH}`, MLFLOW_DISABLE_TELEMETRY: 'true' },
  })
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (part: string) => {
    said += part
  })
  let gone = false
  child.on('error', () => {
    gone = true
  })
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/ping`).catch(() => null)
    if (answer?.ok) break
    if (gone || child.exitCode !== null) throw new Error(said.trim().split('\n').at(-1))
    await wait(20)
  }
  return { name, port, child, startSeconds: (performance.now() - began) / 1000 }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Requests a second for a while; the answers are those that are expected. */
async function rate({ port }: Asked, body: string, expected: string, atOnce: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const until = performance.now() + seconds * 1000
  let count = 0
  const once = () =>
    new Promise<void>((resolve, reject) => {
      const asked = request(
        {
          port,
          agent,
          method: 'POST',
          path: '/invocations',
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        },
        (answer) => {
          let text = ''
          answer.setEncoding('utf8').on('data', (part: string) => {
            text += part
          })
          answer.on('end', () => {
            if (JSON.stringify(JSON.parse(text)) === expected) resolve()
            else reject(new Error(`${answer.statusCode}: ${text.slice(0, 200)}`))
          })
        },
      )
      asked.on('error', reject)
      asked.end(body)
    })
  const began = performance.now()
  const loop = async () => {
    for (; performance.now() < until; count++) await once()
  }
  await Promise.all(Array.from({ length: atOnce }, loop))
  agent.destroy()
  return (1000 * count) / (performance.now() - began)
}

const store = join(place, 'runs')
const data = join(root, 'search-spaces/data/penguins.csv')
const result = await sweep(
  {
    name: 'bench-serve',
    trainer: 'forest-classifier',
    data: { file: data, target: 'species' },
    validation: { folds: 2 },
    search: { algorithm: 'random', trials: 1, seed: 1 },
    parameters: { trees: { type: 'int', min: 100, max: 101 } },
  },
  { store },
)
const run = await (await openStore(store)).bestRun({ sweep: result.run })
const model = await run.loadModel()
const folder = join(place, 'model')
for (const [path, content] of (await exportModel(run, 'mlflow')).files) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}
const columns = model.signature.columns.map(({ name }) => name)
const cells = readFileSync(data, 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','))
const kinds = model.signature.columns.map(({ kind }) => kind)
const rowAt = (i: number) =>
  kinds.map((kind, c) => {
    const cell = cells[i % cells.length][c]
    return cell === '' || cell === 'NA' ? null : kind === 'text' ? cell : Number(cell)
  })

const asked: Asked[] = []
let missing = ''
try {
  const ours = await freePort()
  asked.push(
    await begun(
      'espalier',
      process.execPath,
      [join(root, 'dist/cli/main.js'), 'serve', run.id, '--store', store, '--port', String(ours)],
      ours,
    ),
  )
  const theirs = await freePort()
  try {
    const args = [
      '-m',
      'mlflow',
      'models',
      'serve',
      '-m',
      folder,
      '--env-manager',
      'local',
      '-h',
      '127.0.0.1',
      '-p',
      String(theirs),
    ]
    asked.push(await begun('mlflow', python, args, theirs))
  } catch (error) {
    missing = `MLflow did not take part (${python}: ${(error as Error).message}).`
  }
  console.log(
    `A forest of 100 trees on penguins, dataframe_split; ${rounds} rounds of ${seconds} s in turn, medians of requests a second.\n${machine()}\n`,
  )
  const lines: (string | number)[][] = []
  for (const rows of [1, 100]) {
    const split = { columns, data: Array.from({ length: rows }, (_, i) => rowAt(i)) }
    const body = JSON.stringify({ dataframe_split: split })
    const given = split.data.map((row) => Object.fromEntries(row.map((cell, i) => [columns[i], cell])))
    const expected = JSON.stringify({ predictions: model.predict(given) })
    for (const atOnce of [1, 8]) {
      const rates = asked.map(() => [] as number[])
      for (let round = 0; round < rounds; round++)
        for (const [i, one] of asked.entries()) rates[i].push(await rate(one, body, expected, atOnce))
      const ratios = rates.length > 1 ? rates[0].map((value, round) => value / rates[1][round]) : []
      lines.push([
        rows,
        atOnce,
        ...rates.map((values) => figure(median(values))),
        ...(ratios.length > 0 ? [`${figure(median(ratios))}×`] : []),
      ])
    }
  }
  console.log(
    table([
      ['rows', 'at once', ...asked.map(({ name }) => name), ...(asked.length > 1 ? ['ratio'] : [])],
      ...lines,
    ]),
  )
  console.log(
    `\nSeconds until the first answer: ${asked.map(({ name, startSeconds }) => `${name} ${figure(startSeconds)}`).join(', ')}.`,
  )
  if (missing !== '') console.log(missing)
} finally {
  for (const { child } of asked) {
    try {
      process.kill(-child.pid!, 'SIGTERM')
    } catch {}
  }
  rmSync(place, { recursive: true, force: true })
}
