/** Nearest neighbours: cases by hand, what weights of rows mean, the same answers as ml-knn, and what fits share. */
import { describe, expect, it } from 'vitest'
import { type Dataset, selectRows } from '../../../src/data/index.js'
import { randomStream } from '../../../src/numeric/index.js'
import { checkParams } from '../../../src/training/index.js'
import type { Matrix } from '../../../src/training/matrix.js'
import type { FittedHere } from '../../../src/training/pipeline.js'
import { Preparation } from '../../../src/training/preparation.js'
import {
  type NeighbourState,
  neighbourhood,
  votesByDistance,
} from '../../../src/training/trainers/neighbours.js'
import type { Params } from '../../../src/values.js'
import { builtIn, fitted, halves, numbers } from './support.js'

const probabilities = async (data: Dataset, params: Params, asked: Dataset) =>
  Array.from(
    (await fitted('knn-classifier', data, { scaling: 'none', ...params })).predictProbability!(asked).values,
  )

describe('by hand', () => {
  const line = numbers([[0, 1, 3, 7, 8]], ['a', 'a', 'b', 'b', 'c'])
  const at = (...places: number[]) =>
    numbers(
      [places],
      places.map(() => 'a'),
    )

  it('shares of the votes are the probabilities, by distance one over it each', async () => {
    expect(await probabilities(line, { k: 3 }, at(2))).toEqual([2 / 3, 1 / 3, 0])
    // 1 at distance 1, 3 at 1, 0 at 2: votes 1 + 1/2 and 1.
    expect(await probabilities(line, { k: 3, weights: 'distance' }, at(2))).toEqual([1.5 / 2.5, 1 / 2.5, 0])
    expect(await probabilities(line, { k: 3, weights: 'distance' }, at(7))).toEqual([0, 1, 0])
  })

  it('of rows at the same distance the first ones are neighbours', async () => {
    const both = numbers([[5, 1, 5, 1]], ['a', 'b', 'c', 'd'])
    expect(await probabilities(both, { k: 1 }, at(3))).toEqual([1, 0, 0, 0])
    expect(await probabilities(both, { k: 3 }, at(3))).toEqual([1 / 3, 1 / 3, 1 / 3, 0])
  })

  it('a row of weight 3 has three votes', async () => {
    const weights = Float64Array.of(1, 1, 3, 1, 1)
    expect(await probabilities({ ...line, weights }, { k: 3 }, at(2))).toEqual([
      expect.closeTo(0.4, 14),
      expect.closeTo(0.6, 14),
      0,
    ])
    // Every class counts the same: 5/6 a row of a and b, 5/3 of c.
    expect(await probabilities(line, { k: 5, classWeight: 'balanced' }, at(2))).toEqual(
      [1, 1, 1].map(() => expect.closeTo(1 / 3, 14)),
    )
  })

  it('a regressor answers their mean, weighted by votes', async () => {
    const data = numbers([[0, 1, 3, 7, 8]], [10, 20, 40, 80, 0])
    const asked = numbers([[2, 7.5, 0]], [0, 0, 0])
    const answers = async (params: Params, weights: Float64Array | null = null) =>
      Array.from(
        (await fitted('knn-regressor', { ...data, weights }, { scaling: 'none', ...params })).predict(
          asked,
        ) as Float64Array,
      )
    expect(await answers({ k: 2 })).toEqual([30, 40, 15])
    expect(await answers({ k: 2, weights: 'distance' })).toEqual([30, 40, 10])
    expect(await answers({ k: 2 }, Float64Array.of(1, 1, 3, 1, 1))).toEqual([expect.closeTo(35, 12), 40, 15])
    expect(await answers({ k: 1, distance: 'chebyshev' })).toEqual([20, 80, 10])
  })

  it('votes by distance are finite where a distance or what is over it is not', () => {
    const votes = (...distances: number[]) => {
      const found = new Float64Array(distances.length)
      votesByDistance(distances, found)
      return Array.from(found)
    }
    expect(votes(0, 0, 1)).toEqual([1, 1, 0])
    expect(votes(1, 4, Infinity)).toEqual([1, 0.25, 0])
    expect(votes(Infinity, Infinity)).toEqual([1, 1])
    expect(votes(1e-310, 2e-310)[1]).toBeCloseTo(0.5, 5)
  })
})

