/**
 * What it takes to tell what mattered in a sweep: milliseconds and memory of `insightOf`, of one surface, and of the shares in the
 * last lines of a sweep, by number of trials of 20 parameters, two of them conditional.
 *
 *   npm run bench:insight -- [--trials 10,100,1000,10000,50000]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { insightOf, sharesOf, surfaceOf } from '../../src/analysis/index.js'
import { openStore, type ParentRun } from '../../src/tracking/index.js'
import { makeSweep } from '../../test/dashboard/sweeps.js'
import { figure, machine, table } from '../report.js'

const { values: options } = parseArgs({
  options: { trials: { type: 'string', default: '10,100,1000,10000,50000' } },
})

const timed = <T>(work: () => T): [ms: number, T] => {
  const start = performance.now()
  const result = work()
  return [performance.now() - start, result]
}

const directory = await mkdtemp(join(tmpdir(), 'espalier-insight-'))
const rows: (string | number)[][] = [
  ['trials', 'read ms', 'insight ms', 'again ms', 'surface ms', 'line ms', 'MB', 'tells'],
]
try {
  for (const trials of options.trials.split(',').map(Number)) {
    const { id } = await makeSweep(join(directory, String(trials)), { trials, steps: 3 })
    const store = await openStore(join(directory, String(trials)))
    const sweep = (await store.run(id)) as ParentRun
    const before = performance.now()
    const runs = await store.trials(id)
    const read = performance.now() - before
    const heap = process.memoryUsage().heapUsed
    const [first, insight] = timed(() => insightOf(sweep, runs))
    const grown = process.memoryUsage().heapUsed - heap
    const [again] = timed(() => insightOf(sweep, [...runs]))
    const [x, y] = insight.parameters.map(({ name }) => name)
    const [surface] = timed(() => surfaceOf(sweep, runs, x ?? '', y ?? ''))
    const [line] = timed(() => sharesOf(sweep, runs))
    const times = [read, first, again, surface, line].map(figure)
    rows.push([trials, ...times, figure(grown / 1e6), insight.unsure === null ? 'yes' : 'no'])
  }
} finally {
  await rm(directory, { recursive: true })
}
console.log(machine())
console.log(table(rows))
