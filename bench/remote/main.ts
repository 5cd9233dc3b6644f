/**
 * What a queue between a sweep and its workers costs: no-op trials beside the local pool and Optuna, two workers against one, and how
 * soon a worker that was killed is missed.
 *
 *     npm run build && npm run bench:remote -- [--max 10000] [--kills 5]
 *
 * Redis is one of the bench's own, with an append-only file; workers are `espalier worker` of dist, as processes of their own.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { figure, machine, median, table } from '../report.js'
import { type Queue, startQueue, startWorkers } from './places.js'
import { type Measured, measure } from './sweeps.js'

const { values: options } = parseArgs({
  options: { max: { type: 'string', default: '10000' }, kills: { type: 'string', default: '5' } },
})
const sizes = [100, 1_000, 10_000].filter((size) => size <= Number(options.max))
const inFlight = 16
const rounds = 3

console.log(`${machine()}\n`)
const queue = await startQueue()
try {
  await noOps(queue)
  await overhead(queue)
  await twoAgainstOne(queue)
  await recovery(queue)
} finally {
  await queue.close()
}

async function noOps({ url, spent }: Queue): Promise<void> {
  const workers = await startWorkers(url, 2, 1)
  const asked = { trainer: 'no-op', parallel: inFlight }
  await measure({ ...asked, trials: 300, queue: url })
  await measure({ ...asked, trials: 300, workers: 2 })
  const rows: (string | number)[][] = [
    [
      'no-op trials',
      'number',
      'trials/s',
      'ms a trial',
      'against the fewest',
      'coordinator, ms',
      'workers, ms',
      'Redis, ms',
      'commands',
      'bytes',
    ],
  ]
  let [local, remote] = [Number.NaN, Number.NaN]
  for (const trials of sizes) {
    const here = await measure({ ...asked, trials, workers: 2 })
    local = Number.isNaN(local) ? here.perSecond : local
    rows.push(['pool of 2 threads', trials, ...cost(here, local), '', '', '', ''])
    const before = await spent()
    const idle = workers.processorMs()
    const there = await measure({ ...asked, trials, queue: url })
    const after = await spent()
    const worked = workers.processorMs()
    remote = Number.isNaN(remote) ? there.perSecond : remote
    const each = (name: 'ms' | 'commands' | 'bytes') => figure((after[name] - before[name]) / trials)
    rows.push([
      '2 workers over Redis',
      trials,
      ...cost(there, remote),
      figure((worked - idle) / trials),
      each('ms'),
      each('commands'),
      each('bytes'),
    ])
  }
  await workers.close()
  const peer = await optuna(Math.min(500, sizes.at(-1)!))
  if (peer !== null)
    rows.push([
      `Optuna ${peer.version}, SQLite, 2 processes`,
      peer.trials,
      figure(peer.trials / peer.seconds),
      figure((1000 * peer.seconds) / peer.trials),
      ...Array(6).fill(''),
    ])
  console.log(`No-op trials, ${inFlight} in flight; workers with one seat each.\n\n${table(rows)}\n`)
}

function cost({ perSecond, processor }: Measured, first: number): string[] {
  return [figure(perSecond), figure(1000 / perSecond), `${figure(first / perSecond)}×`, figure(processor)]
}

async function optuna(trials: number): Promise<{ version: string; trials: number; seconds: number } | null> {
  const python = process.env.ESPALIER_BENCH_PYTHON ?? 'python3'
  const script = fileURLToPath(new URL('peer.py', import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'espalier-bench-optuna-'))
  try {
    const address = `sqlite:///${join(folder, 'study.db')}`
    const { stdout } = await promisify(execFile)(python, [script, address, String(trials), '2'], {
      timeout: 600_000,
    })
    return JSON.parse(stdout)
  } catch (error) {
    const reason =
      (error as { stderr?: string }).stderr?.trim().split('\n').at(-1) || (error as Error).message
    console.log(`Optuna did not take part (${python}: ${reason}).\n`)
    return null
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What a trial takes longer than its 100 ms, where there are as many seats as trials in flight. */
async function overhead({ url }: Queue): Promise<void> {
  const workers = await startWorkers(url, 2, inFlight / 2)
  const asked = { trainer: 'waits', parallel: inFlight }
  const over = ({ perSecond }: Measured) => 1000 / perSecond - 100 / inFlight
  const measured = { here: [] as number[], there: [] as number[] }
  await measure({ ...asked, trials: 2 * inFlight, queue: url })
  for (let round = 0; round < rounds; round++) {
    measured.here.push(over(await measure({ ...asked, trials: 10 * inFlight, workers: inFlight })))
    measured.there.push(over(await measure({ ...asked, trials: 10 * inFlight, queue: url })))
  }
  await workers.close()
  console.log(
    `Trials of 100 ms, ${inFlight} in flight on ${inFlight} seats: ms a trial beyond ${100 / inFlight}, medians of ${rounds}.\n\n${table(
      [
        ['', 'ms a trial'],
        [`pool of ${inFlight} threads`, figure(median(measured.here))],
        [`2 workers × ${inFlight / 2} seats over Redis`, figure(median(measured.there))],
      ],
    )}\nTo reach: below 5 ms.\n`,
  )
}

async function twoAgainstOne({ url }: Queue): Promise<void> {
  const asked = { trainer: 'waits', trials: 100, parallel: 4, queue: url }
  const measured = { one: [] as number[], two: [] as number[] }
  const one = await startWorkers(url, 1, 1)
  await measure({ ...asked, trials: 10 })
  for (let round = 0; round < rounds; round++) measured.one.push((await measure(asked)).perSecond)
  const another = await startWorkers(url, 1, 1)
  await measure({ ...asked, trials: 10 })
  for (let round = 0; round < rounds; round++) measured.two.push((await measure(asked)).perSecond)
  await one.close()
  await another.close()
  const [once, twice] = [median(measured.one), median(measured.two)]
  console.log(
    `Trials of 100 ms on workers with one seat, medians of ${rounds}.\n\n${table([
      ['workers', 'trials/s', 'against one'],
      [1, figure(once), '1×'],
      [2, figure(twice), `${figure(twice / once)}×`],
    ])}\nTo reach: at least 1.9×.\n`,
  )
}

/** From SIGKILL of a worker to the moment at which its fit begins on another one. */
async function recovery({ url }: Queue): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-bench-marks-'))
  const took: number[] = []
  for (let kill = 0; kill < Number(options.kills); kill++) {
    const marks = join(folder, `marks-${kill}`)
    writeFileSync(marks, '')
    const read = () =>
      readFileSync(marks, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => line.split(' ').map(Number))
    const workers = await startWorkers(url, 2, 1, { ESPALIER_BENCH_MARKS: marks })
    const done = measure({ trainer: 'marks', trials: 2, parallel: 1, queue: url })
    while (read().length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    const [pid] = read()[0]!
    const killed = Date.now()
    process.kill(pid!, 'SIGKILL')
    await done
    await workers.close()
    took.push((read()[1]![1]! - killed) / 1000)
  }
  rmSync(folder, { recursive: true })
  if (took.length === 0) return
  console.log(
    `From SIGKILL of a worker to its fit's beginning on another, ${took.length} times: median ${figure(median(took))} s, from ${figure(Math.min(...took))} to ${figure(Math.max(...took))} s.`,
  )
}
