/**
 * How fast trainers are beside Python's: fits, predictions and whole sweeps, in one run, on one thread each.
 *
 *     npm run bench:training -- [--only tree,SVM] [--sets digits,wide,letters,long,friedman] [--no-sweeps] [--no-fits] [--no-init] [--repeats 5]
 *
 * Times are of the processor (all threads of a process together), medians. A fit is one of a whole trainer on rows that nobody has
 * seen: preprocessing, ranking or binning, learning. "further": another fit on the same rows, as in a sweep. A sweep is
 * 50 trials at random × 5 folds with all that goes with it (reading the file, records on disk), by one worker of the built package
 * (`npm run build`), in a process of its own: from the call to its end; Python's loop, over data in memory, has the params of our trials. Scores: share predicted right, or R²; of a sweep, the best mean over folds.
 *
 * Python with scikit-learn (and LightGBM) is `ESPALIER_BENCH_PYTHON`, else `python3`; without it ours are measured alone.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { initSweep } from '../../src/launch/index.js'
import { randomStream } from '../../src/numeric/index.js'
import { describeTrainers, type Trainer, type TrainingContext } from '../../src/training/index.js'
import { Preparation, type PreparedContext } from '../../src/training/preparation.js'
import { figure, machine, median, table } from '../report.js'
import { type Family, families } from './training/families.js'
import { type BenchSet, divided, sets, written } from './training/sets.js'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    sets: { type: 'string' },
    repeats: { type: 'string', default: '5' },
    'no-sweeps': { type: 'boolean', default: false },
    'no-fits': { type: 'boolean', default: false },
    'no-init': { type: 'boolean', default: false },
  },
})
const repeats = Number(options.repeats)
const chosen = families.filter(
  ({ name }) => options.only === undefined || options.only.split(',').some((one) => name.startsWith(one)),
)
const allowed = (set: string) => options.sets === undefined || options.sets.split(',').includes(set)
const directory = mkdtempSync(join(tmpdir(), 'espalier-bench-'))

interface Measured {
  /** ms. */
  readonly fit: number
  readonly predict: number
  readonly score: number
  /** ms. */
  readonly further?: number
}

class Python {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(command: string) {
    const script = fileURLToPath(new URL('./training/peers.py', import.meta.url))
    const threads = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }
    this.#process = spawn(command, [script], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...threads },
    })
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]()
  }

  async ask(task: object): Promise<Measured | null> {
    this.#process.stdin!.write(`${JSON.stringify(task)}\n`)
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('Python ended before it answered')
    return JSON.parse(value)
  }

  end(): void {
    this.#process.stdin!.end()
  }
}

const command = process.env.ESPALIER_BENCH_PYTHON ?? 'python3'
const has = spawnSync(command, ['-c', 'import sklearn']).status === 0
const python = has ? new Python(command) : null
const byName = new Map((await describeTrainers()).map((trainer) => [trainer.name, trainer]))

const context = (preparation?: TrainingContext & PreparedContext): TrainingContext => ({
  seed: 7,
  random: randomStream(7, 'fit'),
  report: async () => 'continue',
  signal: new AbortController().signal,
  seat: 0,
  devices: [],
  checkpoint: '',
  step: 0,
  log: () => {},
  ...preparation,
})

