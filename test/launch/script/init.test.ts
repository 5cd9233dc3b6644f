/** Sweeps drafted over real scripts: what is written is a sweep that runs, and what cannot be asked says so. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
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
import { writeExecutable } from '../../executable.js'
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
  writeExecutable(file, `#!/bin/sh\n${lines}\n`)
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
parser.add_argument("--batch-size", type=int, default=int("64"))
parser.add_argument("--optimizer", choices=["sgd", "adam"], default=str("sgd"))
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
        .replace('default=int("64")', 'default=64, help="rows"')
        .replace('default=str("sgd")', 'default="sgd", help="rule"'),
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

/** A script with argparse: its options, and what it does with what it was given. */
function python(options: string, does = "print('val_loss', given.lr)"): string {
  const file = join(temporaryFolder(), 'train.py')
  const head = 'import argparse, os, sys, time\nparser = argparse.ArgumentParser()'
  writeFileSync(file, `${head}\n${options}\ngiven = parser.parse_args()\n${does}\n`)
  return file
}

const commentsOf = (file: string) => readFileSync(file, 'utf8').replaceAll(/\s*\n\s*\/\/ /g, ' ')

describe.skipIf(argparse === null)('what the trials of a script write (needs python3)', () => {
  it('is apart, and nothing is found where a trial begins, though they run at the same time', async () => {
    const file = python(
      `parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--output-dir", default="out")
parser.add_argument("--save", default="model.pt", help="where the model goes")
parser.add_argument("--log-dir", default=None)`,
      `os.makedirs(given.output_dir, exist_ok=True)
assert os.listdir(given.output_dir) == [], "somebody else wrote here"
assert given.log_dir is not None
for path in (given.save, os.path.join(given.output_dir, "state")):
    open(path, "w").write(str(given.lr))
time.sleep(0.3)
print("val_loss", float(open(os.path.join(given.output_dir, "state")).read()) - float(open(given.save).read()))`,
    )
    const found = await drafted(file, { trials: 8 })
    expect(found.command.slice(2).join(' ')).toBe(
      '--lr {lr} --output-dir {directory} --save {directory}/model.pt --log-dir {directory}',
    )
    const told = commentsOf(found.file)
    expect(told).toContain('What --output-dir, --save and --log-dir names is written to {directory}')
    expect(told).toMatch(/To keep a file.*"artifact".*outputs\/\{trial\}/)
    const result = await sweep(found.file, { store: join(temporaryFolder(), 'runs') })
    expect([result.trials.finished, result.trials.failed, result.best?.value]).toEqual([8, 0, 0])
  }, 60_000)

  it('is nothing where the script writes only if it is told where, as its source says', async () => {
    const names = ['output', 'log', 'save', 'run', 'work', 'exp'].map((name) => `${name}_dir`)
    const options = names.map((name) => `parser.add_argument("--${name}")`).join('\n')
    const file = python(
      `parser.add_argument("--lr", type=float, default=0.1)\n${options}`,
      `if given.output_dir: print(1)
if given.log_dir and given.lr > 0: print(2)
if given.save_dir is not None: print(3)
if given.run_dir is None: given.run_dir = "runs"
out = given.work_dir or "runs"
if given.work_dir: print(out)
print("val_loss", given.lr)`,
    )
    const { command } = await drafted(file)
    expect(names.filter((name) => command.includes(`--${name}`))).toEqual(['run_dir', 'work_dir', 'exp_dir'])
  }, 60_000)

  it.skipIf(pythonWith('hydra') === null)(
    'is not in the folder that Hydra names by the second',
    async () => {
      const file = join(temporaryFolder(), 'train.py')
      writeFileSync(
        file,
        `import os, time, hydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.config_store import ConfigStore
ConfigStore.instance().store(name="config", node={"lr": 0.1})
@hydra.main(config_path=None, config_name="config", version_base=None)
def main(cfg):
    mark = os.path.join(HydraConfig.get().runtime.output_dir, "mark")
    assert not os.path.exists(mark), "somebody else wrote here"
    open(mark, "w").close()
    print("val_loss", cfg.lr)
main()
`,
      )
      const found = await drafted(file, { interpreter: pythonWith('hydra')!, trials: 6 })
      expect(found.command.slice(2)).toEqual(['lr={lr}', 'hydra.run.dir={directory}'])
      const result = await sweep(found.file, { store: join(temporaryFolder(), 'runs') })
      expect([result.trials.finished, result.trials.failed]).toEqual([6, 0])
      expect(existsSync(join(temporaryFolder(), 'outputs'))).toBe(false)
    },
    60_000,
  )
})

