/** Every ready sweep on the small data sets as a user runs it, whole; each finds what is known to be findable. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { sweep } from '../../src/index.js'
import { temporaryDirectory } from '../launch/support.js'

const directory = fileURLToPath(new URL('../../search-spaces', import.meta.url))

/** A cross-validated value that the best of the sweep must reach. */
const reachable: Record<string, (value: number) => boolean> = {
  'iris-cart': (accuracy) => accuracy >= 0.94,
  'wine-knn': (accuracy) => accuracy >= 0.95,
  'breast-cancer-cart': (value) => value >= 0.91,
  'penguins-cart': (macroF1) => macroF1 >= 0.93,
  // The best of the whole grid (96 cells) is 63.91 on these folds.
  'diabetes-cart': (rmse) => rmse <= 64,
}

describe('the ready sweeps', () => {
  for (const [name, reached] of Object.entries(reachable)) {
    it(`${name} finds a good model`, async () => {
      const store = join(await temporaryDirectory(), 'runs')
      const result = await sweep(join(directory, `${name}.json`), { store })
      expect(result.status).toBe('finished')
      expect(result.trials.failed).toBe(0)
      expect(reached(result.best!.value), `${name}: ${result.best!.value}`).toBe(true)
    })
  }
})
