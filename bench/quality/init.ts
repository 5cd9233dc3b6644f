/**
 * How good the sweeps are that `espalier init` drafts: the best of 60 trials against scikit-learn's defaults of the same learners on the
 * same folds, and against a sweep made by hand over the family that suits the data, of as many trials.
 *
 * Options: --trials N (60), --only NAME. Python with scikit-learn: ESPALIER_BENCH_PYTHON, or python3.
 *
 * The ranges were not tuned on any of these data sets; iris, wine, breast-cancer and diabetes were looked at while they were
 * written down, the others were not.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { sweep } from '../../src/index.js'
import { divideRows, readSweepData } from '../../src/launch/data.js'
import { initSweep, readJsonFile } from '../../src/launch/index.js'
import { randomStream } from '../../src/numeric/index.js'
import type { DataJson, ParametersJson, ValidationJson } from '../../src/space/index.js'
import { rowsOf } from '../../src/training/index.js'
import { machine, table } from '../report.js'

const { values: options } = parseArgs({
  options: { trials: { type: 'string', default: '60' }, only: { type: 'string' } },
})
const trials = Number(options.trials)
const directory = mkdtempSync(join(tmpdir(), 'espalier-bench-init-'))

interface Case {
  readonly name: string
  readonly file: string
  readonly target: string
  /** Somebody who knows the data would search over this. */
  readonly byHand: { readonly trainer: string; readonly parameters: ParametersJson }
}

const log = (min: number, max: number) => ({ type: 'float', min, max, scale: 'log' }) as const
const vectors = { trainer: 'svm-classifier', parameters: { cost: log(0.1, 1000), gamma: log(0.0003, 1) } }
const boosting = (kind: string) => ({
  trainer: `boosted-trees-${kind}`,
  parameters: {
    rounds: { type: 'int', min: 50, max: 400, scale: 'log' },
    learningRate: log(0.02, 0.3),
    maxLeaves: { type: 'int', min: 4, max: 63, scale: 'log' },
    minSamplesLeaf: { type: 'int', min: 2, max: 50, scale: 'log' },
  } as const,
})
const linear = { trainer: 'linear-regressor', parameters: { l2: log(1e-6, 10), l1: log(1e-6, 1) } }

const kept = (name: string) => fileURLToPath(new URL(`../../search-spaces/data/${name}.csv`, import.meta.url))
const cases: readonly Case[] = [
  { name: 'iris', file: kept('iris'), target: 'species', byHand: vectors },
  { name: 'wine', file: kept('wine'), target: 'cultivar', byHand: vectors },
  { name: 'breast-cancer', file: kept('breast-cancer'), target: 'diagnosis', byHand: vectors },
  { name: 'diabetes', file: kept('diabetes'), target: 'progression', byHand: linear },
  { name: 'penguins', file: kept('penguins'), target: 'species', byHand: vectors },
  { name: 'digits', file: kept('digits'), target: 'digit', byHand: vectors },
  {
    name: 'rings',
    file: made('rings', 600, 6, (x, noise) => (x[0] * x[0] + x[1] * x[1] + 0.3 * noise > 1.4 ? 'out' : 'in')),
    target: 'y',
    byHand: vectors,
  },
  {
    name: 'rare',
    file: made('rare', 1500, 10, (x, noise) => (x[0] + x[1] * x[2] + 0.5 * noise > 2.1 ? 'ill' : 'well')),
    target: 'y',
    byHand: boosting('classifier'),
  },
  {
    name: 'friedman',
    file: made('friedman', 500, 10, (x, noise) => {
      const [a, b, c, d, e] = x.map((value) => (Math.tanh(value) + 1) / 2)
      return 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) * (c - 0.5) + 10 * d + 5 * e + noise
    }),
    target: 'y',
    byHand: boosting('regressor'),
  },
  {
    name: 'sparse',
    file: made('sparse', 300, 30, (x, noise) => 3 * x[0] - 2 * x[1] + x[2] + 0.5 * x[3] + 2 * noise),
    target: 'y',
    byHand: linear,
  },
]

