/**
 * What fits on the same rows share changes no bit of a result: every built-in trainer, with params at random, fitted in another order
 * with everything kept, with nothing kept, and with room for next to nothing.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Dataset } from '../../src/data/index.js'
import { type RandomStream, randomStream } from '../../src/numeric/index.js'
import {
  describeTrainers,
  type FitPlan,
  type Hyperparameter,
  openTrainer,
  performFit,
  resample,
  type Trainer,
  trainerNames,
} from '../../src/training/index.js'
import type { Params, ParamValue } from '../../src/values.js'
import { exampleData } from '../training/support.js'

const fits = 12
/** Far fewer rounds than anybody would train. */
const small: Record<string, number> = { rounds: 4, trees: 5, epochs: 3, units: 8, layers: 1, k: 20 }
let data: Record<'classification' | 'regression', Dataset>
let trainers: ReadonlyMap<string, Trainer>

beforeAll(async () => {
  data = {
    classification: await exampleData('penguins', 'species'),
    regression: await exampleData('diabetes', 'progression'),
  }
  trainers = new Map((await describeTrainers()).map((trainer) => [trainer.name, trainer]))
})

function randomValue(
  { name, type, default: usual, min, max, values = [] }: Hyperparameter,
  random: RandomStream,
): ParamValue {
  if (name === 'engine') return usual
  if (type === 'boolean') return random.next() < 0.5
  if (type === 'categorical') return values[random.integer(values.length)]
  const most = small[name]
  if (most !== undefined) return 1 + random.integer(most)
  if (typeof usual !== 'number') return usual
  const low = Math.max(min ?? -Infinity, usual / 2)
  const high = Math.min(max ?? Infinity, usual * 2 + (type === 'int' ? 1 : 0.01))
  const value = low + random.next() * (high - low)
  return type === 'int' ? Math.round(value) : value
}

/** Half of them as they stand: so that fits really have something in common. */
function paramsOf({ hyperparameters }: Trainer, trial: number): Params {
  const random = randomStream(3, 'params', trial)
  return Object.fromEntries(
    hyperparameters.map((one) => {
      const value = randomValue(one, random)
      return [one.name, random.next() < 0.5 && small[one.name] === undefined ? one.default : value]
    }),
  )
}

describe.each(trainerNames())('%s', (name) => {
  it('gives the same bits whatever is shared, in any order', async () => {
    const trainer = trainers.get(name)!
    const reference = { kind: 'built-in', name } as const
    const opened = await openTrainer(reference)
    const of = data[trainer.task]
    const plan: FitPlan = {
      trainer: reference,
      data: of,
      resampling: resample(of, { folds: 3, seed: 1 }),
      seed: 5,
      objectiveMetric: trainer.task === 'classification' ? 'accuracy' : 'rmse',
    }
    const results = async (sharedMemory: number, order: (a: number, b: number) => number) => {
      const own = { ...plan, sharedMemory }
      const found: unknown[] = []
      const jobs = Array.from({ length: fits }, (_, i) => i).sort(order)
      for (const i of jobs) {
        const job = { trial: i, attempt: 0, params: paramsOf(trainer, i) }
        const part = { kind: 'fold', fold: i % 2 } as const
        found[i] = await performFit(own, opened, { ...job, part }).then(
          ({ metrics, predictions }) => ({ metrics, predictions }),
          (error: Error) => error.message,
        )
      }
      return found
    }
    const alone = await results(0, (a, b) => a - b)
    expect(alone.filter((one) => typeof one === 'string').length).toBeLessThan(fits / 2)
    expect(await results(256, (a, b) => a - b)).toEqual(alone)
    expect(await results(256, (a, b) => b - a)).toEqual(alone)
    expect(await results(0.02, (a, b) => (a % 5) - (b % 5) || a - b)).toEqual(alone)
  })
})
