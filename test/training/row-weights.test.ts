import { describe, expect, it } from 'vitest'
import { type Dataset, selectRows } from '../../src/data/index.js'
import { randomStream } from '../../src/numeric/index.js'
import { describeTrainers } from '../../src/training/index.js'
import {
  type ClassificationLearner,
  pipelineTrainer,
  type RegressionLearner,
} from '../../src/training/pipeline.js'
import type { Params } from '../../src/values.js'

const context = {
  seed: 1,
  random: randomStream(1, 'test'),
  report: () => Promise.resolve('continue' as const),
  signal: new AbortController().signal,
  seat: 0,
  devices: [],
  checkpoint: '',
  step: 0,
  log: () => {},
}

/** Learns nothing but the weights it was given: its state is what it saw. */
const classifier = (usesWeights?: boolean): ClassificationLearner<number[] | null> => ({
  name: 'seer',
  task: 'classification',
  description: 'keeps its weights',
  hyperparameters: [],
  scaling: 'none',
  limits: [],
  packages: [],
  usesWeights,
  fit: (_x, _codes, _classes, _params, { weights }) => weights && Array.from(weights),
  check: () => null,
  load: () => ({
    hasProbabilities: false,
    predict: ({ rows }) => ({ codes: new Int32Array(rows), probabilities: null }),
  }),
})

const regressor: RegressionLearner<number[] | null> = {
  ...classifier(true),
  task: 'regression',
  fit: (_x, _y, _params, { weights }) => weights && Array.from(weights),
  load: () => ({ predict: ({ rows }) => new Float64Array(rows) }),
}

const data: Dataset = {
  columns: [{ name: 'x', kind: 'number', values: Float64Array.of(1, 2, 3, 4, 5) }],
  index: Int32Array.of(0, 1, 2, 3, 4),
  rows: 5,
  target: { kind: 'classes', name: 'y', codes: Int32Array.of(0, 1, 0, 0, 2), classes: ['a', 'b', 'c'] },
  weights: Float64Array.of(2, 1, 1, 1, 10),
}

async function seen(learner: Parameters<typeof pipelineTrainer>[0], of: Dataset, classWeight?: string) {
  const params: Params = classWeight === undefined ? {} : { classWeight }
  const model = await pipelineTrainer(learner).fit(of, params, context)
  return (model.toJSON() as { learned: unknown }).learned
}

describe('a learner that heeds weights', () => {
  it('is given those of its rows', async () => {
    expect(await seen(classifier(true), data)).toEqual([2, 1, 1, 1, 10])
    expect(await seen(classifier(true), selectRows(data, Int32Array.of(1, 4)))).toEqual([1, 10])
    expect(await seen(classifier(true), { ...data, weights: null })).toBeNull()
    const target = { kind: 'numbers' as const, name: 'y', values: new Float64Array(5) }
    expect(await seen(regressor, selectRows({ ...data, target }, Int32Array.of(4, 0)))).toEqual([10, 2])
  })

  it('is given balanced ones, of the classes that have rows, times the sample weights', async () => {
    // compute_sample_weight('balanced', [0, 1, 0, 0]) of scikit-learn: 4 / (2 · 3) and 4 / (2 · 1).
    const rows = Int32Array.of(0, 1, 2, 3)
    expect(await seen(classifier(true), selectRows({ ...data, weights: null }, rows), 'balanced')).toEqual([
      2 / 3,
      2,
      2 / 3,
      2 / 3,
    ])
    expect(await seen(classifier(true), selectRows(data, rows), 'balanced')).toEqual([4 / 3, 2, 2 / 3, 2 / 3])
  })

  it('says so, and has the hyperparameter where there are classes', () => {
    const names = (trainer: ReturnType<typeof pipelineTrainer>) =>
      trainer.hyperparameters.map(({ name }) => name)
    expect(names(pipelineTrainer(classifier(true)))).toContain('classWeight')
    expect(names(pipelineTrainer(classifier()))).not.toContain('classWeight')
    expect(names(pipelineTrainer(regressor))).not.toContain('classWeight')
    expect(pipelineTrainer(regressor).usesWeights).toBe(true)
    expect(pipelineTrainer(classifier()).usesWeights).toBe(false)
  })
})

it('a built-in classifier has the hyperparameter exactly where it heeds weights', async () => {
  for (const { name, task, usesWeights, hyperparameters } of await describeTrainers()) {
    const has = hyperparameters.some((one) => one.name === 'classWeight')
    const expected = task === 'classification' && usesWeights === true
    expect([name, has]).toEqual([name, expected])
  }
})
