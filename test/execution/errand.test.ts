/** A module is imported where it can be ended: whatever it does there is said, soon, and the process goes on. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { tableFromRows } from '../../src/data/index.js'
import { describeTrainer, predictApart } from '../../src/execution/index.js'
import { saveModel } from '../../src/training/index.js'
import { rejection, temporaryFile } from '../training/support.js'

const describeText = (text: string, limits = {}) =>
  describeTrainer({ kind: 'module', file: temporaryFile('mine.mjs', text) }, limits)

describe('a trainer that is described', () => {
  it('is described alike by a module and by itself: as data, without its functions and what else it has', async () => {
    const trainer = `{ name: 'mine', task: 'regression', fit() {}, load() {}, secret: () => 1, packages: ['x'], probabilities: false,
      hyperparameters: [{ name: 'a', type: 'float', default: 1, max: Infinity, help: () => 1 }] }`
    expect(await describeText(`console.log('while it is imported'); export default ${trainer}`)).toEqual({
      kind: 'trainer',
      trainer: {
        name: 'mine',
        task: 'regression',
        description: '',
        packages: ['x'],
        probabilities: false,
        hyperparameters: [{ name: 'a', description: '', type: 'float', default: 1, max: Infinity }],
      },
    })
    expect(await describeText(`export default { name: 'o', objective: () => 1 }`)).toEqual({
      kind: 'objective',
      objective: { name: 'o' },
    })
    const { trainer: knn } = (await describeTrainer({ kind: 'built-in', name: 'knn-classifier' })) as {
      trainer: object
    }
    expect(knn).toMatchObject({ name: 'knn-classifier', task: 'classification' })
    expect(structuredClone(knn)).toEqual(knn)
  })

  it.each([
    ['exits', 'process.exit(0)', {}, /must not end its process while it is imported \(mine\.mjs .* code 0\)/],
    ['loops', 'for (;;);', { timeLimit: 300 }, /within 0\.3 s \(mine\.mjs is not/],
    ['waits for ever', 'await new Promise(() => {})', { timeLimit: 300 }, /within 0\.3 s|code 13/],
    [
      'waits for a process',
      'import { execSync } from "node:child_process"; execSync("sleep 55; true")',
      { timeLimit: 400 },
      /within 0\.4 s/,
    ],
    [
      'fills the memory',
      'const all = []; for (;;) all.push({ numbers: new Array(1000).fill(0.5) })',
      { memoryLimit: 64 },
      /within its memory \(mine\.mjs needed more than 64 MB/,
    ],
    ['throws', 'throw new Error("no licence")', {}, /throws while it is imported: no licence/],
    [
      'rejects, and nobody waits',
      'Promise.reject(new Error("forgotten")); export default { name: "o", objective: () => 1 }',
      {},
      /forgotten, thrown outside/,
    ],
    [
      'lies about what it is',
      'import { parentPort } from "node:worker_threads"; parentPort.postMessage({ kind: "answer", answer: { kind: "trainer", trainer: { name: 7 } } }); for (;;);',
      {},
      /no trainer: "name" must be a text \(got 7\); "task"/,
    ],
  ])('is refused where its module %s', async (_, text, limits, message) => {
    const began = performance.now()
    const error = await rejection(describeText(text, limits))
    expect([error.code, error.message]).toEqual(['TRAINER_INVALID', expect.stringMatching(message)])
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  it('is refused where its module fills the memory beside the heap, too', async () => {
    // A process of its own: threads are watched from the main thread only.
    const library = JSON.stringify(new URL('../../dist/execution/index.js', import.meta.url).href)
    const file = temporaryFile(
      'mine.mjs',
      'const all = []; for (;;) { all.push(Buffer.alloc(2 ** 20, 1)); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2) }',
    )
    const script = temporaryFile(
      'asks.mjs',
      `import { describeTrainer } from ${library}
      await describeTrainer({ kind: 'module', file: process.argv[2] }, { memoryLimit: 64, timeLimit: 4000 })
        .catch(({ code, message }) => console.log(code, message))`,
    )
    const { stdout } = await promisify(execFile)(process.execPath, [script, file])
    expect(stdout).toMatch(/^TRAINER_INVALID .*within its memory \(mine\.mjs needed more than 64 MB/)
  })

  it('is not waited for when the work is stopped', async () => {
    const stop = new AbortController()
    const described = rejection(describeText('for (;;);', { signal: stop.signal }))
    stop.abort()
    expect((await described).code).toBe('INTERRUPTED')
    expect((await rejection(describeText('', { signal: stop.signal }))).code).toBe('INTERRUPTED')
  })
})

describe('a model that is asked apart', () => {
  const signature = {
    task: 'classification',
    target: 'y',
    classes: ['a', 'b'],
    columns: [{ name: 'x', kind: 'number' }],
  } as const
  const { table } = tableFromRows([{ x: 1 }, { x: 2 }], signature as never)
  /** @param model the body of a trainer's `load(state)`. */
  const ask = (model: string, probabilities = false, limits = {}) => {
    const text = `export default { name: 'mine', task: 'classification', hyperparameters: [], fit() {}, load(state) { ${model} } }`
    // Not what a model says of its module is imported, but what somebody vouches for.
    const file = temporaryFile('mine.mjs', text)
    const json = saveModel({ kind: 'module', file: '/nowhere.mjs' }, signature as never, 'b')
    return predictApart(json, file, { table }, probabilities, limits)
  }

  it('answers as it would here, with probabilities where they are asked for and there are any', async () => {
    const predict = 'predict: ({ rows }) => Array(rows).fill(state)'
    const both = `${predict}, predictProbability: ({ rows }) => ({ classes: ['a', 'b'], values: Float64Array.from({ length: 2 * rows }, (_, i) => i % 2) })`
    const predictions = ['b', 'b']
    expect(await ask(`return { ${predict} }`, true)).toEqual({ predictions, probabilities: null })
    expect(await ask(`return { ${both} }`)).toEqual({ predictions, probabilities: null })
    const probabilities = [
      { a: 0, b: 1 },
      { a: 0, b: 1 },
    ]
    expect(await ask(`return { ${both} }`, true)).toEqual({ predictions, probabilities })
  })

  it.each([
    ['exits', 'return { predict: () => process.exit(0) }', 'TRAINER_INVALID', /while it is used \(mine/],
    ['throws', 'return { predict() { throw new Error("no") } }', 'MODEL_INVALID', /this one threw: no/],
    ['gives no class', 'return { predict: () => ["a", "c"] }', 'MODEL_INVALID', /gave "c" for row 1/],
    [
      'lies past its checks',
      'Set.prototype.has = () => true; return { predict: () => ["a", "c"] }',
      'TRAINER_INVALID',
      /a class or a finite number for each of the 2 rows/,
    ],
  ])('is refused where it %s', async (_, model, code, message) => {
    const error = await rejection(ask(model))
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)])
  })
})
