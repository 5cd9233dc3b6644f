/** Search spaces and configurations of NNI. */
import { describe, expect, it } from 'vitest'
import { isEspalierError } from '../../../src/errors.js'
import { parseSweepFile } from '../../../src/space/index.js'
import { drawn, importFixture, importText } from './support.js'

const withX = (type: string, list: unknown) =>
  importText('nni', JSON.stringify({ x: { _type: type, _value: list } }), 'json')
/** What every import of a space alone says: the program, the tuner, the trials. */
const always = 4

describe('a whole file', () => {
  it('config.yml with its search space, tuner, assessor and command', async () => {
    const { sweep, warnings } = await importFixture('nni', 'config.yml')
    expect(sweep).toEqual({
      name: 'mnist',
      trainer: { command: ['python3', 'mnist.py', '--data', 'data'] },
      objective: { metric: 'default', direction: 'maximize' },
      search: {
        ...{ algorithm: 'bayesian', trials: 30, parallel: 2, seed: 7 },
        pruner: { name: 'median', minSteps: 4 },
      },
      resources: { devices: 1 },
      parameters: {
        layer0: { type: 'categorical', values: ['conv', 'pool', 'empty'] },
        'layer0.conv.kernel': { type: 'categorical', values: [1, 3, 5], when: { layer0: ['conv'] } },
        'layer0.conv.rate': { type: 'float', min: 0, max: 0.5, when: { layer0: ['conv'] } },
        'layer0.pool.kernel': { type: 'int', min: 2, max: 4, step: 2, when: { layer0: ['pool'] } },
        lr: { type: 'float', min: 0.0001, max: 0.1, scale: 'log' },
        units: { type: 'int', min: 16, max: 64 },
        scale: { type: 'float', min: 0.7, max: 1.3, default: 1 },
      },
    })
    for (const said of [
      ...[
        'maxExperimentDuration:',
        'trainingService:',
        'tuner.name:',
        'n_startup_jobs',
        'scale:',
        'assessor:',
      ],
      'espalier.params()',
    ])
      expect(warnings.some((warning) => warning.includes(said))).toBe(true)
    expect(warnings).toHaveLength(7)
  })

  it('a configuration of NNI 1, as later versions have it', async () => {
    const searchSpace = { x: { _type: 'uniform', _value: [0, 1] } }
    const text = JSON.stringify({
      ...{ authorName: 'me', trialConcurrency: 2, maxExecDuration: '1h', maxTrialNum: 10 },
      ...{ trainingServicePlatform: 'local', useAnnotation: false, searchSpace },
      tuner: { builtinTunerName: 'Random', classArgs: { optimize_mode: 'minimize' } },
      assessor: { builtinAssessorName: 'Medianstop', classArgs: { start_step: 3 } },
      trial: { command: 'python3 mnist.py', codeDir: '.', gpuNum: 1, cpuNum: 2 },
    })
    const { sweep, warnings } = await importText('nni', text, 'json')
    expect(sweep).toMatchObject({
      trainer: { command: ['python3', 'mnist.py'] },
      objective: { direction: 'minimize' },
      search: { algorithm: 'random', trials: 10, parallel: 2, pruner: { name: 'median', minSteps: 3 } },
      resources: { devices: 1 },
    })
    for (const said of [
      'authorName:',
      'maxExperimentDuration:',
      'trainingService:',
      'trial.cpuNum:',
      'assessor:',
    ])
      expect(warnings.some((warning) => warning.startsWith(said))).toBe(true)
    expect(warnings.some((warning) => warning.includes('annotations'))).toBe(false)
  })

  it('a misspelt key is told with the one that was meant', async () => {
    const searchSpace = { x: { _type: 'uniform', _value: [0, 1] } }
    const { warnings } = await importText('nni', JSON.stringify({ searchSpace, trialConcurency: 2 }), 'json')
    expect(warnings[0]).toBe(
      'trialConcurency: it has no counterpart; did you mean "trialConcurrency"?; it is left out',
    )
  })

  it('a search space alone', async () => {
    const { sweep, warnings } = await importFixture('nni', 'search_space.json')
    expect(sweep).toMatchObject({ name: 'search_space', search: { trials: 50 } })
    expect(sweep).not.toHaveProperty('trainer')
    expect(warnings).toHaveLength(always + 1)
  })

  it('choices within choices exist only below both', async () => {
    const inner = {
      _type: 'choice',
      _value: [{ _name: 'a', n: { _type: 'randint', _value: [1, 2] } }, { _name: 'b' }],
    }
    const { sweep } = await withX('choice', [{ _name: 'deep', y: inner }, { _name: 'flat' }])
    expect(sweep.parameters).toEqual({
      x: { type: 'categorical', values: ['deep', 'flat'] },
      'x.deep.y': { type: 'categorical', values: ['a', 'b'], when: { x: ['deep'] } },
      'x.deep.y.a.n': { type: 'constant', value: 1, when: { x: ['deep'], 'x.deep.y': ['a'] } },
    })
    expect((await parseSweepFile(sweep)).space.parameters).toHaveLength(3)
  })

  it.each([
    ['Random', {}, 'random', 'maximize'],
    ['GridSearch', {}, 'grid', 'maximize'],
    ['TPE', {}, 'bayesian', 'minimize'],
    ['Evolution', {}, 'bayesian', 'maximize'],
    ['Anneal', { optimize_mode: 'maximize' }, 'bayesian', 'maximize'],
    ['mine', { optimize_mode: 'minimize' }, 'bayesian', 'minimize'],
  ])('tuner %s with %o', async (name, classArgs, algorithm, direction) => {
    const searchSpace = { x: { _type: 'uniform', _value: [0, 1] } }
    const text = JSON.stringify({ searchSpace, maxTrialNumber: 3, tuner: { name, classArgs } })
    const { sweep } = await importText('nni', text, 'json')
    expect(sweep).toMatchObject({ search: { algorithm }, objective: { direction } })
    if (algorithm === 'grid')
      expect(sweep.parameters).toEqual({ x: { type: 'float', min: 0, max: 1, grid: 5 } })
  })

  it('a command line for a shell is given to one', async () => {
    const searchSpace = { x: { _type: 'uniform', _value: [0, 1] } }
    const text = JSON.stringify({
      searchSpace,
      maxTrialNumber: 3,
      trialCommand: 'cd a && X=1 python3 {x}.py',
    })
    const { sweep } = await importText('nni', text, 'json')
    expect(sweep.trainer).toEqual({ command: ['bash', '-c', 'cd a && X=1 python3 {{x}}.py'] })
  })
})

