/** `espalier best` of programs, and `best` where a run is named. */
import { expect, it } from 'vitest'
import { foldersOfFile } from './run.js'

const folder = foldersOfFile()

it('says of a program where its model is, and names a command that chooses another experiment', async () => {
  const at = folder()
  const file = at.write('program.json', {
    trainer: { command: [process.execPath, '-e', 'console.log("loss=1")'], metrics: { loss: 'loss=(.*)' } },
    objective: { metric: 'loss', direction: 'minimize' },
    parameters: { x: { type: 'float', min: 0, max: 1 } },
    search: { algorithm: 'random', trials: 1 },
  })
  for (const experiment of ['first', 'second'])
    expect((await at.run('sweep', file, '--experiment', experiment, '--quiet')).code).toBe(0)
  const shown = await at.run('runs', 'show', 'best')
  expect(shown.stderr).toMatch(/"second".*espalier best --experiment NAME shows that of another \(1 more\)/)
  const best = await at.run('best', '--experiment', 'first')
  expect(best).toMatchObject({ code: 0, stdout: expect.stringContaining('experiment first') })
  expect(best.stdout).toMatch(/^model +none: a program keeps its own, as an artifact or a checkpoint/m)
})
