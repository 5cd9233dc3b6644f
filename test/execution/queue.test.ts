import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareRequests, FitQueue } from '../../src/execution/queue.js'
import { part } from '../laws/executor.js'

const requests = fc.array(
  fc
    .record({
      trial: fc.nat(6),
      kind: fc.constantFrom('fold', 'whole', 'final', 'holdout'),
      fold: fc.nat(4),
    })
    .map(({ trial, kind, fold }) =>
      part(trial, kind === 'fold' ? { kind, fold } : { kind: kind as 'whole' | 'final' | 'holdout' }),
    ),
  { maxLength: 60 },
)

describe('the queue of fits', () => {
  it('gives back everything once, in order, equals as they came', () => {
    fc.assert(
      fc.property(requests, (list) => {
        const queue = new FitQueue<number>()
        for (let i = 0; i < list.length; i++) queue.push(list[i], i)
        const taken = list.map(() => queue.shift()!)
        expect(queue.shift()).toBeUndefined()
        const expected = list.map((_, i) => i).sort((a, b) => compareRequests(list[a], list[b]) || a - b)
        expect(taken).toEqual(expected)
      }),
      { seed: 5 },
    )
  })

  it('keeps the order while fits come and go', () => {
    fc.assert(
      fc.property(requests, fc.infiniteStream(fc.boolean()), (list, takes) => {
        const queue = new FitQueue<number>()
        const waiting = new Set<number>()
        for (let i = 0; i < list.length; i++) {
          queue.push(list[i], i)
          waiting.add(i)
          if (!takes.next().value) continue
          const taken = queue.shift()!
          for (const other of waiting)
            expect(compareRequests(list[taken], list[other]) || taken - other).toBeLessThanOrEqual(0)
          waiting.delete(taken)
        }
      }),
      { seed: 6 },
    )
  })

  it('gives a worker a fold it prefers, of the trial that is first, and everything once', () => {
    fc.assert(
      fc.property(requests, fc.infiniteStream(fc.nat(4)), (list, preferred) => {
        const queue = new FitQueue<number>()
        const waiting = new Set(list.keys())
        for (let i = 0; i < list.length; i++) queue.push(list[i], i)
        while (waiting.size > 0) {
          const fold = preferred.next().value as number
          const prefers = (i: number) =>
            list[i].part.kind === 'fold' && (list[i].part as { fold: number }).fold === fold
          const inOrder = [...waiting].sort((a, b) => compareRequests(list[a], list[b]) || a - b)
          const [first] = inOrder
          const expected =
            list[first].part.kind === 'fold'
              ? (inOrder.find((i) => list[i].trial === list[first].trial && prefers(i)) ?? first)
              : first
          const taken = queue.shift(({ part }) => part.kind === 'fold' && part.fold === fold)!
          expect(taken).toBe(expected)
          waiting.delete(taken)
        }
        expect(queue.shift()).toBeUndefined()
      }),
      { seed: 7 },
    )
  })
})
