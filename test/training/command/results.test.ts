/** Results that programs leave without a word to anybody: a last line of JSON, or a file. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { metricsInJson } from '../../../src/training/command/result-json.js'
import { temporaryFolder } from '../../temporary.js'
import { type Ran, run, runShell, shellScript, told } from './support.js'

describe('metrics in JSON', () => {
  const read = (text: string, wanted: string | null = 'loss') => metricsInJson(text, 'it', wanted)

  it('are its numbers, those of objects inside by the names on their way', () => {
    const text =
      '{"loss": 0.2, "eval": {"loss": 0.3, "best": {"epoch": 4}}, "model": "net", "curve": [1], "ok": true, "x": null}'
    expect(read(text)).toEqual({ loss: 0.2, 'eval.loss': 0.3, 'eval.best.epoch': 4 })
    expect(read('{"loss": NaN, "acc": -Infinity}')).toEqual({
      loss: Number.NaN,
      acc: Number.NEGATIVE_INFINITY,
    })
    expect(read('{"acc": 1}', null)).toEqual({ acc: 1 })
  })

  it.each([
    ['{"loss": 0.2', /must be JSON/],
    ['[0.2]', /must be an object.*\[0\.2\]/],
    ['{"eval": {"loss": 1}}', /has no "loss".*it has: eval\.loss/],
    ['{"a": "x"}', /has no "loss".*no number/],
    ['{"loss": "0.2"}', /must be a number \(it has "loss" as "0\.2"\)/],
    ['{"loss": null}', /must be a number.* as null/],
    ['{"loss": 1, "eval.loss": 2, "eval": {"loss": 3}}', /"eval\.loss" twice/],
  ])('%s is refused', (text, message) => {
    expect(() => read(text)).toThrow(message)
  })
})

describe('a last line of JSON', () => {
  const printing = (lines: string, more = {}) => runShell(lines, { program: { result: 'json', ...more } })

  it('on stdout is the result', async () => {
    const ran = await printing(
      `echo '{"loss": 3}'; echo '{"loss": 1, "eval": {"acc": 0.5}}'; echo done; echo '{"loss": 9}' >&2`,
    )
    expect(told(ran)).toBe('finished {"loss":1,"eval.acc":0.5}')
    expect(ran.reports).toEqual([])
    const coloured = await printing(`echo '{"loss": 3}'; printf '\\033[1m{"loss": \\033[36m1\\033[0m}\\n'`)
    expect(told(coloured)).toBe('finished {"loss":1}')
  })

  it('goes before what patterns match, whose matches are the steps', async () => {
    const metrics = { train: 'train=([.0-9]+)', loss: 'loss=([.0-9]+)' }
    const lines = `echo train=2 loss=5; echo train=1 loss=4; echo '{"loss": 3.5}'`
    const ran = await printing(lines, { metrics })
    expect(told(ran)).toBe('finished {"train":1,"loss":3.5}')
    expect(ran.reports.map(({ metrics }) => metrics.loss)).toEqual([5, 4])
    // Where the objective has no pattern the first one leads.
    const other = await printing(lines, { metrics: { train: metrics.train } })
    expect(told(other)).toBe('finished {"train":1,"loss":3.5}')
    expect(other.reports).toEqual([
      { step: 0, metrics: { train: 2 } },
      { step: 1, metrics: { train: 1 } },
    ])
  })

  it.each([
    ['none', 'echo hello', /like \{"loss": 0\.2\}.*printed none\); the last lines of stdout:\n {2}hello/],
    ['a cut one', `echo '{"loss": 1}'; echo '{"loss": 0.'`, /must be JSON/],
    ['one without the objective', `echo '{"los": 1}'`, /has no "loss"\); did you mean "los"\?/],
    [
      'one too long',
      `printf '{"loss": 1, "x": "'; head -c 1100000 /dev/zero | tr '\\0' x; echo '"}'`,
      /at most 1 MB/,
    ],
  ])('fails the trial: %s', async (_, lines, message) => {
    expect(told(await printing(lines))).toMatch(/^RESULT_INVALID: /)
    expect(told(await printing(lines))).toMatch(message)
  })

  it('is no matter of a program that reports its result, or that failed', async () => {
    expect(told(await printing(`echo '{"loss": 1}'; echo 'espalier: {"final": 2}'`))).toMatch(
      /"trainer" has "result"/,
    )
    expect(told(await printing(`echo '{"loss": 1}'; exit 4`))).toMatch(/^PROGRAM_FAILED/)
    // Steps may be reported.
    const ran = await printing(`echo 'espalier: {"metric": {"loss": 2}}'; echo '{"loss": 1}'`)
    expect([told(ran), ran.reports.length]).toEqual(['finished {"loss":1}', 1])
  })
})

describe('a file that the program writes', () => {
  async function writing(lines: string, file: string, directory = temporaryFolder()): Promise<Ran> {
    shellScript(directory, lines)
    const command = ['./train.sh', '{directory}', '{seed}', '{trial}']
    return run(directory, command, { trial: 7, program: { result: { file } } })
  }

  it('is found where the command says, in the folder of the trial or beside the program', async () => {
    const own = await writing(`echo '{"loss": 1}' > "$1/metrics.json"`, '{directory}/metrics.json')
    expect(told(own)).toBe('finished {"loss":1}')
    const beside = await writing(
      `mkdir -p out/$3-$2; printf '\\357\\273\\277{\\n "loss": 2\\n}' > out/$3-$2/m.json`,
      'out/{trial}-{seed}/m.json',
    )
    expect(told(beside)).toBe('finished {"loss":2}')
  })

  it('of an earlier run is never taken, and stays as it was', async () => {
    const directory = temporaryFolder()
    const file = join(directory, 'm.json')
    writeFileSync(file, '{"loss": 5}')
    expect(told(await writing('exit 0', 'm.json', directory))).toMatch(
      /^RESULT_INVALID: .*m\.json was there before train\.sh started, and train\.sh has not written it/,
    )
    expect(readFileSync(file, 'utf8')).toBe('{"loss": 5}')
    // Written with the same content, or another file of the name, it is this trial's.
    expect(told(await writing(`sleep 0.05; printf '{"loss": 5}' > m.json`, 'm.json', directory))).toBe(
      'finished {"loss":5}',
    )
    expect(told(await writing(`printf '{"loss": 5}' > n && mv n m.json`, 'm.json', directory))).toBe(
      'finished {"loss":5}',
    )
  })

  it.each([
    ['is not there', 'exit 0', /must be a file when the program ends \(.*m\.json: there is none\)/],
    ['is a folder', 'mkdir m.json', /it is none/],
    ['is a pipe', 'mkfifo m.json', /it is none/],
    ['is no JSON', 'echo loss=1 > m.json', /must be JSON \(the file .*m\.json that train\.sh wrote is none/],
    ['is too large', 'head -c 17000000 /dev/zero > m.json', /at most 16 MB/],
  ])('fails the trial where it %s', async (_, lines, message) => {
    const reason = told(await writing(lines, 'm.json'))
    expect(reason).toMatch(/^RESULT_INVALID: /)
    expect(reason).toMatch(message)
  })

  it('in the folder of the trial is gone with it', async () => {
    const ran = await writing(`echo "$1"; echo '{"loss": 1}' > "$1/m.json"`, '{directory}/m.json')
    expect(existsSync(ran.files['stdout.txt'].trim())).toBe(false)
  })
})
