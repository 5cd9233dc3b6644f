/**
 * Imports of sweep files against the tools themselves: scripts of W&B that run as they are, W&B's own validator and sampler, a search
 * space that Ray writes. Needs a Python with wandb, with sweeps, with ray[tune]; what is not there is skipped.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { importSweep } from '../../src/exchange/index.js'
import { foldersOfFile } from '../cli/run.js'
import { drawn, fixture, importText } from '../exchange/import/support.js'
import { temporaryFolder } from '../temporary.js'
import { askPython, pythonHas } from './oracle.js'

const python = process.env.ESPALIER_BENCH_PYTHON ?? 'python3'
const wandb = pythonHas('wandb')
const sweeps = pythonHas('sweeps')
const ray = pythonHas('ray.tune')
const newFolder = foldersOfFile()

/** As people write it: defaults in wandb.init, wandb.config, rows with and without commit, a value in the summary. */
const script = `
import wandb
run = wandb.init(config={"lr": 9.0, "epochs": 4})
config = wandb.config
for epoch in range(config.epochs):
    loss = (config.lr - 0.1) ** 2 + config.opt["momentum"] / (epoch + 1)
    wandb.log({"train": {"loss": 2 * loss}}, commit=False)
    wandb.log({"loss": loss, "epoch": epoch, "shown": wandb.Html("<p>")})
    wandb.log({"between": epoch})
run.summary["kind"] = "good"
run.summary["size"] = 10 * epoch
assert type(config.lr) is float and config.deep is False and type(config.units) is int, dict(config)
`

const file = `
program: train.py
method: bayes
metric: { name: loss, goal: minimize }
run_cap: 8
early_terminate: { type: hyperband, min_iter: 2, eta: 2 }
parameters:
  lr: { distribution: log_uniform_values, min: 1.0e-4, max: 1.0 }
  deep: { values: [no] }
  units: { distribution: q_uniform, min: 8, max: 32, q: 8 }
  opt:
    parameters:
      momentum: { min: 0.0, max: 1.0 }
`

