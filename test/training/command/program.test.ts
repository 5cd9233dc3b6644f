/** Trials of real programs: what they are told, what they say, how they end. */
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import files from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { Lines } from '../../../src/training/command/lines.js'
import { usualGrace } from '../../../src/training/command/process-group.js'
import { readBounded } from '../../../src/training/command/read-bounded.js'
import { mostReported, ReportsFile } from '../../../src/training/command/reports-file.js'
import { openTrainer } from '../../../src/training/index.js'
import { temporaryFolder } from '../../temporary.js'
import { rejection } from '../support.js'
import { run, runShell, shellScript, told } from './support.js'

/** Where processes are found by their environment. */
const proc = existsSync('/proc/self/environ')

describe('what a program is told', () => {
  it('params as arguments, as environment and as a JSON file; trial, seed and a folder of its own', async () => {
    const ran = await runShell(
      `echo "$1|$2|$3|$ESPALIER_PARAM_LEARNING_RATE|$ESPALIER_PARAM_KIND|$ESPALIER_TRIAL" > "$ESPALIER_DIRECTORY/told"
       cat "$ESPALIER_PARAMS_FILE" > "$ESPALIER_DIRECTORY/params"
       [ "$ESPALIER_PARAMS_FILE" = "$4" ] && [ "$ESPALIER_SEED" = "$5" ] || exit 7
       echo "espalier: {\\"artifact\\": \\"$ESPALIER_DIRECTORY/told\\"}"
       echo "espalier: {\\"artifact\\": \\"$ESPALIER_DIRECTORY/params\\", \\"name\\": \\"in/params.json\\"}"
       echo 'espalier: {"final": 1}'`,
      { params: { learningRate: 1e-7, kind: 'a b; $(c) "d"' }, trial: 12 },
      ['{learningRate}', '--kind={kind}', '{{kind}}', '{params}', '{seed}'],
    )
    expect(told(ran)).toBe('finished {"loss":1}')
    expect(ran.files.told).toBe('1e-7|--kind=a b; $(c) "d"|{kind}|1e-7|a b; $(c) "d"|12\n')
    expect(JSON.parse(ran.files['in/params.json'])).toEqual({ learningRate: 1e-7, kind: 'a b; $(c) "d"' })
  })

  it('runs in the folder of the sweep file, and leaves nothing in the one for temporary files', async () => {
    const directory = temporaryFolder()
    shellScript(
      directory,
      'pwd -P; echo "$ESPALIER_DIRECTORY"; ls -A "$1" | wc -l; echo \'espalier: {"final": 1}\'',
    )
    const { files } = await run(directory, ['./train.sh', '{directory}'])
    const [cwd, scratch, entries] = files['stdout.txt'].split('\n')
    // Scripts list what is there, and some refuse a folder that is not empty.
    expect(entries.trim()).toBe('0')
    expect(cwd.endsWith(directory.split('/').at(-1)!)).toBe(true)
    expect(scratch).toContain('espalier-trial-')
    expect(existsSync(scratch)).toBe(false)
  })
})

