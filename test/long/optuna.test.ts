/** The example of an Optuna sampler, by Optuna's own tests. Needs a Python with Optuna and pytest. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const python = process.env.ESPALIER_BENCH_PYTHON ?? 'python3'
const able = spawnSync(python, ['-c', 'import optuna.testing.pytest_samplers, pytest']).status === 0
const why = able
  ? ''
  : ` (skipped: ${python} has no Optuna and pytest; ESPALIER_BENCH_PYTHON names one that has)`

function run(args: readonly string[]) {
  const env = {
    ...process.env,
    ESPALIER_SAMPLER_FOLDER: path('docs/examples/optuna-sampler'),
    ESPALIER_COMMAND: JSON.stringify([process.execPath, path('dist/cli/main.js')]),
    PYTHONDONTWRITEBYTECODE: '1',
  }
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8', env })
  expect(status, stdout + stderr).toBe(0)
  return stdout
}

describe.skipIf(!able)(`a sampler for Optuna${why}`, () => {
  it('passes the tests that Optuna has for such samplers', () => {
    const told = run([
      '-m',
      'pytest',
      '-q',
      '-p',
      'no:cacheprovider',
      path('test/docs/optuna_conformance.py'),
    ])
    expect(Number(/(\d+) passed/.exec(told)?.[1])).toBeGreaterThanOrEqual(100)
    expect(told).not.toMatch(/failed|skipped|error/)
  })

  it('goes on with a study as if it had never stopped, and knows what was enqueued and what failed', () => {
    const { whole, parts } = JSON.parse(run([path('test/docs/optuna_resumed.py')]))
    expect(parts).toEqual(whole)
    const [trials, best] = whole
    expect(trials[0][0]).toMatchObject({ x: 1.5, kind: null })
    expect(trials[6][1]).toBe('FAIL')
    expect(trials[10][0].k).toBe(33)
    expect(best).toBeLessThan(0.5)
  })
})
