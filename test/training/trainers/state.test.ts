/** The states of the built-in trainers' models, as a stranger may write them: every value of them is looked at. */
import { expect, it } from 'vitest'
import { selectRows } from '../../../src/data/index.js'
import { describeTrainers } from '../../../src/training/index.js'
import {
  differentTexts,
  finite,
  list,
  numbers,
  oneOf,
  positive,
  whole,
  wholes,
} from '../../../src/training/state-check.js'
import type { JsonValue, Params } from '../../../src/values.js'
import { context } from '../../laws/trainer.js'
import { exampleData } from '../support.js'

const quick: Record<string, Params> = {
  'svm-classifier': { probabilities: true },
  'boosted-trees-classifier': { rounds: 2, minSamplesLeaf: 4 },
  'boosted-trees-regressor': { rounds: 2, minSamplesLeaf: 4 },
  'forest-classifier': { trees: 2 },
  'forest-regressor': { trees: 2 },
  'extra-trees-classifier': { trees: 2 },
  'extra-trees-regressor': { trees: 2 },
  'perceptron-classifier': { epochs: 1, units: 3 },
  'perceptron-regressor': { epochs: 1, units: 3 },
}
const xgboost = { engine: 'ml-xgboost', rounds: 2, imputation: 'mean', encoding: 'one-hot' }
const mlCart = { engine: 'ml-cart', imputation: 'mean', encoding: 'one-hot' }
const mlRandomForest = { ...mlCart, engine: 'ml-random-forest', trees: 2 }
/** Of trainers with several engines the one that is not the default. */
const otherEngine: Record<string, Params> = {
  'cart-classifier': mlCart,
  'cart-regressor': mlCart,
  'forest-classifier': mlRandomForest,
  'forest-regressor': mlRandomForest,
  'boosted-trees-classifier': xgboost,
  'boosted-trees-regressor': xgboost,
}
const trainers = await describeTrainers()
const states = trainers.flatMap((trainer) => {
  const other = otherEngine[trainer.name]
  const preset = [trainer.name, trainer, quick[trainer.name] ?? {}] as const
  return other === undefined
    ? [preset]
    : [preset, [`${trainer.name} (${other.engine})`, trainer, other] as const]
})

async function stateOf(
  trainer: (typeof trainers)[number],
  params: Params = quick[trainer.name] ?? {},
): Promise<string> {
  const isClassifier = trainer.task === 'classification'
  const all = await (isClassifier
    ? exampleData('penguins', 'species')
    : exampleData('diabetes', 'progression'))
  const rows = selectRows(
    all,
    Int32Array.from({ length: 40 }, (_, i) => (i * 8) % all.rows),
  )
  return JSON.stringify((await trainer.fit(rows, params, context())).toJSON())
}

/** Where every value of a state is, except the objects. */
function placesOf(value: JsonValue, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inside = Object.entries(value).flatMap(([key, entry]) => placesOf(entry, [...path, key]))
  return Array.isArray(value) ? [path, ...inside] : inside
}

/** A value of another kind. */
const wrong = (value: JsonValue) =>
  Array.isArray(value) || value === null ? { length: 1e9 } : typeof value === 'number' ? 'x' : 7

it.each(states)(
  '%s refuses a state with any value of another kind, and says where',
  async (_, trainer, params) => {
    const text = await stateOf(trainer, params)
    const places = placesOf(JSON.parse(text))
    const stride = Math.ceil(places.length / 120)
    for (const place of places.filter((path, i) => path.length < 4 || i % stride === 0)) {
      const state = JSON.parse(text)
      const inside = place.slice(0, -1).reduce((value, key) => value[key], state)
      const key = place.at(-1)!
      inside[key] = wrong(inside[key])
      const error = await Promise.resolve(trainer.load(state)).then(
        () => ({ code: 'LOADED', message: `with another ${place.join('.')}` }),
        (thrown) => thrown,
      )
      expect([error.code, error.message]).toEqual([
        'MODEL_INVALID',
        expect.stringMatching(/ must be .*; the model file is not as it was written$/),
      ])
      expect(error.message).toContain(`state.${place[0]}`)
    }
  },
)

/** Numbers of a state that count, name a place or divide: none of them can be below 0 or this large. */
const bounded = new Set(
  'column right roots outputs codes k columns sizes labels counts degree seen scale factor'.split(' '),
)

