/** A sweep's spec and its file are two forms of one thing: what a spec asks for, asked again, is that spec. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { prepareSweep } from '../../../src/launch/prepare.js'
import { askedOf } from '../../../src/launch/spec/file.js'
import type { Asked, BesideFile, SweepSpec } from '../../../src/launch/spec/types.js'
import { recordedSpec, specOf } from '../../../src/launch/spec/version.js'
import { type DataJson, parseSweepFile, type SweepFileJson } from '../../../src/space/index.js'
import { arbitraryParameters } from '../../space/arbitrary.js'
import { temporaryDirectory } from '../support.js'

const directory = await temporaryDirectory()
const rows = Array.from({ length: 24 }, (_, i) => `${i % 5},${(i * 7) % 11},g${i % 6},${i},${1 + (i % 3)}`)
const table = ['a,b,house,day,mass,kind', ...rows.map((row, i) => `${row},${i % 2 ? 'x' : 'y'}`)].join('\n')
writeFileSync(join(directory, 'rows.csv'), table)
writeFileSync(join(directory, 'test.csv'), table)
writeFileSync(join(directory, 'height.mjs'), 'export default { name: "height", objective: () => 1 }')
writeFileSync(join(directory, 'train.sh'), 'echo')

const seldom = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const some = <T>(keys: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(keys, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>

const direction = fc.constantFrom('minimize', 'maximize')
const steps = { minSteps: fc.integer({ min: 1, max: 9 }) }
const otherMetric = { metric: fc.constant('height'), direction }
const stepPruner = fc.oneof(
  fc.constantFrom('none', 'median', 'halving'),
  ...[{}, otherMetric].flatMap((metric) => [
    fc.record({ name: fc.constant('median'), ...metric, minTrials: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ name: fc.constant('halving'), ...metric, ...steps, factor: fc.integer({ min: 2, max: 4 }) }),
  ]),
)
const foldPruner = fc.oneof(
  fc.constantFrom('none', 'folds'),
  fc.record({ name: fc.constant('folds'), minFolds: fc.integer({ min: 1, max: 3 }) }),
)

function searchWith(
  pruner: fc.Arbitrary<unknown>,
  enqueue: fc.Arbitrary<unknown>,
  advice: fc.Arbitrary<unknown>,
) {
  return some({
    algorithm: fc.constantFrom('grid', 'random', 'sobol', 'bayesian'),
    trials: fc.integer({ min: 1, max: 99 }),
    parallel: fc.integer({ min: 1, max: 9 }),
    seed: fc.nat(),
    replicates: fc.integer({ min: 1, max: 3 }),
    stopAt: fc.double({ noNaN: true, noDefaultInfinity: true }),
    pruner,
    enqueue,
    advice,
  })
}

const about = some({
  name: fc.constant('it'),
  description: fc.string(),
  $schema: fc.constant('x.json'),
  limits: some({ artifactsMB: fc.integer({ min: 0, max: 4096 }) }),
})

const objectiveOfSteps = seldom(
  some({ metric: fc.constant('loss'), direction, at: fc.constantFrom('best', 'last') }),
)
/** A program with every parameter in its command. (A module takes a thread to import: one is below.) */
const objective = fc.tuple(arbitraryParameters(), objectiveOfSteps, about).chain(([parameters, goal, said]) =>
  searchWith(stepPruner, fc.constant([{}]), fc.constant('off')).map((search) => ({
    ...said,
    trainer: { command: ['sh', './train.sh', ...Object.keys(parameters).map((name) => `{${name}}`)] },
    objective: goal,
    search,
    parameters,
  })),
)

const classifier = fc
  .tuple(
    about,
    seldom(some({ metric: fc.constant('accuracy'), direction: fc.constant('maximize') })),
    some({
      format: fc.constant('csv'),
      exclude: fc.constant(['b']),
      types: fc.constant({ b: 'text' }),
      weight: fc.constant('mass'),
      testFile: fc.constant('./test.csv'),
    } as unknown as { [K in keyof DataJson]: fc.Arbitrary<DataJson[K]> }),
    fc.oneof(
      some({ folds: fc.integer({ min: 2, max: 4 }), stratified: fc.boolean(), holdout: fc.constant(0.25) }),
      fc.record({ scheme: fc.constant('repeated-k-fold'), folds: fc.constant(2), repeats: fc.constant(2) }),
      fc.record({ scheme: fc.constant('group-k-fold'), folds: fc.constant(2) }),
      fc.record({ scheme: fc.constant('split'), fraction: fc.constant(0.4) }),
      fc.record({ scheme: fc.constant('time-series'), folds: fc.constant(3) }),
    ),
    some({
      metrics: fc.constantFrom(['matthews', 'pooled:rocAuc'], ['recall:x', 'brier']),
      threshold: fc.constantFrom({ metric: 'f1' }, { metric: 'kappa', positive: 'x' }),
    } as { [K in 'metrics' | 'threshold']: fc.Arbitrary<NonNullable<SweepFileJson[K]>> }),
  )
  .chain(([said, goal, settings, validation, judged]) => {
    const scheme = (validation as { scheme?: string }).scheme
    const role =
      scheme === 'group-k-fold' ? { group: 'house' } : scheme === 'time-series' ? { time: 'day' } : {}
    const { testFile, ...columns } = settings as Partial<DataJson>
    const withTest = testFile === undefined || 'holdout' in validation ? {} : { testFile }
    return searchWith(
      foldPruner,
      fc.constant([{ l2: 0.5 }]),
      fc.constantFrom(...(scheme === 'split' ? ['off'] : ['off', 'tell', 'stop'])),
    ).map((search) => ({
      ...said,
      ...judged,
      trainer: 'softmax-classifier',
      data: { file: './rows.csv', target: 'kind', ...columns, ...withTest, ...role },
      objective: goal,
      validation,
      search,
      parameters: { l2: { type: 'float', min: 0.01, max: 2, scale: 'log' } },
    }))
  })