describe('what a program says', () => {
  it('reports by step on stdout and in the file, with NaN told as such, and a final result of several metrics', async () => {
    const ran = await runShell(`
      echo 'espalier: {"metric": {"loss": 3, "accuracy": 0.5}}'
      echo 'loss is falling'
      printf 'espalier:{"metric":{"loss":2},"step":10}\\r\\n'
      echo '{"metric": {"loss": 1.5}}' >> "$ESPALIER_REPORTS"
      sleep 0.15
      printf 'espalier: {"final": {"loss": 1, "accuracy": 0.9}}'`)
    expect(told(ran)).toBe('finished {"loss":1,"accuracy":0.9}')
    expect(ran.reports).toEqual([
      { step: 0, metrics: { loss: 3, accuracy: 0.5 } },
      { step: 10, metrics: { loss: 2 } },
      { step: 11, metrics: { loss: 1.5 } },
    ])
    expect(ran.files['stdout.txt'].split(/\r?\n/)[1]).toBe('loss is falling')
    const diverged = await runShell(
      `echo 'espalier: {"metric": {"loss": NaN, "lr": 1}, "step": 3}'; echo 'espalier: {"final": {"loss": 1, "auc": -Infinity}}'`,
    )
    expect(told(diverged)).toBe('finished {"loss":1}')
    expect(diverged.reports).toEqual([{ step: 3, metrics: { lr: 1 } }])
    expect(diverged.outcome.notes!.map(({ about }) => about)).toEqual(['metric loss', 'metric auc'])
    expect(told(await runShell(`echo 'espalier: {"final": {"loss": NaN, "auc": 1}}'`))).toBe(
      'METRIC_NOT_FINITE: an objective\'s metric is finite, and the objective gave "loss" as NaN',
    )
  })

  it('is heard behind progress bars, loggers and a byte order mark, and a line that was none is in the log', async () => {
    const ran = await runShell(`
      printf ' 10%%|#     |\\r 20%%|##    |\\respalier: {"metric": {"loss": 2}}\\r 30%%|###'
      printf '\\033[1mINFO:root:espalier: {"metric": {"loss": 1}}\\033[0m\\n'
      printf '\\357\\273\\277{"final": 0.5}\\n' >> "$ESPALIER_REPORTS"
      echo 'ESPALIER: {"failed": "no"}'`)
    expect(told(ran)).toBe('finished {"loss":0.5}')
    expect(ran.reports.map(({ metrics }) => metrics.loss)).toEqual([2, 1])
    expect(ran.outcome).toMatchObject({
      result: { log: [expect.stringMatching(/could not be read: ESPALIER: /)] },
    })
  })

  it('hears what is in the reports file when the program ends, without a last line feed', async () => {
    const ran = await runShell(
      `printf '{"metric":{"loss":1}}\\n{"final":{"loss":0.5}}' >> "$ESPALIER_REPORTS"`,
    )
    expect([told(ran), ran.reports.length]).toEqual(['finished {"loss":0.5}', 1])
  })

  it.each([
    [
      'exits with 0 and no result',
      'echo hello',
      /^RESULT_INVALID: a program must give its result .*train\.sh ended with exit status 0/,
    ],
    [
      'misspells the mark',
      `echo 'Espalier: {"metric": {"loss": 1}}'; echo 'Espalier: {"final": 1}'`,
      /^RESULT_INVALID: .*exit status 0 and none was found; what looks like a report could not be read: Espalier: \{"metric": \{"loss": 1\}\}, and 1 more like it; a report begins with "espalier:"/,
    ],
    [
      'logs its result to stderr',
      `echo 'INFO:root:espalier: {"final": 1}' >&2`,
      /^RESULT_INVALID: .*could not be read: INFO:root:espalier: \{"final": 1\}; reports are read from stdout/,
    ],
    [
      'exits with another code',
      'echo one >&2; echo "no data" >&2; exit 3',
      /^PROGRAM_FAILED: train\.sh ended with exit status 3:\n {2}one\n {2}no data$/,
    ],
    [
      'exits with another code after its result',
      `echo 'espalier: {"final": 1}'; exit 1`,
      /^PROGRAM_FAILED: .*exit status 1$/,
    ],
    [
      'says that it failed',
      `echo 'espalier: {"failed": "no licence"}'`,
      /^PROGRAM_FAILED: train\.sh said that it failed: no licence$/,
    ],
    [
      'is killed',
      'kill -9 $$',
      /^OUT_OF_MEMORY: .*ended by the system \(train\.sh was ended by SIGKILL\); bound/,
    ],
    [
      'misspells',
      `echo 'espalier: {"metrics": {"loss": 1}}'; sleep 30`,
      /^RESULT_INVALID: a report has one of .*did you mean "metric"\? \(got \{"metrics"/,
    ],
    [
      'says something else',
      `echo 'espalier: ready'; sleep 30`,
      /^RESULT_INVALID: a report is one line of JSON .*\(got +ready\)/,
    ],
    [
      'adds what is not known',
      `echo 'espalier: {"final": 1, "epoch": 2}'`,
      /^RESULT_INVALID: this report looks like .*without "epoch"/,
    ],
    [
      'gives a text for a number',
      `echo 'espalier: {"metric": {"loss": "1"}}'`,
      /^RESULT_INVALID: a metric is a number, and the report of step 0 gave "loss" as "1"/,
    ],
    [
      'leaves out the metric',
      `echo 'espalier: {"final": {"accuracy": 1}}'`,
      /^RESULT_INVALID: .*metric "loss" among them, and these are accuracy/,
    ],
    [
      'names an artifact that is not there',
      `echo 'espalier: {"artifact": "none.bin"}'; echo 'espalier: {"final": 1}'`,
      /^RESULT_INVALID: an artifact must be a file .*none\.bin: there is none/,
    ],
    [
      'names an artifact as the record does',
      `touch x; echo 'espalier: {"artifact": "x", "name": "model.json"}'; echo 'espalier: {"final": 1}'`,
      /^RESULT_INVALID: an artifact cannot be named "model.json"/,
    ],
    [
      'names an artifact outside',
      `touch x; echo 'espalier: {"artifact": "x", "name": "../x"}'; echo 'espalier: {"final": 1}'`,
      /^RESULT_INVALID: the name of an artifact/,
    ],
    [
      'empties the reports file',
      `echo '{"metric":{"loss":1}}' > $ESPALIER_REPORTS; read -r answer; : > $ESPALIER_REPORTS; sleep 30`,
      /^RESULT_INVALID: the reports file must be appended to/,
    ],
  ])('one that %s costs its trial, with the reason', async (_, lines, message) => {
    const ran = await runShell(lines)
    expect(told(ran)).toMatch(message)
    expect(ran.seconds).toBeLessThan(5)
  })

  it('keeps what it prints, bounded, its beginning and its end', async () => {
    const ran = await runShell(
      `echo first; i=0; while [ $i -lt 60 ]; do head -c 65536 /dev/zero | tr '\\0' 'x'; i=$((i+1)); done; echo; echo last; echo oh >&2; exit 4`,
    )
    expect(told(ran)).toContain('exit status 4')
    const kept = ran.files['stdout.txt']
    expect(kept.startsWith('first\nxxx') && kept.endsWith('x\nlast\n')).toBe(true)
    expect(kept).toMatch(/\n… \d+ bytes are left out …\n/)
    expect(kept.length).toBeLessThan(1024 * 1024 + 100)
    expect(ran.files['stderr.txt']).toBe('oh\n')
  })
})

describe('files that a program names', () => {
  const final = `echo 'espalier: {"final": 1}'`
  const artifact = (path: string, name = path) =>
    `echo 'espalier: {"artifact": "${path}", "name": "${name}"}'`

  it('are left out where they are too large, and the result stays', async () => {
    const ran = await runShell(
      `head -c 70000 /dev/zero > large; truncate -s 8G huge; echo small > small; : > growing
       while :; do head -c 10000 /dev/zero; done >> growing &
       ${artifact('large')}; ${artifact('huge')}; ${artifact('growing')}; ${artifact('small')}; ${final}`,
      { artifactsMB: 1 / 16 },
    )
    expect(told(ran)).toBe('finished {"loss":1}')
    expect(ran.files.small).toBe('small\n')
    expect(Object.keys(ran.files)).not.toContain('huge')
    expect(ran.outcome.notes).toContainEqual({
      about: 'artifact large',
      message: expect.stringMatching(
        /^the artifacts of a trial may take 0\.0625 MB \(with "large" .*left out.*"artifactsMB"/,
      ),
    })
    expect(ran.outcome.notes!.map(({ about }) => about)).toContain('artifact huge')
  })

  it.skipIf(!proc)('are read where they say that they are empty', async () => {
    expect((await runShell(`${artifact('/proc/version', 'v')}; ${final}`)).files.v).toMatch(/./)
  })

  it.each([
    ['a pipe', `mkfifo it; ${artifact('it')}`],
    ['a device', artifact('/dev/zero', 'it')],
    ['a link to a device', `ln -s /dev/zero it; ${artifact('it')}`],
    ['a folder', `mkdir it; ${artifact('it')}`],
  ])('are refused where one is %s', async (_, lines) => {
    const ran = await runShell(`${lines}; ${final}`)
    expect(told(ran)).toMatch(/^RESULT_INVALID: an artifact must be a file when the program ends \(/)
    expect(ran.seconds).toBeLessThan(5)
  })

  it.each([
    ['has gigabytes', 'truncate -s 8G "$ESPALIER_REPORTS"', /may take 256 MB \(the reports file has 8192\)/],
    ['is a link', 'ln -sf /dev/zero "$ESPALIER_REPORTS"', /must stay the file it was/],
    ['is a pipe', 'rm "$ESPALIER_REPORTS"; mkfifo "$ESPALIER_REPORTS"', /must stay the file it was/],
  ])('are refused where the reports file %s', async (_, lines, message) => {
    const ran = await runShell(`${lines}; sleep 30`)
    expect(told(ran)).toMatch(message)
    expect(ran.seconds).toBeLessThan(10)
  })
})

describe('a file that a program names', () => {
  const goesOn = new AbortController().signal

  it.skipIf(!proc)('is read up to the limit where it has more than it says', async () => {
    const length = readFileSync('/proc/self/status').length
    expect(await readBounded('/proc/self/status', length - 100, goesOn)).toBe(null)
    expect((await readBounded('/proc/self/status', length + 100, goesOn))!.length).toBeGreaterThan(99)
  })

  it('is not read once the trial is stopped', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, 'content')
    expect(await readBounded(file, 100, AbortSignal.abort())).toBe(null)
    expect(Buffer.from((await readBounded(file, 100, goesOn))!).toString()).toBe('content')
  })

  /** Bytes of the reports file that are looked at, where it becomes large as the program is asked to end. */
  async function readAfter(cause: string, controller: AbortController): Promise<number> {
    const push = vi.spyOn(Lines.prototype, 'push')
    const timer = globalThis.setTimeout
    const patient = vi.spyOn(globalThis, 'setTimeout')
    // A busy machine may need longer than the grace until the program has heard that it is to end.
    patient.mockImplementation(((act: () => void, ms?: number) =>
      timer(act, ms === usualGrace ? 20_000 : ms)) as typeof setTimeout)
    const directory = temporaryFolder()
    shellScript(
      directory,
      `trap 'truncate -s 64M "$ESPALIER_REPORTS"; : > grown; exit 0' TERM; ${cause}; : > begun; while :; do sleep 0.02; done`,
    )
    const begun = setInterval(() => {
      if (!existsSync(join(directory, 'begun'))) return
      clearInterval(begun)
      controller.abort()
    }, 20)
    try {
      await run(directory, ['./train.sh'], { signal: controller.signal })
      expect(existsSync(join(directory, 'grown'))).toBe(true)
      return push.mock.calls.reduce((sum, [chunk]) => sum + chunk.length, 0)
    } finally {
      clearInterval(begun)
      patient.mockRestore()
      push.mockRestore()
    }
  }

  it('with reports is read no further once the trial is stopped, or a report of it was wrong', async () => {
    expect(await readAfter('true', new AbortController())).toBeLessThan(1024)
    const wrong = `echo '{"metrics": 1}' >> "$ESPALIER_REPORTS"; while :; do sleep 0.02; done`
    expect(await readAfter(wrong, new AbortController())).toBeLessThan(1024)
  })

  it('with reports is not listened to where the trial was stopped, or a report found to be wrong, as it was read', async () => {
    const file = join(temporaryFolder(), 'reports')
    writeFileSync(file, '{"metrics": 1}\n'.repeat(2 ** 14))
    const heard: string[] = []
    let listens = true
    // A report is dealt with after the piece that it came with, when the next one is already asked for.
    const onLine = (line: string) => {
      heard.push(line)
      void Promise.resolve().then(() => (listens = false))
    }
    const reports = new ReportsFile(
      file,
      onLine,
      () => {},
      async () => listens,
    )
    await reports.end()
    expect(heard.length).toBeGreaterThan(0)
    expect(heard.length * 15).toBeLessThanOrEqual(64 * 1024 + 15)
  })

  /** Reads a reports file that was one of a byte when it was looked at. */
  async function readChanged(path: string): Promise<{ bytes: number; ended: boolean }> {
    const looked = join(temporaryFolder(), 'looked')
    writeFileSync(looked, 'x')
    const found = await files.lstat(looked)
    const lstat = vi.spyOn(files, 'lstat').mockResolvedValue(found)
    const push = vi.spyOn(Lines.prototype, 'push').mockReturnValue()
    syncBuiltinESMExports()
    try {
      const reports = new ReportsFile(
        path,
        () => {},
        () => {},
        async () => true,
      )
      const end = reports.end().then(() => true)
      const ended = await Promise.race([end, delay(5000, false)])
      // Whoever waits for a writer of the pipe has one now.
      if (!ended) closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK))
      await end
      return { bytes: push.mock.calls.reduce((sum, [chunk]) => sum + chunk.length, 0), ended }
    } finally {
      lstat.mockRestore()
      push.mockRestore()
      syncBuiltinESMExports()
    }
  }

  it.skipIf(process.platform === 'win32')(
    'with reports may turn into a pipe, a link or gigabytes just before it is opened',
    async () => {
      const directory = temporaryFolder()
      const [pipe, link, large] = ['pipe', 'link', 'large'].map((name) => join(directory, name))
      execFileSync('mkfifo', [pipe])
      expect(await readChanged(pipe)).toEqual({ bytes: 0, ended: true })
      execFileSync('ln', ['-s', '/etc/passwd', link])
      expect(await readChanged(link)).toEqual({ bytes: 0, ended: true })
      writeFileSync(large, '')
      truncateSync(large, 2 * mostReported)
      expect((await readChanged(large)).bytes).toBeLessThan(mostReported + 2 ** 20)
    },
  )
})

