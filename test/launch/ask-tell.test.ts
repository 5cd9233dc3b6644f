/** The search alone: in the library, and over lines of JSON. */
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSearch, sweep } from '../../src/index.js'
import { AskTellSession } from '../../src/launch/index.js'
import type { SweepFileJson } from '../../src/space/index.js'
import type { Params } from '../../src/values.js'
import { temporaryDirectory, wineKnn } from './support.js'

const parameters = { x: { type: 'float', min: -1, max: 1 }, k: { type: 'int', min: 1, max: 9 } } as const

async function talk(session: AskTellSession, message: unknown) {
  return JSON.parse(await session.answer(typeof message === 'string' ? message : JSON.stringify(message)))
}

describe('createSearch', () => {
  for (const algorithm of ['grid', 'random', 'sobol', 'bayesian'] as const) {
    it(`does not depend on the order of telling: ${algorithm}`, async () => {
      const runs = []
      for (const turn of [(list: unknown[]) => list, (list: unknown[]) => list.reverse()]) {
        const search = await createSearch({ parameters, search: { algorithm, seed: 3 } })
        const asked = []
        for (let round = 0; round < 4; round++) {
          const { trials } = await search.ask(3)
          asked.push(...trials)
          for (const { trial, params } of turn([...trials]) as typeof trials)
            search.tell(trial, trial === 4 ? 'failed' : params.x ** 2)
        }
        runs.push({ asked, best: search.best() })
        await search.close()
      }
      expect(runs[1]).toEqual(runs[0])
      expect(runs[0].asked.map(({ trial }) => trial)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    })
  }

  it('never asks the same twice, and says when the space is exhausted', async () => {
    const search = await createSearch({
      parameters: { a: { type: 'categorical', values: ['x', 'y', 'z'] } },
      direction: 'maximize',
      search: { algorithm: 'random' },
    })
    const { trials, exhausted } = await search.ask(5)
    expect(exhausted).toBe(true)
    expect(trials.map(({ params }) => params.a).sort()).toEqual(['x', 'y', 'z'])
    search.tell(1, 5)
    search.tell(2, 5)
    search.tell(0, 1)
    expect(search.best()).toMatchObject({ trial: 1, value: 5 })
    expect(await search.ask()).toEqual({ trials: [], exhausted: true })
  })

  it('refuses values that are not finite, and says what is told instead; the trial waits', async () => {
    const search = await createSearch({ parameters })
    const { trials } = await search.ask()
    const [{ trial, params }] = trials
    const refused = expect.objectContaining({
      code: 'USAGE',
      message: expect.stringMatching(/got (NaN|-?Infinity).*"state":"failed"/),
    })
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const outcome of [value, { pruned: value }]) {
        expect(() => search.tell(trial, outcome)).toThrow(refused)
        expect(() => search.tellExternal(params, outcome)).toThrow(refused)
      }
    }
    expect(search.best()).toBe(null)
    search.tell(trial, 'failed')
    expect(search.tellExternal(params, 1)).toBe(1)
    await search.close()
  })
})

