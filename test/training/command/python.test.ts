/** espalier.py in real Pythons: what a script is told, what it says, and how it runs by itself. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
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

describe('espalier.py', () => {
  const ranked = (ranks: Record<string, string>) => `
import os
os.environ.update(${JSON.stringify(ranks)})
import espalier
assert espalier.report(0, loss=1) is False
espalier.final(loss=2)
`

  it('is silent in ranks behind the first', async () => {
    expect(told(await trialOf(ranked({ RANK: '0', LOCAL_RANK: '1' })))).toBe('finished {"loss":2}')
    const behind: Record<string, string>[] = [
      { RANK: '1' },
      { LOCAL_RANK: '2' },
      { RANK: '3', LOCAL_RANK: '0' },
      { OMPI_COMM_WORLD_RANK: '1' },
      { PMI_RANK: '1', SLURM_PROCID: '0' },
      { SLURM_PROCID: '4', SLURM_STEP_ID: '1', LOCAL_RANK: '0' },
      { SLURM_PROCID: '0', LOCAL_RANK: '2' },
    ]
    for (const ranks of behind) {
      const { outcome, reports } = await trialOf(ranked(ranks))
      expect(reports).toEqual([])
      expect(outcome).toMatchObject({ status: 'failed', code: 'RESULT_INVALID' })
    }
    expect(alone(ranked({ RANK: '1' }))).toEqual({ status: 0, stdout: '', stderr: '' })
    const first = { RANK: '0', OMPI_COMM_WORLD_RANK: '1', PMI_RANK: '1', SLURM_PROCID: '1' }
    expect(told(await trialOf(ranked(first)))).toBe('finished {"loss":2}')
  }, 60_000)

  it('does not take the rank of the worker that runs it for its own, but that of a step it begins', async () => {
    vi.stubEnv('SLURM_PROCID', '3')
    vi.stubEnv('PMI_RANK', '3')
    vi.stubEnv('SLURM_STEP_ID', '0')
    try {
      expect(told(await trialOf(ranked({})))).toBe('finished {"loss":2}')
      expect(told(await trialOf(ranked({ LOCAL_RANK: '1' })))).toMatch(/^RESULT_INVALID/)
      // The same rank, in another step.
      expect(told(await trialOf(ranked({ SLURM_STEP_ID: '1' })))).toMatch(/^RESULT_INVALID/)
    } finally {
      vi.unstubAllEnvs()
    }
  }, 60_000)

  it('takes what float makes numbers of, and nothing else', async () => {
    const scalar = `
import espalier
class Scalar:
    def __float__(self): return 0.25
espalier.report(0, loss=Scalar())
for wrong in ("0.3", None, [1], b"1"):
    try:
        espalier.report(1, loss=wrong)
    except TypeError as error:
        assert "a metric is one number" in str(error)
    else:
        raise AssertionError(wrong)
espalier.final(Scalar())
`
    const ran = await trialOf(scalar)
    expect(told(ran)).toBe('finished {"loss":0.25}')
    expect(ran.reports).toEqual([{ step: 0, metrics: { loss: 0.25 } }])
  }, 60_000)

  it('says that a trial failed, and a traceback is in the reason', async () => {
    expect(told(await trialOf('import espalier\nespalier.failed("no such device")'))).toMatch(
      /^PROGRAM_FAILED: .*no such device/,
    )
    expect(told(await trialOf('import espalier\nraise ValueError("it broke")'))).toMatch(
      /^PROGRAM_FAILED: .* exit status 1.*ValueError: it broke/s,
    )
    const nan = await trialOf('import espalier\nespalier.final(loss=float("nan"))')
    expect(nan.outcome).toMatchObject({ status: 'failed', code: 'METRIC_NOT_FINITE' })
    const failed = alone('import espalier\nespalier.failed("no such device")')
    expect(failed).toEqual({ status: 1, stdout: '', stderr: 'failed: no such device\n' })
  }, 60_000)

  it('names the params that there are where one is not', () => {
    const { status, stderr } = alone('import espalier\nespalier.params({"lr": 1})["rate"]')
    expect(status).toBe(1)
    expect(stderr).toContain('("rate" is not; there are: lr)')
  })
})
