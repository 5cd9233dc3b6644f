/**
 * What a report with a checkpoint costs, beside the plain way: `cp -r` of the whole folder and `sync` of its files, as a script would do it.
 *
 * One file of 1 KB, 1 MB and 100 MB that changes with every report; 1 to 1,000 files of 100 KB of which one changes; and 100 MB beside
 * a small file that alone changes. Both ways take turns in one run, on one disk; the share says how much of the plain way's time ours
 * takes. A checkpoint of ours is also checked by digests, and whole or not at all.
 */
import { execFileSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCheckpoint } from '../../src/execution/checkpoint.js'
import { FitNotes, type FitPlan } from '../../src/training/index.js'
import { figure, machine, median, table } from '../report.js'

const rounds = 7
const plan: FitPlan = {
  trainer: { kind: 'command', command: ['train'], directory: '/' },
  data: null,
  resampling: null,
  seed: 1,
  objectiveMetric: 'loss',
}

interface Scenario {
  readonly name: string
  readonly files: number
  readonly bytes: number
  /** Of each file that changes with a report; the first one. */
  readonly changed: number
}

const scenarios: readonly Scenario[] = [
  { name: '1 KB', files: 1, bytes: 1e3, changed: 1e3 },
  { name: '1 MB', files: 1, bytes: 1e6, changed: 1e6 },
  { name: '100 MB', files: 1, bytes: 1e8, changed: 1e8 },
  { name: '100 MB, 1 KB of it changes', files: 2, bytes: 1e8, changed: 1e3 },
  ...[1, 10, 100, 1000].map((files) => ({
    ...{ name: `${files} of 100 KB, one changes`, files, bytes: 1e5, changed: 1e5 },
  })),
]

function fill(folder: string, { files, bytes, changed }: Scenario): void {
  for (let i = 0; i < files; i++) writeFileSync(join(folder, `file-${i}`), noise(i === 0 ? changed : bytes))
}

const noise = (bytes: number) => randomFillSync(Buffer.alloc(bytes))

async function timed(work: () => unknown): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

async function measure(scenario: Scenario) {
  const root = mkdtempSync(join(tmpdir(), 'espalier-bench-'))
  const notes = new FitNotes()
  const checkpoint = await openCheckpoint({
    plan,
    checkpoints: { folder: join(root, 'ours'), limitMB: 10_000 },
    job: { trial: 0, attempt: 0, part: { kind: 'whole' }, params: {} },
    notes,
  })
  const work = join(root, 'work')
  mkdirSync(work)
  for (const folder of [work, checkpoint.folder]) fill(folder, scenario)
  const ours: number[] = []
  const plain: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const content = noise(scenario.changed)
    for (const folder of [work, checkpoint.folder]) writeFileSync(join(folder, 'file-0'), content)
    const copy = join(root, `copy-${round}`)
    const a = await timed(() =>
      checkpoint.keep(
        { step: round, metrics: { loss: round } },
        () => false,
        () => [],
      ),
    )
    const b = await timed(() => {
      execFileSync('sh', ['-c', 'cp -r "$1" "$2" && find "$2" -print0 | xargs -0 sync', 'sh', work, copy])
    })
    rmSync(copy, { recursive: true })
    // The first one has everything to copy.
    if (round === 0) continue
    ours.push(a)
    plain.push(b)
  }
  if (notes.list().length > 0) throw new Error(notes.list()[0].message)
  rmSync(root, { recursive: true })
  return { ours: median(ours), plain: median(plain), share: median(ours.map((ms, i) => ms / plain[i])) }
}

console.log(
  `A report with a checkpoint, beside cp -r and sync of the whole folder: medians of ${rounds}.\n${machine()}\n`,
)
const rows: (string | number)[][] = [['checkpoint', 'ours, ms', 'cp -r and sync, ms', 'share']]
for (const scenario of scenarios) {
  const { ours, plain, share } = await measure(scenario)
  rows.push([scenario.name, figure(ours), figure(plain), figure(share)])
}
console.log(table(rows))
