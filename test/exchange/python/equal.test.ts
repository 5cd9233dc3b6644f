/** Exported models predict in Python what they predict here, to the last bit. */
import { describe, expect, it } from 'vitest'
import type { Params } from '../../../src/values.js'
import { askedOf, cases } from './cases.js'
import { type Asked, fitted, ownAnswers, python, pythonAnswers, randomData, randomRows } from './support.js'

describe.skipIf(python === null)('a model in Python (skipped: no Python 3.8 or later is on the PATH)', () => {
  it('predicts what we predict, to the last bit: every trainer and engine', async () => {
    const models: Asked[] = []
    for (const [i, one] of cases.entries()) models.push(await askedOf(one, i))
    const theirs = await pythonAnswers(python!, models)
    expect(theirs.filter(({ error }) => error !== undefined)).toEqual([])
    for (const [i, one] of cases.entries())
      expect.soft(theirs[i], JSON.stringify(one)).toEqual(await ownAnswers(models[i]))
  })

  it('predicts by members, by a threshold, and by the only class that was seen', async () => {
    const models: Asked[] = []
    const [numbers, two, three] = (['numbers', 'classes', 'classes'] as const).map(
      (target, i) => ({ rows: 80, seed: 7, target, classes: i + 1 }) as const,
    )
    const ensemble = async (shape: typeof numbers, members: readonly [string, Params, number][]) => {
      const files = await Promise.all(
        members.map(async ([name, params, weight]) => {
          const { trainer, state, signature } = await fitted(name, randomData(shape), params)
          return { signature, member: { weight, trainer, state } }
        }),
      )
      const [{ signature }] = files
      const state = { members: files.map(({ member }) => member) }
      const json = { format: 'espalier-model', version: 1, trainer: { kind: 'ensemble' }, signature, state }
      models.push({ json, rows: randomRows({ ...shape, seed: 8 }) })
      return json
    }
    await ensemble(numbers, [
      ['linear-regressor', {}, 3],
      ['knn-regressor', {}, 1],
      ['cart-regressor', {}, 7],
    ])
    await ensemble({ ...three, classes: 3 }, [
      ['softmax-classifier', {}, 2],
      ['svm-classifier', {}, 1],
      ['cart-classifier', { maxDepth: 2 }, 1],
    ])
    const both = await ensemble({ ...two, classes: 2 }, [
      ['softmax-classifier', {}, 2],
      ['knn-classifier', {}, 5],
    ])
    for (const positive of ['class 0', 'class 1'])
      for (const value of [0, 0.37, 1])
        models.push({
          json: { ...both, threshold: { metric: 'f1', positive, value } },
          rows: models.at(-1)!.rows,
        })
    const data = randomData({ rows: 30, seed: 3, target: 'classes', classes: 3 })
    if (data.target.kind !== 'classes') throw new Error('classes expected')
    const one = { ...data, target: { ...data.target, codes: data.target.codes.map(() => 1) } }
    models.push({ json: await fitted('cart-classifier', one, {}), rows: models[0].rows })
    const theirs = await pythonAnswers(python!, models)
    expect(theirs.filter(({ error }) => error !== undefined)).toEqual([])
    for (const [i, model] of models.entries()) expect.soft(theirs[i], `${i}`).toEqual(await ownAnswers(model))
    // Thresholds differ.
    expect(
      new Set(theirs.slice(3, 9).map(({ predictions }) => JSON.stringify(predictions))).size,
    ).toBeGreaterThan(2)
  })

  it('says of answers that are none that rows hold too large values', async () => {
    const json = await fitted(
      'linear-regressor',
      randomData({ rows: 30, seed: 1, target: 'numbers', isPlain: true }),
      {},
    )
    const rows = [{ a: 1, 'b "quoted"': 1.7e308, c: -1.7e308 }]
    const [theirs] = await pythonAnswers(python!, [{ json, rows }])
    expect(theirs.error).toMatch(/a finite number for each row \(this one gave .* for row 0\)/)
    expect((await ownAnswers({ json, rows })).error).toMatch(
      /finite number for each row \(this one gave .* for row 0\)/,
    )
  })
})
