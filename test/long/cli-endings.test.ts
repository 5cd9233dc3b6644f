import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { type Document, fixtures, irisKnn, main, makeFolder } from '../cli/run.js'
import { temporaryDirectory } from '../temporary.js'

const folder = makeFolder()
afterAll(folder.remove)

const x = { type: 'float', min: 0, max: 1 }
const { write } = folder
const iris = write('iris.json', irisKnn)
const slow = write('slow.json', {
  trainer: join(fixtures, 'parabola.mjs'),
  search: { algorithm: 'random', trials: 12, parallel: 2, seed: 1 },
  parameters: { x, wait: 150 },
})

describe('how a sweep ends', () => {
  it('with a summary and the commands to try next', async () => {
    const { code, stdout } = await folder.run(
      'sweep',
      iris,
      '--trials',
      '4',
      '--quiet',
      '--store',
      'other place',
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/^finished: 4 trials/)
    expect(stdout).toContain('on the holdout part')
    const command = /^ {2}espalier (predict .*)$/m.exec(stdout)![1]
    const words = command.match(/'[^']*'|\S+/g)!.map((word) => word.replaceAll("'", ''))
    expect(words.slice(-2)).toEqual(['--store', join(folder.path, 'other place')])
    const predicted = await folder.run(...words)
    expect(predicted.code).toBe(0)
    expect(predicted.stdout.trimEnd().split('\n')).toHaveLength(151)
  })

  it('without letting a name in the file move the cursor', async () => {
    const module = join(fixtures, 'parabola.mjs')
    const file = write('evil.json', { name: 'e\u001b[2Jvil\nname', trainer: module, parameters: { x } })
    const ended = await folder.run('sweep', file, '--trials', '1', '--store', 'evil')
    const words = ended.stdout.match(/^ {2}espalier (best .*)$/m)![1].split(' ')
    const best = await folder.run(...words.map((word) => word.replace(folder.path, '.')))
    expect(best).toMatchObject({ code: 0, stdout: expect.stringContaining('experiment evil name') })
    for (const text of [ended.stdout, ended.stderr, best.stdout, best.stderr])
      expect(text).not.toContain('\u001b')
  })

  it('under the name of its file, where it says none', async () => {
    const file = write('nameless.json', { trainer: join(fixtures, 'parabola.mjs'), parameters: { x } })
    const store = ['--store', 'nameless']
    const first = await folder.json('sweep', file, '--trials', '2', ...store)
    expect(first.experiment.name).toBe('nameless')
    const second = await folder.json('sweep', file, '--trials', '2', '--experiment', 'mine', ...store)
    expect(second.experiment.name).toBe('mine')
    const best = await folder.run('best', '--experiment', 'mine', ...store)
    expect(best.stdout).toMatch(/^model +none: an objective leaves no model$/m)
  })

  it('with a warning where values of an experiment were not measured alike', async () => {
    const store = ['--store', 'unlike']
    for (const folds of ['2', '3'])
      await folder.run('sweep', iris, '--trials', '1', '--folds', folds, ...store)
    const { code, stderr } = await folder.run('best', '--experiment', 'iris-knn', ...store)
    expect(code).toBe(0)
    expect(stderr).toContain('differ in data or validation')
    expect((await folder.run('best', '--sweep', 'latest', ...store)).stderr).not.toContain('differ')
  })

  it('with 1 where no trial finished, failures grouped by reason', async () => {
    const file = write('broken.json', { trainer: join(fixtures, 'broken.mjs'), parameters: { x } })
    const ended = await folder.run('sweep', file, '--search', 'random', '--trials', '3', '--quiet')
    expect(ended.code).toBe(1)
    expect(ended.stdout).toMatch(/3 × TRAINER_THREW +.*no such device/)
    const json = await folder.run('sweep', file, '--search', 'random', '--trials', '3', '--json')
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({ status: 'failed', best: null, trials: { failed: 3 } })
  })

  it('with what its trainer logged, and the way to a trial that failed', async () => {
    const module = join(folder.path, 'talks.mjs')
    writeFileSync(
      module,
      `export default { name: 'talks', objective() { console.log('fed \\u001b[2J 7 rows'); throw new Error('no') } }`,
    )
    const file = write('talks.json', { trainer: module, parameters: { x } })
    const { stdout } = await folder.run('sweep', file, '--trials', '2', '--quiet')
    const shown = await folder.run(...stdout.match(/espalier (runs show \w+)/)![1].split(' '))
    expect(shown.code).toBe(0)
    expect(shown.stdout).toContain('TRAINER_THREW')
    expect(shown.stdout).toMatch(/^log\n {2}fed {2}7 rows$/m)
  })

  it('by --max-time with the way to its other trials', async () => {
    const args = ['--max-time', '1ms', '--quiet', '--store', 'timed']
    const { code, stdout } = await folder.run('sweep', slow, ...args)
    expect(code).toBe(0)
    expect(stdout).toMatch(/--max-time\) is over, after \d+ of 12 trials/)
    const words = stdout.match(/^ {2}espalier (resume .*)$/m)![1].split(' ')
    const resumed = await folder.run(...words, '--quiet')
    expect(resumed.stdout).toMatch(/^finished: 12 trials/)
    expect(resumed.stdout).not.toContain('espalier resume')
  })

  it('with 130 at the first Ctrl-C, running trials ended; resume completes it', async () => {
    const sweep = folder.start(['sweep', slow, '--json', '--store', 'interrupted'])
    await sweep.saw('trial 1 finished')
    sweep.signal('SIGINT')
    const { code, stdout, stderr } = await sweep.ended
    const result = JSON.parse(stdout)
    expect({ code, status: result.status }).toEqual({ code: 130, status: 'interrupted' })
    expect(stderr).toContain('interrupted')
    expect(result.trials.finished).toBeLessThan(12)
    const trials = await folder.json('runs', 'list', '--sweep', 'latest', '--store', 'interrupted')
    expect(new Set(trials.map(({ status }: Document) => status))).toEqual(new Set(['finished']))

    const resumed = await folder.run('resume', '--json', '--store', 'interrupted')
    expect(resumed.code).toBe(0)
    expect(JSON.parse(resumed.stdout)).toMatchObject({
      run: result.run,
      status: 'finished',
      trials: { finished: 12 },
    })
  })

  it('at the second Ctrl-C without waiting for the running trials', async () => {
    const args = ['--store', 'killed', '--trials', '2']
    const long = write('long.json', {
      ...JSON.parse(readFileSync(join(folder.path, slow), 'utf8')),
      parameters: { x, wait: 60_000, begun: join(folder.path, 'begun') },
    })
    const sweep = folder.start(['sweep', long, ...args])
    await sweep.saw('sweep')
    while (!existsSync(join(folder.path, 'begun'))) await delay(20)
    sweep.signal('SIGTERM')
    await sweep.saw('interrupted')
    sweep.signal('SIGTERM')
    const { code, stdout } = await sweep.ended
    expect(code).toBe(130)
    expect(stdout).toContain('espalier resume')
  })
})

