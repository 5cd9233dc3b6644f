/** Sweeps of W&B: what each entry becomes, that no value is one W&B would not give, and that all of a list are reached. */
import { describe, expect, it } from 'vitest'
import { isEspalierError } from '../../../src/errors.js'
import { drawn, importFixture, importText } from './support.js'

const least = 'method: random\nmetric: { name: loss }\nrun_cap: 3\nprogram: it.yaml\n'
const withX = (x: string) => importText('wandb', `${least}parameters: { x: ${x} }\n`, 'yaml')

describe('a whole file', () => {
  it('becomes a sweep file: method, metric, target, cap, parameters and program', async () => {
    const { sweep, warnings } = await importFixture('wandb', 'mnist.yaml')
    expect(sweep).toEqual({
      name: 'mnist',
      trainer: {
        command: [
          ...['python', '-m', 'espalier_wandb', '--metric', 'val_loss'],
          ...['--float', 'dropout', '--float', 'learning_rate', '--', 'python', 'train.py', '$(args)'],
        ],
        environment: { WANDB_MODE: 'offline' },
        grace: 30,
      },
      objective: { metric: 'val_loss', direction: 'minimize', at: 'best' },
      search: { algorithm: 'bayesian', trials: 40, parallel: 1, stopAt: 0.05 },
      parameters: {
        optimizer: { type: 'categorical', values: ['adam', 'sgd'] },
        dropout: { type: 'categorical', values: [0.3, 0.4, 0.5] },
        fc_layer_size: { type: 'int', min: 128, max: 512 },
        epochs: 5,
        learning_rate: { type: 'float', min: 1e-5, max: 0.1, scale: 'log' },
        batch_size: { type: 'int', min: 32, max: 256, scale: 'log', step: 8 },
      },
    })
    expect(warnings).toEqual([])
  })

  it('with everything else: nested parameters, a command, early termination, anchors, words of YAML 1.1', async () => {
    const { sweep, warnings } = await importFixture('wandb', 'nested.yaml')
    expect(sweep).toMatchObject({
      name: 'nested',
      description: 'three levels',
      objective: { metric: 'eval/f1', direction: 'maximize' },
      search: { algorithm: 'random', trials: 50, pruner: { name: 'halving', minSteps: 3, factor: 3 } },
    })
    expect(sweep.parameters).toEqual({
      seed: 1000,
      augment: { type: 'categorical', values: [true, false] },
      warmup: 0.001,
      // The one that is not nested keeps its name.
      'optimizer.name_2': { type: 'categorical', values: ['adam', 'sgd'] },
      'optimizer.betas.first': { type: 'float', min: 0, max: 1 },
      'optimizer.betas.second': { type: 'float', min: 0, max: 0.5 },
      'optimizer.name': 'outer',
    })
    expect((sweep.trainer as { command: string[] }).command).toEqual([
      ...['python', '-m', 'espalier_wandb', '--metric', 'eval/f1', '--float', 'warmup'],
      ...['--float', 'optimizer.betas.first', '--float', 'optimizer.betas.second'],
      ...['--nested', 'optimizer.name_2=optimizer/name'],
      ...['--nested', 'optimizer.betas.first=optimizer/betas/first'],
      ...['--nested', 'optimizer.betas.second=optimizer/betas/second', '--'],
      ...['/usr/bin/env', 'OMP_NUM_THREADS=1', 'torchrun', '--nproc_per_node=2', 'src/train.py'],
      ...['--data=$(envvar:DATA)/images', '--filter={{a}}', '$(args_no_hyphens)'],
    ])
    for (const said of [
      ...[
        '1e-3 would be a text',
        'entity:',
        'project:',
        'defaults:',
        'metric.impute:',
        'early_terminate.strict:',
      ],
      ...['"halving": at the values 3, 9, 27', 'command[8]: there is no macro', 'it has no "run_cap"'],
    ])
      expect(warnings.some((warning) => warning.includes(said))).toBe(true)
  })

  it.each([
    ['grid', 'metric: { name: loss }', 'the grid has as many trials as cells', { algorithm: 'grid' }],
    ['custom', 'run_cap: 2', '"custom"', { algorithm: 'bayesian', trials: 2 }],
  ])('method %s', async (method, line, _, search) => {
    const { sweep } = await importText(
      'wandb',
      `method: ${method}\n${line}\nparameters: { x: { values: [1, 2] } }`,
      'yaml',
    )
    expect(sweep.search).toMatchObject(search)
    if (method === 'grid') expect(sweep.search).not.toHaveProperty('trials')
  })

  it('a goal that looks for the worst is kept, and told', async () => {
    const text =
      'method: random\nrun_cap: 1\nmetric: { name: accuracy }\nparameters: { x: { values: [1, 2] } }'
    const { sweep, warnings } = await importText('wandb', text, 'yaml')
    expect(sweep.objective).toMatchObject({ direction: 'minimize', directionIsMeant: true })
    expect(warnings.join()).toContain('looks for the worst')
  })

  it('early termination by min_iter begins there, and by max_iter at the first of the last bands', async () => {
    const early = async (text: string) => {
      const { sweep } = await importText(
        'wandb',
        `${least}early_terminate: { type: hyperband, ${text} }\nparameters: { x: { values: [1, 2] } }`,
        'yaml',
      )
      return (sweep.search as { pruner: unknown }).pruner
    }
    expect(await early('min_iter: 4')).toEqual({ name: 'halving', minSteps: 4, factor: 3 })
    expect(await early('min_iter: 4, eta: 2')).toEqual({ name: 'halving', minSteps: 4, factor: 2 })
    // The bands of the engine: 40, 13, 4 for 121 and s = 3.
    expect(await early('max_iter: 121, s: 3')).toEqual({ name: 'halving', minSteps: 4, factor: 3 })
    expect(await early('max_iter: 9, s: 5')).toEqual({ name: 'halving', minSteps: 1, factor: 3 })
  })
})

