import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/numeric/index.js'
import { readModel, treeScores } from '../../../src/training/trainers/boosted-trees.js'
import { type EmscriptenModule, loadEmscripten } from '../../../src/training/trainers/emscripten.js'
import { context } from '../../laws/trainer.js'
import { rejection } from '../support.js'
import { builtIn, fitted, halves, numbers, share } from './support.js'

type XGBoost = EmscriptenModule & { readonly isReady: Promise<unknown> }

const xgboost = { engine: 'ml-xgboost' }

describe('boosted trees of ml-xgboost', () => {
  it.each([
    ['reg:linear', 1, {}],
    ['multi:softprob', 3, { num_class: 3 }],
  ])('score as XGBoost scores: %s', async (objective, outputs, others) => {
    const { module } = await loadEmscripten<XGBoost>('ml-xgboost/dist/wasm/xgboost.js', (it) => it.isReady)
    const random = randomStream(2, 'rows')
    const [rows, columns] = [120, 4]
    const x = {
      rows,
      columns,
      // Few values in the first column: rows lie on thresholds, too.
      values: Float64Array.from({ length: rows * columns }, (_, k) =>
        k % columns === 0 ? random.integer(4) : random.normal(),
      ),
    }
    const y = Float32Array.from(
      { length: rows },
      (_, i) => (x.values[4 * i] + (x.values[4 * i + 1] > 0 ? 1 : 0)) % 3,
    )
    const place = (numbers: ArrayLike<number>) => {
      const address = module._malloc(4 * numbers.length)
      module.HEAPF32.set(Float32Array.from(numbers), address / 4)
      return address
    }
    const call = (name: string, ...numbers: number[]) =>
      module.cwrap(
        name,
        'number',
        numbers.map(() => 'number'),
      )(...numbers)
    const model = call('create_model', place(x.values), place(y), rows, columns)
    const set = module.cwrap('set_param', null, ['number', 'string', 'string'])
    for (const [name, value] of Object.entries({
      objective,
      base_score: 0,
      silent: 1,
      eta: 0.3,
      ...others,
    })) {
      set(model, name, String(value))
    }
    call('train_full_model', model, 12)
    const size = call('save_model', model)
    const bytes = module._malloc(size)
    call('get_file_content', bytes, size)
    const scores = treeScores(readModel(module.HEAPU8.slice(bytes, bytes + size)), outputs)(x)

    const room = module._malloc(4 * outputs)
    for (let i = 0; i < rows; i++) {
      call('predict_one', model, place(x.values.subarray(i * columns, (i + 1) * columns)), columns, room)
      const expected = Array.from(module.HEAPF32.subarray(room / 4, room / 4 + outputs))
      const found = Array.from(scores.subarray(i * outputs, (i + 1) * outputs))
      if (outputs === 1) expect(found[0]).toBeCloseTo(expected[0], 5)
      else {
        const total = found.reduce((sum, score) => sum + Math.exp(score), 0)
        expected.forEach((p, c) => {
          expect(Math.exp(found[c]) / total).toBeCloseTo(p, 5)
        })
      }
    }
  })

  it('give other trees for another seed only where something is drawn', async () => {
    const [data] = await halves('wine', 'cultivar')
    const trainer = await builtIn('boosted-trees-classifier')
    const state = async (seed: number, subsample: number) =>
      JSON.stringify(
        (await trainer.fit(data, { ...xgboost, rounds: 4, subsample }, context({ seed }))).toJSON(),
      )
    expect(await state(1, 1)).toBe(await state(4_000_000_000, 1))
    expect(await state(1, 0.5)).not.toBe(await state(4_000_000_000, 0.5))
  })

  it('learn a step, and numbers beyond single precision', async () => {
    const x = Array.from({ length: 40 }, (_, i) => (i - 20) * 1e250)
    const y = x.map((value) => (value < 0 ? -3 : 5))
    const data = numbers([x], y)
    const model = await fitted('boosted-trees-regressor', data, {
      ...xgboost,
      rounds: 60,
      scaling: 'none',
      l2: 0,
      learningRate: 0.3,
    })
    expect(Math.abs((model.predict(data) as Float64Array)[0] + 3)).toBeLessThan(1e-3)
    const { learned } = model.toJSON() as { learned: unknown }
    expect(JSON.stringify(learned)).not.toContain('null')
  })

  it('are right about most of the other half of the data', async () => {
    const [wine, asked] = await halves('wine', 'cultivar')
    expect(share(await fitted('boosted-trees-classifier', wine, xgboost), asked, asked)).toBeGreaterThan(0.93)
  })

  it('stop between two rounds where they are told to', async () => {
    const [data] = await halves('wine', 'cultivar')
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 50)
    const trainer = await builtIn('boosted-trees-classifier')
    await expect(
      trainer.fit(data, { ...xgboost, rounds: 1_000_000 }, context({ signal: controller.signal })),
    ).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('refuse a model file whose walks would not end', async () => {
    const [data] = await halves('wine', 'cultivar')
    const model = await fitted('boosted-trees-classifier', data, { ...xgboost, rounds: 2 })
    const state = JSON.parse(JSON.stringify(model.toJSON()))
    state.learned.right[0] = 0
    const trainer = await builtIn('boosted-trees-classifier')
    expect(await rejection(Promise.resolve(trainer.load(state)))).toMatchObject({ code: 'MODEL_INVALID' })
  })
})
