/** What is asked wrongly is answered with exit code 2, one clear message, and no stack trace. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { buildProgram, commandNames } from '../../src/cli/program.js'
import { run } from '../../src/cli/run.js'
import { data, fixtures, makeFolder } from './run.js'

const folder = makeFolder()
afterAll(folder.remove)

const write = (name: string, content: unknown) => {
  const file = join(folder.path, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}
const parabola = {
  trainer: join(fixtures, 'parabola.mjs'),
  parameters: { x: { type: 'float', min: 0, max: 1 } },
}
const fine = write('fine.json', parabola)

describe('help', () => {
  const commands = (command: Command): Command[] => [command, ...command.commands.flatMap(commands)]

  it.each(['', ...commandNames])('of every command ends with an example of itself: %s', async (name) => {
    const program = await buildProgram([name])
    const chosen = name === '' ? program : program.commands.find((command) => command.name() === name)!
    for (const command of name === '' ? [program] : commands(chosen)) {
      let text = ''
      command.configureOutput({
        writeOut: (part) => {
          text += part
        },
      })
      command.outputHelp()
      const names: string[] = []
      for (let at: Command | null = command; at; at = at.parent) names.unshift(at.name())
      const [heading, ...examples] = text
        .slice(text.lastIndexOf('\nExample') + 1)
        .trimEnd()
        .split('\n')
      expect(heading).toBe('Example:')
      expect(examples.length).toBeGreaterThan(0)
      for (const example of examples) expect(example).toMatch(/^ {2}\$ /)
      expect(examples.join()).toContain(`espalier ${names.slice(1).join(' ')}`)
    }
  })

  it('goes to stdout, with exit code 0', async () => {
    for (const args of [['--help'], ['sweep', '--help'], ['help', 'runs']]) {
      const { code, stdout, stderr } = await runHere(args)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toContain('Usage: espalier')
    }
    expect((await folder.run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

const wrong: [what: string, args: string[], says: string | RegExp][] = [
  ['no command', [], 'Usage: espalier'],
  ['a misspelt command', ['swep', fine], 'Did you mean sweep?'],
  ['help on a misspelt command', ['help', 'swep'], 'unknown command \'swep\'; did you mean "sweep"?'],
  ['a misspelt option', ['sweep', fine, '--trails', '3'], 'Did you mean --trials?'],
  ['a sweep without its file', ['sweep'], 'none is in this folder'],
  ['an argument too many', ['sweep', fine, 'x'], 'too many arguments'],
  ['no whole number', ['sweep', fine, '--trials', '1.5'], /--trials.*whole number, 1 or more/],
  ['more threads than a machine bears', ['sweep', fine, '--workers', '100000'], /--workers.*from 1 to 256/],
  ['no time', ['sweep', fine, '--max-time', 'soon'], /--max-time.*1h30m/],
  ['an unknown algorithm', ['sweep', fine, '--search', 'gird'], 'grid, random, sobol, bayesian'],
  ['a missing file', ['sweep', 'none.json'], 'none.json'],
  ['no JSON', ['sweep', write('broken.json', '{ "parameters": ')], 'must be JSON'],
  [
    'a wrong space',
    [
      'sweep',
      write('wrong.json', { parameters: { k: { type: 'int', min: 5, max: 2 }, y: { type: 'flaot' } } }),
    ],
    /parameters\.k[\s\S]*parameters\.y/,
  ],
  [
    'one mistake, which is said once',
    ['sweep', write('one.json', { ...parabola, search: { trials: 0 } })],
    /^error: "trials" must be at least 1 \(got 0\) at search\.trials\n$/,
  ],
  [
    'a parameter twice',
    ['sweep', write('twice.json', '{"parameters": {"x": 1, "x": 2}}')],
    /parameters\.x again at line 1, column 25/,
  ],
  ['no trainer', ['sweep', write('space.json', { parameters: parabola.parameters })], 'needs a trainer'],
  [
    'an unknown trainer',
    ['sweep', join(folder.path, 'space.json'), '--trainer', 'knn-clasifier'],
    'knn-classifier',
  ],
  [
    'an unknown target',
    [
      ...['sweep', join(folder.path, 'space.json'), '--trainer', 'knn-classifier'],
      '--data',
      join(data, 'iris.csv'),
      '--target',
      'specie',
    ],
    'species',
  ],
  [
    'a misspelt metric',
    [
      ...['sweep', write('k.json', { parameters: { k: 3 } }), '--trainer', 'knn-classifier'],
      ...['--metric', 'acuracy', '--data', join(data, 'iris.csv'), '--target', 'species'],
    ],
    /^error: .*balancedAccuracy.* \(got "acuracy"\); did you mean "accuracy"\?\n$/,
  ],
  ['a store that is not there', ['best', '--store', 'nowhere'], 'nowhere'],
  ['a run that is not there', ['runs', 'show', 'abcd', '--store', 'nowhere'], 'nowhere'],
  ['predictions without data', ['predict', 'best'], '--data'],
]

/** The same code in this process, because there are many cases: what it printed, and its exit code. */
async function runHere(args: readonly string[]) {
  const printed = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += text
      return true
    }),
  )
  try {
    return { code: await run(args), ...printed }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

async function jsonHere(args: readonly string[]) {
  return JSON.parse((await runHere([...args, '--json'])).stdout)
}

describe('a wrong request', () => {
  it.each(wrong)('%s', async (_, args, says) => {
    const { code, stdout, stderr } = await runHere(args)
    expect(stderr).toMatch(says)
    expect(stderr).not.toMatch(/\n\s+at |bug/)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  it('leaves stdout empty with --json too', async () => {
    const { code, stdout, stderr } = await folder.run('sweep', 'wrong.json', '--json')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('parameters.k')
  })
})

describe('space', () => {
  it('checks a file: every mistake with its path, as text and as data', async () => {
    expect(await runHere(['space', 'check', fine])).toMatchObject({ code: 0, stderr: '' })
    const { code, stdout } = await runHere(['space', 'check', join(folder.path, 'wrong.json'), '--json'])
    const { valid, problems } = JSON.parse(stdout)
    expect({ code, valid }).toEqual({ code: 2, valid: false })
    expect(problems.map(({ path }: { path: string }) => path)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('parameters.k'),
        expect.stringContaining('parameters.y'),
      ]),
    )
  })

  it('checks that trainer, data and parameters go together', async () => {
    const iris = { trainer: 'knn-classifier', data: { file: join(data, 'iris.csv'), target: 'species' } }
    const check = (name: string, file: object) => runHere(['space', 'check', write(name, file)])
    const k = { type: 'int', min: 1, max: 9 }
    expect((await check('iris.json', { ...iris, parameters: { k } })).code).toBe(0)
    const unknown = await check('unknown.json', { ...iris, parameters: { kk: k } })
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain('parameters.kk')
    const target = { ...iris.data, target: 'nothing' }
    expect((await check('target.json', { ...iris, data: target, parameters: { k } })).stderr).toContain(
      'nothing',
    )
  })

  it('previews samples, sizes and conditions', async () => {
    const file = write('conditional.json', {
      parameters: {
        optimizer: { type: 'categorical', values: ['sgd', 'adam'] },
        momentum: { type: 'float', min: 0, max: 0.9, step: 0.1, when: { optimizer: ['sgd'] } },
        epochs: 20,
      },
    })
    const preview = await jsonHere(['space', 'preview', file, '--count', '40', '--seed', '3'])
    expect(preview).toMatchObject({ searched: 2, constant: 1, size: 11, gridSize: 11 })
    expect(preview.samples).toHaveLength(40)
    for (const params of preview.samples) {
      expect(Object.hasOwn(params, 'momentum')).toBe(params.optimizer === 'sgd')
      expect(params.epochs).toBe(20)
    }
    const { stdout } = await runHere(['space', 'preview', file])
    expect(stdout).toContain('11 different params; a grid of 11 cells')
    expect(stdout).toContain('optimizer is sgd')
  })

  it.each([
    [30, /a grid of 9\.31323e\+20 cells$/m],
    [500, /a grid of more cells than can be counted$/m],
  ])('counts the cells of the grid of %i parameters in few digits', async (count, says) => {
    const entries = Array.from({ length: count }, (_, i) => [`p${i}`, { type: 'int', min: 1, max: 5 }])
    const { code, stdout } = await runHere([
      ...['space', 'check'],
      write(`wide-${count}.json`, { parameters: Object.fromEntries(entries) }),
    ])
    expect(code).toBe(0)
    expect(stdout).toMatch(says)
  })

  it('prints the JSON Schema', async () => {
    const { code, stdout } = await runHere(['space', 'schema'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ $schema: expect.stringContaining('json-schema.org') })
  })
})

describe('trainers', () => {
  it('lists those that there are, and describes one', async () => {
    const all = await jsonHere(['trainers'])
    expect(all.map(({ name }: { name: string }) => name)).toContain('knn-classifier')
    const one = await jsonHere(['trainers', 'knn-classifier'])
    expect(one.hyperparameters.find(({ name }: { name: string }) => name === 'k')).toMatchObject({
      type: 'int',
    })
    const { stdout } = await runHere(['trainers', 'knn-classifier'])
    for (const { name } of one.hyperparameters) expect(stdout).toContain(name)
    expect(stdout).toMatch(/^ {2}logLoss +minimize: /m)
    expect(stdout).toContain('sample weights ("data.weight"): heeded')
    expect((await runHere(['trainers', join(fixtures, 'parabola.mjs')])).stdout).toContain('an objective')
    const described = '[{ name: "rate", description: "of what", type: "float", default: 0, min: 0, max: 1 }]'
    const mine = write(
      'mine.mjs',
      `export default { name: 'mine', objective: () => 1, hyperparameters: ${described} }`,
    )
    expect((await runHere(['trainers', mine])).stdout).toMatch(/rate +float: 0 to 1; default 0\n +of what/)
    expect((await jsonHere(['trainers', mine])).hyperparameters).toHaveLength(1)
  })
})
