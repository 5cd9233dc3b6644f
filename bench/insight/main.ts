/**
 * How far shares of importance are from the true ones, and how many of their intervals hold these, by kind of search and number of
 * trials; beside Optuna's evaluators on the same trials where Python has them (ESPALIER_BENCH_PYTHON names one that has).
 *
 *   npm run bench:insight:shares -- [--trials 30,60,150] [--seeds 0,1] [--functions branin,mixed] [--keep FILE] [--peers] [--each]
 *
 * The error of a sweep is half the sum of the absolute differences of the shares.
 */
import { parseArgs } from 'node:util'
import { insightOf } from '../../src/analysis/index.js'
import { figure, machine, median, table } from '../report.js'
import { functions, trueShares } from './functions.js'
import { peerShares } from './peers.js'
import { algorithms, type MadeSweep, makeSweeps } from './sweeps.js'

const { values: options } = parseArgs({
  options: {
    trials: { type: 'string', default: '30,60,150' },
    seeds: { type: 'string', default: '0,1' },
    functions: { type: 'string', default: Object.keys(functions).join() },
    keep: { type: 'string' },
    peers: { type: 'boolean', default: false },
    each: { type: 'boolean', default: false },
  },
})
const lengths = options.trials.split(',').map(Number)
const names = options.functions.split(',')

interface Judged {
  readonly made: MadeSweep
  readonly trials: number
  readonly ms: number
  /** Why no shares were told. */
  readonly unsure: string | null
  readonly error: number
  readonly held: number
  readonly intervals: number
  /** Mean width of an interval. */
  readonly width: number
  readonly fanova?: number
  readonly pedAnova?: number
}

const truths = Object.fromEntries(names.map((name) => [name, trueShares(functions[name])]))
const seeds = options.seeds.split(',').map(Number)
const made = await makeSweeps({ seeds, trials: Math.max(...lengths), names }, options.keep)

const errorOf = (name: string, share: (parameter: string) => number) =>
  Object.entries(truths[name]).reduce((sum, [one, truth]) => sum + Math.abs(share(one) - truth) / 2, 0)

function judged(one: MadeSweep, n: number): Judged {
  const start = performance.now()
  const { parameters, unsure } = insightOf(one.sweep, one.trials.slice(0, n))
  const ms = performance.now() - start
  const truth = truths[one.name]
  const told = Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter]))
  // Within what dense points and rounding leave open.
  const holds = parameters.filter(
    ({ name, low, high }) => low - 2e-3 <= truth[name] && truth[name] <= high + 2e-3,
  )
  if (options.each)
    console.log(
      `${one.name} ${one.algorithm} ${one.seed} ${n}:`,
      parameters
        .map(
          ({ name, importance, low, high }) =>
            `${name} ${importance.toFixed(3)} [${low.toFixed(3)} ${high.toFixed(3)}]${low - 2e-3 <= truth[name] && truth[name] <= high + 2e-3 ? '' : ' MISSES'} ${truth[name].toFixed(3)}`,
        )
        .join('; ') || unsure,
    )
  return {
    made: one,
    trials: n,
    ms,
    unsure: parameters.length === 0 ? unsure : null,
    error: errorOf(one.name, (parameter) => told[parameter]?.importance ?? 0),
    held: holds.length,
    intervals: parameters.length,
    width: parameters.reduce((sum, { low, high }) => sum + high - low, 0) / Math.max(1, parameters.length),
  }
}

let all = made.flatMap((one) => lengths.map((n) => judged(one, n)))
if (options.peers) {
  const shares = peerShares(
    all.map(({ made: { name, trials }, trials: n }) => ({ name, trials: trials.slice(0, n) })),
  )
  all = all.map((one, i) => ({
    ...one,
    fanova: errorOf(one.made.name, (parameter) => shares[i].fanova[parameter] ?? 0),
    pedAnova: errorOf(one.made.name, (parameter) => shares[i].pedAnova[parameter] ?? 0),
  }))
}

const header = ['sweeps', 'told', 'error', 'nine in ten below', 'intervals', 'hold', 'width', 'ms']
const peers = options.peers ? ['fANOVA', 'PED-ANOVA'] : []

function summary(label: string, some: readonly Judged[]): (string | number)[] {
  const told = some.filter(({ unsure }) => unsure === null)
  if (told.length === 0) return [label, some.length, 0, ...Array(6 + peers.length).fill('')]
  const errors = told.map(({ error }) => error).sort((a, b) => a - b)
  const intervals = told.reduce((sum, one) => sum + one.intervals, 0)
  const held = told.reduce((sum, one) => sum + one.held, 0)
  const row: (string | number)[] = [
    label,
    some.length,
    told.length,
    median(errors).toFixed(3),
    errors[Math.ceil(0.9 * errors.length) - 1].toFixed(3),
    intervals,
    `${((100 * held) / intervals).toFixed(1)} %`,
    median(told.map(({ width }) => width)).toFixed(3),
    figure(median(told.map(({ ms }) => ms))),
  ]
  if (options.peers) {
    row.push(
      median(told.map(({ fanova }) => fanova!)).toFixed(3),
      median(told.map(({ pedAnova }) => pedAnova!)).toFixed(3),
    )
  }
  return row
}

console.log(machine())
console.log(
  table([
    ['kind', ...header, ...peers],
    ...algorithms.flatMap((algorithm) => {
      const ofKind = all.filter(({ made: { algorithm: own } }) => own === algorithm)
      return [
        ...lengths.map((n) =>
          summary(
            `${algorithm} ${n}`,
            ofKind.filter(({ trials }) => trials === n),
          ),
        ),
        summary(algorithm, ofKind),
      ]
    }),
  ]),
)
for (const algorithm of algorithms) {
  console.log(`\n${algorithm}, by function`)
  console.log(
    table([
      ['function', ...header, ...peers],
      ...names.map((name) =>
        summary(
          name,
          all.filter(({ made: of }) => of.name === name && of.algorithm === algorithm),
        ),
      ),
    ]),
  )
}
