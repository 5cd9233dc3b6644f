/** Fits that behave, among some that do everything else. */
import { expect } from 'vitest'
import type { Executor } from '../../src/execution/index.js'
import { ending, metricsOf, whole } from '../laws/executor.js'

/** What every twentieth fit does in turn, and how it must end. */
const faults = [
  ['throwNull', 'TRAINER_THREW'],
  ['exit', 'WORKER_EXITED'],
  ['nan', 'METRIC_NOT_FINITE'],
  ['rejection', 'TRAINER_THREW'],
  ['loop', 'TIME_LIMIT'],
  ['throwError', 'TRAINER_THREW'],
  ['lateThrow', 'finished'],
  ['heap', 'OUT_OF_MEMORY'],
  ['never', 'TIME_LIMIT'],
  ['throwProxy', 'TRAINER_THREW'],
] as const

const faultOf = (trial: number) => (trial % 20 === 7 ? faults[((trial - 7) / 20) % faults.length] : null)

/** Every fit ends as it must, whatever others have done in its thread before. */
export async function expectOthersUnharmed(executor: Executor, fits: number): Promise<void> {
  const outcomes = await Promise.all(
    Array.from({ length: fits }, (_, trial) => {
      const [fault] = faultOf(trial) ?? [null]
      const limit = fault === 'loop' || fault === 'never' ? 80 : 20_000
      return executor.run(whole(trial, fault ? { do: fault } : { do: 'value', x: trial }, limit))
    }),
  )
  for (const [trial, outcome] of outcomes.entries()) {
    const [, expected] = faultOf(trial) ?? [null, null]
    if (expected) expect(ending(outcome)).toBe(expected)
    else expect(metricsOf(outcome)).toEqual({ value: trial })
  }
}
