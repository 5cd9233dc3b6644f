/** What is the best, and which side of a column is: by trials that came to their end, and by metrics alone. */
import { expect, test } from 'vitest'
import { type SweepHead, type TrialRow, TrialTable } from '../../../src/dashboard/data/index.js'
import { betterOf } from '../../../src/dashboard/page/plots/fields.js'
import { bestSoFar } from '../../../src/dashboard/page/plots/statistics.js'
import { bestFirst, finishedValues } from '../../../src/dashboard/page/ranking.js'
import { everything, selectRows } from '../../../src/dashboard/page/selection.js'
import type { RunStatus } from '../../../src/tracking/index.js'

const row = (trial: number, status: RunStatus, value: number | null): TrialRow => ({
  trial,
  run: `run-${trial}`,
  status,
  started: trial,
  ended: trial + 1,
  params: {},
  value,
  metrics: {},
  rule: 'random',
  predicted: null,
  error: null,
  attempts: 1,
  tags: {},
  fits: [],
})

const table = new TrialTable()
for (const one of [
  row(0, 'finished', 0.5),
  // Its first folds were better than any whole trial.
  row(1, 'pruned', 0.9),
  row(2, 'finished', 0.7),
  row(3, 'failed', null),
  row(4, 'finished', 0.6),
  row(5, 'pruned', 0.1),
])
  table.upsert(one)

test.each([
  ['maximize', [0.5, 0.5, 0.7, 0.7, 0.7, 0.7], [2, 4, 0, 1, 3, 5], 2],
  ['minimize', [0.5, 0.5, 0.5, 0.5, 0.5, 0.5], [0, 4, 2, 1, 3, 5], 0],
] as const)(
  'where one is to %s, a trial that was pruned is never the best',
  (direction, best, order, first) => {
    expect([...bestSoFar(finishedValues(table), direction)]).toEqual(best)
    expect(bestFirst(table, direction)).toEqual(order)
    const top = selectRows(table, { ...everything, top: 1 }, direction, null)
    expect([...top.keys()].filter((at) => top[at] === 1)).toEqual([first])
    const all = selectRows(table, { ...everything, top: 100 }, direction, null)
    expect([...all]).toEqual([1, 0, 1, 0, 1, 0])
  },
)

test('no side of a parameter is the better one, however it is called', () => {
  const head = { entry: { objective: { metric: 'accuracy', direction: 'maximize' } } } as SweepHead
  for (const column of ['params.waitSeconds', 'params.huberLoss', 'params.accuracy', 'tags.fitSeconds'])
    expect(betterOf(head, column)).toBeNull()
  expect(betterOf(head, 'metrics.fitSeconds')).toBe('minimize')
  expect(betterOf(head, 'seconds')).toBe('minimize')
  expect(betterOf(head, 'value')).toBe('maximize')
})
