/** What a date is made of, as numbers of their own: a learner sees seasons and weekdays then, and not the days since 1970 alone. */

/** In this order; the last one only where some training row has a time of day. */
export const dateParts = ['year', 'month', 'day', 'weekday', 'dayOfYear', 'hour'] as const

const msPerDay = 86_400_000

/**
 * Year; month 1 … 12; day of the month; weekday 1 (Monday) … 7 as in ISO 8601; day of the year 1 … 366; hour of the day 0 … 24, with the
 * minutes as a fraction. All NaN for a date that is missing. UTC.
 */
export function datePartsInto(out: Float64Array, days: number): void {
  const day = Math.floor(days)
  const date = new Date(day * msPerDay)
  const year = date.getUTCFullYear()
  out[0] = year
  out[1] = date.getUTCMonth() + 1
  out[2] = date.getUTCDate()
  out[3] = Number.isNaN(year) ? Number.NaN : ((((day + 3) % 7) + 7) % 7) + 1
  const newYear = new Date(0)
  newYear.setUTCFullYear(year, 0, 1)
  out[4] = (day * msPerDay - newYear.getTime()) / msPerDay + 1
  out[5] = Number.isNaN(year) ? Number.NaN : (days - day) * 24
}
