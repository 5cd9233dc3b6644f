/**
 * Two workers against one, on trials that keep a processor busy; and what the pool of threads costs beside the
 * same work done in one thread without any of Espalier.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sweep } from '../../src/index.js'
import { figure, machine, median, table } from '../report.js'
import busy from './fixtures/busy.mjs'

const trials = 100
const rounds = 5

async function seconds(workers: number): Promise<number> {
  const store = mkdtempSync(join(tmpdir(), 'espalier-bench-'))
  let started = 0
  let ended = 0
  await sweep(
    { name: 'busy', parameters: { x: { type: 'float', min: 0, max: 1 } } },
    {
      trainer: fileURLToPath(new URL('./fixtures/busy.mjs', import.meta.url)),
      algorithm: 'random',
      trials,
      parallel: 4,
      workers,
      store,
      // From the first trial to the last: starting threads is paid once a sweep.
      onEvent(event) {
        if (event.type === 'started') started = performance.now()
        if (event.type === 'trial-ended') ended = performance.now()
      },
    },
  )
  rmSync(store, { recursive: true })
  return (ended - started) / 1000
}

function plainLoop(): number {
  const started = performance.now()
  for (let i = 0; i < trials; i++) busy.objective({ x: i / trials })
  return (performance.now() - started) / 1000
}

console.log(`${trials} processor-bound trials, ${rounds} rounds in turn, medians.\n${machine()}\n`)
plainLoop()
const measured = { plain: [] as number[], one: [] as number[], two: [] as number[] }
for (let round = 0; round < rounds; round++) {
  measured.plain.push(plainLoop())
  measured.one.push(await seconds(1))
  measured.two.push(await seconds(2))
}
const [plain, one, two] = [median(measured.plain), median(measured.one), median(measured.two)]
console.log(
  table([
    ['', 'seconds', 'against one worker'],
    ['a plain loop', figure(plain), `${figure(one / plain)}×`],
    ['1 worker', figure(one), '1×'],
    ['2 workers', figure(two), `${figure(one / two)}×`],
  ]),
)
console.log('\nTo reach: 2 workers at least 1.9× as fast as 1, on two cores.')
