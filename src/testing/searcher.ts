/**
 * The laws every searcher keeps, whatever its algorithm.
 *
 * `searcherLaws` is called once for each algorithm; it asks for searchers and builds spaces itself.
 * An algorithm that is slow a suggestion still passes in a few seconds: about 1,500 suggestions in all.
 */
import { randomStream } from '../numeric/index.js'
import type {
  History,
  ObservedTrial,
  PendingTrial,
  Searcher,
  SearchSettings,
  Suggestion,
} from '../search/index.js'
import { createSpace, type ParameterJson, type Space } from '../space/index.js'
import type { Params } from '../values.js'
import type { TestFramework } from './framework.js'

/** Settings of the search, whatever the algorithm. */
export type LawSettings = Omit<SearchSettings, 'algorithm'>

export type MakeSearcher = (space: Space, settings: LawSettings) => Searcher | Promise<Searcher>

export interface LawOptions {
  /** Whether the algorithm goes through the cells of the grid, and ends there, instead of the whole space. */
  readonly grid?: boolean
}

// ---- spaces ----------------------------------------------------------------------------------------------

type Parameters = Record<string, ParameterJson>

const mixed: Parameters = {
  rate: { type: 'float', min: 1e-5, max: 1, scale: 'log', grid: 3 },
  depth: { type: 'int', min: 1, max: 12, grid: 3 },
  optimizer: { type: 'categorical', values: ['sgd', 'adam', null, false] },
  momentum: { type: 'float', min: 0, max: 0.95, step: 0.05, grid: 3, when: { optimizer: ['sgd'] } },
  nesterov: { type: 'categorical', values: [true, false], when: { optimizer: ['sgd'], momentum: [0, 0.95] } },
  size: { type: 'ordinal', values: [16, 32, 64] },
  epochs: 20,
}

/** Finite spaces and how many different params they have, worked out by hand. */
const finite: readonly { name: string; size: number; parameters: Parameters }[] = [
  { name: 'constants only', size: 1, parameters: { a: 3, b: 'x', c: null } },
  { name: 'one value', size: 1, parameters: { a: { type: 'categorical', values: ['only'] } } },
  { name: 'one categorical', size: 2, parameters: { a: { type: 'categorical', values: ['x', 'y'] } } },
  { name: 'one integer', size: 7, parameters: { a: { type: 'int', min: -3, max: 3 } } },
  {
    name: 'a branch without children, hardly ever drawn',
    size: 26,
    parameters: {
      on: { type: 'int', min: 1, max: 6, scale: 'log' },
      deep: { type: 'int', min: 1, max: 21, when: { on: [6] } },
    },
  },
  {
    name: 'nested conditions listed before their parents',
    size: 3 * (1 + 4 + 2 * 5),
    parameters: {
      leaf: { type: 'int', min: 1, max: 5, when: { inner: ['p', 'q'] } },
      inner: { type: 'categorical', values: ['p', 'q', 'r', 's', 't', 'u'], when: { outer: ['on'] } },
      outer: { type: 'categorical', values: ['off', 'on'] },
      other: { type: 'ordinal', values: [1, 10, 100] },
    },
  },
  {
    name: 'steps and logarithms',
    size: 5 * 20 * 2,
    parameters: {
      step: { type: 'float', min: 0, max: 1, step: 0.25 },
      log: { type: 'int', min: 1, max: 20, scale: 'log' },
      flag: { type: 'categorical', values: [true, false] },
    },
  },
]

function wide(dimensions: number): Parameters {
  const kinds: ParameterJson[] = [
    { type: 'float', min: -5, max: 5, grid: 2 },
    { type: 'int', min: 1, max: 1000, scale: 'log', grid: 2 },
    { type: 'categorical', values: ['a', 'b', 'c'] },
    { type: 'float', min: 1e-8, max: 1, scale: 'log', grid: 2 },
  ]
  return Object.fromEntries(Array.from({ length: dimensions }, (_, i) => [`p${i}`, kinds[i % kinds.length]]))
}

// ---- a sweep in miniature --------------------------------------------------------------------------------