describe('the engine ml-knn', () => {
  it.each(['euclidean', 'manhattan', 'chebyshev'])(
    'gives the same to the bit without ties: %s',
    async (distance) => {
      for (const weights of ['uniform', 'distance']) {
        for (let trial = 0; trial < 6; trial++) {
          const random = randomStream(trial, 'ml-knn')
          const column = () => Array.from({ length: 80 }, () => random.normal())
          const columns = Array.from({ length: 1 + trial }, column)
          const all = numbers(
            columns,
            columns[0].map(() => 'abc'[random.integer(3)]),
          )
          const some = (first: number) =>
            selectRows(
              all,
              Int32Array.from({ length: 40 }, (_, i) => first + i),
            )
          const params = { distance, weights, k: 1 + random.integer(9) }
          const [native, other] = await Promise.all(
            ['native', 'ml-knn'].map((engine) => fitted('knn-classifier', some(0), { ...params, engine })),
          )
          expect(native.predict(some(40))).toEqual(other.predict(some(40)))
          expect(native.predictProbability!(some(40))).toEqual(other.predictProbability!(some(40)))
        }
      }
    },
  )

  it('is refused what it cannot do', async () => {
    const [wine] = await halves('wine', 'cultivar')
    const refused = (params: Params, message: RegExp) =>
      expect(fitted('knn-classifier', wine, { engine: 'ml-knn', ...params })).rejects.toMatchObject({
        code: 'PARAMS_REFUSED',
        message: expect.stringMatching(message),
      })
    await refused(
      { distance: 'cosine' },
      /the distance is one of "euclidean", .* \(got "cosine"\); the engine "native" has it/,
    )
    await refused({ classWeight: 'balanced' }, /all rows count the same/)
    expect(checkParams(await builtIn('knn-classifier'), { engine: 'ml-knn', distance: 'cosine' })).toEqual([])
  })

  it('has a model of the form it always had, which loads without the name of an engine', async () => {
    const [wine, asked] = await halves('wine', 'cultivar')
    const model = await fitted('knn-classifier', wine, { engine: 'ml-knn' })
    const { learned } = model.toJSON() as { learned: object }
    expect(Object.keys(learned)).toEqual(['k', 'distance', 'weights', 'columns', 'points', 'codes'])
    const loaded = await (await builtIn('knn-classifier')).load(JSON.parse(JSON.stringify(model.toJSON())))
    expect(loaded.predict(asked)).toEqual(model.predict(asked))
    expect(loaded.toJSON()).toEqual(model.toJSON())
  })
})

describe('fits on the same rows', () => {
  const random = randomStream(3, 'shared')
  const values = (rows: number) => Float64Array.from({ length: 3 * rows }, () => random.integer(5))
  const points: Matrix = { rows: 100, columns: 3, values: values(100) }
  const heldOut: Matrix = { rows: 40, columns: 3, values: values(40) }

  /** Places and votes of all rows held out. */
  function votersOf(k: number, weights: NeighbourState['weights'], here?: FittedHere) {
    const all: [number, Int32Array, Float64Array][] = []
    const state = { k, distance: 'euclidean', weights, points, votes: null } as const
    neighbourhood(state, here)(heldOut, ({ first, rows, places, stride, votes }) => {
      for (let i = 0; i < rows; i++) {
        const from = (first + i) * stride
        const ofRow = votes?.slice(i * k, (i + 1) * k) ?? new Float64Array(k).fill(1)
        all.push([first + i, places.slice(from, from + k), ofRow])
      }
    })
    return all
  }

  it('have neighbours as if each had searched for its own, found once and again where more are asked for', () => {
    const preparation = new Preparation(10)
    const rows = preparation.part('fold', () => ({
      training: { rows: 0 } as Dataset,
      heldOut: null,
      positions: new Int32Array(0),
    }))
    const here = { shared: rows.under('matrix'), isHeldOut: (asked: Matrix) => asked === heldOut }
    const before = preparation.bytes
    const kept: number[] = []
    for (const k of [5, 16, 17, 3, 40, 100, 1]) {
      for (const weights of ['uniform', 'distance'] as const) {
        expect(votersOf(k, weights, here)).toEqual(votersOf(k, weights))
      }
      kept.push((preparation.bytes - before) / (12 * heldOut.rows))
    }
    // Sixteen, then twice as many as long as there are, then all.
    expect(kept).toEqual([16, 16, 32, 32, 64, 100, 100])
  })
})
