/** An objective whose metric is a module of one's own: its baseline, and what is said where there is none. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openStore, reproduceRun, sweep } from '../../src/index.js'
import type { Judging } from '../../src/launch/index.js'
import { sweepFile } from './support.js'

async function made(metric: string, json: object = {}) {
  const written = await sweepFile({
    trainer: 'cart-classifier',
    data: { file: 'rows.csv', target: 'y' },
    validation: { scheme: 'k-fold', folds: 3, stratified: false },
    search: { algorithm: 'random', trials: 2, parallel: 1, seed: 1 },
    metrics: [{ name: 'own', module: './own.mjs' }],
    objective: { metric: 'own' },
    parameters: { maxDepth: { type: 'int', min: 1, max: 4 } },
    ...json,
  })
  // `b` is one row in five, and says nothing of x.
  const rows = Array.from({ length: 90 }, (_, i) => `${(i * 37) % 17},${i % 5 === 0 ? 'b' : 'a'}`)
  await writeFile(join(written.directory, 'rows.csv'), `x,y\n${rows.join('\n')}\n`)
  await writeFile(join(written.directory, 'own.mjs'), metric)
  return written
}

async function run(metric: string, json: object = {}) {
  const { file, store } = await made(metric, json)
  const result = await sweep(file, { store, workers: 2 })
  const opened = await openStore(store)
  const bytes = await opened.readArtifact(result.run, 'judging.json')
  return { result, store, judging: JSON.parse(new TextDecoder().decode(bytes)) as Judging }
}

const missed = (price: number) => `export const direction = 'minimize'
  export default (truth, predicted) =>
    truth.reduce((sum, is, i) => sum + (is === predicted[i] ? 0 : is === 'b' ? ${price} : 1), 0) / truth.length`

it('stands beside the best answer that looks at no feature, which need not be the commonest class', async () => {
  // One row in five is b: always answering a costs 0.2 times the price, always b 0.8.
  const cheap = await run(missed(1))
  expect(cheap.result.baseline).toEqual({ name: 'the commonest class', value: expect.closeTo(0.2, 12) })
  const dear = await run(missed(20))
  expect(dear.result.baseline).toEqual({ name: 'the class b', value: expect.closeTo(0.8, 12) })
  expect(dear.judging).toMatchObject({ baseline: dear.result.baseline, beatsBaseline: false })
  expect(dear.result.notes[0]).toMatch(/^the best is no better .*: own .*, and the class b gives 0.8$/)
  expect(dear.result.notes[1]).toMatch(
    /^the best value is not corrected for the choice among 2 trials: own is a metric of your own.*"holdout"/,
  )
  expect(dear.judging.said).toEqual(dear.result.notes)
  expect(await reproduceRun(dear.result.run, { store: dear.store })).toMatchObject({ equal: true })
})

it('is compared without a word of noise where there is none, and keeps off names that mean something', async () => {
  const once = await run(missed(20), { validation: { scheme: 'split' } })
  expect(once.result.notes[0]).toMatch(/^the best is no better than a model that looks at no feature: own /)
  for (const name of ['fitSeconds', 'accuracyStd']) {
    const { file, store } = await made(missed(1), { metrics: [{ name, module: './own.mjs' }] })
    await expect(sweep(file, { store, metric: name })).rejects.toThrow(`"${name}" has a meaning already`)
  }
})

it('is given what models would give: labels, shares of the classes in the rows fitted on, and the features', async () => {
  // Log loss, by hand.
  const logLoss = `export const direction = 'minimize'
    export default (truth, predicted, probabilities, rows) => {
      if (rows.some(({ x }) => typeof x !== 'number')) throw new Error('no features')
      return -truth.reduce((sum, is, i) => sum + Math.log(probabilities[i][is]), 0) / truth.length
    }`
  const { result } = await run(logLoss, {
    trainer: 'softmax-classifier',
    parameters: { l2: 1 },
    search: { trials: 1 },
  })
  const plain = await run(missed(1), {
    trainer: 'softmax-classifier',
    parameters: { l2: 1 },
    search: { trials: 1 },
    objective: { metric: 'logLoss' },
  })
  expect(result.baseline!.value).toBeCloseTo(plain.result.baseline!.value, 12)
  expect(plain.result.baseline!.name).toBe('the shares of the classes')
  expect(result.notes.join()).not.toMatch(/corrected/)
})

it('is of the mean or the median for numbers', async () => {
  const metric = `export const direction = 'minimize'
    export default (truth, predicted) => truth.reduce((sum, is, i) => sum + Math.abs(is - predicted[i]), 0) / truth.length`
  const json = { trainer: 'cart-regressor', data: { file: 'rows.csv', target: 'x' } }
  const { file, store, directory } = await made(metric, { ...json, validation: { folds: 3 } })
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${i % 10 === 0 ? 1000 : i % 3}`)
  await writeFile(join(directory, 'rows.csv'), `z,x\n${rows.join('\n')}\n`)
  const own = await sweep(file, { store, workers: 1 })
  const mae = await sweep(file, { store, workers: 1, metric: 'mae' })
  expect(own.baseline).toEqual({ name: 'the median', value: expect.closeTo(mae.baseline!.value, 12) })
})

it('says why there is none where the metric has no value without a model', async () => {
  const picky = `export const direction = 'minimize'
    export default (truth, predicted) => {
      if (new Set(predicted).size < 2) throw new Error('one class is no answer')
      return 1
    }`
  const { result, judging } = await run(picky, {
    trainer: 'knn-classifier',
    parameters: { k: 1 },
    search: { trials: 1 },
  })
  expect(result.status).toBe('finished')
  expect(result.baseline).toBeNull()
  expect(judging.baseline).toBeNull()
  expect(result.notes.join()).toMatch(
    /there is no baseline: "own" has no finite value for answers that look at no feature: .*one class is no answer/,
  )
})

it('is not at its end where it is stopped before', async () => {
  // The models' answers are of both classes, and take no time.
  const slow = `export const direction = 'minimize'
    export default (truth, predicted) => {
      if (new Set(predicted).size < 2) for (const end = Date.now() + 60_000; Date.now() < end; );
      return 1
    }`
  const { file, store } = await made(slow, {
    trainer: 'knn-classifier',
    parameters: { k: 1 },
    search: { trials: 1 },
  })
  const kill = new AbortController()
  const result = await sweep(file, {
    store,
    workers: 1,
    killSignal: kill.signal,
    onEvent: (event) => {
      if (event.type === 'trial-ended') setTimeout(() => kill.abort(), 500)
    },
  })
  expect(result.status).toBe('interrupted')
})
