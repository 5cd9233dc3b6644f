/** The ready sweeps in search-spaces are right, and each really runs. test/long runs them whole. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openStore, sweep } from '../../src/index.js'
import { temporaryDirectory } from '../launch/support.js'

const directory = fileURLToPath(new URL('../../search-spaces', import.meta.url))
/** Those on the small data sets; the others take longer and are in test/long. */
const small = ['iris-cart', 'penguins-cart']

describe('search-spaces', () => {
  it('holds at least the small examples, each with its schema', () => {
    const files = readdirSync(directory).filter((name) => name.endsWith('.json') && name !== 'schema.json')
    for (const name of small) expect(files).toContain(`${name}.json`)
    for (const name of files) {
      const json = JSON.parse(readFileSync(join(directory, name), 'utf8'))
      expect(json.$schema, name).toMatch(/schema\.json$/)
      expect(`${json.name}.json`).toBe(name)
    }
  })

  for (const name of small) {
    it(`${name} runs and leaves a model that predicts`, { timeout: 60_000 }, async () => {
      const store = join(await temporaryDirectory(), 'runs')
      const result = await sweep(join(directory, `${name}.json`), { store, trials: 5 })
      expect(result).toMatchObject({ status: 'finished', trials: { finished: 5, failed: 0 } })
      const best = await (await openStore(store)).bestRun({ experiment: name })
      const sample = JSON.parse(
        new TextDecoder().decode(await (await openStore(store)).readArtifact(best.id, 'sample-input.json')),
      )
      expect((await best.loadModel()).predict(sample).length).toBe(5)
    })
  }
})
