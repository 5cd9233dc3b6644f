/** `espalier --help` beside `node -e 0`: the price of a command before it does anything. Needs the built package. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { figure, machine, median, table } from '../report.js'

const rounds = 21
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const commands: Record<string, string[]> = {
  'node -e 0': ['-e', '0'],
  'espalier --help': [main, '--help'],
  'espalier sweep --help': [main, 'sweep', '--help'],
  'espalier --version': [main, '--version'],
}

function milliseconds(args: string[]): number {
  const started = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args)
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return performance.now() - started
}

console.log(`Whole processes, ${rounds} rounds in turn, medians.\n${machine()}\n`)
const times = new Map(Object.keys(commands).map((name) => [name, [] as number[]]))
for (const args of Object.values(commands)) milliseconds(args)
for (let round = 0; round < rounds; round++)
  for (const [name, args] of Object.entries(commands)) times.get(name)!.push(milliseconds(args))
const base = median(times.get('node -e 0')!)
const rows = [...times].map(([name, values]) => {
  // Ratios pair by pair hold when the machine's speed drifts.
  const ratios = values.map((value, round) => value / times.get('node -e 0')![round])
  return [name, figure(median(values)), `${figure(median(ratios))}×`]
})
console.log(table([['command', 'ms', 'against node -e 0'], ...rows]))
console.log(`\nTo reach: espalier --help at most 2× (node alone: ${figure(base)} ms).`)
