/** What the first Ctrl-C says of the trials that run: those that waited for a worker are left, and not counted. */
import { expect, it } from 'vitest'
import { untilStopped } from '../../src/cli/interrupt.js'
import { SweepState } from '../../src/cli/progress/state.js'

it('counts the trials that have begun, which are known by the time it is said', async () => {
  const state = new SweepState()
  for (const trial of [0, 1, 2, 3])
    state.take({ type: 'trial-started', trial, params: {}, origin: { rule: 'random' } })
  await untilStopped(
    ({ signal }) =>
      new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          for (const trial of [2, 3]) state.take({ type: 'trial-left', trial })
          resolve()
        })
        process.emit('SIGINT')
      }),
    () => state.take({ type: 'stopping', reason: 'interrupt' }),
    () => {},
  )
  expect(state.closing).toBe('interrupted; 2 running trials end first (Ctrl-C again stops them)')
  expect(state.runningFor(0).map(({ trial }) => trial)).toEqual([0, 1])
})