describe('what decides between whole numbers and others is how they are written', () => {
  it.each([
    ['{ min: 1, max: 4 }', { type: 'int', min: 1, max: 4 }, false],
    ['{ min: 1, max: 4.0 }', { type: 'float', min: 1, max: 4 }, true],
    ['{ min: 1.0, max: 4.0 }', { type: 'float', min: 1, max: 4 }, true],
    ['{ value: 1.0 }', 1, true],
    ['{ value: 1 }', 1, false],
    ['{ values: [1.0, 2.0] }', { type: 'categorical', values: [1, 2] }, true],
    ['{ values: [1, 2.0] }', { type: 'categorical', values: [1, 2] }, false],
    ['{ distribution: q_uniform, min: 0, max: 4, q: 2 }', { type: 'int', min: 0, max: 4, step: 2 }, false],
    ['{ distribution: q_uniform, min: 0, max: 4 }', { type: 'int', min: 0, max: 4 }, true],
  ])('%s', async (x, parameter, floats) => {
    for (const { sweep, parameters } of [
      await withX(x),
      await importText(
        'wandb',
        JSON.stringify({ method: 'random', metric: { name: 'loss' }, program: 'it' }).replace(
          /\}$/,
          `, "parameters": {"x": ${x.replaceAll(/([a-z_]+):/g, '"$1":').replace(/: (q_uniform)/, ': "$1"')}}}`,
        ),
        'json',
      ),
    ]) {
      expect(parameters.x).toEqual(parameter)
      expect((sweep.trainer as { command: string[] }).command.includes('--float')).toBe(floats)
    }
  })
})

/** What W&B's engine gives for a share u of the distribution (sweeps 0.2.0, params.py), in its own words. */
const spread = (min: number, max: number) => (u: number) => min + u * (max - min)
const even = (x: number) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))
const rounded = (q: number, of: (u: number) => number) => (u: number) => even(of(u) / q) * q
const exp = (of: (u: number) => number) => (u: number) => Math.exp(of(u))
const ln = Math.log

