import { describe, expect, it } from 'vitest'
import { type Dataset, selectRows } from '../../../src/data/index.js'
import { randomStream } from '../../../src/numeric/index.js'
import { standardised, targetScale } from '../../../src/training/learners/target-scale.js'
import { type EmscriptenModule, loadEmscripten } from '../../../src/training/trainers/emscripten.js'
import type { Params } from '../../../src/values.js'
import { context } from '../../laws/trainer.js'
import { rejection } from '../support.js'
import { builtIn, fitted, halves, numbers, rootMeanSquare, share, weighted } from './support.js'

type Libsvm = EmscriptenModule & {
  load(): Promise<void>
  _create_svm_nodes(rows: number, columns: number): number
}

/** libsvm's own labels and probabilities of some rows, after training on others. */
async function libsvm(
  rows: number[][],
  labels: number[],
  asked: number[][],
  command: string,
  classes: number,
) {
  const { module } = await loadEmscripten<Libsvm>('libsvm-js/out/wasm/libsvm.js', (svm) => svm.load())
  const problem = module._create_svm_nodes(rows.length, rows[0].length)
  const copied = (row: number[]) => {
    const address = module._malloc(8 * row.length)
    module.HEAPF64.set(row, address / 8)
    return address
  }
  const add = module.cwrap('add_instance', null, ['number', 'number', 'number', 'number', 'number'])
  rows.forEach((row, i) => {
    add(problem, copied(row), row.length, labels[i], i)
  })
  const model = module.cwrap('libsvm_train_problem', 'number', ['number', 'string'])(problem, command)
  const one = module.cwrap('libsvm_predict_one', 'number', ['number', 'number', 'number'])
  const both = module.cwrap('libsvm_predict_one_probability', 'number', [
    'number',
    'number',
    'number',
    'number',
  ])
  return asked.map((row) => {
    const answer = one(model, copied(row), row.length)
    const room = module._malloc(8 * classes)
    if (command.includes('-b 1')) both(model, copied(row), row.length, room)
    return { answer, probabilities: Array.from(module.HEAPF64.subarray(room / 8, room / 8 + classes)) }
  })
}

const random = randomStream(4, 'rows')
const points = (count: number) =>
  Array.from({ length: count }, () => [random.normal(), random.normal(), random.normal()])
const rows = points(90)
const asked = points(60)
const columns = (from: number[][]) => [0, 1, 2].map((j) => from.map((row) => row[j]))
const kernels: [name: string, number: number][] = [
  ['linear', 0],
  ['polynomial', 1],
  ['rbf', 2],
  ['sigmoid', 3],
]

describe('the engine libsvm predicts what libsvm predicts', () => {
  it.each(kernels)('classes and probabilities, kernel %s', async (kernel, number) => {
    const codes = rows.map(([a, b, c], i) => (i % 9 === 0 ? i % 3 : a + b > 0.4 ? 2 : c > 0 ? 1 : 0))
    // Codes by first appearance differ from sorted ones: both orders are met.
    const data = numbers(
      columns(rows),
      codes.map((code) => `class ${code}`),
    )
    const params = { engine: 'libsvm', kernel, gamma: 0.3, coef0: 0.5, degree: 2, cost: 2, scaling: 'none' }
    const model = await fitted('svm-classifier', data, { ...params, probabilities: true })
    const questions = numbers(
      columns(asked),
      asked.map(() => 'class 0'),
    )
    const expected = await libsvm(
      rows,
      codes,
      asked,
      `-s 0 -t ${number} -g 0.3 -r 0.5 -d 2 -c 2 -b 1 -q 1 -m 100 -e 0.001`,
      3,
    )
    expect(model.predict(questions)).toEqual(expected.map(({ answer }) => `class ${answer}`))
    const { values } = model.predictProbability!(questions)
    const order = [...new Set(codes)]
    expected.forEach(({ probabilities }, i) => {
      order.forEach((code, place) => {
        expect(values[3 * i + code]).toBeCloseTo(probabilities[place], 12)
      })
    })
  })

  it.each(kernels)('numbers, kernel %s', async (kernel, number) => {
    const y = rows.map(([a, b, c]) => Math.sin(2 * a) + b * c)
    const target = targetScale(Float64Array.from(y))
    const params = {
      engine: 'libsvm',
      kernel,
      gamma: 0.3,
      coef0: 0.5,
      degree: 2,
      cost: 2,
      epsilon: 0.05,
      scaling: 'none',
    }
    const model = await fitted('svm-regressor', numbers(columns(rows), y), params)
    const expected = await libsvm(
      rows,
      Array.from(standardised(Float64Array.from(y), target)),
      asked,
      `-s 3 -t ${number} -g 0.3 -r 0.5 -d 2 -c 2 -p 0.05 -q 1 -m 100 -e 0.001`,
      1,
    )
    const questions = numbers(
      columns(asked),
      asked.map(() => 0),
    )
    const found = model.predict(questions) as Float64Array
    expected.forEach(({ answer }, i) => {
      expect(found[i]).toBeCloseTo(target.shift + target.scale * answer, 9)
    })
  })
})

