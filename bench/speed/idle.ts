/**
 * How long workers wait for the search: Bayesian search around trial 200, trials of 100 ms, 4 in flight.
 *
 * Idle time of the workers = 1 − (time in trials) / (workers × wall clock), over trials 200 … 259, when every suggestion
 * is fitted on some 200 trials. A trial waits 100 ms and computes nothing, so that what is measured is the waiting
 * for the search and the record, not for a processor. The last row shows the same when the search is random.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStore, sweep } from '../../src/index.js'
import { figure, machine, table } from '../report.js'

const [first, last] = [200, 260]
const parameters = Object.fromEntries(
  Array.from({ length: 10 }, (_, i) => [`x${i}`, { type: 'float', min: 0, max: 1 } as const]),
)

async function measure(algorithm: 'bayesian' | 'random', workers: number) {
  const store = mkdtempSync(join(tmpdir(), 'espalier-bench-'))
  let lateness = 0
  let ticks = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    lateness = Math.max(lateness, now - ticks - 10)
    ticks = now
  }, 10)
  const result = await sweep(
    { name: 'idle', parameters },
    {
      trainer: fileURLToPath(new URL('./fixtures/waits.mjs', import.meta.url)),
      algorithm,
      trials: last,
      parallel: 4,
      workers,
      store,
    },
  )
  clearInterval(timer)
  const trials = (await (await openStore(store)).trials(result.run)).filter(({ trial }) => trial >= first)
  rmSync(store, { recursive: true })
  // Each trial says when it began and ended in its worker, ms since 1970.
  const began = Math.min(...trials.map(({ metrics }) => metrics.began))
  const ended = Math.max(...trials.map(({ metrics }) => metrics.ended))
  const busy = trials.reduce((sum, { metrics }) => sum + metrics.ended - metrics.began, 0)
  // At both ends fewer trials than workers are under way, whatever the search does: one trial's time a worker.
  const idle = 1 - busy / (workers * (ended - began))
  return { idle, lateness }
}

console.log(
  `Workers' idle time, trials ${first} … ${last - 1} of 100 ms, 10 parameters, 4 in flight.\n${machine()}\n`,
)
const rows: (string | number)[][] = [['search', 'workers', 'idle', 'main thread blocked at most, ms']]
for (const [algorithm, workers] of [
  ['bayesian', 1],
  ['bayesian', 2],
  ['random', 2],
] as const) {
  const { idle, lateness } = await measure(algorithm, workers)
  rows.push([algorithm, workers, `${figure(100 * idle)}%`, figure(lateness)])
}
console.log(table(rows))
console.log('\nTo reach: under 2% with Bayesian search.')
