/** scikit-learn as an oracle: numbers that a Python script prints as JSON. Skipped, with the reason, where Python has none. */
import { spawnSync } from 'node:child_process'

const python = process.env.ESPALIER_BENCH_PYTHON ?? 'python3'

/** Whether Python has these modules, and what to add to a title where it has not. */
export function pythonHas(...modules: readonly string[]): { able: boolean; why: string } {
  const able = spawnSync(python, ['-c', `import ${modules.join(', ')}`]).status === 0
  const named = modules.join(' and ')
  const why = able ? '' : ` (skipped: ${python} has no ${named}; ESPALIER_BENCH_PYTHON names one that has)`
  return { able, why }
}

/** What a script prints, as JSON; it is given `input` as JSON on its standard input. NaN goes through as null. */
export function askPython<T>(script: string, input: unknown): T {
  const { status, stdout, stderr } = spawnSync(python, ['-c', script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  })
  if (status !== 0) throw new Error(`the oracle failed:\n${stderr}`)
  return JSON.parse(stdout) as T
}
