/** What a fit divides inside its training rows (calibration, the encoding by the target) keeps to what divides folds: groups, and time. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Dataset } from '../../src/data/index.js'
import { selectRows } from '../../src/data/index.js'
import { randomStream } from '../../src/numeric/index.js'
import { openTrainer, performFit, resample } from '../../src/training/index.js'
import { type ClassificationLearner, pipelineTrainer } from '../../src/training/pipeline.js'
import {
  fitPreprocessing,
  type PreprocessingParams,
  trainingMatrix,
} from '../../src/training/preprocessing.js'
import { innerParts, rowsApart } from '../../src/training/resampling/inner-parts.js'
import { alwaysMark } from '../../src/training/resampling/marks.js'
import type { Params } from '../../src/values.js'
import { context } from '../laws/trainer.js'

interface Given {
  readonly texts?: readonly string[]
  readonly numbers?: Readonly<Record<string, ArrayLike<number>>>
  readonly groups?: Int32Array
  readonly times?: Float64Array
}

function dataset(target: Dataset['target'], { texts, numbers = {}, groups, times }: Given): Dataset {
  const rows = target.kind === 'classes' ? target.codes.length : target.values.length
  const categories = [...new Set(texts)].sort()
  return {
    columns: [
      ...Object.entries(numbers).map(([name, values]) => ({
        name,
        kind: 'number' as const,
        values: Float64Array.from(values),
      })),
      ...(texts === undefined
        ? []
        : [
            {
              name: 'text',
              kind: 'text' as const,
              codes: Int32Array.from(texts, (text) => categories.indexOf(text)),
              categories,
            },
          ]),
    ],
    index: Int32Array.from({ length: rows }, (_, i) => i),
    rows,
    target,
    ...(groups && { groups }),
    ...(times && { times }),
  }
}

const classes = (codes: Int32Array) =>
  ({ kind: 'classes', name: 'y', codes, classes: ['no', 'yes'] }) as const
const numbers = (values: ArrayLike<number>) =>
  ({ kind: 'numbers', name: 'y', values: Float64Array.from(values) }) as const
const never = () => {
  throw new Error('rows are held together')
}

describe('parts inside the rows of a fit', () => {
  it('never divide a group, and use every part where there are groups enough (property)', () => {
    const rows = fc.array(fc.tuple(fc.nat(30), fc.nat(1)), { minLength: 1, maxLength: 80 })
    fc.assert(
      fc.property(rows, (drawn) => {
        const groups = Int32Array.from(drawn, ([group]) => group)
        const data = dataset(classes(Int32Array.from(drawn, ([, code]) => code)), { groups })
        const { part, tells } = innerParts(data, 5, never)
        expect(new Set(part).size).toBe(Math.min(5, new Set(groups).size))
        for (let i = 0; i < drawn.length; i++)
          for (let j = 0; j < drawn.length; j++) {
            if (groups[i] === groups[j]) expect(part[i]).toBe(part[j])
            expect(tells(j, part[i])).toBe(part[i] !== part[j])
          }
      }),
      { seed: 1, numRuns: 50 },
    )
  })

  it('go by what is earlier where rows have times, and never divide a time (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { minLength: 1, maxLength: 80 }), (drawn) => {
        const times = Float64Array.from(drawn)
        const { part, tells } = innerParts(dataset(numbers(drawn), { times }), 5, never)
        for (let i = 0; i < drawn.length; i++)
          for (let j = 0; j < drawn.length; j++) {
            if (times[i] === times[j]) expect(part[i]).toBe(part[j])
            if (part[i] !== alwaysMark && tells(j, part[i])) expect(times[j]).toBeLessThan(times[i])
          }
      }),
      { seed: 2, numRuns: 50 },
    )
    const { part } = innerParts(
      dataset(numbers(new Array(12).fill(0)), { times: Float64Array.from({ length: 12 }, (_, i) => -i) }),
      5,
      never,
    )
    expect([...part]).toEqual([4, 4, 3, 3, 2, 2, 1, 1, 0, 0, alwaysMark, alwaysMark])
  })

  it('are dealt by who asks where nothing holds rows together', () => {
    const dealt = Int32Array.of(1, 0, 1)
    const { part, tells } = innerParts(dataset(numbers([1, 2, 3]), {}), 2, () => dealt)
    expect(part).toBe(dealt)
    expect([0, 1, 2].map((row) => tells(row, 1))).toEqual([false, true, false])
  })
})

describe('rows set apart', () => {
  it('are whole groups, or the last in time, about as many as asked for, and never all of a class (property)', () => {
    const rows = fc.array(fc.tuple(fc.nat(20), fc.nat(2)), { minLength: 1, maxLength: 80 })
    fc.assert(
      fc.property(rows, fc.nat(9), fc.boolean(), (drawn, seed, byTime) => {
        const of = drawn.map(([group]) => group)
        const codes = Int32Array.from(drawn, ([, code]) => code)
        const target = { kind: 'classes', name: 'y', codes, classes: ['a', 'b', 'c'] } as const
        const held = byTime ? { times: Float64Array.from(of) } : { groups: Int32Array.from(of) }
        const apart = [...rowsApart(dataset(target, held), 0.2, seed, never)]
        const isApart = of.map((_, row) => apart.includes(row))
        expect(apart).toEqual([...apart].sort((a, b) => a - b))
        for (let i = 0; i < of.length; i++)
          for (let j = 0; j < of.length; j++) {
            if (of[i] === of[j]) expect(isApart[i]).toBe(isApart[j])
            if (byTime && isApart[i] && !isApart[j]) expect(of[i]).toBeGreaterThan(of[j])
          }
        for (const code of new Set(codes))
          expect(codes.some((one, row) => one === code && !isApart[row])).toBe(true)
      }),
      { seed: 3, numRuns: 100 },
    )
    const groups = Int32Array.from({ length: 500 }, (_, i) => i % 50)
    expect(rowsApart(dataset(numbers(groups), { groups }), 0.2, 1, never)).toHaveLength(100)
    expect(
      rowsApart(dataset(numbers(groups), { times: Float64Array.from(groups) }), 0.2, 1, never),
    ).toHaveLength(100)
    const dealt = Int32Array.of(1, 2)
    expect(rowsApart(dataset(numbers([1, 2, 3]), {}), 0.2, 1, () => dealt)).toBe(dealt)
  })

  it('tell boosted trees when to stop: earlier where rows of other groups say so', async () => {
    // Within a group rows are alike; x says nothing of new groups but their group.
    const random = randomStream(7, 'stopped-groups')
    const groups = Int32Array.from({ length: 400 }, (_, i) => i % 40)
    const labels = Array.from({ length: 40 }, () => random.integer(2))
    const place = Array.from({ length: 40 }, () => random.normal())
    const x = Array.from(groups, (group) => place[group] + 1e-6 * random.normal())
    const target = classes(Int32Array.from(groups, (group) => labels[group]))
    const params = { rounds: 200, earlyStoppingRounds: 5, minSamplesLeaf: 2, validationShare: 0.2 }
    const opened = await openTrainer({ kind: 'built-in', name: 'boosted-trees-classifier' })
    if (opened.kind !== 'trainer') throw new Error('it is a trainer')
    const { trainer } = opened
    const lengthOf = async (given: Given) => {
      const model = await trainer.fit(dataset(target, { numbers: { x }, ...given }), params, context())
      return JSON.stringify(model.toJSON()).length
    }
    expect(await lengthOf({ groups })).toBeLessThan((await lengthOf({})) / 4)
  })
})

describe('calibration', () => {
  /** Remembers the rows of every fit, and those that each of its models predicts; x is the number of the row. */
  function watched() {
    const fits: { fitted: number[]; predicted: number[] }[] = []
    const learner: ClassificationLearner<number> = {
      name: 'watched',
      description: '',
      task: 'classification',
      hyperparameters: [],
      scaling: 'none',
      limits: [],
      packages: [],
      fit: (x) => fits.push({ fitted: Array.from(x.values), predicted: [] }) - 1,
      check: (found) => found as number,
      load: (at) => ({
        hasProbabilities: true,
        predict(x) {
          fits[at].predicted.push(...x.values)
          return {
            codes: new Int32Array(x.rows),
            probabilities: Float64Array.from({ length: 2 * x.rows }, () => 0.5),
          }
        },
      }),
    }
    return { fits, trainer: pipelineTrainer(learner) }
  }

  const rows = 120
  const codes = Int32Array.from({ length: rows }, (_, i) => Number(i % 3 === 0))
  const row = Array.from({ length: rows }, (_, i) => i)

  it('keeps groups together: no fit predicts a row of a group that it was fitted on', async () => {
    const groups = Int32Array.from({ length: rows }, (_, i) => (i * 7) % 23)
    const { fits, trainer } = watched()
    const data = dataset(classes(codes), { numbers: { row }, groups })
    await trainer.fit(data, { calibration: 'sigmoid' }, context())
    const [, ...inner] = fits
    expect(inner).toHaveLength(5)
    for (const { fitted, predicted } of inner) {
      const known = new Set(fitted.map((at) => groups[at]))
      expect(predicted.length).toBeGreaterThan(10)
      for (const at of predicted) expect(known.has(groups[at])).toBe(false)
    }
    expect(inner.flatMap(({ predicted }) => predicted).sort((a, b) => a - b)).toEqual(row)
  })

  it('goes by time: every fit predicts what comes right after it', async () => {
    const times = Float64Array.from({ length: rows }, (_, i) => (i * 7) % rows)
    const { fits, trainer } = watched()
    const data = dataset(classes(codes), { numbers: { row }, times })
    await trainer.fit(data, { calibration: 'isotonic' }, context())
    const [, ...inner] = fits
    expect(inner.map(({ fitted }) => fitted.length)).toEqual([20, 40, 60, 80, 100])
    for (const { fitted, predicted } of inner) {
      const last = Math.max(...fitted.map((at) => times[at]))
      expect(Math.min(...predicted.map((at) => times[at]))).toBe(last + 1)
      expect(predicted).toHaveLength(20)
    }
  })

  it('changes nothing where no fit could be compared, and says so', async () => {
    const said: string[] = []
    const log = (message: string) => said.push(message)
    const probabilitiesOf = async (given: Given, calibration: string) => {
      const data = dataset(classes(codes), { numbers: { row }, ...given })
      const params = { calibration, trees: 5 }
      const opened = await openTrainer({ kind: 'built-in', name: 'forest-classifier' })
      if (opened.kind !== 'trainer') throw new Error('it is a trainer')
      const model = await opened.trainer.fit(data, params, { ...context(), log })
      return model.predictProbability!(data).values
    }
    // One group alone; one that has all rows of a class; one time alone.
    const held: Given[] = [
      { groups: new Int32Array(rows) },
      { groups: codes.map((code, i) => (code === 1 ? 0 : 1 + (i % 7))) },
      { times: new Float64Array(rows) },
    ]
    for (const given of held)
      for (const kind of ['sigmoid', 'isotonic']) {
        said.length = 0
        const plain = await probabilitiesOf(given, 'none')
        expect(said).toEqual([])
        const put = await probabilitiesOf(given, kind)
        expect(put.every((value, i) => Math.abs(value - plain[i]) < 1e-9)).toBe(true)
        expect(said).toEqual([
          expect.stringMatching(/^calibration: probabilities of no, yes stay as they are/),
        ])
      }
  })

  it('leaves a class alone that has one training row: a fit without it knows nothing of it', async () => {
    const random = randomStream(4, 'one-row')
    const three = Int32Array.from({ length: 90 }, (_, i) => (i === 0 ? 2 : i % 2))
    const x = Float64Array.from(three, (code) => (code === 2 ? 9 : code + random.normal()))
    const target = { kind: 'classes', name: 'y', codes: three, classes: ['a', 'b', 'c'] } as const
    const opened = await openTrainer({ kind: 'built-in', name: 'softmax-classifier' })
    if (opened.kind !== 'trainer') throw new Error('it is a trainer')
    const data = dataset(target, { numbers: { x } })
    const model = await opened.trainer.fit(data, { calibration: 'sigmoid' }, context())
    const { values } = model.predictProbability!(data)
    // With it taken for improbable where it was true, every row that is least like it would be called it.
    expect(values[2]).toBeGreaterThan(0.5)
    for (let i = 1; i < 90; i++) expect(values[3 * i + 2]).toBeLessThan(0.2)
  })

  it('is honest about new groups, as it is not where groups are divided', async () => {
    // Rows of one group are copies of each other but for their labels' common noise: neighbours of the own group are always right.
    const random = randomStream(5, 'calibrated-groups')
    const groups = Int32Array.from({ length: 600 }, (_, i) => i % 60)
    const labels = Array.from({ length: 60 }, () => random.integer(2))
    const of = Array.from({ length: 60 }, () => random.normal())
    const x = Array.from(groups, (group) => of[group] + 1e-6 * random.normal())
    const target = classes(Int32Array.from(groups, (group) => labels[group]))
    const score = async (held: Given) =>
      (
        await heldOut(target, { numbers: { x }, ...held }, groups, 'knn-classifier', {
          k: 5,
          calibration: 'sigmoid',
        })
      ).logLoss
    // The labels are drawn without a look at x: nothing is better than log 2.
    expect(await score({ groups })).toBeLessThan(0.8)
    expect(await score({})).toBeGreaterThan(1.5)
  })
})

