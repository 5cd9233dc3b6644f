/**
 * The laws every pruner keeps, whatever its rule: `prunerLaws` is called once for each.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Curve, createPruner, type PrunerSettings } from '../../src/search/index.js'
import type { Direction } from '../../src/values.js'

export interface PrunerLawOptions {
  /** Curves of folds (all of equal length) or of training steps (any length). */
  readonly kind: 'folds' | 'steps'
  /** Outcomes known below which it never stops a trial. */
  readonly fewest: number
}

const folds = 5
const sampled = { numRuns: 300, seed: 5 }

/** Few different values, so that ties are frequent; and curves that cross. */
const loss = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ min: -10, max: 10, noNaN: true, noDefaultInfinity: true }),
)

function curveOf(kind: PrunerLawOptions['kind'], trial: number, whole: boolean): fc.Arbitrary<Curve> {
  const status = whole
    ? fc.constantFrom<Curve['status']>('finished', 'finished', 'finished', 'pruned', 'failed')
    : fc.constant('running' as const)
  return status.chain((status) => {
    const length =
      kind === 'steps'
        ? { minLength: 1, maxLength: 12 }
        : status === 'finished'
          ? { minLength: folds, maxLength: folds }
          : { minLength: 1, maxLength: folds - 1 }
    return fc.tuple(fc.array(loss, length), fc.integer({ min: 0, max: 2 })).map(([values, first]) => ({
      trial,
      status,
      steps: values.map((_, i) => (kind === 'folds' ? i : first + i)),
      values,
    }))
  })
}

function situation(kind: PrunerLawOptions['kind'], most = 15) {
  return fc.integer({ min: 0, max: most }).chain((n) =>
    fc.record({
      history: fc.tuple(...Array.from({ length: n }, (_, trial) => curveOf(kind, trial, true))),
      current: curveOf(kind, n, false),
      direction: fc.constantFrom<Direction>('minimize', 'maximize'),
    }),
  )
}

const turned = <C extends Curve>(curve: C): C => ({ ...curve, values: curve.values.map((value) => -value) })

/** Every verdict on a running trial, step by step. */
function verdicts(settings: PrunerSettings, history: readonly Curve[], current: Curve, direction: Direction) {
  const pruner = createPruner(settings)
  return current.steps.map((_, i) =>
    pruner.decide(
      history,
      { ...current, steps: current.steps.slice(0, i + 1), values: current.values.slice(0, i + 1) },
      direction,
    ),
  )
}

export function prunerLaws(settings: PrunerSettings, { kind, fewest }: PrunerLawOptions): void {
  describe(`the laws of a pruner: ${JSON.stringify(settings)}`, () => {
    const situations = situation(kind)

    it('gives the same answer to the same question, whatever was asked before, and changes nothing', () => {
      const used = createPruner(settings)
      fc.assert(
        fc.property(situations, ({ history, current, direction }) => {
          const before = JSON.stringify([history, current])
          const reason = used.explain(history, current, direction)
          expect(createPruner(settings).explain(history, current, direction)).toEqual(reason)
          expect(used.explain(history, current, direction)).toEqual(reason)
          expect(JSON.stringify([history, current])).toBe(before)
        }),
        sampled,
      )
    })

    it('gives the same answer from a record that was written and read', () => {
      const read = createPruner(JSON.parse(JSON.stringify(settings)))
      fc.assert(
        fc.property(situations, ({ history, current, direction }) => {
          const again = JSON.parse(JSON.stringify([history, current]))
          expect(read.explain(again[0], again[1], direction)).toEqual(
            createPruner(settings).explain(history, current, direction),
          )
        }),
        sampled,
      )
    })

    it('says prune exactly where it has a reason, which is plain JSON and names its rule and step', () => {
      let pruned = 0
      fc.assert(
        fc.property(situations, ({ history, current, direction }) => {
          const pruner = createPruner(settings)
          const reason = pruner.explain(history, current, direction)
          expect(pruner.decide(history, current, direction)).toBe(reason === null ? 'continue' : 'prune')
          if (reason === null) return
          pruned++
          expect(JSON.parse(JSON.stringify(reason))).toEqual(reason)
          expect(reason.rule).toBe(settings.name)
          expect(reason.step).toBe(current.steps[current.steps.length - 1])
          const sign = direction === 'maximize' ? -1 : 1
          expect(sign * reason.value).toBeGreaterThanOrEqual(sign * reason.bound)
          expect(reason.reason.length).toBeGreaterThan(20)
        }),
        sampled,
      )
      if (settings.name === 'none') expect(pruned).toBe(0)
      else expect(pruned).toBeGreaterThan(2)
    })

    it('is the same in both directions', () => {
      fc.assert(
        fc.property(situations, ({ history, current }) => {
          const pruner = createPruner(settings)
          expect(pruner.decide(history.map(turned), turned(current), 'maximize')).toBe(
            pruner.decide(history, current, 'minimize'),
          )
        }),
        sampled,
      )
    })

    it('does not go by the order in which the history is told', () => {
      fc.assert(
        fc.property(situations, ({ history, current, direction }) => {
          const pruner = createPruner(settings)
          expect(pruner.decide([...history].reverse(), current, direction)).toBe(
            pruner.decide(history, current, direction),
          )
        }),
        sampled,
      )
    })

    it('never stops the first trials', () => {
      fc.assert(
        fc.property(situation(kind, fewest - 1), ({ history, current, direction }) => {
          expect(verdicts(settings, history, current, direction)).not.toContain('prune')
        }),
        sampled,
      )
    })

    it('never stops a trial that is the best at every step', () => {
      fc.assert(
        fc.property(situations, ({ history, current }) => {
          const lowest = Math.min(...history.flatMap(({ values }) => values), ...current.values)
          const best = { ...current, values: current.values.map((value) => lowest - 1 - Math.abs(value)) }
          expect(verdicts(settings, history, best, 'minimize')).not.toContain('prune')
        }),
        sampled,
      )
    })

    it('does not go by what failed', () => {
      fc.assert(
        fc.property(situations, ({ history, current, direction }) => {
          const pruner = createPruner(settings)
          const sound = history.filter(({ status }) => status !== 'failed')
          expect(pruner.explain(sound, current, direction)).toEqual(
            pruner.explain(history, current, direction),
          )
        }),
        sampled,
      )
    })

    it('goes on with a trial that has nothing to show yet', () => {
      fc.assert(
        fc.property(situations, ({ history, direction }) => {
          const current: Curve = { trial: history.length, status: 'running', steps: [], values: [] }
          expect(createPruner(settings).decide(history, current, direction)).toBe('continue')
        }),
        sampled,
      )
    })
  })
}
