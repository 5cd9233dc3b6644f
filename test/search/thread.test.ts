import { describe, expect, it } from 'vitest'
import {
  createSearcher,
  createThreadedSearcher,
  type History,
  type ObservedTrial,
  type SearchSettings,
  type Suggestion,
} from '../../src/search/index.js'
import { parametersJson } from '../../src/search/parameters-json.js'
import { createSpace } from '../../src/space/index.js'
import type { Params } from '../../src/values.js'

const space = createSpace({
  rate: { type: 'float', min: 1e-5, max: 1, scale: 'log' },
  depth: { type: 'int', min: 1, max: 12, default: 3 },
  size: { type: 'ordinal', values: [16, 32, 64] },
  method: { type: 'categorical', values: ['a', 'b', null] },
  share: { type: 'float', min: 0, max: 0.95, step: 0.05, grid: 3, when: { method: ['a', null] } },
  epochs: 20,
})
const settings: SearchSettings = { algorithm: 'bayesian', seed: 4, trials: 40, parallel: 2 }
const outcomeOf = (params: Params) => Math.log(params.rate as number) ** 2 + (params.depth as number)

/** A history, and what the searcher in this thread suggests after each part of it. */
async function sweep(trials: number) {
  const searcher = await createSearcher(space, settings)
  const suggestions: Suggestion[] = []
  const histories: History[] = []
  for (let trial = 0; trial < trials; trial++) {
    const known = Math.max(0, trial - 1)
    const observed = suggestions.slice(0, known).map(
      (suggestion, k): ObservedTrial => ({
        trial: k,
        ...suggestion,
        outcome: 'finished',
        values: [outcomeOf(suggestion.params)],
      }),
    )
    const pending = suggestions.slice(known).map((suggestion, k) => ({ trial: known + k, ...suggestion }))
    histories.push({ directions: ['minimize'], trials: observed, pending })
    suggestions.push((await searcher.suggest(histories[trial], trial))!)
  }
  return { suggestions, histories }
}

describe('a searcher in its own thread', () => {
  it('suggests the same bit for bit, history growing, starting afresh, or going back', async () => {
    const { suggestions, histories } = await sweep(18)
    const threaded = await createThreadedSearcher(space, settings)
    // One growing array, as a sweep has it.
    const growing: ObservedTrial[] = []
    for (let trial = 0; trial < 18; trial++) {
      growing.push(...histories[trial].trials.slice(growing.length))
      expect(await threaded.suggest({ ...histories[trial], trials: growing }, trial)).toEqual(
        suggestions[trial],
      )
    }
    for (const trial of [5, 17, 16, 2]) {
      expect(await threaded.suggest(histories[trial], trial)).toEqual(suggestions[trial])
    }
    await threaded.close!()
  })

  it('answers questions asked at once, each with its own', async () => {
    const { suggestions, histories } = await sweep(14)
    const threaded = await createThreadedSearcher(space, settings)
    const asked = [13, 3, 11].map((trial) => threaded.suggest(histories[trial], trial))
    expect(await Promise.all(asked)).toEqual([13, 3, 11].map((trial) => suggestions[trial]))
    await threaded.close!()
  })

  it('leaves this thread free while it thinks', async () => {
    const threaded = await createThreadedSearcher(space, settings)
    const { histories } = await sweep(12)
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    await threaded.suggest(histories[11], 11)
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(0)
    await threaded.close!()
  })

  it('refuses wrong settings with the same error', async () => {
    const wrong = { ...settings, enqueue: [{ depth: 99 }] }
    const here = await createSearcher(space, wrong).catch((error) => error)
    const there = await createThreadedSearcher(space, wrong).catch((error) => error)
    expect(there).toBeInstanceOf(Error)
    expect({ ...there, message: there.message }).toEqual({ ...here, message: here.message })
  })

  it('once closed, answers with an error', async () => {
    const threaded = await createThreadedSearcher(space, settings)
    await threaded.close!()
    await expect(threaded.suggest({ directions: ['minimize'], trials: [], pending: [] }, 0)).rejects.toThrow(
      'closed',
    )
  })

  it('other algorithms stay in this thread', async () => {
    const searcher = await createThreadedSearcher(space, { ...settings, algorithm: 'sobol' })
    expect(searcher.suggest({ directions: ['minimize'], trials: [], pending: [] }, 0)).not.toBeInstanceOf(
      Promise,
    )
  })
})

it('parameters written as JSON are the same parameters when read', () => {
  expect(createSpace(parametersJson(space.parameters)).parameters).toEqual(space.parameters)
})
