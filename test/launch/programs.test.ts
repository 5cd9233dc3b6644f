/** Sweeps whose trainer is a program: the examples in search-spaces/programs, their records, what is refused. */
import { spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openStore, reproduceRun, resumeSweep, type SweepEvent, sweep } from '../../src/index.js'
import { writeExecutable } from '../executable.js'
import { essenceOf, temporaryDirectory } from './support.js'

const programs = fileURLToPath(new URL('../../search-spaces/programs/', import.meta.url))
const has = (...command: string[]) => spawnSync(command[0], command.slice(1)).status === 0
const python = has('python3', '--version')
const sklearn = python && has('python3', '-c', 'import sklearn')

async function freshStore(): Promise<string> {
  return join(await temporaryDirectory(), 'runs')
}

async function textOf(store: string, run: string, name: string): Promise<string> {
  return new TextDecoder().decode(await (await openStore(store)).readArtifact(run, name))
}

describe('the examples', () => {
  it('in sh and awk: pruned by its answers, the same for any number of workers, and reproduced', async () => {
    const results = []
    for (const workers of [1, 3]) {
      const store = await freshStore()
      const result = await sweep(join(programs, 'shell.json'), { store, workers, trials: 12 })
      expect(result.status).toBe('finished')
      expect(result.trials.pruned).toBeGreaterThan(0)
      expect(result.trials.failed).toBe(0)
      expect(result.best!.value).toBeLessThan(0.01)
      results.push({ store, run: result.run, ...(await essenceOf(store, result.run)) })
    }
    expect(results[1].trials).toEqual(results[0].trials)
    const { store, run, trials } = results[0]
    for (const { status, history } of trials)
      if (status === 'finished') expect(history.height.steps).toEqual([0, 1, 2, 3, 4])
    expect(await reproduceRun(run, { store })).toMatchObject({ equal: true, changes: [] })
  })

  it.skipIf(!python)(
    'in plain Python (needs python3): reports by step, its weights and output kept',
    async () => {
      const store = await freshStore()
      const result = await sweep(join(programs, 'python-plain.json'), { store, trials: 6 })
      expect(result.trials).toMatchObject({ failed: 0 })
      expect(result.best!.value).toBeLessThan(0.5)
      const best = await (await openStore(store)).bestRun()
      expect(best.history.loss.steps).toEqual(Array.from({ length: 20 }, (_, epoch) => epoch))
      expect(best.metrics).toMatchObject({ loss: result.best!.value, accuracy: expect.any(Number) })
      expect(best.artifacts.map(({ name }) => name).sort()).toEqual(['stdout.txt', 'weights.json'])
      expect(JSON.parse(await textOf(store, best.id, 'weights.json')).length).toBe(5)
      expect(await textOf(store, best.id, 'stdout.txt')).toMatch(/^espalier: \{"metric": \{"loss": /)
      expect(await reproduceRun(best.id, { store })).toMatchObject({ equal: true, differences: [] })
    },
  )

  it.skipIf(!sklearn)(
    'with scikit-learn (needs it): params as a file, reports in a file, the model kept',
    async () => {
      const store = await freshStore()
      const result = await sweep(join(programs, 'python-sklearn.json'), { store, trials: 4 })
      expect(result).toMatchObject({ trials: { finished: 4, failed: 0 } })
      expect(result.best!.value).toBeGreaterThan(0.9)
      const best = await (await openStore(store)).bestRun()
      expect(best.history.accuracy.steps).toEqual([0, 1, 2, 3, 4])
      expect(best.artifacts.map(({ name }) => name)).toContain('model.pickle')
    },
  )
})

describe('a program', () => {
  const parameters = {
    kind: { type: 'categorical', values: ['a', 'b'] },
    rate: { type: 'float', min: 0, max: 1, when: { kind: ['b'] } },
  } as const

  /** A folder with an executable train.sh. */
  async function project(lines: string): Promise<{ directory: string; file: string; store: string }> {
    const directory = await temporaryDirectory()
    writeExecutable(join(directory, 'train.sh'), `#!/bin/sh\n${lines}\n`)
    const file = join(directory, 'sweep.json')
    const command = ['./train.sh', '--kind', '{kind}', '--rate', '{rate}', '--both={kind}{rate}', 'end']
    writeFileSync(
      file,
      JSON.stringify({
        name: 'own',
        trainer: { command },
        search: { algorithm: 'random', trials: 6 },
        parameters,
      }),
    )
    return { directory, file, store: join(directory, 'runs') }
  }

  it('has no argument, nor the option before it, for a parameter that is inactive', async () => {
    const { file, store } = await project('echo "$@"; echo \'espalier: {"final": 1}\'')
    const { run } = await sweep(file, { store })
    const trials = await (await openStore(store)).trials(run)
    const kinds = new Set<unknown>()
    for (const { id, params } of trials) {
      const [args] = (await textOf(store, id, 'stdout.txt')).split('\n')
      const { kind, rate } = params
      expect(args).toBe(kind === 'a' ? '--kind a end' : `--kind b --rate ${rate} --both=b${rate} end`)
      kinds.add(kind)
    }
    expect(kinds.size).toBe(2)
  })

  it('that has changed is told of when its sweep goes on, wherever that is asked for', async () => {
    const { file, store, directory } = await project('echo \'espalier: {"final": 1}\'')
    const { run } = await sweep(file, { store, trials: 2 })
    const warnings: string[] = []
    const onEvent = (event: SweepEvent) => {
      if (event.type === 'warning') warnings.push(event.message)
    }
    expect(await resumeSweep(run, { store, trials: 3, onEvent })).toMatchObject({
      trials: { finished: 3 },
    })
    expect(warnings).toEqual([])
    appendFileSync(join(directory, 'train.sh'), '# changed\n')
    expect(await resumeSweep(run, { store, trials: 4, onEvent })).toMatchObject({
      trials: { finished: 4 },
    })
    expect(warnings).toEqual([
      `since the sweep began, the program's file ${join(directory, 'train.sh')} has changed`,
    ])
  })

  it('whose command holds a secret is warned about: it would stand on record', async () => {
    const { file, store } = await project('echo \'espalier: {"final": 1}\'')
    const { trainer, ...rest } = JSON.parse(readFileSync(file, 'utf8'))
    const warnings: string[] = []
    const onEvent = (event: SweepEvent) => {
      if (event.type === 'warning') warnings.push(event.message)
    }
    const command = [...trainer.command, '--api-key', 'abc', '--max-tokens', '9']
    writeFileSync(file, JSON.stringify({ ...rest, trainer: { command } }))
    await sweep(file, { store, trials: 1, onEvent })
    expect(warnings).toEqual([
      expect.stringMatching(/recorded as it stands.* \(--api-key\); let .* environment/),
    ])
  })

  it('that fails leaves its reason and its output, and is tried again where asked', async () => {
    const { file, store } = await project(
      'echo "no GPU" >&2; [ -f "again$ESPALIER_TRIAL" ] && echo \'espalier: {"final": 1}\'; touch "again$ESPALIER_TRIAL"; exit $((ESPALIER_TRIAL + 1))',
    )
    const failed = await sweep(file, { store, trials: 1 })
    expect(failed).toMatchObject({ status: 'failed', failures: [{ code: 'PROGRAM_FAILED', count: 1 }] })
    const [trial] = await (await openStore(store)).trials(failed.run)
    expect(trial.error!.message).toBe('train.sh ended with exit status 1:\n  no GPU')
    expect(await textOf(store, trial.id, 'stderr.txt')).toBe('no GPU\n')
    const again = await project(
      '[ -f again ] && echo \'espalier: {"final": 1}\' && exit 0; touch again; exit 1',
    )
    const { run } = await sweep(again.file, { store: again.store, trials: 1, retries: 1 })
    const [retried] = await (await openStore(again.store)).trials(run)
    expect(retried).toMatchObject({ status: 'finished', attempts: [{ error: { code: 'PROGRAM_FAILED' } }] })
  })

  it('runs from a definition in code, from the working directory', async () => {
    const { directory } = await project('echo "espalier: {\\"final\\": {\\"loss\\": $1}}"')
    const result = await sweep(
      {
        trainer: { command: [join(directory, 'train.sh'), '{x}'] },
        objective: { metric: 'loss' },
        search: { algorithm: 'grid' },
        parameters: { x: { type: 'int', min: 1, max: 3 } },
      },
      { store: join(directory, 'runs') },
    )
    expect(result.best).toMatchObject({ value: 1, params: { x: 1 } })
  })

  it.each([
    [
      { command: ['./train.sh', '{learnigRate}', '{x}'] },
      /trainer\.command\[1\].*\{learnigRate\} must be a parameter .*did you mean "learningRate"\?.*\{\{learnigRate\}\}/,
    ],
    [{ command: ['./{x}.sh'] }, /trainer\.command\[0\].*the same for every trial/],
    [{ command: [] }, /trainer\.command.*must not be empty/],
    [{ command: 'python3 train.py' }, /trainer\.command.*must be a list/],
    [
      { module: './mine.mjs' },
      /trainer\.module a module is written as its path, "trainer": "\.\/mine\.mjs"; an object is a program/,
    ],
    [{ comand: ['sh'] }, /trainer\.comand.*did you mean "command"/],
    [
      ['python3', 'train.py'],
      /"trainer" must be the name of a trainer, the path of a module, or a program like/,
    ],
    [
      './train.py',
      /a program is named in the sweep file: "trainer": \{"command": \["python3", "train\.py"\]\}/,
    ],
    [{ command: ['./none.sh'] }, /the program of a trainer must be there/],
  ])('written as %j is refused before anything is recorded', async (trainer, message) => {
    const { directory, store } = await project('exit 0')
    const file = join(directory, 'wrong.json')
    writeFileSync(
      file,
      JSON.stringify({ trainer, parameters: { learningRate: 1, x: { type: 'int', min: 1, max: 3 } } }),
    )
    const error = await sweep(file, { store }).then(
      () => null,
      (error) => error,
    )
    expect(error.kind).toBe('request')
    const problems = error.problems.map(
      (one: { path: string; message: string }) => `${one.path} ${one.message}`,
    )
    expect([error.message, ...problems].join('\n')).toMatch(message)
    await expect(openStore(store).then((opened) => opened.sweeps())).rejects.toMatchObject({
      code: 'STORE_MISSING',
    })
  })

  it('cannot tell two parameters of one environment variable apart, and has no data set of its own', async () => {
    const { directory, store } = await project('exit 0')
    const trainer = { command: [join(directory, 'train.sh')] }
    const refused = (definition: object) =>
      sweep(definition as never, { store }).then(
        () => '',
        ({ message, problems }) => `${message} ${JSON.stringify(problems)}`,
      )
    expect(await refused({ trainer, parameters: { maxDepth: 1, max_depth: 2 } })).toMatch(
      /ESPALIER_PARAM_MAX_DEPTH would be both/,
    )
    expect(await refused({ trainer, data: { file: 'x.csv', target: 'y' }, parameters: { x: 1 } })).toMatch(
      /leave "data" out/,
    )
  })
})
