import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvCell } from '../../src/csv-cell.js'
import { rowsAsCsv, rowsAsJson } from '../../src/tracking/compare.js'
import type { ChildRun, ParentRun, Run } from '../../src/tracking/index.js'
import { checkNames, parseCondition, parseOrder } from '../../src/tracking/query/index.js'
import { likePattern } from '../../src/tracking/query/like.js'

function trial(number: number, more: Partial<ChildRun> = {}): ChildRun {
  return {
    kind: 'trial',
    id: `id${number}`,
    parent: 'p',
    experiment: 'wine',
    name: `trial ${number}`,
    trial: number,
    status: 'finished',
    started: `2026-01-0${number + 1}T00:00:00.000Z`,
    ended: `2026-01-0${number + 1}T00:00:${10 + number}.500Z`,
    params: {},
    value: number / 10,
    values: { accuracy: number / 10 },
    metrics: {},
    history: {},
    tags: {},
    artifacts: [],
    error: null,
    attempts: [],
    conditions: {},
    ...more,
  } as ChildRun
}

const runs: ChildRun[] = [
  trial(0, {
    params: { k: 9, optimizer: 'sgd', 'log rate': 0.1, warm: true, cap: null },
    metrics: { accuracy: 0.9 },
  }),
  trial(1, {
    params: { k: 10, optimizer: 'Adam' },
    metrics: { accuracy: 0.95 },
    tags: { fold: '10', kind: "it's" },
  }),
  trial(2, { params: { k: 100 }, status: 'failed', value: null, error: { code: 'NAN', message: '' } }),
]

const chosen = (text: string, from: readonly Run[] = runs) => {
  const query = parseCondition(text)
  checkNames(query, from)
  return from.filter((run) => query.apply(run)).map((run) => (run as ChildRun).trial)
}

