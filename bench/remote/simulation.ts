/**
 * How far one queue goes, with 10, 100 and 1,000 workers: the coordinator and the workers as they are, on a queue in memory and a clock whose
 * time passes as fast as the work in it is done. What is counted there is priced by what each thing costs on a real Redis.
 *
 *     npm run bench:remote:simulation -- [--workers 10,100,1000] [--seconds 60]
 *
 * A sweep of three trials a worker, each of one fit that takes --seconds; measured from the end of the first of each worker to the end of the last.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Counts } from '../../test/remote/simulation/queue.js'
import { World } from '../../test/remote/simulation/world.js'
import { figure, machine, table } from '../report.js'
import { type Price, type Prices, pricesOnRedis } from './prices.js'
import { coordinatorShare } from './profile.js'
import { fixture } from './sweeps.js'

const { values: options } = parseArgs({
  options: {
    workers: { type: 'string', default: '10,100,1000' },
    seconds: { type: 'string', default: '60' },
  },
})
const fitMs = 1000 * Number(options.seconds)

interface Simulated {
  readonly workers: number
  /** On the simulated clock, measured part alone. */
  readonly seconds: number
  readonly trials: number
  readonly counts: Counts
  /** ms of this thread in coordinator, record and search. */
  readonly coordinator: number
}

async function simulate(workers: number): Promise<Simulated> {
  const world = new World({ fitMs })
  await world.open()
  for (let i = 0; i < workers; i++) world.start()
  const store = mkdtempSync(join(tmpdir(), 'espalier-bench-'))
  const profiler = new Session()
  profiler.connect()
  await profiler.post('Profiler.enable')
  await profiler.post('Profiler.setSamplingInterval', { interval: 500 })
  const trials = 3 * workers
  let ended = 0
  let [began, over] = [0, 0]
  let [before, after]: [Counts, Counts] = [{}, {}]
  let profile: ReturnType<typeof stopped> | null = null
  const stopped = async () => (await profiler.post('Profiler.stop')).profile
  await world.sweep(
    { name: 'simulated', parameters: { x: { type: 'float', min: -1, max: 1 } } },
    {
      trainer: fixture('no-op'),
      algorithm: 'random',
      trials,
      parallel: 2 * workers,
      store,
      onEvent({ type }) {
        if (type !== 'trial-ended') return
        ended++
        if (ended === workers) {
          began = world.clock.now()
          before = structuredClone(world.queue.counts)
          void profiler.post('Profiler.start')
        } else if (ended === trials) {
          over = world.clock.now()
          after = structuredClone(world.queue.counts)
          profile = stopped()
        }
      },
    },
  )
  const coordinator = coordinatorShare(await profile!)
  profiler.disconnect()
  await world.close()
  rmSync(store, { recursive: true })
  return {
    workers,
    seconds: (over - began) / 1000,
    trials: trials - workers,
    counts: between(before, after),
    coordinator,
  }
}

function between(before: Counts, after: Counts): Counts {
  return Object.fromEntries(
    Object.entries(after).map(([name, { times, characters }]) => [
      name,
      { times: times - (before[name]?.times ?? 0), characters: characters - (before[name]?.characters ?? 0) },
    ]),
  )
}

/** What the process that runs the sweep asks of the queue, or takes from it. */
const coordinators = ['offer', 'message', 'state of an offer', 'announce a sweep', 'listed worker']

/** How often each thing was asked for, by the names that have prices. */
function asked({ counts, workers }: Simulated): Record<string, number> {
  const times = Object.fromEntries(Object.entries(counts).map(([name, one]) => [name, one.times]))
  return { ...times, 'listed worker': (times['list workers'] ?? 0) * workers }
}

function cost(
  simulated: Simulated,
  { each }: Prices,
  names: (name: string) => boolean,
  of: keyof Price,
): number {
  let sum = 0
  for (const [name, times] of Object.entries(asked(simulated)))
    if (names(name)) sum += times * (each[name]?.[of] ?? 0)
  return sum
}

console.log(`${machine()}\n`)
const prices = await pricesOnRedis()
console.log(
  `What things cost on Redis, ms of a processor; a worker has ${prices.connections} connections.\n\n${table([
    ['', 'Redis', 'who asks'],
    ...Object.entries(prices.each).map(([name, { redis, asker }]) => [name, figure(redis), figure(asker)]),
    ['a second of a worker with a fit', figure(prices.workerSecond.redis), figure(prices.workerSecond.asker)],
  ])}\n`,
)
const rows: string[][] = [
  [
    'workers',
    'trials/s',
    'seats busy',
    'asked of the queue, /s',
    'of it for trials',
    'kB/s',
    'Redis',
    'coordinator',
    'of it its own',
    'connections',
  ],
]
for (const workers of options.workers.split(',').map(Number)) {
  const simulated = await simulate(workers)
  const { seconds, trials, counts, coordinator } = simulated
  const all = Object.values(counts)
  const forTrials = ['offer', 'claim', 'message'].reduce((sum, name) => sum + (counts[name]?.times ?? 0), 0)
  const percent = (ms: number) => `${figure((100 * ms) / 1000 / seconds)} %`
  const redis = cost(simulated, prices, () => true, 'redis') + workers * seconds * prices.workerSecond.redis
  const asking = cost(simulated, prices, (name) => coordinators.includes(name), 'asker')
  rows.push([
    figure(workers),
    figure(trials / seconds),
    `${figure((100 * trials * fitMs) / 1000 / seconds / workers)} %`,
    figure(all.reduce((sum, { times }) => sum + times, 0) / seconds),
    figure(forTrials / seconds),
    figure(all.reduce((sum, { characters }) => sum + characters, 0) / 1000 / seconds),
    percent(redis),
    percent(coordinator + asking),
    percent(coordinator),
    figure(prices.connections * workers + 4),
  ])
}
console.log(
  `Trials of ${fitMs / 1000} s, one seat a worker, twice as many in flight as seats, random search.\nRedis and coordinator: of one processor each.\n\n${table(rows)}`,
)
process.exit()
