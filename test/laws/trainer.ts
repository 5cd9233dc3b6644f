/** The laws of a trainer, told with vitest. */
import * as vitest from 'vitest'
import type { Dataset } from '../../src/data/index.js'
import { trainerLaws as laws } from '../../src/testing/trainer.js'
import type { Trainer } from '../../src/training/index.js'
import type { Params } from '../../src/values.js'

export { context } from '../../src/testing/trainer.js'

export function trainerLaws(
  name: string,
  make: () => Trainer | Promise<Trainer>,
  data: () => Dataset | Promise<Dataset>,
  params: Params,
): void {
  laws(vitest, name, make, data, params)
}
