/**
 * No-op trials through the whole path: search, pool of threads, durable record.
 *
 * Shows that a trial costs the same in a long sweep as in a short one, and that memory grows by the records.
 * Each size runs in a process of its own, so that one does not warm up the next.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sweep } from '../../src/index.js'
import { figure, machine, table } from '../report.js'

const sizes = [100, 1_000, 10_000]
const self = fileURLToPath(import.meta.url)

async function measure(trials: number, algorithm: 'random' | 'sobol') {
  const store = mkdtempSync(join(tmpdir(), 'espalier-bench-'))
  const options = {
    trainer: fileURLToPath(new URL('./fixtures/no-op.mjs', import.meta.url)),
    algorithm,
    workers: 2,
    parallel: 8,
  }
  const parameters = { x: { type: 'float', min: -1, max: 1 }, y: { type: 'int', min: 1, max: 1000 } } as const
  // The first sweep pays for loading and compiling; what follows is the cost of trials.
  await sweep({ name: 'warm-up', parameters }, { ...options, trials: 100, store: join(store, 'warm-up') })
  const heap = () => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  let [started, ended, before, after, done] = [0, 0, 0, 0, 0]
  const result = await sweep(
    { name: 'no-op', parameters },
    {
      ...options,
      trials,
      store: join(store, 'runs'),
      onEvent(event) {
        if (event.type === 'started') {
          before = heap()
          started = performance.now()
        } else if (event.type === 'trial-ended' && ++done === trials) {
          ended = performance.now()
          after = heap()
        }
      },
    },
  )
  const journal = statSync(join(store, 'runs', 'sweeps', result.run, 'journal.jsonl')).size
  rmSync(store, { recursive: true })
  return {
    trials,
    seconds: (ended - started) / 1000,
    finished: result.trials.finished,
    grown: after - before,
    journal,
  }
}

if (process.argv[2]) {
  console.log(JSON.stringify(await measure(Number(process.argv[2]), process.argv[3] as 'random' | 'sobol')))
} else {
  console.log(`No-op trials through the whole path, 2 workers, 8 in flight.\n${machine()}\n`)
  const rows: (string | number)[][] = [
    [
      'search',
      'trials',
      'trials/s',
      'ms a trial',
      'against 100',
      'heap grown, bytes a trial',
      'record, bytes a trial',
    ],
  ]
  for (const algorithm of ['random', 'sobol'] as const) {
    let first = Number.NaN
    for (const trials of sizes) {
      const output = execFileSync(process.execPath, [
        '--expose-gc',
        '--import',
        'tsx',
        self,
        String(trials),
        algorithm,
      ])
      const { seconds, finished, grown, journal } = JSON.parse(output.toString())
      if (finished !== trials) throw new Error(`${finished} of ${trials} trials finished`)
      const cost = (seconds * 1000) / trials
      if (Number.isNaN(first)) first = cost
      rows.push([
        algorithm,
        trials,
        figure(trials / seconds),
        figure(cost),
        `${figure(cost / first)}×`,
        figure(grown / trials),
        figure(journal / trials),
      ])
    }
  }
  console.log(table(rows))
}
