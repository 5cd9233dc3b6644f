/** A sweep goes on where an earlier one was good: from the command's file, from another folder, of every kind of trainer. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importance, openStore, type SweepDefinition, sweep } from '../../src/index.js'
import { checkSweepFile, narrowed } from '../../src/launch/index.js'
import { specOf } from '../../src/launch/spec/version.js'
import type { ParentRun } from '../../src/tracking/index.js'
import type { Params } from '../../src/values.js'
import { dataFile, sweepFile, wineCopy } from './support.js'

/** Runs the file, and writes the narrowed one to `out` beside or below its folder. */
async function narrow(json: object, out: string) {
  const made = await sweepFile(json)
  await copyFile(dataFile('wine.csv'), join(made.directory, 'wine.csv'))
  await mkdir(join(made.directory, 'elsewhere'))
  const { run } = await sweep(made.file, { store: made.store })
  const store = await openStore(made.store)
  const parent = (await store.run(run)) as ParentRun
  const path = join(made.directory, out)
  const result = await narrowed(parent, await importance(store, run, { resamples: 0 }), path)
  await writeFile(path, JSON.stringify(result.file))
  return { directory: made.directory, runs: made.store, run, store, file: path, notes: result.notes }
}

const search = { trials: 30, seed: 5 }

describe('a narrowed sweep file', () => {
  it.each(['narrower.json', 'elsewhere/narrower.json'])(
    'is checked, and run from %s, knowing what was found',
    async (out) => {
      const longer = { ...search, trials: 50 }
      const { file, run, runs, store, directory, notes } = await narrow({ ...wineCopy, search: longer }, out)
      expect(notes).toEqual([])
      expect((await checkSweepFile(file)).warnings).toEqual([])
      const result = await sweep(file, { store: runs, trials: 6 })
      expect(result.trials.failed).toBe(0)
      const [before, after] = [await store.run(run), await store.run(result.run)] as ParentRun[]
      expect(after.experiment).toBe(before.experiment)
      const spec = specOf(after)
      expect(spec.data!.file).toBe(join(directory, 'wine.csv'))
      expect(spec.search.warmStart!.sweep).toBe(run)
      expect(spec.search.warmStart!.trials.length).toBeGreaterThanOrEqual(8)
      // It starts from what is known, and not from the beginning.
      const [first] = await store.trials(result.run)
      expect(first.conditions.origin!.rule).toBe('expected-improvement')
    },
  )

  it('names data in its folder so that both can be moved, and data elsewhere by its whole path', async () => {
    const beside = await narrow({ ...wineCopy, search }, 'narrower.json')
    expect(JSON.parse(await readFile(beside.file, 'utf8')).data.file).toBe('./wine.csv')
    const elsewhere = await narrow({ ...wineCopy, search }, 'elsewhere/narrower.json')
    expect(JSON.parse(await readFile(elsewhere.file, 'utf8')).data.file).toBe(
      join(elsewhere.directory, 'wine.csv'),
    )
  })

  it('goes on among several trainers', async () => {
    const { trainer: _, ...rest } = wineCopy
    const several = {
      ...rest,
      search: { trials: 40, seed: 2 },
      parameters: {
        trainer: { type: 'categorical', values: ['softmax-classifier', 'cart-classifier'] },
        l2: { type: 'float', min: 1e-5, max: 10, scale: 'log', when: { trainer: ['softmax-classifier'] } },
        'cart-classifier.maxDepth': { type: 'int', min: 1, max: 8 },
        scaling: { type: 'categorical', values: ['none', 'standard'] },
      },
    }
    const { file, runs } = await narrow(several, 'narrower.json')
    expect((await checkSweepFile(file)).warnings).toEqual([])
    const { trials } = await sweep(file, { store: runs, trials: 4 })
    expect(trials.finished).toBe(4)
  })

  it('searches by what learns from earlier trials, after any search', async () => {
    const { file, notes, runs } = await narrow(
      { ...wineCopy, search: { ...search, algorithm: 'sobol' } },
      'narrower.json',
    )
    expect(notes).toEqual([expect.stringMatching(/searched by "bayesian".*sobol does not/)])
    expect((await sweep(file, { store: runs, trials: 2 })).trials.finished).toBe(2)
  })

  it('has to be given again what was passed in code', async () => {
    const made = await sweepFile({})
    const run = ({ x }: Params) => ({ loss: ((x as number) - 0.3) ** 2 })
    const definition: SweepDefinition = {
      name: 'in code',
      objective: { metric: 'loss', direction: 'minimize' },
      search: { trials: 20 },
      parameters: { x: { type: 'float', min: 0, max: 1 } },
    }
    const first = await sweep(definition, { store: made.store, run })
    const store = await openStore(made.store)
    const parent = (await store.run(first.run)) as ParentRun
    const out = join(made.directory, 'narrower.json')
    const { file, notes } = await narrowed(parent, await importance(store, first.run), out)
    expect(notes).toEqual([expect.stringMatching(/passed in code/)])
    await writeFile(out, JSON.stringify(file))
    expect((await sweep(out, { store: made.store, run, trials: 3 })).trials.finished).toBe(3)
  })

  /** The sweep as it is started from the narrowed file in `out`, and the file. */
  async function goneOn(json: object, files: Readonly<Record<string, string>>, out: string) {
    const made = await sweepFile(json)
    await copyFile(dataFile('wine.csv'), join(made.directory, 'wine.csv'))
    for (const folder of ['elsewhere', 'parts']) await mkdir(join(made.directory, folder))
    for (const [name, text] of Object.entries(files)) await writeFile(join(made.directory, name), text)
    const { run } = await sweep(made.file, { store: made.store })
    const store = await openStore(made.store)
    const parent = (await store.run(run)) as ParentRun
    const path = join(made.directory, out)
    const { file } = await narrowed(parent, await importance(store, run, { resamples: 0 }), path)
    await writeFile(path, JSON.stringify(file))
    expect((await checkSweepFile(path)).warnings).toEqual([])
    const result = await sweep(path, { store: made.store, trials: 4 })
    expect(result.trials).toMatchObject({ finished: 4, failed: 0 })
    const { search, trainer } = specOf((await store.run(result.run)) as ParentRun)
    expect(search.warmStart!.sweep).toBe(run)
    expect(search.warmStart!.trials.length).toBeGreaterThan(1)
    return { directory: made.directory, file, trainer, known: search.warmStart!.trials }
  }

  it.each([
    ['narrower.json', undefined],
    ['elsewhere/narrower.json', (directory: string) => directory],
  ])('runs a program, with the files it opens, from %s', async (out, where) => {
    const program = {
      name: 'program',
      trainer: { command: ['node', 'parts/objective.mjs', '{x}'] },
      objective: { metric: 'loss', direction: 'minimize' },
      search: { trials: 16 },
      parameters: { x: { type: 'float', min: 0, max: 1 } },
    }
    const files = {
      'parts/objective.mjs': `import { readFileSync } from 'node:fs'
        const best = Number(readFileSync('parts/best.txt', 'utf8'))
        console.log('espalier:', JSON.stringify({ final: { loss: (Number(process.argv[2]) - best) ** 2 } }))`,
      'parts/best.txt': '0.3',
    }
    const { file, directory, trainer } = await goneOn(program, files, out)
    expect(file.trainer).toEqual({
      command: program.trainer.command,
      ...(where && { directory: where(directory) }),
    })
    expect(trainer).toMatchObject({ directory })
  })

  const nearestMean = `export default {
    name: 'mine',
    task: 'classification',
    hyperparameters: [{ name: 'off', description: 'of the mean', type: 'float', min: 0, max: 1, default: 0 }],
    fit({ target, index, columns }, { off }) {
      const sums = target.classes.map(() => ({ sum: 0, rows: 0 }))
      for (const row of index) {
        const of = sums[target.codes[row]]
        of.sum += columns[12].values[row]
        of.rows++
      }
      return this.load({ classes: target.classes, means: sums.map(({ sum, rows }) => (1 - off) * sum / rows) })
    },
    load: ({ classes, means }) => ({
      predict: ({ columns, index }) => Array.from(index, (row) => {
        const far = means.map((mean) => Math.abs(columns[12].values[row] - mean))
        return classes[far.indexOf(Math.min(...far))]
      }),
      toJSON: () => ({ classes, means }),
    }),
  }`

  it.each(['narrower.json', 'elsewhere/narrower.json', 'parts/narrower.json'])(
    'finds a module, alone and among trainers, from %s, and knows what it came to',
    async (out) => {
      const { trainer: _, ...rest } = wineCopy
      const alone = {
        ...rest,
        trainer: './parts/mine.mjs',
        search: { algorithm: 'sobol', trials: 20, seed: 3 },
        parameters: { off: { type: 'float', min: 0, max: 1 } },
      }
      const one = await goneOn(alone, { 'parts/mine.mjs': nearestMean }, out)
      expect(one.trainer).toMatchObject({ kind: 'module', file: join(one.directory, 'parts/mine.mjs') })
      const among = {
        ...rest,
        search: { algorithm: 'sobol', trials: 40, seed: 3 },
        parameters: {
          trainer: {
            type: 'categorical',
            values: ['./parts/mine.mjs', 'cart-classifier'],
            default: './parts/mine.mjs',
          },
          './parts/mine.mjs.off': { type: 'float', min: 0, max: 1 },
          // A stump is the worse one: there is something to narrow.
          'cart-classifier.maxDepth': 1,
          'cart-classifier.gainThreshold': { type: 'float', min: 0, max: 0.5 },
        },
      }
      const { known, trainer, directory } = await goneOn(among, { 'parts/mine.mjs': nearestMean }, out)
      const mine = Object.entries((trainer as { trainers: object }).trainers).find(
        ([, { kind }]) => kind === 'module',
      )!
      expect(mine[1].file).toBe(join(directory, 'parts/mine.mjs'))
      // What the module came to is known under the name that it has here.
      const ofMine = known.filter(({ params }) => params.trainer === mine[0])
      expect(ofMine.length).toBeGreaterThan(1)
      for (const { params } of ofMine) expect(params).toHaveProperty([`${mine[0]}.off`])
    },
  )

  it('is not made of a record that cannot tell, nor by another metric', async () => {
    const made = await sweepFile(wineCopy)
    await copyFile(dataFile('wine.csv'), join(made.directory, 'wine.csv'))
    const { run } = await sweep(made.file, { store: made.store, trials: 4 })
    const store = await openStore(made.store)
    const parent = (await store.run(run)) as ParentRun
    const out = join(made.directory, 'narrower.json')
    await expect(narrowed(parent, await importance(store, run), out)).rejects.toThrow(
      /cannot tell.*run more trials/,
    )
    const other = await importance(store, run, { metric: 'logLoss' })
    await expect(narrowed(parent, other, out)).rejects.toThrow(/narrowed by what it optimises \(accuracy\)/)
  })
})

describe('importance of a store’s sweep', () => {
  it('says what is wrong with what is asked', async () => {
    const made = await sweepFile(wineCopy)
    await copyFile(dataFile('wine.csv'), join(made.directory, 'wine.csv'))
    const { run } = await sweep(made.file, { store: made.store, trials: 2 })
    const store = await openStore(made.store)
    const [{ id: trial }] = await store.trials(run)
    expect((await importance(store)).sweep).toBe(run)
    for (const [wrong, options, message] of [
      [run, { metric: 'acuracy' }, /none has "acuracy".*accuracy/],
      [run, { metrik: 'accuracy' }, /metrik/],
      [trial, {}, /is of a sweep, and .* is a trial; its sweep is/],
      ['ffff', {}, /ffff/],
    ] as const)
      await expect(importance(store, wrong, options as object)).rejects.toThrow(message)
  })
})
