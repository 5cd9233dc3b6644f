/**
 * A training script as people have them, changed in no line, swept by the metrics that it prints: search-spaces/programs/net.py, which
 * has argparse, a logger and a line for each epoch, and has never heard of Espalier.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/index.js'
import { essenceOf } from '../launch/support.js'
import { type Document, type Folder, foldersOfFile } from './run.js'

const programs = fileURLToPath(new URL('../../search-spaces/programs/', import.meta.url))
const python = spawnSync('python3', ['--version']).status === 0
const newFolder = foldersOfFile()

const trials = 12
const epochs = 12

/** A folder with the script, and the sweep file of the examples changed so. */
function withScript(change: (sweep: Document) => void = () => {}): Folder {
  const folder = newFolder()
  copyFileSync(join(programs, 'net.py'), join(folder.path, 'net.py'))
  const sweep = JSON.parse(readFileSync(join(programs, 'python-printed.json'), 'utf8'))
  delete sweep.$schema
  sweep.search.trials = trials
  change(sweep)
  folder.write('sweep.json', sweep)
  return folder
}

async function recorded({ path }: Folder) {
  const directory = join(path, 'espalier-runs')
  const [{ id }] = await (await openStore(directory)).sweeps()
  return { id, ...(await essenceOf(directory, id)) }
}

it('names no Espalier', () => {
  expect(readFileSync(join(programs, 'net.py'), 'utf8').replace(/^"""[^"]*"""/, '')).not.toMatch(/espalier/i)
})

describe.skipIf(!python)("a script of the user's (needs python3)", () => {
  it('is swept, pruned and reproduced by what it prints, the same with 1 worker and with 3, and goes on', async () => {
    const one = withScript()
    const three = withScript()
    expect((await one.run('sweep', 'sweep.json', '--workers', '1', '--quiet')).stderr).toBe('')
    const swept = await three.json('sweep', 'sweep.json', '--workers', '3')
    expect(swept.trials).toMatchObject({ failed: 0 })
    expect(swept.trials.pruned).toBeGreaterThan(0)

    const [alone, beside] = [await recorded(one), await recorded(three)]
    expect(alone.trials).toEqual(beside.trials)
    const finished = alone.trials.filter(({ status }) => status === 'finished')
    expect(finished.length).toBe(swept.trials.finished)
    for (const { history, metrics, value } of finished) {
      for (const name of ['loss', 'trainLoss', 'accuracy'])
        expect(history[name].steps).toEqual(Array.from({ length: epochs }, (_, epoch) => epoch))
      expect(value).toBe(history.loss.values.at(-1))
      expect(metrics).toMatchObject({ trainLoss: expect.any(Number), accuracy: expect.any(Number) })
    }
    for (const { status, history } of alone.trials)
      if (status === 'pruned') expect(history.loss.steps.length).toBeLessThan(epochs)

    const again = await three.json('reproduce', 'best')
    expect(again).toMatchObject({ equal: true })
    const more = await three.json('resume', '--trials', String(trials + 2))
    expect(more.trials.finished + more.trials.pruned).toBe(trials + 2)
  })

  it('takes the best of its steps where that is asked for', async () => {
    const folder = withScript((sweep) => {
      sweep.objective.at = 'best'
      sweep.search = { algorithm: 'random', trials: 4, seed: 1 }
    })
    expect((await folder.run('sweep', 'sweep.json', '--quiet')).code).toBe(0)
    for (const { value, history } of (await recorded(folder)).trials)
      expect(value).toBe(Math.min(...history.loss.values))
  })

  it('starts no warm sweep from values that were read by another pattern', async () => {
    const folder = withScript((sweep) => {
      sweep.search = { algorithm: 'random', trials: 3, seed: 1 }
    })
    await folder.run('sweep', 'sweep.json', '--quiet')
    const { id } = await recorded(folder)
    const sweep = JSON.parse(readFileSync(join(folder.path, 'sweep.json'), 'utf8'))
    const trainLoss = sweep.trainer.metrics.trainLoss
    folder.write('other.json', {
      ...sweep,
      trainer: { ...sweep.trainer, metrics: { loss: trainLoss } },
      search: { trials: 3, warmStart: id },
    })
    const { code, stderr } = await folder.run('sweep', 'other.json', '--quiet')
    expect(code).toBe(2)
    expect(stderr).toContain(JSON.stringify({ loss: trainLoss }))
  })
})

