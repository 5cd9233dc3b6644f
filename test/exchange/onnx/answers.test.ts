/** What is around the learners of a model: members of an ensemble as one, thresholds, names, versions of ONNX. */
import { describe, expect, it } from 'vitest'
import type { Dataset } from '../../../src/data/index.js'
import { exportModelFile } from '../../../src/exchange/export/index.js'
import { leastOpset, mostOpset } from '../../../src/exchange/onnx/opsets.js'
import type { JsonObject, JsonValue, Params } from '../../../src/values.js'
import { askedRows, expectSame, fittedFile, randomData } from './laws.js'
import { run } from './run.js'

type Members = readonly (readonly [weight: number, trainer: string, params: Params])[]

async function ensembleFile(data: Dataset, members: Members): Promise<JsonObject> {
  const files = await Promise.all(members.map(([, trainer, params]) => fittedFile(trainer, data, params)))
  const state = files.map(({ trainer, state }, i) => ({ weight: members[i][0], trainer, state }))
  return { ...files[0], trainer: { kind: 'ensemble' }, state: { members: state } as JsonValue }
}

async function bytesOf(file: JsonObject, opset?: number) {
  const { files, warnings } = await exportModelFile(file, 'onnx', { ...(opset !== undefined && { opset }) })
  return { bytes: files.get('model.onnx') as Uint8Array, warnings }
}

describe('ensembles in ONNX', () => {
  it.each<[string, number, Members]>([
    [
      'average probabilities',
      3,
      [
        [3, 'cart-classifier', { maxDepth: 3 }],
        [1, 'knn-classifier', { encoding: 'ordinal' }],
        [2, 'forest-classifier', { trees: 3 }],
      ],
    ],
    [
      'average numbers',
      0,
      [
        [1, 'cart-regressor', { maxDepth: 3 }],
        [2, 'knn-regressor', {}],
        [4, 'forest-regressor', { trees: 3 }],
      ],
    ],
    ['of one member', 2, [[5, 'cart-classifier', {}]]],
  ])('%s, to the last bit', async (_, classes, members) => {
    const data = randomData(21, 80, classes)
    await expectSame(await ensembleFile(data, members), askedRows(21, 100), { within: 0 })
  })

  it('let members vote that have no probabilities, and have none then', async () => {
    const members: Members = [
      [1, 'svm-classifier', { kernel: 'linear' }],
      [1, 'cart-classifier', { maxDepth: 2 }],
      [2, 'knn-classifier', {}],
    ]
    const file = await ensembleFile(randomData(22, 80, 3), members)
    const warnings = await expectSame(file, askedRows(22, 100, false), { within: 0 })
    expect(warnings.join('\n')).toContain('has no probabilities')
  })
})

describe('thresholds in ONNX', () => {
  it.each([
    ['class 1', 0.25],
    ['class 0', 0.8],
    ['class 1', 0],
    ['class 0', 1],
  ])('answer %s from %d on', async (positive, value) => {
    const file = await fittedFile('forest-classifier', randomData(31, 90, 2), { trees: 4 })
    const threshold = { metric: 'f1', positive, value }
    await expectSame({ ...file, threshold }, askedRows(31, 120), { within: 0 })
  })
})

describe('files', () => {
  it('are the same bytes for the same model', async () => {
    const file = await fittedFile('cart-classifier', randomData(41, 60, 3), {})
    const [one, two] = [await bytesOf(file), await bytesOf(JSON.parse(JSON.stringify(file)))]
    expect(Buffer.from(one.bytes).equals(Buffer.from(two.bytes))).toBe(true)
  })

  it('have outputs of other names where columns have theirs', async () => {
    const data = randomData(42, 60, 2)
    const names = new Map([
      ['length', 'label'],
      ['count', 'probabilities'],
      ['ripe', 'Add_1'],
    ])
    const renamed: Dataset = {
      ...data,
      columns: data.columns
        .filter(({ name }) => names.has(name))
        .map((column) => ({ ...column, name: names.get(column.name)! })),
    }
    const file = await fittedFile('cart-classifier', renamed, { maxDepth: 2 })
    const { bytes, warnings } = await bytesOf(file)
    const one = { type: 'float64', data: Float64Array.of(0.5, 1), dims: [2, 1] } as const
    const found = await run(bytes, { label: one, probabilities: one, Add_1: one })
    expect(Object.keys(found).sort()).toEqual(['output label', 'output probabilities'])
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toContain('"output label"')
  })

  it('are refused for versions of ONNX that cannot hold them, or that nothing has been tried with', async () => {
    const file = await fittedFile('cart-classifier', randomData(43, 60, 2), { maxDepth: 2 })
    for (const opset of [leastOpset - 1, mostOpset + 1, 17.5, Number.NaN])
      await expect(bytesOf(file, opset)).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining(`a whole number from ${leastOpset} to ${mostOpset} (got ${opset})`),
      })
  })

  it('say that texts are compared as they are given', async () => {
    const file = await fittedFile('cart-classifier', randomData(44, 60, 2), { maxDepth: 2 })
    const { warnings } = await bytesOf(file)
    expect(warnings).toEqual([expect.stringContaining('take blanks around them off first')])
  })
})

describe('versions of ONNX', () => {
  it.each([leastOpset, 20, mostOpset])('%i costs nothing', async (opset) => {
    for (const [trainer, params, classes] of [
      ['forest-classifier', { trees: 5 }, 3],
      ['cart-regressor', { dates: 'parts', encoding: 'hash' }, 0],
      ['boosted-trees-classifier', { rounds: 5, minSamplesLeaf: 5 }, 3],
      ['boosted-trees-regressor', { rounds: 5, minSamplesLeaf: 5 }, 0],
      ['knn-classifier', { calibration: 'isotonic' }, 2],
      ['softmax-classifier', {}, 3],
      ['perceptron-regressor', { epochs: 3, activation: 'tanh' }, 0],
      ['svm-classifier', { probabilities: true }, 3],
    ] as const) {
      const file = await fittedFile(trainer, randomData(51, 80, classes), params)
      const within = /tree|cart|forest|knn/.test(trainer) ? 0 : 1e-12
      const rows = askedRows(51, 60, false)
      const usual = await expectSame(file, rows, { within })
      expect(await expectSame(file, rows, { within, opset })).toEqual(usual)
    }
  })
})