/** ms of processor time. */
async function busy(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

async function ours(trainer: Trainer, { params }: Family, set: BenchSet, times: number): Promise<Measured> {
  const { training, heldOut } = divided(set)
  const fits: number[] = []
  const predictions: number[] = []
  const furthers: number[] = []
  let score = Number.NaN
  for (let i = 0; i <= times; i++) {
    let model = await trainer.fit(training, params, context())
    const fit = await busy(async () => {
      model = await trainer.fit(training, params, context())
    })
    let answers: ArrayLike<string | number> = []
    const predict = await busy(() => {
      answers = model.predict(heldOut)
    })
    const part = new Preparation(4096).part('all', () => ({
      training,
      heldOut,
      positions: heldOut.index,
    }))
    const shared = context({ preparation: part } as never)
    const complete = async () => (await trainer.fit(training, params, shared)).predict(heldOut)
    await complete()
    const further = await busy(complete)
    score = scoreOf(answers, heldOut)
    // The first time is for the compiler.
    if (i === 0) continue
    fits.push(fit)
    predictions.push(predict)
    furthers.push(further)
  }
  return { fit: median(fits), predict: median(predictions), further: median(furthers), score }
}

function scoreOf(
  answers: ArrayLike<string | number>,
  { target, index }: ReturnType<typeof divided>['heldOut'],
): number {
  if (target.kind === 'classes') {
    let right = 0
    index.forEach((row, i) => {
      if (answers[i] === target.classes[target.codes[row]]) right++
    })
    return right / index.length
  }
  const truth = Array.from(index, (row) => target.values[row])
  const mean = truth.reduce((sum, one) => sum + one / truth.length, 0)
  let errors = 0
  let spread = 0
  truth.forEach((value, i) => {
    const error = value - Number(answers[i])
    errors += error * error
    spread += (value - mean) * (value - mean)
  })
  return 1 - errors / spread
}

const share = (mine: number, theirs: number | undefined) =>
  theirs === undefined ? '' : `${figure(mine / theirs)}×`

console.log(`Processor ms on one thread, ours and as shares of each peer's.\n${machine()}`)
console.log(has ? '' : `\n${command} has no scikit-learn: ours alone.\n`)

if (!options['no-fits']) {
  const rows: (string | number)[][] = []
  for (const family of chosen) {
    const trainer = byName.get(family.trainer)
    if (trainer === undefined) throw new Error(`there is no trainer ${family.trainer}`)
    for (const name of family.sets.filter(allowed)) {
      const set = sets[name]()
      const times = name === 'long' ? Math.min(2, repeats) : repeats
      const mine = await ours(trainer, family, set, times)
      rows.push([
        family.name,
        set.name,
        'Espalier',
        figure(mine.fit),
        '',
        figure(mine.predict),
        '',
        mine.score.toFixed(4),
        figure(mine.further!),
      ])
      for (const [peer, model] of Object.entries(family.peers)) {
        const data = written(set, join(directory, name))
        const theirs = (await python?.ask({ data, model, repeats: Math.min(3, times) })) ?? null
        if (theirs === null) continue
        rows.push([
          '',
          '',
          peer,
          figure(theirs.fit),
          share(mine.fit, theirs.fit),
          figure(theirs.predict),
          share(mine.predict, theirs.predict),
          theirs.score.toFixed(4),
          '',
        ])
      }
    }
  }
  console.log(
    `\n${table([['family', 'set', 'of', 'fit', 'ours', 'predict', 'ours', 'score', 'further'], ...rows])}\n`,
  )
  console.log(
    `To reach, fit: ${families
      .filter(({ target }) => target !== undefined)
      .map(({ name, target }) => `${name} ${target}×`)
      .join(', ')}; boosting not above LightGBM's; neighbours: prediction.`,
  )
}

if (!options['no-sweeps']) {
  const rows: (string | number)[][] = []
  const shares: number[] = []
  for (const family of chosen) {
    if (family.sweep === undefined) continue
    for (const name of ['digits', 'wide'].filter(allowed)) {
      const set = sets[name]()
      const data = written(set, join(directory, name))
      const { params, cost, score } = sweepOurs(family, data.csv, name)
      const theirs = (await python?.ask({ data, model: family.sweep.peer, params })) ?? null
      if (theirs !== null) shares.push(cost / theirs.fit)
      rows.push([
        family.name,
        set.name,
        figure(cost),
        theirs === null ? '' : figure(theirs.fit),
        share(cost, theirs?.fit),
        score.toFixed(4),
        theirs === null ? '' : theirs.score.toFixed(4),
      ])
    }
  }
  console.log(
    `\nSweeps of 50 trials × 5 folds\n${table([['family', 'set', 'Espalier', 'scikit-learn', 'ours', 'best', 'best of scikit-learn'], ...rows])}`,
  )
  if (shares.length > 0)
    console.log(
      `\nIn the mean ${figure(shares.reduce((sum, one) => sum + one, 0) / shares.length)}× (geometric ${figure(Math.exp(shares.reduce((sum, one) => sum + Math.log(one), 0) / shares.length))}×); to reach: 0.2× in the mean.`,
    )
}

// What `init` drafts, with all of its trainers, and the same trials one by one: by 5 folds of the four fifths that are not held out.
if (!options['no-init']) {
  const rows: string[][] = []
  for (const name of ['digits', 'wide'].filter(allowed)) {
    const set = sets[name]()
    const data = written(set, join(directory, name))
    const file = join(directory, `${name}.jsonc`)
    await initSweep(data.csv, { target: 'y', out: file, trials: 60 })
    const { params, cost, score } = swept(`init-${name}`, file)
    // As ours keep probabilities of every trial only where the metric asks for them, so do theirs.
    const model = "lambda p: drafted({**p, 'rows': rows, 'probability': False})"
    const theirs = (await python?.ask({ data, model, params, heldOut: 0.2 })) ?? null
    rows.push([
      set.name,
      figure(cost / 1000),
      theirs === null ? '' : figure(theirs.fit / 1000),
      share(cost, theirs?.fit),
      score.toFixed(4),
      theirs === null ? '' : theirs.score.toFixed(4),
    ])
  }
  console.log(
    `\nThe sweep that \`init\` drafts, 60 trials × 5 folds, s of the processor\n${table([['set', 'Espalier', 'scikit-learn', 'ours', 'best', 'best of scikit-learn'], ...rows])}`,
  )
}

function sweepOurs({ trainer, sweep: asked }: Family, file: string, name: string) {
  return swept(`${trainer}-${name}`, {
    name: 'bench',
    trainer,
    data: { file, target: 'y' },
    validation: { folds: 5 },
    search: { algorithm: 'random', trials: 50 },
    parameters: asked!.parameters,
  })
}

/** `spec`: or the sweep file's name. */
function swept(name: string, spec: object | string) {
  const options = { workers: 1, store: join(directory, `runs-${name}`), keepModels: 'none' }
  const program = fileURLToPath(new URL('./training/sweep.mjs', import.meta.url))
  const input = JSON.stringify({ spec, options })
  const found = JSON.parse(execFileSync(process.execPath, [program], { input }).toString())
  return { params: found.params as object[], cost: 1000 * found.seconds, score: found.score as number }
}

python?.end()
rmSync(directory, { recursive: true })