// Even rows fitted on, odd rows predicted, standardised by the even rows: computed with scikit-learn 1.9.1.
const engines = ['native', 'libsvm'] as const

describe.each(engines)('support vector machines of %s agree with scikit-learn', (engine) => {
  it.each([
    ['rbf', {}, 0.9550561797752809, 54.937574997337336],
    ['linear', {}, 0.9550561797752809, 54.622032170433684],
    ['polynomial', { coef0: 1 }, 0.9550561797752809, 63.6126985968641],
    ['sigmoid', { gamma: 0.01 }, 0.9438202247191011, 53.75018241300578],
  ])('kernel %s', async (kernel, others, accuracy, rmse) => {
    const [wine, askedWine] = await halves('wine', 'cultivar')
    const classifier = await fitted('svm-classifier', wine, { engine, kernel, cost: 0.5, ...others })
    expect(share(classifier, askedWine, askedWine)).toBe(accuracy)
    const [diabetes, askedDiabetes] = await halves('diabetes', 'progression')
    const regressor = await fitted('svm-regressor', diabetes, { engine, kernel, cost: 1, ...others })
    // Both stop at a tolerance of 0.001.
    expect(Math.abs(rootMeanSquare(regressor, askedDiabetes) - rmse)).toBeLessThan(0.05)
  })
})

describe('weights of rows', () => {
  it('are refused by libsvm, which heeds those of classes alone', async () => {
    const [wine] = await halves('wine', 'cultivar')
    const [diabetes] = await halves('diabetes', 'progression')
    for (const [name, data, params] of [
      ['svm-classifier', wine, {}],
      ['svm-classifier', wine, { classWeight: 'balanced' }],
      ['svm-regressor', diabetes, {}],
    ] as const) {
      const refused = fitted(name, weighted(data), { engine: 'libsvm', ...params })
      expect(await rejection(refused)).toMatchObject({
        code: 'PARAMS_REFUSED',
        message: expect.stringContaining('heeds no weights of rows'),
      })
    }
  })

  it.each([
    ['svm-classifier', 'wine', 'cultivar'],
    ['svm-regressor', 'diabetes', 'progression'],
  ])('are rows repeated, whose cost is that of their mean weight: %s', async (name, file, target) => {
    const [data, asked] = await halves(file, target)
    const { weights, index } = weighted(data)
    const repeated = Array.from(index).flatMap((row, i) => new Array<number>(weights![row]).fill(i))
    const mean = repeated.length / index.length
    // Not scaled by their own rows, which are others where rows repeat.
    const params = { scaling: 'none', gamma: 1e-5, epsilon: 0.2 }
    const used: Params = name === 'svm-classifier' ? { ...params, kernel: 'rbf' } : params
    const { epsilon: _, ...others } = used
    const given = name === 'svm-regressor' ? used : others
    const answers = async (from: Dataset, cost: number) => {
      const model = await fitted(name, from, { ...given, cost })
      const { learned } = model.toJSON() as { learned: { rho?: number[]; machine?: { rho: number[] } } }
      return (learned.machine ?? learned).rho![0]
    }
    const byWeights = await answers(weighted(data), 20 * mean)
    const byRows = await answers(selectRows(data, Int32Array.from(repeated)), 20)
    expect(Math.abs(byWeights - byRows)).toBeLessThan(0.004)
    expect(Math.abs(byWeights - (await answers(data, 20 * mean)))).toBeGreaterThan(0.01)
    expect(asked.rows).toBeGreaterThan(0)
  })
})

