/** What was asked of a sweep before it went on: whoever asked is gone, and with him the moment that he meant. */
import { expect, test } from 'vitest'
import { Asked, type Course } from '../../src/sweep/asked.js'
import type { Act } from '../../src/tracking/index.js'

const course: Course = {
  next: 3,
  closed: null,
  running: () => 1,
  hasBegun: () => false,
  ending: () => undefined,
  stop: () => {
    throw new Error('it is not to stop')
  },
}
const request = (act: Act) => ({
  id: '00000000000000aa',
  asked: '2026-11-26T12:00:00.000Z',
  by: { user: 'ada', host: 'engine' },
  act,
})

test.each([
  [{ kind: 'stop' }, 'refused', 'ask again'],
  [{ kind: 'end-trial', trial: 1 }, 'refused', 'ask again'],
  [{ kind: 'extend', by: 2 }, 'done', 'it comes to 12 trials'],
  [{ kind: 'enqueue', params: { k: 1 } }, 'done', 'trial 3 gets these params'],
] as const)('%j is %s', (act, outcome, words) => {
  const ruling = new Asked(10, []).rule(request(act), course, true)
  expect(ruling).toMatchObject({ outcome, message: expect.stringContaining(words) })
})
