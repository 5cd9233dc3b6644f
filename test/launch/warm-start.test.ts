/** A warm start takes what compares, as it fits: everything else is refused, or told. */
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore, type SweepDefinition, type SweepOptions, sweep } from '../../src/index.js'
import { specOf } from '../../src/launch/spec/version.js'
import { differencesOf } from '../../src/launch/warm-start.js'
import { openStore as openRecord, type ParentRun } from '../../src/tracking/index.js'
import type { JsonObject, Metrics, Params } from '../../src/values.js'
import { temporaryDirectory, wineKnn } from './support.js'

const number = (min: number, max: number) => ({ type: 'float', min, max }) as const
const xy = { x: number(-5, 5), y: number(-5, 5) }
const height = ({ x = 0, y = 0 }: Params) => ({ loss: Number(x) ** 2 + Number(y) ** 2, gain: -Number(x) })

interface Changes {
  objective?: object
  search?: object
  parameters?: object
}

const store = join(await temporaryDirectory(), 'runs')

async function launched({ objective, search, parameters = xy }: Changes, options: SweepOptions = {}) {
  const definition = {
    name: 'height',
    objective: objective ?? { metric: 'loss', direction: 'minimize' },
    search: { algorithm: 'random', trials: 3, parallel: 1, seed: 3, ...search },
    parameters,
  }
  const result = await sweep(definition as unknown as SweepDefinition, { store, run: height, ...options })
  const parent = (await (await openRecord(options.store ?? store)).run(result.run)) as ParentRun
  return { ...result, warmStart: specOf(parent).search.warmStart }
}

const earlier = await launched({ search: { trials: 12 } })
const trials = (await (await openStore(store)).trials(earlier.run)).map(({ params, value }) => ({
  params,
  value,
}))
const from = (despite?: string[]) => ({ warmStart: despite ? { sweep: earlier.run, despite } : earlier.run })

describe('where the space has changed', () => {
  it('a wider one takes every trial as it is', async () => {
    const { warmStart, notes } = await launched({
      search: from(),
      parameters: { ...xy, x: number(-5, 9) },
    })
    expect(warmStart).toEqual({ sweep: earlier.run, despite: [], trials })
    expect(notes).toEqual([])
  })

  it('a narrower one passes over what lies outside, and says how many', async () => {
    const inside = trials.filter(({ params }) => Number(params.x) >= -1)
    expect(inside.length).toBeGreaterThan(0)
    expect(inside.length).toBeLessThan(12)
    const { warmStart, notes } = await launched({
      search: from(),
      parameters: { ...xy, x: number(-1, 5) },
    })
    expect(warmStart!.trials).toEqual(inside)
    expect(notes.join()).toContain(`${12 - inside.length} of the 12 finished trials of sweep ${earlier.run}`)
    expect(notes.join()).toContain('lie outside the space')
  })

  it('a new parameter takes its default, or where a Bayesian search begins', async () => {
    const { warmStart, notes } = await launched({
      search: from(),
      parameters: {
        ...xy,
        stated: { ...number(0, 1), default: 0.9 },
        middle: { type: 'int', min: 1, max: 3 },
        first: { type: 'categorical', values: ['a', 'b', 'c'] },
        below: { ...number(0, 4), default: 1, when: { first: ['a'] } },
        idle: { ...number(0, 4), when: { first: ['b'] } },
      },
    })
    const added = { stated: 0.9, middle: 2, first: 'a', below: 1 }
    expect(warmStart!.trials).toEqual(
      trials.map(({ params, value }) => ({ params: { ...params, ...added }, value })),
    )
    for (const [name, value] of Object.entries(added))
      expect(notes.join()).toContain(
        `no parameter "${name}": its trials count as ones with ${JSON.stringify(value)}`,
      )
  })

  it('a new parameter takes its default where only the old params bring it into being', async () => {
    const parameters = { kind: { type: 'categorical', values: ['a', 'b'] } }
    const first = await launched({ parameters, search: { trials: 2, algorithm: 'grid' } })
    const { warmStart } = await launched({
      search: { warmStart: first.run },
      parameters: { ...parameters, depth: { ...number(0, 4), default: 3, when: { kind: ['b'] } } },
    })
    const known = warmStart!.trials.map(({ params }) => params)
    expect(known).toEqual([{ kind: 'a' }, { kind: 'b', depth: 3 }])
  })

  it('a parameter that is gone is dropped, and equal params are two observations', async () => {
    const {
      warmStart,
      notes,
      trials: ended,
    } = await launched({
      search: { ...from(), algorithm: 'bayesian' },
      parameters: { x: { type: 'float', min: -5, max: 5 } },
    })
    expect(warmStart!.trials).toEqual(trials.map(({ params: { x }, value }) => ({ params: { x }, value })))
    expect(notes.join()).toContain('left out here: y')
    expect(ended).toMatchObject({ finished: 3, failed: 0 })
  })

  it('where nothing is left there is no warm start', async () => {
    const parameters = { x: { type: 'float', min: -50, max: -40 }, y: xy.y }
    await expect(launched({ search: from(), parameters })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('none of the 12 finished ones'),
    })
  })
})