describe.skipIf(!wandb.able)(`a sweep of W&B${wandb.why}`, () => {
  const env = { PATH: `${dirname(python)}${delimiter}${process.env.PATH}` }

  async function imported(text: string, program: string) {
    const folder = newFolder()
    writeFileSync(join(folder.path, 'sweep.yaml'), text)
    writeFileSync(join(folder.path, 'train.py'), program)
    const args = ['import', 'wandb', 'sweep.yaml', '--out', 'sweep.json', '--interpreter', python]
    const { code, stderr } = await folder.start(args, { env }).ended
    expect(code, stderr).toBe(0)
    return { folder, stderr }
  }

  it('runs its script as it is: wandb.config, every logged value, early termination', async () => {
    const { folder, stderr } = await imported(file, script)
    expect(stderr).toContain('hyperband became the pruner "halving"')
    const ended = await folder.start(['sweep', 'sweep.json', '--json', '--quiet'], { env }).ended
    expect(ended.code, ended.stderr).toBe(0)
    const trials = await folder.json('runs', 'list', '--sweep', 'latest')
    expect(trials).toHaveLength(8)
    const pruned = trials.filter(({ status }: { status: string }) => status === 'pruned')
    expect(pruned.length).toBeGreaterThan(0)
    expect(pruned.length).toBeLessThan(8)
    const best = await folder.json('best')
    const { lr, 'opt.momentum': momentum } = best.params
    // To the last bit: 4 epochs, the loss of the last.
    const loss = (epoch: number) => (lr - 0.1) * (lr - 0.1) + momentum / (epoch + 1)
    expect(best.value).toBeCloseTo(loss(3), 12)
    expect(best.metrics).toMatchObject({ epoch: 3, between: 3, size: 30, 'train.loss': 2 * best.value })
    const { history } = await folder.json('runs', 'show', 'best')
    expect(history.loss.values).toEqual([0, 1, 2, 3].map((epoch) => expect.closeTo(loss(epoch), 12)))
    // What is logged behind a step goes with the next one.
    expect(history.between).toMatchObject({ steps: [1, 2, 3], values: [0, 1, 2] })
    // W&B went on as it would: its own record of each run is there.
    const kept = spawnSync('ls', [join(folder.path, 'wandb')], { encoding: 'utf8' }).stdout
    expect(kept.match(/offline-run/g)).toHaveLength(8)
  })

  it('runs where W&B is disabled, with a step of its own, and by a shell that starts Python', async () => {
    const text = file
      .replace('run_cap: 8', 'run_cap: 2')
      .replace(
        'program: train.py',
        `program: train.py\ncommand: [sh, -c, 'exec "$0" train.py "$@"', "\${interpreter}", "\${args}"]`,
      )
    const program = `
import sys, wandb
assert "--deep=False" in sys.argv and any(a.startswith("--opt={'momentum': ") for a in sys.argv), sys.argv
wandb.init(mode="disabled")
for epoch in range(3):
    wandb.log({"other": epoch}, step=10 * epoch)
    wandb.log({"loss": epoch + wandb.config.lr}, step=10 * epoch)
wandb.finish()
`
    const { folder } = await imported(text, program)
    const ended = await folder.start(['sweep', 'sweep.json', '--json', '--quiet'], { env }).ended
    expect(ended.code, ended.stderr).toBe(0)
    const best = await folder.json('best')
    expect(best.value).toBe(best.params.lr)
    expect(best.metrics.other).toBe(2)
    // Both of a step are one row, though they were logged apart.
    const { history } = await folder.json('runs', 'show', 'best')
    expect(history.other.values).toEqual([0, 1, 2])
  })

  it('fails its trials where the script fails, and where it never logs the metric', async () => {
    const cap = file.replace('run_cap: 8', 'run_cap: 1')
    for (const [program, said] of [
      [
        'import wandb\nwandb.init()\nwandb.log({"loss": 1})\nraise ValueError("no such thing")',
        'no such thing',
      ],
      ['import wandb\nwandb.init()\nwandb.log({"los": 1})', 'loss'],
    ]) {
      const { folder } = await imported(cap, program)
      const ended = await folder.start(['sweep', 'sweep.json', '--quiet'], { env }).ended
      expect(ended.code).toBe(1)
      expect(ended.stderr + ended.stdout).toContain(said)
    }
  })
})

const distributions = [
  ...['min: -2, max: 3', 'min: -2.0, max: 3.0', 'distribution: q_uniform, min: 1.1, max: 9.8, q: 2'],
  ...['distribution: q_uniform, min: 0.0, max: 1.0, q: 0.25', 'distribution: q_uniform, min: 1, max: 6'],
  ...['distribution: log_uniform, min: -3, max: 2', 'distribution: log_uniform_values, min: 0.01, max: 10'],
  ...[
    'distribution: inv_log_uniform, min: -3, max: 2',
    'distribution: inv_log_uniform_values, min: 0.01, max: 10',
  ],
  ...[
    'distribution: q_log_uniform, min: 1, max: 3, q: 2',
    'distribution: q_log_uniform_values, min: 2, max: 16, q: 2',
  ],
  ...['distribution: beta', 'values: [1, a, true]', 'value: 3.0'],
]