describe.skipIf(argparse === null)('defaults that a help does not tell (needs python3)', () => {
  const firstOf = async (file: string, options: InitScriptOptions = {}) => {
    const { json, searched } = await drafted(file, options)
    const { enqueue = [{}] } = json.search as { enqueue?: JsonObject[] }
    return { first: enqueue[0], searched: searched.map(({ parameter }) => parameter) }
  }

  it('are read from the source, which is not run for it', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'train.py')
    // A module of the script's that is called as one of Python's is none of the reader's.
    for (const name of ['json.py', 'site.py'])
      writeFileSync(join(folder, name), 'open("imported", "a").write("x")\n')
    writeFileSync(
      file,
      `import sys
sys.path.pop(0)
import argparse
open(__file__ + ".ran", "a").write("x")
WIDTH = 64
TWICE = 1
TWICE = 2
def options():
    parser = argparse.ArgumentParser()
    group = parser.add_argument_group("of the model")
    group.add_argument(
        "-l",
        "--lr",
        type=float,
        default=1e-3,
        help="rate",
    )
    group.add_argument("--hidden", type=int, default=WIDTH * 2)
    group.add_argument("--shift", type=float, default=-1.5)
    group.add_argument("--alpha", type=float, default=1)
    group.add_argument("--batch-size", type=int, default=16)
    group.add_argument("--layers", type=int, default=TWICE)
    group.add_argument("--dropout", type=float, default=max(0.1, 0.2))
    group.add_argument("--clip", type=float, default=None)
    group.add_argument("--opt", choices=("sgd", "adam"), default="adam")
    group.add_argument("--momentum", type=float, default=0.9, help="of sgd (default: 0.5)")
    group.add_argument("--bias", type=bool, default=True)
    group.add_argument("--amsgrad", action="store_true")
    group.add_argument("--tied", action="store_true", default=True)
    group.set_defaults(batch_size=32)
    return parser
given = options().parse_args()
print("val_loss", given.lr)
`,
    )
    const found = await drafted(file)
    const ranges = Object.fromEntries(found.searched.map(({ parameter, values }) => [parameter, values]))
    expect((found.json.search as { enqueue: JsonObject[] }).enqueue).toEqual([
      {
        ...{ lr: 0.001, hidden: 128, shift: -1.5, alpha: 1, 'batch-size': 32, opt: 'adam', momentum: 0.9 },
        amsgrad: false,
      },
    ])
    expect(ranges.lr).toEqual({ type: 'float', min: 1e-5, max: 0.01, scale: 'log' })
    expect(ranges.alpha).toEqual({ type: 'float', min: 0.1, max: 10, scale: 'log' })
    expect(Object.keys(ranges)).toEqual(expect.arrayContaining(['layers', 'dropout']))
    const why = Object.fromEntries(found.kept.map(({ option, why }) => [option, why]))
    expect(why['--bias']).toContain('every word for true')
    expect(why['--clip']).toContain('not set unless')
    expect(why['--tied']).toContain('on by default')
    const told = commentsOf(found.file)
    expect(told).toContain('Rate; default 0.001 in its source.')
    expect(told).toContain('Of sgd; default 0.9 in its source, where its help says 0.5.')
    expect(told).toMatch(
      /but for layers, dropout: no default within their ranges is told by its help or its source/,
    )
    expect(told).toMatch(/Read from its source, as its help does not tell these defaults: lr, hidden, shift/)
    // Once for the help.
    expect(readFileSync(`${file}.ran`, 'utf8')).toBe('x')
    expect(existsSync(join(folder, 'imported'))).toBe(false)
  }, 60_000)

  it('are not those that another place may change', async () => {
    const two =
      'parser.add_argument("--lr", type=float, default=0.1)\nparser.add_argument("--wd", type=float, default=0.01)'
    const firstWith = async (line: string) => (await firstOf(python(`${two}\n${line}`))).first
    const both = 'parser.set_defaults(lr=0.2)\nif len(sys.argv) > 9: parser.set_defaults(wd=0.2)'
    expect(await firstWith(both)).toEqual({ lr: 0.2 })
    const other = 'other = argparse.ArgumentParser()\nother.add_argument("--lr", type=float, default=0.3)'
    const change = 'def change(parser): parser.set_defaults(wd=0.2)\nchange(parser)'
    expect(await firstWith(`${other}\n${change}`)).toEqual({})
    expect(await firstWith('parser.set_defaults(**dict(lr=0.2))')).toEqual({})
    expect(await firstWith('for action in parser._actions: action.default = 1')).toEqual({})
  }, 60_000)

  it('are found in modules beside the script, and in dataclasses', async () => {
    const file = python(
      'import options.more\nfrom options import fill\nfill(parser)\noptions.more.fill(parser)',
      `if False:
    from dataclasses import dataclass, field
    @dataclass
    class Base:
        momentum: float = 0.7
    @dataclass
    class Args(Base):
        weight_decay: float = field(default=0.01, metadata={"help": "x"})
    @dataclass
    class Other:
        weight_decay: float = 0.5
    HfArgumentParser((Args,))
print("val_loss", given.lr)`,
    )
    const folder = join(file, '..', 'options')
    mkdirSync(folder)
    writeFileSync(
      join(folder, '__init__.py'),
      'def fill(parser):\n    parser.add_argument("--lr", type=float, default=0.02)\n    for name in ("weight_decay", "momentum"): parser.add_argument(f"--{name}", type=float)\n',
    )
    writeFileSync(
      join(folder, 'more.py'),
      'from . import absent\nfrom ... import outside\ndef fill(parser): parser.add_argument("--batch", type=int, default=8)\n',
    )
    writeFileSync(join(folder, 'absent.py'), 'def broken(:\n')
    const own = await firstOf(file, { interpreter: argparse! }).catch(() => null)
    // `absent` is no module, and so nothing runs; it is read all the same.
    expect(own).toBeNull()
    writeFileSync(
      join(folder, 'more.py'),
      readFileSync(join(folder, 'more.py'), 'utf8').replace(/^from.*\n/gm, ''),
    )
    expect((await firstOf(file)).first).toEqual({ lr: 0.02, batch: 8, weight_decay: 0.01, momentum: 0.7 })
  }, 60_000)

  it.each([
    [
      'click',
      `import click
@click.command()
@click.option("--lr", type=float, default=0.02)
@click.option("--shuffle/--no-shuffle", default=True)
@click.option("--bare", type=float)
def main(lr, shuffle, bare): print("val_loss", lr)
main()
`,
      { lr: 0.02, 'no-shuffle': false },
    ],
    [
      'typer',
      `import typer
from typing_extensions import Annotated
app = typer.Typer()
@app.command()
def main(
    lr: float = typer.Option(0.02, show_default=False),
    weight_decay: Annotated[float, typer.Option("--wd", show_default=False)] = 0.01,
    shuffle: Annotated[bool, typer.Option(show_default=False)] = True,
    data: str = typer.Argument("x"),
): print("val_loss", lr)
app()
`,
      { lr: 0.02, wd: 0.01, 'no-shuffle': false },
    ],
  ])(
    'are read with %s too',
    async (library, source, first) => {
      const interpreter = pythonWith(library)
      if (interpreter === null) return
      const file = join(temporaryFolder(), 'train.py')
      writeFileSync(file, source)
      expect((await firstOf(file, { interpreter })).first).toEqual(first)
    },
    60_000,
  )

  it('are as they were where the source cannot be read', async () => {
    const lines = 'parser.add_argument("--lr", type=float, default=0.1)'
    const longest = python(lines, `print('val_loss', given.lr)\n#${'x'.repeat(2 ** 20)}`)
    expect((await firstOf(longest)).first).toEqual({})
    expect((await firstOf(shell('echo "  --lr LR"'))).first).toEqual({})
  }, 60_000)
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
