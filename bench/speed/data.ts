/**
 * Reading a data file of 200,000 rows × 30 columns (24 of decimals, the others of texts, whole numbers, dates, truth values)
 * in every format and in several dialects: seconds, and peak memory over that of the process before, against the size of the file and of
 * the columns it becomes. Each read is a process of its own; beside them csv-parse, a general parser, on the same CSV. `npm run bench:data
 * -- 1000000` reads a CSV of so many rows, plain and packed, and looks at it as `data show` does.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { randomStream } from '../../src/numeric/index.js'
import { figure, machine, median, table } from '../report.js'

const usualRows = 200_000
const rows = Number(
  process.env.BENCH_ROWS ?? (/^\d+$/.test(process.argv[2] ?? '') ? process.argv[2] : usualRows),
)
const decimals = 24
const self = fileURLToPath(import.meta.url)

/** Column names and their cells. */
function makeColumns(): Map<string, (string | number | boolean)[]> {
  const random = randomStream(1, 'bench-data')
  const column = <T>(cell: (row: number) => T) => Array.from({ length: rows }, (_, row) => cell(row))
  const columns = new Map<string, (string | number | boolean)[]>()
  for (let i = 0; i < decimals; i++)
    columns.set(
      `x${i}`,
      column(() => Number((random.next() * 100).toFixed(4))),
    )
  columns.set(
    'city',
    column(() => `city ${random.integer(500)}`),
  )
  columns.set(
    'colour',
    column(() => ['red', 'green', 'blue'][random.integer(3)]),
  )
  columns.set(
    'count',
    column(() => random.integer(1e6)),
  )
  columns.set(
    'day',
    column(() => new Date(Date.UTC(2020, 0, 1 + random.integer(1500))).toISOString().slice(0, 10)),
  )
  columns.set(
    'member',
    column(() => random.next() < 0.5),
  )
  columns.set(
    'label',
    column(() => (random.next() < 0.5 ? 'yes' : 'no')),
  )
  return columns
}

async function writeFiles(directory: string): Promise<void> {
  const columns = makeColumns()
  const names = [...columns.keys()]
  const cells = [...columns.values()]
  const delimited = (mark: string, write: (cell: string | number | boolean) => string = String) => {
    const pieces = [Buffer.from(`${names.join(mark)}\n`)]
    // In pieces: all lines together would be longer than a string can be.
    for (let from = 0; from < rows; from += 50_000) {
      const lines: string[] = []
      for (let row = from; row < Math.min(rows, from + 50_000); row++)
        lines.push(cells.map((column) => write(column[row])).join(mark))
      pieces.push(Buffer.from(`${lines.join('\n')}\n`))
    }
    return Buffer.concat(pieces)
  }
  const csv = delimited(',')
  writeFileSync(join(directory, 'data.csv'), csv)
  writeFileSync(join(directory, 'data.csv.gz'), gzipSync(csv))
  if (rows !== usualRows) return
  writeFileSync(join(directory, 'data.tsv'), delimited('\t'))
  writeFileSync(
    join(directory, 'semicolons.csv'),
    delimited(';', (cell) => String(cell).replace('.', ',')),
  )
  writeFileSync(join(directory, 'utf16.csv'), Buffer.from(csv.toString(), 'utf16le'))
  const objects: string[] = []
  for (let row = 0; row < rows; row++) {
    objects.push(JSON.stringify(Object.fromEntries(names.map((name, i) => [name, cells[i][row]]))))
  }
  writeFileSync(join(directory, 'data.jsonl'), objects.join('\n'))
  const { parquetWriteBuffer } = await import('hyparquet-writer')
  const columnData = names.map((name, i) => ({ name, data: cells[i] }))
  writeFileSync(join(directory, 'data.parquet'), new Uint8Array(parquetWriteBuffer({ columnData })))
}

/** One read, in a process that does nothing else. */
async function readOnce(file: string, how: string): Promise<void> {
  const { inspectData, readDataset } = await import('../../src/data/index.js')
  const { parse } = await import('csv-parse')
  const before = process.memoryUsage.rss()
  const busy = process.cpuUsage()
  const started = performance.now()
  let found = 0
  if (how === 'csv-parse') {
    const parser = parse({ on_record: () => void found++ })
    const bytes = readFileSync(file)
    await new Promise((resolve, reject) => {
      parser.on('error', reject).on('end', resolve).resume()
      for (let at = 0; at < bytes.length; at += 1 << 18) parser.write(bytes.subarray(at, at + (1 << 18)))
      parser.end()
    })
    found--
  } else if (how === 'data show') found = (await inspectData(file, { target: 'label' })).rows
  else found = (await readDataset(file, { target: 'label' })).rows
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(busy)
  const peak = process.resourceUsage().maxRSS * 1024 - before
  console.log(JSON.stringify({ found, seconds, processor: (user + system) / 1e6, peak }))
}

if (process.argv[3]) await readOnce(process.argv[2], process.argv[3])
else {
  const directory = mkdtempSync(join(tmpdir(), 'espalier-bench-'))
  try {
    await writeFiles(directory)
    console.log(
      `Reading ${rows.toLocaleString('en')} rows × ${decimals + 6} columns; the median of 3 processes each.`,
    )
    console.log(`${machine()}\n`)
    const body: (string | number)[][] = []
    const usual = [
      ['data.csv', 'Espalier'],
      ['data.tsv', 'Espalier'],
      ['semicolons.csv', 'Espalier'],
      ['utf16.csv', 'Espalier'],
      ['data.csv.gz', 'Espalier'],
      ['data.jsonl', 'Espalier'],
      ['data.parquet', 'Espalier'],
      ['data.csv', 'data show'],
      ['data.csv', 'csv-parse'],
    ]
    const large = ['data.csv', 'data.csv.gz'].map((name) => [name, 'Espalier'])
    for (const [name, how] of rows === usualRows ? usual : [...large, ['data.csv', 'data show']]) {
      const file = join(directory, name)
      const runs = [1, 2, 3].map(() => {
        const output = execFileSync(process.execPath, ['--import', 'tsx', self, file, how], {
          env: { ...process.env, BENCH_ROWS: String(rows) },
        })
        return JSON.parse(output.toString()) as {
          found: number
          seconds: number
          processor: number
          peak: number
        }
      })
      if (runs.some(({ found }) => found !== rows)) throw new Error(`${name}: ${runs[0].found} rows read`)
      const of = (key: 'seconds' | 'processor' | 'peak') => median(runs.map((run) => run[key]))
      const size = statSync(file).size
      body.push([
        name,
        how,
        figure(size / 2 ** 20),
        figure(of('seconds')),
        figure(of('processor')),
        figure(of('peak') / 2 ** 20),
        `${figure(of('peak') / size)}×`,
      ])
    }
    console.log(
      table([['file', 'read by', 'MB', 'seconds', 'processor s', 'peak MB', 'of the file'], ...body]),
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
}