describe.each(engines)('svm-classifier, engine %s', (engine) => {
  it('has the class weights of scikit-learn', async () => {
    const [data, asked] = await halves('breast-cancer', 'diagnosis')
    // SVC(C=0.05, gamma=0.02, class_weight=…) of scikit-learn 1.9.1: intercept_, support vectors, right answers of 284.
    for (const [classWeight, intercept, vectors, right] of [
      ['none', -0.01506127, 179, 262],
      ['balanced', 0.26814551, 194, 264],
    ] as const) {
      const model = await fitted('svm-classifier', data, { engine, cost: 0.05, gamma: 0.02, classWeight })
      const { rho, counts } = (model.toJSON() as { learned: { rho: number[]; counts: number[] } }).learned
      // libsvm stops at a tolerance of 0.001, and takes the first row's class as the positive one.
      expect(Math.abs(Math.abs(rho[0]) - Math.abs(intercept))).toBeLessThan(0.002)
      expect(Math.abs(counts[0] + counts[1] - vectors)).toBeLessThanOrEqual(2)
      expect(share(model, asked, asked)).toBeCloseTo(right / 284, 12)
    }
  })

  it('with balanced classes costs what rows repeated would', async () => {
    const labels = rows.map(([a, b], i) => (a + b + (i % 5) / 5 > 0.5 ? 'a' : 'b'))
    const kept = rows.map((_, i) => i)
    const inA = kept.filter((i) => labels[i] === 'a').slice(0, 20)
    const inB = kept.filter((i) => labels[i] === 'b').slice(0, 40)
    const of = (picked: number[]) =>
      numbers(
        columns(picked.map((i) => rows[i])),
        picked.map((i) => labels[i]),
      )
    // 20 and 40 rows: weights 60/(2 · 20) = 1.5 and 60/(2 · 40) = 0.75, which is twice as much.
    const params = { engine, gamma: 0.3, scaling: 'none' }
    const balanced = await fitted('svm-classifier', of([...inA, ...inB]), {
      ...params,
      cost: 2,
      classWeight: 'balanced',
    })
    const repeated = await fitted('svm-classifier', of([...inA, ...inA, ...inB]), { ...params, cost: 1.5 })
    const plain = await fitted('svm-classifier', of([...inA, ...inB]), { ...params, cost: 1.5 })
    const rho = (model: typeof plain) => (model.toJSON() as { learned: { rho: number[] } }).learned.rho[0]
    expect(Math.abs(rho(balanced) - rho(repeated))).toBeLessThan(0.002)
    expect(Math.abs(rho(balanced) - rho(plain))).toBeGreaterThan(0.02)
  })

  it('has probabilities only where they are asked for, the same from fit to fit', async () => {
    const [wine] = await halves('wine', 'cultivar')
    expect((await fitted('svm-classifier', wine, { engine })).predictProbability).toBeUndefined()
    const first = await fitted('svm-classifier', wine, { engine, probabilities: true })
    const second = await fitted('svm-classifier', wine, { engine, probabilities: true })
    expect(first.predictProbability!(wine)).toEqual(second.predictProbability!(wine))
  })

  it('says so where numbers are too large for the kernel', async () => {
    const large = numbers([[1e200, -1e200, 2e200, 3e200]], ['a', 'b', 'a', 'b'])
    const trainer = await builtIn('svm-classifier')
    const error = await rejection(
      Promise.resolve(trainer.fit(large, { engine, kernel: 'polynomial', scaling: 'none' }, context())),
    )
    expect(error.message).toContain('scale them')
  })

  it('refuses a model file with half a support vector', async () => {
    const [wine] = await halves('wine', 'cultivar')
    const state = JSON.parse(JSON.stringify((await fitted('svm-classifier', wine, { engine })).toJSON()))
    state.learned.vectors.pop()
    const trainer = await builtIn('svm-classifier')
    expect(await rejection(Promise.resolve(trainer.load(state)))).toMatchObject({ code: 'MODEL_INVALID' })
  })
})
