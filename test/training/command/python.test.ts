/** espalier.py in real Pythons: what a script is told, what it says, and how it runs by itself. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pythonPath } from '../../../src/training/command/python-path.js'
import { temporaryFolder } from '../../temporary.js'
import { findPythons } from './pythons.js'
import { type Ran, type RunOptions, run, told } from './support.js'

const pythons = findPythons()
const found = pythons.flatMap(({ version, program }) => (program === null ? [] : [{ version, program }]))
const newest = found.at(-1)?.program ?? 'python3'

/** Runs a script as a trial's program, with warnings as errors. */
async function trialOf(script: string, options: RunOptions = {}, python = newest): Promise<Ran> {
  const directory = temporaryFolder()
  writeFileSync(join(directory, 'train.py'), script)
  return run(directory, [python, '-W', 'error', 'train.py'], options)
}

/** Runs a script by itself, as somebody who tries it out. */
function alone(script: string, python = newest, directory = temporaryFolder()) {
  writeFileSync(join(directory, 'train.py'), script)
  const { ESPALIER_REPORTS: _, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(python, ['-W', 'error', 'train.py'], {
    cwd: directory,
    env: { ...env, PYTHONPATH: pythonPath(env.PYTHONPATH) },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const usual = `
import espalier

params = espalier.params({"lr": 0.5, "layers": 2})
for epoch in espalier.steps(10):
    loss = params["lr"] / (epoch + 1)
    with espalier.saving("state.txt") as path:
        path.write_text(str(loss))
    if espalier.report(epoch, loss=loss, layers=params["layers"]):
        break
espalier.artifact(espalier.checkpoint / "state.txt", "last.txt")
espalier.final(loss=loss)
`

describe.each(
  pythons.map((one) => ({ ...one, is: one.program === null ? 'which is not on this machine' : 'here' })),
)('Python $version, $is,', ({ program }) => {
  it.skipIf(program === null)(
    'trains to the end, is stopped, and runs by itself',
    async () => {
      const params = { lr: 1, layers: 3 }
      const whole = await trialOf(usual, { params }, program!)
      expect(told(whole)).toBe('finished {"loss":0.1}')
      expect(whole.reports).toHaveLength(10)
      expect(whole.reports[3]).toEqual({ step: 3, metrics: { loss: 0.25, layers: 3 } })
      expect(whole.files['last.txt']).toBe('0.1')
      // The answer was heard: nothing is reported behind the step that it is to.
      const stopped = await trialOf(usual, { params, pruneAt: 3 }, program!)
      expect(told(stopped)).toBe('pruned')
      expect(stopped.reports.map(({ step }) => step)).toEqual([0, 1, 2, 3])
      expect(stopped.files['last.txt']).toBe('0.25')
      const { status, stdout, stderr } = alone(usual, program!)
      expect([status, stderr]).toEqual([0, ''])
      expect(stdout.split('\n').slice(0, 2)).toEqual([
        'step 0: loss 0.5, layers 2',
        'step 1: loss 0.25, layers 2',
      ])
      expect(stdout).toContain('final: loss 0.05')
    },
    60_000,
  )
})