/** A file of standard normal columns, and an answer. */
function made(
  name: string,
  rows: number,
  columns: number,
  answer: (x: number[], noise: number) => number | string,
): string {
  const random = randomStream(1, 'bench', name)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
  const lines = [[...Array.from({ length: columns }, (_, j) => `x${j}`), 'y'].join(',')]
  for (let i = 0; i < rows; i++) {
    const x = Array.from({ length: columns }, normal)
    lines.push([...x, answer(x, normal())].join(','))
  }
  const file = join(directory, `${name}.csv`)
  writeFileSync(file, lines.join('\n'))
  return file
}

interface Drafted {
  readonly data: DataJson
  readonly validation: ValidationJson
  readonly objective: { readonly metric: string }
}

/** The best default of scikit-learn's on the same folds; null without it. */
function theirs(
  { file, target, name }: Case,
  drafted: Drafted,
  folds: number[][],
): { value: number; by: string } | null {
  const asked = join(directory, `${name}.json`)
  const { data, objective } = drafted
  writeFileSync(
    asked,
    JSON.stringify({ file, target, folds, metric: objective.metric, exclude: data.exclude ?? [] }),
  )
  const python = process.env.ESPALIER_BENCH_PYTHON ?? 'python3'
  const script = fileURLToPath(new URL('peers/sklearn_defaults.py', import.meta.url))
  const env = { ...process.env, OMP_NUM_THREADS: '1' }
  const { status, stdout, stderr } = spawnSync(python, [script, asked], { encoding: 'utf8', env })
  if (status === 0) return JSON.parse(stdout)
  process.stderr.write(`without scikit-learn: ${stderr.trim().split('\n').pop()}\n`)
  return null
}

async function judged(one: Case): Promise<string[]> {
  const file = join(directory, `${one.name}-sweep.jsonc`)
  const { task } = await initSweep(one.file, { target: one.target, out: file, trials })
  const drafted = (await readJsonFile(file)) as unknown as Drafted
  const { loaded } = await readSweepData(drafted.data, directory, task)
  const { resampling } = divideRows(loaded, drafted.validation, 0, one.file)
  // Each row by its place in the file: the rest of the rows without the holdout part is fitted on.
  const folds = Array.from({ length: resampling.folds }, (_, fold) => [
    ...rowsOf(resampling, { kind: 'fold', fold }),
  ])
  const began = performance.now()
  const ours = await sweep(file, { store: join(directory, 'runs') })
  const seconds = (performance.now() - began) / 1000
  const hand = await sweep(
    {
      ...one.byHand,
      data: { ...drafted.data, file: one.file },
      validation: drafted.validation,
      objective: drafted.objective,
      search: { trials },
    } as never,
    { store: join(directory, 'runs') },
  )
  const peer = theirs(one, drafted, folds)
  const figure = (value: number | undefined) => (value === undefined ? '' : value.toFixed(4))
  const deviation = deviationOf(ours.best?.metrics ?? {}, drafted.objective.metric)
  return [
    one.name,
    drafted.objective.metric,
    figure(ours.best?.value),
    String(ours.families?.[0].trainer ?? ''),
    figure(peer?.value),
    peer?.by ?? '',
    figure(hand.best?.value),
    deviation,
    seconds.toFixed(0),
  ]
}

/** Between folds, where it is among the metrics. */
function deviationOf(metrics: Readonly<Record<string, number>>, metric: string): string {
  const found = Object.entries(metrics).find(
    ([name]) => name.startsWith(metric) && /Std|Deviation/i.test(name),
  )
  return found === undefined ? '' : found[1].toFixed(4)
}

const rows: string[][] = []
for (const one of cases) {
  if (options.only !== undefined && one.name !== options.only) continue
  rows.push(await judged(one))
  process.stderr.write(`${one.name} done\n`)
}
console.log(`${machine()}\n${trials} trials, seed 0\n`)
console.log(
  table([['data', 'metric', 'init', 'by', 'scikit-learn', 'by', 'by hand', 'between folds', 's'], ...rows]),
)
rmSync(directory, { recursive: true, force: true })
