/** What a thread hands over is as agreed, or one failed fit: each law by itself. */
import { expect, it } from 'vitest'
import { checkReply, isReport } from '../../src/execution/check-reply.js'

const result = () => ({
  metrics: { loss: 1 },
  fitSeconds: 1,
  predictSeconds: 0,
  predictions: { rows: new Int32Array(2), values: new Float64Array(2), probabilities: null },
  model: { a: [1] },
  log: ['said'],
})
const finished = (changed: object) => ({
  outcome: { status: 'finished', result: { ...result(), ...changed } },
  spoilt: false,
})

it('a reply as agreed arrives as it is', () => {
  const outcome = { status: 'finished', result: result() }
  expect(checkReply(finished({}), 3)).toEqual({ outcome, spoilt: false })
})

it.each([
  ['a metric', finished({ metrics: { loss: Number.NaN } })],
  ['a metric of another kind', finished({ metrics: { loss: '1' } })],
  ['a time', finished({ fitSeconds: Number.NaN })],
  ['a time before the beginning', finished({ predictSeconds: -1 })],
  ['rows', finished({ predictions: { ...result().predictions, rows: [0, 1] } })],
  [
    'values of other rows',
    finished({ predictions: { ...result().predictions, values: new Float64Array(3) } }),
  ],
  ['probabilities', finished({ predictions: { ...result().predictions, probabilities: [1] } })],
  ['a model', finished({ model: { big: 1n } })],
  ['a log', finished({ log: 'said' })],
  ['a status', { outcome: { status: 'fine' } }],
  ['a code', { outcome: { status: 'failed', code: 'toString', reason: 'x', seconds: 1 } }],
  ['an artifact', { outcome: { status: 'aborted', artifacts: [{ name: 'a', content: 'text' }] } }],
  ['artifacts', { outcome: { status: 'aborted', artifacts: { length: 1e9 } } }],
  ['a note', { outcome: { status: 'aborted', notes: [{ about: 'a', message: 7 }] } }],
  ['nothing', undefined],
])('%s that is not as agreed is one failure, by the clock of this side', (_, reply) => {
  expect(checkReply(reply, 3)).toMatchObject({
    outcome: { status: 'failed', code: 'RESULT_INVALID', seconds: 3 },
    spoilt: true,
  })
})

it('a failure has the seconds of this side, whatever it says of them', () => {
  const failed = { status: 'failed', code: 'TRAINER_THREW', reason: 'x', seconds: Number.NaN }
  expect(checkReply({ outcome: failed }, 3).outcome).toMatchObject({ code: 'TRAINER_THREW', seconds: 3 })
})

it('a report has a finite step and finite metrics', () => {
  expect(isReport(0, { loss: 1 })).toBe(true)
  for (const step of [Number.NaN, '1', null]) expect(isReport(step, { loss: 1 })).toBe(false)
  for (const metrics of [{ loss: Number.NaN }, { loss: '1' }, null, [1]])
    expect(isReport(0, metrics)).toBe(false)
})
