/** The threshold of an ensemble: its own, chosen on what its members together say of rows they were not fitted on. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openStore, reproduceRun, sweep } from '../../src/index.js'
import { prepareSweep, readSweepFile } from '../../src/launch/prepare.js'
import { randomStream } from '../../src/numeric/index.js'
import { rowsOf, unpackOutOfFold } from '../../src/training/index.js'
import { sweepFile } from './support.js'

const count = 150

async function made(json: object) {
  const written = await sweepFile({
    data: { file: 'rows.csv', target: 'y' },
    validation: { folds: 3 },
    threshold: { metric: 'f1', positive: 'yes' },
    objective: { metric: 'rocAuc' },
    search: { algorithm: 'random', trials: 5, parallel: 1, seed: 2 },
    ...json,
  })
  const random = randomStream(1, 'ensemble-threshold')
  const rows = Array.from({ length: count }, () => {
    const y = random.next() < 0.2
    return `${random.normal() + (y ? 1 : 0)},${random.normal()},${y ? 'yes' : 'no'}`
  })
  await writeFile(join(written.directory, 'rows.csv'), `x,z,y\n${rows.join('\n')}\n`)
  return { ...written, truth: rows.map((row) => row.endsWith('yes')) }
}

function f1(truth: readonly boolean[], said: readonly boolean[]): number {
  const both = truth.filter((is, i) => is && said[i]).length
  return (2 * both) / (truth.filter(Boolean).length + said.filter(Boolean).length)
}

it('is the best on the mean of the out-of-fold probabilities of its members, and what it answers by', async () => {
  const { file, store, truth } = await made({
    trainer: 'forest-classifier',
    parameters: { trees: { type: 'int', min: 2, max: 6 }, maxDepth: { type: 'int', min: 2, max: 5 } },
  })
  const result = await sweep(file, { store, workers: 2, ensemble: 4 })
  const { members, threshold } = result.ensemble!
  expect(members.length).toBeGreaterThan(1)
  const opened = await openStore(store)
  const total = members.reduce((sum, { weight }) => sum + weight, 0)
  const mean = new Float64Array(count)
  for (const { run, weight } of members) {
    const text = new TextDecoder().decode(await opened.readArtifact(run, 'out-of-fold.json'))
    const { probabilities } = unpackOutOfFold(text)
    // Of two classes the second is yes.
    for (let i = 0; i < count; i++) mean[i] += (weight * probabilities![2 * i + 1]) / total
  }
  const { plan } = await prepareSweep({ file: await readSweepFile(file), source: file, beside: {} })
  // Entries come fold by fold.
  const is = [0, 1, 2]
    .flatMap((fold) => [...rowsOf(plan.resampling!, { kind: 'fold', fold })])
    .map((row) => truth[row])
  const at = (value: number) =>
    f1(
      is,
      Array.from(mean, (p) => p >= value),
    )
  const candidates = [...new Set(mean)].sort((a, b) => a - b)
  const best = Math.max(...candidates.map(at))
  expect(threshold).toMatchObject({ metric: 'f1', positive: 'yes', score: expect.closeTo(best, 12) })
  expect(at(threshold!.value)).toBeCloseTo(best, 12)
  expect(threshold!.before).toBeCloseTo(at(0.5 + 1e-12), 12)
  expect(threshold!.score).toBeGreaterThan(threshold!.before)

  const model = await opened.loadModel(result.run)
  expect(model.threshold).toEqual({ metric: 'f1', positive: 'yes', value: threshold!.value })
  const rows = Array.from({ length: 40 }, (_, i) => ({ x: i / 5 - 4, z: (i % 5) - 2 }))
  const said = model.predictProbability!(rows).map(({ yes }) => (yes >= threshold!.value ? 'yes' : 'no'))
  expect(model.predict(rows)).toEqual(said)
  expect(new Set(said).size).toBe(2)
  expect(await reproduceRun(result.run, { store })).toMatchObject({ equal: true })
})

it('is left out, and that is said, where a member has no probabilities', async () => {
  const { file, store, directory } = await made({
    trainer: './sign.mjs',
    objective: { metric: 'accuracy' },
    parameters: { from: { type: 'float', min: -1, max: 2 } },
  })
  const module = `const model = (from) => ({
      predict: ({ columns, index }) => Array.from(index, (row) => (columns[0].values[row] > from ? 'yes' : 'no')),
      toJSON: () => from,
    })
    export default {
      name: 'sign', task: 'classification', description: 'by the sign of x',
      hyperparameters: [{ name: 'from', description: 'where yes begins', type: 'float', default: 0 }],
      fit: (data, { from }) => model(from), load: model,
    }`
  await writeFile(join(directory, 'sign.mjs'), module)
  const result = await sweep(file, { store, workers: 1, ensemble: 3 })
  expect(result.ensemble!.threshold).toBeNull()
  expect(result.notes.join()).toMatch(/the ensemble has no threshold: .* no probabilities \(trials? \d/)
})
