/**
 * What it costs a sweep to be sent to an MLflow server as it goes: sweeps without and with `--mlflow`, in turn, against a stand-in that
 * costs next to nothing and, where Python has MLflow (`ESPALIER_BENCH_PYTHON`, else `python3`), a real server (SQLite, one worker).
 * Needs the built package (`ESPALIER_BENCH_DIST`, to measure that of another checkout; several, with commas, take turns).
 */
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { able, mlflowServer } from '../../test/long/mlflow-server.js'
import { figure, machine, median, table } from '../report.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const programs = (process.env.ESPALIER_BENCH_DIST ?? join(root, 'dist')).split(',')
const rounds = Number(process.env.ESPALIER_BENCH_ROUNDS ?? 5)
const place = mkdtempSync(join(tmpdir(), 'espalier-bench-live-'))
const noOp = join(place, 'no-op.json')
writeFileSync(
  noOp,
  JSON.stringify({
    name: 'no-op',
    trainer: join(root, 'bench/speed/fixtures/no-op.mjs'),
    search: { algorithm: 'random', trials: 1000, parallel: 8, seed: 1 },
    parameters: { x: { type: 'float', min: -1, max: 1 }, y: { type: 'int', min: 1, max: 1000 } },
  }),
)
const sweeps = [
  {
    title: 'wine-knn, 100 trials',
    trials: 100,
    args: [join(root, 'search-spaces/wine-knn.json'), '--trials', '100'],
    isReal: true,
  },
  // More than a real server takes in the minute after its end.
  { title: 'no-op module, 1000 trials', trials: 1000, args: [noOp], isReal: false },
]

interface Taken {
  /** s from its beginning to its end, as the result says. */
  readonly sweep: number
  /** s until the process had ended. */
  readonly whole: number
  /** s that the main thread was at work. */
  readonly main: number
  /** s of processor time of the process, its threads included. */
  readonly processor: number
}

// The process itself writes down what it took as it ends.
const watch = `data:text/javascript,import{isMainThread}from'node:worker_threads';import{writeFileSync}from'node:fs';import{performance}from'node:perf_hooks';isMainThread&&process.on('exit',()=>{const{user,system}=process.cpuUsage();writeFileSync(process.env.BENCH_TIME,JSON.stringify({main:performance.eventLoopUtilization().active/1e3,processor:(user+system)/1e6}))})`

let count = 0
function measure(dist: string, args: readonly string[], more: readonly string[]): Taken {
  const store = join(place, `store-${++count}`)
  const time = join(place, 'time')
  const began = performance.now()
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', watch, join(dist, 'cli/main.js'), 'sweep', ...args, ...more, '--store', store, '--json'],
    { encoding: 'utf8', env: { ...process.env, BENCH_TIME: time, NO_PROXY: '*' }, maxBuffer: 2 ** 28 },
  )
  const whole = (performance.now() - began) / 1000
  if (status !== 0 || /warning|not on the MLflow/.test(stderr))
    throw new Error(`it ended with ${status}: ${stderr}`)
  const { seconds } = JSON.parse(stdout) as { seconds: number }
  return {
    sweep: seconds,
    whole,
    ...(JSON.parse(readFileSync(time, 'utf8')) as Pick<Taken, 'main' | 'processor'>),
  }
}

const standIn = fork(fileURLToPath(new URL('./mlflow-stand-in.ts', import.meta.url)), [], {
  execArgv: process.execArgv,
})
const [standInUrl] = (await once(standIn, 'message')) as [string]
const asked = async () => {
  standIn.send('')
  return ((await once(standIn, 'message')) as [string[]])[0].length
}
const real = able ? await mlflowServer(place) : null

try {
  await real?.start()
  const targets = [
    { server: 'none', more: [] },
    { server: 'stand-in', more: ['--mlflow', standInUrl] },
    ...(real === null ? [] : [{ server: 'MLflow', more: ['--mlflow', real.url] }]),
  ]
  console.log(`Sweeps sent to a server as they go, in turn: medians of ${rounds}.\n${machine()}\n`)
  const lines: (string | number)[][] = []
  for (const { title, trials, args, isReal } of sweeps) {
    const arms = targets
      .filter(({ server }) => isReal || server !== 'MLflow')
      .flatMap((target) => programs.map((dist) => ({ ...target, dist, taken: [] as Taken[], asked: 0 })))
    for (let round = 0; round < rounds; round++)
      for (const arm of arms) {
        arm.taken.push(measure(arm.dist, args, arm.more))
        arm.asked = await asked()
      }
    const of = (arm: (typeof arms)[number], what: keyof Taken) => median(arm.taken.map((one) => one[what]))
    for (const arm of arms) {
      const none = arms.find(({ server, dist }) => server === 'none' && dist === arm.dist)!
      lines.push([
        title,
        ...(programs.length > 1 ? [arm.dist] : []),
        arm.server,
        figure(of(arm, 'sweep')),
        `${figure(of(arm, 'sweep') / of(none, 'sweep'))}×`,
        figure(of(arm, 'whole')),
        figure((1000 * (of(arm, 'main') - of(none, 'main'))) / trials),
        figure((1000 * (of(arm, 'processor') - of(none, 'processor'))) / trials),
        arm.asked > 0 ? figure(arm.asked / trials) : '',
      ])
    }
  }
  const head = ['sweep', ...(programs.length > 1 ? ['program'] : []), 'server']
  console.log(
    table([
      [
        ...head,
        'sweep s',
        'against none',
        'process s',
        'main thread ms a trial',
        'processor ms a trial',
        'requests a trial',
      ],
      ...lines,
    ]),
  )
} finally {
  await real?.kill()
  standIn.disconnect()
  rmSync(place, { recursive: true, force: true })
}