interface Asked {
  readonly history: History
  readonly trial: number
  readonly suggestion: Suggestion | null
}

type Objective = (params: Params, trial: number) => Pick<ObservedTrial, 'outcome' | 'values' | 'extraNoise'>

/** A noisy bowl; every fifth trial fails and every seventh is pruned. */
const eventful: Objective = (params, trial) => {
  const random = randomStream(1, 'objective', trial)
  if (random.integer(5) === 0) return { outcome: 'failed', values: [] }
  const value = Object.values(params).reduce<number>(
    (sum, v) => sum + (typeof v === 'number' ? Math.sin(v) : String(v).length / 10),
    0.1 * random.normal(),
  )
  return random.integer(7) === 0
    ? { outcome: 'pruned', values: [value], extraNoise: 0.04 }
    : { outcome: 'finished', values: [value] }
}
const allFail: Objective = () => ({ outcome: 'failed', values: [] })

/** Runs the window of a sweep: trial k sees the outcomes of trials up to k − parallel; what was asked, in order. */
async function sweep(
  searcher: Searcher,
  {
    trials,
    parallel = 4,
    objective = eventful,
  }: { trials: number; parallel?: number; objective?: Objective },
): Promise<Asked[]> {
  const suggested: PendingTrial[] = []
  const known: ObservedTrial[] = []
  const asked: Asked[] = []
  for (let trial = 0; trial < trials; trial++) {
    while (known.length < trial - parallel + 1) {
      const ended = suggested[known.length]
      known.push({ ...ended, ...objective(ended.params, ended.trial) })
    }
    const history: History = {
      directions: ['minimize'],
      trials: known,
      pending: suggested.slice(known.length),
    }
    const suggestion = await searcher.suggest(history, trial)
    asked.push({ history: { ...history, trials: [...known] }, trial, suggestion })
    if (suggestion === null) break
    suggested.push({ trial, ...suggestion })
  }
  return asked
}

const proposals = (asked: readonly Asked[]): Suggestion[] =>
  asked.flatMap(({ suggestion }) => suggestion ?? [])
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value))
const texts = (suggestions: readonly (Suggestion | null)[]) =>
  suggestions.map((suggestion) => JSON.stringify(suggestion))

/** How often each params was proposed, by key. */
function counts(space: Space, suggestions: readonly Suggestion[]): Map<string, number> {
  const result = new Map<string, number>()
  for (const { params } of suggestions) {
    const key = space.key(params)
    result.set(key, (result.get(key) ?? 0) + 1)
  }
  return result
}

// ---- the laws --------------------------------------------------------------------------------------------

