/**
 * Dates as their parts (src/training/date-parts.ts) in ONNX, in whole numbers: the days since the first of March of the year 0, by eras
 * of 400 years, which all have 146,097 days. Years begin in March, so that the day which comes and goes is their last.
 */
import { cast } from './graph.js'
import type { GraphBuilder, Tensor } from './types.js'

/** Furthest from 1970 that a date of JavaScript can be. */
const mostDays = 1e8
const daysOfEra = 146_097
/** Added, so that no whole number that is divided is below 0. */
const erasBefore = 1000

/** `days`: double [rows, 1]. Year, month, day, weekday, day of the year, hour: double [rows, 1] each, NaN where there is no date. */
export function datePartsOf(graph: GraphBuilder, days: Tensor): Tensor[] {
  const whole = (value: number) => graph.scalar('int64', value)
  const real = (value: number) => graph.scalar('double', value)
  const plus = (a: Tensor, b: number) => graph.node('Add', [a, whole(b)])
  const times = (a: Tensor, b: number) => graph.node('Mul', [a, whole(b)])
  const by = (a: Tensor, b: number) => graph.node('Div', [a, whole(b)])
  const sum = (a: Tensor, b: Tensor) => graph.node('Add', [a, b])
  const less = (a: Tensor, b: Tensor) => graph.node('Sub', [a, b])
  const where = (is: Tensor, a: Tensor, b: Tensor) => graph.node('Where', [is, a, b])

  const day = graph.node('Floor', [days])
  const isDate = graph.node('LessOrEqual', [graph.node('Abs', [day]), real(mostDays)])
  const count = cast(graph, where(isDate, day, real(0)), 'int64')

  const fromMarch = plus(count, 719_468 + erasBefore * daysOfEra)
  const era = by(fromMarch, daysOfEra)
  const ofEra = less(fromMarch, times(era, daysOfEra))
  const leapDays = less(sum(less(ofEra, by(ofEra, 1460)), by(ofEra, 36_524)), by(ofEra, 146_096))
  const yearOfEra = by(leapDays, 365)
  const century = by(yearOfEra, 100)
  const ofYear = less(ofEra, less(sum(times(yearOfEra, 365), by(yearOfEra, 4)), century))
  // 0: March … 11: February.
  const month = by(plus(times(ofYear, 5), 2), 153)
  const isNext = graph.node('GreaterOrEqual', [month, whole(10)])
  const year = sum(sum(plus(yearOfEra, -400 * erasBefore), times(era, 400)), cast(graph, isNext, 'int64'))
  const dayOfMonth = less(plus(ofYear, 1), by(plus(times(month, 153), 2), 5))

  const isZero = (a: Tensor) => graph.node('Equal', [a, whole(0)])
  const isFourth = isZero(graph.node('Mod', [yearOfEra, whole(4)]))
  const isHundredth = isZero(graph.node('Mod', [yearOfEra, whole(100)]))
  const isLeap = graph.node('And', [
    isFourth,
    graph.node('Or', [graph.node('Not', [isHundredth]), isZero(yearOfEra)]),
  ])
  const dayOfYear = where(isNext, plus(ofYear, -305), sum(plus(ofYear, 60), cast(graph, isLeap, 'int64')))
  // Of the first year of all, the first of January is no date.
  const isCounted = graph.node('GreaterOrEqual', [less(count, dayOfYear), whole(-mostDays - 1)])

  const weekday = plus(graph.node('Mod', [plus(count, 3 + 7 * daysOfEra * erasBefore), whole(7)]), 1)
  const nothing = real(Number.NaN)
  const given = (value: Tensor) => where(isDate, value, nothing)
  const hour = graph.node('Mul', [graph.node('Sub', [days, day]), real(24)])
  return [
    ...[year, where(isNext, plus(month, -9), plus(month, 3)), dayOfMonth, weekday].map((part) =>
      given(cast(graph, part, 'double')),
    ),
    where(isCounted, given(cast(graph, dayOfYear, 'double')), nothing),
    given(hour),
  ]
}
