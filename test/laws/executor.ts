/** The laws of an executor, told with vitest. */
import * as vitest from 'vitest'
import {
  type ExecutorAbilities,
  executorLaws as laws,
  type MakeExecutor,
} from '../../src/testing/executor.js'

export * from '../../src/testing/executor.js'

export function executorLaws(name: string, make: MakeExecutor, abilities: ExecutorAbilities): void {
  laws(vitest, name, make, abilities)
}