/** As nni/parameter_expressions.py has them, for a share u. */
const spread = (min: number, max: number) => (u: number) => min + u * (max - min)
const even = (x: number) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))
const clipped = (low: number, high: number, q: number, of: (u: number) => number) => (u: number) =>
  Math.min(high, Math.max(low, even(of(u) / q) * q))
const exp = (of: (u: number) => number) => (u: number) => Math.exp(of(u))

describe('every distribution: no value that NNI would not give, and all of those that can be listed', () => {
  it.each<[string, number[], (u: number) => number]>([
    ['randint', [2, 6], (u) => Math.min(5, Math.floor(2 + 4 * u))],
    ['uniform', [-1, 2], spread(-1, 2)],
    ['loguniform', [0.01, 3], exp(spread(Math.log(0.01), Math.log(3)))],
    ['quniform', [0, 2, 0.5], clipped(0, 2, 0.5, spread(0, 2))],
    ['quniform', [1, 10, 2.5], clipped(1, 10, 2.5, spread(1, 10))],
    ['quniform', [0.3, 0.9, 0.5], clipped(0.3, 0.9, 0.5, spread(0.3, 0.9))],
    ['qloguniform', [1, 16, 1], clipped(1, 16, 1, exp(spread(0, Math.log(16))))],
  ])('%s %o', async (type, list, give) => {
    const { parameters, warnings } = await withX(type, list)
    expect(warnings).toHaveLength(always)
    const nni = Array.from({ length: 20_001 }, (_, i) => give(i / 20_000))
    const values = (await drawn(parameters.x, 2000)) as number[]
    const [low, high] = [Math.min(...nni), Math.max(...nni)]
    for (const value of values) expect(value >= low - 1e-12 && value <= high + 1e-12).toBe(true)
    const name = (value: number) => Number(value.toFixed(9)) + 0
    const listed = new Set(nni.map(name))
    if (listed.size < 100) expect(new Set(values.map(name))).toEqual(listed)
  })

  it('a quantised range with odd ends on a log scale becomes a list, which is told', async () => {
    const { parameters, warnings } = await withX('qloguniform', [1, 10, 4])
    expect(parameters.x).toEqual({ type: 'ordinal', values: [1, 4, 8] })
    expect(warnings).toHaveLength(always + 1)
  })

  it.each([
    ['normal', [0, 2], { type: 'float', min: -6, max: 6, default: 0 }],
    ['qnormal', [10, 2, 4], { type: 'int', min: 4, max: 16, step: 4, default: 8 }],
    ['lognormal', [0, 1], { type: 'float', scale: 'log', default: 1 }],
    ['qlognormal', [2, 1, 1], { type: 'int', min: 1, max: 148, scale: 'log' }],
  ])('%s is approximated, which is told', async (type, list, parameter) => {
    const { parameters, warnings } = await withX(type, list)
    expect(parameters.x).toMatchObject(parameter)
    expect(warnings.filter((warning) => warning.startsWith('x:'))).toHaveLength(1)
  })
})

describe('a wrong file', () => {
  it.each<[string, unknown, string, string]>([
    ['randint', [3, 3], 'x', 'must be above its bottom'],
    ['uniform', [1], 'x._value', 'a list of 2 numbers'],
    ['unifrom', [0, 1], 'x._type', 'did you mean "uniform"?'],
    ['choice', [], 'x._value', 'not empty'],
    ['choice', [{ _name: 'a' }, 3], 'x._value[1]', '"_name"'],
    ['choice', [{ _name: 'a' }, { _name: 'a' }], 'x._value', 'there again'],
    ['loguniform', [0, 1], 'x', 'above 0'],
  ])('%s %o', async (type, list, path, said) => {
    const error = await withX(type, list).catch((caught: unknown) => caught)
    if (!isEspalierError(error)) throw error
    expect(error.problems.map((problem) => problem.path)).toContain(path)
    expect(error.problems.map(({ message }) => message).join()).toContain(said)
  })

  it('a configuration without a space', async () => {
    await expect(importText('nni', '{"trialCommand": "python3 a.py"}', 'json')).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
    })
  })
})
