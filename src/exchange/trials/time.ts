/** Times as Optuna writes them, with microseconds, and as a record has them. */

const pattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?$/

/**
 * ISO 8601 in UTC, microseconds kept; null where it is no time.
 * @param zone what a time without one is in.
 */
export function utcTime(text: string, zone: 'utc' | 'local'): string | null {
  const [, day, clock, fraction = '', offset] = pattern.exec(text) ?? []
  if (day === undefined) return null
  const ms = Date.parse(`${day}T${clock}${offset ?? (zone === 'utc' ? 'Z' : '')}`)
  if (Number.isNaN(ms)) return null
  const micros = fraction.padEnd(6, '0').slice(0, 6)
  const whole = new Date(ms).toISOString().slice(0, 19)
  return `${whole}.${micros.endsWith('000') ? micros.slice(0, 3) : micros}Z`
}

/**
 * ISO 8601 in UTC of a time as it is counted since 1970 in UTC, in seconds or milliseconds by its size (seconds until the year 5138 are
 * fewer than milliseconds since March 1973); null where it is neither, or of before September 2001.
 */
export function countedTime(text: string): string | null {
  if (!/^\d+(?:\.\d+)?$/.test(text)) return null
  const count = Number(text)
  const ms = count < 1e11 ? 1000 * count : count
  return ms >= 1e12 && ms < 1e14 ? new Date(Math.round(ms)).toISOString() : null
}

/** A time of a record as Optuna's journal has it. */
export function optunaTime(iso: string): string {
  const [whole, fraction = ''] = iso.replace(/Z$/, '').split('.')
  return `${whole}.${fraction.padEnd(6, '0')}+00:00`
}
