/** Metrics read from the lines that programs print: what a pattern takes out of a line, and which matches make a step. */
import { describe, expect, it } from 'vitest'
import { longestMatched, numberIn, Patterns } from '../../../src/training/command/patterns.js'
import { type RunOptions, runShell, told } from './support.js'

const usual = 'val_loss=([-+.0-9eE]+)'

function valuesIn(pattern: string, ...lines: string[]): number[] {
  return new Patterns({ loss: pattern }).matchesIn(lines).flatMap((found) => found.map(({ value }) => value))
}

describe('a number as programs print it', () => {
  it.each([
    ['0.43', 0.43],
    ['-1.5e-3', -0.0015],
    ['+.5', 0.5],
    ['12.', 12],
    ['1E+05', 1e5],
    ['0.43.', 0.43],
    ['0.43e', 0.43],
    ['0.43-', 0.43],
    ['97.3%', 97.3],
    ['97.3 %,', 97.3],
    ['1,234.5', 1234.5],
    ['1,234,567', 1234567],
    ['nan', Number.NaN],
    ['-NaN', Number.NaN],
    ['inf', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
  ])('%s', (text, value) => {
    expect(numberIn(text)).toBe(value)
  })

  // A comma is a decimal mark to some and between thousands to others; the others are no number, or more than one.
  it.each([
    '0,43',
    '1,234',
    '1.2.3',
    '2024-01-05',
    '-',
    'e5',
    '',
    'None',
    'tensor(0.43',
    'info',
    '0x1F',
    '3/20',
  ])('%j is none', (text) => {
    expect(numberIn(text)).toBeNull()
  })
})

describe('a pattern', () => {
  it('takes its first group, or the one named value, of every match on a line', () => {
    expect(valuesIn(usual, 'val_loss=1 val_loss=2', 'loss=3', 'val_loss=4e-1.')).toEqual([1, 2, 0.4])
    expect(valuesIn('(\\w+)_loss=(?<value>[.\\d]+)', 'val_loss=0.5')).toEqual([0.5])
    // A group that takes no part in the match says nothing.
    expect(valuesIn('(?:loss=([.\\d]+)|acc)', 'acc loss=2 acc')).toEqual([2])
  })

  it.each([
    usual,
    'val_loss=(\\d+\\.\\d+)',
    'val_loss=(-?\\d\\.\\d{4})',
    'val_loss=(\\d+)',
    'val_loss=(\\S+)',
    'val_loss=(nan|[-.\\d]+)',
    'val_loss=(-?\\d\\.\\d+e[-+]\\d+)',
  ])('takes nan where it expects digits: %s', (pattern) => {
    expect(valuesIn(pattern, 'epoch 3 val_loss=nan lr=0.1', 'train_loss=nan val_loss=-nan.')).toEqual([
      Number.NaN,
      Number.NaN,
    ])
  })

  it('takes infinities with their sign, and leaves words alone that only hold such letters', () => {
    expect(valuesIn(usual, 'val_loss=inf', 'val_loss=-inf', 'val_loss=+Infinity')).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ])
    expect(valuesIn('([-+.\\d]+)', 'information nano 3 nan_count', 'Inf')).toEqual([
      3,
      Number.POSITIVE_INFINITY,
    ])
    expect(valuesIn('Inf norm: ([.\\d]+)', 'Inf norm: 0.3')).toEqual([0.3])
  })

  it('may number the step', () => {
    const patterns = new Patterns({ loss: 'epoch (?<step>\\d+).*loss=(?<value>[.\\d]+)' })
    expect(patterns.matchesIn(['epoch 7: loss=0.5'])).toEqual([[{ metric: 'loss', value: 0.5, step: 7 }]])
  })

  it('takes what is no number for a mistake, which names pattern, text and line', () => {
    expect(() => valuesIn('loss=(\\S+)', 'loss=tensor(0.43)')).toThrow(
      /takes a number out of a line \(that of "loss" took "tensor\(0\.43\)" out of loss=tensor\(0\.43\)\)/,
    )
    expect(() => valuesIn('loss=([\\d,]+)', 'loss=0,43')).toThrow(/"0,43".*has a decimal point/)
    expect(() => valuesIn('e(?<step>\\S+) (?<value>\\d+)', 'e1/20 4')).toThrow(/"step".*"1\/20"/)
  })

  it('takes a number whole where it matches only the beginning of one', () => {
    expect(valuesIn('loss=([\\d.]+)', 'loss=3.2e-05', 'loss=4E+2, acc', 'loss=5e-1.')).toEqual([
      3.2e-5, 400, 0.5,
    ])
    expect(valuesIn('loss=([\\d.e-]+)', 'loss=3.2e+05')).toEqual([3.2e5])
    expect(valuesIn('loss=(\\d+)', 'loss=0.43', 'loss=2e-3', 'loss=7.')).toEqual([0.43, 0.002, 7])
    expect(valuesIn('loss=(\\d\\.\\d\\d)', 'loss=0.4321', 'loss=0.43e-5')).toEqual([0.4321, 4.3e-6])
    expect(valuesIn('loss=(\\d+?)', 'loss=123.5', 'loss=12')).toEqual([123.5, 12])
    expect(valuesIn('loss=([\\d,]+)', 'loss=1,234,567.8')).toEqual([1234567.8])
    // What goes on as something else is none of it.
    expect(valuesIn('v=(\\d+)', 'v=1.2.3', 'v=3e5f', 'v=4.x')).toEqual([1, 3, 4])
  })

  describe('that takes the part of a number up to a comma, or between thousands, fails and names the number', () => {
    it.each([
      '1,234.5',
      '-1,234.5',
      '1,234',
      '12,345',
      '1,234,567.8',
      '1_234',
      '1_234_567.8',
      '1’234.5',
      '1\u202f234,5',
      '1.234,5',
      '1.234.567,8',
      '0,25',
      '1,2',
    ])('%s', (number) => {
      const law = (taken: string) =>
        `a pattern takes a number whole (that of "loss" took "${taken}" of "${number}" out of`
      const begins = number.startsWith('1.234') ? '1.234' : /^-?\d+/.exec(number)![0]
      for (const behind of ['', ', acc 0.9', ' acc', ',acc=1', '%', '.', ']'])
        expect(() => valuesIn('loss ([-+]?\\d+(?:\\.\\d+)?)', `loss ${number}${behind}`)).toThrow(law(begins))
    })

    it('in the middle of it, and of a step too', () => {
      expect(() => valuesIn('loss.*?(\\d+\\.\\d+)', 'loss 1,234.5')).toThrow(/took "234\.5" of "1,234\.5"/)
      expect(() => valuesIn('acc ([.\\d]+%)', 'acc 97,3%')).not.toThrow()
      expect(() => valuesIn('([.\\d]+%)', 'acc 97,3%')).toThrow(/took "3%" of "97,3"/)
      expect(() => valuesIn('step (?<step>\\d+).*loss (?<value>\\S+)', 'step 1,234: loss 0.5')).toThrow(
        /took "1" of "1,234" .*write the pattern with what stands on both sides: \(\[-\+\.0-9eE\]\+\),\\d or \\d,\(/,
      )
    })

    it('but not where the comma stands between values', () => {
      const first = (...lines: string[]) => valuesIn('loss=([-+.\\d]+)', ...lines.map((one) => `loss=${one}`))
      expect(first('0.25, acc 0.9', '0.25,acc=0.9', '1, 234', '7,loss 2', '1,-2')).toEqual([
        0.25, 0.25, 1, 7, 1,
      ])
      expect(first('0.25,0.5,1', '1,2,3', '0.25,100', '1.234,5.678', '12,3456,7', '1,234,5')).toEqual([
        0.25, 1, 0.25, 1.234, 12, 1,
      ])
      expect(valuesIn('\\[([.\\d]+)', '[0.25,0.5,1]', '[1,234]', '[1,234,"x"]')).toEqual([0.25, 1, 1])
      // A time of day, and names.
      expect(valuesIn(':([.\\d]+)', '12:30:45,123 INFO')).toEqual([30, 45])
      expect(valuesIn('(\\d+)', 'run1_234', '1_234abc').slice(0, 1)).toEqual([1])
    })

    it('but not where the pattern has the comma and the digits beyond it', () => {
      const columns = new Patterns({ loss: '^(?<step>\\d+),(?<value>[\\d.]+)' })
      expect(columns.matchesIn(['3,125.5', '3,125'])).toEqual([
        [{ metric: 'loss', value: 125.5, step: 3 }],
        [{ metric: 'loss', value: 125, step: 3 }],
      ])
      expect(valuesIn('^\\d+,\\s*([\\d.]+)', '3,125.5', '3,125.5,7')).toEqual([125.5, 125.5])
      expect(valuesIn('^(\\d+)(?=,\\d)', '3,125.5')).toEqual([3])
      expect(valuesIn('^([^,]+),([^,]+)', '3,125.5')).toEqual([3])
      expect(valuesIn('^(?:a|(\\d+)),[\\d.]+', '3,125.5')).toEqual([3])
      expect(valuesIn('^\\((?:[)(]\\d|x)(?<value>\\d+),\\d+', '(x3,125.5')).toEqual([3])
      expect(valuesIn('((\\d+)\\.\\d+),\\d', '1.234,5')).toEqual([1.234])
      // A comma that ends the value says nothing of one within it.
      expect(() => valuesIn('loss=([\\d.]+),', 'loss=1,234.5, acc=1')).toThrow(/took "1" of "1,234\.5"/)
    })
  })

  it('that takes only the end of a number fails, and says how it would not', () => {
    const law =
      /a pattern takes a number from its beginning \(that of "loss" took "[^"]+", the end of one, out of .*\.\*\?/
    expect(() => valuesIn('loss.*(\\d+\\.\\d+)', 'loss: 12.34')).toThrow(law)
    expect(() => valuesIn('loss.*([\\d.]+)', 'loss: 3e-5')).toThrow(law)
    expect(() => valuesIn('epoch.*(?<step>\\d+) loss=(?<value>.+)', 'epoch 12 loss=nan')).toThrow(law)
    expect(valuesIn('loss.*?(\\d+\\.\\d+)', 'top5 loss12.34', 'loss-1:2.5')).toEqual([12.34, 2.5])
  })

  it('looks at the beginning of a very long line, and never takes half a number', () => {
    const long = `${'x'.repeat(longestMatched - 13)} val_loss=0.4`
    expect(long.length).toBe(longestMatched)
    expect(valuesIn(usual, long)).toEqual([0.4])
    expect(valuesIn(usual, `${long}3`)).toEqual([])
    expect(valuesIn(usual, `${'x'.repeat(1e6)} val_loss=0.4`)).toEqual([])
    const cut = `${'x'.repeat(longestMatched - 12)} val_loss=1`
    for (const behind of ['.5', ',234.5']) expect(valuesIn('val_loss=(\\d)', `${cut}${behind}`)).toEqual([])
  })

  it('that would never be done is told of, and the next one is done', () => {
    const began = performance.now()
    expect(() => valuesIn('(a+)+$ (\\d)', 'a'.repeat(60))).toThrow(
      /done .* within 2 s \(that of "loss" was not: \(a\+\)\+\$ \(\\d\); the line: aaa/,
    )
    expect(performance.now() - began).toBeLessThan(60_000)
    expect(valuesIn(usual, 'val_loss=1')).toEqual([1])
  })
})

/** Runs a script whose metrics are read by patterns. */
function printing(lines: string, metrics: Record<string, string>, options: RunOptions = {}) {
  return runShell(lines, { ...options, program: { metrics, ...options.program } })
}

const loss = { loss: usual }

describe('a program that prints', () => {
  it('has a step for each match, and the last one as its value', async () => {
    const ran = await printing(
      'echo start; for i in 3 2 1; do echo "epoch val_loss=0.$i"; done; echo done',
      loss,
    )
    expect(told(ran)).toBe('finished {"loss":0.1}')
    expect(ran.reports).toEqual([
      { step: 0, metrics: { loss: 0.3 } },
      { step: 1, metrics: { loss: 0.2 } },
      { step: 2, metrics: { loss: 0.1 } },
    ])
  })

  it('is read on stderr too, through progress bars, colours and loggers, cut anywhere, without a last line feed', async () => {
    const ran = await printing(
      `printf ' 10%%|#    |\\r 20%%|##   |\\r\\033[1;32mINFO\\033[0m val_\\033[31mloss=0.5\\033[0m\\r 30%%' >&2
       printf '\\nval_lo' >&2; sleep 0.1; printf 'ss=0.' >&2; sleep 0.1; printf '25' >&2`,
      loss,
    )
    expect(told(ran)).toBe('finished {"loss":0.25}')
    expect(ran.reports.map(({ metrics }) => metrics.loss)).toEqual([0.5, 0.25])
  })

  const three = { loss: usual, train: 'train=([.0-9]+)', acc: 'acc=([.0-9]+)%' }

  it.each([
    ['on one line, whatever their order', 'train=4 val_loss=3 acc=20%\ntrain=2 val_loss=1 acc=40%'],
    [
      'before and behind, on lines of their own',
      'train=4\nval_loss=3\nacc=20%\ntrain=2\nval_loss=1\nacc=40%',
    ],
    [
      'printed more than once: the last before a step',
      'train=9\ntrain=4\nval_loss=3\nacc=20%\ntrain=2\nval_loss=1\nacc=40%',
    ],
  ])('has other metrics with the step they belong to: %s', async (_, lines) => {
    const ran = await printing(`cat <<'END'\n${lines}\nEND`, three)
    const steps = new Map<number, Record<string, number>>()
    for (const { step, metrics } of ran.reports) steps.set(step, { ...steps.get(step), ...metrics })
    expect(Object.fromEntries(steps)).toEqual({
      0: { train: 4, loss: 3, acc: 20 },
      1: { train: 2, loss: 1, acc: 40 },
    })
    expect(ran.outcome).toMatchObject({ result: { metrics: { loss: 1, train: 2, acc: 40 } } })
  })

  it('says itself which step a line is of, and a bar drawn anew says nothing new', async () => {
    const numbered = {
      loss: 'epoch (?<step>\\d+):.*val_loss=(?<value>[.0-9]+)',
      train: 'epoch (?<step>\\d+):.*train=(?<value>[.0-9]+)',
    }
    const ran = await printing(
      `printf 'epoch 5: train=2\\nepoch 5: val_loss=1\\repoch 5: val_loss=1\\repoch 7: train=1 val_loss=0.5\\n'`,
      numbered,
    )
    expect(ran.reports).toEqual([
      { step: 5, metrics: { train: 2 } },
      { step: 5, metrics: { loss: 1 } },
      { step: 7, metrics: { train: 1, loss: 0.5 } },
    ])
  })

  it('that diverges has no value, and one that recovers has', async () => {
    expect(told(await printing('echo val_loss=1; echo val_loss=nan', loss))).toMatch(
      /^METRIC_NOT_FINITE: .*"loss" as NaN/,
    )
    const ran = await printing('echo val_loss=inf; echo val_loss=1', loss)
    expect(told(ran)).toBe('finished {"loss":1}')
    // The step that was not finite keeps its number.
    expect(ran.reports).toEqual([{ step: 1, metrics: { loss: 1 } }])
  })

  it('is asked to end where the pruner stops it, and nothing is written to its stdin', async () => {
    const ran = await printing(
      `trap 'echo asked; exit 0' TERM
       echo val_loss=3; echo val_loss=2
       (read -r line; echo "stdin: $line") <&0 &
       while true; do sleep 0.05; done`,
      loss,
      { pruneAt: 1 },
    )
    expect(ran.outcome.status).toBe('pruned')
    expect(ran.reports.map(({ step }) => step)).toEqual([0, 1])
    expect(ran.files['stdout.txt']).toContain('asked')
    expect(ran.files['stdout.txt']).not.toContain('stdin: {')
  })

  it('whose lines match nothing fails with the pattern and what it printed last', async () => {
    const reason = told(await printing('echo epoch 1 loss 0.5; echo oops >&2', loss))
    expect(reason).toMatch(
      /^RESULT_INVALID: .*"loss": val_loss=\(\[-\+\.0-9eE\]\+\); train\.sh ended with exit status 0/,
    )
    expect(reason).toMatch(
      /the last lines of stdout:\n {2}epoch 1 loss 0\.5\nthe last lines of stderr:\n {2}oops$/,
    )
    expect(told(await printing('exit 0', loss))).toMatch(/it printed nothing$/)
    // How it ended comes first.
    expect(told(await printing('echo oops >&2; exit 3', loss))).toMatch(/^PROGRAM_FAILED: .*3[\s\S]*oops/)
  })

  it('fails at once for a match that is no number, and for a pattern without end, once', async () => {
    const began = performance.now()
    const ran = await printing('echo val_loss=--; sleep 60', { loss: 'val_loss=(\\S+)' })
    expect(told(ran)).toMatch(/^RESULT_INVALID: .*took "--" out of val_loss=--/)
    const endless = await printing(
      'i=0; while [ $i -lt 9 ]; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; sleep 0.05; i=$((i+1)); done; sleep 60',
      { loss: '(a+)+$ (\\d)' },
    )
    expect(told(endless)).toMatch(/^RESULT_INVALID: a pattern must be done/)
    expect(performance.now() - began).toBeLessThan(60_000)
  })

  it('may not have its steps on both streams', async () => {
    const ran = await printing('echo val_loss=1; echo val_loss=1 >&2; sleep 60', loss)
    expect(told(ran)).toMatch(/^RESULT_INVALID: the steps of a trial are on stdout or on stderr/)
  })

  it('has metrics of the other stream at its end', async () => {
    const ran = await printing('echo train=5 >&2; echo val_loss=2; echo train=4 >&2', three)
    expect(ran.outcome).toMatchObject({ result: { metrics: { loss: 2, train: 4 } } })
    expect(ran.reports).toEqual([{ step: 0, metrics: { loss: 2 } }])
  })

  it('does not report by the protocol as well, but may hand in files and say that it failed', async () => {
    const both = await printing(`echo val_loss=1; echo 'espalier: {"final": 2}'; sleep 60`, loss)
    expect(told(both)).toMatch(
      /^RESULT_INVALID: .*train\.sh reports its result by espalier:, and "trainer" has "metrics"\); leave "metrics" out/,
    )
    const handed = await printing(
      `echo val_loss=1; echo x > "$ESPALIER_DIRECTORY/m"; echo "espalier: {\\"artifact\\": \\"$ESPALIER_DIRECTORY/m\\"}"`,
      loss,
    )
    expect([told(handed), handed.files.m]).toEqual(['finished {"loss":1}', 'x\n'])
    expect(told(await printing(`echo val_loss=1; echo 'espalier: {"failed": "no data"}'`, loss))).toMatch(
      /no data/,
    )
  })

  it('may print faster than its steps are recorded, on either stream', async () => {
    for (const to of ['', ' >&2']) {
      const ran = await printing(
        `i=0; while [ $i -lt 3000 ]; do echo val_loss=$i${to}; i=$((i+1)); done`,
        loss,
      )
      expect(told(ran)).toBe('finished {"loss":2999}')
      expect(ran.reports.every(({ step, metrics }) => step === metrics.loss)).toBe(true)
      expect(ran.reports.length).toBe(3000)
    }
  })
})
