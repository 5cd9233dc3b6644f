/** Charts in characters, to the character. */
import { describe, expect, it } from 'vitest'
import { historyChart, improvementsOf, stepChart } from '../../src/cli/chart.js'
import { Failures } from '../../src/cli/progress/failures.js'
import { frame } from '../../src/cli/progress/frame.js'
import { SweepState } from '../../src/cli/progress/state.js'
import { room } from '../../src/cli/room.js'
import type { SweepEvent } from '../../src/sweep/index.js'

it.each([
  ['abc', 3],
  ['日本語', 6],
  ['ｱﾊﾟ', 3],
  ['ＡＢ', 4],
  ['한국', 4],
  ['e\u0301', 1],
  ['a\u200bb', 2],
  ['🧪', 2],
  ['𠀀', 2],
  ['é…│█', 4],
])('the room of %s is %i', (text, width) => {
  expect(room(text)).toBe(width)
})

const values = [0.5, 0.7, 0.6, 0.9, 0.8, 0.4, 0.95, 0.85, 0.3, 0.92]
const points = values.map((value, trial) => ({ trial, value }))

describe('the history of a sweep', () => {
  it.each([
    [
      46,
      [
        '0.95 │            •───────────•───────────•───',
        '     │                •           •',
        '     │    •───────',
        '     │•───    •',
        '     │                    •',
        ' 0.3 └                                •',
        '      0                trial                 9',
        '      • value  ─ best so far',
      ],
    ],
    [
      32,
      [
        '0.95 │       •───────•───────•──',
        '     │          •       •',
        '     │  •────',
        '     │•─   •',
        '     │             •',
        ' 0.3 └                    •',
        '      0         trial          9',
        '      • value  ─ best so far',
      ],
    ],
    [27, []],
  ])('is drawn in %i characters, or not at all where there is no room', (width, drawn) => {
    expect(historyChart(points, 'maximize', { width, height: 6 })).toEqual(drawn)
  })

  it('leaves what is far worse than most off the chart, and says so', () => {
    const far = [1e9, 3, 2, 1, 2.5, 1.5].map((value, trial) => ({ trial, value }))
    expect(historyChart(far, 'minimize', { width: 30, height: 4 })).toEqual([
      '3 │────•────',
      '  │         •───     •',
      '  │                      •',
      '1 └             •─────────────',
      '   0          trial          5',
      '   • value  ─ best so far',
      '   1 worse, off the chart',
    ])
  })

  it('has the line on top where dots are everywhere, and every line within its width', () => {
    const many = Array.from({ length: 500 }, (_, i) => ({
      trial: i,
      value: 1 / (i + 1) + ((i * 7919) % 97) / 97,
    }))
    const drawn = historyChart(many, 'minimize', { width: 46, height: 6 })
    expect(drawn[5]).toMatch(/└─{34}$/)
    for (const width of [46, 60, 100])
      for (const line of historyChart(many, 'minimize', { width, height: 6 }))
        expect(line.length).toBeLessThanOrEqual(width)
  })

  it('is none of one trial, or of one value', () => {
    expect(historyChart(points.slice(0, 1), 'maximize', { width: 60, height: 6 })).toEqual([])
    const flat = points.map(({ trial }) => ({ trial, value: 1 }))
    expect(historyChart(flat, 'maximize', { width: 60, height: 6 })).toEqual([])
  })

  it('in words is the trials that were better than all before them', () => {
    expect(improvementsOf(points, 'maximize').map(({ trial }) => trial)).toEqual([0, 1, 3, 6])
    expect(improvementsOf(points, 'minimize').map(({ trial }) => trial)).toEqual([0, 5, 8])
  })
})

describe('the best so far', () => {
  const rising = [1, 2, 3, 4].map((value, i) => ({ at: 4 * i, value }))

  it('is a line of steps, as far as trials have ended', () => {
    const all = { ended: 16, trials: 16, direction: 'maximize' as const }
    expect(stepChart(rising, all, { width: 8, height: 2 })).toEqual({
      lines: ['⠀⠀⠀⠀⡤⠤⠏⠉', '⣀⣀⡖⠒⠃⠀⠀⠀'],
      low: 1,
      high: 4,
    })
    const half = { ...all, ended: 8 }
    expect(stepChart(rising.slice(0, 2), half, { width: 8, height: 1 })?.lines).toEqual(['⣀⣀⡏⠉⠀⠀⠀⠀'])
  })

  it('goes down where less is better, and is none where it has not moved', () => {
    const falling = { ended: 38, trials: 50, direction: 'minimize' as const }
    const better = [5, 1, 0.8, 0.5, 0.45].map((value, i) => ({ at: [0, 2, 5, 9, 30][i], value }))
    expect(stepChart(better, falling, { width: 16, height: 1 })?.lines).toEqual(['⠉⠉⠓⣆⣀⣀⣀⣀⣀⣀⣀⣀⡀⠀⠀⠀'])
    expect(stepChart(better.slice(0, 1), falling, { width: 16, height: 1 })).toBeNull()
    expect(stepChart([], falling, { width: 16, height: 1 })).toBeNull()
  })
})