describe('every distribution: no value that W&B would not give, and all of those that can be listed', () => {
  it.each<[string, (u: number) => number]>([
    ['int_uniform, min: -2, max: 3', (u) => Math.min(3, Math.floor(-2 + u * 6))],
    ['uniform, min: -2.5, max: 3.5', spread(-2.5, 3.5)],
    ['q_uniform, min: 0, max: 1, q: 0.25', rounded(0.25, spread(0, 1))],
    ['q_uniform, min: 1.1, max: 9.8, q: 2', rounded(2, spread(1.1, 9.8))],
    ['q_uniform, min: -0.35, max: 0.35, q: 0.1', rounded(0.1, spread(-0.35, 0.35))],
    ['q_uniform, min: 1, max: 6', rounded(1, spread(1, 6))],
    ['log_uniform, min: -3, max: 2', exp(spread(-3, 2))],
    ['log_uniform_values, min: 0.01, max: 10', exp(spread(ln(0.01), ln(10)))],
    ['inv_log_uniform, min: -3, max: 2', (u) => Math.exp(-spread(-3, 2)(1 - u))],
    ['inv_log_uniform_values, min: 0.01, max: 10', (u) => Math.exp(-spread(-ln(10), -ln(0.01))(1 - u))],
    ['q_log_uniform, min: 1, max: 3, q: 2', rounded(2, exp(spread(1, 3)))],
    ['q_log_uniform_values, min: 2, max: 16, q: 2', rounded(2, exp(spread(ln(2), ln(16))))],
    ['beta', (u) => u],
  ])('%s', async (text, give) => {
    const { parameters, warnings } = await withX(`{ distribution: ${text} }`)
    expect(warnings).toEqual([])
    const wandb = Array.from({ length: 20_001 }, (_, i) => give(i / 20_000))
    const values = (await drawn(parameters.x, 2000)) as number[]
    const [low, high] = [Math.min(...wandb), Math.max(...wandb)]
    const slack = 1e-12 * Math.max(Math.abs(low), Math.abs(high))
    for (const value of values) {
      expect(value).toBeGreaterThanOrEqual(low - slack)
      expect(value).toBeLessThanOrEqual(high + slack)
    }
    const name = (value: number) => Number(value.toFixed(9)) + 0
    const listed = new Set(wandb.map(name))
    if (listed.size < 100) expect(new Set(values.map(name))).toEqual(listed)
    // As evenly as W&B: the middle of both is the same, on the scale.
    else {
      const middle = (of: number[]) => [...of].sort((a, b) => a - b)[Math.floor(of.length / 2)]
      const scale = (x: number) => (text.includes('log') ? ln(x) : x)
      expect(Math.abs(scale(middle(values)) - scale(middle(wandb)))).toBeLessThan(
        0.05 * (scale(high) - scale(low)),
      )
    }
  })

  it.each<[string, object, string]>([
    [
      'normal, mu: 1, sigma: 2',
      { type: 'float', min: -5, max: 7, default: 1 },
      'normal distribution is cut off',
    ],
    ['normal', { type: 'float', min: -3, max: 3, default: 0 }, 'from -3 to 3'],
    [
      'q_normal, mu: 1, sigma: 2, q: 2',
      { type: 'int', min: -4, max: 8, step: 2, default: 0 },
      'from -4 to 8',
    ],
    ['log_normal, mu: 0, sigma: 1', { type: 'float', scale: 'log', default: 1 }, 'log-normal'],
    [
      'q_log_normal, mu: 2, sigma: 1, q: 1',
      { type: 'int', min: 1, max: 148, scale: 'log', default: 7 },
      '0, to which',
    ],
    ['beta, a: 2, b: 6', { type: 'float', min: 0, max: 1, default: 0.25 }, 'beta distribution'],
    [
      'q_beta, a: 2, b: 6, q: 0.1',
      { type: 'float', min: 0, max: 1, step: 0.1, default: 0.2 },
      'beta distribution',
    ],
  ])('%s is approximated, which is told', async (text, parameter, said) => {
    const { parameters, warnings } = await withX(`{ distribution: ${text} }`)
    expect(parameters.x).toMatchObject(parameter)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(said)
    expect(await drawn(parameters.x, 10)).toHaveLength(10)
  })

  it('probabilities are left out, which is told, and so is what never comes', async () => {
    const weighted = await withX('{ values: [1, 2, 3], probabilities: [0.5, 0.5, 0] }')
    expect(weighted.parameters.x).toEqual({ type: 'categorical', values: [1, 2] })
    expect(weighted.warnings).toEqual(['parameters.x: what has the probability 0 is left out'])
    const uneven = await withX('{ values: [1, 2], probabilities: [0.9, 0.1] }')
    expect(uneven.warnings[0]).toContain('the probabilities are left out')
    const even = await withX('{ values: [1, 2], probabilities: [0.5, 0.5] }')
    expect(even.warnings).toEqual([])
    const twice = await withX('{ values: [1, 1, 2] }')
    expect(twice.parameters.x).toEqual({ type: 'categorical', values: [1, 2] })
    expect(twice.warnings).toHaveLength(1)
  })
})

