/** The search alone: in the library, and over lines of JSON. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSearch } from '../../src/index.js'
import { AskTellSession } from '../../src/launch/index.js'

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
      { trial: 0, params: expect.any(Object) },
      { trial: 1, params: expect.any(Object) },
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