export function searcherLaws(
  { describe, it, expect }: TestFramework,
  name: string,
  makeSearcher: MakeSearcher,
  options: LawOptions = {},
): void {
  const make = async (space: Space, overrides: Partial<LawSettings> = {}) =>
    makeSearcher(space, { seed: 5, parallel: 4, trials: null, ...overrides })

  for (const [where, parameters] of [
    ['an endless space', mixed],
    ['a finite space', finite[5].parameters],
  ] as const)
    describe(`${name}: the history is the only state, in ${where}`, () => {
      const trials = 40
      const space = createSpace(parameters)

      it('a fresh searcher suggests the same from a copy of the history, bit for bit', async () => {
        const asked = await sweep(await make(space), { trials })
        expect(proposals(asked)).toHaveLength(trials)
        for (const { history, trial, suggestion } of asked.filter((_, i) => i < 10 || i % 5 === 0)) {
          const again = await (await make(createSpace(copy(parameters)))).suggest(copy(history), trial)
          expect(JSON.stringify(again)).toBe(JSON.stringify(suggestion))
        }
      })

      it('whichever suggestions were asked before, in whatever order', async () => {
        const asked = await sweep(await make(space), { trials })
        const expected = texts(asked.map(({ suggestion }) => suggestion))
        const askAll = async (searcher: Searcher, order: readonly number[]) => {
          for (const i of order) {
            const { history, trial } = asked[i]
            expect(JSON.stringify(await searcher.suggest(history, trial))).toBe(expected[i])
          }
        }
        // Every third, backwards, to and fro, and each twice.
        await askAll(
          await make(space),
          asked.map((_, i) => i).filter((i) => i % 3 === 0),
        )
        await askAll(await make(space), [39, 30, 21, 12, 11, 3, 0])
        await askAll(await make(space), [8, 8, 25, 4, 39, 39, 5, 26])
        // After the history of another sweep altogether, longer or shorter.
        const others = await sweep(await make(space, { seed: 99, enqueue: [space.centre()] }), {
          trials,
          objective: allFail,
        })
        const searcher = await make(space)
        for (const i of [39, 7, 24, 33]) {
          const other = others[(i + 13) % trials]
          await searcher.suggest(other.history, other.trial)
          await askAll(searcher, [i])
        }
      })

      it('an array of outcomes may also grow in the middle, when outcomes are told out of order', async () => {
        const searcher = await make(space)
        const trials: ObservedTrial[] = []
        let pending: PendingTrial[] = []
        const order = randomStream(3, 'order of telling')
        for (let trial = 0; trial < 36; trial++) {
          const history: History = { directions: ['maximize'], trials, pending }
          const suggestion = (await searcher.suggest(history, trial))!
          const fresh = await (await make(space)).suggest(copy(history), trial)
          expect(JSON.stringify(fresh)).toBe(JSON.stringify(suggestion))
          pending.push({ trial, ...suggestion })
          if (pending.length < 5) continue
          const told = pending[order.integer(pending.length)]
          pending = pending.filter((one) => one !== told)
          trials.push({ ...told, ...eventful(told.params, told.trial) })
          trials.sort((a, b) => a.trial - b.trial)
        }
      })
    })

  describe(`${name}: what a suggestion is`, () => {
    it('the origin is plain JSON with a rule', async () => {
      for (const { origin } of proposals(await sweep(await make(createSpace(mixed)), { trials: 20 }))) {
        expect(copy(origin)).toEqual(origin)
        expect(origin.rule).toMatch(/^[a-z-]+$/)
      }
    })

    if (!options.grid) {
      it('another seed is another search', async () => {
        const space = createSpace(mixed)
        const [a, b] = await Promise.all(
          [1, 2].map(async (seed) => proposals(await sweep(await make(space, { seed }), { trials: 8 }))),
        )
        expect(texts(a)).not.toEqual(texts(b))
      })
    }
  })

  describe(`${name}: a finite space is tried out without a repeat, then null`, () => {
    for (const { name: what, size, parameters } of finite)
      it(`${what}: ${size} params`, async () => {
        const space = createSpace(parameters)
        expect(space.size).toBe(size)
        const asked = await sweep(await make(space), { trials: size + 1 })
        expect(counts(space, proposals(asked)).size).toBe(size)
        expect(asked).toHaveLength(size + 1)
        const { history, trial, suggestion } = asked.at(-1)!
        expect(suggestion).toBeNull()
        expect(await (await make(space)).suggest(copy(history), trial)).toBeNull()
      })

    it('also when every trial fails', async () => {
      const { size, parameters } = finite[3]
      const space = createSpace(parameters)
      const asked = await sweep(await make(space), { trials: size + 5, objective: allFail })
      expect(counts(space, proposals(asked)).size).toBe(size)
      expect(asked.at(-1)!.suggestion).toBeNull()
    })

    it('also when all of it is pending', async () => {
      const { size, parameters } = finite[4]
      const space = createSpace(parameters)
      const asked = await sweep(await make(space), { trials: size + 5, parallel: 100 })
      expect(asked.every(({ history }) => history.trials.length === 0)).toBe(true)
      expect(counts(space, proposals(asked)).size).toBe(size)
      expect(asked.at(-1)!.suggestion).toBeNull()
    })

    it('without what a warm start knows', async () => {
      const { size, parameters } = finite[4]
      const space = createSpace(parameters)
      const warmStart: SearchSettings['warmStart'] = [
        { params: { on: 1 }, value: 0.5 },
        { params: { on: 6, deep: 3 }, value: 0.25 },
        { params: { deep: 3, on: 6 }, value: 0.27 },
      ]
      const found = counts(space, proposals(await sweep(await make(space, { warmStart }), { trials: size })))
      expect(found.size).toBe(size - 2)
      for (const { params } of warmStart) expect(found.has(space.key(params))).toBe(false)
      const all: Params[] = [1, 2, 3, 4, 5].map((on) => ({ on }))
      for (let deep = 1; deep <= 21; deep++) all.push({ on: 6, deep })
      const exhausted = await make(space, { warmStart: all.map((params) => ({ params, value: 1 })) })
      expect(await exhausted.suggest({ directions: ['minimize'], trials: [], pending: [] }, 0)).toBeNull()
    })

    it('each params as often as `replicates` says, one after the other', async () => {
      const { size, parameters } = finite[3]
      const space = createSpace(parameters)
      const asked = await sweep(await make(space, { replicates: 3 }), { trials: 3 * size + 1 })
      expect(asked.at(-1)!.suggestion).toBeNull()
      const found = proposals(asked)
      expect([...counts(space, found).values()]).toEqual(new Array(size).fill(3))
      found.forEach(({ params, origin }, trial) => {
        expect(origin.replicate).toBe((trial % 3) + 1)
        expect(params).toEqual(found[trial - (trial % 3)].params)
      })
    })
  })

  describe(`${name}: every proposal is possible in the space`, () => {
    for (const dimensions of [1, 2, 5, 13, 30, 100])
      it(`${dimensions} dimensions`, async () => {
        const space = createSpace(wide(dimensions))
        const asked = await sweep(await make(space), { trials: 14 })
        for (const { params } of proposals(asked)) expect(space.check(params)).toEqual([])
        expect(counts(space, proposals(asked)).size).toBe(
          options.grid ? Math.min(14, space.gridSize) : proposals(asked).length,
        )
      })

    it('with conditions, steps, ordinals and constants; params come whole', async () => {
      const space = createSpace(mixed)
      const found = proposals(await sweep(await make(space), { trials: 40 }))
      expect(found).toHaveLength(40)
      for (const { params } of found) {
        expect(space.check(params)).toEqual([])
        expect(params.epochs).toBe(20)
        expect('momentum' in params).toBe(params.optimizer === 'sgd')
        expect(space.decode(space.encode(params))).toEqual(params)
      }
    })

    it('in a range that holds a handful of different numbers, each of them once', async () => {
      const space = createSpace({ x: { type: 'float', min: 1, max: 1 + 4 * Number.EPSILON } })
      const asked = await sweep(await make(space), { trials: 8 })
      expect(asked.at(-1)!.suggestion).toBeNull()
      const found = counts(space, proposals(asked))
      expect(found.size).toBe(proposals(asked).length)
      expect(found.size).toBe(5)
    })
  })

  describe(`${name}: params to try first`, () => {
    const enqueue: Params[] = [
      { rate: 0.01, depth: 3, optimizer: 'adam', size: 32, epochs: 20 },
      { optimizer: 'sgd', momentum: 0.95 },
      { size: 32, depth: 3, epochs: 20, rate: 0.01, optimizer: 'adam' },
      {},
      { rate: 1e-5 },
    ]

    it('come first, in their order; partial ones are completed, what came before is passed over', async () => {
      const space = createSpace(mixed)
      const found = proposals(await sweep(await make(space, { enqueue }), { trials: 12 }))
      expect(found).toHaveLength(12)
      const first = found.slice(0, 4)
      expect(first.map(({ origin }) => origin)).toEqual(
        [0, 1, 3, 4].map((index) => ({ rule: 'enqueued', index })),
      )
      expect(first[0].params).toEqual(enqueue[0])
      expect(first[1].params).toMatchObject(enqueue[1])
      expect(first[3].params).toMatchObject(enqueue[4])
      for (const { params } of found) expect(space.check(params)).toEqual([])
      for (const { origin } of found.slice(4)) expect(origin.rule).not.toBe('enqueued')
      expect(counts(space, found).size).toBe(12)
    })

    it('as the history is the only state: a fresh searcher goes on anywhere in the list', async () => {
      const space = createSpace(mixed)
      for (const replicates of [1, 2]) {
        const asked = await sweep(await make(space, { enqueue, replicates }), { trials: 12, parallel: 2 })
        for (const { history, trial, suggestion } of asked) {
          const again = await (await make(space, { enqueue, replicates })).suggest(copy(history), trial)
          expect(JSON.stringify(again)).toBe(JSON.stringify(suggestion))
        }
      }
    })

    it('are passed over where a warm start knows them, and count towards the end of a finite space', async () => {
      const { size, parameters } = finite[3]
      const space = createSpace(parameters)
      const settings: Partial<LawSettings> = {
        enqueue: [{ a: 2 }, { a: -1 }, {}],
        warmStart: [{ params: { a: 2 }, value: 1 }],
      }
      const asked = await sweep(await make(space, settings), { trials: size + 1 })
      expect(proposals(asked)[0]).toEqual({ params: { a: -1 }, origin: { rule: 'enqueued', index: 1 } })
      expect(counts(space, proposals(asked)).size).toBe(size - 1)
      expect(asked).toHaveLength(size)
    })

    it('are refused, all at once, where they are not possible', async () => {
      const wrong = [{ rate: 5 }, { optimiser: 'adam' }, { optimizer: 'adam', momentum: 0.5 }] as Params[]
      const refused = make(createSpace(mixed), { enqueue: wrong })
      await expect(refused).rejects.toMatchObject({
        code: 'USAGE',
        problems: [
          { path: expect.stringMatching(/^enqueue\[0\].*rate/) },
          { path: expect.stringMatching(/^enqueue\[1\].*optimiser/) },
          { path: expect.stringMatching(/^enqueue\[2\].*momentum/) },
        ],
      })
    })
  })

  describe(`${name}: any history will do`, () => {
    const objectives: Record<string, Objective> = {
      'all trials failed': allFail,
      'all values equal': () => ({ outcome: 'finished', values: [0.5] }),
      'all trials pruned': (_, trial) => ({ outcome: 'pruned', values: [trial / 10], extraNoise: 0.5 }),
      'values of every size': (_, trial) => ({
        outcome: 'finished',
        values: [[1e308, -1e308, 0, 1e-300, -5, 7e12][trial % 6]],
      }),
      'one success among failures': (_, trial) =>
        trial === 3 ? { outcome: 'finished', values: [1] } : { outcome: 'failed', values: [] },
    }
    for (const [what, objective] of Object.entries(objectives))
      it(what, async () => {
        const space = createSpace(mixed)
        const found = proposals(await sweep(await make(space), { trials: 24, objective, parallel: 3 }))
        expect(counts(space, found).size).toBe(24)
        for (const { params } of found) expect(space.check(params)).toEqual([])
      })

    for (const replicates of [1, 3])
      it(`outcomes in the order of arrival, without a repeat too many (${replicates} replicates)`, async () => {
        const { size, parameters } = finite[4]
        const space = createSpace(parameters)
        const searcher = await make(space, { replicates })
        const random = randomStream(8, 'arrival')
        const arrived: ObservedTrial[] = []
        let inFlight: PendingTrial[] = []
        const found: Suggestion[] = []
        for (let trial = 0; trial < size * replicates; trial++) {
          const history: History = { directions: ['minimize'], trials: arrived, pending: inFlight }
          const suggestion = (await searcher.suggest(history, trial))!
          found.push(suggestion)
          inFlight.push({ trial, ...suggestion })
          if (inFlight.length < 4) continue
          const ended = inFlight[random.integer(4)]
          inFlight = inFlight.filter((one) => one !== ended)
          arrived.push({ ...ended, ...eventful(ended.params, ended.trial) })
        }
        expect([...counts(space, found).values()]).toEqual(new Array(size).fill(replicates))
        const history: History = { directions: ['minimize'], trials: arrived, pending: inFlight }
        expect(await searcher.suggest(history, size * replicates)).toBeNull()
      })
  })
}
