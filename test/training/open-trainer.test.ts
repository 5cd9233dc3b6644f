import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  describeTrainers,
  isModulePath,
  openTrainer,
  performFit,
  referenceTo,
  trainerNames,
} from '../../src/training/index.js'
import { rejection, temporaryFile } from './support.js'

const open = (file: string) => openTrainer({ kind: 'module', file })

describe('openTrainer', () => {
  it('opens every built-in trainer by its name', async () => {
    for (const name of trainerNames()) {
      expect(await openTrainer({ kind: 'built-in', name })).toMatchObject({
        kind: 'trainer',
        trainer: { name },
      })
    }
    expect((await describeTrainers()).map(({ name }) => name)).toEqual(trainerNames())
  })

  it('names the nearest of an unknown one', async () => {
    const error = await rejection(openTrainer({ kind: 'built-in', name: 'knn-clasifier' }))
    expect([error.code, error.message]).toEqual([
      'TRAINER_UNKNOWN',
      'there is no built-in trainer "knn-clasifier"; did you mean "knn-classifier"? (a module of your own is named by its path, ./knn-clasifier.js)',
    ])
    expect((await rejection(openTrainer({ kind: 'built-in', name: 'toString' }))).code).toBe(
      'TRAINER_UNKNOWN',
    )
  })

  it.each([
    ['an ES module', 'o.mjs', 'export default { name: "o", objective: (p) => p.x }'],
    ['a CommonJS module', 'o.cjs', 'module.exports = { name: "o", objective: (p) => p.x }'],
    [
      'compiled CommonJS',
      'o.cjs',
      'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = { name: "o", objective: (p) => p.x }',
    ],
    [
      'TypeScript',
      'o.ts',
      'enum Sign { plus = 1 }\ninterface P { x: number }\nexport default { name: "o", objective: (p: P): number => p.x * Sign.plus }',
    ],
    [
      'TypeScript, .mts',
      'o.mts',
      'export default { name: "o" as const, objective: (p: { x: number }) => p.x }',
    ],
  ])('opens %s', async (_, name, text) => {
    const opened = await open(temporaryFile(name, text))
    const plan = {
      trainer: { kind: 'function', name: 'o' } as const,
      data: null,
      resampling: null,
      seed: 1,
      objectiveMetric: 'value',
    }
    const job = { trial: 0, attempt: 0, part: { kind: 'whole' } as const, params: { x: 4 } }
    expect((await performFit(plan, opened, job)).metrics).toEqual({ value: 4 })
  })

  it.each([
    [
      'without a default export',
      'export const name = "o"',
      /default export of t.mjs must be .*, and it has none/,
    ],
    ['exporting a function', 'export default () => 1', /and it is a function/],
    [
      'with half a trainer, listing everything',
      'export default { name: 7, task: "clustering", fit: "no" }',
      /^the default export of t.mjs is no trainer: "name" must be a text \(got 7\); "task" must be "classification" or "regression" \(got "clustering"\); "fit" must be a function \(data, params, context\) → model \(got "no"\); "load" must be a function \(state\) → model \(missing\)$/,
    ],
    [
      'with bad hyperparameters',
      'export default { name: "o", objective() {}, hyperparameters: [{ name: "a", type: "number" }] }',
      /no objective: "hyperparameters\[0\].type" must be .*"hyperparameters\[0\].default" must be a value \(missing\)/,
    ],
    [
      'that throws',
      'const a = 1\nthrow new Error("no licence")',
      /throws while it is imported: no licence \(at .*t.mjs:2/,
    ],
    [
      'that imports nothing real',
      'import "no-such-package"',
      /throws while it is imported: Cannot find package/,
    ],
    ['that is no JavaScript', 'export default {', /throws while it is imported: /],
  ])('refuses a module %s', async (_, text, message) => {
    const error = await rejection(open(temporaryFile('t.mjs', text)))
    expect(error.code).toBe('TRAINER_INVALID')
    expect(error.message).toMatch(message)
  })

  it('refuses TypeScript that does not parse, a file that is not there, another kind of file, and code', async () => {
    const broken = await rejection(open(temporaryFile('t.ts', 'export default { name: string = }')))
    expect([broken.code, broken.message.includes('t.ts throws while it is imported')]).toEqual([
      'TRAINER_INVALID',
      true,
    ])
    expect((await rejection(open('/no/such/trainer.js'))).code).toBe('FILE_NOT_READABLE')
    expect((await rejection(open(temporaryFile('train.py', '')))).message).toContain(
      'is a .js, .mjs, .cjs, .ts',
    )
    const code = await rejection(openTrainer({ kind: 'function', name: 'mine' }))
    expect([code.code, code.message.includes('put it into a module')]).toEqual(['TRAINER_INVALID', true])
  })

  it('refuses a module whose import does not end', async () => {
    const file = temporaryFile('waits.mjs', 'await new Promise(() => {})\nexport default {}')
    const error = await rejection(openTrainer({ kind: 'module', file }, { importLimit: 300 }))
    expect([
      error.code,
      error.message.includes('waits.mjs is not; does a top-level await never end?'),
    ]).toEqual(['TRAINER_INVALID', true])
  })
})

it("a trainer is named by a module's path, or is a built-in one", () => {
  for (const named of ['./mine.js', '../mine.mjs', 'mine.ts', 'folder/mine.js', './folder/mine'])
    expect(referenceTo(named, '/x')).toEqual({ kind: 'module', file: resolve('/x', named) })
  expect(referenceTo('/y/mine.js', '/x')).toEqual({ kind: 'module', file: '/y/mine.js' })
  expect(isModulePath('C:\\mine.js')).toBe(true)
  expect(referenceTo('knn-classifier', '/x')).toEqual({ kind: 'built-in', name: 'knn-classifier' })
})

// Here Node itself imports the modules; inside vitest its own loader does, with other paths and messages.
it('tells the file and line of what is wrong in a module, in a plain Node process', async () => {
  const index = fileURLToPath(new URL('../../src/training/index.ts', import.meta.url))
  const directory = dirname(temporaryFile('package.json', '{ "type": "module" }'))
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text)
  write("my 'own' #1.mjs", 'export default { name: "fine", objective: () => 1 }')
  write('syntax.js', 'export default {\n  name: =\n}')
  write('throws.js', 'const a = 1\nthrow new Error("no licence")')
  write(
    'deep.ts',
    'interface P {\n  x: number\n}\nexport default {\n  name: "deep",\n  objective(p: P): number {\n    return (p as any).a.b\n  },\n}',
  )
  write(
    'main.mts',
    `import { openTrainer, performFit } from ${JSON.stringify(index)}
     for (const name of ["my 'own' #1.mjs", 'syntax.js', 'throws.js', 'deep.ts']) {
       const trainer = { kind: 'module' as const, file: ${JSON.stringify(directory)} + '/' + name }
       const plan = { trainer, data: null, resampling: null, seed: 1, objectiveMetric: 'v' }
       const job = { trial: 0, attempt: 0, part: { kind: 'whole' as const }, params: {} }
       await openTrainer(trainer).then((opened) => performFit(plan, opened, job)).then(
         ({ metrics }) => console.log(JSON.stringify(metrics)),
         ({ message }) => console.log(JSON.stringify(message)),
       )
     }`,
  )
  const tsx = fileURLToPath(import.meta.resolve('tsx'))
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    pathToFileURL(tsx).href,
    join(directory, 'main.mts'),
  ])
  const [fine, syntax, throws, deep] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(fine).toEqual({ v: 1 })
  expect(syntax).toMatch(/syntax.js throws while it is imported: [\s\S]*syntax.js:2/)
  expect(throws).toMatch(/no licence \(at .*throws.js:2:7\)$/)
  expect(deep).toMatch(/^deep threw in the objective: .*\n {2}at Object.objective \(.*deep.ts:7:\d+\)/)
})
