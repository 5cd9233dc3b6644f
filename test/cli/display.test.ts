import { describe, expect, it, vi } from 'vitest'
import { progressLine } from '../../src/cli/actions/sweep-progress.js'
import { fail } from '../../src/cli/failure.js'
import * as format from '../../src/cli/format.js'
import { plain, printRows } from '../../src/cli/output.js'
import { buildProgram } from '../../src/cli/program.js'
import { lines } from '../../src/cli/progress/lines.js'
import { headline } from '../../src/cli/progress/state.js'
import { pairs, paragraph, table, wrappedTable } from '../../src/cli/table.js'
import { EspalierError } from '../../src/errors.js'
import { originInWords } from '../../src/origin.js'
import type { SweepEvent } from '../../src/sweep/index.js'
import type { ParentRun } from '../../src/tracking/index.js'
import { progressOf } from '../../src/tracking/index.js'

describe('tables', () => {
  const columns = [{ title: 'trial', align: 'right' as const }, { title: 'params' }, { title: 'error' }]
  const rows = [
    ['1', 'k=3 scaling=none weights=distance', 'TIME_LIMIT'],
    ['12', 'k=4', ''],
  ]

  it('show everything where there is room', () => {
    expect(table(columns, rows).split('\n')).toEqual([
      'trial  params                             error',
      '    1  k=3 scaling=none weights=distance  TIME_LIMIT',
      '   12  k=4',
    ])
  })

  it('count characters by the room they take, and style what is shown of a cell', () => {
    const style = (text: string) => `<${text}>`
    const cells = [
      ['東京', 'x'],
      [{ text: 'a long name', style }, 'y'],
    ]
    expect(table([{ title: '' }, { title: '' }], cells, 11)).toBe('東京      x\n<a long …>  y')
  })

  it('of ten thousand rows are made at once', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => [String(i), `k=${i} scaling=none`, ''])
    const begun = performance.now()
    expect(table(columns, many, 60).split('\n')).toHaveLength(10_001)
    expect(performance.now() - begun).toBeLessThan(2000)
  })

  it.each([80, 50, 40, 30])('fit into %i characters, longest cells first', (width) => {
    const text = table(columns, rows, width)
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
    expect(text).toContain('TIME_LIMIT'.slice(0, 5))
    expect(text.includes('…')).toBe(width < 51)
  })
})

describe('a table too wide for the terminal', () => {
  const columns = [
    { title: 'run', whole: true },
    { title: 'experiment' },
    { title: 'started', whole: true, spare: 1 },
    { title: 'time', align: 'right' as const, whole: true },
  ]
  const rows = [['0123abcd', 'a-long-experiment', '11-23 04:21', '1m 05s']]

  it('keeps ids and numbers whole, spares a column, then cuts words', () => {
    expect(table(columns, rows, 48).split('\n')[1]).toBe('0123abcd  a-long-experiment  11-23 04:21  1m 05s')
    expect(table(columns, rows, 44).split('\n')[1]).toBe('0123abcd  a-long-exper…  11-23 04:21  1m 05s')
    expect(table(columns, rows, 40).split('\n')[1]).toBe('0123abcd  a-long-experiment  1m 05s')
    expect(table(columns, rows, 30).split('\n')[1]).toBe('0123abcd  a-long-expe…  1m 05s')
  })

  it('cuts what is to be shown whole only where there is no other way', () => {
    expect(table(columns, rows, 24).split('\n')[1]).toBe('0123abcd  a-lon…  1m 05s')
    expect(table(columns, rows, 22).split('\n')[1]).toBe('0123a…  a-lon…  1m 05s')
  })
})

it('says of a sweep that goes on how many trials are to do, which need not be the last', () => {
  const started = {
    type: 'started',
    budget: null,
    ...{ run: '0123456789abcdef', experiment: 'e', name: 'n', algorithm: 'grid', store: '/s' },
    ...{ parallel: 1, workers: 1, seed: 0, objective: { metric: 'm', direction: 'maximize' as const } },
  } as const
  const told = (trials: number, done: number) => headline({ ...started, trials, done }).split(', ')[0]
  expect(told(20, 0)).toBe('sweep n (01234567): 20 trials')
  expect(headline({ ...started, name: 'a\n\u001b[2Jb', trials: 1, done: 0 })).toMatch(
    /^sweep a b \(01234567\)/,
  )
  expect(told(20, 5)).toBe('sweep n (01234567): 15 of 20 trials to go')
  expect(told(20, 19)).toBe('sweep n (01234567): 1 of 20 trials to go')
  expect(told(20, 20)).toBe('sweep n (01234567): all of its 20 trials have ended')
})

