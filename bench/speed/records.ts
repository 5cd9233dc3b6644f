/**
 * How fast trials are recorded durably, and how fast a record is opened.
 *
 *     npx tsx bench/speed/records.ts [--max 100000] [--dir DIRECTORY]
 *
 * Where Python with Optuna is there (`ESPALIER_BENCH_PYTHON`, else `python3`), its storages take part in the same
 * run on the same disk. Every trial has 4 params and 5 metrics with 5 fold values each; 8 trials are in flight, and
 * one counts when it is on the disk.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openStore, type SweepWriter } from '../../src/tracking/index.js'
import { machine, median, table } from '../report.js'

const { values: options } = parseArgs({ options: { max: { type: 'string' }, dir: { type: 'string' } } })
const inFlight = 8
const sizes = [100, 1_000, 10_000, 100_000].filter((size) => size <= Number(options.max ?? 100_000))
setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void
const directory = await mkdtemp(join(options.dir ?? tmpdir(), 'espalier-records-'))

/** A repeatable sequence of fractions: what the numbers are matters little, that they have all their digits does. */
let fraction = 0
const next = () => {
  fraction = (fraction + 0.6180339887498949) % 1
  return fraction
}
const metrics = ['accuracy', 'balancedAccuracy', 'macroF1', 'logLoss', 'fitSeconds']

async function record(writer: SweepWriter, trial: number): Promise<void> {
  const params = { k: (trial % 40) + 1, rate: next(), scaling: 'standard', momentum: next() }
  void writer.trialStarted({ trial, params, attempt: 1, conditions: { trial, origin: { rule: 'sobol' } } })
  await writer.trialEnded({
    trial,
    status: 'finished',
    values: { accuracy: next() },
    metrics: Object.fromEntries(metrics.map((name) => [name, next()])),
    history: Object.fromEntries(
      metrics.map((name) => [
        name,
        { steps: [0, 1, 2, 3, 4], values: [next(), next(), next(), next(), next()] },
      ]),
    ),
    error: null,
    conditions: {},
  })
}

/** Trials from … to, 8 in flight; returns seconds. */
async function recordAll(writer: SweepWriter, from: number, to: number): Promise<number> {
  let trial = from
  const lane = async () => {
    while (trial < to) await record(writer, trial++)
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: inFlight }, lane))
  return (performance.now() - began) / 1000
}

const newSweep = async () =>
  (await openStore(join(directory, 'store'))).createSweep({
    experiment: 'bench',
    name: 'bench',
    objectives: [{ metric: 'accuracy', direction: 'maximize' }],
    spec: {},
    conditions: {},
  })

async function syncMilliseconds(): Promise<number> {
  const file = await open(join(directory, 'sync'), 'a')
  const times: number[] = []
  for (let i = 0; i < 100; i++) {
    const began = performance.now()
    await file.write('x'.repeat(1000))
    await file.datasync()
    times.push(performance.now() - began)
  }
  await file.close()
  return median(times)
}

async function timed(runs: number, act: () => unknown): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < runs; i++) {
    const began = performance.now()
    await act()
    times.push(performance.now() - began)
  }
  return median(times)
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)

function printTable(title: string, rows: Record<string, string | number>[]): void {
  const names = Object.keys(rows[0])
  console.log(`\n${title}\n`)
  console.log(table([names, ...rows.map((row) => names.map((name) => row[name]))]))
}

console.log(machine())
console.log(`write + fdatasync of 1 kB in ${directory}: median ${(await syncMilliseconds()).toFixed(2)} ms`)

await recordAll(await newSweep(), 0, 2_000) // Compiled code, warm caches.

const writing: Record<string, string | number>[] = []
const opening: Record<string, string | number>[] = []
let durable = 0
for (const size of sizes) {
  const writer = await newSweep()
  collectGarbage()
  const heap = process.memoryUsage().heapUsed
  const tenth = size / 10
  const parts: number[] = []
  for (let part = 0; part < 10; part++) parts.push(await recordAll(writer, part * tenth, (part + 1) * tenth))
  const seconds = parts.reduce((sum, part) => sum + part, 0)
  collectGarbage()
  const grown = process.memoryUsage().heapUsed - heap
  await writer.finish({ status: 'finished' })
  const bytes = (await stat(join(directory, 'store', 'sweeps', writer.id, 'journal.jsonl'))).size
  if (size <= 10_000) durable = size / seconds
  writing.push({
    trials: size,
    'trials/s': Math.round(size / seconds),
    'ms/trial': ((seconds * 1000) / size).toFixed(3),
    'first tenth': ((parts[0] * 1000) / tenth).toFixed(3),
    'last tenth': ((parts[9] * 1000) / tenth).toFixed(3),
    'journal MB': megabytes(bytes),
    'heap MB': megabytes(Math.max(grown, 0)),
  })

  const runs = size >= 100_000 ? 3 : 9
  const store = await openStore(join(directory, 'store'))
  let text = JSON.stringify(await store.trials(writer.id))
  const parse = await timed(runs, () => JSON.parse(text))
  const bytesParsed = text.length
  text = ''
  // A store of its own each time: one that was asked before may still know the answer.
  const trials = await timed(runs, async () => (await openStore(join(directory, 'store'))).trials(writer.id))
  const list = await timed(runs, () => store.sweeps({ sweep: writer.id }))
  opening.push({
    trials: size,
    'JSON.parse ms': parse.toFixed(1),
    'open ms': trials.toFixed(1),
    ratio: (trials / parse).toFixed(2),
    'sweep alone ms': list.toFixed(1),
    'records MB': megabytes(bytesParsed),
  })
}
printTable(`Durable trials, ${inFlight} in flight`, writing)
printTable(
  'Opening a sweep: all its trials, against JSON.parse of the same records; the sweep without trials',
  opening,
)

const python = process.env.ESPALIER_BENCH_PYTHON ?? 'python3'
const script = fileURLToPath(new URL('records-optuna.py', import.meta.url))
const trialsOfOptuna = Math.min(1_000, sizes.at(-1)!)
try {
  const { stdout } = await promisify(execFile)(
    python,
    [script, directory, String(trialsOfOptuna), String(inFlight)],
    { timeout: 600_000 },
  )
  const results = stdout
    .trim()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as {
          storage: string
          full: boolean
          trials: number
          seconds: number
          version: string
        },
    )
  const own = {
    storage: 'Espalier',
    recorded: 'all',
    trials: Math.min(10_000, sizes.at(-1)!),
    'trials/s': Math.round(durable),
    'Espalier is': '',
  }
  printTable(`Beside Optuna ${results[0].version}, ${inFlight} trials in flight, the same disk`, [
    own,
    ...results.map(({ storage, full, trials, seconds }) => ({
      storage: `Optuna ${storage}`,
      recorded: full ? 'params, value, history' : 'params, value',
      trials,
      'trials/s': (trials / seconds).toFixed(1),
      'Espalier is': `${(durable / (trials / seconds)).toFixed(0)} times as fast`,
    })),
  ])
} catch (error) {
  const reason = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1) || (error as Error).message
  console.log(`\nOptuna did not take part (${python}: ${reason}).`)
}
await rm(directory, { recursive: true, force: true })