it('shows how far a running sweep has come, and of a running trial its steps, its output so far and its seat', async () => {
  const gate = join(folder.path, 'gate')
  writeFileSync(
    join(folder.path, 'waits.mjs'),
    `import { existsSync } from 'node:fs'
    export default {
      name: 'waits',
      async objective({ x }, { trial, report }) {
        if (trial === 0) return x
        console.log('hello')
        await report(0, { value: 0.75 })
        await report(1, { value: 0.5 })
        while (!existsSync(${JSON.stringify(gate)})) await new Promise((resolve) => setTimeout(resolve, 20))
        return x
      },
    }`,
  )
  const file = write('waits.json', { trainer: './waits.mjs', parameters: { x } })
  const where = ['--store', 'waiting']
  const sweep = folder.start(['sweep', file, '--trials', '2', '--workers', '1', '--quiet', ...where])
  await vi.waitFor(
    async () => {
      const [{ run, progress }] = await folder.json('runs', 'list', ...where)
      expect(progress).toMatchObject({ done: 1, trials: 2, running: 1 })
      const [, trial] = await folder.json('runs', 'list', '--sweep', run, ...where)
      const { stdout } = await folder.run('runs', 'show', trial.run, ...where)
      expect(stdout).toMatch(/^seat +0$/m)
      expect(stdout).toMatch(/^output so far\n {2}hello$/m)
      expect(stdout).toMatch(/^ +value +0\.75 +0\.5$/m)
    },
    { timeout: 20_000, interval: 100 },
  )
  expect((await folder.run('runs', 'list', ...where)).stdout).toMatch(/running +1(\/| of )2/)
  expect((await folder.run('runs', 'show', 'latest', ...where)).stdout).toMatch(
    /^progress +1 of 2, 1 running/m,
  )
  writeFileSync(gate, '')
  expect((await sweep.ended).code).toBe(0)
  expect((await folder.json('runs', 'list', ...where))[0].progress).toBeUndefined()
})

