/** Trainers by name, halves of data sets and small data sets for the tests of trainers. */
import { type Dataset, selectRows } from '../../../src/data/index.js'
import { type Model, openTrainer, type Trainer } from '../../../src/training/index.js'
import type { Params } from '../../../src/values.js'
import { context } from '../../laws/trainer.js'
import { exampleData } from '../support.js'

export async function builtIn(name: string): Promise<Trainer> {
  const opened = await openTrainer({ kind: 'built-in', name })
  if (opened.kind !== 'trainer') throw new Error('not a trainer')
  return opened.trainer
}

export async function fitted(name: string, data: Dataset, params: Params): Promise<Model> {
  return (await builtIn(name)).fit(data, params, context())
}

/** A trainer some of whose hyperparameters take only these values: those that an engine can do. */
export async function restricted(name: string, can: Record<string, string[]>): Promise<Trainer> {
  const trainer = await builtIn(name)
  const hyperparameters = trainer.hyperparameters.map((one) =>
    Object.hasOwn(can, one.name) ? { ...one, default: can[one.name][0], values: can[one.name] } : one,
  )
  return { ...trainer, hyperparameters }
}

/** The first rows. */
export async function some(name: string, target: string): Promise<Dataset> {
  const all = await exampleData(name, target)
  return selectRows(
    all,
    Int32Array.from({ length: 80 }, (_, i) => i),
  )
}

/** Even rows to fit on, odd rows to ask for. */
export async function halves(name: string, target: string): Promise<[fit: Dataset, asked: Dataset]> {
  const all = await exampleData(name, target)
  const every = (first: number) =>
    selectRows(
      all,
      Int32Array.from({ length: (all.rows + 1 - first) >> 1 }, (_, i) => 2 * i + first),
    )
  return [every(0), every(1)]
}

/** The same with the weights 1, 2, 3, 4, 5, 1 … down the file. */
export function weighted(data: Dataset): Dataset {
  const rows = data.target.kind === 'numbers' ? data.target.values.length : data.target.codes.length
  return { ...data, weights: Float64Array.from({ length: rows }, (_, i) => 1 + (i % 5)) }
}

export function share(model: Model, { target, index }: Dataset, asked: Dataset): number {
  if (target.kind !== 'classes') throw new Error('classes expected')
  const right = Array.from<unknown>(model.predict(asked)).filter(
    (label, i) => label === target.classes[target.codes[index[i]]],
  )
  return right.length / asked.rows
}

export function rootMeanSquare(model: Model, asked: Dataset): number {
  const { target, index } = asked
  if (target.kind !== 'numbers') throw new Error('numbers expected')
  const predicted = model.predict(asked) as Float64Array
  let sum = 0
  predicted.forEach((value, i) => {
    sum += (value - target.values[index[i]]) ** 2
  })
  return Math.sqrt(sum / asked.rows)
}

/** A data set of numbers, one array a column; the target is classes where it is texts. */
export function numbers(columns: number[][], target: number[] | string[]): Dataset {
  const rows = target.length
  const classes = [...new Set(target.map(String))].sort()
  return {
    columns: columns.map((values, i) => ({
      name: `x${i}`,
      kind: 'number',
      values: Float64Array.from(values),
    })),
    index: Int32Array.from({ length: rows }, (_, i) => i),
    rows,
    target:
      typeof target[0] === 'number'
        ? { kind: 'numbers', name: 'y', values: Float64Array.from(target as number[]) }
        : {
            kind: 'classes',
            name: 'y',
            classes,
            codes: Int32Array.from(target.map((label) => classes.indexOf(String(label)))),
          },
  }
}
