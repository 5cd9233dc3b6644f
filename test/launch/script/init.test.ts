/** Sweeps drafted over real scripts: what is written is a sweep that runs, and what cannot be asked says so. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  checkSweepFile,
  type InitScriptOptions,
  initScript,
  isScript,
  readJsonFile,
  sweep,
} from '../../../src/launch/index.js'
import type { JsonObject } from '../../../src/values.js'
import { temporaryFolder } from '../../temporary.js'

const script = (name: string) => fileURLToPath(new URL(`../../fixtures/scripts/${name}`, import.meta.url))

/** The Python that has a module, of those on the PATH and the one named by ESPALIER_TEST_PYTHON; null where none has it. */
function pythonWith(module: string): string | null {
  const programs = [process.env.ESPALIER_TEST_PYTHON, 'python3', 'python'].filter((one) => one !== undefined)
  return programs.find((program) => spawnSync(program, ['-c', `import ${module}`]).status === 0) ?? null
}

async function drafted(file: string, options: InitScriptOptions = {}) {
  const out = join(temporaryFolder(), `sweep.${options.out ?? 'jsonc'}`)
  const result = await initScript(file, { ...options, out })
  const { file: checked } = await checkSweepFile(out)
  return { ...result, json: (await readJsonFile(out)) as JsonObject, space: checked.space }
}

/** A script of a shell that is executable. */
function shell(lines: string): string {
  const file = join(temporaryFolder(), 'train')
  writeFileSync(file, `#!/bin/sh\n${lines}\n`)
  chmodSync(file, 0o755)
  return file
}

const argparse = pythonWith('argparse')

describe.skipIf(argparse === null)('a sweep over a script with argparse (needs python3)', () => {
  it('runs as it stands, by what the script prints', async () => {
    const found = await drafted(script('train_argparse.py'), { trials: 6 })
    expect(found.metric).toBe('val_loss')
    expect(found.direction).toBe('minimize')
    expect(found.missing).toEqual([])
    const store = join(temporaryFolder(), 'runs')
    const result = await sweep(found.file, { store })
    expect([result.status, result.trials.finished]).toEqual(['finished', 6])
    // The first trial is the script's own: what it prints without arguments.
    const { stdout } = spawnSync(argparse!, [script('train_argparse.py')], { encoding: 'utf8' })
    const own = Number(stdout.trim().split('val_loss=').at(-1))
    expect(own).toBeGreaterThan(0)
    expect(result.best!.value).toBeLessThanOrEqual(own)
    // `loss` is another metric than `val_loss`, of which it is the end.
    expect(result.best!.metrics.loss).toBeCloseTo(2 * result.best!.metrics.val_loss, 5)
  }, 120_000)

  it('is the same in YAML, and says in comments what was left out', async () => {
    const json = await drafted(script('train_argparse.py'))
    const yaml = await drafted(script('train_argparse.py'), { out: 'yaml' })
    const rest = ({ trainer: _, ...others }: JsonObject) => others
    expect(rest(yaml.json)).toEqual(rest(json.json))
    for (const { file } of [json, yaml])
      expect(readFileSync(file, 'utf8')).toContain('- --num-workers: it is about the machine')
  })

  it('says which defaults the first trial lacks, as the help of argparse tells none by itself', async () => {
    const file = join(temporaryFolder(), 'train.py')
    writeFileSync(
      file,
      `import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.01, help="learning rate (default: 0.01)")
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--optimizer", choices=["sgd", "adam"], default="sgd")
parser.parse_args()
print("val_loss 0.5")
`,
    )
    const bare = await drafted(file)
    expect(bare.json.search).toMatchObject({ enqueue: [{ lr: 0.01 }] })
    const told = readFileSync(bare.file, 'utf8').replaceAll(/\s*\n\s*\/\/ /g, ' ')
    expect(told).toContain('does by itself, but for batch-size, optimizer: no default')
    const formatter = 'formatter_class=argparse.ArgumentDefaultsHelpFormatter'
    const telling = readFileSync(file, 'utf8').replace('Parser()', `Parser(${formatter})`)
    writeFileSync(
      file,
      telling
        .replace('default=64)', 'default=64, help="rows")')
        .replace('default="sgd")', 'default="sgd", help="rule")'),
    )
    const whole = await drafted(file)
    expect(whole.json.search).toMatchObject({ enqueue: [{ lr: 0.01, 'batch-size': 64, optimizer: 'sgd' }] })
    expect(readFileSync(whole.file, 'utf8')).not.toContain('but for')
  })

  it('goes by the metric that is named, and by reports where the script makes them', async () => {
    const named = await drafted(script('train_argparse.py'), { metric: 'accuracy' })
    expect(named.json.objective).toEqual({ metric: 'accuracy', direction: 'maximize' })
    const file = join(temporaryFolder(), 'train.py')
    writeFileSync(
      file,
      `import argparse, espalier
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
given = parser.parse_args()
espalier.final(rmse=given.lr)
`,
    )
    const reports = await drafted(file)
    expect(reports.metric).toBe('rmse')
    expect(reports.json.trainer).not.toHaveProperty('metrics')
  })
})

