/** Linear models, networks and support vector machines in onnxruntime: what they answer against what Espalier does. */
import { describe, expect, it } from 'vitest'
import type { LearnedFile } from '../../../src/exchange/model-file/types.js'
import { learnerNodes } from '../../../src/exchange/onnx/learners/registry.js'
import { leastOpset, mostOpset, usualOpset } from '../../../src/exchange/onnx/opsets.js'
import { type RandomStream, randomStream } from '../../../src/numeric/index.js'
import type { Params } from '../../../src/values.js'
import { fitted, numbers } from '../../training/trainers/support.js'
import { runLearner } from './run.js'

interface Problem {
  readonly columns: number
  /** 0: numbers. */
  readonly classes: number
  readonly rows?: number
  readonly asked?: number
  /** The value of a column. */
  readonly value?: (random: RandomStream, column: number) => number
  /** The same of the rows that are asked for, where they are of another kind. */
  readonly askedValue?: (random: RandomStream, column: number) => number
}

interface Answers {
  /** Numbers, or probabilities; none where the model has none. */
  readonly numbers: readonly number[]
  readonly labels: readonly string[]
}

/** A model fitted on random rows: what it answers to others, here and in onnxruntime. */
async function answers(
  trainer: string,
  params: Params,
  { columns, classes, rows = 60, asked = 40, value = normal, askedValue = value }: Problem,
  opset = usualOpset,
): Promise<{ ours: Answers; theirs: Answers; warnings: readonly string[] }> {
  const random = randomStream(7, `${trainer} ${JSON.stringify(params)} ${columns} ${classes}`)
  const points = (count: number, one: typeof value) =>
    Array.from({ length: count }, () => Array.from({ length: columns }, (_, j) => one(random, j)))
  const byColumn = (points: number[][]) =>
    Array.from({ length: columns }, (_, j) => points.map((row) => row[j]))
  const fit = points(rows, value)
  const sums = fit.map((row) => row.reduce((sum, x, j) => sum + Math.atan(x) * Math.cos(j), 0))
  const codes = sums.map((sum, i) => (i < classes ? i : Math.floor(Math.abs(sum) * 3) % classes))
  const target =
    classes === 0 ? sums.map((sum) => 3 * sum + random.normal()) : codes.map((code) => `c${code}`)
  const model = await fitted(trainer, numbers(byColumn(fit), target as number[]), {
    scaling: 'none',
    ...params,
  })
  const questions = points(asked, askedValue)
  const table = numbers(byColumn(questions), new Array<number>(asked).fill(0))
  const state = JSON.parse(JSON.stringify(model.toJSON())) as { learned: LearnedFile; classes?: string[] }
  const found = await runLearner(
    await learnerNodes(trainer),
    state.learned,
    { columns, classes, categories: new Array<number>(columns).fill(0) },
    Float64Array.from(questions.flat()),
    opset,
  )
  // 0 and −0 are the same.
  const list = (values: Iterable<number> | undefined) => Array.from(values ?? [], (x) => (x === 0 ? 0 : x))
  const predicted = Array.from<string | number>(model.predict(table))
  const { warnings } = found
  if (classes === 0)
    return {
      ours: { numbers: list(predicted as number[]), labels: [] },
      theirs: { numbers: list(found.numbers), labels: [] },
      warnings,
    }
  return {
    ours: { numbers: list(model.predictProbability?.(table).values), labels: predicted as string[] },
    theirs: {
      numbers: list(found.probabilities),
      labels: found.codes!.map((code) => state.classes![code]),
    },
    warnings,
  }
}

const normal = (random: RandomStream) => random.normal()
/** Columns far from each other in size, as they come without scaling. */
const wild = (random: RandomStream, column: number) =>
  random.normal() * [1, 1e-9, 1e5, 1e12][column % 4] + (column % 3 === 1 ? 1e4 : 0)
const extremes = [0, 1, -1, 1e300, -1e300, 1e-300, 5e-324, 1e15, 0.1]
const extreme = (random: RandomStream) => extremes[random.integer(extremes.length)]

/** Equal to the last bit. */
async function expectEqual(trainer: string, params: Params, problem: Problem, opset?: number) {
  const { ours, theirs, warnings } = await answers(trainer, params, problem, opset)
  expect(warnings).toEqual([])
  expect(theirs).toEqual(ours)
  return ours
}

/** The same labels, and numbers within 1e-12 of a probability, or of the largest number where they are sums. */
async function expectNear(trainer: string, params: Params, problem: Problem) {
  const { ours, theirs, warnings } = await answers(trainer, params, problem)
  expect(warnings).toEqual([expect.stringContaining('last digits')])
  expect(theirs.labels).toEqual(ours.labels)
  expect(theirs.numbers).toHaveLength(ours.numbers.length)
  const largest = problem.classes > 0 ? 0 : Math.max(...ours.numbers.map(Math.abs))
  const gaps = ours.numbers.map(
    (one, i) => Math.abs(one - theirs.numbers[i]) / Math.max(Math.abs(one), largest),
  )
  expect(Math.max(...gaps)).toBeLessThan(1e-12)
}