it('wraps where nothing may be lost, and never cuts a path', () => {
  const wrapped = wrappedTable([{ title: 'k' }, { title: '' }], [['3', 'how many neighbours vote']], 20)
  expect(wrapped.split('\n').map((line) => line.trim())).toEqual(['k', '3  how many', 'neighbours vote'])
  expect(paragraph('one two three four', '  ', 11)).toBe('  one two\n  three\n  four')
  const path = `/${'x'.repeat(300)}`
  expect(pairs([['model', path]])).toBe(`  model  ${path}`)
})

describe('words and numbers', () => {
  it('shows six significant digits, and times in fitting units', () => {
    expect(
      [0.1 + 0.2, 1 / 3, 123456789, 123456789.5, 2 ** 65, 1e-7, 5, -0.000012345678].map(format.number),
    ).toEqual(['0.3', '0.333333', '123456789', '123457000', '3.68935e+19', '1e-7', '5', '-0.0000123457'])
    expect([0, 0.00052, 0.042, 0.4249, 9.999, 59.96, 185, 3599.6, 7800].map(format.seconds)).toEqual([
      '0s',
      '0.52ms',
      '42ms',
      '0.42s',
      '10.0s',
      '1m 00s',
      '3m 05s',
      '1h 00m',
      '2h 10m',
    ])
    expect([999, 12_345, 3_210_000, 25.3e9].map(format.bytes)).toEqual([
      '999 B',
      '12.3 kB',
      '3.21 MB',
      '25.3 GB',
    ])
  })

  it('puts the deviation beside its mean, seconds last', () => {
    const rows = format.metricRows({ fitSeconds: 0.5, accuracy: 0.95, accuracyStd: 0.0212345 })
    expect(rows).toEqual([
      ['accuracy', '0.95 ± 0.0212'],
      ['fitSeconds', '0.5s'],
    ])
  })

  it('lets no text of foreign origin move the cursor', () => {
    expect(plain('a\u001b[2Jb\nc\rd\u0007e')).toBe('ab c d e')
  })

  it('says where params come from', () => {
    expect(originInWords({ rule: 'sobol', index: 12 })).toBe('point 12 of the Sobol sequence')
    expect(originInWords({ rule: 'novel', why: 'reasons', n: 3 })).toBe('novel (why reasons, n 3)')
    const predicted = { mean: 0.9512345678, deviation: 0.0061234 }
    const model = { lengthscales: [1, 2] }
    const improvement = { rule: 'expected-improvement', over: 0.94, predicted, observations: 20, model }
    expect(originInWords(improvement)).toBe(
      'expected improvement over 0.94: predicted 0.951235 ± 0.00612, from 20 trials',
    )
    expect(originInWords({ ...improvement, over: 0.96, ties: 4 })).toBe(
      'expected improvement over 0.96, beyond the best value that 4 settings share: predicted 0.951235 ± 0.00612, from 20 trials',
    )
    expect(originInWords({ rule: 'elsewhere', tool: 'optuna' })).toBe(
      'imported from Optuna, which does not say why',
    )
    expect(originInWords({ rule: 'elsewhere', tool: 'csv' })).toBe(
      'imported from a table, which does not say why',
    )
    expect(originInWords({ rule: 'elsewhere' })).toBe('told from elsewhere: this search did not suggest it')
    expect(originInWords(undefined)).toBe('not recorded')
  })
})

describe('progress in lines', () => {
  function run(trials: number, millisecondsATrial: number, values: (trial: number) => number) {
    let now = 0
    const written: string[] = []
    const progress = lines(
      (line) => written.push(line),
      () => now,
    )
    const started = { run: '0123456789abcdef', experiment: 'e', name: 'n', algorithm: 'random', store: '/s' }
    const objective = { metric: 'accuracy', direction: 'maximize' as const }
    progress.event({
      type: 'started',
      budget: null,
      ...started,
      trials,
      done: 0,
      parallel: 1,
      workers: 1,
      seed: 0,
      objective,
    })
    let highest = Number.NEGATIVE_INFINITY
    for (let trial = 0; trial < trials; trial++) {
      progress.event({ type: 'trial-started', trial, params: {}, origin: { rule: 'random' } })
      now += millisecondsATrial
      const value = values(trial)
      const best = value > highest
      if (best) highest = value
      const ended = { run: 'r', status: 'finished', params: {}, error: null, seconds: 0.1 } as const
      progress.event({ type: 'trial-ended', trial, value, best, ...ended } satisfies SweepEvent)
    }
    progress.end()
    return written
  }

  it('has a line for every trial of a short sweep', () => {
    const written = run(3, 10, (trial) => [0.5, 0.4, 0.6][trial])
    expect(written[0]).toBe('sweep n (01234567): 3 trials, random, seed 0, 1 in flight on 1 worker')
    expect(written.slice(1)).toEqual([
      'trial 0 finished in 0.1s: accuracy 0.5, the best so far',
      'trial 1 finished in 0.1s: accuracy 0.4',
      'trial 2 finished in 0.1s: accuracy 0.6, the best so far',
    ])
  })

  it('has a line a second for a long one, and one for every new best', () => {
    const written = run(5000, 2, (trial) => (trial === 777 ? 2 : 1 / (trial + 1)))
    expect(written.length).toBeGreaterThanOrEqual(10)
    expect(written.length).toBeLessThan(15)
    expect(written.filter((line) => line.includes('the best so far'))).toHaveLength(2)
    expect(written.at(-1)).toMatch(/^\d+ of 5000 trials, best 2 \(trial 777\), .* left$/)
  })
})

