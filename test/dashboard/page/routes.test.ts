/** Addresses of the page: what they say comes back from them exactly, and what means nothing is said to. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatRoute, parseRoute, plainView, type Route } from '../../../src/dashboard/page/routes.js'
import { type Brush, everything } from '../../../src/dashboard/page/selection.js'
import { listColumns, plainWishes } from '../../../src/dashboard/page/sweep-list.js'

const text = fc.string({ unit: 'grapheme' })
const name = fc.oneof(fc.constantFrom('params.k', 'metrics.log loss', 'value', 'params.a&b=c,d'), text)
const bound = fc.double({ noNaN: true })
const brush: fc.Arbitrary<Brush> = fc.oneof(
  fc.record({ kind: fc.constant('range' as const), min: bound, max: bound }).map((one) => ({
    ...one,
    // No address says −0, and an open end has one side.
    min: one.min === Number.POSITIVE_INFINITY ? 0 : one.min + 0,
    max: one.max === Number.NEGATIVE_INFINITY ? 0 : one.max + 0,
  })),
  fc.record({
    kind: fc.constant('values' as const),
    values: fc.array(
      text.filter((one) => one !== ''),
      { maxLength: 3 },
    ),
  }),
)
const column = fc.oneof(
  fc.constantFrom('trial', 'params.k', 'metrics.a,b'),
  text.filter((one) => !one.startsWith('-') && one !== ''),
)
const view = fc.record({
  selection: fc.record({
    where: text,
    brushes: fc.dictionary(name, brush, { maxKeys: 3, noNullPrototype: true }),
    top: fc.option(fc.double({ min: 0.001, max: 100, noNaN: true })),
    picked: fc.array(fc.nat(100_000), { maxLength: 4 }),
  }),
  metric: fc.option(text),
  sort: fc.array(fc.record({ column, descending: fc.boolean() }), { maxLength: 3 }),
  columns: fc.option(fc.array(column, { maxLength: 4 })),
  axes: fc.record({
    order: fc.oneof(
      fc.constantFrom('importance' as const, 'file' as const),
      fc.array(
        column.filter((one) => one !== 'file'),
        { maxLength: 4 },
      ),
    ),
    scales: fc.dictionary(column, fc.constantFrom('log' as const, 'linear' as const), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  }),
})
const sweep = fc.stringMatching(/^[0-9a-f]{16}$/)
const anyRoute: fc.Arbitrary<Route> = fc.oneof(
  fc.record({
    page: fc.constant('sweeps' as const),
    wishes: fc.record({
      text,
      status: text,
      grouped: fc.boolean(),
      order: fc.record({
        by: fc.constantFrom(...listColumns.map((one) => one.name)),
        descending: fc.boolean(),
      }),
    }),
  }),
  fc.record({ page: fc.constant('begun' as const), id: sweep }),
  fc.record({ page: fc.constant('sweep' as const), sweep, view }),
  fc.record({ page: fc.constant('trial' as const), sweep, trial: fc.nat(999_999), view }),
  fc.record({
    page: fc.constant('compare' as const),
    sweeps: fc.array(sweep, { minLength: 1, maxLength: 4 }),
  }),
)

describe('an address', () => {
  it('brings back what it was made of', () => {
    fc.assert(
      fc.property(anyRoute, (route) => {
        expect(parseRoute(formatRoute(route))).toEqual(route)
      }),
    )
  })

  it('stays itself when a browser has read it', () => {
    fc.assert(
      fc.property(anyRoute, (route) => {
        const address = formatRoute(route)
        expect(new URL(address, 'http://localhost/').hash).toBe(address)
      }),
    )
  })

  it('reads well', () => {
    const selection = {
      where: "metrics.accuracy > 0.9 and params.kernel = 'rbf'",
      brushes: {
        'params.k': { kind: 'range', min: 1, max: Number.POSITIVE_INFINITY },
        'params.kernel': { kind: 'values', values: ['rbf', 'poly'] },
      },
      top: 10,
      picked: [3, 12],
    } as const
    const axes = { order: ['params.kernel', 'params.k', 'value'], scales: { 'params.k': 'log' } } as const
    const route = { page: 'sweep', sweep: 'ab12', view: { ...plainView, selection, axes } } as const
    expect(formatRoute(route)).toBe(
      "#/sweeps/ab12?where=metrics.accuracy+%3E+0.9+and+params.kernel+=+'rbf'&brush.params.k=1..&brush.params.kernel=in:rbf,poly&top=10&picked=3,12&axes=params.kernel,params.k,value&log=params.k",
    )
  })

  it.each(['', '#', '#/'])('%j leads to all sweeps', (address) => {
    expect(parseRoute(address)).toEqual({ page: 'sweeps', wishes: plainWishes })
  })

  it('without a question mark selects everything', () => {
    const route = parseRoute('#/sweeps/ab12')
    expect(route).toEqual({ page: 'sweep', sweep: 'ab12', view: plainView })
    expect(plainView.selection).toBe(everything)
  })

  it.each([
    ['#/nowhere', 'there is no page "/nowhere"'],
    ['#/sweeps/ab/trials/x', 'a trial has a number, and this has "x"'],
    ['#/sweeps/ab/trials/-1', 'a trial has a number'],
    ['#/compare', 'it names no sweeps'],
    ['#/sweeps/ab?top=0', '"top" is a share in per cent above 0'],
    ['#/sweeps/ab?top=', '"top" is a share'],
    ['#/sweeps/ab?brush.params.k=1', '"brush.params.k" is a range such as 1..10'],
    ['#/sweeps/ab?brush.params.k=1..b', '"brush.params.k" is a range'],
    ['#/sweeps/ab?picked=1,b', '"picked" lists numbers of trials'],
    ['#/sweeps/ab?colour=red', '"colour" has no meaning'],
    ['#/sweeps/%E0%A4%A', 'is not escaped as addresses are'],
  ])('%s is said to mean nothing', (address, problem) => {
    const route = parseRoute(address)
    expect(route).toMatchObject({ page: 'wrong', address, problem: expect.stringContaining(problem) })
    expect(formatRoute(route)).toBe(address)
  })
})

it.each([[[]], [['']], [['', '']], [['', 'a']], [[',', '']]])('values %j of a brush come back', (values) => {
  const selection = {
    ...plainView.selection,
    brushes: { 'params.kernel': { kind: 'values', values } },
  } as const
  const route = { page: 'sweep', sweep: 'ab', view: { ...plainView, selection } } as const
  const found = parseRoute(formatRoute(route))
  const brush = 'view' in found ? found.view.selection.brushes['params.kernel'] : null
  expect(new Set((brush as { values: readonly string[] }).values)).toEqual(new Set(values))
})