it.each(states)(
  '%s refuses a state with a list of another length, a text twice, or a number out of its range',
  async (_, trainer, params) => {
    const text = await stateOf(trainer, params)
    const loaded: string[] = []
    const attempt = async (what: string, state: JsonValue) => {
      const error = await Promise.resolve(trainer.load(state)).then(
        () => loaded.push(what),
        (thrown) => thrown,
      )
      if (typeof error !== 'number') expect([what, error.code]).toEqual([what, 'MODEL_INVALID'])
    }
    const placed = (place: readonly string[], change: (found: JsonValue) => JsonValue) => {
      const state = JSON.parse(text)
      const inside = place.slice(0, -1).reduce((value, key) => value[key], state)
      inside[place.at(-1)!] = change(inside[place.at(-1)!])
      return state
    }
    const valueAt = (place: readonly string[]) =>
      place.reduce((value, key) => value[key], JSON.parse(text)) as JsonValue
    const places = placesOf(JSON.parse(text))
    const stride = Math.ceil(places.length / 120)
    for (const place of places.filter((path, i) => path.length < 4 || i % stride === 0)) {
      const found = valueAt(place)
      const name = place.join('.')
      if (Array.isArray(found) && found.length > 0) {
        await attempt(
          `${name} with one less`,
          placed(place, (all) => (all as JsonValue[]).slice(0, -1)),
        )
        await attempt(
          `${name} with one more`,
          placed(place, (all) => [...(all as JsonValue[]), found.at(-1)!]),
        )
      }
      if (Array.isArray(found) && found.length > 1 && typeof found[0] === 'string') {
        await attempt(
          `${name} with a text twice`,
          placed(place, () => [...found.slice(0, -1), found[0]]),
        )
      }
      if (typeof found === 'number' && bounded.has(place.findLast((key) => Number.isNaN(Number(key)))!)) {
        await attempt(
          `${name} below its range`,
          placed(place, () => -2),
        )
        if (!place.includes('scale') && !place.includes('factor'))
          await attempt(
            `${name} above its range`,
            placed(place, () => 2 ** 40),
          )
      }
    }
    // A set has any number of bins, and two nodes may have the same one. A forest has any number of trees, and to trees that do not ask for a column it may be missing.
    const isOfTrees = /cart|forest|extra-trees|boosted/.test(trainer.name)
    const open =
      /^(learned\.sets with a text twice|learned\.trees\.(sets\.\d+ with one less|categories\.\d+\.bins with one (less|more))|learned\.trees with .*|preprocessing\.columns(\.\d+\.categories)? with one less)$/
    expect(loaded.filter((what) => !(isOfTrees && open.test(what)))).toEqual([])
  },
)

it.each<[string, () => unknown, law: string]>([
  ['list', () => list([1], 'x', 2), 'a list of 2 (got a list of 1)'],
  ['finite', () => finite(Number.POSITIVE_INFINITY, 'x'), 'a finite number'],
  ['finite', () => finite(-1, 'x', 0), 'a finite number, 0 or more (got -1)'],
  ['finite', () => finite(3, 'x', -Infinity, 2), 'a finite number, 2 or less (got 3)'],
  ['positive', () => positive(0, 'x'), 'a number above 0 (got 0)'],
  ['whole', () => whole(1.5, 'x', 0, 2), 'a whole number from 0 to 2 (got 1.5)'],
  ['whole', () => whole(-1, 'x', 0, 2), 'a whole number from 0 to 2 (got -1)'],
  ['whole', () => whole(3, 'x', 0, 2), 'a whole number from 0 to 2 (got 3)'],
  ['oneOf', () => oneOf('c', 'x', ['a', 'b']), 'one of "a", "b" (got "c")'],
  ['numbers', () => numbers([1, 2, 3], 'x', 2), 'a list of 2 (got a list of 3)'],
  ['numbers', () => numbers([0, -1], 'x', 2, 0, 1), 'a finite number from 0 to 1 (got -1)'],
  ['numbers', () => numbers([0, 1.5], 'x', 2, 0, 1), 'a finite number from 0 to 1 (got 1.5)'],
  ['wholes', () => wholes([0, 1], 'x', 3, 0, 1), 'a list of 3 (got a list of 2)'],
  ['wholes', () => wholes([0, 2], 'x', 2, 0, 1), 'a whole number from 0 to 1 (got 2)'],
  ['differentTexts', () => differentTexts(['a', 'b', 'a'], 'x'), 'a list without repeats (got a list of 3)'],
  ['differentTexts', () => differentTexts([null, null], 'x', true), 'a list without repeats'],
  ['differentTexts', () => differentTexts([null], 'x'), 'a text (got null)'],
])('%s says what was expected: %#', (_, check, law) => {
  expect(check).toThrow(/^x(\[\d\])? must be /)
  expect(check).toThrow(law)
})

it.each([
  'boosted-trees-classifier',
  'boosted-trees-regressor',
  'forest-classifier (ml-random-forest)',
  'cart-regressor (ml-cart)',
])('%s refuses trees whose walks would not end in a leaf of their own', async (name) => {
  const [, trainer, params] = states.find(([title]) => title === name)!
  const text = await stateOf(trainer, params)
  const open = (state: { learned: Record<string, unknown> }) => {
    const { trees = state.learned } = state.learned
    return (Array.isArray(trees) ? trees[0] : trees) as { column: number[]; right: number[] }
  }
  const { column, right } = open(JSON.parse(text))
  const inner = column.flatMap((of, node) => (of >= 0 ? [node] : []))
  expect(inner.length).toBeGreaterThan(0)
  for (const node of inner) {
    for (const to of [0, node, node + 1, right[node] + 1, right.length - 1, right.length, 1e9]) {
      if (to === right[node]) continue
      const state = JSON.parse(text)
      open(state).right[node] = to
      await expect(trainer.load(state)).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    }
  }
})
