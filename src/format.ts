/** Numbers, times and values as people read them, in a terminal and in a page. What must be exact is printed by `--json`. */

import { number, plain, seconds } from './shown.js'
import type { JsonValue, Metrics, ParamValue } from './values.js'

export { number, seconds }

/** A param, or any other value of a record. */
export function value(given: ParamValue | JsonValue | undefined): string {
  if (given === undefined) return ''
  if (typeof given === 'number') return number(given)
  if (typeof given === 'string') return plain(given)
  return plain(JSON.stringify(given))
}

/** A time that is running, in whole seconds: `14s`, `3m 05s`. */
export function clock(given: number): string {
  const whole = Math.ceil(given)
  return whole < 60 ? `${whole}s` : seconds(whole)
}

/** An instant of the record in local time: `2026-11-23 04:21:07`. */
export function instant(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return plain(iso)
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** The same in less room: `11-23 04:21`. */
export function day(iso: string): string {
  const text = instant(iso)
  return /^\d{4}-\d\d-\d\d /.test(text) ? text.slice(5, 16) : text
}

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`
  if (count < 1e6) return `${(count / 1e3).toPrecision(3)} kB`
  if (count < 1e9) return `${(count / 1e6).toPrecision(3)} MB`
  return `${(count / 1e9).toPrecision(3)} GB`
}

/** A share as people read it: `62 %`, `< 1 %` where it is less, but something. */
export function percent(share: number): string {
  return share > 0 && share < 0.01 ? '< 1 %' : `${Math.round(100 * share)} %`
}

/** `1 trial`, `2 trials`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`
}

/** `58 finished, 2 failed`, without what is none. */
export function counts(trials: {
  finished: number
  pruned: number
  failed: number
  running?: number
}): string {
  const { finished, pruned, failed, running = 0 } = trials
  const parts = [`${finished} finished`]
  if (pruned > 0) parts.push(`${pruned} pruned`)
  if (failed > 0) parts.push(`${failed} failed`)
  if (running > 0) parts.push(`${running} running`)
  return parts.join(', ')
}

/** An entry of a record, in the unit that its name says. */
export function named(name: string, given: JsonValue): string {
  if (typeof given !== 'number') return value(given)
  if (name.endsWith('Bytes')) return bytes(given)
  if (name.endsWith('Seconds')) return seconds(given)
  if (name === 'trialTimeout') return seconds(given / 1000)
  if (name === 'memoryLimit' || name === 'sharedMemory') return `${given} MB`
  return number(given)
}

/** Params on one line: `k=3 scaling=none`. */
export function paramsLine(params: Readonly<Record<string, ParamValue>>): string {
  return Object.entries(params)
    .map(([name, given]) => `${plain(name)}=${value(given)}`)
    .join(' ')
}

/** A standard deviation: three significant digits. */
export function deviation(given: number): string {
  return String(Number(given.toPrecision(3)))
}

/** The 95 % interval of an estimate. */
export function interval(low: number, high: number): string {
  return `(95 % between ${number(low)} and ${number(high)})`
}

/** A metric's value; those named after seconds as times. */
export function metric(name: string, given: number): string {
  return name.endsWith('Seconds') ? seconds(given) : number(given)
}

/** What stands beside a metric, not below it: its deviation, the ends of its interval. */
function standsBeside(name: string, metrics: Metrics): boolean {
  const of = /^(.+)Std$/.exec(name)?.[1] ?? /^(corrected.+)(?:Low|High)$/.exec(name)?.[1]
  return of !== undefined && Object.hasOwn(metrics, of)
}

/** Each metric with its deviation or interval beside it; what is measured in seconds last. */
export function metricRows(metrics: Metrics): [name: string, text: string][] {
  const names = Object.keys(metrics).filter((name) => !standsBeside(name, metrics))
  const timed = (name: string) => name.endsWith('Seconds')
  return [...names.filter((name) => !timed(name)), ...names.filter(timed)].map((name) => {
    const spread = metrics[`${name}Std`]
    const mean = metric(name, metrics[name])
    const [low, high] = [metrics[`${name}Low`], metrics[`${name}High`]]
    if (name.startsWith('corrected') && low !== undefined && high !== undefined)
      return [plain(name), `${mean} ${interval(low, high)}`]
    return [plain(name), spread === undefined ? mean : `${mean} ± ${deviation(spread)}`]
  })
}
