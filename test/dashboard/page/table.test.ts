/** The table of trials: which rows are made, in which order, and what their cells say. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvText } from '../../../src/csv-cell.js'
import { type TrialRow, TrialTable } from '../../../src/dashboard/data/index.js'
import { firstRows } from '../../../src/dashboard/page/csv-rows.js'
import { orderedRows, toggled } from '../../../src/dashboard/page/table-order.js'
import { rowWindow, scrollTo } from '../../../src/dashboard/page/table-window.js'
import { trialRow } from '../trial-row.js'

const size = { rows: fc.nat(60_000), height: fc.nat(2000), top: fc.integer({ min: -50, max: 2_000_000 }) }
const rowHeight = 30

describe('the rows in the document', () => {
  it('are those in view and few more, and all rows have their room', () => {
    fc.assert(
      fc.property(fc.record(size), ({ rows, height, top }) => {
        const { from, to, before, after } = rowWindow(rows, rowHeight, top, height)
        expect(before + (to - from) * rowHeight + after).toBe(rows * rowHeight)
        expect(to - from).toBeLessThanOrEqual(height / rowHeight + 26)
        const reachable = Math.min(Math.max(0, top), Math.max(0, rows * rowHeight - height))
        if (top === reachable && rows > 0) {
          expect(before).toBeLessThanOrEqual(reachable)
          expect(to * rowHeight).toBeGreaterThanOrEqual(Math.min(rows * rowHeight, reachable + height))
        }
      }),
    )
  })

  it('come into view with as little scrolling as can be', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.nat(30_000),
        fc.integer({ min: rowHeight, max: 900 }),
        (row, top, height) => {
          const to = scrollTo(row, rowHeight, top, height)
          expect(row * rowHeight).toBeGreaterThanOrEqual(to)
          expect((row + 1) * rowHeight).toBeLessThanOrEqual(to + height)
          if (row * rowHeight >= top && (row + 1) * rowHeight <= top + height) expect(to).toBe(top)
        },
      ),
    )
  })
})

function tableOf(rows: readonly Partial<TrialRow>[]): TrialTable {
  const table = new TrialTable([
    {
      name: 'size',
      kind: 'category',
      integer: false,
      log: false,
      min: null,
      max: null,
      values: ['small', 'large'],
      default: null,
      when: null,
    },
  ])
  for (const [trial, row] of rows.entries())
    table.upsert(trialRow(trial, { started: 0, ended: null, ...row }))
  return table
}

const everyRow = (table: TrialTable) => new Uint8Array(table.length).fill(1)

describe('the order of rows', () => {
  const key = (column: string, descending = false) => ({ column, descending })

  it('is that of the values, with what has none last in either direction, and equal ones by trial', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 9 }))), fc.boolean(), (values, descending) => {
        const table = tableOf(values.map((value) => ({ value })))
        const rows = [...orderedRows(table, everyRow(table), [key('value', descending)])]
        const known = values.map((value, trial) => ({ value, trial }))
        const sign = descending ? -1 : 1
        known.sort((a, b) => {
          if (a.value === null || b.value === null)
            return Number(a.value === null) - Number(b.value === null) || a.trial - b.trial
          return sign * (a.value - b.value) || a.trial - b.trial
        })
        expect(rows).toEqual(known.map(({ trial }) => trial))
      }),
    )
  })

  it('of listed values is that of the file, and of texts that of their letters', () => {
    const table = tableOf([
      { params: { size: 'large' }, error: 'B' },
      { params: {}, error: 'A' },
      { params: { size: 'small' }, error: null },
    ])
    expect([...orderedRows(table, everyRow(table), [key('params.size')])]).toEqual([2, 0, 1])
    expect([...orderedRows(table, everyRow(table), [key('error')])]).toEqual([1, 0, 2])
  })

  it('goes by the next key where the first is equal, and shows only what is selected', () => {
    const table = tableOf([{ value: 1, attempts: 2 }, { value: 1 }, { value: 0 }, { value: 3 }])
    expect([...orderedRows(table, Uint8Array.of(1, 1, 1, 0), [key('value'), key('attempts')])]).toEqual([
      2, 1, 0,
    ])
    expect([...orderedRows(table, everyRow(table), [key('no such column')])]).toEqual([0, 1, 2, 3])
  })

  it('goes up, down and away as a heading is clicked', () => {
    const up = toggled([], 'value', false)
    const down = toggled(up, 'value', false)
    expect([up, down, toggled(down, 'value', false)]).toEqual([[key('value')], [key('value', true)], []])
    expect(toggled(down, 'trial', false)).toEqual([key('trial')])
    const both = toggled(down, 'trial', true)
    expect(both).toEqual([key('value', true), key('trial')])
    expect(toggled(both, 'trial', true)).toEqual([key('value', true), key('trial', true)])
    expect(toggled(toggled(both, 'trial', true), 'trial', true)).toEqual([key('value', true)])
  })
})

describe('rows of a file of cells', () => {
  it('are read as they were written', () => {
    const cell = fc.string().filter((one) => !one.includes('\r') && !/^\s*[=+\-@]/.test(one))
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 })), (rows) => {
        expect(firstRows(csvText(rows), ',', 1000)).toEqual({ rows, more: false })
      }),
    )
  })

  it('are as many as are wanted, and say that there are more', () => {
    expect(firstRows('a,b\r\n1,"2\n3"\r\n4,5', ',', 2)).toEqual({
      rows: [
        ['a', 'b'],
        ['1', '2\n3'],
      ],
      more: true,
    })
    expect(firstRows('a\tb\n', '\t', 2)).toEqual({ rows: [['a', 'b']], more: false })
  })
})
