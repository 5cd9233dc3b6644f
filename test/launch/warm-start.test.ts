/** A warm start takes what compares, as it fits: everything else is refused, or told. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore, type SweepDefinition, type SweepOptions, sweep } from '../../src/index.js'
import { specOf } from '../../src/launch/spec/version.js'
import { openStore as openRecord, type ParentRun } from '../../src/tracking/index.js'
import type { JsonObject, Params } from '../../src/values.js'
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
