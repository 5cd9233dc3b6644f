/**
 * `python -m espalier_wandb`: what a script for sweeps of W&B is given, with Python's standard library alone. What it logs by W&B itself
 * is in test/long/exchange-imports.test.ts.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { escapedArgument } from '../../../src/training/index.js'
import { temporaryFolder } from '../../temporary.js'
import { findPythons } from './pythons.js'
import { run, told } from './support.js'

const python = findPythons().findLast(({ program }) => program !== null)?.program ?? null

/** Prints what it is given, as a result and an artifact. */
const script = `
import json, os, pathlib, sys
import espalier
given = {"argv": sys.argv[1:], "config": pathlib.Path(os.environ["WANDB_SWEEP_PARAM_PATH"]).read_text(), "stdin": sys.stdin.isatty()}
pathlib.Path("given.json").write_text(json.dumps(given))
if len(sys.argv) > 1 and sys.argv[1].endswith(".json"):
    pathlib.Path("given.json").write_text(json.dumps({"argv": [pathlib.Path(sys.argv[1]).read_text()]}))
espalier.artifact("given.json")
espalier.final(loss=1)
`

const params = {
  lr: 1,
  tiny: 1e-7,
  n: 3,
  amp: true,
  off: false,
  none: null,
  sizes: [64, 64.5],
  'opt.lr': 0.5,
  s: 'é "x"',
}

async function given(...words: string[]): Promise<{ argv: string[]; config: string }> {
  const directory = temporaryFolder()
  writeFileSync(join(directory, 'train.py'), script)
  const options = ['--metric', 'loss', '--float', 'lr', '--nested', 'opt.lr=opt/lr']
  const command = [python!, '-m', 'espalier_wandb', ...options, '--', python!, 'train.py', ...words]
  const ran = await run(directory, command, { params, program: { environment: { DATA: '/data' } } })
  expect(told(ran)).toBe('finished {"loss":1}')
  return JSON.parse(ran.files['given.json'])
}

const why = python === null ? ' (skipped: there is no Python)' : ''
describe.skipIf(python === null)(`a script of W&B${why}`, () => {
  const flags = [
    ...['lr=1.0', 'tiny=1e-07', 'n=3', 'amp=True', 'off=False', 'none=None', 'sizes=[64, 64.5]'],
    ...['s=é "x"', "opt={'lr': 0.5}"],
  ]
  const sorted = (words: readonly string[]) => [...words].sort()

  it('is given its parameters as the agent of W&B writes them', async () => {
    expect(sorted((await given('$(args)')).argv)).toEqual(sorted(flags.map((flag) => `--${flag}`)))
    expect(sorted((await given('$(args_no_hyphens)')).argv)).toEqual(sorted(flags))
    expect(sorted((await given('$(args_override_hydra)')).argv)).toEqual(
      sorted(flags.map((flag) => `++${flag}`)),
    )
    const apart = (await given('$(args_no_equals)')).argv
    expect(apart.slice(0, 4)).toEqual(['--lr', '1.0', '--tiny', '1e-07'])
    const booleans = (await given('$(args_no_boolean_flags)')).argv
    expect(booleans).toContain('--amp')
    expect(booleans.join()).not.toMatch(/off|True/)
    const nested = {
      lr: 1,
      tiny: 1e-7,
      n: 3,
      amp: true,
      off: false,
      none: null,
      sizes: [64, 64.5],
      opt: { lr: 0.5 },
    }
    expect(JSON.parse((await given('$(args_json)')).argv[0])).toEqual({ ...nested, s: params.s })
    expect(JSON.parse((await given('$(args_json_file)')).argv[0])).toEqual({ ...nested, s: params.s })
  })

  it('has variables of the environment put in, also within a word, and other words as they are', async () => {
    const { argv } = await given(
      '--data=$(envvar:DATA)/x',
      '$(envvar:NO_SUCH)',
      '$HOME',
      '$(nothing)',
      '{{n}}',
    )
    expect(argv).toEqual(['--data=/data/x', 'NO_SUCH', '$HOME', '$(nothing)', '{n}'])
  })

  it('finds its config in a file that PyYAML reads as the same values', async () => {
    const { config } = await given()
    // 1e-07 would be a text there, and 1 a whole number.
    expect(config).toContain('"tiny": {"value": 1.0e-07}')
    expect(config).toContain('"lr": {"value": 1.0}')
    expect(config).toContain('"opt": {"value": {"lr": 0.5}}')
    expect(config).toContain('"s": {"value": "é \\"x\\""}')
  })

  it('that is not there fails as one that is run by itself', async () => {
    const command = [python!, '-m', 'espalier_wandb', '--metric', 'loss', '--', 'no-such-program']
    expect(told(await run(temporaryFolder(), command))).toMatch(
      /PROGRAM_FAILED.*no-such-program cannot be run/s,
    )
  })
})

describe('a text as an argument', () => {
  it.each([
    ['{lr}', ['lr'], '{{lr}}'],
    ['a{lr}b{lr}{seed}', ['lr'], 'a{{lr}}b{{lr}}{{seed}}'],
    ['{print $1}', [], '{print $1}'],
    ['{"a": 1}', [], '{"a": 1}'],
    ['{{lr}}', ['lr'], '{{{lr}}}'],
    ['{} {lr}', ['lr'], '{} {{lr}}'],
  ])('%s', (text, parameters, argument) => expect(escapedArgument(text, parameters)).toBe(argument))
})
