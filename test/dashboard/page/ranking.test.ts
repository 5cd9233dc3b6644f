/** What is the best, and which side of a column is: by trials that came to their end, and by metrics alone. */
import { expect, test } from 'vitest'
import type { Surface } from '../../../src/analysis/index.js'
import { type SweepHead, TrialTable } from '../../../src/dashboard/data/index.js'
import { goodness } from '../../../src/dashboard/page/plots/colours.js'
import { contourPicture } from '../../../src/dashboard/page/plots/contour.js'
import type { Theme } from '../../../src/dashboard/page/plots/drawing.js'
import { betterOf } from '../../../src/dashboard/page/plots/fields.js'
import { frontOf } from '../../../src/dashboard/page/plots/front.js'
import { bestSoFar } from '../../../src/dashboard/page/plots/statistics.js'
import { SvgDrawing } from '../../../src/dashboard/page/plots/svg.js'
import { bestFirst, finishedValues } from '../../../src/dashboard/page/ranking.js'
import { everything, selectRows } from '../../../src/dashboard/page/selection.js'
import type { RunStatus } from '../../../src/tracking/index.js'
import type { Direction } from '../../../src/values.js'
import { trialRow } from '../trial-row.js'
import { syntheticSweep } from './synthetic.js'

const headOf = (direction: Direction) =>
  ({ entry: { objective: { metric: 'accuracy', direction } } }) as SweepHead

const row = (trial: number, status: RunStatus, value: number | null) => trialRow(trial, { status, value })

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
    const top = selectRows(headOf(direction), table, { ...everything, top: 1 }, null)
    expect([...top.keys()].filter((at) => top[at] === 1)).toEqual([first])
    const all = selectRows(headOf(direction), table, { ...everything, top: 100 }, null)
    expect([...all]).toEqual([1, 0, 1, 0, 1, 0])
  },
)

test('no side of a parameter is the better one, however it is called', () => {
  const head = headOf('maximize')
  for (const column of ['params.waitSeconds', 'params.huberLoss', 'params.accuracy', 'tags.fitSeconds'])
    expect(betterOf(head, column)).toBeNull()
  expect(betterOf(head, 'metrics.fitSeconds')).toBe('minimize')
  expect(betterOf(head, 'seconds')).toBe('minimize')
  expect(betterOf(head, 'value')).toBe('maximize')
})

test('what is picked by hand is selected only where the rest lets it through', () => {
  const brushes = { trial: { kind: 'range', min: 2, max: 9 } } as const
  const mask = selectRows(headOf('maximize'), table, { ...everything, brushes, picked: [0, 2, 99] }, null)
  expect([...mask]).toEqual([0, 0, 1, 0, 0, 0])
})

test('the front is of those that no other dominates, also where some are equal or lack a value', () => {
  const xs = [1, 2, 2, 3, 1, Number.NaN, 4]
  const ys = [5, 3, 3, 3, 5, 0, 1]
  const rows = [...xs.keys()]
  expect(frontOf(xs, ys, ['minimize', 'minimize'], rows)).toEqual([0, 4, 1, 2, 6])
  expect(frontOf(xs, ys, ['maximize', 'maximize'], rows)).toEqual([6, 3, 0, 4])
  expect(frontOf(xs, ys, ['maximize', 'minimize'], rows)).toEqual([6])
})

test('the best has the best colour and the last place of a ramp, whichever side that is', () => {
  const values = Array.from({ length: 21 }, (_, k) => k)
  for (const [direction, best, worst] of [
    ['maximize', 20, 1],
    ['minimize', 0, 19],
  ] as const) {
    const { of, ...ends } = goodness(values, direction)
    expect(ends).toEqual({ best, worst })
    expect([of(best), of(worst), of(direction === 'maximize' ? -99 : 99)]).toEqual([1, 0, 0])
  }
})

test('a surface is coloured from the worst to the best, and its legend says so', () => {
  const { head, table: trials } = syntheticSweep({ trials: 3 })
  const theme = new Proxy({} as Theme, {
    get: (_, name) =>
      name === 'ramp'
        ? Array.from({ length: 6 }, (_, k) => `rgb(0, 0, ${k * 50})`)
        : name === 'kinds'
          ? []
          : 'red',
  })
  const frame = { width: 600, height: 300, theme, measure: (text: string) => 7 * text.length }
  const surface: Surface = {
    x: 'learning_rate',
    y: 'kernel',
    xAt: [1e-5, 0.1],
    yAt: ['linear'],
    mean: [[1, 2]],
    deviation: [[0, 0]],
  }
  const coloursOf = (direction: 'maximize' | 'minimize') => {
    const on = new SvgDrawing()
    const picture = contourPicture(
      frame,
      { head: head.peek(), table: trials },
      { x: 'params.learning_rate', y: 'params.kernel', metric: 'value', label: 'v', direction, surface },
    )
    for (const _ of picture.draw(on) ?? []);
    const text = on.text(600, 300, '')
    const cells = [...text.matchAll(/fill="rgb\(0, 0, (\d+)\)"[^>]*opacity="0.82"/g)].map(([, blue]) =>
      Number(blue),
    )
    const ends = [...text.matchAll(/>([12])<\/text>/g)].map(([, end]) => end)
    return { cells, ends }
  }
  // The text of the best end is written first, at the right.
  expect(coloursOf('maximize')).toMatchObject({ cells: [0, 250], ends: ['2', '1'] })
  expect(coloursOf('minimize')).toMatchObject({ cells: [250, 0], ends: ['1', '2'] })
})