describe('a wrong file', () => {
  it.each<[string, string, string]>([
    ['{ min: 3, max: 1 }', 'parameters.x', '"min" must not be above "max"'],
    ['{ distribution: log_uniform_values, min: 0, max: 1 }', 'parameters.x', 'above 0'],
    ['{ distribution: unifrom, min: 0, max: 1 }', 'parameters.x.distribution', 'did you mean "uniform"?'],
    ['{ distribution: normal, sigma: wide }', 'parameters.x.sigma', 'must be a number (got "wide")'],
    ['{ distribution: int_uniform, min: 0.5, max: 2 }', 'parameters.x', 'whole numbers'],
    ['{ mu: 0 }', 'parameters.x', 'must say what it may be'],
    ['0.1', 'parameters.x', 'write {"value": 0.1}'],
    ['{ values: [] }', 'parameters.x.values', 'a list that is not empty'],
    ['{ distribution: q_uniform, min: 0, max: 1, q: 0 }', 'parameters.x', 'a number above 0'],
    ['{ values: [1, 2], probabilities: [1] }', 'parameters.x', 'for each of the 2 values'],
  ])('%s', async (x, path, said) => {
    const error = await withX(x).catch((caught: unknown) => caught)
    if (!isEspalierError(error)) throw error
    expect(error.code).toBe('IMPORT_INVALID')
    expect(error.problems.map((problem) => problem.path)).toContain(path)
    expect(error.problems.map(({ message }) => message).join()).toContain(said)
  })

  it('tells all mistakes at once', async () => {
    const text =
      'method: baies\nmetric: { goal: up }\nrun_cap: many\nearly_terminate: { type: asha }\nparameters: {}'
    const error = await importText('wandb', text, 'yaml').catch((caught: unknown) => caught)
    if (!isEspalierError(error)) throw error
    expect(error.problems.map(({ path }) => path).sort()).toEqual(
      ['early_terminate.type', 'method', 'metric.name', 'parameters', 'run_cap'].sort(),
    )
  })

  it('that is no YAML has line and column', async () => {
    await expect(importText('wandb', 'method: [random', 'yaml')).rejects.toThrow(/line 1, column/)
    // What is lacking may be there by another name.
    const slips = 'methd: random\nparmeters: {x: {min: 0, max: 1}}\n'
    await expect(importText('wandb', slips, 'yaml')).rejects.toMatchObject({
      problems: expect.arrayContaining([
        { path: 'methd', message: 'W&B knows no such key, and it is left out; did you mean "method"?' },
        {
          path: 'parmeters',
          message: 'W&B knows no such key, and it is left out; did you mean "parameters"?',
        },
      ]),
    })
    await expect(importText('wandb', '- 1', 'yaml')).rejects.toMatchObject({ code: 'IMPORT_INVALID' })
    await expect(importFixture('wandb', 'nothing.yaml')).rejects.toMatchObject({ code: 'FILE_NOT_READABLE' })
  })
})
