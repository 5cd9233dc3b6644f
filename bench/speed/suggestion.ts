/**
 * The speed bench of the search: milliseconds of processor time a suggestion, by number of trials and of parameters,
 * beside Optuna's GP in the same run.
 *
 *   npm run bench:speed:suggestion -- [--trials 50,100,200,500,1000,2000] [--parameters 2,10,20,50] [--own]
 *
 * A history of n random trials of a noisy bowl is given; then ten suggestions are asked, each told before the next. The
 * first is left out (it factorises the whole matrix, the others extend it). Optuna is asked three times up to 500
 * trials, once at 1,000, and not beyond. `--own` leaves Optuna out.
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { randomStream } from '../../src/numeric/index.js'
import { createSearcher, type ObservedTrial } from '../../src/search/index.js'
import { createSpace } from '../../src/space/index.js'
import type { Params } from '../../src/values.js'
import { endPeers, openOptuna } from '../quality/peers.js'
import { median } from '../quality/scores.js'

const { values: options } = parseArgs({
  options: {
    trials: { type: 'string', default: '50,100,200,500,1000,2000' },
    parameters: { type: 'string', default: '2,10,20,50' },
    own: { type: 'boolean', default: false },
  },
})

function parametersOf(d: number, mixed: boolean) {
  return Object.fromEntries(
    Array.from({ length: d }, (_, i) => {
      if (mixed && i % 3 === 1)
        return [`x${i}`, { type: 'categorical', values: ['a', 'b', 'c', 'd'] } as const]
      if (mixed && i % 3 === 2) return [`x${i}`, { type: 'int', min: 1, max: 30 } as const]
      return [`x${i}`, { type: 'float', min: 0, max: 1 } as const]
    }),
  )
}

function objective(params: Params, trial: number): number {
  let sum = 0.05 * randomStream(1, 'noise', trial).normal()
  Object.values(params).forEach((v, i) => {
    const u =
      typeof v === 'string' ? 'abcd'.indexOf(v) / 4 : Number.isInteger(v) ? (v as number) / 30 : (v as number)
    sum += (u - 0.3 - 0.4 * ((i % 5) / 5)) ** 2
  })
  return sum
}

function randomHistory(parameters: ReturnType<typeof parametersOf>, n: number): ObservedTrial[] {
  const space = createSpace(parameters)
  const random = randomStream(1, 'history', n)
  return Array.from({ length: n }, (_, trial) => {
    const params = space.decode(Float64Array.from(space.dimensions, () => random.next()))
    const value = objective(params, trial)
    return { trial, params, origin: { rule: 'initial', index: trial }, outcome: 'finished', values: [value] }
  })
}

async function ours(d: number, n: number, mixed: boolean): Promise<{ usual: number; slowest: number }> {
  const parameters = parametersOf(d, mixed)
  const trials = randomHistory(parameters, n)
  const searcher = await createSearcher(createSpace(parameters), {
    algorithm: 'bayesian',
    seed: 1,
    trials: null,
    parallel: 1,
  })
  const times: number[] = []
  for (let k = 0; k < 17; k++) {
    const start = process.cpuUsage()
    const suggestion = (await searcher.suggest({ directions: ['minimize'], trials, pending: [] }, n + k))!
    const { user, system } = process.cpuUsage(start)
    times.push((user + system) / 1000)
    trials.push({
      trial: n + k,
      ...suggestion,
      outcome: 'finished',
      values: [objective(suggestion.params, n + k)],
    })
  }
  return { usual: median(times.slice(1)), slowest: Math.max(...times.slice(1)) }
}

async function optuna(d: number, n: number, mixed: boolean): Promise<number | null> {
  const parameters = parametersOf(d, mixed)
  const peer = await openOptuna('gp', parameters, 1)
  await peer.import(randomHistory(parameters, n).map(({ params, values: [value] }) => ({ params, value })))
  const times: number[] = []
  for (let k = 0; k < (n >= 1000 ? 1 : 3); k++) {
    const { trial, params, milliseconds } = await peer.ask()
    times.push(milliseconds)
    await peer.tell(trial, objective(params, n + k))
  }
  peer.close()
  return median(times)
}

const counts = options.trials.split(',').map(Number)
console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores; one thread`,
)
console.log('\nMilliseconds of processor time a suggestion: median of 16 (slowest).\n')
// The loops are learnt before anything is measured.
await ours(5, 60, false)
await ours(6, 60, true)
console.log(`| parameters | method | ${counts.map((n) => `n = ${n}`).join(' | ')} |`)
console.log(`|---|---|${counts.map(() => '---').join('|')}|`)
for (const d of options.parameters.split(',').map(Number)) {
  for (const mixed of [false, true]) {
    const name = `${d} ${mixed ? 'mixed' : 'continuous'}`
    const cells: string[] = []
    for (const n of counts) {
      const { usual, slowest } = await ours(d, n, mixed)
      cells.push(`${usual.toFixed(0)} (${slowest.toFixed(0)})`)
    }
    console.log(`| ${name} | Espalier | ${cells.join(' | ')} |`)
    if (options.own) continue
    const peers: string[] = []
    try {
      for (const n of counts) {
        const time = n > 1000 ? null : await optuna(d, n, mixed)
        peers.push(time === null ? '–' : time.toFixed(0))
      }
      console.log(`| ${name} | Optuna GP | ${peers.join(' | ')} |`)
    } catch (error) {
      console.log(`Optuna is left out: ${(error as Error).message}`)
    }
  }
}
endPeers()
