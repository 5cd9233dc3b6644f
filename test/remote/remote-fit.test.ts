/** What a fit that is pruned leaves belongs to its trial, however often its worker is lost. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FitOutcome } from '../../src/execution/index.js'
import type { ToWorker } from '../../src/remote/protocol.js'
import { RemoteFit } from '../../src/remote/remote-fit.js'

const grace = 2000
const output = { name: 'stdout.txt', content: new TextEncoder().encode('step 0\nstep 1\n') }

const result = {
  metrics: { loss: 1 },
  fitSeconds: 1,
  predictSeconds: 0,
  predictions: null,
  model: null,
  log: [],
}

const left: FitOutcome = { status: 'finished', result, artifacts: [output] }

/** A fit whose second step is one too many, begun on a worker. */
function pruned(signal?: AbortSignal) {
  const told: ToWorker[] = []
  const losses: boolean[] = []
  let offers = 0
  const asked: number[] = []
  const remote = new RemoteFit(
    { trial: 3, attempt: 1, part: { kind: 'whole' }, params: {}, timeLimit: 1000 },
    {
      signal,
      onLost: ({ vanished }) => losses.push(vanished),
      onReport: (step) => {
        asked.push(step)
        return step === 0 ? 'continue' : 'prune'
      },
    },
    {
      name: 's1-t3-w-a1',
      grace,
      tellWorker: (_, message) => told.push(message),
      offer: () => offers++,
      seatNumber: () => 0,
    },
  )
  const begin = (worker: string) => {
    remote.start({
      kind: 'start',
      number: 0,
      fit: remote.id,
      worker,
      host: 'h',
      seat: 0,
      seats: 1,
      devices: [],
    })
    for (const step of [0, 1])
      remote.report({
        kind: 'report',
        number: step + 1,
        fit: remote.id,
        report: step,
        step,
        metrics: { loss: 1 },
      })
    return vi.advanceTimersByTimeAsync(0)
  }
  return { remote, told, asked, losses, begin, offers: () => offers }
}

describe('a fit that is pruned elsewhere', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is done again where its worker is lost, to the same answers, and leaves what it leaves', async () => {
    const { remote, told, asked, begin, offers } = pruned()
    await begin('first')
    remote.missed()
    expect(remote.fit.ended).toBe(false)
    expect(offers()).toBe(1)
    told.length = 0
    await begin('second')
    expect(told.map((one) => one.kind === 'answer' && one.verdict)).toEqual(['continue', 'prune'])
    // Whoever asked for it has heard of each step once.
    expect(asked).toEqual([0, 1])
    remote.conclude(left, null)
    await expect(remote.fit.outcome).resolves.toEqual({
      status: 'pruned',
      result,
      artifacts: [output],
    })
  })

  it('is waited for, however long its worker is not heard', async () => {
    const { remote, begin } = pruned()
    await begin('first')
    await vi.advanceTimersByTimeAsync(50 * grace)
    expect(remote.fit.ended).toBe(false)
    remote.conclude(left, null)
    await expect(remote.fit.outcome).resolves.toMatchObject({ status: 'pruned', artifacts: [output] })
  })

  it('is given up once nobody waits for it', async () => {
    const stop = new AbortController()
    const { remote, begin } = pruned(stop.signal)
    await begin('first')
    stop.abort()
    await vi.advanceTimersByTimeAsync(grace)
    await expect(remote.fit.outcome).resolves.toEqual({ status: 'aborted' })
  })

  it('is given up between two workers once nobody waits for it', async () => {
    const stop = new AbortController()
    const { remote, begin } = pruned(stop.signal)
    await begin('first')
    remote.missed()
    stop.abort()
    await expect(remote.fit.outcome).resolves.toEqual({ status: 'aborted' })
  })
})

describe('a fit elsewhere', () => {
  it('is told of as lost when it runs nowhere any more, and whether its worker vanished', async () => {
    vi.useFakeTimers()
    try {
      const { remote, losses, begin } = pruned()
      // It was offered, and nobody had it.
      remote.missed()
      expect(losses).toEqual([])
      await begin('first')
      remote.missed()
      expect(losses).toEqual([true])
      await begin('second')
      remote.again()
      expect(losses).toEqual([true, false])
    } finally {
      vi.useRealTimers()
    }
  })
})