describe('how a program is read', () => {
  it('stands in a narrowed sweep file as it stood in the first', async () => {
    const folder = newFolder()
    const trainer = {
      command: ['awk', 'BEGIN { x = {x}; print "loss=" (x - 0.3) * (x - 0.3) "\\n{\\"size\\": 3}" }'],
      metrics: { loss: 'loss=([-+.0-9eE]+)' },
      result: 'json',
    }
    folder.write('sweep.json', {
      trainer,
      objective: { metric: 'loss' },
      search: { algorithm: 'random', trials: 24 },
      parameters: { x: { type: 'float', min: 0, max: 1 } },
    })
    const first = await folder.json('sweep', 'sweep.json')
    expect(first.best).toMatchObject({ metrics: { size: 3 } })
    expect((await folder.run('importance', '--narrow', 'narrower.json')).code).toBe(0)
    const narrowed = await folder.json('sweep', 'narrower.json', '--trials', '2')
    expect(narrowed.trials).toMatchObject({ finished: 2 })
    const store = await openStore(join(folder.path, 'espalier-runs'))
    const specs = (await store.sweeps()).map(({ spec }) => spec as { trainer: object })
    for (const spec of specs) expect(spec.trainer).toMatchObject(trainer)
  })
})

describe('what is read of a program is refused before it runs', () => {
  const folder = newFolder()
  const base = {
    trainer: { command: ['sh', '-c', 'echo loss=1'] },
    objective: { metric: 'loss' },
    parameters: {
      kind: { type: 'categorical', values: ['a', 'b'] },
      x: { type: 'float', min: 0, max: 1, when: { kind: ['a'] } },
    },
  }
  const cases: [string, object, object, RegExp][] = [
    [
      'a pattern that is none',
      { metrics: { loss: 'loss=([' } },
      {},
      /regular expression of JavaScript \(got "loss=\(\[": .* at trainer\.metrics\.loss/,
    ],
    ['one of Python', { metrics: { loss: 'loss=(?P<value>\\d+)' } }, {}, /write \(\?<value>…\)/],
    [
      'one without a group',
      { metrics: { 'val loss': 'loss=\\d+' } },
      {},
      /has a group.* at trainer\.metrics\."val loss"/,
    ],
    [
      'a step without a value',
      { metrics: { loss: '(?<step>\\d+) (\\d+)' } },
      {},
      /has one named "value" too/,
    ],
    ['none', { metrics: {} }, {}, /must have an entry/],
    ['no text', { metrics: { loss: 3 } }, {}, /must be a text.* at trainer\.metrics\.loss/],
    [
      'no pattern of the objective',
      { metrics: { lss: 'loss=(\\d+)' } },
      {},
      /objective\.metric.*got "loss"\); did you mean "lss"\?/,
    ],
    [
      'no pattern of the pruner',
      { metrics: { loss: 'loss=(\\d+)' } },
      { search: { pruner: { name: 'median', metric: 'acc', direction: 'maximize' } } },
      /search\.pruner\.metric.*got "acc"/,
    ],
    ['a result that is none', { result: 'jsn' }, {}, /must be "json".*"jsn"\) at trainer\.result/],
    ['a misspelt key of it', { result: { fle: 'x' } }, {}, /did you mean "file"\? at trainer\.result\.fle/],
    [
      'one file for all',
      { result: { file: 'out.json' } },
      {},
      /trainer\.result\.file.*one file for all, and "parallel" is 4/,
    ],
    ['a parameter in its name alone', { result: { file: '{kind}.json' } }, {}, /one file for all/],
    ['one that may be inactive', { result: { file: '{trial}-{x}.json' } }, {}, /\{x\}, which has a "when"/],
    [
      'a name there is none of',
      { result: { file: '{trail}.json' } },
      {},
      /\{trail\} must be a parameter.*did you mean "trial"/,
    ],
  ]
  it.each(cases)('%s', async (_, trainer, more, message) => {
    folder.write('wrong.json', { ...base, ...more, trainer: { ...base.trainer, ...trainer } })
    for (const command of [['space', 'check'], ['sweep']]) {
      const { code, stderr, stdout } = await folder.run(...command, 'wrong.json')
      expect(code).toBe(2)
      expect(`${stderr}${stdout}`.replace(/\s+/g, ' ')).toMatch(message)
    }
  })

  it('but not where it keeps trials apart', async () => {
    for (const [result, parallel] of [
      ['json', 4],
      [{ file: 'out/{trial}/m.json' }, 4],
      [{ file: '{directory}/m.json' }, 4],
      [{ file: 'm.json' }, 1],
    ] as const) {
      folder.write('right.json', { ...base, search: { parallel }, trainer: { ...base.trainer, result } })
      expect((await folder.run('space', 'check', 'right.json')).code).toBe(0)
    }
  })
})