/** Metrics of the mean fold of a cross-validation by groups. */
async function heldOut(
  target: Dataset['target'],
  given: Given,
  groups: Int32Array,
  name: string,
  params: Params,
): Promise<Record<string, number>> {
  const data = dataset(target, given)
  const layout = { groups, times: null, testRows: 0 }
  const plan = {
    trainer: { kind: 'built-in', name } as const,
    data,
    resampling: resample(data, { folds: 3, seed: 1 }, layout),
    seed: 1,
    objectiveMetric: target.kind === 'classes' ? 'accuracy' : 'rmse',
  }
  const opened = await openTrainer(plan.trainer)
  const means: Record<string, number> = {}
  for (let fold = 0; fold < 3; fold++) {
    const { metrics } = await performFit(plan, opened, {
      trial: 0,
      attempt: 0,
      part: { kind: 'fold', fold },
      params,
    })
    for (const [metric, value] of Object.entries(metrics)) means[metric] = (means[metric] ?? 0) + value / 3
  }
  return means
}

describe('the encoding by the target', () => {
  const params: PreprocessingParams = {
    imputation: 'mean',
    textImputation: 'category',
    encoding: 'target',
    scaling: 'none',
  }
  const encoded = (data: Dataset) => trainingMatrix(fitPreprocessing(data, params), data, params).values
  const texts = Array.from({ length: 200 }, (_, i) => `t${i % 13}`)
  const y = Array.from({ length: 200 }, (_, i) => (i * 7) % 11)

  it('of a row knows no target of its group', () => {
    const groups = Int32Array.from(texts, (_, i) => (i * i) % 31)
    const before = encoded(dataset(numbers(y), { texts, groups }))
    for (const group of new Set(groups)) {
      const changed = y.map((value, i) => (groups[i] === group ? value + 1000 : value))
      const after = encoded(dataset(numbers(changed), { texts, groups }))
      for (let i = 0; i < 200; i++) if (groups[i] === group) expect(after[i]).toBe(before[i])
      expect(after).not.toEqual(before)
    }
  })

  it('of a row knows no target of its time or a later one', () => {
    const times = Float64Array.from(texts, (_, i) => Math.floor(((i * 7) % 200) / 4))
    const before = encoded(dataset(numbers(y), { texts, times }))
    for (const time of [9, 25, 49]) {
      const changed = y.map((value, i) => (times[i] >= time ? value + 1000 : value))
      const after = encoded(dataset(numbers(changed), { texts, times }))
      for (let i = 0; i < 200; i++) if (times[i] <= time) expect(after[i]).toBe(before[i])
    }
    // The first have nothing before them, and tell nothing apart.
    const first = before.filter((_, i) => times[i] < 8)
    expect(new Set(first).size).toBe(1)
    expect(new Set(before).size).toBeGreaterThan(13)
  })

  it('of a single group tells nothing apart', () => {
    const one = encoded(dataset(numbers(y), { texts, groups: new Int32Array(200) }))
    expect(new Set(one)).toEqual(new Set([y.reduce((sum, value) => sum + value, 0) / 200]))
  })

  it('parts no group where rows are selected anew, as in a fit within a fit', () => {
    const groups = Int32Array.from(texts, (_, i) => i % 31)
    const data = dataset(numbers(y), { texts, groups })
    const some = selectRows(
      data,
      Int32Array.from({ length: 120 }, (_, i) => 199 - i),
    )
    const { part } = innerParts(some, 5, never)
    const known = new Map<number, number>()
    some.index.forEach((row, i) => {
      expect(known.get(groups[row]) ?? part[i]).toBe(part[i])
      known.set(groups[row], part[i])
    })
  })

  it('scores honestly with a column that names the groups, as it does not where groups are divided', async () => {
    // The text is the group's, and its target mostly the group's own; x alone carries over to new groups.
    const random = randomStream(6, 'encoded-groups')
    const groups = Int32Array.from({ length: 800 }, (_, i) => i % 80)
    const own = Array.from({ length: 80 }, () => 3 * random.normal())
    const x = Array.from(groups, () => random.normal())
    const target = numbers(Array.from(groups, (group, i) => own[group] + 2 * x[i]))
    const ids = Array.from(groups, (group) => `patient ${group}`)
    const score = async (given: Given, more: Params = {}) =>
      (
        await heldOut(target, { numbers: { x }, ...given }, groups, 'cart-regressor', {
          maxDepth: 2,
          encoding: 'target',
          ...more,
        })
      ).rmse
    const without = await score({})
    expect(Math.abs((await score({ texts: ids, groups })) - without)).toBeLessThan(0.1)
    // The tree goes by the text alone, of which new groups have none.
    expect(await score({ texts: ids })).toBeGreaterThan(without + 0.3)
  })
})
