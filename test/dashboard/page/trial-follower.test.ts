/** A trial that is watched: its steps and its output as they grow, and its record again when it has one. */
import { signal } from '@preact/signals'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { TrialRow } from '../../../src/dashboard/data/index.js'
import type { OpenSweep, TrialsEvent } from '../../../src/dashboard/page/open-sweep.js'
import type { Source } from '../../../src/dashboard/page/source.js'
import { followTrial, grown } from '../../../src/dashboard/page/trial-follower.js'
import type { ChildRun } from '../../../src/tracking/index.js'

const series = (values: readonly number[], from = 0) => ({
  steps: values.map((_, i) => from + i),
  values: [...values],
})

describe('steps that grow', () => {
  it('come to all of them, in whatever pieces and however often they are told', () => {
    const pieces = fc.array(fc.record({ from: fc.nat(1000), until: fc.nat(1000) }), { maxLength: 6 })
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 30 }), pieces, (values, told) => {
        let history = {}
        let known = 0
        for (const piece of [...told, { from: 0, until: values.length }]) {
          const from = Math.min(piece.from, known)
          const until = Math.max(from, Math.min(piece.until, values.length))
          if (until < known) continue
          history = grown(history, {
            trial: 0,
            history: { loss: series(values.slice(from, until), from) },
            from: { loss: from },
          })
          known = until
        }
        expect(history).toEqual({ loss: series(values) })
      }),
    )
  })

  it('are kept of a metric with any name', () => {
    const told = (values: readonly number[], from: number) => ({
      trial: 0,
      history: JSON.parse(`{ "__proto__": ${JSON.stringify(series(values, from))} }`),
      from: {},
    })
    const history = grown(grown({}, told([1, 2], 0)), {
      ...told([3], 2),
      from: JSON.parse('{ "__proto__": 2 }'),
    })
    expect(Object.entries(history)).toEqual([['__proto__', series([1, 2, 3])]])
  })
})

describe('a trial that is followed', () => {
  function followed(records: readonly Partial<ChildRun>[]) {
    let listener: (event: TrialsEvent) => void = () => {}
    const answers = [...records]
    const trial = vi.fn(async () => answers.shift() as ChildRun)
    const shown: ChildRun[] = []
    const loaded = signal({} as OpenSweep)
    const display = {
      id: 's',
      loaded,
      listen(to: typeof listener) {
        listener = to
        return () => {
          listener = () => {}
        }
      },
    }
    const stop = followTrial(
      { trial } as unknown as Source,
      display,
      4,
      (run) => shown.push(run),
      () => {},
    )
    const tell = (event: Partial<TrialsEvent>) =>
      listener({
        type: 'trials',
        sweep: 's',
        head: null,
        rows: [],
        deleted: [],
        steps: [],
        output: [],
        ...event,
      })
    return { tell, shown, stop, trial, loaded }
  }

  it('shows its own steps and the end of its output, and asks for its record when that changes', async () => {
    const running = {
      trial: 4,
      status: 'running',
      history: { loss: series([3]) },
      output: [],
    } as Partial<ChildRun>
    const { tell, shown, stop, trial } = followed([running, { trial: 4, status: 'finished' }])
    await vi.waitFor(() => expect(shown).toHaveLength(1))
    tell({ steps: [{ trial: 5, history: { loss: series([9]) }, from: { loss: 0 } }] })
    expect(shown).toHaveLength(1)
    tell({
      steps: [{ trial: 4, history: { loss: series([2], 1) }, from: { loss: 1 } }],
      output: [{ trial: 4, lines: ['epoch 2'] }],
    })
    expect(shown[1]).toMatchObject({ history: { loss: series([3, 2]) }, output: ['epoch 2'] })
    tell({ rows: [{ trial: 4 } as TrialRow] })
    await vi.waitFor(() => expect(shown[2]).toMatchObject({ status: 'finished' }))
    stop()
    tell({ rows: [{ trial: 4 } as TrialRow] })
    expect(trial).toHaveBeenCalledTimes(2)
  })

  it('asks for its record again with each table that is read anew, whatever was not told of meanwhile', async () => {
    const { shown, trial, loaded, stop } = followed([
      { trial: 4, status: 'running' },
      { trial: 4, status: 'finished' },
    ])
    await vi.waitFor(() => expect(shown).toHaveLength(1))
    loaded.value = {} as OpenSweep
    await vi.waitFor(() => expect(shown[1]).toMatchObject({ status: 'finished' }))
    stop()
    loaded.value = {} as OpenSweep
    expect(trial).toHaveBeenCalledTimes(2)
  })
})
