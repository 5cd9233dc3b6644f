/** Which trials an ensemble takes: cases that can be followed by hand. */
import { describe, expect, it } from 'vitest'
import { selectEnsemble } from '../../../src/training/judging/ensemble-selection.js'
import { metricNamed } from '../../../src/training/judging/metrics.js'

const folds = [Int32Array.of(0, 1, 2, 3), Int32Array.of(4, 5, 6, 7)]
const groups = Int32Array.from({ length: 8 }, (_, i) => i)
const numbers = (...values: number[]) => ({ values: Float64Array.from(values) })
const labels = (...codes: number[]) => ({ values: Int32Array.from(codes) })
const rmse = metricNamed('rmse', 'regression', null)
const accuracy = metricNamed('accuracy', 'classification', ['a', 'b'])

describe('an ensemble of regressors', () => {
  const truth = { kind: 'numbers', values: new Float64Array(8) } as const
  const input = { metric: rmse, direction: 'minimize', truth, folds, groups } as const

  it('takes two that err to opposite sides, each once, and leaves the third out', async () => {
    const up = numbers(1, 1, 1, 1, 1, 1, 1, 1)
    const down = numbers(-1, -1, -1, -1, -1, -1, -1, -1)
    const far = numbers(5, -5, 5, -5, 5, -5, 5, -5)
    const found = await selectEnsemble({ ...input, candidates: [up, down, far], rounds: 6 })
    expect(found).toEqual({ counts: [1, 1, 0], value: 0, estimate: 0, table: new Float64Array(8) })
  })

  it('takes one more often than another where that is better', async () => {
    const up = numbers(...new Array(8).fill(1))
    const down = numbers(...new Array(8).fill(-2))
    const { counts, value } = await selectEnsemble({ ...input, candidates: [up, down], rounds: 5 })
    expect([counts, value]).toEqual([[2, 1], 0])
    const other = numbers(...new Array(7).fill(-2), -5)
    const found = await selectEnsemble({ ...input, candidates: [up, other], rounds: 5 })
    expect([found.counts, Array.from(found.table)]).toEqual([
      [2, 1],
      [0, 0, 0, 0, 0, 0, 0, -1],
    ])
  })

  it('takes the best alone where nothing improves it, and of equals the first', async () => {
    const one = numbers(1, 1, 1, 1, 1, 1, 1, 1)
    const { counts, value } = await selectEnsemble({
      ...input,
      candidates: [one, one, numbers(...one.values)],
      rounds: 4,
    })
    expect([counts, value]).toEqual([[1, 0, 0], 1])
  })

  it('is judged without the rows it was chosen by: what fits one fold alone is found out', async () => {
    // Right in one fold, wrong in the other: chosen by one of them, each is wrong in the other.
    const first = numbers(0, 0, 0, 0, 4, 4, 4, 4)
    const second = numbers(4, 4, 4, 4, 0, 0, 0, 0)
    const { value, estimate } = await selectEnsemble({ ...input, candidates: [first, second], rounds: 2 })
    expect([value, estimate]).toEqual([2, 4])
  })

  it('has no estimate where rows of one group are in every fold', async () => {
    const one = numbers(1, 1, 1, 1, 1, 1, 1, 1)
    const together = { ...input, groups: new Int32Array(8), candidates: [one, one], rounds: 2 }
    expect((await selectEnsemble(together)).estimate).toBe(null)
  })
})

describe('an ensemble of classifiers', () => {
  const truth = { kind: 'classes', codes: Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1), classes: 2 } as const
  const input = { metric: accuracy, direction: 'maximize', truth, folds, groups } as const

  it('votes where there are no probabilities: three that err on different rows are right together', async () => {
    const wrong = (...rows: number[]) =>
      labels(...truth.codes.map((code, i) => (rows.includes(i) ? 1 - code : code)))
    const candidates = [wrong(0, 4), wrong(1, 5), wrong(2, 6)]
    const { counts, value, estimate } = await selectEnsemble({ ...input, candidates, rounds: 9 })
    expect(value).toBe(1)
    expect(counts.reduce((a, b) => a + b)).toBeLessThanOrEqual(9)
    expect(estimate).toBeGreaterThanOrEqual(0.75)
  })

  it('averages probabilities: who is surer wins', async () => {
    const sure = { ...labels(0, 1, 0, 1, 1, 1, 0, 1), probabilities: new Float64Array(16) }
    const unsure = { ...labels(1, 0, 1, 0, 0, 1, 0, 1), probabilities: new Float64Array(16) }
    for (let i = 0; i < 8; i++) {
      const p = i === 4 ? 0.45 : 0.9
      sure.probabilities.set(truth.codes[i] === 0 ? [p, 1 - p] : [1 - p, p], 2 * i)
      const q = i === 4 ? 0.7 : i > 4 ? 0.6 : 0.4
      unsure.probabilities.set(truth.codes[i] === 0 ? [q, 1 - q] : [1 - q, q], 2 * i)
    }
    const { counts, value } = await selectEnsemble({ ...input, candidates: [sure, unsure], rounds: 2 })
    expect([counts, value]).toEqual([[1, 1], 1])
  })
})
