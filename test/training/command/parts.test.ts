/** The pure parts of running a program: its arguments, its lines, what is kept of its output. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Capture } from '../../../src/training/command/capture.js'
import { environmentName } from '../../../src/training/command/environment.js'
import { Lines } from '../../../src/training/command/lines.js'
import { fillArguments } from '../../../src/training/command/placeholders.js'
import { answerLine, longestLine, parseMessage } from '../../../src/training/command/protocol.js'
import { reportsIn, reportsInFile, strayReport } from '../../../src/training/command/reports.js'
import { checkProgram } from '../../../src/training/index.js'

const own = {
  ...{ params: '/t/params.json', trial: '3', seed: '42', directory: '/t' },
  ...{ seat: '1', device: '2,3', checkpoint: '/c' },
}

describe('arguments', () => {
  it('are filled with values as they are, and braces around no name are left alone', () => {
    const params = { x: 0.1, n: 3, flag: true, none: null, text: '{x} $HOME', größe: 1e21, 'a.b-c': 'd' }
    const command = [
      'p',
      '{x}',
      '--n={n}',
      '{flag}',
      '{none}',
      '{text}',
      '{größe}',
      '{a.b-c}',
      '{trial}{seed}',
    ]
    expect(fillArguments(command, params, own)).toEqual([
      ...['p', '0.1', '--n=3', 'true', 'null', '{x} $HOME', '1e+21', 'd', '342'],
    ])
    const literal = ['p', '{"a":{"b":1}}', '{print $1}', 'a{3}', '{}', '{{x}}', '{"x":{x}}']
    expect(fillArguments(literal, params, own).slice(1)).toEqual([
      ...['{"a":{"b":1}}', '{print $1}', 'a{3}', '{}', '{x}', '{"x":0.1}'],
    ])
  })

  it('know a parameter before what Espalier gives by the same name', () => {
    expect(fillArguments(['p', '{seed}', '{params}'], { seed: 7 }, own)).toEqual(['p', '7', '/t/params.json'])
  })

  const odd = [
    'with space',
    'optimizer/lr',
    'layers[0]',
    'stage:lr',
    '1st',
    'a+b',
    'a@b',
    "it's",
    '学习 率',
    '$1',
    '"a"',
    'a}b',
    '{x}',
    '0',
    'lr (log)',
    'a,b',
  ]

  it('are filled for every name a parameter can have, active or not', () => {
    for (const name of odd) {
      const command = ['p', `--o=<{${name}}>`, '--option', `{${name}}`, 'end']
      expect(fillArguments(command, { [name]: 7 }, own, odd)).toEqual([
        'p',
        '--o=<7>',
        '--option',
        '7',
        'end',
      ])
      expect(fillArguments(command, {}, own, odd)).toEqual(['p', 'end'])
      expect(fillArguments(['p', `a{{${name}}}`], { [name]: 7 }, own, [name])).toEqual(['p', `a{${name}}`])
      expect(() => checkProgram({ command }, [name])).not.toThrow()
    }
    // One name may begin as another does, and go on with the brace that would end it.
    expect(fillArguments(['p', '{a}b}', '{a}'], { a: 1, 'a}b': 2 }, own)).toEqual(['p', '2', '1'])
    const property = fc.property(
      fc.uniqueArray(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1, maxLength: 4 }),
      (names) => {
        const params = Object.fromEntries(names.map((name, i) => [name, i]))
        for (const name of names)
          expect(fillArguments(['p', `{${name}}`], params, own)).toEqual(['p', String(params[name])])
      },
    )
    fc.assert(property, { seed: 3, numRuns: 200 })
  })

  const known = ['with space', 'optimizer/lr', 'layers[0]', 'stage:lr', '1st']

  it.each([
    ['{with spac}', 'with space'],
    ['--x={ optimizer/lr }', 'optimizer/lr'],
    ['a{layers[1]}b', 'layers[0]'],
    ['{stage/lr}', 'stage:lr'],
    ['{2st}', '1st'],
    ['--name={other thing}', null],
    ['{x:.3f}', null],
  ])('with %s, which names nothing, are refused with the nearest name', (argument, near) => {
    try {
      checkProgram({ command: ['p', argument] }, known)
      expect.unreachable()
    } catch (error) {
      const [{ path, message }] = (error as { problems: { path: string; message: string }[] }).problems
      expect(path).toBe('trainer.command[1]')
      expect(message).toContain(near === null ? 'there are: with space, ' : `did you mean "${near}"?`)
      const [said] = /\{\{.*\}\}/.exec(message)!
      expect(fillArguments(['p', argument.replace(/\{.*\}/, said)], {}, own, known)).toEqual(['p', argument])
    }
  })

  it('that are code or JSON stay as they are', () => {
    const literal = [
      '{"batch_size":32}',
      '{"a":{"b":[1,{}]}}',
      '{print $1}',
      'BEGIN {s=0} {s+=$1}',
      's/a{2,3}/b/',
      '{}',
      '{0}',
      '$' + '{x:-3}',
      '{a,b}',
      'x{1..3}',
    ]
    expect(() => checkProgram({ command: ['p', ...literal] }, ['batch_size', 'x', 'kind'])).not.toThrow()
    expect(fillArguments(['p', ...literal], { batch_size: 1, x: 2, kind: 3 }, own).slice(1)).toEqual(literal)
  })

  it.each([
    ['learningRate', 'LEARNING_RATE'],
    ['optimizer/lr', 'OPTIMIZER_LR'],
    ['layers[0]', 'LAYERS_0_'],
    ['größe', 'GROSSE'],
    ['Égalité_x', 'EGALITE_X'],
    ['学习', 'U5B66_U4E60'],
    ['β1', 'U3B2_1'],
  ])('%s is the variable ESPALIER_PARAM_%s', (name, variable) => {
    expect(environmentName(name)).toBe(`ESPALIER_PARAM_${variable}`)
  })

  it('are not told by a variable that two parameters would share', () => {
    const shared = (...names: string[]) => {
      try {
        checkProgram({ command: ['p'] }, names)
        return null
      } catch (error) {
        return (error as { problems: { path: string; message: string }[] }).problems[0]
      }
    }
    for (const [one, other] of [
      ['größe', 'grosse'],
      ['a+b', 'a-b'],
      ['maxDepth', 'max_depth'],
      ['+', '-'],
    ])
      expect(shared(one, other)).toMatchObject({
        path: `parameters.${other}`,
        message: expect.stringMatching(
          /^each parameter .* variable of its own, and ESPALIER_PARAM_\S+ would be both "/,
        ),
      })
    expect(shared('größe', 'grüße', '学习', '学', 'α', 'β')).toBeNull()
  })

  it('are left out, with the option before, where their parameter is inactive', () => {
    const cases: [string[], string[]][] = [
      [['--m', '{m}', 'end'], ['end']],
      [['-m', '{m}'], []],
      [['--m={m}', 'end'], ['end']],
      [['data.csv', '{m}'], ['data.csv']],
      [['--a={x}', '{m}'], ['--a=1']],
      [['--', '{m}'], ['--']],
      [['-', '{m}'], ['-']],
      [['--both', '{x}-{m}'], ['--both']],
      [
        ['--m', '{m}', '--m', '{x}'],
        ['--m', '1'],
      ],
      [['{m}', '{m}'], []],
    ]
    for (const [written, filled] of cases)
      expect(fillArguments(['p', ...written], { x: 1 }, own)).toEqual(['p', ...filled])
  })

  it('are checked against the parameters of the sweep, every mistake at once', () => {
    expect(() => checkProgram({ command: ['p', '{x}', '{params}', '{{y}}', '{1}'] }, ['x'])).not.toThrow()
    try {
      checkProgram({ command: ['p{x}', '{y}', '--z={trail}'] }, ['x', 'a-b', 'a_b'])
      expect.unreachable()
    } catch (error) {
      const { code, problems } = error as { code: string; problems: { path: string }[] }
      expect(code).toBe('SPACE_INVALID')
      expect(problems.map(({ path }) => path)).toEqual([
        ...['trainer.command[0]', 'trainer.command[1]', 'trainer.command[2]', 'parameters.a_b'],
      ])
    }
  })
})

describe('messages', () => {
  it('that are too long to be kept whole are refused for that', () => {
    const read: string[] = []
    const lines = new Lines((line) => read.push(line))
    lines.push(Buffer.from(`{"failed": "${'x'.repeat(2 * longestLine)}"}\n`))
    expect(() => parseMessage(read[0])).toThrow(/a line of at most 1 MB; larger things are artifacts/)
  })

  it('are read, numbers that are not finite too', () => {
    expect(parseMessage(' {"metric": {"a": 1, "b": -Infinity}, "step": 2} ')).toEqual({
      kind: 'metric',
      metrics: { a: 1, b: Number.NEGATIVE_INFINITY },
      step: 2,
    })
    expect(parseMessage('{"final": NaN}')).toEqual({ kind: 'final', result: Number.NaN })
    expect(parseMessage('{"final": {"NaN": -nan, "say \\"inf\\"": inf}}')).toEqual({
      kind: 'final',
      result: { NaN: Number.NaN, 'say "inf"': Number.POSITIVE_INFINITY },
    })
    expect(parseMessage('{"failed": "loss is NaN"}')).toEqual({ kind: 'failed', reason: 'loss is NaN' })
    expect(parseMessage('{"artifact": "a/b.bin"}')).toEqual({ kind: 'artifact', file: 'a/b.bin', name: null })
    expect(answerLine(3, 'stop')).toBe('{"answer":"stop","step":3}\n')
  })

  it.each([
    ['[]', /one JSON object/],
    ['{}', /has one of "metric", "final", "failed" or "artifact"/],
    ['{"final": 1, "metric": {}}', /has one of/],
    ['{"metric": {}, "step": "1"}', /a step is a number/],
    ['{"failed": 3}', /a reason is a text/],
    ['{"artifact": ""}', /an artifact is a path/],
    ['{"final": nano}', /one line of JSON/],
  ])('that are wrong say what was expected: %s', (line, message) => {
    expect(() => parseMessage(line)).toThrow(message)
  })

  it('of any kind never throw anything but a failure of the fit', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (line) => {
        try {
          parseMessage(line)
        } catch (error) {
          expect(error).toMatchObject({ name: 'FitFailure', code: 'RESULT_INVALID' })
        }
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})

describe('a report', () => {
  const message = { kind: 'final', result: { loss: 0.2 } }
  const json = '{"final": {"loss": 0.2}}'

  it.each([
    ['alone', `espalier: ${json}`],
    ['without a space', `espalier:${json}`],
    ['behind spaces and tabs', ` \t espalier: ${json}`],
    ['behind a byte order mark', `\ufeffespalier: ${json}`],
    [
      'in colours',
      `\u001b[32;1mespalier:\u001b[0m \u001b[2K{"final": {"loss": \u001b[36m0.2\u001b[0m}}\u001b[0m`,
    ],
    ['behind a log prefix', `INFO:root:espalier: ${json}`],
    ['behind a time', `2026-01-02 03:04:05,678 [INFO] {trainer} espalier: ${json}`],
    ['behind a bar that was rubbed out', `50%|###   |\b\b\b\bespalier: ${json}`],
    ['in front of what a logger adds', `INFO     espalier: ${json}      train.py:12`],
    ['in quotes', `'espalier: ${json}'`],
    ['with braces in its texts', `x espalier: {"final": {"loss": 0.2}} {"a": "}"}`],
  ])('is found %s', (_, line) => {
    expect(reportsIn(line)).toEqual([{ kind: 'message', message }])
  })

  it('is found behind another one, where two threads print at a time', () => {
    expect(reportsIn(`espalier: {"metric": {"a": "}\\""}}espalier: ${json}`)).toEqual([
      { kind: 'message', message: { kind: 'metric', metrics: { a: '}"' }, step: null } },
      { kind: 'message', message },
    ])
  })

  it('is found in the reports file with and without its mark', () => {
    for (const line of [
      json,
      `\ufeff${json}`,
      ` ${json} `,
      `espalier: ${json}`,
      `INFO:root:${json}`,
      `[x] {7} ${json}`,
    ])
      expect(reportsInFile(line)).toEqual([{ kind: 'message', message }])
    expect(reportsInFile('\ufeff')).toEqual([])
    expect(reportsInFile('ready')).toMatchObject([{ kind: 'fault' }])
  })

  it('that looks meant and cannot be read is told of; a text about something else is not', () => {
    for (const line of [
      'Espalier: {"final": 1}',
      'espalier {"final": 1}',
      json,
      'x espalier: {"final": 1',
      'x espalier: {"metrics": {}}',
    ])
      expect(reportsIn(line)).toMatchObject([{ kind: 'unread', line }])
    for (const line of [
      'x espalier: nothing',
      'my-espalier is ready',
      '{"epoch": 1, "final": 2}',
      'an espalier',
    ])
      expect(reportsIn(line)).toEqual([])
    for (const line of ['espalier: ready', 'espalier: {"final": 1}}', ' espalier: {"final": 1'])
      expect(reportsIn(line)).toMatchObject([{ kind: 'fault' }])
    expect(strayReport(`INFO:root:espalier: ${json}`)).toMatchObject({ kind: 'unread' })
    expect(strayReport("warning: espalier: {'final': 1}")).toBeNull()
  })

  it('takes time in proportion to its line, whatever that holds', () => {
    const lines = ['x espalier: {"a": "\\"', '"\\', '{', '\u001b]', 'espalier: {', 'espalier:'].map(
      (piece) => `espalier: {"a": "${piece.repeat(longestLine / piece.length)}`,
    )
    const began = performance.now()
    for (const line of lines) {
      reportsIn(line)
      reportsInFile(line)
    }
    expect(performance.now() - began).toBeLessThan(5000)
  })
})

describe('a stream', () => {
  it('is the same lines wherever it is cut', () => {
    const texts = fc.array(fc.stringMatching(/^[a-zß€𝄞\r]{0,8}$/u), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(texts, fc.array(fc.nat(20), { maxLength: 20 }), (lines, cuts) => {
        const bytes = Buffer.from(lines.join('\n'))
        const found: string[] = []
        const splitter = new Lines((line) => found.push(line))
        let at = 0
        for (const cut of [...cuts, bytes.length]) {
          splitter.push(bytes.subarray(at, at + cut))
          at += cut
        }
        splitter.end()
        expect(found).toEqual(lines.flatMap((line) => line.split('\r')).filter((line) => line !== ''))
      }),
      { seed: 2, numRuns: 300 },
    )
  })

  it('without a line feed is cut, and the next line is whole', () => {
    const found: string[] = []
    const splitter = new Lines((line) => found.push(line))
    for (let i = 0; i < 40; i++) splitter.push(Buffer.alloc(65536, 'x'))
    splitter.push(Buffer.from('\nnext\n'))
    expect([found[0].length, found[1]]).toEqual([longestLine, 'next'])
  })

  it('is kept whole up to the limit, and above it its beginning and its end', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 30 }), (chunks) => {
        const capture = new Capture(100)
        for (const chunk of chunks) capture.add(Buffer.from(chunk))
        const all = Buffer.concat(chunks)
        const kept = capture.content()
        if (all.length <= 100) expect(kept.equals(all)).toBe(true)
        else {
          expect(kept.subarray(0, 50).equals(all.subarray(0, 50))).toBe(true)
          expect(kept.subarray(-50).equals(all.subarray(-50))).toBe(true)
          expect(kept.toString('latin1')).toContain(` ${all.length - 100} bytes are left out`)
        }
      }),
      { seed: 3, numRuns: 300 },
    )
  })

  it('ends in lines as a terminal leaves them: no colours, and of a bar the last drawing', () => {
    const capture = new Capture()
    capture.add(
      Buffer.from('\r 0%|  |\r\u001b[32m50%|# |\u001b[0m\r100%|##|\r\n\nValueError: \u001b[1mno\u001b[0m\n'),
    )
    expect(capture.lastLines(6)).toEqual(['100%|##|', 'ValueError: no'])
    capture.add(Buffer.from('\n    fit(x) ^ 2\n    ~~~~~~~^^^\n    ^^^^^^\nTypeError: no'))
    expect(capture.lastLines(3)).toEqual(['ValueError: no', '    fit(x) ^ 2', 'TypeError: no'])
  })
})
