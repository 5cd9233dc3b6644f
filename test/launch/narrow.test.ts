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
      const { file, run, runs, store, directory, notes } = await narrow({ ...wineCopy, search }, out)
      expect(notes).toEqual([])
      expect((await checkSweepFile(file)).warnings).toEqual([])
      const result = await sweep(file, { store: runs, trials: 6 })
      expect(result.trials.failed).toBe(0)
      const [before, after] = [await store.run(run), await store.run(result.run)] as ParentRun[]
      expect(after.experiment).toBe(before.experiment)
      const spec = specOf(after)
      expect(spec.data!.file).toBe(join(directory, 'wine.csv'))
      expect(spec.search.warmStart!.sweep).toBe(run)
      expect(spec.search.warmStart!.trials.length).toBeGreaterThanOrEqual(3)
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

  it('of a program stands in the folder where the program is found', async () => {
    const program = {
      name: 'program',
      trainer: { command: ['node', 'objective.mjs', '{x}'] },
      objective: { metric: 'loss', direction: 'minimize' },
      search: { trials: 16 },
      parameters: { x: { type: 'float', min: 0, max: 1 } },
    }
    const made = await sweepFile(program)
    await mkdir(join(made.directory, 'elsewhere'))
    await writeFile(
      join(made.directory, 'objective.mjs'),
      'console.log("espalier:", JSON.stringify({ final: { loss: (Number(process.argv[2]) - 0.3) ** 2 } }))',
    )
    const { run } = await sweep(made.file, { store: made.store })
    const store = await openStore(made.store)
    const parent = (await store.run(run)) as ParentRun
    const insight = await importance(store, run, { resamples: 0 })
    await expect(
      narrowed(parent, insight, join(made.directory, 'elsewhere', 'narrower.json')),
    ).rejects.toThrow(/folder of the sweep file.*write the narrowed file there/)
    const out = join(made.directory, 'narrower.json')
    await writeFile(out, JSON.stringify((await narrowed(parent, insight, out)).file))
    expect((await sweep(out, { store: made.store, trials: 2 })).trials.finished).toBe(2)
  })

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