describe('what went wrong', () => {
  const told = (error: unknown) => {
    const spy = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      return { code: fail(error), text: spy.mock.calls.map(([text]) => text).join('') }
    } finally {
      spy.mockRestore()
    }
  }

  it('has the exit code of its kind, and lists every problem once', () => {
    const problems = [
      { path: 'parameters.k', message: '"max" must be greater than "min"' },
      { path: 'search.seed', message: 'must be a whole number' },
    ]
    const request = new EspalierError('SPACE_INVALID', 'wrong: search.seed: must be a whole number', {
      problems,
    })
    expect(told(request)).toEqual({
      code: 2,
      text: 'error: wrong: search.seed: must be a whole number\n  parameters.k: "max" must be greater than "min"\n',
    })
    expect(told(new EspalierError('STORE_WRITE_FAILED', 'the disk is full')).code).toBe(1)
  })

  it('is a bug where nobody foresaw it, with the stack only where it is asked for', () => {
    const { code, text } = told(new TypeError('x is not a function'))
    expect(code).toBe(1)
    expect(text).toContain('This is a bug in Espalier')
    expect(text).not.toContain('display.test')
    vi.stubEnv('ESPALIER_DEBUG', '1')
    try {
      expect(told(new TypeError('x is not a function')).text).toContain('display.test')
    } finally {
      vi.unstubAllEnvs()
    }
  })
})

describe('what strangers wrote', () => {
  it('cannot turn, hide or move anything on the screen', () => {
    expect(plain('a\u202eb\u200bc\u2066d\ufeffe\u{e0041}f')).toBe(
      'a\\u{202e}b\\u{200b}c\\u{2066}d\\u{feff}e\\u{e0041}f',
    )
    expect(plain('\u001b[2Jred\u001b]0;title\u0007\u009b1A\r\nnext')).not.toMatch(/\p{Cc}/u)
    expect(plain('Ünïcödé 東京 עברית 😀')).toBe('Ünïcödé 東京 עברית 😀')
  })

  it('is as it was in rows for another program, and harmless on a terminal', () => {
    const rows = 'x,tag\n1,\u001b]0;title\u0007\u001b[2J\u202egpj.exe\n'
    const written: unknown[] = []
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(text) > 0)
    const { isTTY } = process.stdout
    try {
      for (const terminal of [false, true]) {
        process.stdout.isTTY = terminal
        printRows(rows)
      }
    } finally {
      process.stdout.isTTY = isTTY
      write.mockRestore()
    }
    expect(written).toEqual([rows, 'x,tag\n1,\\u{202e}gpj.exe\n'])
  })

  it('reaches the screen as such in usage errors too', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      const program = await buildProgram(['runs', 'list', '--x\u001b[2J\u202e'])
      await program.parseAsync(['runs', 'list', '--x\u001b[2J\u202e'], { from: 'user' }).catch(() => {})
      const text = said.mock.calls.map(([chunk]) => String(chunk)).join('')
      expect(text).toContain("unknown option '--x")
      for (const hidden of ['\u001b', '\u202e']) expect(text).not.toContain(hidden)
    } finally {
      said.mockRestore()
    }
  })
})

it('tells how far a running sweep has come, and how fast, in a unit in which it is one at least', () => {
  const session = { started: new Date(0).toISOString(), done: 10, conditions: {} }
  const sweep = {
    status: 'running',
    trials: { finished: 20, pruned: 1, failed: 1, running: 4 },
    spec: { trials: 50 },
    sessions: [session],
  } as unknown as ParentRun
  const progress = progressOf(sweep, 240_000)
  expect(progress).toEqual({ done: 22, trials: 50, running: 4, rate: 0.05 })
  expect(progressLine(progress!)).toBe('22 of 50, 4 running, 3 a minute')
  expect(progressOf({ ...sweep, status: 'finished' })).toBeNull()
  expect(progressOf({ ...sweep, sessions: [{ ...session, done: null }] })!.rate).toBeNull()
})
