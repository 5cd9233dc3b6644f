/**
 * Data sets of 10,000 and 100,000 rows with 1, 2, 4 and 8 workers: columns are shared, so that a worker costs its thread and what
 * the trainer itself needs, never a copy of the data. Needs the built package.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStore } from '../../src/index.js'
import { randomStream } from '../../src/numeric/index.js'
import { figure, machine, table } from '../report.js'

const sizes = [10_000, 100_000]
const columns = 64
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

function writeData(file: string, rows: number): void {
  const random = randomStream(1, 'bench-memory')
  const lines = [[...Array.from({ length: columns }, (_, i) => `x${i}`), 'label'].join(',')]
  for (let row = 0; row < rows; row++) {
    const cells = Array.from({ length: columns }, () => random.next().toFixed(4))
    lines.push([...cells, row % 3 === 0 ? 'a' : 'b'].join(','))
  }
  writeFileSync(file, lines.join('\n'))
}

const directory = mkdtempSync(join(tmpdir(), 'espalier-bench-'))
writeFileSync(
  join(directory, 'shared.json'),
  JSON.stringify({
    trainer: fileURLToPath(new URL('./fixtures/column-means.mjs', import.meta.url)),
    data: { file: 'data.csv', target: 'label' },
    search: { algorithm: 'grid' },
    parameters: { depth: { type: 'int', min: 1, max: 16 } },
  }),
)

/** Peak memory in bytes, as the sweep itself recorded of its process. */
async function peakOf(workers: number, store: string): Promise<number> {
  const args = [
    'sweep',
    join(directory, 'shared.json'),
    '--workers',
    String(workers),
    '--store',
    store,
    '--json',
  ]
  const output = execFileSync(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  const { trials } = JSON.parse(output.toString())
  if (trials.finished !== 16) throw new Error(`${trials.finished} of 16 trials finished`)
  const [{ sessions }] = await (await openStore(store)).sweeps()
  return sessions[0].conditions.peakMemoryBytes as number
}

console.log(`Peak memory of the program by number of workers, ${columns} columns of numbers.\n${machine()}\n`)
const body: (string | number)[][] = []
for (const rows of sizes) {
  writeData(join(directory, 'data.csv'), rows)
  let one = Number.NaN
  for (const workers of [1, 2, 4, 8]) {
    const peak = await peakOf(workers, join(directory, `runs-${rows}-${workers}`))
    if (workers === 1) one = peak
    const more = workers === 1 ? '' : figure((peak - one) / 2 ** 20 / (workers - 1))
    const data = figure((rows * columns * 8) / 2 ** 20)
    body.push([rows, data, workers, figure(peak / 2 ** 20), `${figure(peak / one)}×`, more])
  }
}
console.log(
  table([['rows', 'as numbers, MB', 'workers', 'peak, MB', 'against one', 'MB a further worker'], ...body]),
)
console.log('\nA further worker costs a thread, the same for little data and for much: no data is copied.')
rmSync(directory, { recursive: true })
