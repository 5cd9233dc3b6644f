/** A fit that ended before all its reports were answered leaves what it left. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Fit } from '../../src/execution/index.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const left = { name: 'end.txt', content: new Uint8Array([1]) }
const result = { metrics: {}, fitSeconds: 1, predictSeconds: 0, predictions: null, model: null, log: [] }

for (const order of ['told to stop before it ends', 'told to stop after it ended'])
  it(`waits for the other answers: ${order}`, async () => {
    const answers: ((verdict: 'continue' | 'prune') => void)[] = []
    const onReport = () => new Promise<'continue' | 'prune'>((resolve) => answers.push(resolve))
    const fit = new Fit(
      { trial: 0, attempt: 0, part: { kind: 'whole' }, params: {}, timeLimit: 1e9 },
      { onReport },
      500,
    )
    fit.start(0, { ask: () => {}, end: () => {} })
    for (const step of [0, 1]) void fit.report(step, { loss: 1 })
    const steps = [
      () => answers[0]!('prune'),
      () => fit.conclude({ status: 'finished', result, artifacts: [left] }),
    ]
    for (const step of order.includes('before') ? steps : steps.reverse()) {
      step()
      await vi.advanceTimersByTimeAsync(10)
    }
    await vi.advanceTimersByTimeAsync(5000)
    expect(fit.ended).toBe(false)
    answers[1]!('prune')
    await expect(fit.outcome).resolves.toMatchObject({ status: 'pruned', artifacts: [left] })
  })
