/** Ranges hold the best tenth, and whatever is as good as the last of it. */
import { expect, test } from 'vitest'
import { goodRange } from '../../src/analysis/good.js'
import { sampleOf } from '../../src/analysis/sample.js'
import type { ChildRun, ParentRun } from '../../src/tracking/index.js'

const sweep = { spec: { parameters: { x: { type: 'float', min: 0, max: 1 } } } } as unknown as ParentRun
const range = (values: readonly number[], direction: 'minimize' | 'maximize') => {
  const runs = values.map((value, trial) => ({
    trial,
    status: 'finished',
    values: { loss: value },
    metrics: {},
    params: { x: trial / 100 },
  }))
  return goodRange(sampleOf(sweep, runs as unknown as ChildRun[], 'loss', direction), 0)
}

test.each([
  ['minimize', 1],
  ['maximize', -1],
] as const)('where one is to %s', (direction, sign) => {
  const rising = Array.from({ length: 80 }, (_, trial) => sign * trial)
  expect(range(rising, direction)).toEqual({ kind: 'range', min: 0, max: 0.07 })
  // Trials 6 to 30 are as good as the eighth.
  const equal = rising.map((value, trial) => (trial >= 6 && trial <= 30 ? sign * 6 : value))
  expect(range(equal, direction)).toEqual({ kind: 'range', min: 0, max: 0.3 })
})
