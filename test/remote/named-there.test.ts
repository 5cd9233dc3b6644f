import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { namedThere } from '../../src/remote/named-there.js'

const moved = { here: '/tmp/worker/code', there: '/home/me/sweeps' }

it('names files in the reason of a failure where the owner of the sweep has them', () => {
  const reason = `at ${pathToFileURL('/tmp/worker/code/a.mjs').href}:3, of /tmp/worker/code/b.py`
  const outcome = { status: 'failed', code: 'PROGRAM_FAILED', reason, seconds: 1 } as const
  expect(namedThere(outcome, moved)).toEqual({
    ...outcome,
    reason: `at ${pathToFileURL('/home/me/sweeps/a.mjs').href}:3, of /home/me/sweeps/b.py`,
  })
})
