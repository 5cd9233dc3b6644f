/** `espalier importance`: what it prints, its JSON, the narrowed file from end to end, and the line at the end of a sweep. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Document, data, type Folder, foldersOfFile } from './run.js'

const folder = foldersOfFile()
const wine = {
  name: 'wine',
  trainer: 'knn-classifier',
  data: { file: join(data, 'wine.csv'), target: 'cultivar' },
  validation: { folds: 4 },
  search: { algorithm: 'sobol', trials: 40, seed: 1 },
  parameters: {
    k: { type: 'int', min: 1, max: 40, scale: 'log', default: 30 },
    scaling: { type: 'categorical', values: ['none', 'standard', 'minmax'] },
    weights: { type: 'categorical', values: ['uniform', 'distance'] },
  },
}

describe('espalier importance', () => {
  let place: Folder
  let sweep: Document
  let summary: string
  beforeAll(async () => {
    place = folder()
    place.write('wine.json', wine)
    const ended = await place.run('sweep', 'wine.json')
    expect(ended.code).toBe(0)
    summary = ended.stdout
    ;[sweep] = await place.json('runs', 'list')
  })

  it('is named by the last lines of a sweep, after what mattered', () => {
    expect(summary).toMatch(/\nwhat mattered: scaling \d\d %(, k \d+ %)?, …\n/)
    const next = summary.slice(summary.indexOf('\nnext\n'))
    expect(next).toContain(`espalier importance ${sweep.run.slice(0, 8)}\n`)
    expect(next).toMatch(/espalier dashboard\n/)
  })

  it('shows the latest sweep', async () => {
    const { code, stdout } = await place.run('importance')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^what accuracy hangs on, by 40 finished trials of sweep wine \([0-9a-f]{16}\)\n/)
    const [title, first] = stdout.split('\n').slice(2)
    expect(title).toMatch(/^parameter +importance +interval +gain over default +good$/)
    expect(first).toMatch(/^scaling +\d+ % +█{10,} +\d+ % … \d+ % +\S/)
    expect(stdout).toMatch(/next\n {2}espalier importance [0-9a-f]{8} --narrow narrower\.json\n/)
  })

  it('gives all of it as JSON, with shares that sum to 1', async () => {
    const document = await place.json('importance', sweep.run)
    expect(document).toMatchObject({ sweep: sweep.run, metric: 'accuracy', trials: 40, unsure: null })
    const { parameters } = document
    expect(parameters.map(({ name }: Document) => name).sort()).toEqual(['k', 'scaling', 'weights'])
    expect(parameters.reduce((sum: number, one: Document) => sum + one.importance, 0)).toBeCloseTo(1, 9)
    for (const one of parameters) {
      expect(one).toMatchObject({
        importance: expect.any(Number),
        low: expect.any(Number),
        high: expect.any(Number),
        active: 1,
      })
      expect(one.sobol.importance).toBeGreaterThanOrEqual(0)
      expect(one.marginal.mean).toHaveLength(one.marginal.at.length)
    }
  })

  it('asks of another metric, and says what it cannot ask of', async () => {
    expect(await place.json('importance', '--metric', 'logLoss')).toMatchObject({
      metric: 'logLoss',
      direction: 'minimize',
    })
    const unknown = await place.run('importance', '--metric', 'logLos')
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/none has "logLos".*logLoss/) })
    const undirected = await place.run('importance', '--metric', 'fitSeconds')
    expect(undirected).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--direction minimize or maximize/),
    })
    expect((await place.run('importance', '--metric', 'fitSeconds', '--direction', 'minimize')).code).toBe(0)
  })

  it('writes a narrowed sweep file, once, which is checked and run', async () => {
    const { code, stdout } = await place.run('importance', '--narrow', 'narrower.json')
    expect(code).toBe(0)
    expect(stdout).toContain('narrower.json: the parameters narrowed to where it is good')
    expect(stdout).toMatch(/next\n {2}espalier sweep narrower\.json\n/)
    const written = readFileSync(join(place.path, 'narrower.json'), 'utf8')
    expect(JSON.parse(written)).toMatchObject({ search: { warmStart: sweep.run, algorithm: 'bayesian' } })
    const again = await place.run('importance', '--narrow', 'narrower.json')
    expect(again).toMatchObject({ code: 2, stderr: expect.stringMatching(/not written over.*--force/) })
    expect((await place.run('importance', '--narrow', 'narrower.json', '--force')).code).toBe(0)
    expect(readFileSync(join(place.path, 'narrower.json'), 'utf8')).toBe(written)
    expect((await place.run('space', 'check', 'narrower.json')).code).toBe(0)
    const run = await place.json('sweep', 'narrower.json', '--trials', '4')
    expect(run.trials.failed).toBe(0)
    expect(run.best.value).toBeGreaterThan(0.9)
  })

  it('says what too few trials cannot tell, and the sweep says nothing of it', async () => {
    const few = folder()
    few.write('wine.json', wine)
    const { stdout } = await few.run('sweep', 'wine.json', '--trials', '5')
    expect(stdout).not.toContain('what mattered')
    const told = await few.run('importance')
    expect(told.code).toBe(0)
    expect(told.stdout).toMatch(
      /It cannot be told: what 3 parameters have to do with accuracy takes 10 finished/,
    )
    expect(await few.json('importance')).toMatchObject({ parameters: [], unsure: expect.any(String) })
    const narrow = await few.run('importance', '--narrow', 'narrower.json')
    expect(narrow).toMatchObject({ code: 2, stderr: expect.stringMatching(/cannot tell/) })
  })

  it('says where there is no sweep', async () => {
    const empty = folder()
    writeFileSync(join(empty.path, 'nothing'), '')
    expect(await empty.run('importance')).toMatchObject({ code: 2 })
  })
})