const beside: fc.Arbitrary<BesideFile> = some<BesideFile>({
  retries: fc.nat({ max: 3 }),
  retryTimeouts: fc.boolean(),
  bestAtTimeLimit: fc.boolean(),
  trialTimeout: fc.integer({ min: 1, max: 1e6 }),
  memoryLimit: fc.constant(64),
  keepModels: fc.constantFrom('all', 'best', 'none'),
  order: fc.constantFrom('trial', 'arrival'),
  extendedTo: fc.integer({ min: 1, max: 500 }),
  experiment: fc.constant('mine'),
} as { [K in keyof BesideFile]: fc.Arbitrary<BesideFile[K]> })

async function specAskedBy(asked: Asked) {
  return (await prepareSweep({ ...asked, file: await parseSweepFile(asked.file) })).spec
}

/** What is stated, in a file or beside it, stands in the spec: nothing of it is left to a default. */
function expectToSay(spec: SweepSpec, { $schema: _, ...file }: SweepFileJson, aside: BesideFile) {
  // Paths become absolute, and the settings of a pruner whole.
  const { trainer: _trainer, data, search: { pruner, ...search } = {}, ...stated } = file
  const { file: _file, testFile: __, ...columns } = data ?? {}
  const again = askedOf(spec)
  expect(again.file).toMatchObject({ ...stated, search, ...(data && { data: columns }) })
  if (pruner !== undefined)
    expect(spec.search.pruner).toMatchObject(typeof pruner === 'string' ? { name: pruner } : pruner)
  const { experiment: ___, keepModels, extendedTo, ...besides } = aside
  expect(spec).toMatchObject(JSON.parse(JSON.stringify(besides)))
  if (extendedTo !== undefined) expect(spec.trials).toBe(extendedTo)
  if (keepModels !== undefined && data) expect(spec.keepModels).toBe(keepModels)
}

it('is written as a file that asks for the same, whatever is in it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(objective, classifier), beside, async (written, aside) => {
      const file = JSON.parse(JSON.stringify(written)) as SweepFileJson
      const spec = await specAskedBy({ file, source: join(directory, 'sweep.json'), beside: aside })
      expectToSay(spec, file, aside)
      // As it comes back from the record.
      const recorded = specOf({ id: 'it', spec: JSON.parse(JSON.stringify(recordedSpec(spec))) })
      expect(recorded).toEqual(spec)
      expect(await specAskedBy(askedOf(recorded))).toEqual(spec)
    }),
    { numRuns: 40, seed: 1 },
  )
})

it('asks for everything by name: a spec says what the file left to defaults', async () => {
  const file = { trainer: './height.mjs', parameters: { x: { type: 'float', min: 0, max: 1 } } } as const
  const spec = await specAskedBy({ file, source: join(directory, 'sweep.json'), beside: {} })
  expect(await specAskedBy(askedOf(spec))).toEqual(spec)
  expect(askedOf(spec)).toMatchObject({
    file: {
      name: 'sweep',
      trainer: join(directory, 'height.mjs'),
      objective: { metric: 'value', direction: 'minimize' },
      search: { algorithm: 'bayesian', trials: 50, parallel: 4, seed: 0, replicates: 1, enqueue: [] },
    },
    beside: { retries: 0, retryTimeouts: false, bestAtTimeLimit: true, order: 'trial', keepModels: 'none' },
  })
})

it('names the sweep it started from, and in what that may differ; its trials stand in the spec alone', async () => {
  const file = { trainer: './height.mjs', parameters: { x: { type: 'float', min: 0, max: 1 } } } as const
  const spec = await specAskedBy({ file, source: join(directory, 'sweep.json'), beside: {} })
  const warmStart = {
    sweep: '0123456789abcdef',
    despite: ['metric'],
    trials: [{ params: { x: 1 }, value: 2 }],
  } as const
  const asked = askedOf({ ...spec, search: { ...spec.search, warmStart } })
  expect((await parseSweepFile(asked.file)).search?.warmStart).toEqual({
    sweep: warmStart.sweep,
    despite: ['metric'],
  })
})
