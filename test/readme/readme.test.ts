/** What the README shows is run as it stands there. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openStore, sweep } from '../../src/index.js'
import { dataFile, temporaryDirectory } from '../launch/support.js'

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** The code block of this language that holds `mark`. */
function block(language: string, mark: string): string {
  const blocks = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, code]) => code,
  )
  const found = blocks.filter((code) => code.includes(mark))
  expect(found.length, `${language} blocks with ${mark}`).toBe(1)
  return found[0]
}

const python = spawnSync('python3', ['--version']).status === 0

describe('the README', () => {
  it('shows a sweep file that is right', () => {
    const { parameters } = JSON.parse(block('json', '"wine-knn"'))
    const checked = spawnSync(process.execPath, [
      program,
      'space',
      'check',
      fileURLToPath(new URL('../../search-spaces/wine-knn.json', import.meta.url)),
    ])
    expect(checked.status).toBe(0)
    expect(Object.keys(parameters)).toEqual(['k', 'distance', 'scaling', 'weights'])
  })

  it('shows a sweep file that runs', async () => {
    const store = join(await temporaryDirectory(), 'runs')
    const definition = JSON.parse(block('json', '"wine-knn"'))
    const result = await sweep(
      { ...definition, data: { ...definition.data, file: dataFile('wine.csv') } },
      { store, trials: 6 },
    )
    expect(result).toMatchObject({ status: 'finished', trials: { finished: 6 } })
    expect(result.holdout).not.toBeNull()
  })

  it('shows an objective and a trainer that work', async () => {
    const directory = await temporaryDirectory()
    const store = join(directory, 'runs')
    writeFileSync(join(directory, 'mine.mjs'), block('js', "name: 'mine'"))
    writeFileSync(join(directory, 'mean.mjs'), block('js', 'shrunken-mean'))
    const objective = await sweep(
      { parameters: { x: { type: 'float', min: 0, max: 4 } } },
      { trainer: join(directory, 'mine.mjs'), store, algorithm: 'grid' },
    )
    expect(objective.best).toMatchObject({ params: { x: 2 }, value: 0 })
    const trained = await sweep(
      {
        name: 'mean',
        data: { file: dataFile('diabetes.csv'), target: 'progression' },
        parameters: { shrink: { type: 'float', min: 0, max: 1 } },
      },
      { trainer: join(directory, 'mean.mjs'), store, algorithm: 'grid' },
    )
    expect(trained.best!.params).toEqual({ shrink: 0 })
    const best = await (await openStore(store)).bestRun({ experiment: 'mean' })
    const sample = JSON.parse(
      new TextDecoder().decode(await (await openStore(store)).readArtifact(best.id, 'sample-input.json')),
    )
    expect((await best.loadModel()).predict(sample)[0]).toBeCloseTo(152.13, 1)
  })

  it.skipIf(!python)('shows a Python program that is a trainer (needs python3)', async () => {
    const directory = await temporaryDirectory()
    writeFileSync(join(directory, 'train.py'), block('python', 'ESPALIER_PARAMS_FILE'))
    writeFileSync(join(directory, 'program.json'), block('json', 'train.py'))
    const result = await sweep(join(directory, 'program.json'), {
      store: join(directory, 'runs'),
      trials: 6,
      algorithm: 'sobol',
    })
    expect(result).toMatchObject({ status: 'finished', trials: { failed: 0 } })
    expect(result.best!.metrics.loss).toBe(result.best!.value)
  })

  it.skipIf(!python)('shows a Python client that searches (needs python3)', async () => {
    const file = join(await temporaryDirectory(), 'client.py')
    const code = block('python', 'ask-tell')
    expect(code).toContain('["npx", "espalier", "ask-tell"]')
    // As numpy's: numbers that json does not know, and that say themselves what they are.
    const beyond = `
class Float32:
    def __init__(self, value): self.value = value
    def item(self): return self.value
    def __float__(self): return self.value
search = Search({"x": {"type": "float", "min": -5, "max": 5}}, repeats=True)
for value in (float("nan"), float("inf"), -float("inf"), None, Float32(7.5)):
    trial = search.ask(x=1)[0]
    assert trial["params"] == {"x": 1} and trial["rule"], trial
    search.tell(trial["trial"], value)
`
    writeFileSync(
      file,
      code.replace(
        '["npx", "espalier", "ask-tell"]',
        JSON.stringify([process.execPath, program, 'ask-tell']),
      ) + beyond,
    )
    const { status, stdout, stderr } = spawnSync('python3', [file], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).toMatch(/'trial': \d+/)
    expect(Math.abs(Number(/'x': ([-\d.e]+)/.exec(stdout)![1]) - 2)).toBeLessThan(0.5)
  })
})