describe('the answer to a report', () => {
  const timer = globalThis.setTimeout

  it('is a line on stdin; a program that heeds "stop" ends by itself', async () => {
    const patient = vi.spyOn(globalThis, 'setTimeout')
    // On a busy machine a program can take longer to hear of the answer than it is given to heed it.
    patient.mockImplementation(((act: () => void, ms?: number) =>
      timer(act, ms === usualGrace ? 60_000 : ms)) as typeof setTimeout)
    const ran = await runShell(
      `trap 'echo asked to end; exit 1' TERM
       i=0
       while true; do
         echo "espalier: {\\"metric\\": {\\"loss\\": $i}, \\"step\\": $i}"
         read -r answer; echo "$answer"
         case "$answer" in *stop*) echo bye; exit 0;; esac
         i=$((i+1))
       done`,
      { pruneAt: 2 },
    )
    patient.mockRestore()
    expect(told(ran)).toBe('pruned')
    expect(ran.reports.map(({ step }) => step)).toEqual([0, 1, 2])
    expect(ran.files['stdout.txt'].match(/^[{b].*$/gm)).toEqual([
      '{"answer":"continue","step":0}',
      '{"answer":"continue","step":1}',
      '{"answer":"stop","step":2}',
      'bye',
    ])
    expect(ran.files['stdout.txt']).not.toContain('asked to end')
  })
})

describe.concurrent('the answer to a report', () => {
  it('blocks nobody who does not read it, and ends who does not heed it', async () => {
    const many = await runShell(
      `awk 'BEGIN { for (i = 0; i < 20000; i++) print "espalier: {\\"metric\\": {\\"loss\\": " i "}, \\"step\\": " i "}" }'
       echo 'espalier: {"final": 1}'`,
    )
    expect([told(many), many.reports.length]).toEqual(['finished {"loss":1}', 20000])
    const closed = await runShell(
      `exec 0<&-; for i in 1 2 3; do echo 'espalier: {"metric": {"loss": 1}}'; sleep 0.05; done; echo 'espalier: {"final": 1}'`,
    )
    expect(told(closed)).toBe('finished {"loss":1}')
    const deaf = await runShell(`echo 'espalier: {"metric": {"loss": 1}, "step": 0}'; sleep 60`, {
      pruneAt: 0,
      program: { grace: 5 },
    })
    expect(told(deaf)).toBe('pruned')
    expect(deaf.seconds).toBeGreaterThan(4.5)
    // Asked to end after its grace, it ends: it is not made to after another one.
    expect(deaf.seconds).toBeLessThan(9.5)
  })
})

describe.concurrent('the end of a program', () => {
  /** A grandchild that writes into a file as long as it lives. */
  const grandchild = `sh -c 'trap "" TERM; while true; do echo x >> beat; sleep 0.02; done' &`

  async function stillBeats(directory: string): Promise<boolean> {
    const beats = () => readFileSync(join(directory, 'beat'), 'utf8').length
    const before = beats()
    await delay(150)
    return beats() > before
  }

  it('takes with it whatever it started', async () => {
    const directory = temporaryFolder()
    // Not before the grandchild lives: on a busy machine that takes its time.
    shellScript(
      directory,
      `${grandchild}\nuntil [ -s beat ]; do sleep 0.01; done; echo 'espalier: {"final": 1}'; : > ended`,
    )
    const ran = await run(directory, ['./train.sh'])
    const waited = Date.now() - statSync(join(directory, 'ended')).mtimeMs
    expect(told(ran)).toBe('finished {"loss":1}')
    expect(await stillBeats(directory)).toBe(false)
    // The grandchild holds the output: alive, it would have been waited for five seconds.
    expect(waited).toBeLessThan(4000)
  })

  it.skipIf(!proc)(
    'takes with it who left its process group and holds its output, and waits for nobody else who does',
    async () => {
      const directory = temporaryFolder()
      const leaver = `setsid sh -c 'while true; do echo x >> left; echo x; sleep 0.02; done' &`
      shellScript(
        directory,
        `${leaver}
       env -i setsid sh -c 'while true; do echo y; sleep 0.02; done' &
       until [ -s left ]; do sleep 0.01; done; echo 'espalier: {"final": 1}'`,
      )
      const ran = await run(directory, ['./train.sh'])
      expect(told(ran)).toBe('finished {"loss":1}')
      const length = () => readFileSync(join(directory, 'left')).length
      const before = length()
      await delay(150)
      expect(length()).toBe(before)
      expect(ran.seconds).toBeLessThan(20)
    },
  )

  it.skipIf(!proc)('at a time limit takes with it who left its group and holds no output', async () => {
    const directory = temporaryFolder()
    shellScript(
      directory,
      `setsid sh -c 'while true; do echo x >> beat; sleep 0.02; done' < /dev/null > /dev/null 2>&1 &
       until [ -s beat ]; do sleep 0.01; done; exec sleep 60`,
    )
    const ran = await run(directory, ['./train.sh'], { timeLimit: 3000 })
    expect(told(ran)).toContain('TIME_LIMIT')
    expect(await stillBeats(directory)).toBe(false)
  })

  it('at a time limit: TERM, and KILL for who does not listen, grandchildren too; its output is kept', async () => {
    const directory = temporaryFolder()
    shellScript(directory, `trap "" TERM\n${grandchild}\necho started; sleep 60 & wait; sleep 60`)
    const ran = await run(directory, ['./train.sh'], { timeLimit: 2500 })
    expect(told(ran)).toMatch(/^TIME_LIMIT: a fit may take 2\.5 s/)
    expect(ran.files['stdout.txt']).toBe('started\n')
    expect(ran.seconds).toBeGreaterThan(4.2)
    expect(await stillBeats(directory)).toBe(false)
    const mild = await runShell(
      `trap 'echo saved; exit 0' TERM; echo started; while true; do sleep 0.05; done`,
      { timeLimit: 2500, program: { grace: 60 } },
    )
    expect(mild.files['stdout.txt']).toBe('started\nsaved\n')
    // It ended by itself, long before its grace was over.
    expect(mild.seconds).toBeLessThan(25)
  })

  it('when the trial is stopped from outside, or the executor closes', async () => {
    const directory = temporaryFolder()
    shellScript(directory, `${grandchild}\nsleep 60`)
    const controller = new AbortController()
    const born = setInterval(() => {
      if (!existsSync(join(directory, 'beat'))) return
      clearInterval(born)
      controller.abort()
    }, 20)
    expect(told(await run(directory, ['./train.sh'], { signal: controller.signal }))).toBe('aborted')
    expect(await stillBeats(directory)).toBe(false)
  })
})

describe('before the sweep', () => {
  const open = (command: string[], directory = temporaryFolder()) =>
    openTrainer({ kind: 'command', command, directory })

  it('refuses a program that is not there or cannot be run, and a script that is not there', async () => {
    const directory = temporaryFolder()
    writeFileSync(join(directory, 'plain.sh'), 'exit 0')
    const cases: [string[], RegExp][] = [
      [['./none.sh'], /the program of a trainer must be there \(.*none\.sh is not\)/],
      [['./plain.sh'], /must be executable \(.*plain\.sh is not\); chmod \+x/],
      [
        ['plain.sh'],
        /must be found on the PATH \("plain\.sh" is not\); for the file in its folder write "\.\/plain\.sh"/,
      ],
      [['no-such-program-here'], /must be found on the PATH/],
      [['sh', 'none.sh'], /sh must be given a file that is there \(.*none\.sh is not\)/],
    ]
    for (const [command, message] of cases) {
      const error = await rejection(open(command, directory))
      expect([error.code, error.kind]).toEqual(['TRAINER_INVALID', 'request'])
      expect(error.message).toMatch(message)
    }
    expect(await open(['sh', 'plain.sh'], directory)).toMatchObject({ objective: { name: 'plain.sh' } })
    expect(await open(['sh', '-c', 'exit 0'])).toMatchObject({ kind: 'objective', objective: { name: 'sh' } })
  })
})
