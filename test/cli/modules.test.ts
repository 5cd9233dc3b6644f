/** A trainer of one's own in TypeScript, from the command line, without a build step. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { data, main, makeFolder } from './run.js'

const folder = makeFolder()
afterAll(folder.remove)

const ridge = fileURLToPath(new URL('../launch/modules/ridge.ts', import.meta.url))
writeFileSync(
  join(folder.path, 'ridge.json'),
  JSON.stringify({
    name: 'ridge',
    data: { file: join(data, 'diabetes.csv'), target: 'progression' },
    validation: { folds: 2 },
    search: { algorithm: 'random', trials: 3 },
    parameters: { rate: { type: 'float', min: 0.01, max: 0.3 }, epochs: 5 },
  }),
)

it('is named by its path, and leaves a model that predicts', async () => {
  const result = await folder.json('sweep', 'ridge.json', '--trainer', ridge, '--workers', '1')
  expect(result).toMatchObject({ status: 'finished', trials: { finished: 3, failed: 0 } })
  const shown = await folder.json('runs', 'show', result.best.run)
  expect(shown.history['trainingRmse/fold1'].steps).toEqual([0, 1, 2, 3, 4])
  const predicted = await folder.run('predict', 'best', '--data', join(data, 'diabetes.csv'))
  expect(predicted.code).toBe(0)
  expect(predicted.stdout.trimEnd().split('\n')).toHaveLength(443)
})

it('that is broken is one error, on stderr, with exit code 2, and no sweep', async () => {
  writeFileSync(join(folder.path, 'broken.ts'), 'const rows: number = 1\nthrow new Error("no licence")\n')
  const { code, stdout, stderr } = await folder.run('sweep', 'ridge.json', '--trainer', './broken.ts')
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr.match(/no licence/g)).toHaveLength(1)
  expect(stderr).toMatch(/^error: the trainer module broken\.ts throws while it is imported: no licence/)
  expect(await folder.json('runs', 'list')).toHaveLength(1)
})

it('trains in threads of a program that stands on the command line, or has options of Node’s', async () => {
  writeFileSync(join(folder.path, 'line.mjs'), "export default { name: 'line', objective: ({ x }) => x }\n")
  const program = `import { sweep } from ${JSON.stringify(pathToFileURL(join(main, '../../index.js')).href)}
const x = { type: 'float', min: 0, max: 1 }
const { trials } = await sweep({ trainer: './line.mjs', parameters: { x }, search: { trials: 12 } })
console.log(trials.finished)`
  writeFileSync(join(folder.path, 'program.mjs'), program)
  // Options of V8 are the process's: a thread that is to have them by name is refused by Node.
  const heap = ['--max-old-space-size=1000', '--expose-gc']
  for (const args of [
    ['--input-type=module', '--eval', program],
    ['--input-type', 'module', '--eval', program],
    ['--input-type=module', ...heap, '--eval', program],
    [...heap, 'program.mjs'],
  ]) {
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder.path })
    expect(stdout).toBe('12\n')
  }
})