describe.each([
  ['click', 'accuracy', ['lr', 'optimizer', 'layers', 'clip', 'no-shuffle', 'nesterov']],
  ['typer', 'loss', ['lr', 'optimizer', 'layers', 'no-shuffle', 'nesterov', 'width']],
  ['hydra', 'loss', ['model.layers', 'lr', 'optimizer.weight_decay', 'optimizer.amsgrad']],
])('a sweep over a script with %s', (library, metric, names) => {
  const python = pythonWith(library)
  it.skipIf(python === null)(
    `runs${python === null ? `: ${library} is not installed here` : ''}`,
    async () => {
      const words = { click: [], typer: ['images'], hydra: ['data=images', 'hydra.run.dir=/tmp'] }[library]
      const found = await drafted(script(`train_${library}.py`), { interpreter: python!, words, trials: 2 })
      expect([found.metric, found.missing]).toEqual([metric, []])
      expect(found.space.parameters.map(({ name }) => name).sort()).toEqual([...names].sort())
      const result = await sweep(found.file, { store: join(temporaryFolder(), 'runs') })
      expect(result.trials.finished).toBe(2)
    },
    120_000,
  )
})

describe('a script that cannot be asked', () => {
  const refusal = (file: string, options: InitScriptOptions = {}) =>
    initScript(file, { ...options, out: join(temporaryFolder(), 'sweep.jsonc') }).then(
      () => 'it was written',
      (error) => `${error.code}: ${error.message}`,
    )

  it('fails, hangs, says nothing or too much: that is told, with the remedy, and nothing is written', async () => {
    expect(await refusal(join(temporaryFolder(), 'none.py'))).toMatch(/^FILE_NOT_READABLE: a script must be/)
    const failed = await refusal(shell('echo "it broke" >&2; exit 3'))
    expect(failed).toMatch(
      /^TRAINER_INVALID: .* ended with exit code 3:\n {2}it broke\); see what it prints/s,
    )
    const module = 'echo "ModuleNotFoundError: No module named torch" >&2; exit 1'
    expect(await refusal(shell(module))).toMatch(/--interpreter \.venv\/bin\/python/)
    expect(await refusal(shell(':'))).toMatch(/names no option; it printed nothing/)
    expect(await refusal(shell('echo Trains.'))).toMatch(/names no option:\n {2}Trains\./)
    expect(await refusal(shell('kill -9 $$'))).toMatch(/was ended by SIGKILL/)
    expect(await refusal(shell('head -c 100000000 /dev/zero'))).toMatch(
      /printed more than 1 MB, and was ended/,
    )
    expect(await refusal(shell('echo "  --data-dir DIR  where"'))).toMatch(
      /none to guess a range for\n {2}--data-dir: it names files or data\); write the sweep file by hand/,
    )
    expect(await refusal(shell('echo "usage: x {fit,test} ..."'))).toMatch(
      /has commands of its own: fit, test/,
    )
  }, 60_000)

  it('is ended with all that it started, and reads nothing', async () => {
    const mark = join(temporaryFolder(), 'late')
    const began = performance.now()
    const hangs = shell(`(trap '' TERM; sleep 6; echo late > ${mark}) & cat; trap '' TERM; sleep 30`)
    expect(await refusal(hangs, { timeLimit: 500 })).toMatch(/did not end within 0\.5 s, and was ended/)
    expect(performance.now() - began).toBeLessThan(25_000)
    await new Promise((resolve) => setTimeout(resolve, 7000))
    expect(existsSync(mark)).toBe(false)
  }, 60_000)

  it('writes over nothing unless forced, before anything is run', async () => {
    const folder = temporaryFolder()
    const mark = join(folder, 'ran')
    const file = shell(`echo ran > ${mark}; echo "  --lr LR  (default: 0.1)"`)
    const out = join(folder, 'sweep.jsonc')
    writeFileSync(out, 'mine')
    await expect(initScript(file, { out })).rejects.toThrow('is not written over')
    expect([existsSync(mark), readFileSync(out, 'utf8')]).toEqual([false, 'mine'])
    await initScript(file, { out, force: true })
    expect(readFileSync(out, 'utf8')).toContain('"lr"')
    await expect(initScript(file, { out: join(folder, 'none', 'x.jsonc') })).rejects.toThrow(
      'a folder that is there',
    )
    await expect(initScript(file, { out: join(folder, 'x.txt') })).rejects.toThrow('JSON or YAML')
  })

  it('is run by its name, by its first line, or itself', async () => {
    const help = 'echo "  --lr LR  (default: 0.1)"'
    expect((await drafted(shell(help))).command[0]).toMatch(/\/train$/)
    const file = join(temporaryFolder(), 'train.sh')
    writeFileSync(file, `${help}\n`)
    expect((await drafted(file)).command[0]).toBe('sh')
    writeFileSync(file, `#!/usr/bin/env bash\n${help}\n`)
    expect((await drafted(file)).command[0]).toBe('bash')
    expect((await drafted(file, { interpreter: 'sh -e' })).command.slice(0, 2)).toEqual(['sh', '-e'])
    const plain = join(temporaryFolder(), 'train')
    writeFileSync(plain, help)
    expect(await refusal(plain)).toMatch(/known by its ending, begin with #!, or be executable/)
    expect([await isScript(file), await isScript(plain), await isScript('none.csv')]).toEqual([
      true,
      false,
      false,
    ])
  })
})
