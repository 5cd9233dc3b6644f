/** Colours of values: from the worst to the best, in as many steps as an eye can tell. */
import type { Direction } from '../../../values.js'
import type { Theme } from './drawing.js'
import { quantile, sorted } from './statistics.js'

const shades = 32

/** The shades of a theme's ramp, worst first. */
export function rampOf({ ramp }: Theme, count = shades): string[] {
  const stops = ramp.map((stop) => (stop.match(/[\d.]+/g) ?? ['0', '0', '0']).slice(0, 3).map(Number))
  return Array.from({ length: count }, (_, index) => {
    const at = (index / Math.max(1, count - 1)) * (stops.length - 1)
    const low = Math.min(stops.length - 2, Math.floor(at))
    const mixed = stops[low].map((part, k) => Math.round(part + (stops[low + 1][k] - part) * (at - low)))
    return `rgb(${mixed.join(', ')})`
  })
}

/** The place of each value between the worst and the best, 0 … 1. Far outliers at the worse end share its colour. */
export function goodness(
  values: ArrayLike<number>,
  direction: Direction,
): { readonly worst: number; readonly best: number; of(value: number): number } {
  const all = sorted(values)
  const maximize = direction === 'maximize'
  const best = maximize ? all[all.length - 1] : all[0]
  const worst = quantile(all, maximize ? 0.05 : 0.95)
  const breadth = best - worst
  return {
    worst,
    best,
    of(value) {
      if (!(Math.abs(breadth) > 0)) return 1
      return Math.min(1, Math.max(0, (value - worst) / breadth))
    },
  }
}
