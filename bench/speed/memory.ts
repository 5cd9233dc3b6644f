/**
 * What workers take of memory, with 1, 2, 4 and 8 of them. Needs the built package.
 *
 * First a trainer that needs nothing itself, on 10,000 and 100,000 rows × 64: columns are shared, so that a worker costs its thread, never a
 * copy of the data. Then real trainers on 100,000 rows × 30: what a worker prepares for its fits (`--shared-memory`), and what a fit needs.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStore } from '../../src/index.js'
import { randomStream } from '../../src/numeric/index.js'
import { figure, machine, table } from '../report.js'

const sizes = [10_000, 100_000]
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

function writeData(file: string, rows: number, columns: number): void {
  const random = randomStream(1, 'bench-memory')
  const lines = [[...Array.from({ length: columns }, (_, i) => `x${i}`), 'label'].join(',')]
  for (let row = 0; row < rows; row++) {
    const cells = Array.from({ length: columns }, () => random.next().toFixed(4))
    lines.push([...cells, row % 3 === 0 ? 'a' : 'b'].join(','))
  }
  writeFileSync(file, lines.join('\n'))
}

const directory = mkdtempSync(join(tmpdir(), 'espalier-bench-'))

/** Peak memory in bytes, as the sweep itself recorded of its process. */
async function peakOf(
  sweep: object,
  trials: number,
  workers: number,
  more: readonly string[] = [],
): Promise<number> {
  const file = join(directory, 'sweep.json')
  writeFileSync(file, JSON.stringify({ data: { file: 'data.csv', target: 'label' }, ...sweep }))
  const store = mkdtempSync(join(directory, 'runs-'))
  const args = ['sweep', file, '--workers', String(workers), '--store', store, '--json', ...more]
  const output = execFileSync(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  const { trials: ended } = JSON.parse(output.toString())
  if (ended.finished !== trials) throw new Error(`${ended.finished} of ${trials} trials finished`)
  const [{ sessions }] = await (await openStore(store)).sweeps()
  return sessions[0].conditions.peakMemoryBytes as number
}

console.log(`Peak memory of the program by number of workers.\n${machine()}\n`)
const megabyte = 2 ** 20
const body: (string | number)[][] = []
const idle = {
  trainer: fileURLToPath(new URL('./fixtures/column-means.mjs', import.meta.url)),
  search: { algorithm: 'grid' },
  parameters: { depth: { type: 'int', min: 1, max: 16 } },
}
for (const rows of sizes) {
  writeData(join(directory, 'data.csv'), rows, 64)
  let one = Number.NaN
  for (const workers of [1, 2, 4, 8]) {
    const peak = await peakOf(idle, 16, workers)
    if (workers === 1) one = peak
    const more = workers === 1 ? '' : figure((peak - one) / megabyte / (workers - 1))
    body.push([
      rows,
      figure((rows * 64 * 8) / megabyte),
      workers,
      figure(peak / megabyte),
      `${figure(peak / one)}×`,
      more,
    ])
  }
}
console.log(
  table([['rows', 'as numbers, MB', 'workers', 'peak, MB', 'against one', 'MB a further worker'], ...body]),
)
console.log('\nA further worker costs a thread, the same for little data and for much: no data is copied.\n')

writeData(join(directory, 'data.csv'), 100_000, 30)
const size = statSync(join(directory, 'data.csv')).size
const real: Record<string, object> = {
  'cart-classifier': { maxDepth: { type: 'int', min: 4, max: 12 } },
  'boosted-trees-classifier': { rounds: { type: 'int', min: 3, max: 8 } },
  'softmax-classifier': { l2: { type: 'float', min: 0.01, max: 1, scale: 'log' } },
}
const trained: (string | number)[][] = []
for (const [trainer, parameters] of Object.entries(real)) {
  for (const shared of [0, 256]) {
    const sweep = {
      trainer,
      parameters,
      search: { algorithm: 'random', trials: 6 },
      validation: { folds: 5 },
    }
    let one = Number.NaN
    for (const workers of [1, 4, 8]) {
      const peak = await peakOf(sweep, 6, workers, [
        '--shared-memory',
        String(shared),
        '--keep-models',
        'none',
      ])
      if (workers === 1) one = peak
      const more = (peak - one) / (workers - 1)
      trained.push([
        trainer,
        shared,
        workers,
        figure(peak / megabyte),
        workers === 1 ? '' : figure(more / megabyte),
        workers === 1 ? '' : `${figure(more / size)}×`,
      ])
    }
  }
}
console.log(`100,000 rows × 30, a file of ${figure(size / megabyte)} MB, 6 trials × 5 folds`)
console.log(
  table([
    ['trainer', '--shared-memory', 'workers', 'peak, MB', 'MB a further worker', 'of the file'],
    ...trained,
  ]),
)
rmSync(directory, { recursive: true })