describe('a running sweep on a terminal', () => {
  const paint = (text: string) => text
  const colours = new Proxy({}, { get: () => paint }) as never
  const started = {
    type: 'started',
    ...{ run: '0123456789abcdef', experiment: 'e', name: 'n', trials: 10, budget: null, done: 0 },
    ...{ parallel: 4, workers: 2, algorithm: 'random', seed: 0, store: '/s' },
    objective: { metric: 'loss', direction: 'minimize' },
  } as const satisfies SweepEvent
  const state = (at: { ms: number }) => {
    const made = new SweepState(() => at.ms)
    made.take(started)
    return made
  }
  const begun = (trial: number): SweepEvent => ({
    type: 'trial-started',
    trial,
    params: {},
    origin: { rule: 'random' },
  })
  const ended = (trial: number, value: number): SweepEvent => ({
    type: 'trial-ended',
    ...{ trial, run: 'r', status: 'finished', value, params: {}, error: null, seconds: 1, best: true },
  })
  const busy = () => {
    const at = { ms: 0 }
    const sweep = state(at)
    for (let trial = 0; trial < 9; trial++) sweep.take(begun(trial))
    at.ms = 2000
    sweep.take(ended(0, 3))
    sweep.take(ended(1, 1))
    sweep.take({ type: 'step', trial: 2, fold: null, step: 7, metrics: { loss: 0.25 } })
    sweep.take({ type: 'step', trial: 3, fold: 1, step: 2, metrics: { other: 5 } })
    sweep.take(begun(9))
    return sweep
  }

  it('shows the best so far, and the trials that have run for a second with their latest step', () => {
    expect(frame(busy(), { columns: 60, rows: 24 }, colours).split('\n')).toEqual([
      '███████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  2/10  1/s  8s left',
      'best loss 1 (trial 1)',
      '⠉⠉⠉⠉⡇⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀ 3',
      '⠀⠀⠀⠀⡇⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀ trials 0 … 9',
      '⠀⠀⠀⠀⣇⣀⣀⣀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀ 1',
      'trial 2  2s  step 7  loss 0.25',
      'trial 3  2s  fold 1, step 2  other 5',
      'trial 4  2s',
      'trial 5  2s',
      'trial 6  2s',
      'and 2 more',
    ])
  })

  it.each([
    [20, 24],
    [40, 12],
    [60, 9],
    [60, 4],
    [10, 3],
  ])('fits a terminal of %i by %i: narrow and low ones get the bar and the best alone', (columns, rows) => {
    const shown = frame(busy(), { columns, rows }, colours).split('\n')
    for (const line of shown) expect(line.length).toBeLessThan(columns)
    expect(shown.length).toBeLessThan(Math.max(rows, 3))
    expect(shown.join('')).not.toMatch(/[\u2801-\u28ff]/)
  })

  it.each(['精度の平均値', 'e\u0301\u0302'.repeat(9), '👩🔬🧪'.repeat(4), '𠀀𠀁𠀂'.repeat(3)])(
    'keeps a metric called %s to the width of the terminal',
    (metric) => {
      const sweep = state({ ms: 0 })
      sweep.take({ ...started, objective: { metric, direction: 'minimize' } })
      sweep.take(begun(0))
      sweep.take(ended(0, 3))
      for (let columns = 12; columns < 60; columns++)
        for (const line of frame(sweep, { columns, rows: 24 }, colours).split('\n'))
          expect(room(line)).toBeLessThan(columns)
      // What takes no room of its own costs none.
      const [, best] = frame(sweep, { columns: 60, rows: 24 }, colours).split('\n')
      expect(best).toContain('3 (trial 0)')
    },
  )

  it('has its chart, with its figures, within the width too', () => {
    for (let columns = 50; columns < 70; columns++) {
      const lines = frame(busy(), { columns, rows: 24 }, colours).split('\n')
      expect(lines.join('')).toContain('trials 0 … 9')
      for (const line of lines) expect(room(line)).toBeLessThan(columns)
    }
  })

  it('tells of failures one by one while they are few, and once a second when they are many', () => {
    let ms = 0
    const failures = new Failures(() => ms)
    const failed = (trial: number) => ({
      ...(ended(trial, 0) as Extract<SweepEvent, { type: 'trial-ended' }>),
      error: { code: 'TRAINER_THREW', message: 'too\u001b[2J bad' },
    })
    const told = Array.from({ length: 8 }, (_, trial) => failures.ended(failed(trial)))
    expect(told.slice(0, 5)).toEqual([0, 1, 2, 3, 4].map((trial) => `trial ${trial}: TRAINER_THREW: too bad`))
    expect(told.slice(5)).toEqual([null, null, null])
    ms = 1000
    expect(failures.ended(failed(8))).toBe('trial 8 (and 3 before it): TRAINER_THREW: too bad')
    expect(failures.rest()).toBeNull()
    failures.ended(failed(9))
    expect(failures.rest()).toBe('1 more trial, not shown one by one')
    expect(failures.ended(ended(10, 1) as never)).toBeNull()
  })
})