describe('a condition', () => {
  it.each<[string, number[]]>([
    ['params.k > 9', [1, 2]],
    ['params.k >= 9 and params.k < 100', [0, 1]],
    ['params.k = 10', [1]],
    ['params.k == 1e1', [1]],
    ["params.k = '10'", [1]],
    ['tags.fold > 9', [1]],
    ['metrics.accuracy > .9', [1]],
    ['metrics.accuracy > -1', [0, 1]],
    ["params.optimizer = 'sgd'", [0]],
    ['params.optimizer = sgd', [0]],
    ["params.optimizer != 'sgd'", [1]],
    ["not params.optimizer = 'sgd'", [1, 2]],
    ["params.optimizer like 'a%'", []],
    ["params.optimizer ilike 'a%'", [1]],
    ["params.optimizer not like '%g_'", [1]],
    ['params.optimizer in (\'sgd\', "rmsprop")', [0]],
    ['params.k not in (9, 10)', [2]],
    ['params.optimizer is null', [2]],
    ['params.optimizer is not null', [0, 1]],
    ['params.warm = true', [0]],
    ['params.cap = null', [0]],
    ['params.`log rate` < 1', [0]],
    ['param."log rate" < 1', [0]],
    ["tags.kind = 'it''s'", [1]],
    ["status = 'failed' or value > 0.05", [1, 2]],
    ['status = failed', [2]],
    ["error = 'NAN'", [2]],
    ['trial <= 1 AND NOT (trial = 0)', [1]],
    ['trial = 0 or trial = 1 and trial = 2', [0]],
    ['(trial = 0 or trial = 1) and trial != 0', [1]],
    ["started > '2026-01-02'", [1, 2]],
    ['seconds > 11', [1, 2]],
    ['value is null', [2]],
    ['tags.nothing = 1', []],
  ])('%s', (text, expected) => {
    expect(chosen(text)).toEqual(expected)
  })

  it.each<[string, RegExp]>([
    [
      'metrics.acuracy > 1',
      /character 1: no run here has a metric "acuracy"; did you mean metrics\.accuracy\?/,
    ],
    ['trial = 0 and params.kk > 1', /character 15: .*did you mean params\.k\?/],
    ['statu = 1', /character 1: there is no field "statu".*did you mean status\?/],
    ['accuracy > 0.9', /did you mean metrics\.accuracy or params\.accuracy\?/],
    ['metric.accuracy >', /character 18: a value is expected.*found the end/],
    ['metriks.accuracy > 1', /did you mean metrics\.accuracy\?/],
    ['trial > 1 trial', /character 11: the text goes on/],
    ['(trial > 1', /parenthesis is not closed/],
    ['trial in 1', /"in" is followed by a list/],
    ['trial ~ 1', /character 7: "~" has no meaning/],
    ["status = 'failed", /character 10: the quote ' is not closed/],
    ['params.k < params.j', /fields are compared with values/],
    ['', /a field is expected.*found the end/],
    ['and', /a field is expected/],
    ['trial', /followed by a comparison/],
    ['best > 1', /a trial has no field "best"/],
    [`${'('.repeat(300)}`, /nested too deeply/],
  ])('%s is refused', (text, message) => {
    expect(() => chosen(text)).toThrow(message)
    expect(() => chosen(text)).toThrow(expect.objectContaining({ code: 'QUERY_INVALID' }))
  })

  it('about a metric that nothing has yet chooses nothing', () => {
    expect(chosen('metrics.accuracy > 0', [trial(0)])).toEqual([])
    expect(chosen('metrics.accuracy > 0', [])).toEqual([])
  })

  it('reads fields of sweeps', () => {
    const sweep = {
      id: 'p',
      experiment: 'wine',
      status: 'finished',
      started: '2026-01-01T00:00:00.000Z',
      ended: null,
      objective: { metric: 'accuracy', direction: 'maximize' },
      trials: { finished: 3, pruned: 0, failed: 1, running: 0 },
      best: { run: 'x', trial: 1, value: 0.95 },
      metrics: {},
      tags: {},
      error: null,
    } as unknown as ParentRun
    expect(chosen('best > 0.9 and finished = 3 and failed > 0 and metric = accuracy', [sweep]).length).toBe(1)
    expect(() => chosen('trial = 1', [sweep])).toThrow(/a sweep has no field "trial"/)
  })
})

describe('an order', () => {
  const ordered = (text: string) => {
    const query = parseOrder(text)
    return runs.toSorted((a, b) => query.apply(a, b)).map((run) => run.trial)
  }
  it.each<[string, number[]]>([
    ['params.k desc', [2, 1, 0]],
    ['metrics.accuracy', [0, 1, 2]],
    ['metrics.accuracy desc', [1, 0, 2]],
    ['status, trial desc', [2, 1, 0]],
    ['status desc, params.k ASC', [0, 1, 2]],
  ])('%s', (text, expected) => {
    expect(ordered(text)).toEqual(expected)
  })

  it('names its mistakes', () => {
    expect(() => ordered('trial up')).toThrow(/character 7: the text goes on/)
    expect(() => ordered('')).toThrow(/a field is expected/)
  })
})

describe('like', () => {
  const texts = fc
    .array(fc.constantFrom('a', 'b', '.', '😀', '\n'), { maxLength: 8 })
    .map((parts) => parts.join(''))
  const patterns = fc
    .array(fc.constantFrom('a', 'b', '.', '😀', '%', '_'), { maxLength: 7 })
    .map((parts) => parts.join(''))

  it('matches as the same pattern as a regular expression', () => {
    fc.assert(
      fc.property(texts, patterns, (text, pattern) => {
        const source = pattern.replaceAll('.', '\\.').replaceAll('%', '.*').replaceAll('_', '.')
        expect(likePattern(pattern, false).test(text)).toBe(new RegExp(`^${source}$`, 'su').test(text))
      }),
      { seed: 1, numRuns: 2000 },
    )
    expect(likePattern('%WINE%', true).test('the wine')).toBe(true)
  })

  it('takes at most the product of the lengths', () => {
    const began = process.cpuUsage().user
    expect(likePattern(`${'%a'.repeat(500)}b`, false).test('a'.repeat(5000))).toBe(false)
    expect(process.cpuUsage().user - began).toBeLessThan(2e6)
  })
})

describe('an export as CSV', () => {
  it('holds no formula of a stranger, and numbers as they are', async () => {
    const cells = ['=1+cmd|x', '+cmd', '-text', '@sum', '\t=1', '＝1+1x', '-5', '+1e3', '-', 'a=b', -5]
    expect(cells.map(csvCell)).toEqual([
      "'=1+cmd|x",
      "'+cmd",
      "'-text",
      "'@sum",
      "'\t=1",
      "'＝1+1x",
      '-5',
      '+1e3',
      '-',
      'a=b',
      '-5',
    ])
    const run = trial(0, { tags: { note: '=HYPERLINK("x")' } })
    expect(rowsAsCsv([run])).toContain(`"'=HYPERLINK(""x"")"`)
    expect(JSON.parse(rowsAsJson([run]))[0]['tags.note']).toBe('=HYPERLINK("x")')
  })

  it('has no duration where the clock was set back', () => {
    const back = trial(0, { started: '2026-01-02T00:00:00.000Z', ended: '2026-01-01T00:00:00.000Z' })
    expect(JSON.parse(rowsAsJson([back]))[0].seconds).toBe(null)
  })
})