describe('where the task is another', () => {
  const gain = { metric: 'gain', direction: 'maximize' }

  it('says every difference, and how to say that the values compare', async () => {
    await expect(launched({ objective: gain, search: from() })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(
        /another metric: loss \(here gain\); another direction: minimize \(here maximize\).*"despite": \["metric","direction"\].*--despite metric,direction/,
      ),
      problems: [{ path: 'search.warmStart' }, { path: 'search.warmStart' }],
    })
  })

  it('takes the new metric of the old trials where they recorded it', async () => {
    const { warmStart } = await launched({ objective: gain, search: from(['metric', 'direction']) })
    expect(warmStart!.despite).toEqual(['metric', 'direction'])
    expect(warmStart!.trials.map(({ value }) => value)).toEqual(trials.map(({ params }) => -Number(params.x)))
  })

  it('never takes values that point the other way for values of another metric', async () => {
    const search = from(['metric', 'direction'])
    const other = launched(
      { objective: { metric: 'score', direction: 'maximize' }, search },
      { run: () => ({ score: 1 }) },
    )
    await expect(other).rejects.toMatchObject({ message: expect.stringContaining('cannot be turned round') })
    const cost = { metric: 'cost', direction: 'minimize' }
    const alike = await launched({ objective: cost, search: from(['metric']) }, { run: () => ({ cost: 1 }) })
    expect(alike.warmStart!.trials).toEqual(trials)
  })

  it('trainer, data and validation are compared as well', async () => {
    const definition = { ...wineKnn, search: { algorithm: 'random', trials: 1, warmStart: earlier.run } }
    const caught = await sweep(definition as never, { store, folds: 2 }).catch((error: unknown) => error)
    for (const aspect of ['metric', 'direction', 'trainer', 'data', 'validation'])
      expect(String(caught)).toContain(`another ${aspect}: `)
  })

  it('reads the step that counts here from what was recorded: the best one, or the last', async () => {
    type Reporting = { report(step: number, metrics: Params): unknown }
    const run = async ({ x }: Params, { report }: Reporting) => {
      for (const [step, shift] of [1, -1, 2].entries()) await report(step, { loss: Number(x) + shift })
      return { loss: Number(x) + 2, other: Number(x) }
    }
    const asked = (at: 'best' | 'last', search: object = {}, metric = 'loss', direction = 'minimize') =>
      launched(
        { objective: { metric, direction, at }, search: { trials: 1, ...search } },
        { run: run as never },
      )
    for (const [then, now, direction, shift] of [
      ['last', 'best', 'minimize', -1],
      ['best', 'last', 'minimize', 2],
      ['last', 'best', 'maximize', 2],
      ['best', 'best', 'maximize', 2],
      ['best', 'best', 'minimize', -1],
    ] as const) {
      const first = await asked(then)
      const search = { warmStart: { sweep: first.run, despite: ['metric', 'direction'] } }
      const { warmStart } = await asked(now, search, 'loss', direction)
      for (const { params, value } of warmStart!.trials) expect(value).toBe(Number(params.x) + shift)
      if (then !== now)
        await expect(asked(now, { warmStart: first.run })).rejects.toThrow('another metric: loss')
    }
  })

  it('passes over trials without the new metric, and says how many', async () => {
    const first = await launched(
      { search: { trials: 6 } },
      { run: ({ x }): Metrics => (Number(x) > 0 ? { loss: 1 } : { loss: 1, cost: 2 }) },
    )
    const { warmStart, notes } = await launched(
      {
        objective: { metric: 'cost', direction: 'minimize' },
        search: { warmStart: { sweep: first.run, despite: ['metric'] } },
      },
      { run: () => ({ cost: 1 }) },
    )
    const { length } = warmStart!.trials
    expect(warmStart!.trials.every(({ params, value }) => Number(params.x) <= 0 && value === 2)).toBe(true)
    expect(length).toBeGreaterThan(0)
    expect(notes.join()).toContain(`${6 - length} of the 6 finished trials`)
    expect(notes.join()).toContain('they have no cost')
  })

  it('data is another where it has changed, has another target, or is read in another way', async () => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'rows.csv')
    const rows = Array.from({ length: 12 }, (_, i) => `${i},${i % 2},${i % 2 ? 'a' : 'b'}`)
    await writeFile(file, `x,z,y\n${rows.join('\n')}\n`)
    const options = { store: join(directory, 'runs'), workers: 1 }
    const knn = (changes: object = {}, warmStart?: string, trainer = 'knn-classifier') => ({
      trainer,
      data: { file, target: 'y', ...changes },
      validation: { folds: 2 },
      search: { algorithm: 'random', trials: 1, parallel: 1, ...(warmStart && { warmStart }) },
      parameters: trainer.startsWith('knn')
        ? { k: { type: 'int', min: 1, max: 3 } }
        : { maxDepth: { type: 'int', min: 1, max: 3 } },
    })
    const { run } = await sweep(knn() as never, options)
    const refusal = (definition: object) =>
      sweep(definition as never, options).then(
        () => '',
        (error: unknown) => String(error),
      )
    expect(await refusal(knn({ target: 'z' }, run))).toMatch(/another data: y of \S+ \(here z of \S+\);/)
    expect(await refusal(knn({ exclude: ['z'] }, run))).toMatch(
      /another data: .* with nothing said of its columns \(here .* with \{"exclude":\["z"\]\} said/,
    )
    expect(await refusal(knn({}, run, 'cart-classifier'))).toContain(
      'another trainer: knn-classifier (here cart-classifier)',
    )
    await appendFile(file, '99,0,a\n')
    expect(await refusal(knn({}, run))).toMatch(/another data: .* as it was then \(here .* as it is now\)/)
  })

  it('a program is known by its command, a module by its path or what it holds', async () => {
    const directory = await temporaryDirectory()
    const spec = (trainer: object) => ({ trainer, data: null, objective: {}, validation: null }) as never
    const aspects = (a: object, b: object) => differencesOf(spec(a), spec(b)).map(({ aspect }) => aspect)
    const program = (...command: string[]) => ({ kind: 'command', command })
    expect(aspects(program('python', 'a.py'), program('python', 'a.py'))).toEqual([])
    expect(aspects(program('python', 'a.py'), program('python', 'b.py'))).toEqual(['trainer'])
    const module = (name: string, digest: string) => ({ kind: 'module', file: join(directory, name), digest })
    expect(aspects(module('a.mjs', '1'), module('a.mjs', '2'))).toEqual([])
    expect(aspects(module('a.mjs', '1'), module('b.mjs', '1'))).toEqual([])
    expect(aspects(module('a.mjs', '1'), module('b.mjs', '2'))).toEqual(['trainer'])
    expect(aspects(module('a.mjs', '1'), program('a.mjs'))).toEqual(['trainer'])
  })

  it('refuses what can be no difference, and a trial in place of a sweep', async () => {
    await expect(launched({ search: from(['seed']) })).rejects.toMatchObject({ code: 'SPACE_INVALID' })
    await expect(launched({ search: { warmStart: 5 } })).rejects.toMatchObject({ code: 'SPACE_INVALID' })
    const [trial] = await (await openStore(store)).trials(earlier.run)
    await expect(launched({ search: { warmStart: trial.id } })).rejects.toThrow(
      `name its parent ${earlier.run}`,
    )
  })
})

