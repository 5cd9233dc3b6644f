/** What a program passes to the library, wrong: refused before anything runs, with what is allowed. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  createSearch,
  defineSpace,
  loadModel,
  openStore,
  type ParamsOf,
  reproduceRun,
  resumeSweep,
  type Search,
  sweep,
} from '../../src/index.js'
import { temporaryDirectory } from './support.js'

// A program in JavaScript has no compiler that would refuse these.
type Loose = (...args: unknown[]) => Promise<unknown>
const loose = { sweep, resumeSweep, reproduceRun, createSearch, openStore, loadModel } as unknown as Record<
  'sweep' | 'resumeSweep' | 'reproduceRun' | 'createSearch' | 'openStore' | 'loadModel',
  Loose
>
const definition = { parameters: { x: { type: 'float', min: 0, max: 1 } }, search: { trials: 2 } } as const
const run = ({ x }: { x: number }) => x

describe('a wrong call', () => {
  const options = (given: object) => () => loose.sweep(definition, { run, store: '/nowhere', ...given })
  it.each([
    ['a misspelt option', options({ tirals: 3 }), /"tirals" is no option; did you mean "trials"\?/],
    [
      'options that are none',
      () => loose.sweep(definition, null),
      /options of a sweep must be an object \(got null\)/,
    ],
    ['an objective that is no function', options({ run: 5 }), /"run" must be a function \(got 5\)/],
    ['a listener that is none', options({ onEvent: 'x' }), /"onEvent" must be a function/],
    ['a signal that is none', options({ signal: {} }), /"signal" must be an AbortSignal \(got {}\)/],
    ['a store that is no path', options({ store: 5 }), /"store" must be a text that is not empty \(got 5\)/],
    ['two trainers', options({ trainer: 'knn-classifier' }), /got both/],
    [
      'several at once',
      options({ workers: 0, order: 'random', seeds: 1 }),
      /"workers" .*; "order" .*; "seeds" is no option; did you mean "seed"/,
    ],
    ['a sweep file elsewhere', () => loose.sweep(new URL('https://example.org/a.json')), /on this machine/],
    ['a misspelt option of resume', () => loose.resumeSweep('a', { worker: 1 }), /did you mean "workers"/],
    ['a misspelt option of reproduce', () => loose.reproduceRun('a', { stor: 1 }), /did you mean "store"/],
    ['no search', () => loose.createSearch(), /options of a search must be an object \(got nothing\)/],
    [
      'a misspelt entry of a search',
      () => loose.createSearch({ ...definition, direktion: 'minimize' }),
      /did you mean "direction"/,
    ],
    [
      'what only a sweep heeds',
      () => loose.createSearch({ ...definition, search: { stopAt: 1 } }),
      /"stopAt", which a sweep heeds/,
    ],
    ['a store of another kind', () => loose.openStore(5), /directory of a store must be a text/],
  ])('%s', async (_, call, message) => {
    await expect(call()).rejects.toMatchObject({ code: 'USAGE', message: expect.stringMatching(message) })
  })

  it('a trainer that is none', async () => {
    await expect(loose.sweep(definition, { trainer: { name: 'x', fit: 1 } })).rejects.toMatchObject({
      code: 'TRAINER_INVALID',
      message: expect.stringMatching(/^the option "trainer" is no trainer: "task" .*; "fit" .*; "load"/),
    })
  })

  it('a model that names no trainer', async () => {
    const model = { format: 'espalier-model', version: 1, signature: { columns: [] }, state: 1 }
    await expect(loose.loadModel({ ...model, trainer: { kind: 'built-in' } })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
    })
    const trainer = { kind: 'built-in', name: 'knn-classifier' }
    await expect(loose.loadModel({ ...model, trainer, signature: { columns: [{}] } })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(/^signature\./),
    })
  })
})

describe('a wrong question to a store', () => {
  it('is refused instead of answered with everything', async () => {
    const directory = await temporaryDirectory()
    await sweep(definition, { run, store: directory })
    const store = (await openStore(directory)) as unknown as Record<string, Loose>
    const [{ id }] = (await store.sweeps()) as { id: string }[]
    for (const [call, message] of [
      [() => store.bestRun({ experment: 'x' }), /did you mean "experiment"/],
      [() => store.bestRun({ direction: 'up' }), /"direction" must be one of minimize, maximize/],
      [() => store.bestRun(id), /options of the best run must be an object/],
      [() => store.runs({ status: 'done' }), /"status" must be one of running, finished/],
      [() => store.runs({ limit: -1 }), /"limit" must be a whole number/],
      [() => store.sweeps({ metric: 'x' }), /"metric" is no option/],
      [() => store.run(), /id of a run must be a text \(got nothing\)/],
      [() => store.trials(5), /id of a sweep must be a text/],
      [() => store.compare(id), /must be a list of ids/],
      [() => store.exportRuns({}, 'xml'), /must be one of csv, json \(got "xml"\)/],
      [() => store.tag(id, { kind: 5 }), /the tag "kind" must be a text/],
    ] as const) {
      await expect(call()).rejects.toMatchObject({ code: 'USAGE', message: expect.stringMatching(message) })
    }
  })
})

describe('createSearch', () => {
  it('takes a space and types its params', async () => {
    const space = defineSpace({
      kind: { type: 'categorical', values: ['a', 'b'] },
      x: { type: 'float', min: 0, max: 1, when: { kind: ['a'] } },
    })
    const search = await createSearch({ parameters: space, search: { algorithm: 'random', seed: 1 } })
    expectTypeOf(search).toEqualTypeOf<Search<ParamsOf<typeof space>>>()
    const { trials } = await search.ask(8)
    expect(new Set(trials.map(({ params }) => 'x' in params === (params.kind === 'a')))).toEqual(
      new Set([true]),
    )
    await search.close()
    await expect(search.ask()).rejects.toMatchObject({ code: 'USAGE' })
    // @ts-expect-error: an entry that there is not
    await expect(createSearch({ parameters: space, search: { algoritm: 'grid' } })).rejects.toMatchObject({
      code: 'SPACE_INVALID',
    })
  })
})

it('parameters that an objective does not describe are refused before the sweep', async () => {
  const directory = await temporaryDirectory()
  const file = join(directory, 'mine.mjs')
  const described = '[{ name: "rate", description: "", type: "float", default: 0, min: 0, max: 1 }]'
  await writeFile(file, `export default { name: 'mine', objective: () => 1, hyperparameters: ${described} }`)
  await expect(
    sweep({ parameters: { rat: 0.5 } }, { trainer: file, store: join(directory, 'runs') }),
  ).rejects.toMatchObject({
    code: 'SPACE_INVALID',
    problems: [{ path: 'parameters.rat', message: expect.stringContaining('did you mean "rate"?') }],
  })
})
