/** The laws of the table of trials: whatever way rows came into it, it is the same table, and its bytes are it again. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeParcel, encodeParcel, type TrialRow, TrialTable } from '../../src/dashboard/data/index.js'
import { rowAt } from '../../src/dashboard/gather/rows.js'
import { trialRow } from './trial-row.js'

const name = fc
  .oneof(fc.constantFrom('k', 'rate', 'a.b', '</script>', 'é'), fc.string({ minLength: 1 }))
  .filter((one) => one !== '__proto__')
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const dictionary = <T>(value: fc.Arbitrary<T>) => fc.dictionary(name, value, { maxKeys: 4 })

/** Numbers are numbers and texts are texts in all rows, as of one sweep. */
const rowOf = (trial: number): fc.Arbitrary<TrialRow> =>
  fc.record({
    trial: fc.constant(trial),
    run: fc.constant(`run${trial}`),
    status: fc.constantFrom('running', 'finished', 'pruned', 'failed', 'interrupted'),
    started: fc.integer({ min: 0, max: 2 ** 41 }),
    ended: fc.option(fc.integer({ min: 0, max: 2 ** 41 })),
    params: fc.tuple(dictionary(finite), dictionary(fc.string())).map(([numbers, texts]) => ({
      ...Object.fromEntries(Object.entries(numbers).map(([key, value]) => [`n${key}`, value])),
      ...Object.fromEntries(Object.entries(texts).map(([key, value]) => [`t${key}`, value])),
    })),
    value: fc.option(finite),
    metrics: dictionary(finite),
    rule: fc.constantFrom('random', 'sobol'),
    predicted: fc.option(fc.record({ mean: finite, deviation: finite })),
    error: fc.option(fc.constantFrom('TIME_LIMIT', 'TRAINER_THREW')),
    attempts: fc.integer({ min: 1, max: 5 }),
    tags: dictionary(fc.string()),
    fits: fc.array(fc.record({ seat: fc.nat(9), start: fc.nat(), end: fc.option(fc.nat()) }), {
      maxLength: 2,
    }),
  })

const rowsOf = (most: number) =>
  fc
    .uniqueArray(fc.nat(500), { maxLength: most })
    .chain((trials) => fc.tuple(...trials.map(rowOf)))
    .map((rows) => rows as TrialRow[])

const nothingListed = { facts: [], listed: new Map(), alike: false }
const contents = (table: TrialTable): TrialRow[] =>
  Array.from({ length: table.length }, (_, row) => rowAt(table, row, nothingListed))

function tableOf(rows: readonly TrialRow[]): TrialTable {
  const table = new TrialTable()
  for (const row of rows) table.upsert(row)
  return table
}

const sorted = (rows: readonly TrialRow[]) => [...rows].sort((a, b) => a.trial - b.trial)

test('a row comes out as it went in, and rows stand in the order of their trials', () => {
  fc.assert(
    fc.property(rowsOf(90), (rows) => {
      const table = tableOf(rows)
      expect(contents(table)).toEqual(sorted(rows))
      for (const { trial } of rows) expect(table.numbers('trial')[table.rowOf(trial)!]).toBe(trial)
    }),
    { numRuns: 60 },
  )
})

test('a row that is put in again is replaced whole, and one that is taken out leaves nothing', () => {
  fc.assert(
    fc.property(rowsOf(20), rowsOf(20), fc.array(fc.nat(500)), rowsOf(5), (first, second, gone, third) => {
      const table = tableOf([...first, ...second])
      for (const trial of gone) table.delete(trial)
      const last = new Map([...first, ...second].map((row) => [row.trial, row]))
      for (const trial of gone) last.delete(trial)
      expect(contents(table)).toEqual(sorted([...last.values()]))
      for (const trial of gone) expect(table.rowOf(trial)).toBeUndefined()
      // Where one was taken out, nothing of it comes back with the next.
      for (const row of third) table.upsert(row)
      for (const row of third) last.set(row.trial, row)
      expect(contents(table)).toEqual(sorted([...last.values()]))
    }),
    { numRuns: 60 },
  )
})

test('its bytes are the same table again, which goes on growing', () => {
  fc.assert(
    fc.property(rowsOf(80), rowsOf(10), fc.nat(7), (rows, further, offset) => {
      const bytes = tableOf(rows).encode()
      // As it may lie in an answer: not at a multiple of eight.
      const moved = new Uint8Array(bytes.length + offset)
      moved.set(bytes, offset)
      const table = TrialTable.decode(moved.subarray(offset))
      expect(contents(table)).toEqual(sorted(rows))
      for (const row of further) table.upsert(row)
      expect(contents(table)).toEqual(contents(tableOf([...rows, ...further])))
    }),
    { numRuns: 60 },
  )
})

test('a parcel gives back its document and its parts, and one that is cut short is refused', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.nat(),
      (document, parts, cut) => {
        const parcel = encodeParcel(document, parts)
        const read = decodeParcel(parcel)
        expect(read.document).toEqual(JSON.parse(JSON.stringify(document)))
        expect(read.parts.map((part) => [...part])).toEqual(parts.map((part) => [...part]))
        for (const part of read.parts) expect(part.byteOffset % 8).toBe(0)
        const last = parts.at(-1)
        if (last === undefined || last.length === 0) return
        const shorter = parcel.subarray(0, parcel.length - 8 - (cut % 8))
        expect(() => decodeParcel(shorter)).toThrow(/whole/)
      },
    ),
  )
})

test('a parameter of which nobody says what it holds keeps its texts, whichever came first', () => {
  const params = [{ k: 3 }, {}, { k: 'auto' }, { k: 0.5 }]
  const table = new TrialTable()
  params.forEach((one, trial) => {
    table.upsert(trialRow(trial, { params: one as TrialRow['params'] }))
  })
  const cells = (one: TrialTable) => params.map((_, row) => one.cell('params.k', row))
  expect(cells(table)).toEqual(['3', null, 'auto', '0.5'])
  const decoded = TrialTable.decode(table.encode())
  decoded.upsert(trialRow(4, { params: { k: 'none' } }))
  expect([...cells(decoded), decoded.cell('params.k', 4)]).toEqual(['3', null, 'auto', '0.5', 'none'])
})
