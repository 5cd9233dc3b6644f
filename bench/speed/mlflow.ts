/**
 * `sync mlflow` beside MLflow's own client logging as many runs with the same params and steps, on one server (SQLite, one worker), in turn:
 * seconds, and ms a run, by trials. The command's second time is that of a sweep that has not changed. Needs MLflow
 * (`ESPALIER_BENCH_PYTHON`, else `python3`), and the built package.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStore, sweep } from '../../src/index.js'
import { able, mlflowServer, python, why } from '../../test/long/mlflow-server.js'
import { figure, machine, table } from '../report.js'

if (!able) {
  console.error(`there is nothing to compare with${why}`)
  process.exit(2)
}
const sizes = (process.env.ESPALIER_BENCH_TRIALS ?? '10,100,1000').split(',').map(Number)
const root = fileURLToPath(new URL('../../', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'espalier-bench-mlflow-'))
const server = await mlflowServer(place)
const seconds = (work: () => void) => {
  const began = performance.now()
  work()
  return (performance.now() - began) / 1000
}

try {
  await server.start()
  const lines: (string | number)[][] = []
  for (const trials of sizes) {
    const directory = join(place, `runs-${trials}`)
    const { run } = await sweep(
      {
        name: `bench-${trials}`,
        search: { algorithm: 'random', trials, seed: 1 },
        parameters: { x: { type: 'float', min: 0, max: 1 }, k: { type: 'int', min: 1, max: 40 } },
      },
      {
        store: directory,
        run: async ({ x }, { report }) => {
          for (let step = 0; step < 3; step++) await report(step, { value: x / (step + 1) })
          return x
        },
      },
    )
    const records = await (await openStore(directory)).trials(run)
    const given = records.map(({ name, params, history, started }) => ({
      name,
      params,
      metrics: Object.entries(history).flatMap(([key, { steps, values, times }]) =>
        steps.map((step, i) => [key, values[i], Date.parse(started) + Math.round(times?.[i] ?? 0), step]),
      ),
    }))
    const sync = () =>
      execFileSync(
        process.execPath,
        [join(root, 'dist/cli/main.js'), 'sync', 'mlflow', '--url', server.url, '--store', directory],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      )
    const ours = seconds(sync)
    const again = seconds(sync)
    const printed = execFileSync(
      python,
      [join(root, 'bench/speed/mlflow-client.py'), server.url, `client-${trials}`],
      { input: JSON.stringify(given), encoding: 'utf8' },
    )
    // MLflow prints links to the runs before it.
    const theirs = Number(printed.trim().split('\n').at(-1))
    const each = (total: number) => figure((1000 * total) / trials)
    lines.push([
      trials,
      figure(ours),
      each(ours),
      figure(theirs),
      each(theirs),
      `${figure(ours / theirs)}×`,
      figure(again),
    ])
  }
  console.log(`A sweep of an objective with three steps a trial, sent to an MLflow server.\n${machine()}\n`)
  console.log(
    table([['trials', 'sync s', 'ms a run', 'client s', 'ms a run', 'ratio', 'sync again s'], ...lines]),
  )
} finally {
  await server.kill()
  rmSync(place, { recursive: true, force: true })
}