it('ends what runs a grace after --max-time, where that is asked for', async () => {
  const wait = { type: 'categorical', values: [600_000] }
  const file = write('long.json', { trainer: join(fixtures, 'parabola.mjs'), parameters: { x, wait } })
  const where = ['--store', 'graced']
  const time = ['--max-time', '100ms', '--max-time-grace', '100ms']
  const ended = await folder.run(
    'sweep',
    file,
    '--search',
    'random',
    '--trials',
    '2',
    '--json',
    ...time,
    ...where,
  )
  expect(ended.code).toBe(130)
  expect(JSON.parse(ended.stdout)).toMatchObject({
    status: 'interrupted',
    trials: { finished: 0, failed: 0 },
  })
})

it('checks, copies, measures and prunes a store, which asks first and says what it freed', async () => {
  const where = ['--store', 'kept']
  const file = write('kept.json', { trainer: join(fixtures, 'parabola.mjs'), parameters: { x } })
  const result = await folder.json('sweep', file, '--search', 'random', '--trials', '2', ...where)
  expect(await folder.run('store', 'check', ...where)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^1 sweep, 2 trials, \d+ artifacts?: all as it was written\n$/),
  })
  const [{ bytes }] = (await folder.json('store', 'size', ...where)).sweeps
  expect(bytes).toBeGreaterThan(0)
  expect((await folder.run('store', 'backup', 'copy', ...where)).stdout).toMatch(/^copied 1 sweep /)
  const all = async (store: string) =>
    (await folder.json('runs', 'list', '--store', store)).map(({ run }: Document) => run)
  expect(await all('copy')).toEqual([result.run])
  const prune = ['store', 'prune', '--status', 'finished', ...where]
  expect(await folder.run(...prune)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
  expect((await folder.run(...prune, '--dry-run')).stdout).toContain('would be freed')
  expect(await all('kept')).toEqual([result.run])
  expect(await folder.json(...prune, '--yes')).toMatchObject({ bytes, deleted: [{ run: result.run, bytes }] })
  expect(await all('kept')).toEqual([])
  const journal = join(folder.path, 'copy', 'sweeps', result.run, 'journal.jsonl')
  writeFileSync(journal, readFileSync(journal, 'utf8').replace('parabola', 'parabole'))
  expect(await folder.run('store', 'check', '--store', 'copy')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('journal.jsonl line '),
  })
})

it.skipIf(process.platform === 'win32').each([2, 3])(
  'ends with 130 where a thread waits for a pipe that nobody writes to: %i times',
  async (times) => {
    const directory = await temporaryDirectory()
    const pipe = join(directory, 'pipe')
    execFileSync('mkfifo', [pipe])
    writeFileSync(
      join(directory, 'stuck.mjs'),
      `import { readFileSync, writeFileSync } from 'node:fs'
       export default { name: 'stuck', objective: ({ x }) => {
         writeFileSync('begun', '')
         readFileSync(${JSON.stringify(pipe)})
         return x
       } }`,
    )
    writeFileSync(
      join(directory, 'sweep.json'),
      JSON.stringify({
        trainer: './stuck.mjs',
        search: { algorithm: 'random', trials: 3 },
        parameters: { x: { type: 'float', min: 0, max: 1 } },
      }),
    )
    const child = spawn(process.execPath, [main, 'sweep', 'sweep.json'], { cwd: directory })
    let stderr = ''
    let told = 0
    child.stderr.on('data', (chunk) => {
      stderr += chunk
      if (stderr.includes('interrupted') && told === 1) {
        for (; told < times; told++) child.kill('SIGINT')
      }
    })
    const begun = setInterval(() => {
      if (told > 0 || !existsSync(join(directory, 'begun'))) return
      told = 1
      child.kill('SIGINT')
    }, 20)
    const ended = await new Promise((resolve) => {
      child.on('exit', (code, signal) => resolve([code, signal]))
    })
    clearInterval(begun)
    expect([ended, told]).toEqual([[130, null], times])
  },
)

it('ask-tell answers line by line, and outlives nonsense', async () => {
  const lines = [
    { op: 'open', parameters: { x }, direction: 'minimize', search: { algorithm: 'sobol', seed: 1 } },
    { op: 'ask', count: 2 },
    'nonsense',
    { op: 'tell', trial: 1, value: 0.5 },
    { op: 'best' },
  ]
  const input = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  const { code, stdout, stderr } = await folder.start(['ask-tell'], { input }).ended
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(answers).toHaveLength(5)
  expect(answers[0]).toEqual({ ok: true })
  expect(answers[1].trials.map(({ trial }: Document) => trial)).toEqual([0, 1])
  expect(answers[2].error.code).toBe('JSON_INVALID')
  expect(answers[4]).toMatchObject({ trial: 1, value: 0.5, params: answers[1].trials[1].params })
})
