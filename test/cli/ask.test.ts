/** What a running sweep is asked from another terminal, and what it says of that. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ended, makeFolder, type Running } from './run.js'

const folder = makeFolder()
afterAll(folder.remove)

/** Trials wait for a file, so that the sweep runs for as long as it is asked. */
const waits = `
import { existsSync } from 'node:fs'
export default {
  name: 'waits',
  async objective({ x }, { report, signal }) {
    await report(0, { loss: x })
    while (!existsSync(${JSON.stringify(join(folder.path, 'go'))}) && !signal.aborted)
      await new Promise((resolve) => setTimeout(resolve, 20))
    return { loss: x }
  },
}
`

describe('a sweep that is asked from another terminal', () => {
  let running: Running
  let ended: Ended
  const asked: Record<string, Ended> = {}

  beforeAll(async () => {
    writeFileSync(join(folder.path, 'waits.mjs'), waits)
    folder.write('sweep.json', {
      trainer: './waits.mjs',
      parameters: { x: { type: 'float', min: 0, max: 1 } },
      objective: { metric: 'loss', direction: 'minimize' },
      search: { algorithm: 'random', trials: 3, parallel: 2 },
    })
    running = folder.start(['sweep', 'sweep.json', '--workers', '2'])
    await running.saw('sweep sweep')
    const ask = async (name: string, ...args: string[]) => {
      asked[name] = await folder.run('runs', ...args)
    }
    await ask('extend', 'ask', 'latest', 'extend', '2')
    await ask('enqueue', 'ask', 'latest', 'enqueue', '{"x": 0.25}')
    await ask('impossible', 'ask', 'latest', 'enqueue', '{"x": 25}', '--json')
    await ask('end', 'ask', 'latest', 'end-trial', '0')
    await ask('note', 'note', 'latest', 'while it runs')
    await ask('tag', 'tag', 'latest', 'stage=running')
    writeFileSync(join(folder.path, 'go'), '')
    ended = await running.ended
  })

  it('does what it can, and says what it cannot', () => {
    expect(asked.extend).toMatchObject({ code: 0, stdout: expect.stringMatching(/it comes to 5 trials$/m) })
    expect(asked.enqueue).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/trial 2 gets these params/),
    })
    expect(asked.impossible.code).toBe(2)
    expect(JSON.parse(asked.impossible.stdout)).toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(/"x" must be a number from 0 to 1 \(got 25\)/),
    })
    expect(asked.end).toMatchObject({ code: 0, stdout: expect.stringMatching(/trial 0 is ended/) })
    for (const name of ['note', 'tag']) expect(asked[name].code, asked[name].stderr).toBe(0)
  })

  it('tells of it where it runs', () => {
    expect(ended.code).toBe(0)
    expect(ended.stderr).toMatch(/asked: extend by 2 trials: it comes to 5 trials/)
    expect(ended.stderr).toMatch(/asked: try x=25: refused, /)
    expect(ended.stderr).toMatch(/trial 0 pruned/)
    expect(ended.stdout).toMatch(/5 trials \(4 finished, 1 pruned\)/)
  })

  it('has it on its record', async () => {
    const { stdout } = await folder.run('runs', 'show', 'latest')
    expect(stdout).toMatch(/asked while it ran\n.*extend by 2 trials/)
    expect(stdout).toMatch(/note\n {2}while it runs/)
    expect(stdout).toMatch(/stage +running/)
    const trial = await folder.run(
      'runs',
      'show',
      (await folder.json('runs', 'list', '--sweep', 'latest'))[2].run,
    )
    expect(trial.stdout).toMatch(/origin +asked for while the sweep ran, by /)
    const { requests } = await folder.json('runs', 'show', 'latest')
    expect(requests.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'done',
      'done',
      'refused',
      'done',
      'done',
      'done',
    ])
  })

  it('is drawn by trial, and told in words to whoever asks for lines', async () => {
    expect((await folder.run('runs', 'show', 'latest')).stdout).toMatch(/loss by trial\n.* │/)
    const words = folder.start(['runs', 'show', 'latest'], { env: { ESPALIER_PROGRESS: 'lines' } })
    const { stdout } = await words.ended
    expect(stdout).toMatch(/best loss so far\n {2}trial 1 /)
    expect(stdout).not.toMatch(/[│•─]/)
  })

  it('that has ended refuses, and says how it goes on', async () => {
    const { code, stdout } = await folder.run('runs', 'ask', 'latest', 'extend', '2')
    expect(code).toBe(2)
    expect(stdout).toMatch(/refused: the sweep does not run; .* espalier resume \w+ --trials N/)
  })

  it.each([
    ['extend'],
    ['extend', 'two'],
    ['stop', 'now'],
    ['enqueue', '{x: 1}'],
    ['end-trial', '-1'],
    ['dance'],
  ])('is not asked what makes no sense: %s %s', async (...what) => {
    const { code, stderr } = await folder.run('runs', 'ask', 'latest', ...what)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: /)
  })
})