describe('the latest sweep', () => {
  it('is the newest one that fits; without any the search begins cold, and says so', async () => {
    const fresh = { store: join(await temporaryDirectory(), 'runs') }
    const search = { warmStart: 'latest' }
    const first = await launched({ search }, fresh)
    expect(first.warmStart).toBeNull()
    expect(first.notes.join()).toContain('the store has no sweep yet')
    await launched({ objective: { metric: 'gain', direction: 'maximize' } }, fresh)
    const second = await launched({ search }, fresh)
    expect(second.warmStart).toMatchObject({ sweep: first.run, trials: expect.any(Array) })
    expect(second.notes.join()).toContain(`the latest sweep that fits is ${first.run}`)
    const third = await launched({ objective: { metric: 'loss', direction: 'maximize' }, search }, fresh)
    expect(third.warmStart).toBeNull()
    expect(third.notes.join()).toContain(`sweep ${second.run} has another direction`)
  })
})

it('is part of the record: the sweep goes on without the earlier one', async () => {
  const other = join(await temporaryDirectory(), 'runs')
  const first = await launched({}, { store: other })
  const second = await launched({ search: { warmStart: first.run } }, { store: other })
  const opened = await openRecord(other)
  await opened.delete(first.run)
  const { resumeSweep } = await import('../../src/index.js')
  await expect(resumeSweep(second.run, { store: other, trials: 5, run: height })).resolves.toMatchObject({
    trials: { finished: 5 },
  })
  const record = (await opened.run(second.run)) as ParentRun
  expect((record.spec.search as JsonObject).warmStart).toEqual(second.warmStart)
})