const shapes = [
  [1, 2],
  [3, 3],
  [6, 5],
  [70, 2],
  [9, 26],
]

describe('linear-regressor', () => {
  for (const columns of [1, 2, 5, 70])
    it(`is equal to the last bit with ${columns} columns`, async () => {
      await expectEqual('linear-regressor', {}, { columns, classes: 0 })
      await expectEqual('linear-regressor', { l2: 0.1 }, { columns, classes: 0, value: wild })
    })
})

describe('softmax-classifier and perceptrons', () => {
  for (const [columns, classes] of shapes)
    it(`are equal to the last bit with ${columns} columns and ${classes} classes`, async () => {
      const problem = { columns, classes, rows: 120 }
      await expectEqual('softmax-classifier', {}, problem)
      await expectEqual('softmax-classifier', { l2: 0.1 }, { ...problem, value: wild })
      const params = { epochs: 3, layers: 2, units: 13 }
      await expectEqual('perceptron-classifier', params, problem)
      await expectEqual('perceptron-classifier', { ...params, activation: 'tanh' }, problem)
    })

  for (const columns of [1, 3, 33])
    it(`for numbers, with ${columns} columns`, async () => {
      await expectEqual('perceptron-regressor', { epochs: 3, units: 33 }, { columns, classes: 0 })
      await expectEqual('perceptron-regressor', { epochs: 3, activation: 'tanh' }, { columns, classes: 0 })
    })
})

describe('svm-classifier and svm-regressor', () => {
  for (const engine of ['native', 'libsvm'])
    for (const kernel of ['rbf', 'linear', 'polynomial', 'sigmoid']) {
      // Powers of libsvm's kernel are the runtime's own.
      const check = engine === 'libsvm' && kernel === 'polynomial' ? expectNear : expectEqual
      it(`${engine} ${kernel}: ${check === expectEqual ? 'equal to the last bit' : 'near'}`, async () => {
        const params = { engine, kernel, cost: 2, coef0: 0.5 }
        for (const [columns, classes] of shapes) {
          const problem = { columns, classes, rows: 100 }
          await check('svm-classifier', params, problem)
          await check('svm-classifier', { ...params, probabilities: true }, problem)
          await check('svm-regressor', params, { columns, classes: 0 })
        }
      })
    }
})

describe('what is out of the ordinary', () => {
  const all: [string, Params, number][] = [
    ['linear-regressor', {}, 0],
    ['softmax-classifier', {}, 3],
    ['perceptron-classifier', { epochs: 2, units: 5 }, 3],
    ['perceptron-regressor', { epochs: 2, units: 5, activation: 'tanh' }, 0],
    ['svm-classifier', { probabilities: true }, 4],
    ['svm-classifier', { probabilities: true, engine: 'libsvm' }, 4],
    ['svm-classifier', { kernel: 'linear' }, 3],
    ['svm-classifier', { kernel: 'linear', engine: 'libsvm' }, 3],
    ['svm-classifier', { kernel: 'polynomial', degree: 5 }, 3],
    ['svm-classifier', { kernel: 'sigmoid' }, 3],
    ['svm-classifier', { kernel: 'sigmoid', engine: 'libsvm' }, 3],
    ['svm-regressor', {}, 0],
    ['svm-regressor', { kernel: 'polynomial', degree: 10 }, 0],
    ['svm-regressor', { engine: 'libsvm' }, 0],
  ]
  for (const [trainer, params, classes] of all) {
    it(`${trainer} ${JSON.stringify(params)}: rows of extreme values are equal to the last bit`, async () => {
      await expectEqual(trainer, params, { columns: 4, classes, askedValue: extreme })
    })

    it(`${trainer} ${JSON.stringify(params)}: a constant column, one row, and none`, async () => {
      const value = (random: RandomStream, column: number) => (column === 1 ? 3 : random.normal())
      for (const asked of [1, 0]) {
        const ours = await expectEqual(trainer, params, { columns: 2, classes, value, asked })
        expect(ours.labels.length + ours.numbers.length > 0).toBe(asked > 0)
      }
    })

    it(`${trainer} ${JSON.stringify(params)}: the oldest and the newest operators`, async () => {
      for (const opset of [leastOpset, 18, mostOpset])
        await expectEqual(trainer, params, { columns: 3, classes }, opset)
    })
  }
})

it('a wide layer is near, and it is told', async () => {
  const params = { epochs: 1, units: 1100 }
  const { ours, theirs, warnings } = await answers('perceptron-classifier', params, {
    columns: 60,
    classes: 3,
  })
  expect(theirs.labels).toEqual(ours.labels)
  ours.numbers.forEach((p, i) => {
    expect(Math.abs(p - theirs.numbers[i])).toBeLessThan(1e-12 * p)
  })
  expect(warnings).toEqual([expect.stringContaining('60 × 1100 weights')])
  expect(
    (await answers('perceptron-classifier', { epochs: 1 }, { columns: 60, classes: 3 })).warnings,
  ).toEqual([])
})
