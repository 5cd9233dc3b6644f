/** What the list of sweeps says of one, by its record. */
import { expect, test } from 'vitest'
import { type TrialRow, TrialTable } from '../../src/dashboard/data/index.js'
import { entryOf, sparkOf } from '../../src/dashboard/gather/entry.js'
import { placeText, readPlace } from '../../src/dashboard/gather/place.js'
import type { ParentRun } from '../../src/tracking/index.js'
import { trialRow } from './trial-row.js'

const row = (trial: number, value: number | null, more: Partial<TrialRow> = {}): TrialRow =>
  trialRow(trial, { status: value === null ? 'failed' : 'finished', value, ...more })

function tableOf(rows: readonly TrialRow[]): TrialTable {
  const table = new TrialTable()
  for (const one of rows) table.upsert(one)
  return table
}

const run: ParentRun = {
  kind: 'sweep',
  id: '0123456789abcdef',
  experiment: 'e',
  name: 'n',
  status: 'running',
  started: '2026-11-26T10:00:00.000Z',
  ended: null,
  objectives: [{ metric: 'loss', direction: 'minimize' }],
  objective: { metric: 'loss', direction: 'minimize' },
  trials: { finished: 9, pruned: 1, failed: 2, running: 2 },
  best: { run: 'run1', trial: 1, value: 1 },
  metrics: {},
  tags: {},
  artifacts: [],
  error: null,
  spec: { trials: 36 },
  sessions: [{ started: '2026-11-26T10:00:00.000Z', done: 0, conditions: {} }],
  requests: [],
  deleted: [],
}
const later = Date.parse('2026-11-26T10:02:00.000Z')

test('a running sweep has its pace and the time that is left; one that has ended has neither', () => {
  expect(entryOf(run, null, null, later)).toMatchObject({ trialsPerMinute: 6, secondsLeft: 240, planned: 36 })
  const ended = { ...run, status: 'finished' as const }
  expect(entryOf(ended, null, null, later)).toMatchObject({ trialsPerMinute: null, secondsLeft: null })
  const timed = { ...run, spec: { trials: 36, budget: 300_000 } }
  expect(entryOf(timed, null, null, later)).toMatchObject({ planned: null, secondsLeft: 180 })
  expect(entryOf({ ...run, spec: {} }, null, null, later)).toMatchObject({ planned: null, secondsLeft: null })
})

test('the holdout value is the best one’s, and the corrected one the sweep’s', () => {
  const table = tableOf([
    row(0, 2, { metrics: { holdoutLoss: 7 } }),
    row(1, 1, { metrics: { holdoutLoss: 3 } }),
  ])
  const corrected = { correctedLoss: 1.5, correctedLossLow: 1, correctedLossHigh: 2 }
  expect(entryOf({ ...run, metrics: corrected }, table, null, later)).toMatchObject({
    holdout: 3,
    corrected: { mean: 1.5, low: 1, high: 2 },
  })
  expect(entryOf(run, tableOf([row(1, 1)]), null, later)).toMatchObject({ holdout: null, corrected: null })
})

test('reproduced: what was said last of the best, by itself or with the sweep, and of no other trial', () => {
  const said = (reproduced: string, at: string) => ({
    tags: { 'espalier.reproduced': reproduced, 'espalier.reproducedAt': at },
  })
  const of = (sweep: { tags?: Record<string, string> }, ...rows: TrialRow[]) =>
    entryOf({ ...run, ...sweep }, tableOf(rows), null, later).reproduced
  expect(of({}, row(0, 2), row(1, 1))).toBeNull()
  expect(of({}, row(0, 2, said('different', '2027-02')), row(1, 1, said('equal', '2027-01')))).toBe('equal')
  expect(of({}, row(0, 2, said('different', '2027-02')), row(1, 1))).toBeNull()
  expect(of(said('equal', '2027-02'), row(1, 1))).toBe('equal')
  expect(of(said('equal', '2027-02'), row(1, 1, said('different', '2027-03')))).toBe('different')
  // The sweep was reproduced before this best was found.
  expect(of(said('equal', '2026-01'), row(1, 1, { ended: later }))).toBeNull()
  expect(of({}, row(1, 1, said('anything', '2027-02')))).toBeNull()
})

test('the spark line is the best finished value so far, at 40 places of a long sweep with both ends', () => {
  const minimize = { metric: 'loss', direction: 'minimize' } as const
  const rows = [row(0, null), row(1, 3), row(2, null), row(3, 4), row(4, 1, { status: 'pruned' }), row(5, 2)]
  expect(sparkOf(tableOf(rows), minimize)).toEqual([3, 3, 3, 3, 2])
  expect(sparkOf(tableOf(rows), { ...minimize, direction: 'maximize' })).toEqual([3, 3, 4, 4, 4])
  const long = Array.from({ length: 500 }, (_, trial) => row(trial, 1000 - trial))
  const spark = sparkOf(tableOf(long), minimize)
  expect(spark).toHaveLength(40)
  expect([spark[0], spark.at(-1)]).toEqual([1000, 501])
})

test('a place travels as a text, and nothing else is read as one', () => {
  const place = { generation: 2, bytes: 123, lines: 4, crc: '00ff12ab' }
  expect(readPlace(placeText(place))).toEqual(place)
  for (const text of ['', '1.2.3', '1.2.3.xyz', '-1.2.3.aa', '1.2.3.aa.5', '1e3.2.3.aa'])
    expect(readPlace(text)).toBeNull()
})
