/** Which metric, which side of it, and whether the trainer can give it: found before anything is trained. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sweep } from '../../src/index.js'
import { prepareAsked } from '../../src/launch/launch.js'
import { checkSweepFile } from '../../src/launch/prepare.js'
import { askedFromRecord } from '../../src/launch/record.js'
import { askedOf } from '../../src/launch/spec/file.js'
import { withOverrides } from '../../src/launch/spec/overrides.js'
import { openStore, type ParentRun, type Store } from '../../src/tracking/index.js'
import type { OpenTrainer } from '../../src/training/index.js'
import { betterSide } from '../../src/values.js'
import { sweepFile } from './support.js'

const data = { file: 'rows.csv', target: 'y' }
const ages = Array.from({ length: 40 }, (_, row) => (row === 20 ? 'None' : String(20 + row)))
const rows = `age,y\n${ages.map((age, row) => `${age},${row < 20 ? 'young' : 'old'}`).join('\n')}\n`

async function written(json: object) {
  const made = await sweepFile({ parameters: { maxDepth: { type: 'int', min: 1, max: 3 } }, ...json })
  await writeFile(join(made.directory, 'rows.csv'), rows)
  return made
}
const cart = { trainer: 'cart-classifier', data, search: { trials: 2, parallel: 1 } }
const check = async (json: object) => (await checkSweepFile((await written(json)).file)).warnings
const prepared = async (parent: ParentRun, store: Store) =>
  prepareAsked(
    await askedFromRecord(parent, {}, { store: store.directory, refused: 'RESUME_REFUSED' }),
    store,
  )
const idle: OpenTrainer = { kind: 'objective', objective: { name: 'idle', objective: () => 0 } }
const quick = {
  search: { trials: 2, parallel: 1, algorithm: 'random' },
  parameters: { x: { type: 'int', min: 0, max: 9 } },
} as const

describe('a metric’s better side', () => {
  it.each([
    ['accuracy', 'minimize', 'cart-classifier'],
    ['logLoss', 'maximize', 'cart-classifier'],
    ['r2', 'minimize', 'cart-regressor'],
    ['rmse', 'maximize', undefined],
  ])('is not to be left for %s by accident (%s)', async (metric, direction, trainer) => {
    for (const parts of [{ data }, {}]) {
      const objective = { metric, direction }
      const error = {
        code: 'USAGE',
        problems: [{ path: 'objective.direction', message: expect.any(String) }],
      }
      await expect(check({ trainer, ...(trainer && parts), objective })).rejects.toMatchObject(error)
    }
    const meant = { metric, direction, directionIsMeant: true }
    expect(await check({ trainer, objective: meant })).toEqual([])
  })

  it('holds for what an objective reports, however it is spelt, and is its direction unless stated', async () => {
    expect(['Accuracy', 'log_loss', 'balanced-accuracy', 'loss'].map(betterSide)).toEqual([
      'maximize',
      'minimize',
      'maximize',
      undefined,
    ])
    const { store } = await sweepFile({})
    const run = ({ x }: { x: number }) => ({ accuracy: x, score: x, loss: x })
    const best = async (objective: object, options: object = {}) =>
      (await sweep({ name: 'o', objective, ...quick }, { store, run, ...options })).objective
    expect(await best({ metric: 'accuracy' })).toEqual({ metric: 'accuracy', direction: 'maximize' })
    expect(await best({ metric: 'score' })).toEqual({ metric: 'score', direction: 'minimize' })
    await expect(best({ metric: 'accuracy', direction: 'minimize' })).rejects.toThrow(
      '"directionIsMeant": true',
    )

    // Another metric than the file's, by an option.
    const file = { metric: 'loss', direction: 'minimize' }
    expect(await best(file, { metric: 'accuracy' })).toEqual({ metric: 'accuracy', direction: 'maximize' })
    expect(await best(file, { metric: 'loss' })).toEqual(file)
    expect(await best(file, { metric: 'score', direction: 'maximize' })).toEqual({
      metric: 'score',
      direction: 'maximize',
    })
    await expect(best(file, { metric: 'score' })).rejects.toThrow(
      '("minimize" is that of "loss", and the metric is now "score", of which nobody knows',
    )
    await expect(best(file, { metric: 'Loss' })).rejects.toThrow('state the direction too')
  })

  it('is not said twice for another metric', () => {
    const objective = { metric: 'accuracy', direction: 'minimize', directionIsMeant: true }
    const merged = (metric: string) => withOverrides({ objective }, { metric }).definition
    expect(merged('rmse')).toEqual({ objective: { metric: 'rmse' } })
    expect(merged('accuracy')).toEqual({ objective })
  })

  it('is where `bestRun` looks for another metric than the sweep’s', async () => {
    const { file, store } = await written(cart)
    const result = await sweep(file, { store })
    const opened = await openStore(store)
    const trials = await opened.trials(result.run)
    const losses = trials.map(({ metrics }) => metrics.logLoss)
    expect((await opened.bestRun({ metric: 'logLoss' })).metrics.logLoss).toBe(Math.min(...losses))
    await expect(opened.bestRun({ metric: 'fitSeconds' })).rejects.toThrow('none says which')
  })

  it('is where a pruner goes by a metric of its own', async () => {
    const withPruner = async (pruner: object, objective: object = { metric: 'loss' }) => {
      const { file } = await sweepFile({ objective, ...quick, search: { ...quick.search, pruner } })
      return (
        await prepareAsked(
          { file: JSON.parse(await readFile(file, 'utf8')), source: file, beside: {}, code: idle },
          null as never,
        )
      ).spec
    }
    const by = { name: 'median', metric: 'accuracy' }
    expect((await withPruner(by)).search.pruner).toMatchObject({ metric: 'accuracy', direction: 'maximize' })
    const against = { ...by, direction: 'minimize' }
    await expect(withPruner(against)).rejects.toMatchObject({
      code: 'USAGE',
      problems: [
        { path: 'search.pruner.direction', message: expect.stringContaining('"directionIsMeant": true') },
      ],
    })
    const spec = await withPruner(against, { metric: 'loss', directionIsMeant: true })
    expect(spec.search.pruner).toMatchObject({ direction: 'minimize' })
    expect(askedOf(spec).file).toMatchObject({ objective: { directionIsMeant: true } })
  })

  it('does not hold up a sweep that was recorded before, nor is its data read anew', async () => {
    const { file, store } = await written(cart)
    const result = await sweep(file, { store })
    const opened = await openStore(store)
    const parent = (await opened.run(result.run)) as ParentRun
    expect(parent.spec.data).toMatchObject({ looseMissing: true })
    const { version: _, ...first } = parent.spec
    const { looseMissing: __, ...before } = parent.spec.data as { looseMissing?: true }
    const spec = { ...first, data: before, objective: { metric: 'accuracy', direction: 'minimize' } }
    const again = await prepared({ ...parent, spec } as ParentRun, opened)
    expect(again.spec.objective).toEqual({ metric: 'accuracy', direction: 'minimize' })
    expect(again.plan.data?.columns[0].kind).toBe('text')
    const svm = {
      trainer: { kind: 'built-in', name: 'svm-classifier' },
      objective: { metric: 'logLoss', direction: 'minimize' },
      parameters: { cost: { type: 'float', min: 1, max: 2 } },
    }
    const without = await prepared({ ...parent, spec: { ...parent.spec, ...svm } } as never, opened)
    expect(without.spec.objective.metric).toBe('logLoss')
    expect((await prepared(parent, opened)).plan.data?.columns[0].kind).toBe('number')
  })
})

describe('a metric that the trainer cannot give', () => {
  const svm = { trainer: 'svm-classifier', objective: { metric: 'logLoss' } }
  const parameters = (probabilities?: unknown) => ({
    cost: { type: 'float', min: 0.1, max: 10, scale: 'log' },
    kernel: { type: 'categorical', values: ['rbf', 'linear'] },
    ...(probabilities !== undefined && { probabilities }),
  })

  it.each([
    ['not asked for', undefined, /only with the hyperparameter "probabilities"/],
    ['switched off', false, /and it can be false/],
    ['off in some trials', { type: 'categorical', values: [true, false] }, /and it can be false/],
    ['there in some trials', { type: 'constant', value: true, when: { kernel: ['rbf'] } }, /has a "when"/],
  ])('is refused where probabilities are %s', async (_, probabilities, message) => {
    for (const parts of [{ data }, {}])
      await expect(check({ ...svm, ...parts, parameters: parameters(probabilities) })).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringMatching(message),
        problems: [
          { path: 'objective.metric', message: expect.stringContaining('balancedAccuracy, macroF1') },
        ],
      })
  })

  it('is taken where every trial has them, and where nobody knows', async () => {
    expect(await check({ ...svm, parameters: parameters(true) })).toEqual([])
    expect(await check({ trainer: 'cart-classifier', objective: svm.objective })).toEqual([])
    expect(await check({ ...svm, objective: { metric: 'accuracy' }, parameters: parameters() })).toEqual([])
  })
})

it('has its texts for missing from the file: trained, recorded, resumed, and in the model', async () => {
  const { file, store } = await written({ ...cart, data: { ...data, missing: ['young one', 'None', '21'] } })
  const result = await sweep(file, { store })
  const opened = await openStore(store)
  expect((await opened.run(result.run)) as ParentRun).toMatchObject({
    spec: { data: { settings: { missing: ['young one', 'None', '21'] } } },
  })
  const model = JSON.parse(
    new TextDecoder().decode(await opened.readArtifact(result.best!.run, 'model.json')),
  )
  expect(model.signature.missing).toEqual(['young one', 'None', '21'])
  const parent = (await opened.run(result.run)) as ParentRun
  const { plan } = await prepared(parent, opened)
  const [age] = plan.data!.columns
  expect(age.kind === 'number' && [...age.values.slice(0, 3), age.values[20]]).toEqual([
    20,
    Number.NaN,
    22,
    Number.NaN,
  ])
})
