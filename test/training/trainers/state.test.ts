/** The states of the built-in trainers' models, as a stranger may write them: every value of them is looked at. */
import { expect, it } from 'vitest'
import { selectRows } from '../../../src/data/index.js'
import { describeTrainers } from '../../../src/training/index.js'
import type { JsonValue, Params } from '../../../src/values.js'
import { context } from '../../laws/trainer.js'
import { exampleData } from '../support.js'

const quick: Record<string, Params> = {
  'svm-classifier': { probabilities: true },
  'boosted-trees-classifier': { rounds: 2 },
  'boosted-trees-regressor': { rounds: 2 },
  'forest-classifier': { trees: 2 },
  'forest-regressor': { trees: 2 },
  'perceptron-classifier': { epochs: 1, units: 3 },
  'perceptron-regressor': { epochs: 1, units: 3 },
}
const trainers = await describeTrainers()

async function stateOf(trainer: (typeof trainers)[number]): Promise<string> {
  const isClassifier = trainer.task === 'classification'
  const all = await (isClassifier
    ? exampleData('penguins', 'species')
    : exampleData('diabetes', 'progression'))
  const rows = selectRows(
    all,
    Int32Array.from({ length: 40 }, (_, i) => (i * 8) % all.rows),
  )
  return JSON.stringify((await trainer.fit(rows, quick[trainer.name] ?? {}, context())).toJSON())
}

/** Where every value of a state is, except the objects. */
function placesOf(value: JsonValue, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inside = Object.entries(value).flatMap(([key, entry]) => placesOf(entry, [...path, key]))
  return Array.isArray(value) ? [path, ...inside] : inside
}

/** A value of another kind. */
const wrong = (value: JsonValue) =>
  Array.isArray(value) ? { length: 1e9 } : typeof value === 'number' ? 'x' : 7

it.each(trainers.map((trainer) => [trainer.name, trainer] as const))(
  '%s refuses a state with any value of another kind, and says where',
  async (_, trainer) => {
    const text = await stateOf(trainer)
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

it.each(['boosted-trees-classifier', 'boosted-trees-regressor', 'forest-classifier', 'cart-regressor'])(
  '%s refuses trees whose walks would not end in a leaf of their own',
  async (name) => {
    const trainer = trainers.find((one) => one.name === name)!
    const text = await stateOf(trainer)
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
  },
)
