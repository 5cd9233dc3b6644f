/** Which sweeps the list shows, and in which order. */
import { describe, expect, it } from 'vitest'
import type { SweepEntry } from '../../../src/dashboard/data/index.js'
import { type ListWishes, listedSweeps } from '../../../src/dashboard/page/sweep-list.js'

function entry(id: string, parts: Partial<SweepEntry> = {}): SweepEntry {
  return {
    id,
    experiment: 'wine',
    name: id,
    status: 'finished',
    started: 0,
    ended: 1,
    objective: { metric: 'accuracy', direction: 'maximize' },
    trials: { finished: 1, pruned: 0, failed: 0, running: 0 },
    planned: null,
    best: null,
    holdout: null,
    corrected: null,
    baseline: null,
    reproduced: null,
    spark: [],
    trialsPerMinute: null,
    secondsLeft: null,
    tags: {},
    ...parts,
  }
}

const best = (value: number) => ({ best: { run: 'r', trial: 0, value } })
const sweeps = [
  entry('a', { started: 3, ...best(0.5) }),
  entry('b', { started: 2, experiment: 'Iris', status: 'running' }),
  entry('c', { started: 1, tags: { kind: 'Draft' }, ...best(0.9) }),
]
const wishes: ListWishes = {
  text: '',
  status: '',
  grouped: false,
  order: { by: 'started', descending: true },
}
const shown = (part: Partial<ListWishes>) =>
  listedSweeps(sweeps, { ...wishes, ...part }).map(({ experiment, entries }) => [
    experiment,
    entries.map(({ id }) => id).join(''),
  ])

describe('the list of sweeps', () => {
  it('has the newest first, and what has no value last in either direction', () => {
    expect(shown({})).toEqual([[null, 'abc']])
    expect(shown({ order: { by: 'best', descending: true } })).toEqual([[null, 'cab']])
    expect(shown({ order: { by: 'best', descending: false } })).toEqual([[null, 'acb']])
    expect(shown({ order: { by: 'name', descending: true } })).toEqual([[null, 'cba']])
  })

  it('is found in by name, experiment and tags in any case, and by status', () => {
    expect(shown({ text: ' iris ' })).toEqual([[null, 'b']])
    expect(shown({ text: 'draft' })).toEqual([[null, 'c']])
    expect(shown({ status: 'running' })).toEqual([[null, 'b']])
    expect(shown({ text: 'no such' })).toEqual([[null, '']])
  })

  it('groups by experiment, in the order of the first of each', () => {
    expect(shown({ grouped: true })).toEqual([
      ['wine', 'ac'],
      ['Iris', 'b'],
    ])
    expect(shown({ grouped: true, order: { by: 'started', descending: false } })).toEqual([
      ['wine', 'ca'],
      ['Iris', 'b'],
    ])
  })
})
