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

const result = { metrics: {}, fitSeconds: 1, predictSeconds: 0, predictions: null, model: null, log: [] }

it('names the module of a model where whoever loads the model has it', () => {
  const of = (file: string) => ({ format: 'espalier-model', trainer: { kind: 'module', file }, state: {} })
  const left = namedThere(
    { status: 'finished', result: { ...result, model: of('/tmp/worker/code/lib/a.mjs') } },
    moved,
  )
  expect(left).toEqual({
    status: 'finished',
    result: { ...result, model: of('/home/me/sweeps/lib/a.mjs') },
  })
})

it('names files in what was logged and printed where the owner has them, and leaves other files as they are', () => {
  const bytes = (text: string) => new Uint8Array([255, ...Buffer.from(text)])
  const outcome = (place: string, kept: string) =>
    ({
      status: 'finished',
      result: { ...result, log: [`in ${place}/a.mjs`] },
      artifacts: [
        { name: 'stderr.txt', content: bytes(`${place}/train.py:3 ü`) },
        { name: 'model.bin', content: bytes(`${kept}/train.py`) },
      ],
    }) as const
  expect(namedThere(outcome('/tmp/worker/code', '/tmp/worker/code'), moved)).toEqual(
    outcome('/home/me/sweeps', '/tmp/worker/code'),
  )
  const failed = (place: string) =>
    ({ status: 'failed', code: 'TRAINER_THREW', reason: '', seconds: 1, log: [`in ${place}/a.mjs`] }) as const
  expect(namedThere(failed('/tmp/worker/code'), moved)).toEqual(failed('/home/me/sweeps'))
})