describe.skipIf(!sweeps.able)(`W&B's own engine${sweeps.why}`, () => {
  it('takes the same files, gives no value that Espalier does not, and the same kinds of numbers', async () => {
    const given = askPython<{ values: (number | string | boolean)[]; float: boolean }[]>(
      `
import json, sys, yaml
from sweeps.params import HyperParameter
def one(text):
    p = HyperParameter("x", yaml.safe_load("{" + text + "}"))
    values = [p.ppf(i / 2000) for i in range(1, 2000)]
    values = [v.item() if hasattr(v, "item") else v for v in values]
    return {"values": values, "float": all(type(v) is float for v in values)}
print(json.dumps([one(text) for text in json.load(sys.stdin)]))`,
      distributions,
    )
    for (const [i, text] of distributions.entries()) {
      const { sweep, parameters, warnings } = await importText(
        'wandb',
        `method: random\nrun_cap: 1\nmetric: { name: loss }\nprogram: it.yaml\nparameters: { x: { ${text} } }`,
        'yaml',
      )
      expect(warnings, text).toEqual([])
      expect((sweep.trainer as { command: string[] }).command.includes('--float'), text).toBe(given[i].float)
      const ours = await drawn(parameters.x, 2000)
      const name = (value: unknown) => (typeof value === 'number' ? Number(value.toFixed(9)) + 0 : value)
      const theirs = new Set(given[i].values.map(name))
      if (theirs.size < 100) expect(new Set(ours.map(name)), text).toEqual(theirs)
      else {
        const sorted = (of: readonly unknown[]) => [...(of as number[])].sort((a, b) => a - b)
        const [a, b] = [sorted(ours), sorted(given[i].values)]
        // Quantiles of both, on the scale.
        const scale = (x: number) => (text.includes('log') ? Math.log(x) : x)
        const range = scale(b.at(-1)!) - scale(b[0])
        for (const share of [0.1, 0.25, 0.5, 0.75, 0.9]) {
          const at = (of: number[]) => scale(of[Math.floor(share * of.length)])
          expect(Math.abs(at(a) - at(b)) / range, text).toBeLessThan(0.06)
        }
      }
    }
  })

  it('takes the fixtures', () => {
    const taken = askPython<string[]>(
      `
import json, sys, yaml
from sweeps.config import schema_violations_from_proposed_config
config = yaml.safe_load(open(json.load(sys.stdin)))
config.pop("run_cap", None)
print(json.dumps([str(one) for one in schema_violations_from_proposed_config(config)]))`,
      fixture('mnist.yaml'),
    )
    expect(taken).toEqual([])
  })
})

describe.skipIf(!ray.able)(`a search space of Ray Tune${ray.why}`, () => {
  const page = readFileSync(fileURLToPath(new URL('../../docs/importing.md', import.meta.url)), 'utf8')

  it('is written by the lines in docs/importing.md, and every value is one of Ray', async () => {
    const lines = /```python file=write_space.py\n(import json\n[^`]*json\.dump[^`]*)```/.exec(page)?.[1]
    expect(lines).toBeDefined()
    const directory = temporaryFolder()
    const program = `
from ray import tune
space = {
    "lr": tune.loguniform(1e-4, 1e-1), "width": tune.randint(16, 24), "even": tune.qrandint(2, 10, 2), "one": tune.qrandint(2, 10, 1),
    "log": tune.lograndint(1, 9), "drop": tune.quniform(0.0, 0.5, 0.1), "u": tune.uniform(-1, 1), "act": tune.choice(["relu", "tanh"]),
    "n": tune.randn(0, 2), "opt": {"momentum": tune.uniform(0, 0.9), "k": tune.grid_search([1, 2])}, "epochs": 5, "sizes": [64, 64],
}
${lines}
print(json.dumps({name: [domain.sample() for _ in range(2000)] for name, domain in space.items() if hasattr(domain, "sample")}))
`
    const ran = spawnSync(python, ['-c', program], { cwd: directory, encoding: 'utf8' })
    expect(ran.status, ran.stderr).toBe(0)
    const { sweep } = await importSweep('ray', join(directory, 'space.json'), { directory })
    const parameters = sweep.parameters as Record<string, Parameters<typeof drawn>[0]>
    expect(Object.keys(parameters)).toContain('opt/momentum')
    const theirs = JSON.parse(ran.stdout.trim().split('\n').at(-1)!) as Record<string, (number | string)[]>
    for (const [name, values] of Object.entries(theirs)) {
      const ours = await drawn(parameters[name], 2000)
      const round = (value: unknown) => (typeof value === 'number' ? Number(value.toFixed(9)) + 0 : value)
      const listed = new Set(values.map(round))
      if (listed.size < 100) expect(new Set(ours.map(round)), name).toEqual(listed)
    }
  })
})