describe('ask-tell', () => {
  it('speaks the protocol to the letter', async () => {
    const session = new AskTellSession()
    expect(
      await talk(session, {
        op: 'open',
        parameters,
        direction: 'minimize',
        search: { algorithm: 'sobol', seed: 1 },
      }),
    ).toEqual({ ok: true })
    const { trials } = await talk(session, { op: 'ask', count: 2 })
    expect(trials).toEqual([
      { trial: 0, params: expect.any(Object), rule: 'sobol' },
      { trial: 1, params: expect.any(Object), rule: 'sobol' },
    ])
    expect(await talk(session, { op: 'tell', trial: 1, value: 0.31 })).toEqual({ ok: true })
    expect(await talk(session, { op: 'tell', trial: 0, state: 'failed' })).toEqual({ ok: true })
    expect(await talk(session, { op: 'best' })).toEqual({ trial: 1, value: 0.31, params: trials[1].params })
    expect((await talk(session, { op: 'ask' })).trials).toMatchObject([{ trial: 2 }])
    // A fresh search begins again.
    expect(
      await talk(session, { op: 'open', parameters: { a: { type: 'ordinal', values: [1, 2] } } }),
    ).toEqual({ ok: true })
    const asked = await talk(session, { op: 'ask', count: 3 })
    expect(asked).toMatchObject({ exhausted: true, trials: [{ trial: 0 }, { trial: 1 }] })
    await session.close()
  })

  it('answers a wrong line with its error and goes on', async () => {
    const session = new AskTellSession()
    const code = async (message: unknown) => (await talk(session, message)).error?.code
    expect(await code({ op: 'ask' })).toBe('USAGE')
    expect(await code('nonsense')).toBe('JSON_INVALID')
    expect(await code('')).toBe('JSON_INVALID')
    expect(await code('[1]')).toBe('JSON_INVALID')
    expect(await code('null')).toBe('JSON_INVALID')
    expect(await code({ op: 'opne' })).toBe('USAGE')
    expect(await code({ op: 'open' })).toBe('SPACE_INVALID')
    expect(await code({ op: 'open', parameters: { x: { type: 'float', min: 2, max: 1 } } })).toBe(
      'SPACE_INVALID',
    )
    expect(await code({ op: 'open', parameters, search: { algorithm: 'sobl' } })).toBe('SPACE_INVALID')
    expect(await code({ op: 'open', parameters, direction: 'up' })).toBe('SPACE_INVALID')
    expect(await talk(session, { op: 'open', parameters })).toEqual({ ok: true })
    expect(await code({ op: 'best' })).toBe('USAGE')
    expect(await code({ op: 'ask', count: 0 })).toBe('USAGE')
    expect(await code({ op: 'ask', count: 'two' })).toBe('USAGE')
    expect(await code({ op: 'ask', number: 2 })).toBe('USAGE')
    expect((await talk(session, { op: 'ask' })).trials.length).toBe(1)
    expect(await code({ op: 'tell', trial: 7, value: 1 })).toBe('USAGE')
    expect(await code({ op: 'tell', trial: 0 })).toBe('USAGE')
    expect(await code({ op: 'tell', trial: 0, value: 'good' })).toBe('USAGE')
    expect(await code('{"op":"tell","trial":0,"value":1e999}')).toBe('USAGE')
    expect(await code({ op: 'tell', trial: 0, value: 1, state: 'failed' })).toBe('USAGE')
    // A search that cannot be opened leaves the one there is.
    expect(await code({ op: 'open', parameters: {} })).toBe('SPACE_INVALID')
    expect(await talk(session, { op: 'tell', trial: 0, value: 1 })).toEqual({ ok: true })
    expect(await code({ op: 'tell', trial: 0, value: 1 })).toBe('USAGE')
    await session.close()
  })

  it('tells the way out of what JSON cannot hold, each mistake once, and the nearest name', async () => {
    const session = new AskTellSession()
    const message = async (line: unknown) => (await talk(session, line)).error.message as string
    await talk(session, { op: 'open', parameters })
    for (const value of ['NaN', 'Infinity', '-Infinity']) {
      const told = await message(`{"op":"tell","trial":0,"name":"a NaN \\" quoted","value":${value}}`)
      expect(told).toContain(`JSON has no ${value}`)
      expect(told).toContain('"state":"failed"')
    }
    expect(await message('{"op":"tell","trial":0,"note":"NaN",}')).not.toContain('JSON has no')
    expect(await message('{"op":"tell","trial":0,"value":1e999}')).toMatch(/got Infinity.*"state":"failed"/)
    expect(await message({ op: 'open', parameters, search: null })).toContain('"search" must be an object')
    expect(await message({ op: 'open', parameters, search: { repeats: 1 } })).toContain('repeats')
    expect(await message({ op: 'opne', parameters })).toContain('did you mean "open"?')
    expect(await message({ op: 'ask', cuont: 2 })).toContain('did you mean "count"?')
    expect(await message({ op: 'open', parameters, search: { sed: 1 } })).toContain('did you mean "seed"?')
    const twice = await message({
      op: 'open',
      parameters: { a: { type: 'float', min: 3, max: 1 }, b: { type: 'float', min: 5, max: 4 } },
    })
    expect(twice.split('min 3, max 1').length).toBe(2)
    expect(twice.split('min 5, max 4').length).toBe(2)
  })

  it('answers lines of many megabytes and of many brackets shortly', async () => {
    const session = new AskTellSession()
    const listed = { type: 'categorical', values: [[1], [[2]]] }
    expect((await talk(session, { op: 'open', parameters: { x: listed } })).ok).toBe(true)
    const long = 'x'.repeat(5_000_000)
    for (const line of [
      JSON.stringify({ op: long }),
      JSON.stringify({ op: 'ask', [long]: 1 }),
      JSON.stringify({ op: 'tell', trial: long }),
      `{"op":"${long}`,
      `{"op":"${'x'.repeat(20_000_000)}"`,
      '['.repeat(1_000_000),
      `{"op":"tell","value":1,"params":{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
    ]) {
      const answer = await session.answer(line)
      expect(JSON.parse(answer).error.code).not.toBe('INTERNAL')
      expect(answer.length).toBeLessThan(1000)
    }
    const deep = await session.answer(
      `{"op":"tell","trial":0,"value":${'['.repeat(1000)}${']'.repeat(1000)}}`,
    )
    expect(deep).toContain('brackets within brackets')
  })

  it('answers every line with one line, whatever it holds', async () => {
    const session = new AskTellSession()
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .record(
              {
                op: fc.constantFrom('open', 'ask', 'tell', 'best'),
                parameters: fc.jsonValue(),
                search: fc.jsonValue(),
                direction: fc.jsonValue(),
                params: fc.jsonValue(),
                fixed: fc.jsonValue(),
                origin: fc.jsonValue(),
                state: fc.oneof(fc.jsonValue(), fc.constantFrom('pruned', 'running')),
                trial: fc.jsonValue(),
                value: fc.jsonValue(),
                count: fc.jsonValue(),
              },
              { requiredKeys: ['op'] },
            )
            .map((o) => JSON.stringify(o)),
        ),
        async (line) => {
          const answer = await session.answer(line)
          expect(answer).not.toContain('\n')
          const { error } = JSON.parse(answer)
          expect(error?.code).not.toBe('INTERNAL')
        },
      ),
      { seed: 1, numRuns: 300 },
    )
    await session.close()
  })
})

describe('ask-tell: params to try first', () => {
  const levels = { x: { type: 'float', min: 0, max: 1, step: 0.25 }, k: { type: 'int', min: 1, max: 9 } }

  it('an entry refused is refused by itself, and every entry is told its trial', async () => {
    const session = new AskTellSession()
    const enqueue = [
      { x: 0.25, k: 2 },
      { x: 7, k: 2 },
      { x: 0.25, k: 2 },
      5,
      { kk: 1 },
      { x: 1, k: 3 },
      { k: 4 },
    ]
    const opened = await talk(session, { op: 'open', parameters: levels, search: { enqueue } })
    expect(opened).toEqual({
      ok: true,
      enqueued: [
        { entry: 0, trial: 0 },
        { entry: 1, error: { code: 'SPACE_INVALID', message: expect.stringMatching(/^x: .*got 7/) } },
        { entry: 2, trial: 0, duplicateOf: 0 },
        { entry: 3, error: { code: 'SPACE_INVALID', message: expect.stringContaining('got 5') } },
        { entry: 4, error: { code: 'SPACE_INVALID', message: expect.stringContaining('did you mean "k"?') } },
        { entry: 5, trial: 1 },
        { entry: 6, trial: 2 },
      ],
    })
    const { trials } = await talk(session, { op: 'ask', count: 4 })
    expect(trials).toMatchObject([
      { trial: 0, params: { x: 0.25, k: 2 }, rule: 'enqueued', entry: 0 },
      { trial: 1, params: { x: 1, k: 3 }, rule: 'enqueued', entry: 5 },
      { trial: 2, params: { k: 4 }, rule: 'enqueued', entry: 6 },
      { trial: 3, rule: 'centre' },
    ])
    expect(trials[3].entry).toBeUndefined()
    // What is wrong beside the entries still fails the whole.
    const wrong = { x: { type: 'float', min: 2, max: 1 } }
    expect((await talk(session, { op: 'open', parameters: wrong, search: { enqueue } })).error.code).toBe(
      'SPACE_INVALID',
    )
    expect((await talk(session, { op: 'open', parameters: levels, search: { enqueue: 5 } })).error.code).toBe(
      'SPACE_INVALID',
    )
    expect((await talk(session, { op: 'ask' })).trials).toMatchObject([{ trial: 4 }])
    await session.close()
  })

  it('duplicates are trials of their own where params may repeat', async () => {
    const search = await createSearch({
      parameters: { k: { type: 'int', min: 1, max: 9 } },
      search: { enqueue: [{ k: 2 }, { k: 2 }], replicates: 2, repeats: true },
    })
    expect(search.enqueued).toEqual([
      { entry: 0, trial: 0 },
      { entry: 1, trial: 2 },
    ])
    const { trials } = await search.ask(4)
    expect(trials.map(({ params, entry }) => [params.k, entry])).toEqual([
      [2, 0],
      [2, 0],
      [2, 1],
      [2, 1],
    ])
  })

  it('in the library they are refused all at once', async () => {
    const opening = createSearch({
      parameters: { k: { type: 'int', min: 1, max: 9 } },
      search: { enqueue: [{ k: 0 }, { k: 10 }] },
    })
    await expect(opening).rejects.toMatchObject({ code: 'SPACE_INVALID', problems: [{}, {}] })
  })
})

const algorithms = ['grid', 'random', 'sobol', 'bayesian'] as const
const bowl = ({ x, k }: { x: number; k: number }) => (x - 0.3) ** 2 + 0.1 * (k - 4) ** 2

describe('ask-tell: trials from elsewhere', () => {
  it('are added with the next number, in every state, and are seen, the same params as often as told', async () => {
    const session = new AskTellSession()
    await talk(session, { op: 'open', parameters, search: { algorithm: 'random' } })
    const at = { x: 0.5, k: 3 }
    expect((await talk(session, { op: 'ask' })).trials[0].trial).toBe(0)
    expect(await talk(session, { op: 'tell', params: at, value: 0.3 })).toEqual({ ok: true, trial: 1 })
    expect(await talk(session, { op: 'tell', params: at, value: 0.2 })).toEqual({ ok: true, trial: 2 })
    expect(await talk(session, { op: 'tell', params: at, state: 'failed' })).toEqual({ ok: true, trial: 3 })
    expect(await talk(session, { op: 'tell', params: at, state: 'pruned', value: -9 })).toEqual({
      ok: true,
      trial: 4,
    })
    expect(await talk(session, { op: 'tell', params: at, state: 'running' })).toEqual({ ok: true, trial: 5 })
    expect((await talk(session, { op: 'ask' })).trials[0].trial).toBe(6)
    expect(await talk(session, { op: 'best' })).toEqual({ trial: 2, value: 0.2, params: at })
    expect(await talk(session, { op: 'tell', trial: 5, value: 0.1 })).toEqual({ ok: true })
    expect(await talk(session, { op: 'tell', trial: 6, state: 'pruned', value: -5 })).toEqual({ ok: true })
    expect(await talk(session, { op: 'best' })).toMatchObject({ trial: 5, value: 0.1 })
    const code = async (message: unknown) => (await talk(session, message)).error?.code
    expect(await code({ op: 'tell', params: { x: 5, k: 3 }, value: 1 })).toBe('USAGE')
    expect(await code({ op: 'tell', params: at })).toBe('USAGE')
    expect(await code({ op: 'tell', params: at, state: 'pruned' })).toBe('USAGE')
    expect(await code({ op: 'tell', params: at, value: 1, trial: 5 })).toBe('USAGE')
    expect(await code({ op: 'tell', trial: 0, state: 'running' })).toBe('USAGE')
    expect(await code({ op: 'tell', params: at, value: 1, origin: 5 })).toBe('USAGE')
    expect(await code({ op: 'tell', value: 1 })).toBe('USAGE')
    await session.close()
  })

  it('are learned from as if they had been asked', async () => {
    const search = await createSearch({ parameters, search: { seed: 2 } })
    const other = await createSearch({ parameters, search: { seed: 9, algorithm: 'sobol' } })
    for (const { params } of (await other.ask(20)).trials) search.tellExternal(params, bowl(params))
    const { trials } = await search.ask()
    expect(trials[0]).toMatchObject({ trial: 20, rule: 'expected-improvement' })
    expect(bowl(trials[0].params)).toBeLessThan(0.3)
  })

  it.each(algorithms)('leave the course of the search where it was: %s', async (algorithm) => {
    const enqueue = [
      { x: 0.1, k: 1 },
      { x: 0.2, k: 2 },
    ]
    const asked = async (between: boolean) => {
      const search = await createSearch({
        parameters,
        search: { algorithm: algorithm === 'bayesian' ? 'sobol' : algorithm, enqueue },
      })
      const found = []
      for (let i = 0; i < 6; i++) {
        if (between) search.tellExternal({ x: 0.9, k: 9 }, 1)
        found.push((await search.ask()).trials[0])
      }
      return found.map(({ params, entry, rule }) =>
        algorithm === 'random' && entry === undefined ? rule : [params, entry],
      )
    }
    expect(await asked(true)).toEqual(await asked(false))
  })
})

describe('ask-tell: fixed params', () => {
  const space = {
    method: { type: 'categorical', values: ['a', 'b'] },
    x: { type: 'float', min: 0, max: 1, when: { method: ['a'] } },
    k: { type: 'int', min: 1, max: 9 },
    z: { type: 'float', min: 0, max: 1, grid: 20 },
  } as const

  it.each(algorithms)(
    'are kept by every trial asked with them, never one twice, and what they depend on exists: %s',
    async (algorithm) => {
      const search = await createSearch({
        parameters: space,
        search: { algorithm, seed: 4, enqueue: [{ k: 9 }] },
      })
      const keys = new Set<string>()
      for (let i = 0; i < 12; i++) {
        const fixed = i % 3 === 2 ? { k: 2 } : { x: 0.25, k: 5 }
        const { trials } = await search.ask({ fixed })
        const { trial, params, entry } = trials[0]
        expect(params).toMatchObject(fixed)
        if ('x' in fixed) expect(params.method).toBe('a')
        expect(entry).toBeUndefined()
        keys.add(JSON.stringify(params))
        search.tell(trial, (params.z - 0.4) ** 2 + (params.method === 'a' ? (params.x as number) : 0))
      }
      expect(keys.size).toBe(12)
      // The list of what to try first has waited.
      expect((await search.ask()).trials[0]).toMatchObject({ rule: 'enqueued', entry: 0 })
      await expect(search.ask({ fixed: { k: 77 } })).rejects.toMatchObject({ code: 'USAGE' })
      await expect(search.ask({ fixed: { x: 0.1, method: 'b' } })).rejects.toMatchObject({ code: 'USAGE' })
    },
  )

  it('in a finite part of the space: all of it, then exhausted', async () => {
    for (const algorithm of algorithms) {
      const finite = { a: { type: 'int', min: 1, max: 4 }, b: { type: 'int', min: 1, max: 3 } } as const
      const search = await createSearch({ parameters: finite, search: { algorithm } })
      const { trials, exhausted } = await search.ask({ count: 9, fixed: { a: 2 } })
      expect(exhausted).toBe(true)
      expect(trials.map(({ params }) => params.b).sort()).toEqual([1, 2, 3])
      expect((await search.ask(99)).trials.length).toBe(9)
    }
  })

  it('by lines', async () => {
    const session = new AskTellSession()
    await talk(session, { op: 'open', parameters })
    const { trials } = await talk(session, { op: 'ask', count: 2, fixed: { x: 0.5 }, origin: true })
    expect(trials).toMatchObject([
      { trial: 0, params: { x: 0.5 }, rule: 'centre', origin: { fixed: { x: 0.5 } } },
      { trial: 1, params: { x: 0.5 } },
    ])
    expect((await talk(session, { op: 'ask', fixed: { y: 0.5 } })).error.code).toBe('USAGE')
    expect((await talk(session, { op: 'ask', fixed: 5 })).error.code).toBe('USAGE')
    await session.close()
  })
})

describe('ask-tell: repeats', () => {
  it.each(algorithms)('a finite space is gone through again: %s', async (algorithm) => {
    const finite = {
      a: { type: 'int', min: 1, max: 3 },
      b: { type: 'categorical', values: ['p', 'q'] },
    } as const
    const search = await createSearch({ parameters: finite, search: { algorithm, repeats: true } })
    const { trials, exhausted } = await search.ask(6)
    expect(exhausted).toBe(false)
    expect(new Set(trials.map(({ params }) => JSON.stringify(params))).size).toBe(6)
    for (const { trial, params } of trials) search.tell(trial, params.a)
    for (let i = 0; i < 14; i++) {
      const [{ trial, params, origin }] = (await search.ask()).trials
      expect(origin.repeat).toBe(true)
      search.tell(trial, params.a)
    }
    expect(search.best()).toMatchObject({ value: 1 })
  })
})

describe('ask-tell: a session that is restored', () => {
  const search = (algorithm: (typeof algorithms)[number], parallel = 1) => ({ algorithm, seed: 5, parallel })

  it.each(algorithms)(
    'suggests what it would have suggested, told the same trials under their numbers: %s',
    async (algorithm) => {
      for (const withOrigins of [true, false]) {
        const before = new AskTellSession()
        const open = { op: 'open', parameters, search: search(algorithm) }
        await talk(before, open)
        const tells: object[] = []
        for (let i = 0; i < 14; i++) {
          const { trials } = await talk(before, { op: 'ask', origin: true })
          const { trial, params, origin } = trials[0]
          const result = trial === 4 ? { state: 'failed' } : { value: bowl(params) }
          await talk(before, { op: 'tell', trial, ...result })
          tells.push({ op: 'tell', trial, params, ...(withOrigins && { origin }), ...result })
        }
        const after = new AskTellSession()
        await talk(after, open)
        // Told in another order, too.
        for (const tell of tells.reverse()) expect(await talk(after, tell)).toMatchObject({ ok: true })
        const next = { op: 'ask', count: 2, origin: true }
        expect(await talk(after, next)).toEqual(await talk(before, next))
        await before.close()
        await after.close()
      }
    },
  )

  it('with trials that were in flight, and a window of several', async () => {
    const before = await createSearch({ parameters, search: search('bayesian', 3) })
    const flight: { trial: number; params: { x: number; k: number } }[] = []
    const told: [{ x: number; k: number }, number, number][] = []
    for (let i = 0; i < 16; i++) {
      if (flight.length === 3) {
        const { trial, params } = flight.shift()!
        before.tell(trial, bowl(params))
        told.push([params, bowl(params), trial])
      }
      flight.push((await before.ask()).trials[0])
    }
    const after = await createSearch({ parameters, search: search('bayesian', 3) })
    for (const { trial, params } of flight) after.tellExternal(params, 'running', { trial })
    for (const [params, value, trial] of told) after.tellExternal(params, value, { trial })
    expect(await after.ask(2)).toEqual(await before.ask(2))
  })
})

it('askings at the same time get trials of their own', async () => {
  const search = await createSearch({ parameters, search: { algorithm: 'bayesian' } })
  const asked = await Promise.all([search.ask(2), search.ask(), search.ask({ fixed: { k: 2 } })])
  expect(asked.flatMap(({ trials }) => trials.map(({ trial }) => trial))).toEqual([0, 1, 2, 3])
})

it('a sweep says which entries of enqueue get no trial of their own', async () => {
  const warnings: string[] = []
  const whole = { scaling: 'none', weights: 'uniform' }
  // The partial ones are completed to the same params: only one is left that can be.
  const fixed = {
    ...wineKnn.parameters,
    scaling: 'none',
    weights: { type: 'categorical', values: ['uniform'] },
  }
  const enqueue: Params[] = [{ k: 2, ...whole }, { k: 3, ...whole }, { ...whole, k: 2 }, { k: 4 }, { k: 4 }]
  const result = await sweep(
    { ...wineKnn, parameters: fixed, search: { algorithm: 'random', trials: 4, enqueue } } as SweepFileJson,
    {
      store: join(await temporaryDirectory(), 'runs'),
      onEvent: (event) => {
        if (event.type === 'warning') warnings.push(event.message)
      },
    },
  )
  expect(result.trials.finished).toBe(4)
  expect(warnings).toEqual([
    expect.stringMatching(/enqueue\[2\] has the same params as search\.enqueue\[0\], which is trial 0/),
    expect.stringMatching(/enqueue\[4\] has the same params as search\.enqueue\[3\], which is trial 2/),
  ])
})

it('a Bayesian search of more parameters than its model can take is refused when it is opened', async () => {
  const parameters = Object.fromEntries(
    Array.from({ length: 2001 }, (_, i) => [`p${i}`, { type: 'int', min: 0, max: 1 } as const]),
  )
  await expect(createSearch({ parameters })).rejects.toThrow(/at most 2000 .*got 2001.*"random" or "sobol"/)
  await expect(sweep({ parameters, trainer: 'knn-classifier' } as SweepFileJson, {})).rejects.toThrow(
    /at most 2000/,
  )
  const search = await createSearch({ parameters, search: { algorithm: 'sobol' } })
  expect((await search.ask()).trials).toHaveLength(1)
  await search.close()
})
