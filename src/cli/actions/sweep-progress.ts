/** How far a running sweep has come, in words. */
import type { SweepProgress } from '../../tracking/index.js'

/** `12 of 50, 4 running, 3.2 a minute`. */
export function progressLine({ done, trials, running, rate }: SweepProgress): string {
  return `${done} of ${trials}, ${running} running${rate === null ? '' : `, ${rateInWords(rate)}`}`
}

/** In the unit in which there is at least one. */
function rateInWords(rate: number): string {
  for (const [unit, seconds] of units)
    if (rate * seconds >= 1) return `${Number((rate * seconds).toPrecision(2))} a ${unit}`
  return `one in ${Math.round(1 / rate / 3600)} hours`
}

const units = [
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
] as const
